import { describe, expect, it } from 'vitest';
import { prepare } from '../../core/lowrank.ts';
import type { Line, SectionPrior } from '../../experiment/result.ts';
import { linspace, rayThrough } from '../../measure/plane.ts';
import { coefficientsAt, PriorSections } from '../../measure/quadratic.ts';
import { liveRow } from './cut.ts';
import { objectiveOnLine, priorAt, priorOnPlane, scaleOf } from './objective.ts';

const f = (...values: number[]) => Float32Array.from(values);
const gaussian = { mean: f(0.5, -0.2, 0.1), variance: f(0.3, 0.2, 0.5), factor: f(0.4, 0.1, -0.2), rank: 1 };
const sections = new PriorSections(gaussian);
const headStrength = 7;
const SETTINGS = [[1, 0], [0.03, 0], [20, 0], [1, 0.5], [0.1, 3]] as const;

/** −log p(w, h) up to a constant, evaluated at one place by the reference density. */
function direct(theta: Float32Array, scale: number, floor: number): number {
  return -prepare({ gaussian, scale, floor }).logDensity(theta.subarray(0, 3)) + (headStrength / 2) * theta[3]! ** 2;
}

describe('the prior on a plane', () => {
  const frame = { origin: f(0, 0, 0, 0.3), u: f(1, 0, 0, 0), v: f(0, 0.6, 0, 0.8), degenerate: false };
  const [a, b] = [linspace(-1, 1, 5), linspace(-2, 1, 4)];
  const prior: SectionPrior = { family: 'low-rank', rank: 1, chosenScale: 30, ...sections.onPlane(frame, headStrength) };

  it.each(SETTINGS)('is the density itself over N, at λ × %d and ε = %d', (factor, floor) => {
    const setting = { factor, floor, rank: null };
    const values = priorOnPlane({ a, b, n: 50 }, prior, setting);
    const at = (x: number, y: number) => direct(frame.origin.map((o, k) => o + x * frame.u[k]! + y * frame.v[k]!), 30 * factor, floor) / 50;
    b.forEach((y, j) => a.forEach((x, i) => {
      const [told, expected] = [values[j * a.length + i]! - values[0]!, at(x, y) - at(a[0]!, b[0]!)];
      expect(Math.abs(told - expected)).toBeLessThan(1e-5 + 1e-4 * Math.abs(expected));
    }));
  });

  it('fills the array it is given', () => {
    const out = new Float32Array(20);
    expect(priorOnPlane({ a, b, n: 50 }, prior, { factor: 1, floor: 0, rank: null }, out)).toBe(out);
    expect(out[7]).toBeGreaterThan(0);
  });
});

describe('the objective on a line', () => {
  const ray = rayThrough(f(0, 0, 0, 0.3), f(1, 1, -1, 0.8))!;
  const t = linspace(-1, 2, 31);
  const priors = [3, 1].map((rank): SectionPrior => ({ family: 'low-rank', rank, chosenScale: 30, ...(rank === 3 ? sections : new PriorSections({ ...gaussian, factor: f(0, 0, 0) })).onLine(ray, headStrength) }));
  const line: Line = {
    cut: 'plain → low-rank', seed: 1, from: 'plain', to: 'low-rank', length: ray.length, ends: [0, ray.length], t, n: 20,
    trainNll: t.map((x) => x * x), testNll: t.map((x) => 1 + (x - 0.5) ** 2), priors,
  };

  it.each(SETTINGS)('is train + prior/N, at λ × %d and ε = %d', (factor, floor) => {
    const values = objectiveOnLine(line, 'low-rank', { factor, floor, rank: null })!;
    const at = (x: number) => x * x + direct(ray.origin.map((o, k) => o + x * ray.u[k]!), 30 * factor, floor) / 20;
    t.forEach((x, i) => expect(values[i]! - values[0]!).toBeCloseTo(at(x) - at(t[0]!), 4));
  });

  it('takes the rank asked for, the nearest there is, or all of it', () => {
    expect(priorAt(priors, 'low-rank', null)!.rank).toBe(3);
    expect(priorAt(priors, 'low-rank', 1)!.rank).toBe(1);
    expect(priorAt(priors, 'low-rank', 0)!.rank).toBe(1);
    expect(priorAt(priors, 'low-rank', 9)!.rank).toBe(3);
    expect(priorAt(priors, 'l2-sp', null)).toBeNull();
    expect(priorAt(priors, null, null)).toBeNull();
    const at = (rank: number | null) => objectiveOnLine(line, 'low-rank', { factor: 1, floor: 0, rank })!;
    expect(at(1)[30]).not.toBeCloseTo(at(null)[30]!, 3);
    expect(objectiveOnLine(line, 'l2-sp', { factor: 1, floor: 0, rank: null })).toBeNull();
    expect(scaleOf(priors[0]!, { factor: 0.1, floor: 0, rank: null })).toBeCloseTo(3, 12);
  });

  it('stays unknown where the training loss is', () => {
    const holes = { ...line, trainNll: line.trainNll.map((value, i) => (i === 4 ? NaN : value)) };
    expect(objectiveOnLine(holes, 'low-rank', { factor: 1, floor: 0, rank: null })!.flatMap((value, i) => (Number.isNaN(value) ? [i] : []))).toEqual([4]);
  });

  it.each(SETTINGS)('has the gap of the two parabolas’ vertices, at λ × %d and ε = %d', (factor, floor) => {
    const [c2, c1] = coefficientsAt(priors[0]!, 30 * factor, floor) as [number, number, number];
    const vertex = -c1 / 20 / (2 * (1 + c2 / 20));
    const gap = liveRow([line], 'low-rank', { factor, floor, rank: null })!;
    expect(gap.gap.mean).toBeCloseTo(Math.abs(vertex - 0.5), 6);
    expect(gap.testCost.mean).toBeCloseTo((vertex - 0.5) ** 2, 6);
    expect(gap.relative.mean).toBeCloseTo(gap.gap.mean / ray.length, 12);
  });

  it('has no gap without the prior or a finite loss', () => {
    expect(liveRow([line], 'isotropic', { factor: 1, floor: 0, rank: null })).toBeNull();
    expect(liveRow([{ ...line, testNll: t.map(() => NaN) }], 'low-rank', { factor: 1, floor: 0, rank: null })).toBeNull();
  });
});
