/**
 * What leaves as a file: `result.json`, `runs.csv`, `surface.json`, `embedding.csv` and, with one λ a layer, `layers.csv`. Pure: a finished result in, text out. JSON has no
 * NaN and no Infinity: both are written as null (a metric that does not exist, a point of the map that was not finite);
 * in CSV they are empty fields.
 */
import type { Embedding } from '../experiment/embedding/embedding-result.ts';
import type { Result, Run } from '../experiment/result.ts';
import type { Scaling } from '../experiment/scaling/scaling-result.ts';
import { type Metric, metricsIn, valueOf } from '../measure/metrics.ts';

export type CsvValue = string | number | boolean | null;

/**
 * Columns of runs.csv, in this order; a row is one training run. `scale` is λ, empty for arms without one. `chosen` is
 * true for the run with the lowest validation NLL of its arm and seed; only those were measured on test, so `test_*` is
 * empty elsewhere. `diverged_at` is the step at which a run became non-finite, empty while sound. NLL is in nats per image. Of segmentation (`meanIoU` in place
 * of `brier`) metrics are of pixels.
 */
function runColumns(metrics: readonly Metric[]): string[] {
  return [
    'arm', 'n', 'seed', 'scale', 'head_strength', 'learning_rate', 'chosen', 'diverged_at',
    ...metrics.map((metric) => `validation_${metric}`), ...metrics.map((metric) => `test_${metric}`),
  ];
}

/** The result without `surface.plane`, `surface.lines`, the points of the embedding's map and the picture of disputed images (see experiment/result.ts), indented by two. */
export function resultJson(result: Result): string {
  const { surface: { alignmentGap, directionTest }, inference, embedding } = result;
  const robustness = inference?.robustness ? { ...inference.robustness, disputed: { ...inference.robustness.disputed, strip: null } } : null;
  return json({ ...result, embedding: embedding && 'map' in embedding ? withoutPoints(embedding) : embedding, surface: { alignmentGap, directionTest }, inference: inference && { ...inference, robustness } }, 2);
}

/** Of the map only how much of the variance its axes have. */
function withoutPoints({ map: { planes }, ...rest }: Embedding): object {
  return { ...rest, map: { planes: { source: { shares: planes.source.shares }, random: { shares: planes.random.shares } } } };
}

/** The embedding's map: a row a test image, its row in the source data, its class, and its place in the plane of the first two principal components of each encoder. */
export function embeddingCsv({ classNames, map: { rows, labels, planes } }: Embedding): string {
  const columns = (['source', 'random'] as const).flatMap((encoder) => [1, 2].map((axis) => ({ encoder, axis })));
  return csv([
    ['row', 'class', ...columns.map(({ encoder, axis }) => `${encoder}_pc${axis}`)],
    ...Array.from(rows, (row, i): CsvValue[] => [row, classNames[labels[i]!] ?? null, ...columns.map(({ encoder, axis }) => planes[encoder].points[2 * i + axis - 1]!)]),
  ]);
}

/** `{ version, plane, lines, alignmentGap, directionTest }`: the loss maps and cuts as they were measured, on one line. */
export function surfaceJson({ version, surface: { plane, lines, alignmentGap, directionTest } }: Result): string {
  return json({ version, plane, lines, alignmentGap, directionTest });
}

/** A header and a row an arm, scale (crossed with head strength) and seed: every training run of the comparison. */
export function runsCsv(result: Result): string {
  const metrics = metricsIn(result.arms.map(({ test }) => test));
  return csv([runColumns(metrics), ...result.runs.map((run) => rowOf(run, result, metrics))]);
}

/**
 * One λ a layer: a row an arm and seed. `factor_<layer>` multiplies the prior's covariance there, on top of `scale` (λ); `single_*` is the solution
 * under the single λ; `diverged` counts the extra runs that became non-finite.
 */
export function layersCsv({ method, layers, extraRuns, runs }: Scaling): string {
  const parts = ['validation', 'test'] as const;
  const metrics = metricsIn(runs.map(({ test }) => test));
  const columns = parts.flatMap((part) => metrics.map((metric) => ({ part, metric })));
  return csv([
    [
      'arm', 'n', 'seed', 'method', 'extra_runs', 'diverged', 'scale', 'head_strength', ...layers.map((name) => `factor_${name}`),
      ...columns.map(({ part, metric }) => `${part}_${metric}`), ...columns.map(({ part, metric }) => `single_${part}_${metric}`),
    ],
    ...runs.map((run): CsvValue[] => [
      run.arm, run.n, run.seed, method, extraRuns, run.diverged, run.scale, run.headStrength, ...run.factors,
      ...columns.map(({ part, metric }) => valueOf(run[part], metric)), ...columns.map(({ part, metric }) => valueOf(run.single[part], metric)),
    ]),
  ]);
}

/** RFC 4180: CRLF after every record, fields quoted where they hold a comma, a quote or a line break. Text that a spreadsheet would execute gets an apostrophe in front; numbers stay as they are. */
export function csv(rows: readonly (readonly CsvValue[])[]): string {
  return rows.map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

function rowOf(run: Run, { arms }: Result, metrics: readonly Metric[]): CsvValue[] {
  const measured = run.chosen ? arms.find((arm) => arm.arm === run.arm && arm.n === run.n && arm.seed === run.seed) : undefined;
  return [
    run.arm, run.n, run.seed, run.scale, run.headStrength, run.learningRate, run.chosen, run.divergedAt,
    ...metrics.map((metric) => valueOf(run.validation, metric)), ...metrics.map((metric) => (measured ? valueOf(measured.test, metric) : null)),
  ];
}

function field(value: CsvValue): string {
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return '';
  // A spreadsheet would take these for a formula and run it.
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** NaN and Infinity become null by themselves; typed arrays are written as arrays. */
export function json(value: unknown, indent?: number): string {
  const plain = (_key: string, inner: unknown) => (inner instanceof Float32Array || inner instanceof Uint8Array ? Array.from(inner) : inner);
  return `${JSON.stringify(value, plain, indent)}\n`;
}
