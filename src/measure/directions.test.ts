import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { Stream } from '../core/philox.ts';
import type { ParameterEntry, ParameterTable } from '../model/architecture.ts';
import { covarianceDirection, filterNormalised, lowVarianceDirection, principalDirections, randomUnit } from './directions.ts';

const stream = new Stream(3, 'planted');
const normals = (size: number, sd = 1): Float32Array => Float32Array.from({ length: size }, () => sd * stream.normal());
const dot = (x: ArrayLike<number>, y: ArrayLike<number>): number => Array.from(x).reduce((sum, value, j) => sum + value * y[j]!, 0);
const norm = (x: ArrayLike<number>): number => Math.sqrt(dot(x, x));

describe('filter-normalised directions', () => {
  const entry = (name: string, shape: number[], offset: number, part: 'extractor' | 'head'): ParameterEntry => {
    const size = shape.reduce((product, length) => product * length, 1);
    return { name, shape, offset, size, part, fanIn: 1, bias: shape.length === 1 };
  };
  const table: ParameterTable = {
    entries: [
      entry('conv1.weight', [2, 1, 2, 1], 0, 'extractor'), entry('conv1.bias', [2], 4, 'extractor'),
      entry('head.weight', [3, 2], 6, 'head'), entry('head.bias', [3], 12, 'head'),
    ],
    extractor: 6, head: 9, total: 15,
  };
  // Filter norms 5, 13 in the convolution; 10, 0, 1 in the head.
  const theta = Float32Array.of(3, 4, 5, 12, 7, 7, 6, 8, 0, 0, 0, -1, 9, 9, 9);

  it('have the norm of each filter and nothing in the biases', () => {
    const u = filterNormalised(theta, table, 1, 0);
    const filters = [[0, 2], [2, 4], [6, 8], [8, 10], [10, 12]] as const;
    expect(filters.map(([from, to]) => norm(u.subarray(from, to)))).toEqual([5, 13, 10, 0, 1].map((x) => expect.closeTo(x, 5) as number));
    expect([...u.subarray(4, 6), ...u.subarray(12)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('are the draws of one stream, rescaled filter by filter', () => {
    const draws = new Stream(1, 'plane', 4, 1);
    const expected = [5, 13].flatMap((length) => {
      const pair = [draws.normal(), draws.normal()];
      return pair.map((x) => (x * length) / norm(pair));
    });
    filterNormalised(theta, table, 1, 4).subarray(0, 4).forEach((x, j) => expect(x).toBeCloseTo(expected[j]!, 5));
    expect(filterNormalised(theta, table, 1, 4)).toEqual(filterNormalised(theta, table, 1, 4));
    expect(filterNormalised(theta, table, 1, 5)).not.toEqual(filterNormalised(theta, table, 1, 4));
  });
});

describe('directions of the covariance', () => {
  const D = 40;
  /** Σ u, u [≥ D]. */
  const apply = ({ variance, factor, rank }: Gaussian, u: Float32Array): Float64Array => {
    const out = Float64Array.from(variance, (x, j) => x * u[j]!);
    for (let k = 0; k < rank; k++) {
      const row = factor.subarray(k * D, (k + 1) * D);
      const along = dot(row, u);
      row.forEach((x, j) => (out[j]! += along * x));
    }
    return out;
  };
  const variance = Float32Array.from({ length: D }, () => 10 ** stream.between(-6, -3));
  const posterior: Gaussian = { mean: normals(D), variance, factor: Float32Array.from({ length: 3 * D }, (_, i) => [2, 0.5, 0.1][Math.floor(i / D)]! * stream.normal()), rank: 3 };

  it('are orthonormal eigenvectors of FᵀF, widest first, with the whole variance along them', () => {
    const found = [0, 1, 2].map((index) => covarianceDirection(posterior, index, D + 4)!);
    const factorOnly = { ...posterior, variance: new Float32Array(D) };
    found.forEach(({ u, variance: along }, i) => {
      expect(u).toHaveLength(D + 4);
      expect([...u.subarray(D)]).toEqual([0, 0, 0, 0]);
      const image = apply(factorOnly, u);
      const eigenvalue = dot(image, u);
      image.forEach((x, j) => expect(x).toBeCloseTo(eigenvalue * u[j]!, 4));
      found.forEach((other, k) => expect(dot(u, other.u)).toBeCloseTo(i === k ? 1 : 0, 5));
      expect(along / dot(apply(posterior, u), u)).toBeCloseTo(1, 5);
    });
    expect(found[0]!.variance).toBeGreaterThan(found[1]!.variance);
    expect(found[1]!.variance).toBeGreaterThan(found[2]!.variance);
    expect(covarianceDirection(posterior, 3, D)).toBeNull();
    expect(covarianceDirection({ ...posterior, factor: new Float32Array(0), rank: 0 }, 0, D)).toBeNull();
  });

  it('of low variance avoid the factor and the weights at the clamp, and are narrower than random ones', () => {
    const clamped = Float32Array.from(variance, (x, j) => (j < 5 ? 0.5e-8 : x));
    const own = { ...posterior, variance: clamped };
    const { u, variance: along } = lowVarianceDirection(own, D + 4, 1, 0)!;
    expect(norm(u)).toBeCloseTo(1, 6);
    expect([...u.subarray(0, 5), ...u.subarray(D)].every((x) => x === 0)).toBe(true);
    for (let k = 0; k < 3; k++) expect(Math.abs(dot(own.factor.subarray(k * D, (k + 1) * D), u))).toBeLessThan(1e-6);
    expect(along / dot(apply(own, u), u)).toBeCloseTo(1, 3);
    const random = [0, 1, 2, 3].map((draw) => randomUnit(D + 4, 1, draw, D)).map((x) => dot(apply(own, x), x));
    expect(along).toBeLessThan(0.01 * Math.min(...random));
    expect(lowVarianceDirection(own, D + 4, 1, 1)!.u).not.toEqual(u);
    expect(lowVarianceDirection({ ...own, variance: new Float32Array(D).fill(0.5e-8) }, D, 1, 0)).toBeNull();
  });

  it('of low variance weigh the deviations inversely', () => {
    const two = Float32Array.from({ length: 4000 }, (_, j) => (j < 2000 ? 1e-4 : 1e-2));
    const { u, variance: along } = lowVarianceDirection({ mean: new Float32Array(4000), variance: two, factor: new Float32Array(0), rank: 0 }, 4000, 2, 0)!;
    expect(norm(u.subarray(0, 2000)) / norm(u.subarray(2000))).toBeCloseTo(10, 0);
    // uᵀΣu = D/Σ(1/s) for the expected shares.
    expect(along / (4000 / (2000 / 1e-4 + 2000 / 1e-2))).toBeCloseTo(1, 1);
  });
});

describe('random unit directions', () => {
  it('are isotropic over the weights asked for', () => {
    const u = randomUnit(5000, 2, 0, 4000);
    expect(norm(u)).toBeCloseTo(1, 6);
    expect(norm(u.subarray(4000))).toBe(0);
    expect(norm(u.subarray(0, 2000)) ** 2).toBeCloseTo(0.5, 1);
    expect(Math.abs(dot(u, randomUnit(5000, 2, 1, 4000)))).toBeLessThan(0.1);
  });
});

describe('principal directions', () => {
  const P = 300;
  const [first, second] = [randomUnit(P, 1, 0, P), randomUnit(P, 1, 1, P)];
  const overlap = dot(first, second);
  const across = second.map((x, j) => x - overlap * first[j]!);
  const unit = across.map((x) => x / norm(across));
  const centre = normals(P);
  const at = (a: number, b: number): Float32Array => centre.map((c, j) => c + a * first[j]! + b * unit[j]!);

  it('are those in which the points were planted', () => {
    // Σa² = 9 + 1 + 25, Σb² = 1 + 9 + 0, Σab = 3·1 − 1·3 + 0 = 0.
    const { u, v, explained } = principalDirections([at(3, 1), at(1, -3), at(-5, 0)], centre)!;
    expect(dot(u, first)).toBeCloseTo(-1, 5);
    expect(dot(v, unit)).toBeCloseTo(-1, 5);
    expect(explained[0]).toBeCloseTo(35 / 45, 5);
    expect(explained[1]).toBeCloseTo(10 / 45, 5);
  });

  it('do not depend on the order of the points', () => {
    const points = [at(3, 1), at(1, -3), at(-5, 0)];
    const [one, other] = [principalDirections(points, centre)!, principalDirections([...points].reverse(), centre)!];
    expect(dot(one.u, other.u)).toBeCloseTo(1, 5);
    expect(dot(one.v, other.v)).toBeCloseTo(1, 5);
  });

  it('of points on a line are one; of the centre, none', () => {
    const line = principalDirections([at(2, 0), at(-1, 0), centre], centre)!;
    expect(dot(line.u, first)).toBeCloseTo(1, 5);
    expect(norm(line.v)).toBe(0);
    expect(line.explained).toEqual([expect.closeTo(1, 6), 0]);
    expect(principalDirections([centre, centre], centre)).toBeNull();
    expect(principalDirections([], centre)).toBeNull();
  });
});
