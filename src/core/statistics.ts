/**
 * Statistics over seeds: mean, 95% t interval and paired differences with a verdict. Values that are
 * not finite (a diverged run) are left out and counted, never averaged in and never silently lost.
 */
import tQuantileUntyped from '@stdlib/stats-base-dists-t-quantile';

/** Below this many seeds no verdict is given. */
export const FEWEST_SEEDS = 5;

export interface Interval {
  mean: number;
  /** 95% t interval over seeds; null below two seeds. */
  ci95: [number, number] | null;
  seeds: number;
}

export type Verdict = 'better' | 'worse' | 'no detectable difference' | 'too few seeds';

/** Quantile of Student's t with `degrees` of freedom: tQuantile(0.975, 4) = 2.776. */
export function tQuantile(p: number, degrees: number): number {
  return tQuantileUntyped(p, degrees);
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** Sample standard deviation (n − 1), two passes; NaN below two values. */
export function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return values.length < 2 ? NaN : Math.sqrt(sum / (values.length - 1));
}

/** Mean ± t_{.975, n−1}·sd/√n over the finite values; `seeds` counts those, `dropped` the others. Mean NaN when none is finite. */
export function interval95(values: ArrayLike<number>): Interval & { dropped: number } {
  const finite = Array.from(values).filter(Number.isFinite);
  const n = finite.length;
  const centre = mean(finite);
  const half = n < 2 ? NaN : (tQuantile(0.975, n - 1) * standardDeviation(finite)) / Math.sqrt(n);
  return { mean: centre, ci95: n < 2 ? null : [centre - half, centre + half], seeds: n, dropped: values.length - n };
}

export interface PairedDifference extends Interval {
  /** Pairs left out because one of the two was not finite. */
  dropped: number;
  verdict: Verdict;
}

/**
 * Interval of a − b over pairs (index i is the same seed in both) and what it says about a: an interval that excludes 0
 * is 'better' or 'worse'; below five usable pairs the verdict is 'too few seeds'. Throws RangeError on unequal lengths.
 */
export function pairedDifference(a: ArrayLike<number>, b: ArrayLike<number>, options: { lowerIsBetter: boolean }): PairedDifference {
  if (a.length !== b.length) throw new RangeError(`A paired difference needs equal lengths, not ${a.length} and ${b.length}.`);
  const interval = interval95(Array.from(a, (x, i) => x - b[i]!));
  return { ...interval, verdict: verdict(interval, options.lowerIsBetter) };
}

/** What the interval of a difference (arm − rival) says about the arm. */
export function verdict(difference: Interval, lowerIsBetter: boolean): Verdict {
  if (difference.seeds < FEWEST_SEEDS || difference.ci95 === null) return 'too few seeds';
  const [low, high] = difference.ci95;
  if (low <= 0 && high >= 0) return 'no detectable difference';
  return high < 0 === lowerIsBetter ? 'better' : 'worse';
}
