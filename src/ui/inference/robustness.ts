/** What the pictures and tables of robustness draw: which curves, on what scale, which rows, and the CSVs. Pure. */
import type { Interval, Verdict } from '../../core/statistics.ts';
import { type Corruption, CORRUPTION_WORDS } from '../../data/corrupt.ts';
import { type Predictor, predictorName } from '../../experiment/inference/inference-result.ts';
import type { Followed, Judged, OutsideDetection, Robustness, RobustnessComparison, RobustnessCurve } from '../../experiment/robustness/robustness-result.ts';
import { type Arm, ARMS } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import type { Ink } from '../surface/CurvePlot.tsx';
import { predictorLabel, predictorsOf } from './predictors.ts';

/** Severities drawn. */
export const LEVELS = [0, 1, 2, 3, 4, 5] as const;

/** What is set side by side: every arm with one predictor, or every predictor of one arm. */
export type Side = { kind: 'arms'; predictor: Predictor } | { kind: 'predictors'; arm: Arm };

export function sideName(side: Side): string {
  return side.kind === 'arms' ? `arms ${predictorName(side.predictor)}` : `predictors ${side.arm}`;
}

export function sideLabel(side: Side): string {
  return side.kind === 'arms' ? `Arms: ${predictorLabel(side.predictor)}` : `Predictors: ${ARM_STYLE[side.arm].label}`;
}

/** In a title. */
export function sideTitle(side: Side): string {
  return side.kind === 'arms' ? `every arm, ${predictorLabel(side.predictor)}` : `${ARM_STYLE[side.arm].label}, every predictor`;
}

/** Arms for every predictor, then predictors of every arm that has more than one. */
export function sidesOf({ curves }: Pick<Robustness, 'curves'>): Side[] {
  const several = armsIn(curves).filter((arm) => predictorsOf(curves.filter((one) => one.arm === arm)).length > 1);
  return [...predictorsOf(curves).map((predictor): Side => ({ kind: 'arms', predictor })), ...several.map((arm): Side => ({ kind: 'predictors', arm }))];
}

export function armsIn(entries: readonly { arm: Arm }[]): Arm[] {
  return ARMS.filter((arm) => entries.some((one) => one.arm === arm));
}

export function corruptionLabel(corruption: Corruption | 'mean'): string {
  return corruption === 'mean' ? 'Mean over corruptions' : CORRUPTION_WORDS[corruption].label;
}

export interface Line {
  /** Arm, or name of the predictor: what the legend hides. */
  key: string;
  label: string;
  ink: Ink;
  levels: readonly Interval[];
}

/** Curves of one corruption, in the order of the legend. `inks`: of predictors. */
export function linesOf({ curves }: Pick<Robustness, 'curves'>, side: Side, corruption: Corruption | 'mean', metric: Followed, inks: ReadonlyMap<string, Ink>): Line[] {
  const own = curves.filter((one) => one.corruption === corruption && one.metric === metric);
  if (side.kind === 'arms') {
    const mine = own.filter((one) => predictorName(one.predictor) === predictorName(side.predictor));
    return armsIn(mine).map((arm) => {
      const { label, colour, dash, marker } = ARM_STYLE[arm];
      return { key: arm, label, ink: { colour, dash, marker, weight: 2 }, levels: mine.find((one) => one.arm === arm)!.levels };
    });
  }
  const mine = own.filter(({ arm }) => arm === side.arm);
  return predictorsOf(mine).flatMap((predictor): Line[] => {
    const key = predictorName(predictor);
    const ink = inks.get(key);
    return ink ? [{ key, label: predictorLabel(predictor), ink, levels: mine.find((one) => predictorName(one.predictor) === key)!.levels }] : [];
  });
}

/** One scale for several pictures: every mean is inside, bands may widen it by a quarter; null when nothing is finite. */
export function levelDomain(lines: readonly Line[]): { low: number; high: number; clipped: boolean } | null {
  const levels = lines.flatMap((line) => line.levels);
  const means = levels.map(({ mean }) => mean).filter(Number.isFinite);
  if (means.length === 0) return null;
  const [bottom, top] = [Math.min(...means), Math.max(...means)];
  const room = 0.25 * (top - bottom || Math.abs(top) || 1);
  const bounds = levels.flatMap(({ ci95 }) => ci95 ?? []);
  const high = Math.min(top + room, Math.max(top + 0.1 * room, ...bounds));
  const low = Math.max(0, bottom - room, Math.min(bottom - 0.1 * room, ...bounds));
  return { low, high, clipped: bounds.some((bound) => bound < low || bound > high) };
}

type Difference = Interval & { verdict: Verdict };

/** A row of the table at one severity, mean over corruptions. */
export interface JudgedRow {
  arm: Arm;
  predictor: Predictor;
  clean: Interval;
  level: Interval;
  rise: Interval | null;
  versusL2sp: Difference | null;
  versusSingle: Difference | null;
}

export function judgedRows({ curves, rises, comparisons }: Pick<Robustness, 'curves' | 'rises' | 'comparisons'>, metric: Followed, severity: Judged): JudgedRow[] {
  return inOrder(curves.filter((one) => one.corruption === 'mean' && one.metric === metric)).map(({ arm, predictor, levels }) => {
    const same = (one: Pick<RobustnessComparison, 'arm' | 'predictor' | 'metric' | 'severity'>) => one.arm === arm && predictorName(one.predictor) === predictorName(predictor) && one.metric === metric && one.severity === severity;
    const versus = (rival: RobustnessComparison['versus']) => comparisons.find((one) => one.versus === rival && same(one)) ?? null;
    return { arm, predictor, clean: levels[0]!, level: levels[severity]!, rise: rises.find(same) ?? null, versusL2sp: versus('l2-sp'), versusSingle: versus('single') };
  });
}

export interface OutsideRow {
  arm: Arm;
  predictor: Predictor;
  entropy: OutsideDetection | null;
  mutualInformation: OutsideDetection | null;
}

export function outsideRows({ detection }: Pick<Robustness, 'detection'>): OutsideRow[] {
  return inOrder(detection.filter(({ score }) => score === 'entropy')).map(({ arm, predictor }) => {
    const find = (score: OutsideDetection['score']) => detection.find((one) => one.arm === arm && one.score === score && predictorName(one.predictor) === predictorName(predictor)) ?? null;
    return { arm, predictor, entropy: find('entropy'), mutualInformation: find('mutual information') };
  });
}

/** Arm by arm, within an arm from the single solution to the coldest average. */
function inOrder<T extends { arm: Arm; predictor: Predictor }>(list: readonly T[]): T[] {
  const names = predictorsOf(list).map(predictorName);
  return [...list].sort((a, b) => ARMS.indexOf(a.arm) - ARMS.indexOf(b.arm) || names.indexOf(predictorName(a.predictor)) - names.indexOf(predictorName(b.predictor)));
}

/** Mean half width of the seeds' own DeLong intervals; NaN where none has one. */
export function withinSeeds({ seeds }: OutsideDetection): number {
  const halves = seeds.flatMap(({ ci95 }) => (ci95 ? [(ci95[1] - ci95[0]) / 2] : []));
  return halves.reduce((sum, half) => sum + half, 0) / halves.length;
}

const WHO = ['arm', 'predictor', 'temperature'] as const;

function who({ arm, predictor }: { arm: Arm; predictor: Predictor }): CsvValue[] {
  return [arm, predictor.kind, predictor.kind === 'average' ? predictor.temperature : null];
}

function bounds(value: Interval | null): CsvValue[] {
  return [value?.mean ?? null, value?.ci95?.[0] ?? null, value?.ci95?.[1] ?? null, value?.seeds ?? null];
}

function columns(name: string): string[] {
  return [name, `${name}_low95`, `${name}_high95`, `${name}_seeds`];
}

/** A line an arm, predictor, corruption, metric and severity. */
export function curvesCsv(curves: readonly RobustnessCurve[]): CsvValue[][] {
  return [
    [...WHO, 'networks', 'corruption', 'severity', 'metric', ...columns('test')],
    ...curves.flatMap((one) => one.levels.map((level, severity): CsvValue[] => [...who(one), one.networks, one.corruption, severity, one.metric, ...bounds(level)])),
  ];
}

/** A line an arm, predictor, severity and metric: rises, and differences with their verdicts. */
export function judgedCsv(robustness: Robustness, metrics: readonly Followed[], severities: readonly Judged[]): CsvValue[][] {
  const rows = severities.flatMap((severity) => metrics.flatMap((metric) => judgedRows(robustness, metric, severity).map((row): CsvValue[] => [
    ...who(row), severity, metric, ...bounds(row.clean), ...bounds(row.level), ...bounds(row.rise),
    ...bounds(row.versusL2sp), row.versusL2sp?.verdict ?? null, ...bounds(row.versusSingle), row.versusSingle?.verdict ?? null,
  ])));
  return [[...WHO, 'severity', 'metric', ...columns('undamaged'), ...columns('damaged'), ...columns('rise'), ...columns('delta_to_l2sp'), 'verdict_to_l2sp', ...columns('delta_to_single'), 'verdict_to_single'], ...rows];
}

/** A line an arm, predictor, score and seed with DeLong's interval; `seed` empty: over seeds. */
export function outsideCsv(detection: readonly OutsideDetection[]): CsvValue[][] {
  return [
    [...WHO, 'score', 'seed', ...columns('auroc'), ...columns('delta_to_l2sp'), 'verdict_to_l2sp', ...columns('delta_to_single_entropy'), 'verdict_to_single_entropy'],
    ...detection.flatMap((one): CsvValue[][] => [
      ...one.seeds.map(({ seed, auroc, ci95 }): CsvValue[] => [...who(one), one.score, seed, auroc, ci95?.[0] ?? null, ci95?.[1] ?? null, ...Array<null>(11).fill(null)]),
      [...who(one), one.score, null, ...bounds(one.auroc), ...bounds(one.versusL2sp), one.versusL2sp?.verdict ?? null, ...bounds(one.versusSingle), one.versusSingle?.verdict ?? null],
    ]),
  ];
}

/** A line an image and predictor: the label and the most probable classes. */
export function disputedCsv({ classNames, images }: Robustness['disputed']): CsvValue[][] {
  const most = Math.max(0, ...images.flatMap(({ answers }) => answers.map(({ top }) => top.length)));
  const tops = Array.from({ length: most }, (_, i) => [`class_${i + 1}`, `probability_${i + 1}`]).flat();
  return [
    ['image', 'seed', 'label', 'total_variation', ...WHO, ...tops],
    ...images.flatMap(({ seed, label, variation, answers }, i) => answers.map((one): CsvValue[] => [
      i + 1, seed, classNames[label] ?? label, variation, ...who(one), ...one.top.flatMap(({ class: index, probability }) => [classNames[index] ?? index, probability]),
    ])),
  ];
}
