/** What a table of comparisons could have seen: the smallest true difference that its verdicts find with a probability of 80%. Pure. */
import { FAMILY_LEVEL, FEWEST_SEEDS, type Interval } from '../../core/statistics.ts';
import { minimalDetectable, tQuantile } from '../../core/student.ts';
import type { Arm } from '../../prior/prior.ts';
import type { Comparison } from '../result.ts';
import { questionOf } from './choose.ts';

/** Probability with which the difference would have been found. */
export const POWER = 0.8;

/**
 * From the spread between seeds that was observed and the level of the strictest of the `tests` that are judged together (level/tests, where Holm's method
 * begins). NaN below FEWEST_SEEDS.
 */
export function detectable({ ci95, seeds }: Interval, tests: number): number {
  if (ci95 === null || seeds < FEWEST_SEEDS) return NaN;
  const sd = ((ci95[1] - ci95[0]) / 2 / tQuantile(0.975, seeds - 1)) * Math.sqrt(seeds);
  return minimalDetectable(seeds, sd, { power: POWER, alpha: FAMILY_LEVEL / tests });
}

/** Questions that a list of comparisons asks: plain − L2-SP and L2-SP − plain are one; too few seeds are none. */
export function questionsIn(table: readonly Pick<Comparison, 'arm' | 'versus' | 'holm'>[]): number {
  return new Set(table.filter(({ holm }) => holm !== null).map(questionOf)).size;
}

export interface Detectable {
  /** Seeds of most differences. */
  seeds: number;
  /** Over the arms, in the unit of the metric. */
  median: number;
  low: number;
  high: number;
  /** Differences judged together. */
  tests: number;
}

/** For the differences to one rival among those of one metric, `tests` judged together; null where none has enough seeds. */
export function detectableTo(versus: Arm, table: readonly Comparison[], tests = questionsIn(table)): Detectable | null {
  const own = table.filter((one) => one.versus === versus && one.holm !== null);
  const found = own.map((one) => detectable(one, tests)).filter(Number.isFinite).sort((a, b) => a - b);
  if (found.length === 0) return null;
  return { seeds: Math.max(...own.map(({ seeds }) => seeds)), median: found[Math.floor((found.length - 1) / 2)]!, low: found[0]!, high: found.at(-1)!, tests };
}
