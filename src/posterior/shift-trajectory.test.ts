/** The shift-trajectory posterior of planted runs: its moments, its trace, and what becomes of degenerate runs. */
import { describe, expect, it } from 'vitest';
import { marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import type { ParameterEntry } from '../model/architecture.ts';
import { LOW_RANK_SHARE, shiftPosterior } from './shift-trajectory.ts';

const entry = (name: string, offset: number, size: number, part: 'extractor' | 'head'): ParameterEntry =>
  ({ name, shape: [size], offset, size, part, fanIn: 1, bias: false });
const SIZES = [400, 100, 1000];
const entries = [entry('a', 0, 400, 'extractor'), entry('b', 400, 100, 'extractor'), entry('c', 500, 1000, 'extractor'), entry('head.weight', 1500, 40, 'head')];
const D = 1500;
const S = 7e-5;
/** How far each tensor moves, and where to on average. */
const MOVES = [0.1, 0.03, 0.01];
const tensorOf = (j: number): number => (j < 400 ? 0 : j < 500 ? 1 : 2);

const stream = new Stream(4, 'planted');
const origin = Float32Array.from({ length: D }, () => stream.normal());
const drift = Float32Array.from({ length: D }, (_, j) => 0.5 * MOVES[tensorOf(j)]! * stream.normal());
const ends = Array.from({ length: 15 }, () => Float32Array.from({ length: D + 40 }, (_, j) => (j < D ? origin[j]! + drift[j]! + MOVES[tensorOf(j)]! * stream.normal() : 1e6)));
const posterior = shiftPosterior({ origin, ends, meanVariance: S }, entries);

describe('the shift-trajectory posterior', () => {
  it('is centred on the mean of the runs', () => {
    for (const j of [0, 450, 1499]) expect(posterior.mean[j]).toBeCloseTo(ends.reduce((sum, end) => sum + end[j]! / 15, 0), 6);
    expect(posterior.mean).toHaveLength(D);
  });

  it('has the trace of the SWAG posterior, of which the factor carries its share', () => {
    const s = marginalVariances(posterior);
    expect(s.reduce((sum, x) => sum + x, 0) / D / S).toBeCloseTo(1, 6);
    expect(posterior.factor.reduce((sum, x) => sum + x * x, 0) / (D * S)).toBeCloseTo(LOW_RANK_SHARE, 6);
  });

  it('has one variance a tensor, in the ratio of how far each moved from the source mean', () => {
    const firsts = [0, 400, 500].map((offset) => posterior.variance[offset]!);
    SIZES.forEach((size, t) => expect(new Set(posterior.variance.slice([0, 400, 500][t], [0, 400, 500][t]! + size)).size).toBe(1));
    // 1.25·move² with the drift: about the source mean, not about the runs' own. Within the spread of 100 weights.
    expect(firsts[0]! / firsts[2]!).toBeGreaterThan(90);
    expect(firsts[0]! / firsts[2]!).toBeLessThan(110);
    expect(firsts[0]! / firsts[1]!).toBeGreaterThan((0.1 / 0.03) ** 2 * 0.85);
    expect(firsts[0]! / firsts[1]!).toBeLessThan((0.1 / 0.03) ** 2 * 1.15);
    const far = shiftPosterior({ origin: origin.map((x, j) => (tensorOf(j) === 2 ? x + 1 : x)), ends, meanVariance: S }, entries);
    expect(far.variance[500]! / far.variance[0]!).toBeGreaterThan(50);
  });

  it('spans the deviations from the mean of the runs, which sum to nothing', () => {
    expect(posterior.rank).toBe(15);
    const gain = posterior.factor[7]! / (ends[0]![7]! - posterior.mean[7]!);
    for (const [k, j] of [[0, 900], [3, 7], [14, 1499]] as const) {
      expect(posterior.factor[k * D + j]! / (ends[k]![j]! - posterior.mean[j]!)).toBeCloseTo(gain, 3);
    }
    for (const j of [0, 700]) expect(Math.abs(ends.reduce((sum, _, k) => sum + posterior.factor[k * D + j]!, 0))).toBeLessThan(1e-6);
  });

  it('is diagonal where all runs ended in one point, and keeps variances above zero where a tensor did not move', () => {
    const one = shiftPosterior({ origin, ends: [ends[0]!, ends[0]!], meanVariance: S }, entries);
    expect(one.rank).toBe(0);
    expect(one.variance.reduce((sum, x) => sum + x, 0) / D / S).toBeCloseTo(1, 6);
    const still = shiftPosterior({ origin, ends: ends.map((end) => end.map((x, j) => (tensorOf(j) === 1 ? origin[j]! : x))), meanVariance: S }, entries);
    expect(still.variance[420]).toBeGreaterThan(0);
  });

  it('refuses a single run', () => {
    expect(() => shiftPosterior({ origin, ends: ends.slice(0, 1), meanVariance: S }, entries)).toThrow(RangeError);
  });
});
