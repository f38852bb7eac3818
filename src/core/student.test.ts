/** Student's t against printed tables, R's and SciPy's values, and simulation. */
import { describe, expect, it } from 'vitest';
import { Stream } from './philox.ts';
import { minimalDetectable, tPower, tQuantile, tTwoSided } from './student.ts';

describe('t quantile', () => {
  // Two-sided 95% and 99% columns of the usual printed table.
  it.each([[1, 12.706, 63.657], [2, 4.303, 9.925], [4, 2.776, 4.604], [9, 2.262, 3.25], [29, 2.045, 2.756], [120, 1.98, 2.617]])(
    'at %s degrees of freedom is as printed', (degrees, p95, p99) => {
      expect(tQuantile(0.975, degrees)).toBeCloseTo(p95, 3);
      expect(tQuantile(0.995, degrees)).toBeCloseTo(p99, 3);
      expect(tQuantile(0.025, degrees)).toBeCloseTo(-p95, 3);
    });
});

describe('two-sided tail', () => {
  // scipy.stats.t.sf, twice.
  it.each([
    [2.5, 4, 0.06676654481198814], [1.2, 7, 0.2691719368272066], [-8.1, 4, 0.0012627641151895972], [0.3, 1, 0.8144528418445154], [3, 2, 0.09546596626670913], [2.8, 29, 0.008998372310774235],
  ])('at t = %s, %s degrees of freedom is %s', (t, degrees, p) => expect(tTwoSided(t, degrees)).toBeCloseTo(p, 13));
  it('is the inverse of the quantile', () => {
    for (const degrees of [1, 2, 5, 30, 199]) expect(tTwoSided(tQuantile(0.99, degrees), degrees)).toBeCloseTo(0.02, 10);
    expect(tTwoSided(0, 6)).toBe(1);
    expect(tTwoSided(Infinity, 6)).toBe(0);
    expect(() => tTwoSided(1, 2.5)).toThrow(RangeError);
  });
});

describe('power', () => {
  it('is that of published tables: 34 pairs see half a standard deviation with probability 0.8078', () => {
    expect(tPower(0.5 * Math.sqrt(34), 33, 0.05)).toBeCloseTo(0.8077775, 5);
    expect(tPower(0, 7, 0.05)).toBeCloseTo(0.05, 6);
  });
  // Cohen's d of the paired t test at 80% power: pwr.t.test(n, power = 0.8, type = "paired") in R, and SciPy's noncentral t.
  it.each([[2, 0.05, 11.54989], [5, 0.05, 1.681997], [10, 0.05, 0.996001], [20, 0.05, 0.660442], [5, 0.05 / 13, 3.378192], [8, 0.01, 1.595896]])(
    'of 80%% at %s pairs and level %s needs %s standard deviations', (n, alpha, d) => expect(minimalDetectable(n, 1, { alpha })).toBeCloseTo(d, 4));
  it('scales with the standard deviation and needs two pairs', () => {
    expect(minimalDetectable(5, 0.03)).toBeCloseTo(0.03 * 1.681997, 6);
    expect(minimalDetectable(1, 1)).toBeNaN();
    expect(minimalDetectable(5, NaN)).toBeNaN();
    expect(minimalDetectable(5, 0)).toBe(0);
  });
  it('by simulation: a difference of that size is found in 80% of repetitions', () => {
    const shift = minimalDetectable(5, 1) * Math.sqrt(5);
    let found = 0;
    for (let i = 0; i < 3000; i++) {
      const stream = new Stream(i, 'planted');
      const z = Array.from({ length: 5 }, () => stream.normal() + shift / Math.sqrt(5));
      const centre = z.reduce((a, b) => a + b) / 5;
      const sd = Math.sqrt(z.reduce((a, b) => a + (b - centre) ** 2, 0) / 4);
      if (Math.abs(centre / sd) * Math.sqrt(5) > tQuantile(0.975, 4)) found++;
    }
    // Standard error 0.0073.
    expect(Math.abs(found / 3000 - 0.8)).toBeLessThan(0.022);
  });
});
