/** Two or more runs beside each other: every arm's test metric in each of them, for the chart and its CSV. Pure. */
import type { Metric } from '../../experiment/result.ts';
import { type Arm, ARMS } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import type { RunEntry } from '../../storage/runs/entry.ts';

type Summary = RunEntry['summaries'][number];

export interface ArmRow {
  arm: Arm;
  /** One a run, in their order; null where the arm took no part or nothing of it survived. */
  runs: (Summary | null)[];
}

/** `A`, `B` … as runs are called in the chart. */
export function letter(run: number): string {
  return String.fromCharCode(65 + run);
}

/** Arms that any of the runs has, in the page's order. */
export function rowsOf(runs: readonly RunEntry[], metric: Metric): ArmRow[] {
  return ARMS.flatMap((arm) => {
    const found = runs.map(({ summaries }) => summaries.find((one) => one.arm === arm && one.metric === metric && Number.isFinite(one.mean)) ?? null);
    return found.some((one) => one !== null) ? [{ arm, runs: found }] : [];
  });
}

/** Of all intervals, with some room. */
export function domainOf(rows: readonly ArmRow[]): [number, number] {
  const ends = rows.flatMap(({ runs }) => runs.flatMap((one) => (one ? [one.mean, ...(one.ci95 ?? [])] : []))).filter(Number.isFinite);
  if (ends.length === 0) return [0, 1];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = 0.06 * (high - low) || 0.05 * Math.abs(high) || 1;
  return [low - room, high + room];
}

export function compareCsv(runs: readonly RunEntry[], metric: Metric): CsvValue[][] {
  return [
    ['run', 'name', 'created', 'arm', 'metric', 'mean', 'ci95_low', 'ci95_high', 'seeds'],
    ...rowsOf(runs, metric).flatMap((row) => row.runs.flatMap((one, i): CsvValue[][] => (one ? [[letter(i), runs[i]!.name, runs[i]!.created, row.arm, metric, one.mean, one.ci95?.[0] ?? null, one.ci95?.[1] ?? null, one.seeds]] : []))),
  ];
}
