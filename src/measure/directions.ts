/**
 * Directions in parameter space, theta [D + H], along which a loss is worth looking at: those in which the learned
 * covariance has much or little variance, those a training run took, and random ones to compare them with.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Gaussian } from '../core/gaussian.ts';
import { factorSpectrum, marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import { weightedGram } from '../core/woodbury.ts';
import type { ParameterTable } from '../model/architecture.ts';
import { SMALLEST_VARIANCE } from '../posterior/swag.ts';

/** A unit vector over theta [D + H], zero in the head, and the variance uᵀΣu of the posterior along it. */
export interface CovarianceDirection {
  u: Float32Array;
  variance: number;
}

/** Second coordinates of the random streams; planes use 0 (plane.ts). */
const FILTERS = 1;
const LOW_VARIANCE = 2;
const UNIT = 3;

/** Eigenvalues below this share of the largest are rounding. */
const ROUNDING = 1e-10;

/**
 * Filter normalisation (Li, Xu, Taylor, Studer & Goldstein 2018): each filter (first axis) of a weight tensor is a Gaussian
 * draw with the norm of theta's own; biases get 0. Extractor and head; not of unit norm.
 */
export function filterNormalised(theta: Float32Array, table: ParameterTable, seed: number, draw: number): Float32Array {
  const stream = new Stream(seed, 'plane', draw, FILTERS);
  const out = new Float32Array(theta.length);
  for (const { shape, offset, size } of table.entries) {
    if (shape.length < 2) continue;
    const length = size / shape[0]!;
    for (let from = offset; from < offset + size; from += length) {
      const drawn = Float64Array.from({ length }, () => stream.normal());
      const ratio = norm(theta.subarray(from, from + length)) / norm(drawn);
      drawn.forEach((x, j) => (out[from + j] = ratio * x));
    }
  }
  return out;
}

/**
 * The eigenvector of FᵀF with the `index`-th largest eigenvalue (0: the largest), over `size` = D + H weights. Null when
 * the factor has no such direction.
 */
export function covarianceDirection(posterior: Gaussian, index: number, size: number): CovarianceDirection | null {
  const { factor, rank, variance } = posterior;
  const d = variance.length;
  const { values, vectors } = factorSpectrum(posterior);
  const value = values[index];
  if (value === undefined || !(value > ROUNDING * values[0]!)) return null;
  const w = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    for (let k = 0; k < rank; k++) w[j]! += vectors[index]![k]! * factor[k * d + j]!;
  }
  return withVariance(posterior, w, size);
}

/**
 * A random direction in which the posterior is narrow: drawn from N(0, diag(1/s)), s the marginal variances, given that
 * it is orthogonal to every row of the factor. Weights that never moved (variance at its clamp) are left out: what the
 * covariance says of them is the clamp. Null when nothing is left. Over `size` = D + H weights.
 */
export function lowVarianceDirection(posterior: Gaussian, size: number, seed: number, draw: number): CovarianceDirection | null {
  const { factor, rank, variance } = posterior;
  const d = variance.length;
  const stream = new Stream(seed, 'plane', draw, LOW_VARIANCE);
  const clamp = Math.fround(SMALLEST_VARIANCE);
  const inverse = marginalVariances(posterior).map((s, j) => (variance[j]! > clamp ? 1 / Math.sqrt(s) : 0));
  const z = inverse.map((x) => (stream.normal() * (x > 0 ? 1 : 0)));
  const before = norm(z);
  // Where u = z/√s, F_k·u = 0 says that z is orthogonal to F_k/√s.
  const rows: Float64Array[] = [];
  for (let k = 0; k < rank; k++) {
    const row = inverse.map((x, j) => x * factor[k * d + j]!);
    const length = norm(row);
    removeAlong(row, rows);
    const rest = norm(row);
    if (rest > 1e-6 * length) rows.push(row.map((x) => x / rest));
  }
  removeAlong(z, rows);
  if (!(norm(z) > 1e-6 * before)) return null;
  return withVariance(posterior, z.map((x, j) => x * inverse[j]!), size);
}

/** Isotropic over the first `over` of `size` weights, of unit norm. */
export function randomUnit(size: number, seed: number, draw: number, over: number): Float32Array {
  const stream = new Stream(seed, 'plane', draw, UNIT);
  const drawn = Float64Array.from({ length: over }, () => stream.normal());
  return padded(drawn, 1 / norm(drawn), size);
}

export interface PrincipalDirections {
  /** Orthonormal, [P]; v is zero when all points lie on one line through the centre. */
  u: Float32Array;
  v: Float32Array;
  /** Shares of Σ|point − centre|² along u and v. */
  explained: [number, number];
}

/**
 * The two directions along which T points [P] lie farthest from `centre` (in squares; deviations are from the centre as
 * given, not from the points' mean), by the T×T Gram matrix in float64. Each points to where the farthest point lies. Null when
 * every point is the centre.
 */
export function principalDirections(points: readonly Float32Array[], centre: Float32Array): PrincipalDirections | null {
  const [t, p] = [points.length, centre.length];
  if (t === 0) return null;
  const deviations = new Float64Array(t * p);
  points.forEach((point, i) => {
    for (let j = 0; j < p; j++) deviations[i * p + j] = point[j]! - centre[j]!;
  });
  const lower = new Float64Array(t * t);
  weightedGram(deviations, t, p, new Float64Array(p).fill(1), lower);
  const gram = Matrix.zeros(t, t);
  for (let i = 0; i < t; i++) {
    for (let k = 0; k <= i; k++) gram.set(i, k, lower[i * t + k]!).set(k, i, lower[i * t + k]!);
  }
  const total = gram.trace();
  if (!(total > 0 && total < Infinity)) return null;
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const along = (which: number): { unit: Float32Array; share: number } => {
    const value = realEigenvalues[order[which] ?? -1] ?? 0;
    if (!(value > ROUNDING * total)) return { unit: new Float32Array(p), share: 0 };
    const shares = eigenvectorMatrix.getColumn(order[which]!);
    const farthest = shares.reduce((most, share) => (Math.abs(share) > Math.abs(most) * (1 + 1e-9) ? share : most), 0);
    const out = new Float64Array(p);
    shares.forEach((share, i) => {
      for (let j = 0; j < p; j++) out[j]! += share * deviations[i * p + j]!;
    });
    return { unit: padded(out, Math.sign(farthest) / norm(out), p), share: value / total };
  };
  const [first, second] = [along(0), along(1)];
  return { u: first.unit, v: second.unit, explained: [first.share, second.share] };
}

/** w [D] at unit norm as a direction of theta, with uᵀ(diag(variance) + FᵀF)u. */
function withVariance({ variance, factor, rank }: Gaussian, w: Float64Array, size: number): CovarianceDirection {
  const d = variance.length;
  const length = norm(w);
  let sum = 0;
  for (let j = 0; j < d; j++) sum += variance[j]! * (w[j]! / length) ** 2;
  for (let k = 0; k < rank; k++) {
    let along = 0;
    for (let j = 0; j < d; j++) along += factor[k * d + j]! * w[j]!;
    sum += (along / length) ** 2;
  }
  return { u: padded(w, 1 / length, size), variance: sum };
}

/** r minus its parts along unit vectors, in place; twice, so that rounding leaves nothing behind. */
function removeAlong(r: Float64Array, units: readonly Float64Array[]): void {
  for (const unit of [...units, ...units]) {
    let along = 0;
    for (let j = 0; j < r.length; j++) along += r[j]! * unit[j]!;
    for (let j = 0; j < r.length; j++) r[j]! -= along * unit[j]!;
  }
}

function padded(x: Float64Array, factor: number, size: number): Float32Array {
  const out = new Float32Array(size);
  for (let j = 0; j < x.length; j++) out[j] = factor * x[j]!;
  return out;
}

function norm(x: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += x[j]! * x[j]!;
  return Math.sqrt(sum);
}
