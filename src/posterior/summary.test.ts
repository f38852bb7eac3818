/** The summary of a posterior against dense linear algebra and numbers worked by hand. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { Stream } from '../core/philox.ts';
import type { ParameterEntry } from '../model/architecture.ts';
import type { Posterior } from './posterior.ts';
import { drawWeights, summarise } from './summary.ts';

function posteriorOf(gaussian: Gaussian): Posterior {
  return {
    gaussian,
    architecture: { name: 'linear', widths: [], input: { height: 1, width: 1, channels: 2 }, classes: 2, extractor: [], head: null },
    normalisation: { mean: 0, std: 1 },
    head: null,
    snapshots: 7,
    provenance: {
      dataset: 'letters', datasetSha256: '', classNames: ['a', 'b'], method: 'supervised', posterior: { method: 'swag', basins: null }, training: {}, seed: 0, created: '2026-01-01T00:00:00Z',
      licence: '', sourceAccuracy: 0.9, sourceNll: null,
    },
  };
}

const entry = (name: string, offset: number, size: number, part: 'extractor' | 'head'): ParameterEntry =>
  ({ name, shape: [size], offset, size, part, fanIn: 1, bias: false });

describe('posterior summary', () => {
  it('reports marginals, shares and layers as worked by hand', () => {
    const gaussian = { mean: Float32Array.of(3, 4, -2), variance: Float32Array.of(1, 3, 0.25), factor: Float32Array.of(0, 1, 0, 0, 0, 1.5), rank: 2 };
    const summary = summarise(posteriorOf(gaussian), [entry('a', 0, 2, 'extractor'), entry('b', 2, 1, 'extractor'), entry('head.bias', 3, 2, 'head')], [0.5]);
    // s = [1, 4, 2.5]
    expect(summary).toMatchObject({ params: 3, rank: 2, snapshots: 7, dataset: 'letters', sourceAccuracy: 0.9, sourceNll: null, drawAccuracy: [0.5] });
    expect(summary.meanVariance).toBeCloseTo(2.5, 12);
    expect(summary.lowRankShare).toBeCloseTo(3.25 / 7.5, 12);
    expect(summary.spectrum[0]).toBeCloseTo(2.25, 12);
    expect(summary.spectrum[1]).toBeCloseTo(1, 12);
    expect(summary.layers).toHaveLength(2);
    expect(summary.layers[0]).toEqual({ name: 'a', shape: [2], size: 2, meanSd: 1.5, minSd: 1, maxSd: 2, meanWeightRms: Math.sqrt(12.5) });
    expect(summary.layers[1]).toMatchObject({ name: 'b', meanWeightRms: 2 });
    expect(summary.layers[1]!.meanSd).toBeCloseTo(Math.sqrt(2.5), 12);
  });

  it.each([1, 2, 5])('has the non-zero eigenvalues of FᵀF (K = %s)', (rank) => {
    const d = 11;
    const stream = new Stream(1, 'planted', rank);
    const factor = Float32Array.from({ length: rank * d }, () => stream.normal());
    const f = Matrix.from1DArray(rank, d, [...factor]);
    const want = new EigenvalueDecomposition(f.transpose().mmul(f)).realEigenvalues.sort((a, b) => b - a).slice(0, rank);
    const { spectrum } = summarise(posteriorOf({ mean: new Float32Array(d), variance: new Float32Array(d).fill(1), factor, rank }), []);
    expect(spectrum).toHaveLength(rank);
    want.forEach((x, i) => expect(spectrum[i]).toBeCloseTo(x, 9));
  });

  it('has an empty spectrum and no low-rank share at rank 0', () => {
    const { spectrum, lowRankShare } = summarise(posteriorOf({ mean: new Float32Array(2), variance: new Float32Array(2).fill(1), factor: new Float32Array(0), rank: 0 }), []);
    expect([spectrum, lowRankShare]).toEqual([[], 0]);
  });
});

describe('draws of weights', () => {
  const gaussian = { mean: Float32Array.of(10, -10), variance: Float32Array.of(1e-4, 1e-4), factor: Float32Array.of(1, 1), rank: 1 };
  it('follow the factor and depend on seed and index alone', () => {
    const draws = drawWeights(gaussian, 3, 200);
    const shifts = draws.map((w) => [w[0]! - 10, w[1]! + 10] as const);
    // Along F = (1, 1) the two coordinates move together.
    for (const [a, b] of shifts) expect(Math.abs(a - b)).toBeLessThan(0.1);
    const spread = Math.sqrt(shifts.reduce((sum, [a]) => sum + a * a, 0) / 200);
    expect(Math.abs(spread - 1)).toBeLessThan(0.25);
    expect(drawWeights(gaussian, 3, 2)).toEqual(draws.slice(0, 2));
    expect(drawWeights(gaussian, 4, 1)).not.toEqual(draws.slice(0, 1));
  });
});
