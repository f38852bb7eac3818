/**
 * How many labels a prior saves: the n′ at which a rival reaches the NLL that an arm has at n. Rivals are read between the sizes that were measured,
 * linearly in log n, seed by seed; since training sets are nested, a seed's curve is one data set growing.
 *
 * The interval is the set of n′ that a paired t test at 95% cannot tell from equality (rival at n′ − arm at n, over seeds): exact under the t test's
 * own assumptions wherever the rival's curve is read, and open where it reaches beyond the sizes that were measured.
 */
import { interval95 } from '../../core/statistics.ts';
import type { Arm } from '../../prior/prior.ts';
import type { CellRecord } from './cell.ts';

/** An end of the interval, or the estimate: `beyond` says that it lies outside the sizes measured, of which `n` is then the nearest. */
export interface Place {
  n: number;
  beyond: 'below' | 'above' | null;
}

export interface Saving {
  arm: Arm;
  versus: Arm;
  /** Labels that the arm has. */
  n: number;
  /** Labels that the rival needs for the same mean NLL, the fewest where its curve meets it more than once. */
  needs: Place;
  /** Null below two seeds. */
  ci95: [Place, Place] | null;
  /** Seeds that have both arms at every size. */
  seeds: number;
}

/** Readings between two sizes. */
const READINGS = 100;

/** `bySeed`: NLL of arm and rival [seeds][sizes], finite; `sizes` ascending; `at` the index of the arm's own size. */
export function savingAt(sizes: readonly number[], at: number, arm: readonly (readonly number[])[], rival: readonly (readonly number[])[]): Pick<Saving, 'needs' | 'ci95'> {
  const own = arm.map((curve) => curve[at]!);
  const readings = readingsOf(sizes).map(({ n, k, share }) => {
    const { mean, ci95 } = interval95(rival.map((curve, s) => (1 - share) * curve[k]! + share * (curve[k + 1] ?? curve[k]!) - own[s]!));
    return { n, mean, equal: ci95 !== null && ci95[0] <= 0 && ci95[1] >= 0 };
  });
  const [first, last] = [readings[0]!, readings.at(-1)!];
  const met = readings.findIndex(({ mean }) => mean <= 0);
  const needs: Place = met < 0 ? { n: last.n, beyond: 'above' } : met === 0 ? { n: first.n, beyond: first.mean < 0 ? 'below' : null } : { n: crossing(readings[met - 1]!, readings[met]!), beyond: null };
  if (arm.length < 2) return { needs, ci95: null };
  const equal = readings.filter((one) => one.equal);
  // The rival is told apart at every size: equality lies beyond them all, or between two readings.
  if (equal.length === 0) return { needs, ci95: [needs, needs] };
  const [low, high] = [equal[0]!, equal.at(-1)!];
  return {
    needs,
    ci95: [
      { n: low.n, beyond: low === first ? 'below' : null },
      { n: high.n, beyond: high === last ? 'above' : null },
    ],
  };
}

/** Sizes at which the rival is read: k and the share of the way to the next in log n. */
function readingsOf(sizes: readonly number[]): { n: number; k: number; share: number }[] {
  const between = sizes.slice(0, -1).flatMap((size, k) => Array.from({ length: READINGS }, (_, i) => ({ n: size * (sizes[k + 1]! / size) ** (i / READINGS), k, share: i / READINGS })));
  return [...between, { n: sizes.at(-1)!, k: sizes.length - 1, share: 0 }];
}

/** Where the mean passes zero between two readings, linear in log n. */
function crossing(before: { n: number; mean: number }, after: { n: number; mean: number }): number {
  return before.n * (after.n / before.n) ** (before.mean / (before.mean - after.mean));
}

/** Every arm at every size against plain fine-tuning and L2-SP, where both were measured at two sizes or more. `cells`: of a study over n. */
export function savingsOf(cells: readonly CellRecord[], arms: readonly Arm[]): Saving[] {
  const sizes = [...new Set(cells.map(({ value }) => value))].sort((a, b) => a - b);
  if (sizes.length < 2) return [];
  const seeds = [...new Set(cells.map(({ seed }) => seed))];
  const curve = (arm: Arm, seed: number) => sizes.map((value) => cells.find((cell) => cell.value === value && cell.seed === seed)?.arms.find((one) => one.arm === arm)?.test.nll ?? NaN);
  return arms.flatMap((arm) => (['none', 'l2-sp'] as const).filter((versus) => versus !== arm && arms.includes(versus)).flatMap((versus) => {
    const pairs = seeds.map((seed) => [curve(arm, seed), curve(versus, seed)] as const).filter(([mine, theirs]) => [...mine, ...theirs].every(Number.isFinite));
    if (pairs.length === 0) return [];
    return sizes.map((n, at): Saving => ({ arm, versus, n, seeds: pairs.length, ...savingAt(sizes, at, pairs.map(([mine]) => mine), pairs.map(([, theirs]) => theirs)) }));
  }));
}
