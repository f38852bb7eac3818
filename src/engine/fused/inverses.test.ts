/** Inverses from nodes of the variance against the same from every weight. */
import { describe, expect, it } from 'vitest';
import { choleskyInPlace, choleskySolve } from '../../core/cholesky.ts';
import type { Gaussian } from '../../core/gaussian.ts';
import { Stream } from '../../core/philox.ts';
import { weightedGram } from '../../core/woodbury.ts';
import { writeExactInverse, writeInverse } from './inverses.ts';

const D = 3000;

/** Variances over six decades (or of three layers), directions over two. */
function gaussian(rank: number, layers: boolean): Gaussian {
  const stream = new Stream(4, 'planted');
  const variance = Float32Array.from({ length: D }, (_, j) => (layers ? [4e-4, 5e-5, 2e-5][j % 3]! : 10 ** stream.between(-8, -2)));
  const factor = Float32Array.from({ length: rank * D }, (_, i) => 10 ** (-2 * Math.floor(i / D) / rank) * 0.01 * stream.normal());
  return { mean: new Float32Array(D), variance, factor, rank };
}

function direct({ variance, factor, rank }: Gaussian, scale: number, shift: number): Float64Array[] {
  const lower = new Float64Array(rank * rank);
  weightedGram(factor, rank, D, Float64Array.from(variance, (v) => 1 / (scale * v + shift)), lower);
  for (let k = 0; k < rank; k++) lower[k * rank + k]! += 1 / scale;
  choleskyInPlace(lower, rank);
  return Array.from({ length: rank }, (_, k) => {
    const column = Float64Array.from({ length: rank }, (__, i) => (i === k ? 1 : 0));
    choleskySolve(lower, rank, column);
    return column;
  });
}

describe.each([[1, false], [7, false], [20, false], [20, true]])('rank %i, variances of layers: %s', (rank, layers) => {
  const prior = gaussian(rank, layers);
  const directions = Math.ceil(rank / 4) * 4;

  it.each([[1e-3, 1e-6], [1, 0], [100, 1e-4], [1e6, 0.1]])('at scale %d and shift %d is the inverse to 5e-7', (scale, shift) => {
    const out = new Float32Array(3 + directions ** 2).fill(0);
    writeInverse(prior, scale, shift, out, 3, directions);
    const exact = new Float32Array(out.length);
    writeExactInverse(prior, scale, shift, exact, 3, directions);
    const expected = direct(prior, scale, shift);
    for (let i = 0; i < rank; i++) {
      for (let k = 0; k < rank; k++) {
        const size = Math.sqrt(expected[i]![i]! * expected[k]![k]!);
        expect(exact[3 + i * directions + k]).toBe(Math.fround(expected[k]![i]!));
        expect(Math.abs(out[3 + i * directions + k]! - expected[k]![i]!) / size).toBeLessThan(5e-7);
      }
      for (let k = rank; k < directions; k++) expect(out[3 + i * directions + k]).toBe(0);
    }
    expect([...out.subarray(0, 3)]).toEqual([0, 0, 0]);
  });
});
