/** The verdict table's rows: an arm with its tuned values, its test metrics and its paired differences. Pure. */
import type { ArmResult, ArmSummary, Comparison, Interval, Metric } from '../../experiment/result.ts';
import { METRICS, PIXEL_METRICS } from '../../measure/metrics.ts';
import { type Arm, ARMS, isFamily } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';

/** A tuned value over seeds; the median is one that was tried. */
export interface Tuned {
  median: number;
  low: number;
  high: number;
}

export interface VerdictRow {
  arm: Arm;
  /** What the arm tuned beside κ. */
  knob: 'λ' | 'learning rate';
  /** null when no seed survived. */
  tuned: Tuned | null;
  headStrength: Tuned | null;
  /** Seeds whose chosen value was the lowest or highest of its grid. */
  atEdge: { low: number; high: number };
  metrics: Partial<Record<Metric, Interval>>;
  /** Differences in test NLL, absent for a rival against itself. */
  toPlain: Comparison | null;
  toL2sp: Comparison | null;
  /** Runs that became non-finite, and seeds on which none survived. */
  diverged: number;
  lostSeeds: number;
}

export function verdictRows(arms: readonly ArmResult[], summaries: readonly ArmSummary[], comparisons: readonly Comparison[]): VerdictRow[] {
  const present = ARMS.filter((arm) => arms.some((result) => result.arm === arm));
  return present.map((arm) => {
    const results = arms.filter((result) => result.arm === arm);
    const sound = results.filter((result) => Number.isFinite(result.test.nll));
    const against = (versus: Arm) => comparisons.find((one) => one.arm === arm && one.versus === versus && one.metric === 'nll') ?? null;
    return {
      arm,
      knob: isFamily(arm) ? 'λ' : 'learning rate',
      tuned: tunedOf(sound.map((result) => result.scale ?? result.learningRate)),
      headStrength: tunedOf(sound.map((result) => result.headStrength)),
      atEdge: { low: results.filter((result) => result.atEdge === 'low').length, high: results.filter((result) => result.atEdge === 'high').length },
      metrics: Object.fromEntries(summaries.filter((one) => one.arm === arm).map((one) => [one.metric, one])),
      toPlain: against('none'),
      toL2sp: against('l2-sp'),
      diverged: results.reduce((sum, result) => sum + result.diverged, 0),
      lostSeeds: results.length - sound.length,
    };
  });
}

export function tunedOf(values: readonly number[]): Tuned | null {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return null;
  return { median: sorted[Math.floor((sorted.length - 1) / 2)]!, low: sorted[0]!, high: sorted.at(-1)! };
}

export function verdictCsv(rows: readonly VerdictRow[]): CsvValue[][] {
  const interval = (value: Interval | null | undefined): CsvValue[] => [value?.mean ?? null, value?.ci95?.[0] ?? null, value?.ci95?.[1] ?? null, value?.seeds ?? null];
  const judged = (value: Comparison | null): CsvValue[] => [...interval(value), value?.p ?? null, value?.holm ?? null, value?.verdict ?? null];
  const columns = (name: string) => [name, `${name}_low95`, `${name}_high95`, `${name}_seeds`];
  const metrics = rows.some((row) => row.metrics.meanIoU) ? PIXEL_METRICS : METRICS;
  return [
    ['arm', 'tuned', 'tuned_median', 'tuned_min', 'tuned_max', 'head_strength_median', 'seeds_at_low_edge', 'seeds_at_high_edge', 'diverged_runs',
      ...metrics.flatMap((metric) => columns(`test_${metric}`)), ...columns('delta_nll_to_plain'), 'p_to_plain', 'p_holm_to_plain', 'verdict_to_plain', ...columns('delta_nll_to_l2sp'), 'p_to_l2sp', 'p_holm_to_l2sp', 'verdict_to_l2sp'],
    ...rows.map((row): CsvValue[] => [
      row.arm, row.knob === 'λ' ? 'scale' : 'learning_rate', row.tuned?.median ?? null, row.tuned?.low ?? null, row.tuned?.high ?? null, row.headStrength?.median ?? null,
      row.atEdge.low, row.atEdge.high, row.diverged,
      ...metrics.flatMap((metric) => interval(row.metrics[metric])),
      ...judged(row.toPlain), ...judged(row.toL2sp),
    ]),
  ];
}
