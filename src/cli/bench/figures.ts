/** Medians with spread, and ratios of paired samples: the only statistics the benchmark uses. */

/** Of timings: a median is not moved by a pause of the machine, and the spread shows that there was one. */
export interface Summary {
  median: number;
  min: number;
  max: number;
  samples: number;
}

/** Throws RangeError when there is nothing to summarise. */
export function summarise(values: readonly number[]): Summary {
  if (values.length === 0) throw new RangeError('There are no samples to summarise.');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: sorted.at(-1)!, samples: sorted.length };
}

/**
 * above / below, round by round: both were timed in the same round, so that what slowed the whole machine down cancels.
 * Rounds that only one of them has are left out; null when none is left.
 */
export function pairedRatio(above: readonly number[], below: readonly number[]): Summary | null {
  const count = Math.min(above.length, below.length);
  return count === 0 ? null : summarise(Array.from({ length: count }, (_, i) => above[i]! / below[i]!));
}

/** Steps that make a sample last about `wanted` ms, given what one step took: at least one. */
export function stepsFor(wanted: number, oneStep: number, most = 500): number {
  return Math.max(1, Math.min(most, Math.round(wanted / Math.max(oneStep, 1e-3))));
}
