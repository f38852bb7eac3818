/** The low-rank algebra against dense float64 linear algebra (ml-matrix), and the proximal step at the sizes it works at. */
import { CholeskyDecomposition, determinant, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { choleskyInPlace, choleskyLogDeterminant, choleskySolve } from './cholesky.ts';
import type { Gaussian, ScaledGaussian } from './gaussian.ts';
import { prepare, proximal, ProximalStep } from './lowrank.ts';
import { Stream } from './philox.ts';

function randomGaussian(d: number, rank: number, seed = 1, spread = 1): Gaussian {
  const stream = new Stream(seed, 'planted', d, rank);
  return {
    mean: Float32Array.from({ length: d }, () => stream.normal()),
    variance: Float32Array.from({ length: d }, () => Math.exp(spread * stream.normal())),
    factor: Float32Array.from({ length: rank * d }, () => stream.normal()),
    rank,
  };
}

/** Σ [D, D], dense. */
function dense({ gaussian, scale, floor }: ScaledGaussian): Matrix {
  const d = gaussian.mean.length;
  const sigma = Matrix.diag([...gaussian.variance].map((v) => scale * v + floor));
  if (gaussian.rank === 0) return sigma;
  const f = Matrix.from1DArray(gaussian.rank, d, [...gaussian.factor]);
  return sigma.add(f.transpose().mmul(f).mul(scale));
}

function column(values: ArrayLike<number>): Matrix {
  return Matrix.columnVector(Array.from(values));
}

const cases = [0, 1, 2, 3, 4, 5, 9].flatMap((rank) => [
  { rank, scale: 1, floor: 0 }, { rank, scale: 0.03, floor: 0.2 }, { rank, scale: 1e4, floor: 0 },
]);

describe('Cholesky in place', () => {
  it('agrees with ml-matrix and refuses an indefinite matrix', () => {
    const g = Matrix.from1DArray(4, 6, [...randomGaussian(6, 4).factor]);
    const a = g.mmul(g.transpose()).add(Matrix.eye(4));
    const lower = Float64Array.from(a.to1DArray());
    choleskyInPlace(lower, 4);
    expect(choleskyLogDeterminant(lower, 4)).toBeCloseTo(Math.log(determinant(a)), 10);
    const b = Float64Array.from([1, -2, 3, 0.5]);
    const want = new CholeskyDecomposition(a).solve(column(b)).to1DArray();
    choleskySolve(lower, 4, b);
    want.forEach((x, i) => expect(b[i]).toBeCloseTo(x, 10));
    expect(() => choleskyInPlace(Float64Array.from([1, 2, 2, 1]), 2)).toThrow(RangeError);
    expect(() => choleskyInPlace(Float64Array.from([NaN]), 1)).toThrow(RangeError);
  });
});

describe.each(cases)('Gaussian of rank $rank at scale $scale, floor $floor against dense algebra', ({ rank, scale, floor }) => {
  const d = 12;
  const prior = { gaussian: randomGaussian(d, rank), scale, floor };
  const sigma = dense(prior);
  const precision = inverse(sigma);
  const stream = new Stream(2, 'planted', rank);
  const w = Float32Array.from({ length: d }, () => 3 * stream.normal());
  const residual = column(w).sub(column(prior.gaussian.mean));
  const prepared = prepare(prior);

  it('has the log determinant and log density', () => {
    const logDeterminant = 2 * new CholeskyDecomposition(sigma).lowerTriangularMatrix.diagonal().reduce((sum, l) => sum + Math.log(l), 0);
    expect(prepared.logDeterminant).toBeCloseTo(logDeterminant, 8);
    const quadratic = residual.transpose().mmul(precision).mmul(residual).get(0, 0);
    expect(prepared.logDensity(w)).toBeCloseTo(-0.5 * (quadratic + logDeterminant + d * Math.log(2 * Math.PI)), 7);
  });

  it('has the gradient', () => {
    const want = precision.mmul(residual).to1DArray();
    const got = new Float64Array(d);
    prepared.gradient(w, got);
    const size = Math.hypot(...want);
    want.forEach((x, j) => expect(Math.abs(got[j]! - x)).toBeLessThan(1e-10 * size));

    // Asked again, elsewhere, as part of a whole theta: the same numbers, the rest untouched.
    const whole = new Float64Array(d + 2).fill(8);
    prepared.gradient(Float32Array.from({ length: d + 2 }, () => 1), whole);
    prepared.gradient(Float32Array.from([...w, 5, 5]), whole);
    expect([...whole]).toEqual([...got, 8, 8]);
  });

  it('has the quadratic on a plane', () => {
    const u = Float64Array.from({ length: d }, () => stream.normal());
    const v = Float64Array.from({ length: d }, () => stream.normal());
    const [c0, c1, c2, c3, c4, c5] = prepared.quadraticOnPlane(w, u, v);
    for (const [a, b] of [[0, 0], [1, 0], [0, 1], [-2, 3], [0.3, -0.7]] as const) {
      const r = residual.clone().add(column(u).mul(a)).add(column(v).mul(b));
      const want = 0.5 * r.transpose().mmul(precision).mmul(r).get(0, 0);
      const got = c0 * a * a + c1 * a * b + c2 * b * b + c3 * a + c4 * b + c5;
      expect(Math.abs(got - want)).toBeLessThan(1e-9 * Math.max(c5, want));
    }
  });

  it.each([0, 1e-4, 0.5, 300])('takes the proximal step with c = %s', (c) => {
    const solve = inverse(sigma.clone().add(Matrix.eye(d).mul(c)));
    const want = column(w).sub(solve.mmul(residual).mul(c)).to1DArray();
    const out = new Float32Array(d);
    proximal(prior, c).apply(w, out);
    want.forEach((x, j) => expect(Math.abs(out[j]! - x)).toBeLessThan(3e-7 * Math.max(1, Math.abs(x))));
  });
});

describe('proximal step', () => {
  it('can be prepared again, works in place, and leaves the rest of theta alone', () => {
    const prior = { gaussian: randomGaussian(12, 3), scale: 2, floor: 0.1 };
    const theta = Float32Array.from({ length: 15 }, (_, i) => i - 6);
    const want = new Float32Array(12);
    proximal(prior, 0.7).apply(theta, want);
    const step = new ProximalStep(prior).prepare(5).prepare(0.7);
    step.apply(theta, theta);
    expect([...theta.subarray(0, 12)]).toEqual([...want]);
    expect([...theta.subarray(12)]).toEqual([6, 7, 8]);
  });

  it('minimises ½|w − y|² − c·log p(w)', () => {
    const prior = { gaussian: randomGaussian(12, 4), scale: 0.5, floor: 0 };
    const y = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
    const w = new Float32Array(12);
    proximal(prior, 0.3).apply(y, w);
    const pull = new Float64Array(12);
    prepare(prior).gradient(w, pull);
    for (let j = 0; j < 12; j++) expect(w[j]! - y[j]! + 0.3 * pull[j]!).toBeCloseTo(0, 5);
  });

  it('refuses scales and steps that mean nothing', () => {
    const gaussian = randomGaussian(3, 1);
    expect(() => proximal({ gaussian, scale: 0, floor: 0 }, 1)).toThrow(RangeError);
    expect(() => proximal({ gaussian, scale: NaN, floor: 0 }, 1)).toThrow(RangeError);
    expect(() => proximal({ gaussian, scale: 1, floor: 0 }, -1)).toThrow(RangeError);
    expect(() => prepare({ gaussian: { ...gaussian, rank: 2 }, scale: 1, floor: 0 })).toThrow(RangeError);
  });
});

/**
 * The step in plain float64, by the textbook formula: explicit C = I + GA⁻¹Gᵀ through ml-matrix, y − c·M⁻¹r in full.
 * Its own cancellation is below 1e-9 of |r| at these sizes.
 */
function reference({ gaussian, scale, floor }: ScaledGaussian, c: number, y: Float32Array): Float64Array {
  const { mean, variance, factor, rank } = gaussian;
  const d = mean.length;
  const a = Float64Array.from(variance, (v) => scale * v + floor + c);
  const r = Float64Array.from(y, (x, j) => x - mean[j]!);
  const capacitance = Matrix.eye(rank);
  const projected = Matrix.zeros(rank, 1);
  for (let k = 0; k < rank; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += (factor[k * d + j]! * factor[l * d + j]!) / a[j]!;
      capacitance.set(k, l, capacitance.get(k, l) + scale * sum);
      if (l < k) capacitance.set(l, k, scale * sum);
    }
    let sum = 0;
    for (let j = 0; j < d; j++) sum += (factor[k * d + j]! * r[j]!) / a[j]!;
    projected.set(k, 0, Math.sqrt(scale) * sum);
  }
  const z = inverse(capacitance, true).mmul(projected).to1DArray();
  return r.map((rj, j) => {
    let pulled = 0;
    for (let k = 0; k < rank; k++) pulled += Math.sqrt(scale) * factor[k * d + j]! * z[k]!;
    return y[j]! - (c * (rj - pulled)) / a[j]!;
  });
}

describe('proximal step at full size (D = 23,296, K = 20)', () => {
  const d = 23_296;
  const rank = 20;
  const stream = new Stream(5, 'planted');
  const gaussian: Gaussian = {
    mean: Float32Array.from({ length: d }, () => 0.2 * stream.normal()),
    // SWAG's own spread, with one weight in ten at the clamp.
    variance: Float32Array.from({ length: d }, (_, j) => (j % 10 === 0 ? 1e-8 : 2e-5 * Math.exp(stream.normal()))),
    factor: Float32Array.from({ length: rank * d }, (_, i) => (i < d ? 1e-2 : 1e-3) * stream.normal()),
    rank,
  };
  const y = Float32Array.from(gaussian.mean, (m) => m + 0.05 * stream.normal());
  const tightness = Array.from({ length: 11 }, (_, i) => 10 ** (i - 3));

  it.each(tightness)('agrees with float64 at scale %s', (scale) => {
    const prior = { gaussian, scale, floor: 0 };
    const out = new Float32Array(d);
    for (const c of [1e-3, 1e-6]) {
      proximal(prior, c).apply(y, out);
      const want = reference(prior, c, y);
      let error = 0;
      let size = 0;
      for (let j = 0; j < d; j++) {
        error += (out[j]! - want[j]!) ** 2;
        size += (want[j]! - gaussian.mean[j]!) ** 2;
      }
      // Against the whole, and against the distance from the mean up to the rounding of float32 around it.
      expect(Math.sqrt(error)).toBeLessThan(1e-5 * Math.sqrt(size) + 1e-8 * Math.sqrt(d));
      expect(Number.isFinite(error)).toBe(true);
    }
  });

  it.each(tightness)('only ever comes closer to the mean when repeated, at scale %s', (scale) => {
    const step = proximal({ gaussian, scale, floor: 0 }, 1e-3);
    const w = y.slice();
    const distance = (): number => Math.sqrt(w.reduce((sum, x, j) => sum + (x - gaussian.mean[j]!) ** 2, 0));
    let before = distance();
    for (let i = 0; i < 5; i++) {
      step.apply(w, w);
      const after = distance();
      expect(after).toBeLessThanOrEqual(before * (1 + 1e-6));
      before = after;
    }
  });
});

describe('draws', () => {
  it.each([0, 3])('have the mean and covariance of the Gaussian (rank %s)', (rank) => {
    const d = 4;
    const prior = { gaussian: randomGaussian(d, rank), scale: 0.5, floor: 0.1 };
    const sigma = dense(prior);
    const prepared = prepare(prior);
    const stream = new Stream(9, 'draw');
    const n = 40_000;
    const sum = new Float64Array(d);
    const products = Matrix.zeros(d, d);
    const w = new Float32Array(d);
    for (let i = 0; i < n; i++) {
      prepared.draw(stream, w);
      for (let a = 0; a < d; a++) {
        const ra = w[a]! - prior.gaussian.mean[a]!;
        sum[a]! += ra;
        for (let b = 0; b < d; b++) products.set(a, b, products.get(a, b) + ra * (w[b]! - prior.gaussian.mean[b]!));
      }
    }
    for (let a = 0; a < d; a++) {
      expect(Math.abs(sum[a]! / n)).toBeLessThan(5 * Math.sqrt(sigma.get(a, a) / n));
      for (let b = 0; b < d; b++) {
        const error = Math.sqrt((sigma.get(a, a) * sigma.get(b, b) + sigma.get(a, b) ** 2) / n);
        expect(Math.abs(products.get(a, b) / n - sigma.get(a, b))).toBeLessThan(5 * error);
      }
    }
  });
});
