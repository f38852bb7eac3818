import { describe, expect, it } from 'vitest';
import { prepare } from '../core/lowrank.ts';
import { Stream } from '../core/philox.ts';
import { quadraticsOnLine } from '../measure/quadratic.ts';
import { rayThrough } from '../measure/plane.ts';
import { alignmentGaps, cutBetween, cutFamilies, independentCut, objectiveOf, rangeAround, scanPoints } from './cuts.ts';
import type { Line } from './result.ts';

/** Train NLL lowest at `train`, test NLL at 2, a prior that pulls to `prior` with strength n (so 1 an example). */
function line(seed: number, train: number, prior: number, test = 2): Line {
  const t = Array.from({ length: 41 }, (_, i) => -4 + 0.2 * i + 0.03);
  return {
    cut: 'plain → low-rank', seed, from: 'plain', to: 'low-rank', length: 4, ends: [0, 4], t, n: 50,
    trainNll: t.map((x) => (x - train) ** 2), testNll: t.map((x) => 1 + (x - test) ** 2),
    priors: [{ family: 'low-rank', chosenScale: 10, scales: [1, 10], coefficients: [[0, 0, 0], [50, -2 * 50 * prior, 50 * prior ** 2]] }],
  };
}

describe('alignment over seeds', () => {
  it('measures gap, share of the length and test cost with and without the prior', () => {
    // Without: minimiser at −1, 0.5, …; with: halfway between it and the prior's 3.
    const gaps = alignmentGaps([line(1, -1, 3), line(2, 0, 3)]);
    const [alone, withPrior] = gaps;
    expect(alone).toMatchObject({ cut: 'plain → low-rank', prior: null, atBoundary: 0 });
    expect(alone!.gap.mean).toBeCloseTo((3 + 2) / 2, 8);
    expect(alone!.relative.mean).toBeCloseTo(2.5 / 4, 8);
    expect(alone!.testCost.mean).toBeCloseTo((9 + 4) / 2, 6);
    expect(withPrior!.prior).toBe('low-rank');
    expect(withPrior!.gap.mean).toBeCloseTo((1 + 0.5) / 2, 8);
    expect(withPrior!.gap.seeds).toBe(2);
  });

  it('counts the seeds whose minimum lies on the boundary', () => {
    expect(alignmentGaps([line(1, -1, 3), line(2, -9, 3)])[0]!.atBoundary).toBe(1);
  });

  it('takes the prior at its chosen scale', () => {
    const one = line(1, -1, 3);
    const objective = objectiveOf(one, 'low-rank')!;
    one.t.forEach((t, i) => expect(objective[i]).toBeCloseTo((t + 1) ** 2 + (t - 3) ** 2, 8));
    expect(objectiveOf(one, null)).toBe(one.trainNll);
    expect(objectiveOf(one, 'diagonal')).toBeNull();
  });
});

describe('cuts', () => {
  const D = 12;
  const stream = new Stream(4, 'planted');
  const factor = Float32Array.from({ length: 3 * D }, () => stream.normal());
  for (let j = 0; j < D; j++) factor[j] = factor[j]! * 5;
  const posterior = { mean: Float32Array.from({ length: D }, () => stream.normal()), variance: new Float32Array(D).fill(0.1), factor, rank: 3 };
  const probe = Float32Array.from([...posterior.mean, 0.5, -0.5]);

  it('put the learned prior first and L2-SP and isotropic beside it', () => {
    expect(cutFamilies(['none', 'isotropic', 'diagonal', 'low-rank', 'l2-sp'])).toEqual(['low-rank', 'l2-sp', 'isotropic']);
    expect(cutFamilies(['none', 'layerwise', 'l2-sp'])).toEqual(['layerwise', 'l2-sp']);
    expect(cutFamilies(['none', 'scratch'])).toEqual([]);
  });

  it('between two solutions goes through both and half a length beyond', () => {
    const cut = cutBetween(Float32Array.of(0, 0), Float32Array.of(3, 4), 'l2-sp')!;
    expect(cut).toMatchObject({ ends: [0, 5], range: [-2.5, 7.5] });
    expect([...cut.ray.u].map((x) => x * 5)).toEqual([expect.closeTo(3, 5), expect.closeTo(4, 5)]);
    expect(cutBetween(Float32Array.of(1), Float32Array.of(1), 'l2-sp')).toBeNull();
  });

  it('the independent one follows the direction of largest low-rank variance and leaves the head alone', () => {
    const cut = independentCut(posterior, probe, 100)!;
    const { u, length } = cut.ray;
    expect([u[D], u[D + 1]]).toEqual([0, 0]);
    expect(Math.hypot(...u)).toBeCloseTo(1, 5);
    const along = (direction: Float32Array) => [0, 1, 2].reduce((sum, k) => sum + direction.reduce((dot, x, j) => dot + (j < D ? x * factor[k * D + j]! : 0), 0) ** 2, 0);
    for (let i = 0; i < 20; i++) {
      const other = Float32Array.from({ length: D }, () => stream.normal());
      const size = Math.hypot(...other);
      expect(along(other.map((x) => x / size))).toBeLessThanOrEqual(along(u) * (1 + 1e-5));
    }
    expect(length).toBeCloseTo(Math.sqrt(along(u) + 0.1), 4);
    expect(cut.reach).toBeCloseTo(3 * length * 10, 4);
    expect(independentCut({ ...posterior, factor: new Float32Array(0), rank: 0 }, probe, 1)).toBeNull();
  });

  it('closed-form prior along a cut is the density itself', () => {
    const ray = rayThrough(probe, Float32Array.from(probe, (x, j) => x + Math.cos(j)))!;
    const { coefficients } = quadraticsOnLine({ gaussian: posterior, floor: 0, headStrength: 3 }, ray, [0.5, 20]);
    [0.5, 20].forEach((scale, s) => {
      const density = prepare({ gaussian: posterior, scale, floor: 0 });
      const negative = (t: number) => {
        const theta = Float64Array.from(ray.origin, (x, j) => x + t * ray.u[j]!);
        return -density.logDensity(theta.subarray(0, D)) + 1.5 * (theta[D]! ** 2 + theta[D + 1]! ** 2);
      };
      const [c2, c1, c0] = coefficients[s]!;
      for (const t of [-3, 0.7, 5]) expect(c2! * t * t + c1! * t).toBeCloseTo(negative(t) - negative(0), 4);
      expect(c0).toBeGreaterThanOrEqual(0);
    });
  });

  it('scans finely near the middle and far out, then keeps both minimisers inside', () => {
    const t = scanPoints(512);
    expect(t).toHaveLength(21);
    expect([t[0], t[10], t[11], t[20]]).toEqual([-512, 0, 1, 512]);
    const at = (centre: number) => t.map((x) => (x - centre) ** 2);
    expect(rangeAround(t, at(4), at(-8), 512)[1]).toBeGreaterThanOrEqual(8 * 2);
    expect(rangeAround(t, at(0), at(0), 512)).toEqual([-2, 2]);
    expect(rangeAround(t, at(500), at(0), 512)).toEqual([-512, 512]);
  });
});
