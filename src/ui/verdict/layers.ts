/** The rows of the table “One λ a layer”. Pure. */
import type { Interval, JudgedDifference } from '../../experiment/result.ts';
import { metricsIn } from '../../measure/metrics.ts';
import type { ScaledFamily, Scaling } from '../../experiment/scaling/scaling-result.ts';
import type { CsvValue } from '../../storage/exports.ts';

export interface LayerRow {
  arm: ScaledFamily;
  /** By layer: geometric mean, lowest and highest over seeds. */
  factors: { mean: number; low: number; high: number }[];
  /** Test NLL under one λ a layer. */
  nll: Interval | null;
  difference: JudgedDifference | null;
  /** Extra runs that became non-finite. */
  diverged: number;
}

export function layerRows({ layers, runs, factors, summaries, comparisons }: Scaling): LayerRow[] {
  return factors.map(({ arm, means }) => {
    const own = runs.filter((run) => run.arm === arm);
    const of = (l: number) => own.map((run) => run.factors[l]!);
    return {
      arm,
      factors: layers.map((_, l) => ({ mean: means[l]!, low: Math.min(...of(l)), high: Math.max(...of(l)) })),
      nll: summaries.find((one) => one.arm === arm && one.metric === 'nll') ?? null,
      difference: comparisons.find((one) => one.arm === arm && one.metric === 'nll') ?? null,
      diverged: own.reduce((sum, run) => sum + run.diverged, 0),
    };
  });
}

/** A row an arm: its factors and, for every metric, the difference to the single λ. */
export function layerCsv(scaling: Scaling): CsvValue[][] {
  const metrics = metricsIn(scaling.runs.map(({ test }) => test));
  return [
    ['arm', 'method', 'extra_runs', ...scaling.layers.map((name) => `factor_${name}`), ...metrics.flatMap((metric) => ['', '_low95', '_high95', '_seeds'].map((end) => `delta_${metric}${end}`)), 'verdict_nll'],
    ...layerRows(scaling).map(({ arm, factors, difference }): CsvValue[] => [
      arm, scaling.method, scaling.extraRuns, ...factors.map(({ mean }) => mean),
      ...metrics.flatMap((metric): CsvValue[] => {
        const one = scaling.comparisons.find((other) => other.arm === arm && other.metric === metric);
        return [one?.mean ?? null, one?.ci95?.[0] ?? null, one?.ci95?.[1] ?? null, one?.seeds ?? null];
      }),
      difference?.verdict ?? null,
    ]),
  ];
}
