/**
 * Solves with M = diag(A) + λFᵀF, A_j = λ·variance_j + shift, F [K, D], by Woodbury's identity:
 *
 *   M⁻¹ r = A⁻¹r − A⁻¹Fᵀ S⁻¹ F A⁻¹ r,   S = I/λ + F A⁻¹ Fᵀ  (K×K, Cholesky in float64)
 *
 * so that neither √λ·F nor anything of size D×D is ever formed. `shift` is the prior's floor ε for M = Σ and ε + c for
 * M = Σ + cI. Inner loops read the float32 arrays once for up to four rows of F and accumulate in float64 scalars.
 */
import { choleskyInPlace, choleskyLogDeterminant, choleskySolve } from './cholesky.ts';
import type { Gaussian } from './gaussian.ts';

/** A vector over the weights, [D] (or longer: only the first D numbers are read). */
export type Vector = Float32Array | Float64Array;

/** A K×K factorisation that is rebuilt in place for every new shift. */
export class Woodbury {
  readonly dimension: number;
  readonly rank: number;
  readonly #gaussian: Gaussian;
  readonly #scale: number;
  /** Lower Cholesky factor of S, [K, K]. */
  readonly #lower: Float64Array;
  /** 1/A_j, [D]; empty at rank 0, where nothing needs it twice. */
  readonly #inverse: Float64Array;
  #shift = NaN;

  /** Throws RangeError on a scale that is not positive and finite or on arrays whose lengths disagree. */
  constructor(gaussian: Gaussian, scale: number) {
    const dimension = gaussian.mean.length;
    if (!(scale > 0 && scale < Infinity)) throw new RangeError(`The scale of a prior must be positive and finite, not ${scale}.`);
    if (gaussian.variance.length !== dimension || gaussian.factor.length !== gaussian.rank * dimension) {
      throw new RangeError('The mean, variance and factor of a Gaussian disagree in length.');
    }
    this.#gaussian = gaussian;
    this.#scale = scale;
    this.dimension = dimension;
    this.rank = gaussian.rank;
    this.#lower = new Float64Array(this.rank * this.rank);
    this.#inverse = new Float64Array(this.rank > 0 ? dimension : 0);
  }

  /** Builds S for this shift ≥ 0: about K²D/2 multiplications, next to no allocation. Does nothing when the shift is unchanged. */
  prepare(shift: number): void {
    if (shift === this.#shift) return;
    if (!(shift >= 0 && shift < Infinity)) throw new RangeError(`The shift of a covariance must be at least 0 and finite, not ${shift}.`);
    this.#shift = NaN;
    if (this.rank > 0) {
      const { variance, factor } = this.#gaussian;
      const inverse = this.#inverse;
      for (let j = 0; j < this.dimension; j++) inverse[j] = 1 / (this.#scale * variance[j]! + shift);
      weightedGram(factor, this.rank, this.dimension, inverse, this.#lower);
      for (let k = 0; k < this.rank; k++) this.#lower[k * this.rank + k]! += 1 / this.#scale;
      choleskyInPlace(this.#lower, this.rank);
    }
    this.#shift = shift;
  }

  /** z [K] = F A⁻¹ r for r [D] = x − origin (origin null: r = x). */
  project(x: Vector, origin: Vector | null, z: Float64Array): void {
    const { factor } = this.#gaussian;
    const inverse = this.#inverse;
    const d = this.dimension;
    let k = 0;
    for (; k + 4 <= this.rank; k += 4) {
      const r0 = k * d;
      const r1 = r0 + d;
      const r2 = r1 + d;
      const r3 = r2 + d;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let j = 0; j < d; j++) {
        const t = (origin === null ? x[j]! : x[j]! - origin[j]!) * inverse[j]!;
        s0 += factor[r0 + j]! * t;
        s1 += factor[r1 + j]! * t;
        s2 += factor[r2 + j]! * t;
        s3 += factor[r3 + j]! * t;
      }
      z[k] = s0;
      z[k + 1] = s1;
      z[k + 2] = s2;
      z[k + 3] = s3;
    }
    for (; k < this.rank; k++) {
      const row = k * d;
      let s = 0;
      for (let j = 0; j < d; j++) s += factor[row + j]! * (origin === null ? x[j]! : x[j]! - origin[j]!) * inverse[j]!;
      z[k] = s;
    }
  }

  /** Replaces z [K] by S⁻¹z. */
  solve(z: Float64Array): void {
    choleskySolve(this.#lower, this.rank, z);
  }

  /** log|M| = log|S| + K log λ + Σ log A_j. */
  logDeterminant(): number {
    let sum = choleskyLogDeterminant(this.#lower, this.rank) + this.rank * Math.log(this.#scale);
    for (let j = 0; j < this.dimension; j++) sum += Math.log(this.#scale * this.#gaussian.variance[j]! + this.#shift);
    return sum;
  }
}

/** Lower triangle of `out` [K, K] = F diag(weights) Fᵀ, F [K, D]; tiles of 4×2 keep the loads below the multiplications. */
export function weightedGram(factor: Vector, rank: number, d: number, weights: Float64Array, out: Float64Array): void {
  // Rows beyond the last are read as the last and not written.
  const last = (rank - 1) * d;
  const tile = new Float64Array(8);
  for (let a = 0; a < rank; a += 4) {
    const a0 = a * d;
    const a1 = Math.min(a0 + d, last);
    const a2 = Math.min(a1 + d, last);
    const a3 = Math.min(a2 + d, last);
    for (let b = 0; b < Math.min(rank, a + 4); b += 2) {
      const b0 = b * d;
      const b1 = Math.min(b0 + d, last);
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      let s20 = 0;
      let s21 = 0;
      let s30 = 0;
      let s31 = 0;
      for (let j = 0; j < d; j++) {
        const weight = weights[j]!;
        const q0 = factor[b0 + j]! * weight;
        const q1 = factor[b1 + j]! * weight;
        const p0 = factor[a0 + j]!;
        const p1 = factor[a1 + j]!;
        const p2 = factor[a2 + j]!;
        const p3 = factor[a3 + j]!;
        s00 += p0 * q0;
        s01 += p0 * q1;
        s10 += p1 * q0;
        s11 += p1 * q1;
        s20 += p2 * q0;
        s21 += p2 * q1;
        s30 += p3 * q0;
        s31 += p3 * q1;
      }
      tile.set([s00, s01, s10, s11, s20, s21, s30, s31]);
      for (let i = a; i < Math.min(rank, a + 4); i++) {
        for (let k = b; k <= Math.min(i, b + 1); k++) out[i * rank + k] = tile[2 * (i - a) + k - b]!;
      }
    }
  }
}

/** out [D] (float64) = Fᵀz, F [K, D], z [K]: four rows of F a pass. */
export function combineRows(factor: Vector, rank: number, d: number, z: Float64Array, out: Float64Array): void {
  out.fill(0, 0, d);
  let k = 0;
  for (; k + 4 <= rank; k += 4) {
    const r0 = k * d;
    const r1 = r0 + d;
    const r2 = r1 + d;
    const r3 = r2 + d;
    const z0 = z[k]!;
    const z1 = z[k + 1]!;
    const z2 = z[k + 2]!;
    const z3 = z[k + 3]!;
    for (let j = 0; j < d; j++) {
      out[j]! += z0 * factor[r0 + j]! + z1 * factor[r1 + j]! + z2 * factor[r2 + j]! + z3 * factor[r3 + j]!;
    }
  }
  for (; k < rank; k++) {
    const row = k * d;
    const zk = z[k]!;
    for (let j = 0; j < d; j++) out[j]! += zk * factor[row + j]!;
  }
}
