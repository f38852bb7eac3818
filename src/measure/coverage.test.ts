/** Priors that cover a part of the weights, held against dense algebra: the marginal's precision bordered by zeros. */
import { inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { prepare, proximal } from '../core/lowrank.ts';
import { marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import { denseCovariance } from '../inference/testing.ts';
import { coefficientsAt, PriorSections } from './quadratic.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import { along, type Covered, coveredBy, COVERS, type Covers, marginal, onAll, putWithin, sizeOf, UNCOVERED, within } from '../prior/coverage.ts';
import { build } from '../prior/families.ts';
import { SWAG_FAMILIES } from '../prior/prior.ts';
import { shiftPrior, SHIFT_VARIANTS } from '../prior/variants.ts';

const input = { height: 8, width: 8, channels: 1 };
const small = parameterTable(buildArchitecture('convnet-s', { widths: [2, 3], input, classes: 2 })).entries;
const d = 18 + 2 + 54 + 3;
const stream = new Stream(4, 'planted');
const normals = (length: number, scale: number) => Float32Array.from({ length }, () => scale * stream.normal());
const posterior: Gaussian = { mean: normals(d, 0.3), variance: normals(d, 1).map((x) => 1e-5 * Math.exp(x)), factor: normals(3 * d, 5e-3), rank: 3 };
const indices = (covered: Covered) => covered!.flatMap(({ offset, size }) => Array.from({ length: size }, (_, i) => offset + i));
const trace = (gaussian: Gaussian) => marginalVariances(gaussian).reduce((sum, x) => sum + x, 0);
const names = (covers: Covers, entries = small) => coveredBy(covers, entries)?.map(({ name }) => name);
const PARTS = COVERS.filter((covers) => covers !== 'all');

describe('what is covered', () => {
  it('is told by the parameter table, blocks of residual networks whole', () => {
    expect(coveredBy('all', small)).toBeNull();
    expect(names('weights')).toEqual(['conv1.weight', 'conv2.weight']);
    expect(names('last-block')).toEqual(['conv2.weight', 'conv2.bias']);
    const resnet = parameterTable(buildArchitecture('resnet-14', { widths: [4, 4, 8], input, classes: 2 })).entries;
    expect(names('last-block', resnet)).toEqual(resnet.flatMap(({ name }) => (name.startsWith('layer3.1.') ? [name] : [])));
    expect(names('weights', resnet)!.some((name) => /norm|bias|shortcut\.1/.test(name))).toBe(false);
    const shallow = parameterTable(buildArchitecture('mlp', { widths: [3], input, classes: 2 })).entries;
    expect(coveredBy('last-block', shallow)).toBeNull();
  });

  it('is taken out of a vector and put back', () => {
    const covered = coveredBy('weights', small)!;
    const theta = normals(d + 4, 1);
    const inner = within(theta, covered, d);
    expect([...inner]).toEqual([...indices(covered), d, d + 1, d + 2, d + 3].map((j) => theta[j]));
    expect(putWithin(inner, covered, theta, d)).toEqual(theta);
    const u = along(normals(d, 1), covered);
    expect(u.filter((x, j) => x !== 0 && !indices(covered).includes(j))).toHaveLength(0);
  });
});

describe.each(PARTS)('a prior that covers %s', (covers) => {
  const covered = coveredBy(covers, small)!;
  const C = indices(covered);

  it('has the trace of the covered weights in every family, of their own variances', () => {
    const own = trace(marginal(posterior, covered));
    expect(own).toBeCloseTo(C.reduce((sum, j) => sum + marginalVariances(posterior)[j]!, 0), 9);
    for (const family of SWAG_FAMILIES) {
      const prior = build(family, posterior, small, covers);
      expect(trace(marginal(prior, covered)) / own).toBeCloseTo(1, 5);
      expect(new Set(prior.variance.filter((_, j) => !C.includes(j)))).toEqual(new Set([UNCOVERED]));
    }
    for (const variant of SHIFT_VARIANTS) {
      const runs: Gaussian = { ...posterior, mean: normals(d, 0.3), variance: posterior.variance.map((v, j) => v * (1 + (j % 5))) };
      const prior = shiftPrior(variant, runs, posterior, covered, 1);
      expect(trace(marginal(prior, covered)) / own).toBeCloseTo(1, 5);
      expect(prior.variance.filter((v) => v === UNCOVERED)).toHaveLength(d - sizeOf(covered, d));
    }
  });

  it.each(SWAG_FAMILIES)('%s: energy, gradient, implicit step and surface are those of the bordered dense precision', (family) => {
    const gaussian = build(family, posterior, small, covers);
    const scaled = { gaussian, scale: 300, floor: 1e-4 };
    const precision = Matrix.zeros(d, d);
    const inner = inverse(denseCovariance({ ...scaled, gaussian: marginal(gaussian, covered) }));
    C.forEach((i, a) => C.forEach((j, b) => precision.set(i, j, inner.get(a, b))));
    const [w, u, v] = [normals(d, 0.4), normals(d, 0.2), normals(d, 0.2)];
    const r = Matrix.columnVector(Array.from(w, (x, j) => x - gaussian.mean[j]!));
    const near = (found: ArrayLike<number>, exact: number[], share: number) => {
      const largest = Math.max(...exact.map(Math.abs));
      exact.forEach((x, j) => expect(Math.abs(found[j]! - x)).toBeLessThan(share * largest));
    };
    const out = new Float64Array(d);
    const prepared = prepare(scaled);
    prepared.gradient(w, out);
    near(out, precision.mmul(r).to1DArray(), 1e-6);
    expect(prepared.innerProduct(u, v) / Matrix.rowVector([...u]).mmul(precision).mmul(Matrix.columnVector([...v])).get(0, 0)).toBeCloseTo(1, 5);

    // argmin ½|x − w|² + ½c·rᵀPr: (I + cP)(x − mean) = w − mean.
    const c = 1e-3;
    const step = new Float32Array(d);
    proximal(scaled, c).apply(w, step);
    near(step, inverse(Matrix.eye(d).add(precision.clone().mul(c))).mmul(r).to1DArray().map((x, j) => x + gaussian.mean[j]!), 1e-5);

    const line = coefficientsAt(new PriorSections(gaussian).onLine({ origin: w, u, length: 1 }, 0), scaled.scale, scaled.floor);
    const product = (x: Matrix, y: Matrix) => x.transpose().mmul(precision).mmul(y).get(0, 0);
    const along = Matrix.columnVector([...u]);
    near(line, [product(along, along) / 2, product(r, along), product(r, r) / 2], 1e-4);
  });

  it('is on all weights what its marginal is on the covered ones', () => {
    const inner = marginal(posterior, covered);
    expect(marginal(onAll(inner, covered, posterior.mean), covered)).toEqual(inner);
  });
});
