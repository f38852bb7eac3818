/** Statistics against published t tables and cases worked by hand. */
import { describe, expect, it } from 'vitest';
import { interval95, mean, pairedDifference, standardDeviation, tQuantile } from './statistics.ts';

describe('t quantile', () => {
  // Two-sided 95% and 99% columns of the usual printed table.
  it.each([[1, 12.706, 63.657], [2, 4.303, 9.925], [4, 2.776, 4.604], [9, 2.262, 3.25], [29, 2.045, 2.756], [120, 1.98, 2.617]])(
    'at %s degrees of freedom is as printed', (degrees, p95, p99) => {
      expect(tQuantile(0.975, degrees)).toBeCloseTo(p95, 3);
      expect(tQuantile(0.995, degrees)).toBeCloseTo(p99, 3);
      expect(tQuantile(0.025, degrees)).toBeCloseTo(-p95, 3);
    });
});

describe('interval over seeds', () => {
  it('is the hand-computed one', () => {
    // 1…5: mean 3, sd √2.5, half width 2.7764·√2.5/√5 = 1.9632.
    const { mean: centre, ci95, seeds, dropped } = interval95([1, 2, 3, 4, 5]);
    expect([centre, seeds, dropped]).toEqual([3, 5, 0]);
    expect(ci95![0]).toBeCloseTo(1.0368, 4);
    expect(ci95![1]).toBeCloseTo(4.9632, 4);
  });
  it('has no width below two values and no mean of nothing', () => {
    expect(interval95([4])).toEqual({ mean: 4, ci95: null, seeds: 1, dropped: 0 });
    expect(interval95([NaN, Infinity])).toEqual({ mean: NaN, ci95: null, seeds: 0, dropped: 2 });
  });
  it('leaves non-finite values out and counts them', () => {
    expect(interval95([1, NaN, 2, 3, -Infinity, 4, 5])).toEqual({ ...interval95([1, 2, 3, 4, 5]), dropped: 2 });
  });
});

describe('mean and standard deviation', () => {
  it('are exact far from zero', () => {
    const values = [4, 7, 13, 16].map((x) => x + 1e9);
    expect(mean(values)).toBe(1e9 + 10);
    expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(30), 12);
    expect(standardDeviation([1])).toBeNaN();
  });
});

describe('paired difference', () => {
  const base = [1.0, 2.0, 3.0, 4.0, 5.0];
  const lower = base.map((x, i) => x - 0.5 - 0.01 * i);
  it('says better or worse by the direction of the metric', () => {
    expect(pairedDifference(lower, base, { lowerIsBetter: true })).toMatchObject({ verdict: 'better', seeds: 5, dropped: 0 });
    expect(pairedDifference(lower, base, { lowerIsBetter: false }).verdict).toBe('worse');
    expect(pairedDifference(base, lower, { lowerIsBetter: true }).verdict).toBe('worse');
    expect(pairedDifference(base, lower, { lowerIsBetter: false }).verdict).toBe('better');
  });
  it('is paired: a spread between seeds that both share does not hide the difference', () => {
    const { mean: difference, ci95 } = pairedDifference(lower, base, { lowerIsBetter: true });
    // Differences −.50, −.51, …, −.54: sd .015811, half width 2.7764·.015811/√5 = .019632.
    expect(difference).toBeCloseTo(-0.52, 12);
    expect(ci95![0]).toBeCloseTo(-0.539632, 6);
    expect(ci95![1]).toBeCloseTo(-0.500368, 6);
  });
  it('sees nothing in noise', () => {
    expect(pairedDifference([1, -1, 2, -2, 0.5], [0, 0, 0, 0, 0], { lowerIsBetter: true }).verdict).toBe('no detectable difference');
    expect(pairedDifference(base, base, { lowerIsBetter: true })).toEqual({ mean: 0, ci95: [0, 0], seeds: 5, dropped: 0, verdict: 'no detectable difference' });
  });
  it('gives no verdict below five usable pairs', () => {
    expect(pairedDifference(lower.slice(1), base.slice(1), { lowerIsBetter: true }).verdict).toBe('too few seeds');
    const diverged = pairedDifference([NaN, ...lower.slice(1)], base, { lowerIsBetter: true });
    expect(diverged).toMatchObject({ verdict: 'too few seeds', seeds: 4, dropped: 1 });
    expect(diverged.mean).toBeCloseTo(-0.525, 12);
  });
  it('refuses lists that do not pair', () => {
    expect(() => pairedDifference([1], [1, 2], { lowerIsBetter: true })).toThrow(RangeError);
  });
});
