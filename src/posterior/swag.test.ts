/** SWAG against a direct float64 computation from all snapshots. */
import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { Stream } from '../core/philox.ts';
import { SMALLEST_VARIANCE, SwagAccumulator } from './swag.ts';

function snapshots(d: number, count: number, centre: number, spread: number): Float32Array[] {
  const stream = new Stream(4, 'swag');
  return Array.from({ length: count }, () => Float32Array.from({ length: d }, (_, j) => centre * (j + 1) + spread * stream.normal()));
}

function accumulate(snaps: Float32Array[], capacity: number): SwagAccumulator {
  const swag = new SwagAccumulator(snaps[0]!.length, capacity);
  for (const w of snaps) swag.add(w);
  return swag;
}

/** Two passes for the moments; deviations from prefix means. */
function direct(snaps: Float32Array[], capacity: number): { mean: number[]; variance: number[]; factor: number[]; rank: number } {
  const d = snaps[0]!.length;
  const prefixMean = (n: number, j: number): number => snaps.slice(0, n).reduce((sum, w) => sum + w[j]!, 0) / n;
  const coordinates = Array.from({ length: d }, (_, j) => j);
  const mean = coordinates.map((j) => prefixMean(snaps.length, j));
  const variance = coordinates.map((j) => 0.5 * Math.max(snaps.reduce((sum, w) => sum + (w[j]! - mean[j]!) ** 2, 0) / snaps.length, SMALLEST_VARIANCE));
  const rank = Math.min(capacity, snaps.length);
  const factor = snaps.flatMap((w, i) => i < snaps.length - rank ? [] : coordinates.map((j) => (w[j]! - prefixMean(i + 1, j)) / Math.sqrt(2 * (rank - 1))));
  return { mean, variance, factor, rank };
}

describe.each([
  { name: 'more snapshots than deviations', count: 17, capacity: 5, centre: 0.1, spread: 0.05 },
  { name: 'fewer snapshots than deviations', count: 4, capacity: 10, centre: 0.1, spread: 0.05 },
  { name: 'two snapshots', count: 2, capacity: 2, centre: 1, spread: 1 },
  { name: 'large means and small variances', count: 25, capacity: 5, centre: 30, spread: 3e-3 },
])('SWAG with $name', ({ count, capacity, centre, spread }) => {
  const snaps = snapshots(9, count, centre, spread);
  const got = accumulate(snaps, capacity).finish();
  const want = direct(snaps, capacity);

  it('has the mean, variance and factor of the direct computation', () => {
    expect(got.rank).toBe(want.rank);
    expect(got.factor.length).toBe(want.factor.length);
    want.mean.forEach((x, j) => expect(Math.abs(got.mean[j]! - x)).toBeLessThanOrEqual(1e-7 * Math.abs(x)));
    want.variance.forEach((x, j) => expect(Math.abs(got.variance[j]! - x)).toBeLessThanOrEqual(1e-6 * x));
    const size = Math.hypot(...want.factor);
    want.factor.forEach((x, i) => expect(Math.abs(got.factor[i]! - x)).toBeLessThanOrEqual(1e-6 * size));
  });
});

describe('SWAG accumulator', () => {
  it('clamps the variance of a weight that never moves', () => {
    const { variance, factor } = accumulate([Float32Array.of(3, 1), Float32Array.of(3, 2), Float32Array.of(3, 3)], 3).finish();
    expect(variance[0]).toBe(Math.fround(0.5 * SMALLEST_VARIANCE));
    expect(variance[1]).toBeCloseTo(1 / 3, 6);
    expect([factor[0], factor[2], factor[4]]).toEqual([0, 0, 0]);
  });

  it('reads the extractor from a whole theta', () => {
    const swag = new SwagAccumulator(2, 2);
    swag.add(Float32Array.of(1, 2, 99));
    swag.add(Float32Array.of(3, 4, -99));
    expect([...swag.finish().mean]).toEqual([2, 3]);
  });

  it('goes on after a restore as if it had not stopped, and the state is a copy', () => {
    const snaps = snapshots(6, 12, 0.5, 0.1);
    const half = accumulate(snaps.slice(0, 7), 4);
    const state = half.state();
    half.add(snaps[11]!);
    const resumed = SwagAccumulator.restore(structuredClone(state));
    for (const w of snaps.slice(7)) resumed.add(w);
    expect(resumed.finish()).toEqual(accumulate(snaps, 4).finish());
    expect(() => SwagAccumulator.restore({ ...state, count: 2 })).toThrow(RangeError);
  });

  it('says what is missing below two snapshots and refuses weights that are not finite', () => {
    const swag = new SwagAccumulator(2, 3);
    swag.add(Float32Array.of(1, 2));
    expect(() => swag.finish()).toThrow(LabError);
    expect(() => swag.finish()).toThrow('at least two snapshots and has 1');
    expect(() => swag.add(Float32Array.of(1, NaN))).toThrow('diverged');
    expect(swag.snapshots).toBe(1);
    expect(() => swag.add(Float32Array.of(1))).toThrow(RangeError);
  });
});
