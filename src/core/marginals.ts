/**
 * What a low-rank Gaussian looks like from the side: marginal variances s = variance + Σ_k F_k² [D], and the spectrum of
 * its factor. FᵀF [D, D] and FFᵀ [K, K] share their non-zero eigenvalues, so everything is done in K×K.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Gaussian } from './gaussian.ts';
import { weightedGram } from './woodbury.ts';

/** s [D] in float64. */
export function marginalVariances({ variance, factor, rank }: Gaussian): Float64Array {
  const d = variance.length;
  const s = Float64Array.from(variance);
  for (let k = 0; k < rank; k++) {
    for (let j = 0; j < d; j++) s[j]! += factor[k * d + j]! ** 2;
  }
  return s;
}

/** Eigenvalues of FFᵀ, descending, [K] (never below 0), and eigenvectors U [K][K]: `vectors[i]` belongs to `values[i]`. */
export function factorSpectrum({ variance, factor, rank }: Gaussian): { values: number[]; vectors: number[][] } {
  const d = variance.length;
  const lower = new Float64Array(rank * rank);
  weightedGram(factor, rank, d, new Float64Array(d).fill(1), lower);
  const gram = Matrix.zeros(rank, rank);
  for (let k = 0; k < rank; k++) {
    for (let l = 0; l <= k; l++) {
      gram.set(k, l, lower[k * rank + l]!);
      gram.set(l, k, lower[k * rank + l]!);
    }
  }
  if (rank === 0) return { values: [], vectors: [] };
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  return {
    values: order.map((i) => Math.max(0, realEigenvalues[i]!)),
    vectors: order.map((i) => eigenvectorMatrix.getColumn(i)),
  };
}
