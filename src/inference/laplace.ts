/**
 * Laplace's approximation (MacKay 1992; Daxberger et al. 2021): around the MAP solution θ* the posterior is N(θ*, Λ⁻¹), Λ the curvature of −log p(θ, D)
 * there, with the generalised Gauss–Newton matrix in place of the Hessian of the NLL. At temperature T the draws are of N(θ*, T·Λ⁻¹).
 *
 * All of theta, with the diagonal H of that matrix. Under the low-rank prior Σ = diag(P) + λFᵀF (P = λ·variance + ε) Woodbury's identity, twice, gives
 *   (diag(H) + Σ⁻¹)⁻¹ = diag(P/(1 + HP)) + GᵀQ⁻¹G,   G = F diag(1/(1 + HP)),   Q = I/λ + F diag(H/(1 + HP)) Fᵀ
 * in which nothing cancels: diagonal plus low rank again, with factor L⁻¹G for Q = LLᵀ. The head has 1/(H + κ).
 *
 * The head alone, with the whole matrix, given features f̃ = (f, 1): Λ = Σ_n (diag(p_n) − p_n p_nᵀ) ⊗ f̃_n f̃_nᵀ + κI. The extractor stays at w*.
 */
import { backwardSolve, choleskyInPlace, forwardSolve } from '../core/cholesky.ts';
import { LabError } from '../core/errors.ts';
import type { Gaussian, ScaledGaussian } from '../core/gaussian.ts';
import type { Stream } from '../core/philox.ts';
import { softmaxInto } from '../core/softmax.ts';
import { weightedGram } from '../core/woodbury.ts';

/** A solution and the curvature of everything that pulls at it. */
export interface Mode {
  /** θ* = (w, h) [D + H]. */
  theta: Float32Array;
  /** H [D + H]: the sum over all training rows of the diagonal Gauss–Newton matrix (the engine's squared gradients, labels of the model). */
  curvature: Float64Array;
  /** On w [D]. */
  prior: ScaledGaussian;
  /** κ. */
  headStrength: number;
}

/** Σ over all of theta in the canonical form. Throws LabError('config') for a head that neither data nor prior holds. */
export function laplacePosterior({ theta, curvature, prior: { gaussian, scale, floor }, headStrength }: Mode): Gaussian {
  const total = theta.length;
  const { variance: spread, factor: directions, rank } = gaussian;
  const d = spread.length;
  const variance = new Float32Array(total);
  /** 1/(1 + HP) and H/(1 + HP), [D]. */
  const kept = new Float64Array(d);
  const learned = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    const p = scale * spread[j]! + floor;
    kept[j] = 1 / (1 + curvature[j]! * p);
    learned[j] = curvature[j]! * kept[j]!;
    variance[j] = p * kept[j]!;
  }
  for (let j = d; j < total; j++) {
    const precision = curvature[j]! + headStrength;
    if (!(precision > 0)) throw looseHead();
    variance[j] = 1 / precision;
  }
  const factor = new Float32Array(rank * total);
  if (rank > 0) {
    const lower = new Float64Array(rank * rank);
    weightedGram(directions, rank, d, learned, lower);
    for (let k = 0; k < rank; k++) lower[k * rank + k]! += 1 / scale;
    choleskyInPlace(lower, rank);
    const column = new Float64Array(rank);
    for (let j = 0; j < d; j++) {
      for (let k = 0; k < rank; k++) column[k] = directions[k * d + j]! * kept[j]!;
      forwardSolve(lower, rank, column);
      for (let k = 0; k < rank; k++) factor[k * total + j] = column[k]!;
    }
  }
  return { mean: theta, variance, factor, rank };
}

/** Above this many parameters of a head its matrix is not formed: 2000² numbers are 32 MB. */
export const MOST_HEAD = 2000;

export interface HeadInput {
  /** f [N, F], row-major. */
  features: Float32Array;
  /** h* [H], weights [C, F] before biases [C]. */
  head: Float32Array;
  classes: number;
  /** κ. */
  headStrength: number;
  /** What one row counts for: N over the rows given, 1 for all of them. */
  weight: number;
}

/** The posterior of a head, with its whole covariance. */
export class HeadPosterior {
  readonly #mean: Float32Array;
  /** Cholesky factor of the precision, [H, H]. */
  readonly #lower: Float64Array;

  /** N·H²/2 multiplications, then H³/6. Throws LabError('memory') above MOST_HEAD parameters, LabError('config') where neither data nor prior hold the head. */
  constructor({ features, head, classes, headStrength, weight }: HeadInput) {
    const size = head.length;
    refuseHead(size);
    this.#mean = head;
    this.#lower = headPrecision(features, head, classes, weight);
    for (let i = 0; i < size; i++) this.#lower[i * size + i]! += headStrength;
    try {
      choleskyInPlace(this.#lower, size);
    } catch {
      throw looseHead();
    }
  }

  /** h = h* + √T·L⁻ᵀξ, [H]. */
  draw(stream: Stream, temperature: number): Float32Array {
    const size = this.#mean.length;
    const root = Math.sqrt(temperature);
    const noise = Float64Array.from({ length: size }, () => stream.normal());
    backwardSolve(this.#lower, size, noise);
    return this.#mean.map((value, i) => value + root * noise[i]!);
  }
}

/** Throws LabError('memory') for a head (of H parameters) whose matrix would be too large, LabError('config') for none. */
export function refuseHead(size: number): void {
  if (size === 0) throw new LabError('config', 'This network has no head apart from its extractor: choose the method Laplace, which takes all of its weights.');
  if (size > MOST_HEAD) {
    throw new LabError('memory', `A head of ${size} parameters is too large for the whole matrix of Laplace’s last layer (at most ${MOST_HEAD}): choose a narrower network or the method Laplace.`);
  }
}

/** Lower triangle of weight·Σ_n (diag(p_n) − p_n p_nᵀ) ⊗ f̃_n f̃_nᵀ in the order of h: parameter (c, i) at c·F + i, its bias at C·F + c. */
export function headPrecision(features: Float32Array, head: Float32Array, classes: number, weight: number): Float64Array {
  const size = head.length;
  const width = size / classes - 1;
  const out = new Float64Array(size * size);
  const f = new Float64Array(width + 1);
  const logits = new Float64Array(classes);
  const p = new Float64Array(classes);
  for (let row = 0; row * width < features.length; row++) {
    for (let i = 0; i < width; i++) f[i] = features[row * width + i]!;
    f[width] = 1;
    for (let c = 0; c < classes; c++) {
      let sum = head[classes * width + c]!;
      for (let i = 0; i < width; i++) sum += head[c * width + i]! * f[i]!;
      logits[c] = sum;
    }
    softmaxInto(logits, 0, p);
    for (let a = 0; a < classes; a++) {
      for (let b = 0; b <= a; b++) {
        const share = weight * (a === b ? p[a]! * (1 - p[a]!) : -p[a]! * p[b]!);
        addOuter(out, size, width, classes, a, b, share, f);
      }
    }
  }
  return out;
}

/** Adds share·f̃f̃ᵀ to the block of classes a ≥ b, in the lower triangle. */
function addOuter(out: Float64Array, size: number, width: number, classes: number, a: number, b: number, share: number, f: Float64Array): void {
  for (let i = 0; i < width; i++) {
    const line = (a * width + i) * size + b * width;
    const scaled = share * f[i]!;
    const last = a === b ? i + 1 : width;
    for (let j = 0; j < last; j++) out[line + j]! += scaled * f[j]!;
  }
  // Biases come behind all weights, so their rows meet the weights of either class.
  const [biasA, biasB] = [(classes * width + a) * size, (classes * width + b) * size];
  for (let j = 0; j < width; j++) {
    out[biasA + b * width + j]! += share * f[j]!;
    if (a !== b) out[biasB + a * width + j]! += share * f[j]!;
  }
  out[biasA + classes * width + b]! += share;
}

function looseHead(): LabError {
  return new LabError('config', 'With κ = 0 neither data nor prior hold every weight of the head, so it has no Laplace posterior: tune κ over values above 0.');
}
