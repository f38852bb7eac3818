/**
 * A diagonal Laplace posterior of the source, with the empirical Fisher for curvature (Kirkpatrick et al. 2017, as in elastic weight
 * consolidation): around the mean w̄ of SWAG's snapshots,
 *
 *   v_j ∝ 1/(N·(mean of g_j² over rows) + N·δ),   g the gradient of one row's NLL at w̄, δ the weight decay, N training rows
 *
 * rescaled to the trace of SWAG's posterior, because one λ grid is to serve both (the raw variances are those of another temperature); rank 0.
 */
import type { Gaussian } from '../core/gaussian.ts';

export interface FisherInput {
  /** w̄ [D]. */
  mean: Float32Array;
  /** Σ over `rows` rows of g_j², [D] (or longer: theta's). */
  squares: Float64Array;
  rows: number;
  /** N. */
  examples: number;
  /** δ > 0: without it a weight that no row touches would be free. */
  weightDecay: number;
  /** Σ_j v_j of the result. */
  trace: number;
}

/** Throws RangeError without weight decay or rows. */
export function fisherPosterior({ mean, squares, rows, examples, weightDecay, trace }: FisherInput): Gaussian {
  if (!(weightDecay > 0 && rows > 0)) throw new RangeError(`A Fisher posterior needs weight decay and rows, not ${weightDecay} and ${rows}.`);
  const d = mean.length;
  const raw = Float64Array.from({ length: d }, (_, j) => 1 / (examples * (squares[j]! / rows + weightDecay)));
  const gain = trace / raw.reduce((sum, v) => sum + v, 0);
  return { mean, variance: Float32Array.from(raw, (v) => gain * v), factor: new Float32Array(0), rank: 0 };
}
