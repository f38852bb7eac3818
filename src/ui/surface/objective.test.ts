import { describe, expect, it } from 'vitest';
import { prepare } from '../../core/lowrank.ts';
import { alignmentGaps } from '../../experiment/cuts.ts';
import type { Line } from '../../experiment/result.ts';
import { linspace } from '../../measure/plane.ts';
import { quadraticsOnPlane, scaleLadder } from '../../measure/quadratic.ts';
import { cutCsv, cutDomain, cutPicture, interpolate, isFlat } from './cut.ts';
import { coefficientsAt, liveGap, objectiveOnLine, objectiveOnPlane } from './objective.ts';

describe('the objective on the plane', () => {
  const f = (...values: number[]) => Float32Array.from(values);
  const gaussian = { mean: f(0.5, -0.2, 0.1), variance: f(0.3, 0.2, 0.5), factor: f(0.4, 0.1, -0.2), rank: 1 };
  const frame = { origin: f(0, 0, 0, 0.3), u: f(1, 0, 0, 0), v: f(0, 0.6, 0, 0.8), degenerate: false };
  const [a, b] = [linspace(-1, 1, 5), linspace(-2, 1, 4)];
  const trainNll = b.flatMap((y) => a.map((x) => x * x + Math.abs(y)));
  const headStrength = 7;
  const quadratics = quadraticsOnPlane({ gaussian, floor: 0, headStrength }, frame, scaleLadder(30));
  const plane = { a, b, trainNll, n: 50 };

  it.each([30, 100, 41])('is train + prior/N as evaluated directly, λ = %d (on the ladder or between rungs)', (scale) => {
    const values = objectiveOnPlane(plane, { family: 'low-rank', chosenScale: 30, quadratics }, scale);
    const prior = prepare({ gaussian, scale, floor: 0 });
    const energy = (w: Float32Array): number => prior.quadraticOnPlane(w, f(0, 0, 0), f(0, 0, 0))[5]!;
    b.forEach((y, j) => a.forEach((x, i) => {
      const theta = frame.origin.map((o, k) => o + x * frame.u[k]! + y * frame.v[k]!);
      const direct = trainNll[j * a.length + i]! + (energy(theta.subarray(0, 3)) + (headStrength / 2) * theta[3]! ** 2) / plane.n;
      expect(values[j * a.length + i]).toBeCloseTo(direct, 6);
    }));
  });

  it('stays unknown where the training loss is', () => {
    const holes = { ...plane, trainNll: trainNll.map((value, k) => (k === 3 ? NaN : value)) };
    const values = objectiveOnPlane(holes, { family: 'low-rank', chosenScale: 30, quadratics }, 30);
    expect(values.flatMap((value, k) => (Number.isNaN(value) ? [k] : []))).toEqual([3]);
  });

  it('takes the outermost rung beyond the ladder', () => {
    expect(coefficientsAt([1, 10], [[5], [6]], 0.1)).toEqual([5]);
    expect(coefficientsAt([1, 10], [[5], [6]], 100)).toEqual([6]);
    // Linear in 1/λ: at λ = 2, 1/λ is 4/9 of the way from 1/10 to 1.
    expect(coefficientsAt([1, 10], [[9], [0]], 2)[0]).toBeCloseTo(4, 12);
  });
});

/** Train NLL lowest at 0, test NLL at `best`; prior ½(t − centre)²/λ·n nats. */
function lineOf(seed: number, best: number, length: number, centre: number): Line {
  const t = linspace(-0.5 * length, 1.5 * length, 81);
  const scales = scaleLadder(10);
  return {
    cut: 'plain → low-rank', seed, from: 'plain', to: 'low-rank', length, ends: [0, length], t, n: 20,
    trainNll: t.map((x) => 0.5 * x * x), testNll: t.map((x) => 1 + 0.3 * (x - best) ** 2),
    priors: [{ family: 'low-rank', chosenScale: 10, scales, coefficients: scales.map((scale) => [10 / scale, (-20 * centre) / scale, (10 * centre * centre) / scale]) }],
  };
}

describe('a cut', () => {
  const lines = [lineOf(1, 1, 2, 2), lineOf(2, 1.5, 4, 3)];

  it('has its minimiser between the likelihood’s and the prior’s centre, as λ says', () => {
    const objective = objectiveOnLine(lines[0]!, 'low-rank', 1)!;
    const picture = cutPicture([lines[0]!], 'low-rank', 1)!;
    // ½t² + ½(t − 2)² is lowest at 1; the test loss too.
    expect(picture.minimisers[0]!.objective).toBeCloseTo(1, 9);
    expect(picture.minimisers[0]!.gap).toBeCloseTo(0, 9);
    expect(Math.min(...objective)).toBeCloseTo(1, 3);
    expect(objectiveOnLine(lines[0]!, 'isotropic', 1)).toBeNull();
  });

  it('gives at the tuned λ the gap that the run computed', () => {
    const computed = alignmentGaps(lines).find((gap) => gap.prior === 'low-rank')!;
    const live = liveGap(lines, 'low-rank', 10)!;
    expect(live.gap.mean).toBeCloseTo(computed.gap.mean, 12);
    expect(live.relative.mean).toBeCloseTo(computed.relative.mean, 12);
    expect(live.testCost.mean).toBeCloseTo(computed.testCost.mean, 12);
    expect(live.atBoundary).toBe(computed.atBoundary);
    expect(liveGap(lines, 'low-rank', 1)!.gap.mean).not.toBeCloseTo(live.gap.mean, 2);
  });

  it('over seeds is drawn on one relative axis with bands', () => {
    const picture = cutPicture(lines, 'low-rank', 10)!;
    expect(picture.relative).toBe(true);
    expect([picture.x[0], picture.x.at(-1)]).toEqual([-0.5, 1.5]);
    const test = picture.curves.find((curve) => curve.name === 'test')!;
    const middle = picture.x.indexOf(0.5);
    // Seed 1 at t = 1 and seed 2 at t = 2: 1 and 1 + 0.3·0.25.
    expect(test.y[middle]).toBeCloseTo(1.0375, 3);
    expect(test.band![middle]![0]).toBeLessThan(1);
    expect(picture.minimisers.map((one) => one.test)).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.375, 6)]);
  });

  it('is clipped only where tails would flatten it', () => {
    const picture = cutPicture([lines[0]!], 'low-rank', 0.01)!;
    const domain = cutDomain(picture);
    expect(domain.clipped).toBe(true);
    expect(domain.low).toBeLessThanOrEqual(0);
    const lowest = Math.min(...picture.curves.find((curve) => curve.name === 'objective')!.y);
    expect(domain.high).toBeGreaterThan(lowest);
  });

  it('above its minima starts at zero and keeps its minimisers', () => {
    const plain = cutPicture(lines, 'low-rank', 10)!;
    const above = cutPicture(lines, 'low-rank', 10, true)!;
    expect(above.minimisers).toEqual(plain.minimisers);
    const single = cutPicture([lines[0]!], 'low-rank', 10, true)!;
    for (const { y } of single.curves) expect(Math.min(...y)).toBe(0);
    expect(isFlat(plain)).toBe(false);
    const far = { ...lines[0]!, testNll: lines[0]!.testNll.map((value) => value + 100) };
    expect(isFlat(cutPicture([far], null, 1)!)).toBe(true);
  });

  it('saves every point of every seed', () => {
    const rows = cutCsv(lines, 'low-rank', 10);
    expect(rows).toHaveLength(1 + 2 * 81);
    expect(rows[1]).toHaveLength(rows[0]!.length);
    expect(interpolate([0, 1, 2], [0, 10, 40], 1.5)).toBe(25);
    expect(interpolate([0, 1], [0, 1], 2)).toBeNaN();
  });
});
