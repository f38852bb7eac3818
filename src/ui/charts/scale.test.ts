import { describe, expect, it } from 'vitest';
import { dodge, linearScale, logScale, logTicks, niceTicks, quantile } from './scale.ts';

describe('scales', () => {
  it('map and invert', () => {
    const x = linearScale([-1, 3], [10, 50]);
    expect([x(-1), x(1), x(3)]).toEqual([10, 30, 50]);
    expect(x.invert(30)).toBe(1);
    const y = logScale([1, 1000], [300, 0]);
    expect(y(10)).toBeCloseTo(200);
    expect(y.invert(100)).toBeCloseTo(100);
  });

  it('tick at round numbers inside the domain', () => {
    expect(niceTicks(-0.07, 0.12, 5)).toEqual([-0.05, 0, 0.05, 0.1]);
    expect(niceTicks(0, 300, 5)).toEqual([0, 50, 100, 150, 200, 250, 300]);
    expect(niceTicks(2, 2, 5)).toEqual([2]);
    expect(logTicks(1e-5, 1e-1)).toEqual([1e-5, 1e-4, 1e-3, 1e-2, 1e-1]);
    expect(logTicks(2, 40)).toEqual([2, 5, 10, 20]);
    expect(logTicks(1, 1e12, 4)).toEqual([1, 1e4, 1e8, 1e12]);
  });

  it('take quantiles of the finite values', () => {
    expect(quantile([3, NaN, 1, 2, Infinity], 0.5)).toBe(2);
    expect(quantile([0, 1], 0.75)).toBe(0.75);
    expect(quantile([NaN], 0.5)).toBeNaN();
  });
});

describe('labels along an axis', () => {
  it('stay in order, apart and inside', () => {
    const placed = dodge([50, 52, 51, 100, 0], 10, 0, 110);
    const sorted = [...placed].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThanOrEqual(10 - 1e-9);
    expect([placed[0], placed[2], placed[1]]).toEqual([41, 51, 61]);
    expect([placed[3], placed[4]]).toEqual([100, 0]);
  });

  it('do not move without need', () => {
    expect(dodge([10, 40, 90], 15, 0, 100)).toEqual([10, 40, 90]);
  });

  it('are pushed back from the end of the axis', () => {
    expect(dodge([99, 100], 10, 0, 100)).toEqual([90, 100]);
  });
});
