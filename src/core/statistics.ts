/**
 * Statistics over seeds: mean, 95% t interval, paired differences, and verdicts that hold for a whole table of them (Holm). Values that are
 * not finite (a diverged run) are left out and counted, never averaged in and never silently lost.
 */
import { tQuantile, tTwoSided } from './student.ts';

/** Below this many seeds no verdict is given. */
export const FEWEST_SEEDS = 5;

export interface Interval {
  mean: number;
  /** 95% t interval over seeds; null below two seeds. */
  ci95: [number, number] | null;
  seeds: number;
}

export type Verdict = 'better' | 'worse' | 'no detectable difference' | 'too few seeds';

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
  /** Two-sided p of the paired t test that the difference is 0; NaN below two pairs. */
  p: number;
}

/** Interval and t test of a − b over pairs (index i is the same seed in both). Throws RangeError on unequal lengths. */
export function pairedDifference(a: ArrayLike<number>, b: ArrayLike<number>): PairedDifference {
  if (a.length !== b.length) throw new RangeError(`A paired difference needs equal lengths, not ${a.length} and ${b.length}.`);
  const interval = interval95(Array.from(a, (x, i) => x - b[i]!));
  return { ...interval, p: pOf(interval) };
}

/** p of the t test from its interval: the half width is t.975 standard errors. Differences that are all equal have no spread: p is 0, or 1 where they are 0. */
function pOf({ mean: centre, ci95, seeds }: Interval): number {
  if (ci95 === null) return NaN;
  const error = (ci95[1] - ci95[0]) / 2 / tQuantile(0.975, seeds - 1);
  return error === 0 ? Number(centre === 0) : tTwoSided(centre / error, seeds - 1);
}

/** What a difference says beside the others of its table. */
export interface TableVerdict {
  verdict: Verdict;
  /** p adjusted for the whole table (Holm): below 0.05 there is a verdict. Null where there are too few seeds for a test. */
  holm: number | null;
}

/** A paired difference as results hold it. */
export interface JudgedDifference extends Interval, TableVerdict {
  p: number;
}

/** Chance that a table in which nothing differs holds any "better" or "worse". */
export const FAMILY_LEVEL = 0.05;

/**
 * p values adjusted by Holm's step-down method (Holm 1979): p̃₍ᵢ₎ = max over j ≤ i of min(1, (m − j + 1)·p₍ⱼ₎) of the ascending p₍₁₎ … p₍ₘ₎. Rejecting
 * p̃ < α errs in any of the m with probability at most α, however the tests depend on each other. No NaN.
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((i, j) => p[i]! - p[j]!);
  const adjusted = p.map(() => 0);
  let highest = 0;
  order.forEach((i, rank) => {
    highest = Math.max(highest, Math.min(1, (p.length - rank) * p[i]!));
    adjusted[i] = highest;
  });
  return adjusted;
}

/**
 * Verdicts on the differences (arm − rival) of one table, at FAMILY_LEVEL for all of them together. Below FEWEST_SEEDS pairs there is no test and no
 * verdict. `question` names what is tested where one question stands twice in a table (a − b and b − a); such are counted once.
 */
export function judgeTable<T extends PairedDifference>(
  table: readonly T[], lowerIsBetter: (one: T) => boolean, question: (one: T, index: number) => string | number = (_, index) => index,
): (Omit<T, 'dropped'> & TableVerdict)[] {
  const tested = new Map(table.flatMap((one, i) => (one.seeds >= FEWEST_SEEDS ? [[question(one, i), one.p] as const] : [])));
  const questions = [...tested.keys()];
  const adjusted = holm([...tested.values()]);
  return table.map((one, i) => {
    const { dropped: _dropped, ...told } = one;
    if (one.seeds < FEWEST_SEEDS) return { ...told, holm: null, verdict: 'too few seeds' };
    const p = adjusted[questions.indexOf(question(one, i))]!;
    return { ...told, holm: p, verdict: p >= FAMILY_LEVEL ? 'no detectable difference' : one.mean < 0 === lowerIsBetter(one) ? 'better' : 'worse' };
  });
}

/** As `judgeTable`, for differences that stand in several places of a record: gives each its judgement, and null for none. */
export function judging(
  table: readonly PairedDifference[], lowerIsBetter: boolean, question?: (one: PairedDifference, index: number) => string | number,
): (one: PairedDifference | null) => JudgedDifference | null {
  const judged = judgeTable(table, () => lowerIsBetter, question);
  const places = new Map(table.map((one, i) => [one, judged[i]!]));
  return (one) => (one && places.get(one)) ?? null;
}
