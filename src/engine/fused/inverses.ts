/** The K×K inverses S⁻¹ = (I/scale + F A⁻¹ Fᵀ)⁻¹, A = scale·variance + shift, of the priors on the GPU, in float64 on the CPU. */
import { choleskyInPlace, choleskySolve } from '../../core/cholesky.ts';
import type { Gaussian } from '../../core/gaussian.ts';
import { weightedGram } from '../../core/woodbury.ts';

/** S⁻¹ [K, K], padded to [directions, directions] with zeros, into `out` from `at`. */
export function writeInverse(gaussian: Gaussian, scale: number, shift: number, out: Float32Array, at: number, directions: number): void {
  const { variance, factor, rank } = gaussian;
  const d = variance.length;
  const weights = new Float64Array(d);
  for (let j = 0; j < d; j++) weights[j] = 1 / (scale * variance[j]! + shift);
  const lower = new Float64Array(rank * rank);
  weightedGram(factor, rank, d, weights, lower);
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
