/**
 * Several basins as one posterior: the Gaussian with the moments of an even mixture of B Gaussians N(m_b, diag(v_b) + F_bᵀF_b)
 * (moment matching). With m̄ the mean of the m_b,
 *
 *   mean      m̄
 *   diagonal  (1/B)·Σ v_b
 *   factor    the rows F_b/√B of every basin, then the deviations (m_b − m̄)/√B in B − 1 rows, since they sum to nothing:
 *             (m_1 + … + m_b − b·m_(b+1))/√(b(b + 1)B), b = 1…B − 1 (Helmert's contrasts)
 *
 * which is the mixture's covariance, within basins and between them, exactly. Multi-basin SWAG: Wilson & Izmailov 2020
 * (MultiSWAG), whose mixture this replaces by one Gaussian, so that everything downstream is as for one basin.
 */
import type { Gaussian } from '../core/gaussian.ts';

/** The rank is Σ K_b + B − 1; a single basin is returned as it is. Throws RangeError on none, or on basins of unequal size. */
export function mergeBasins(basins: readonly Gaussian[]): Gaussian {
  const [first] = basins;
  if (!first) throw new RangeError('A mixture needs at least one basin.');
  if (basins.length === 1) return first;
  const d = first.mean.length;
  if (basins.some(({ mean }) => mean.length !== d)) throw new RangeError('The basins of a mixture must be over the same weights.');
  const count = basins.length;
  const centre = new Float64Array(d);
  const spread = new Float64Array(d);
  for (const { mean, variance } of basins) {
    for (let j = 0; j < d; j++) {
      centre[j]! += mean[j]! / count;
      spread[j]! += variance[j]! / count;
    }
  }
  const rank = basins.reduce((sum, basin) => sum + basin.rank, count - 1);
  const factor = new Float32Array(rank * d);
  const share = 1 / Math.sqrt(count);
  let at = 0;
  for (const basin of basins) {
    for (let i = 0; i < basin.rank * d; i++) factor[at + i] = basin.factor[i]! * share;
    at += basin.rank * d;
  }
  const before = Float64Array.from(first.mean);
  for (let b = 1; b < count; b++, at += d) {
    const { mean } = basins[b]!;
    const contrast = share / Math.sqrt(b * (b + 1));
    for (let j = 0; j < d; j++) {
      factor[at + j] = (before[j]! - b * mean[j]!) * contrast;
      before[j]! += mean[j]!;
    }
  }
  return { mean: Float32Array.from(centre), variance: Float32Array.from(spread), factor, rank };
}

/** ‖m_a − m_b‖ for every pair a < b, in the order (0,1), (0,2), …, (1,2), … */
export function meanDistances(means: readonly Float32Array[]): number[] {
  return means.flatMap((a, i) => means.slice(i + 1).map((b) => Math.sqrt(a.reduce((sum, x, j) => sum + (x - b[j]!) ** 2, 0))));
}
