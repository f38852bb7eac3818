/** Moment matching against the mixture's covariance written out densely, and against draws from the mixture itself. */
import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { prepare } from '../core/lowrank.ts';
import { marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import { meanDistances, mergeBasins } from './mixture.ts';

const D = 6;

function basin(index: number, rank: number): Gaussian {
  const stream = new Stream(3, 'planted', index);
  return {
    mean: Float32Array.from({ length: D }, () => 2 * stream.normal()),
    variance: Float32Array.from({ length: D }, () => 0.1 + stream.uniform()),
    factor: Float32Array.from({ length: rank * D }, () => stream.normal()),
    rank,
  };
}

const covariance = ({ variance, factor, rank }: Gaussian): number[][] => Array.from({ length: D }, (_, i) => Array.from({ length: D }, (_, j) => {
  let sum = i === j ? variance[i]! : 0;
  for (let k = 0; k < rank; k++) sum += factor[k * D + i]! * factor[k * D + j]!;
  return sum;
}));

const basins = [basin(1, 2), basin(2, 3), basin(3, 0)];
const merged = mergeBasins(basins);

describe('merging basins', () => {
  it('has mean and covariance of the mixture', () => {
    const mean = Array.from({ length: D }, (_, j) => basins.reduce((sum, b) => sum + b.mean[j]! / 3, 0));
    mean.forEach((want, j) => expect(merged.mean[j]).toBeCloseTo(want, 6));
    const found = covariance(merged);
    for (let i = 0; i < D; i++) {
      for (let j = 0; j < D; j++) {
        // E[wwᵀ] − E[w]E[w]ᵀ, the form that does not appear in the code.
        const second = basins.reduce((sum, b) => sum + (covariance(b)[i]![j]! + b.mean[i]! * b.mean[j]!) / 3, 0);
        expect(found[i]![j]).toBeCloseTo(second - mean[i]! * mean[j]!, 5);
      }
    }
    expect(merged.rank).toBe(2 + 3 + 0 + 2);
  });

  it('has the trace of draws from the mixture', () => {
    const stream = new Stream(9, 'draw');
    const draws = 30_000;
    const prepared = basins.map((gaussian) => prepare({ gaussian, scale: 1, floor: 0 }));
    const sum = new Float64Array(D);
    const squares = new Float64Array(D);
    for (let n = 0; n < draws; n++) {
      const w = prepared[n % 3]!.draw(stream);
      for (let j = 0; j < D; j++) {
        sum[j]! += w[j]!;
        squares[j]! += w[j]! ** 2;
      }
    }
    const trace = squares.reduce((total, x, j) => total + x / draws - (sum[j]! / draws) ** 2, 0);
    const claimed = marginalVariances(merged).reduce((total, x) => total + x, 0);
    // Monte Carlo: about 1% of the trace at 30,000 draws.
    expect(Math.abs(trace / claimed - 1)).toBeLessThan(0.03);
  });

  it('leaves a single basin alone and refuses what is no mixture', () => {
    expect(mergeBasins([basins[0]!])).toBe(basins[0]);
    expect(() => mergeBasins([])).toThrow(RangeError);
    expect(() => mergeBasins([basins[0]!, { ...basins[1]!, mean: new Float32Array(D + 1) }])).toThrow(/same weights/);
  });

  it('tells how far apart the means lie, pair by pair', () => {
    expect(meanDistances([Float32Array.of(0, 0), Float32Array.of(3, 4), Float32Array.of(0, 1)])).toEqual([5, 1, Math.sqrt(18)]);
    expect(meanDistances([Float32Array.of(1)])).toEqual([]);
  });
});
