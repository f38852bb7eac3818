/** What the race draws: a mean and a 95% t band over seeds for each arm, and an axis that one exploding arm cannot take. */
import { type Interval, interval95 } from '../../core/statistics.ts';
import type { RacePoint } from '../../experiment/result.ts';
import type { Arm } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';

export type RaceQuantity = 'validationNll' | 'trainNll';

export interface RaceRow {
  step: number;
  /** Arms with at least one finite seed. */
  arms: Partial<Record<Arm, Interval & { dropped: number }>>;
}

export function raceRows(race: readonly RacePoint[], quantity: RaceQuantity): RaceRow[] {
  return race.map(({ step, arms }) => ({
    step,
    arms: Object.fromEntries(arms.map((one) => [one.arm, interval95(one[quantity])] as const).filter(([, value]) => value.seeds > 0)),
  }));
}

export interface RaceDomain {
  low: number;
  high: number;
  /** Arms whose mean leaves the picture. */
  clipped: Arm[];
  /** Some band leaves the picture. */
  bandsClipped: boolean;
}

/** An arm whose highest mean is beyond this many times the median arm's explodes. */
const EXPLODES = 2.5;

/**
 * From the lowest band to the highest mean of the arms that do not explode; bands may widen the picture by a quarter.
 */
export function raceDomain(rows: readonly RaceRow[], arms: readonly Arm[]): RaceDomain {
  const means = (arm: Arm) => rows.flatMap((row) => row.arms[arm]?.mean ?? []);
  const tops = arms.map((arm) => Math.max(...means(arm))).filter(Number.isFinite);
  if (tops.length === 0) return { low: 0, high: 1, clipped: [], bandsClipped: false };
  const sorted = [...tops].sort((a, b) => a - b);
  const limit = EXPLODES * sorted[Math.floor((sorted.length - 1) / 2)]!;
  const top = Math.max(...tops.filter((value) => value <= limit));
  const bottom = Math.min(...arms.flatMap(means));
  const room = 0.25 * (top - bottom || Math.abs(top) || 1);
  const bounds = rows.flatMap((row) => arms.flatMap((arm) => row.arms[arm]?.ci95 ?? []));
  const high = Math.min(top + room, Math.max(top, ...bounds));
  const low = Math.max(0, bottom - room, Math.min(bottom, ...bounds));
  return { low, high, clipped: arms.filter((arm) => Math.max(...means(arm)) > high), bandsClipped: bounds.some((bound) => bound < low || bound > high) };
}

export function raceCsv(race: readonly RacePoint[]): CsvValue[][] {
  const rows = race.flatMap(({ step, arms }) => arms.flatMap(({ arm, validationNll, trainNll }) =>
    validationNll.map((value, seed): CsvValue[] => [step, arm, seed, value, trainNll[seed] ?? NaN])));
  return [['step', 'arm', 'seed_index', 'validation_nll', 'train_nll'], ...rows];
}
