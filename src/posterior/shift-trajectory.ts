/**
 * The shift-trajectory posterior: how weights move when the source task is learned again under K corruptions of its
 * inputs. From the source mean w₀ [D], the end points w_k of the K fine-tuning runs and the mean marginal variance s̄ of SWAG:
 *
 *   mean      m = (1/K)·Σ w_k
 *   diagonal  v = per parameter tensor the mean of (w_k − w₀)² over runs and weights, scaled to a mean of (1 − ρ)·s̄
 *   factor    F = (w_k − m)/√K, scaled so that FᵀF has the trace ρ·D·s̄
 *
 * The canonical form N(m, diag(v) + FᵀF) has the trace of SWAG's posterior, so that one λ axis serves both. ρ is small: K
 * end points say little of the directions between them, and more of how far each layer has to go.
 */
import type { Gaussian } from '../core/gaussian.ts';
import type { ParameterEntry } from '../model/architecture.ts';
import { SMALLEST_VARIANCE } from './swag.ts';

/** ρ: the share of the trace that the low-rank factor carries. */
export const LOW_RANK_SHARE = 0.1;

export interface ShiftRuns {
  /** w₀ [D], where every run began. */
  origin: Float32Array;
  /** w_k, each [D] (or longer: the first D numbers of theta). */
  ends: readonly Float32Array[];
  /** s̄ of the SWAG posterior. */
  meanVariance: number;
}

/** `entries`: the parameter table, of which the extractor's part is read. Throws RangeError below two runs. */
export function shiftPosterior({ origin, ends, meanVariance }: ShiftRuns, entries: readonly ParameterEntry[]): Gaussian {
  const runs = ends.length;
  if (runs < 2) throw new RangeError(`A shift-trajectory posterior needs at least two runs, not ${runs}.`);
  const d = origin.length;
  const mean = new Float64Array(d);
  for (const end of ends) for (let j = 0; j < d; j++) mean[j]! += end[j]! / runs;

  const factor = new Float64Array(runs * d);
  let spread = 0;
  ends.forEach((end, k) => {
    for (let j = 0; j < d; j++) spread += (factor[k * d + j] = (end[j]! - mean[j]!) / Math.sqrt(runs)) ** 2;
  });

  const moved = new Float64Array(d);
  for (const { part, offset, size } of entries) {
    if (part !== 'extractor') continue;
    let squares = 0;
    for (const end of ends) for (let j = offset; j < offset + size; j++) squares += (end[j]! - origin[j]!) ** 2;
    moved.fill(Math.max(squares / (runs * size), SMALLEST_VARIANCE), offset, offset + size);
  }
  const total = moved.reduce((sum, x) => sum + x, 0);

  // Runs that all ended in one point span nothing: the diagonal then has the whole trace.
  const share = spread > 0 ? LOW_RANK_SHARE : 0;
  const trace = d * meanVariance;
  return {
    mean: Float32Array.from(mean),
    variance: Float32Array.from(moved, (x) => (x * (1 - share) * trace) / total),
    factor: share > 0 ? Float32Array.from(factor, (x) => x * Math.sqrt((share * trace) / spread)) : new Float32Array(0),
    rank: share > 0 ? runs : 0,
  };
}
