/** Images on which predictors disagree most, by the mean total variation between pairs of predictions. Pure. */
import type { ModelAverage } from '../../measure/average.ts';
import { disagreement } from '../../measure/disagreement.ts';
import type { DisputedImage } from './robustness-result.ts';
import type { Voter } from './robustness-summary.ts';

/** Images kept, and most probable classes told of each. */
const SHOWN = 12;
const TOP = 3;

export interface Candidate extends Omit<DisputedImage, 'seed'> {
  /** Index into the seeds, and row of the data set. */
  seed: number;
  row: number;
}

/** The most disputed images of one seed, the most first; none where fewer than two predictors speak. */
export function mostDisputed(averages: readonly ModelAverage[], voters: readonly Voter[], { seed, rows, labels }: { seed: number; rows: Uint32Array; labels: Uint16Array }): Candidate[] {
  const spoken = averages.flatMap((average, g) => (average.samples > 0 ? [{ ...voters[g]!, classes: average.classes, probabilities: average.probabilities() }] : []));
  const classes = spoken[0]?.classes ?? 0;
  if (spoken.length < 2) return [];
  const row = ({ probabilities }: { probabilities: Float64Array }, i: number) => probabilities.subarray(i * classes, (i + 1) * classes);
  const variation = Array.from(rows, (_, i) => disagreement(spoken.map((one) => row(one, i)), classes).totalVariation);
  return ranked(variation.map((value, i) => ({ value, i })), ({ value }) => value).map(({ value, i }) => ({
    seed, row: rows[i]!, label: labels[i]!, variation: value,
    answers: spoken.map((one) => ({ arm: one.arm, predictor: one.predictor, top: topClasses(row(one, i)) })),
  }));
}

/** Of all seeds together. */
export function disputedOf(candidates: readonly Candidate[], seeds: readonly number[]): { images: DisputedImage[]; rows: number[] } {
  const chosen = ranked(candidates, ({ variation }) => variation);
  return { images: chosen.map(({ row: _, seed, ...image }) => ({ ...image, seed: seeds[seed]! })), rows: chosen.map(({ row }) => row) };
}

function ranked<T>(items: readonly T[], value: (item: T) => number): T[] {
  return [...items].sort((a, b) => value(b) - value(a)).slice(0, SHOWN);
}

function topClasses(probabilities: Float64Array): { class: number; probability: number }[] {
  return Array.from(probabilities, (probability, index) => ({ class: index, probability })).sort((a, b) => b.probability - a.probability || a.class - b.class).slice(0, TOP);
}
