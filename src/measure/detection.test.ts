/** Detection against counts of every pair and every threshold, and against scores of known separation. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { mean, standardDeviation } from '../core/statistics.ts';
import { detection } from './detection.ts';

const stream = new Stream(6, 'planted');
const normals = (n: number, centre: number, sd = 1): number[] => Array.from({ length: n }, () => centre + sd * stream.normal());
/** Rounded, so that there are ties within and between. */
const inside = normals(60, 0).map((x) => Math.round(3 * x) / 3);
const outside = normals(45, 0.8).map((x) => Math.round(3 * x) / 3);
const kernel = (x: number, y: number): number => (y > x ? 1 : y === x ? 0.5 : 0);

describe('AUROC', () => {
  it('counts pairs, ties by half', () => {
    expect(detection(inside, outside).auroc).toBeCloseTo(mean(outside.flatMap((y) => inside.map((x) => kernel(x, y)))), 12);
    expect(detection([1, 2, 3], [2, 4]).auroc).toBeCloseTo((1 + 0.5 + 0 + 3) / 6, 12);
  });

  it('has the interval of DeLong’s variance by its definition', () => {
    const { auroc, ci95 } = detection(inside, outside);
    const outsideShares = outside.map((y) => mean(inside.map((x) => kernel(x, y))));
    const insideShares = inside.map((x) => mean(outside.map((y) => kernel(x, y))));
    const half = 1.959963984540054 * Math.sqrt(standardDeviation(outsideShares) ** 2 / 45 + standardDeviation(insideShares) ** 2 / 60);
    expect(ci95![0]).toBeCloseTo(auroc - half, 9);
    expect(ci95![1]).toBeCloseTo(auroc + half, 9);
  });

  it('of two normals d apart is Φ(d/√2), and the interval holds it in 95 of 100 cases', () => {
    // Φ(1/√2) = 0.760250.
    const runs = Array.from({ length: 400 }, () => detection(normals(80, 0), normals(60, 1)));
    expect(mean(runs.map((run) => run.auroc))).toBeCloseTo(0.76025, 2);
    const held = runs.filter(({ ci95 }) => ci95![0] <= 0.76025 && ci95![1] >= 0.76025).length / 400;
    expect(held).toBeGreaterThan(0.91);
    expect(held).toBeLessThan(0.985);
  });

  it('turns about a half when the sides or the sign are exchanged, and knows order only', () => {
    const { auroc } = detection(inside, outside);
    expect(detection(outside, inside).auroc).toBeCloseTo(1 - auroc, 12);
    expect(detection(inside.map((x) => -x), outside.map((x) => -x)).auroc).toBeCloseTo(1 - auroc, 12);
    expect(detection(inside.map(Math.exp), outside.map(Math.exp))).toEqual(detection(inside, outside));
  });
});

describe('average precision', () => {
  it('counts thresholds', () => {
    // Falling: out .9 | in .8 | out .7 = in .7 | in .1. Recall ½ at precision 1, then ½ more at 2/4.
    expect(detection([0.8, 0.7, 0.1], [0.9, 0.7]).auprOut).toBeCloseTo(0.5 + 0.5 * 0.5, 12);
    // Rising: in .1 | tie .7: 2 in of 3 | in .8: 3 of 4.
    expect(detection([0.8, 0.7, 0.1], [0.9, 0.7]).auprIn).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12);
  });

  it('is the sum over distinct thresholds', () => {
    const thresholds = [...new Set([...inside, ...outside])].sort((a, b) => b - a);
    let [area, recall] = [0, 0];
    for (const t of thresholds) {
      const hits = outside.filter((y) => y >= t).length;
      area += (hits / 45 - recall) * (hits / (hits + inside.filter((x) => x >= t).length));
      recall = hits / 45;
    }
    expect(detection(inside, outside).auprOut).toBeCloseTo(area, 12);
  });

  it('of scores that say nothing is the share of what is looked for', () => {
    expect(detection([1, 1, 1], [1])).toMatchObject({ auroc: 0.5, ci95: null, auprOut: 0.25, auprIn: 0.75, fpr95: 1 });
  });
});

describe('what slips through', () => {
  it('is counted at the threshold that lets 95% of the inside pass', () => {
    // 19 of 20 pass at 19.
    const twenty = Array.from({ length: 20 }, (_, i) => i + 1);
    expect(detection(twenty, [18, 19, 19.5, 25]).fpr95).toBe(0.5);
    // 20 of 21 must pass: 19.95 rounds up.
    expect(detection([...twenty, 21], [18, 19, 20, 25]).fpr95).toBe(0.75);
  });
  it('is the least over all thresholds that let 95% pass', () => {
    const rates = inside.filter((t) => inside.filter((x) => x <= t).length >= 0.95 * 60).map((t) => outside.filter((y) => y <= t).length / 45);
    expect(detection(inside, outside).fpr95).toBeCloseTo(Math.min(...rates), 12);
  });
});

describe('detection', () => {
  it('of what is wholly apart is perfect and has no interval', () => {
    expect(detection([1, 2, 3], [4, 5])).toEqual({ auroc: 1, ci95: null, auprOut: 1, auprIn: 1, fpr95: 0 });
    expect(detection([4, 5], [1, 2, 3])).toMatchObject({ auroc: 0, ci95: null, fpr95: 1 });
  });
  it('has no value without scores', () => {
    for (const [low, high] of [[[], [1]], [[1], []], [[1, NaN], [2]], [[1], [Infinity]]] as const) expect(detection(low, high)).toEqual({ auroc: NaN, ci95: null, auprOut: NaN, auprIn: NaN, fpr95: NaN });
    expect(detection([1, 3], [2]).ci95).toBeNull();
  });
});
