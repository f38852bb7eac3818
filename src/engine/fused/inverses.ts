/**
 * The K×K inverses S⁻¹ = (I/scale + F A⁻¹ Fᵀ)⁻¹, A = scale·variance + shift, of the priors on the GPU, in float64 on the
 * CPU. Every η needs another shift, and with it a sum over all weights; so the weights are shared out once over nodes of
 * the variance (`core/nodes.ts`), F A⁻¹ Fᵀ = Σ over nodes of F Sₙ Fᵀ/Aₙ, and a new shift is a sum over some hundred nodes.
 */
import { choleskyInPlace, choleskySolve } from '../../core/cholesky.ts';
import type { Gaussian } from '../../core/gaussian.ts';
import { cubicNodes } from '../../core/nodes.ts';
import { weightedGram } from '../../core/woodbury.ts';

/** In ln(variance): 1/A is then off by 2e-7 of itself at most, and S⁻¹ by no more, since what is added to it is positive. */
const SPACING = 0.05;

interface Grams {
  /** Variances at the nodes. */
  values: Float64Array;
  /** F Sₙ Fᵀ of each node, lower triangles by rows [nodes, K(K + 1)/2]. */
  triangles: Float64Array;
}

const held = new WeakMap<Gaussian, Grams>();

/** S⁻¹ [K, K], padded to [directions, directions] with zeros, into `out` from `at`. The first call for a Gaussian costs a pass over it. */
export function writeInverse(gaussian: Gaussian, scale: number, shift: number, out: Float32Array, at: number, directions: number): void {
  const { rank } = gaussian;
  let grams = held.get(gaussian);
  if (!grams) held.set(gaussian, (grams = gramsOf(gaussian)));
  const { values, triangles } = grams;
  const size = (rank * (rank + 1)) / 2;
  const sum = new Float64Array(size);
  for (let n = 0; n < values.length; n++) {
    const weight = 1 / (scale * values[n]! + shift);
    for (let i = 0, from = n * size; i < size; i++) sum[i]! += weight * triangles[from + i]!;
  }
  const lower = new Float64Array(rank * rank);
  for (let i = 0, from = 0; i < rank; from += ++i) lower.set(sum.subarray(from, from + i + 1), i * rank);
  invert(lower, rank, scale, out, at, directions);
}

/**
 * The same from every weight, for an inverse that is made once and then used for thousands of steps: in w − mean − Fᵀz of a
 * prior's gradient an error of S⁻¹ counts by the ratio of a direction's variance to the diagonal's, 10⁴ in a SWAG posterior.
 */
export function writeExactInverse({ variance, factor, rank }: Gaussian, scale: number, shift: number, out: Float32Array, at: number, directions: number): void {
  const lower = new Float64Array(rank * rank);
  weightedGram(factor, rank, variance.length, Float64Array.from(variance, (value) => 1 / (scale * value + shift)), lower);
  invert(lower, rank, scale, out, at, directions);
}

/** (I/scale + lower)⁻¹; `lower` [K, K] holds a lower triangle and is used up. */
function invert(lower: Float64Array, rank: number, scale: number, out: Float32Array, at: number, directions: number): void {
  for (let k = 0; k < rank; k++) lower[k * rank + k]! += 1 / scale;
  choleskyInPlace(lower, rank);
  const column = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    column.fill(0);
    column[k] = 1;
    choleskySolve(lower, rank, column);
    for (let i = 0; i < rank; i++) out[at + i * directions + k] = column[i]!;
  }
}

function gramsOf({ variance, factor, rank }: Gaussian): Grams {
  const d = variance.length;
  const { values, first, shares, width } = cubicNodes(variance, SPACING);
  // Weights in the order of their lowest node: those that share in a node stand together.
  const order = Uint32Array.from(first, (_, j) => j).sort((a, b) => first[a]! - first[b]!);
  const sorted = new Float32Array(rank * d);
  for (let k = 0; k < rank; k++) for (let i = 0; i < d; i++) sorted[k * d + i] = factor[k * d + order[i]!]!;
  const begin = new Uint32Array(values.length + 1);
  for (const node of first) begin[node + 1]!++;
  for (let n = 0; n < values.length; n++) begin[n + 1]! += begin[n]!;

  const size = (rank * (rank + 1)) / 2;
  const triangles = new Float64Array(values.length * size);
  const gram = new Float64Array(rank * rank);
  for (let n = 0; n < values.length; n++) {
    const from = begin[Math.max(0, n - width + 1)]!;
    const count = begin[n + 1]! - from;
    if (count === 0) continue;
    const block = new Float32Array(rank * count);
    for (let k = 0; k < rank; k++) block.set(sorted.subarray(k * d + from, k * d + from + count), k * count);
    const own = Float64Array.from(order.subarray(from, from + count), (j) => shares[width * j + n - first[j]!]!);
    weightedGram(block, rank, count, own, gram);
    for (let i = 0, to = n * size; i < rank; to += ++i) triangles.set(gram.subarray(i * rank, i * rank + i + 1), to);
  }
  return { values, triangles };
}
