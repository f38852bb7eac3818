/** Factors by layer: the groups of real networks, and the scaled prior's algebra against dense linear algebra. */
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { prepare } from '../core/lowrank.ts';
import { Stream } from '../core/philox.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import { layerGroups, scaledLayers } from './layers.ts';

const input = { height: 3, width: 3, channels: 1 };

describe('layers of a network', () => {
  it('take weight and bias together and leave the head out', () => {
    const convnet = parameterTable(buildArchitecture('convnet-s', { widths: [2, 3], input, classes: 4 }));
    expect(layerGroups(convnet.entries)).toEqual([{ name: 'conv1', from: 0, to: 20 }, { name: 'conv2', from: 20, to: 77 }]);
    expect(convnet.extractor).toBe(77);
    expect(layerGroups(parameterTable(buildArchitecture('mlp', { widths: [5], input, classes: 2 })).entries)).toEqual([{ name: 'fc1', from: 0, to: 50 }]);
    expect(layerGroups(parameterTable(buildArchitecture('linear', { widths: [], input, classes: 2 })).entries)).toEqual([{ name: 'fc', from: 0, to: 20 }]);
  });

  it('take the scale and shift of a norm with the kernel before them', () => {
    const of = (name: string, shape: number[], offset: number, size: number) => ({ name, shape, offset, size, part: 'extractor' as const, fanIn: 1, bias: false });
    expect(layerGroups([of('stem.weight', [2, 1, 1, 1], 0, 2), of('norm.weight', [2], 2, 2), of('norm.bias', [2], 4, 2), of('layer1.0.conv1.weight', [2, 2, 1, 1], 6, 4)]))
      .toEqual([{ name: 'stem', from: 0, to: 6 }, { name: 'layer1.0.conv1', from: 6, to: 10 }]);
  });
});

describe.each([0, 1, 3])('a rank-%s prior with a factor a layer', (rank) => {
  const D = 9;
  const groups = [{ name: 'a', from: 0, to: 4 }, { name: 'b', from: 4, to: 6 }, { name: 'c', from: 6, to: D }];
  const factors = [0.1, 1, 30];
  const stream = new Stream(2, 'planted', rank);
  const normals = (count: number) => Float32Array.from({ length: count }, () => stream.normal());
  const gaussian: Gaussian = { mean: normals(D), variance: normals(D).map((x) => 0.2 + x * x), factor: normals(rank * D), rank };
  const scaled = scaledLayers(gaussian, groups, factors);
  const lambda = 2.5;
  const roots = Array.from({ length: D }, (_, j) => Math.sqrt(factors[groups.findIndex(({ from, to }) => j >= from && j < to)]!));
  const f = Matrix.from1DArray(rank, D, [...gaussian.factor]);
  const A = Matrix.diag(roots);
  const product = A.mmul(Matrix.diag([...gaussian.variance]).add(f.transpose().mmul(f))).mmul(A).mul(lambda);
  // Symmetric to the last digit, which the decomposition asks for.
  const dense = product.clone().add(product.transpose()).mul(0.5);

  it('has the density of N(mean, λA½ΣA½)', () => {
    const cholesky = new CholeskyDecomposition(dense);
    const prepared = prepare({ gaussian: scaled, scale: lambda, floor: 0 });
    for (let n = 0; n < 5; n++) {
      const w = normals(D).map((x) => 3 * x);
      const r = Matrix.columnVector(Array.from(w, (x, j) => x - gaussian.mean[j]!));
      const quadratic = r.transpose().mmul(cholesky.solve(r)).get(0, 0);
      const logDeterminant = 2 * cholesky.lowerTriangularMatrix.diagonal().reduce((sum, x) => sum + Math.log(x), 0);
      const want = -0.5 * (quadratic + logDeterminant + D * Math.log(2 * Math.PI));
      expect(prepared.logDensity(w) / want).toBeCloseTo(1, 4);
    }
  });

  it('keeps its mean and its correlations, and is itself where nothing is scaled', () => {
    expect(scaled.mean).toBe(gaussian.mean);
    expect(scaledLayers(gaussian, groups, [1, 1, 1])).toBe(gaussian);
    const of = (g: Gaussian, i: number, j: number) => (i === j ? g.variance[i]! : 0) + Array.from({ length: rank }, (_, k) => g.factor[k * D + i]! * g.factor[k * D + j]!).reduce((sum, x) => sum + x, 0);
    const correlation = (g: Gaussian) => of(g, 1, 8) / Math.sqrt(of(g, 1, 1) * of(g, 8, 8));
    expect(correlation(scaled)).toBeCloseTo(correlation(gaussian), 5);
    expect(of(scaled, 8, 8) / of(gaussian, 8, 8)).toBeCloseTo(30, 4);
  });

  it('refuses factors that are no scales', () => {
    for (const wrong of [[1, 1], [1, 0, 1], [1, NaN, 1], [1, Infinity, 1]]) expect(() => scaledLayers(gaussian, groups, wrong)).toThrow(RangeError);
  });
});
