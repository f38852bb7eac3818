/**
 * What a study holds: `study.json` is this object, and the page draws nothing else. A study is a comparison at each value of one setting, every
 * arm tuned anew there. JSON knows no NaN: a number that does not exist is null there.
 *
 * `digest` names the numbers: SHA-256 over the JSON of `[axis, cells]`, cells by value and seed, each `[value, seed, [[arm, scale, headStrength, learningRate,
 * accuracy, nll, ece, brier], …]]` (before the accuracy the mean IoU, where pixels have classes), with the arms in their order, test metrics, numbers rounded to six significant digits, no white space. Equal studies on one
 * kind of engine have equal digests, however often they were interrupted; times, names and dates do not enter.
 */
import { sha256Hex } from '../../data/hash.ts';
import { ALL_METRICS, type Metric } from '../../measure/metrics.ts';
import type { Arm } from '../../prior/prior.ts';
import type { Detectable } from '../comparison/power.ts';
import type { Config } from '../config/config.ts';
import type { SettingKey } from '../config/settings.ts';
import type { Comparison, Interval, Result } from '../result.ts';
import type { CellRecord } from './cell.ts';
import type { Saving } from './savings.ts';

/** An arm at a value of the axis: over seeds, and each seed's own (null where no run survived). */
export interface CurvePoint extends Interval {
  value: number;
  arm: Arm;
  metric: Metric;
  bySeed: { seed: number; value: number | null }[];
}

/** arm − versus at a value of the axis; all of one metric, at every value and to both rivals, are judged together. */
export interface StudyComparison extends Comparison {
  value: number;
}

/** What ended a study before everything was done, and what was left out for it; in the same way for every arm. */
export interface StudyStops {
  /** Null without a budget. `left`: cells (value × seed) that were not begun. */
  minutes: { budget: number; left: number } | null;
  /** Null without a target. `widest`: largest half width of a ΔNLL in the end (null: none has one); `added`: cells beyond the seeds asked for. */
  halfWidth: { target: number; widest: number | null; added: number; mostSeeds: number } | null;
  /** Null where every run went to its end. */
  halving: { ended: number; runs: number } | null;
}

export interface Study {
  version: 1;
  config: Config;
  preset: string;
  created: string;
  device: Result['device'];
  axis: { key: SettingKey; label: string; unit: string | null };
  /** Ascending; those of cells that are there. */
  values: number[];
  /** Whether test metrics are of averages over sampled networks, or of single solutions. */
  measures: 'single' | 'average';
  /** By value, then seed. */
  cells: CellRecord[];
  curves: CurvePoint[];
  comparisons: StudyComparison[];
  /** How many labels an arm saves, where the axis is n; empty elsewhere. */
  savings: Saving[];
  /** Differences in NLL to L2-SP (to plain without it) that could have been seen, over arms, at each value; null where there are too few seeds. */
  power: { value: number; detectable: Detectable | null }[];
  stops: StudyStops;
  sentence: string;
  /** False while it grows. */
  finished: boolean;
  /** Of a finished study. */
  digest: string | null;
  /** Seconds of work in this session; what was kept from before cost none. */
  seconds: number;
}

export async function digestOf(axis: SettingKey, cells: readonly CellRecord[]): Promise<string> {
  const round = (value: number | null) => (value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(6)));
  const numbers = cells.map(({ value, seed, arms }) => [round(value), seed, arms.map((one) => [
    one.arm, round(one.scale), round(one.headStrength), round(one.learningRate), ...ALL_METRICS.flatMap((metric) => (one.test[metric] === undefined ? [] : [round(one.test[metric])])),
  ])]);
  return sha256Hex(new TextEncoder().encode(JSON.stringify([axis, numbers])));
}
