/** What leaves of a study as files: `study.json` (experiment/study/study-result.ts says what it holds) and two tables. Pure. */
import type { Study } from '../experiment/study/study-result.ts';
import { metricsIn, valueOf } from '../measure/metrics.ts';
import { csv, type CsvValue, json } from './exports.ts';

/**
 * A row an arm, value, seed and setting that was trained to its end. `chosen` is true for the one with the lowest validation NLL; only those were
 * measured on test, so `test_*` is empty elsewhere.
 */
export function studyRunsCsv({ axis, cells }: Study): string {
  const metrics = metricsIn(cells.flatMap(({ arms }) => arms.map(({ test }) => test)));
  return csv([
    [axis.key, 'seed', 'arm', 'n', 'scale', 'head_strength', 'learning_rate', 'chosen', 'diverged_at', ...metrics.map((metric) => `validation_${metric}`), ...metrics.map((metric) => `test_${metric}`)],
    ...cells.flatMap(({ value, seed, arms, runs }) => runs.map((run): CsvValue[] => {
      const test = run.chosen ? arms.find(({ arm }) => arm === run.arm)?.test : undefined;
      return [value, seed, run.arm, run.n, run.scale, run.headStrength, run.learningRate, run.chosen, run.divergedAt, ...metrics.map((metric) => valueOf(run.validation, metric)), ...metrics.map((metric) => (test ? valueOf(test, metric) : null))];
    })),
  ]);
}

/** A row an arm, value and metric: mean with its 95% interval, and the paired differences to plain fine-tuning and to L2-SP with p, Holm's p and verdict. */
export function studyCurvesRows({ axis, curves, comparisons }: Study): CsvValue[][] {
  const rivals = ['none', 'l2-sp'] as const;
  const ends = ['', '_low95', '_high95', '_seeds'];
  return [
    [axis.key, 'arm', 'metric', ...ends.map((end) => `mean${end}`), ...rivals.flatMap((rival) => [...ends, '_p', '_p_holm', '_verdict'].map((end) => `delta_to_${rival === 'none' ? 'plain' : 'l2sp'}${end}`))],
    ...curves.map(({ value, arm, metric, mean, ci95, seeds }): CsvValue[] => [
      value, arm, metric, mean, ci95?.[0] ?? null, ci95?.[1] ?? null, seeds,
      ...rivals.flatMap((rival): CsvValue[] => {
        const one = comparisons.find((other) => other.value === value && other.arm === arm && other.metric === metric && other.versus === rival);
        return [one?.mean ?? null, one?.ci95?.[0] ?? null, one?.ci95?.[1] ?? null, one?.seeds ?? null, one?.p ?? null, one?.holm ?? null, one?.verdict ?? null];
      }),
    ]),
  ];
}

/** File name → content. */
export function studyFiles(study: Study): Record<'study.json' | 'study-curves.csv' | 'study-runs.csv', string> {
  return { 'study.json': json(study, 2), 'study-curves.csv': csv(studyCurvesRows(study)), 'study-runs.csv': studyRunsCsv(study) };
}
