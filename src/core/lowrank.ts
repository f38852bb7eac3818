/**
 * The algebra of a prior N(mean, Σ), Σ = λ·(diag(variance) + FᵀF) + ε·I over w [D] (DESIGN §5): density, gradient,
 * inner products, draws, and the implicit (proximal) step of MAP training. Everything K×K is float64; O(KD) a call.
 */
import type { Gaussian, ScaledGaussian } from './gaussian.ts';
import type { Stream } from './philox.ts';
import { combineRows, Woodbury } from './woodbury.ts';
import type { Vector } from './woodbury.ts';

export type { Vector } from './woodbury.ts';

/** A prior with its K×K factorisation done: ask it as often as you like. Not to be used once the Gaussian's arrays change. */
export class PreparedGaussian {
  readonly dimension: number;
  /** log|Σ|. */
  readonly logDeterminant: number;
  readonly #prior: ScaledGaussian;
  readonly #woodbury: Woodbury;
  /** Scratch of `gradient`, made when it is first asked for: F(…) [K] and Fᵀz [D]. */
  #scratch: { z: Float64Array; pulled: Float64Array } | null = null;

  constructor(prior: ScaledGaussian) {
    this.#prior = prior;
    this.#woodbury = new Woodbury(prior.gaussian, prior.scale);
    this.#woodbury.prepare(prior.floor);
    this.dimension = this.#woodbury.dimension;
    this.logDeterminant = this.#woodbury.logDeterminant();
  }

  /** log p(w) in nats, w [D]. */
  logDensity(w: Vector): number {
    const r = this.#residual(w);
    return -0.5 * (this.innerProduct(r, r) + this.logDeterminant + this.dimension * Math.log(2 * Math.PI));
  }

  /** r₁ᵀ Σ⁻¹ r₂ for r₁, r₂ [D] (differences of weights, not weights). */
  innerProduct(r1: Vector, r2: Vector): number {
    const { gaussian, scale, floor } = this.#prior;
    let sum = 0;
    for (let j = 0; j < this.dimension; j++) sum += (r1[j]! * r2[j]!) / (scale * gaussian.variance[j]! + floor);
    if (gaussian.rank === 0) return sum;
    const z1 = new Float64Array(gaussian.rank);
    const z2 = new Float64Array(gaussian.rank);
    this.#woodbury.project(r1, null, z1);
    this.#woodbury.project(r2, null, z2);
    this.#woodbury.solve(z2);
    for (let k = 0; k < gaussian.rank; k++) sum -= z1[k]! * z2[k]!;
    return sum;
  }

  /** out[0…D) = −∇ log p(w) = Σ⁻¹(w − mean), w [D] (both may be longer: the rest is left alone). Allocates at its first call only. */
  gradient(w: Vector, out: Vector): void {
    const { gaussian, scale, floor } = this.#prior;
    const { mean, variance, factor, rank } = gaussian;
    const d = this.dimension;
    if (rank === 0) {
      for (let j = 0; j < d; j++) out[j] = (w[j]! - mean[j]!) / (scale * variance[j]! + floor);
      return;
    }
    this.#scratch ??= { z: new Float64Array(rank), pulled: new Float64Array(d) };
    const { z, pulled } = this.#scratch;
    this.#woodbury.project(w, mean, z);
    this.#woodbury.solve(z);
    combineRows(factor, rank, d, z, pulled);
    for (let j = 0; j < d; j++) out[j] = (w[j]! - mean[j]! - pulled[j]!) / (scale * variance[j]! + floor);
  }

  /**
   * −log p on the plane origin + a·u + b·v, up to the constant ½(log|Σ| + D log 2π):
   * coefficients [c0…c5] of c0·a² + c1·ab + c2·b² + c3·a + c4·b + c5. All vectors [D].
   */
  quadraticOnPlane(origin: Vector, u: Vector, v: Vector): [number, number, number, number, number, number] {
    const r = this.#residual(origin);
    return [
      0.5 * this.innerProduct(u, u), this.innerProduct(u, v), 0.5 * this.innerProduct(v, v),
      this.innerProduct(r, u), this.innerProduct(r, v), 0.5 * this.innerProduct(r, r),
    ];
  }

  /** A draw w = mean + √P∘ξ₁ + Gᵀξ₂ with P = λ·variance + ε and G = √λ·F; fills and returns `out` [D]. */
  draw(stream: Stream, out = new Float32Array(this.dimension)): Float32Array {
    const { gaussian, scale, floor } = this.#prior;
    const z = Float64Array.from({ length: gaussian.rank }, () => Math.sqrt(scale) * stream.normal());
    const along = new Float64Array(this.dimension);
    combineRows(gaussian.factor, gaussian.rank, this.dimension, z, along);
    for (let j = 0; j < this.dimension; j++) {
      out[j] = gaussian.mean[j]! + Math.sqrt(scale * gaussian.variance[j]! + floor) * stream.normal() + along[j]!;
    }
    return out;
  }

  #residual(w: Vector): Float64Array {
    const { mean } = this.#prior.gaussian;
    const r = new Float64Array(this.dimension);
    for (let j = 0; j < this.dimension; j++) r[j] = w[j]! - mean[j]!;
    return r;
  }
}

/** Throws RangeError on a scale that is not positive and finite or a floor below 0. */
export function prepare(prior: ScaledGaussian): PreparedGaussian {
  return new PreparedGaussian(prior);
}

/**
 * The implicit prior step y ↦ y − c·(Σ + cI)⁻¹(y − mean), c = η/N: the minimiser of ½|w − y|² − c·log p(w). With
 * P = λ·variance + ε, A = P + c and r = y − mean it is computed as mean + (P∘r + c·Fᵀz)/A, z = S⁻¹FA⁻¹r, in which
 * nothing cancels, so it is as exact for a tight prior (λ → 0) as for a loose one.
 *
 * One object may serve every chain with the same prior, scale and c. `prepare(c)` costs K²D/2 and allocates next to nothing
 * (an unchanged c costs nothing); `apply` costs 2KD and allocates nothing. Rank 0 does no K×K work.
 */
export class ProximalStep {
  readonly #gaussian: Gaussian;
  readonly #scale: number;
  readonly #floor: number;
  readonly #woodbury: Woodbury;
  readonly #z: Float64Array;
  /** Fᵀz, [D]; empty at rank 0. */
  readonly #pulled: Float64Array;
  #c = NaN;

  constructor(prior: ScaledGaussian) {
    this.#gaussian = prior.gaussian;
    this.#scale = prior.scale;
    this.#floor = prior.floor;
    this.#woodbury = new Woodbury(prior.gaussian, prior.scale);
    this.#z = new Float64Array(prior.gaussian.rank);
    this.#pulled = new Float64Array(prior.gaussian.rank > 0 ? prior.gaussian.mean.length : 0);
  }

  /** Makes ready for this c ≥ 0 and returns itself. Throws RangeError on a c that is negative or not finite. */
  prepare(c: number): this {
    if (!(c >= 0)) throw new RangeError(`The step of a proximal operator must be at least 0, not ${c}.`);
    this.#woodbury.prepare(this.#floor + c);
    this.#c = c;
    return this;
  }

  /** out[0…D) from y[0…D); `out` may be `y`, and both may be longer than D (a whole theta): the rest is left alone. */
  apply(y: Float32Array, out: Float32Array): void {
    const { mean, variance, factor, rank } = this.#gaussian;
    const scale = this.#scale;
    const floor = this.#floor;
    const c = this.#c;
    const d = mean.length;
    if (rank === 0) {
      for (let j = 0; j < d; j++) {
        const p = scale * variance[j]! + floor;
        const centre = mean[j]!;
        out[j] = centre + (p * (y[j]! - centre)) / (p + c);
      }
      return;
    }
    const pulled = this.#pulled;
    this.#woodbury.project(y, mean, this.#z);
    this.#woodbury.solve(this.#z);
    combineRows(factor, rank, d, this.#z, pulled);
    for (let j = 0; j < d; j++) {
      const p = scale * variance[j]! + floor;
      const centre = mean[j]!;
      out[j] = centre + (p * (y[j]! - centre) + c * pulled[j]!) / (p + c);
    }
  }
}

/** A proximal step ready for c (see ProximalStep). */
export function proximal(prior: ScaledGaussian, c: number): ProximalStep {
  return new ProximalStep(prior).prepare(c);
}
