/** The table of predictors: a row an arm, a cell a predictor, with its paired difference to the arm's single solution or ensemble. Pure. */
import { type Interval, interval95, type JudgedDifference, judgeTable, pairedDifference, type PairedDifference } from '../../core/statistics.ts';
import { type Inference, type Prediction, type PredictionComparison, type Predictor, predictorName } from '../../experiment/inference/inference-result.ts';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { quantile } from '../charts/scale.ts';
import { armsOf, predictorsOf } from './predictors.ts';
import { betterWhenLower, type Quantity, quantitiesIn, valueOf } from './quantities.ts';

/** What a difference is taken to, within an arm. */
export const RIVALS = ['single', 'ensemble'] as const;
export type Rival = (typeof RIVALS)[number];

export interface Cell {
  predictor: Predictor;
  /** Over seeds; null where the predictor was not run for the arm. */
  summary: Interval | null;
  /** To the rival of the same arm; null for itself, for the single solution, and without a rival. */
  difference: JudgedDifference | null;
  /** Seeds of the run without a finite value. */
  lost: number;
  /** What temperature scaling divides the logits by, median over seeds; NaN where there is none. */
  divisor: number;
}

export interface Row {
  arm: Family;
  cells: Cell[];
}

export function predictorRows(inference: Inference, quantity: Quantity, rival: Rival = 'single'): Row[] {
  const seeds = seedsOf(inference);
  const predictors = predictorsOf(inference.predictions);
  const compared = quantity === 'scaledNll' ? scaledComparisons(inference) : inference.comparisons.filter(({ metric }) => metric === quantity);
  return armsOf(inference.predictions).map((arm) => ({ arm, cells: predictors.map((predictor) => cellOf(inference, seeds, compared, { arm, predictor, quantity, rival })) }));
}

interface Ask {
  arm: Family;
  predictor: Predictor;
  quantity: Quantity;
  rival: Rival;
}

function cellOf({ predictions, summaries }: Inference, seeds: number, compared: readonly Compared[], { arm, predictor, quantity, rival }: Ask): Cell {
  const name = predictorName(predictor);
  const mine = predictions.filter((one) => one.arm === arm && predictorName(one.predictor) === name);
  const values = mine.map((one) => valueOf(one, quantity));
  const summary = summaries.find((one) => one.arm === arm && one.metric === quantity && predictorName(one.predictor) === name) ?? (mine.length > 0 ? interval95(values) : null);
  const difference = compared.find((one) => one.arm === arm && predictorName(one.predictor) === name && one.versus.kind === rival) ?? null;
  return {
    predictor, summary, difference,
    lost: seeds - values.filter(Number.isFinite).length, divisor: quantile(mine.map(({ scaled }) => scaled.temperature), 0.5),
  };
}

type Compared = Pick<PredictionComparison, 'arm' | 'predictor' | 'versus'> & JudgedDifference;

/** Of what the experiment does not compare itself, the NLL after temperature scaling: to both rivals, judged together as the experiment judges a metric. */
function scaledComparisons({ predictions }: Inference): Compared[] {
  const found = armsOf(predictions).flatMap((arm) => predictorsOf(predictions).flatMap((predictor) => RIVALS.flatMap((kind) => {
    if (predictor.kind === 'single' || predictor.kind === kind) return [];
    const of = (wanted: (one: Predictor) => boolean) => predictions.filter((one) => one.arm === arm && wanted(one.predictor));
    const difference = paired(of((one) => predictorName(one) === predictorName(predictor)), of((one) => one.kind === kind));
    return difference ? [{ arm, predictor, versus: { kind } as const, ...difference }] : [];
  })));
  return judgeTable(found, () => betterWhenLower('scaledNll'));
}

/** Null without a common seed. */
function paired(mine: readonly Prediction[], rivals: readonly Prediction[]): PairedDifference | null {
  const pairs = mine.flatMap((one) => {
    const rival = rivals.find(({ seed }) => seed === one.seed);
    return rival ? [[one.scaled.nll, rival.scaled.nll] as const] : [];
  });
  return pairs.length === 0 ? null : pairedDifference(pairs.map(([a]) => a), pairs.map(([, b]) => b));
}

/** Networks that a predictor averages: `12 networks`, `8 to 12 networks` where arms or seeds differ. */
export function membersText(predictions: readonly Prediction[], predictor: Predictor): string {
  const counts = predictions.filter((one) => predictorName(one.predictor) === predictorName(predictor)).map(({ members }) => members);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  if (counts.length === 0) return '';
  return low === high ? `${low} network${low === 1 ? '' : 's'}` : `${low} to ${high} networks`;
}

/** Seeds of the run. */
export function seedsOf({ predictions }: Inference): number {
  return new Set(predictions.map(({ seed }) => seed)).size;
}

/** Every metric, a line an arm, predictor and metric. `divisor`: see `Cell`. */
export function predictorCsv(inference: Inference): CsvValue[][] {
  const interval = (value: Interval | null | undefined): CsvValue[] => [value?.mean ?? null, value?.ci95?.[0] ?? null, value?.ci95?.[1] ?? null, value?.seeds ?? null];
  const lines = quantitiesIn(inference.predictions).flatMap((quantity) => predictorRows(inference, quantity).flatMap(({ arm, cells }, r) => {
    const toEnsemble = predictorRows(inference, quantity, 'ensemble')[r]!.cells;
    return cells.flatMap((cell, c): CsvValue[][] => (cell.summary === null ? [] : [[
      arm, cell.predictor.kind, cell.predictor.kind === 'average' ? cell.predictor.temperature : null, quantity === 'scaledNll' ? 'nll_after_temperature_scaling' : quantity,
      ...interval(cell.summary), ...interval(cell.difference), cell.difference?.verdict ?? null,
      ...interval(toEnsemble[c]!.difference), toEnsemble[c]!.difference?.verdict ?? null, quantity === 'scaledNll' ? cell.divisor : null,
    ]]));
  }));
  const columns = (name: string) => [name, `${name}_low95`, `${name}_high95`, `${name}_seeds`];
  return [['arm', 'predictor', 'temperature', 'metric', ...columns('test'), ...columns('delta_to_single'), 'verdict_to_single', ...columns('delta_to_ensemble'), 'verdict_to_ensemble', 'logits_divided_by'], ...lines];
}
