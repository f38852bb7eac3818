/** Ranks against cases worked by hand, a brute-force count and printed normal tables. */
import { describe, expect, it } from 'vitest';
import { Stream } from './philox.ts';
import { averageRanks, normalQuantile, normalScores, quantile } from './ranks.ts';

describe('normal quantile', () => {
  it.each([[0.975, 1.959963984540054], [0.84134474606854293, 1], [0.5, 0], [0.5001, 0.00025066282772], [0.4942382202224722, -0.014443142237237602], [1e-5, -4.264890793922825], [1 - 1e-9, 5.997807019601637]])('at %s is as published', (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 9);
  });
  it('is odd about a half and has no value at the ends', () => {
    for (const p of [0.001, 0.02, 0.3, 0.49]) expect(normalQuantile(p) + normalQuantile(1 - p)).toBeCloseTo(0, 10);
    expect([0, 1, -1, NaN].map(normalQuantile)).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe('ranks', () => {
  it('of ties are their mean', () => {
    expect([...averageRanks([10, 30, 20, 20, -5, 20])]).toEqual([2, 6, 4, 4, 1, 4]);
    expect([...averageRanks([])]).toEqual([]);
  });
  it('count how many are lower, and half of the equal ones', () => {
    const stream = new Stream(1, 'planted');
    const values = Array.from({ length: 200 }, () => stream.integer(40));
    const counted = values.map((x) => values.filter((y) => y < x).length + (values.filter((y) => y === x).length + 1) / 2);
    expect([...averageRanks(values)]).toEqual(counted);
  });
  it('as normal scores are Blom’s', () => {
    // (3 − 3/8)/(5 + 1/4) = 0.5; (5 − 3/8)/5.25 = 0.880952, Φ⁻¹ = 1.179761.
    const scores = normalScores([2, 9, 4, 7, 3]);
    expect(scores[2]).toBeCloseTo(0, 12);
    expect(scores[1]).toBeCloseTo(1.179761, 6);
    expect(scores[0]).toBeCloseTo(-1.179761, 6);
  });
});

describe('quantile', () => {
  it('interpolates between order statistics', () => {
    expect(quantile([1, 2, 4, 8], 0.5)).toBe(3);
    expect(quantile([1, 2, 4, 8], 0.9)).toBeCloseTo(4 + 0.7 * 4, 12);
    expect([0, 1].map((p) => quantile([1, 2, 4, 8], p))).toEqual([1, 8]);
    expect(quantile([], 0.5)).toBeNaN();
  });
  it('at an order statistic is that value exactly', () => {
    for (let k = 1; k <= 50; k++) expect(quantile(Float64Array.from({ length: 20 * k + 1 }, (_, i) => i / 7), 0.95)).toBe((19 * k) / 7);
  });
});
