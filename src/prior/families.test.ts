/** The families' means and covariances, their equal traces, and the two controls. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import type { ParameterEntry } from '../model/architecture.ts';
import { build, permuted, truncateRank } from './families.ts';
import { SWAG_FAMILIES } from './prior.ts';

const entry = (name: string, offset: number, size: number, part: 'extractor' | 'head'): ParameterEntry =>
  ({ name, shape: [size], offset, size, part, fanIn: 1, bias: false });
const entries = [entry('a.weight', 0, 8, 'extractor'), entry('a.bias', 8, 2, 'extractor'), entry('b.weight', 10, 5, 'extractor'), entry('head.weight', 15, 4, 'head')];
const d = 15;

function posterior(rank: number): Gaussian {
  const stream = new Stream(6, 'planted', rank);
  return {
    mean: Float32Array.from({ length: d }, () => stream.normal()),
    variance: Float32Array.from({ length: d }, () => 1e-5 * Math.exp(2 * stream.normal())),
    factor: Float32Array.from({ length: rank * d }, () => 5e-3 * stream.normal()),
    rank,
  };
}
const trace = (g: Gaussian): number => marginalVariances(g).reduce((sum, x) => sum + x, 0);
function covariance(g: Gaussian): Matrix {
  const f = Matrix.from1DArray(g.rank, d, [...g.factor]);
  return Matrix.diag([...g.variance]).add(f.transpose().mmul(f));
}

describe.each([0, 1, 4])('families of a rank-%s posterior', (rank) => {
  const source = posterior(rank);
  const s = marginalVariances(source);

  it.each(SWAG_FAMILIES)('%s has the posterior’s trace', (family) => {
    expect(trace(build(family, source, entries, 'all')) / trace(source)).toBeCloseTo(1, 6);
  });

  it('centre on the mean, except isotropic, which centres on zero', () => {
    for (const family of SWAG_FAMILIES) {
      expect([...build(family, source, entries, 'all').mean]).toEqual(family === 'isotropic' ? Array<number>(d).fill(0) : [...source.mean]);
    }
  });

  it('have the variances of their formulas', () => {
    const average = s.reduce((sum, x) => sum + x, 0) / d;
    for (const family of ['isotropic', 'l2-sp'] as const) {
      expect([...build(family, source, entries, 'all').variance]).toEqual(Array<number>(d).fill(Math.fround(average)));
    }
    const layerwise = build('layerwise', source, entries, 'all').variance;
    for (const { offset, size } of entries.slice(0, 3)) {
      const own = s.slice(offset, offset + size).reduce((sum, x) => sum + x, 0) / size;
      for (let j = offset; j < offset + size; j++) expect(layerwise[j]! / own).toBeCloseTo(1, 6);
    }
    expect(build('diagonal', source, entries, 'all')).toMatchObject({ variance: Float32Array.from(s), rank: 0 });
    expect(build('low-rank', source, entries, 'all')).toEqual(source);
    const shift = posterior(2);
    expect(build('shift-trajectory', source, entries, 'all', shift)).toBe(shift);
    expect(() => build('shift-trajectory', source, entries, 'all')).toThrow(RangeError);
  });

  it('leave the posterior as it was', () => {
    for (const family of SWAG_FAMILIES) build(family, source, entries, 'all');
    expect(source).toEqual(posterior(rank));
  });
});

describe('permuted', () => {
  const source = posterior(3);
  const placebo = permuted(source, 1);
  it('keeps mean, spectrum and trace and moves the entries together', () => {
    expect(placebo.mean).toEqual(source.mean);
    expect(placebo.variance).not.toEqual(source.variance);
    const eigen = (g: Gaussian): number[] => [...new EigenvalueDecomposition(covariance(g)).realEigenvalues].sort((a, b) => a - b);
    eigen(source).forEach((x, i) => expect(eigen(placebo)[i]! / x).toBeCloseTo(1, 6));
    // Each weight keeps its own variance and its own column of F.
    for (let j = 0; j < d; j++) {
      const from = source.variance.indexOf(placebo.variance[j]!);
      for (let k = 0; k < 3; k++) expect(placebo.factor[k * d + j]).toBe(source.factor[k * d + from]);
    }
  });
  it('depends on the seed alone', () => {
    expect(permuted(source, 1)).toEqual(placebo);
    expect(permuted(source, 2)).not.toEqual(placebo);
  });
});

describe('truncateRank', () => {
  const source = posterior(4);
  it.each([0, 1, 3])('keeps the top %s directions and every marginal variance', (k) => {
    const cut = truncateRank(source, k);
    expect([cut.rank, cut.factor.length]).toEqual([k, k * d]);
    const before = marginalVariances(source);
    marginalVariances(cut).forEach((x, j) => expect(x / before[j]!).toBeCloseTo(1, 5));
    const f = (g: Gaussian): Matrix => Matrix.from1DArray(g.rank, d, [...g.factor]);
    const gram = (g: Gaussian): Matrix => f(g).transpose().mmul(f(g));
    const values = (m: Matrix): number[] => [...new EigenvalueDecomposition(m).realEigenvalues].sort((a, b) => b - a);
    if (k > 0) {
      const want = values(gram(source));
      values(gram(cut)).slice(0, k).forEach((x, i) => expect(x / want[i]!).toBeCloseTo(1, 5));
    }
  });
  it('leaves a rank that is low enough alone and refuses nonsense', () => {
    expect(truncateRank(source, 4)).toBe(source);
    expect(() => truncateRank(source, -1)).toThrow(RangeError);
    expect(() => truncateRank(source, 1.5)).toThrow(RangeError);
  });
});
