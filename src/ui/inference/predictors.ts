/** How predictors are named, ordered and drawn: the single solution, the ensemble, then averages from hot to cold. Pure. */
import { type Predictor, predictorName } from '../../experiment/inference/inference-result.ts';
import type { Method } from '../../experiment/inference/methods.ts';
import { FAMILIES, type Family } from '../../prior/prior.ts';
import { settingText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import type { Ink } from '../surface/CurvePlot.tsx';

/** A method as a heading says it. */
export const METHOD_LABEL: Record<Method, string> = {
  map: 'MAP', ensemble: 'Deep ensemble', swag: 'SWAG', laplace: 'Laplace', 'laplace-last-layer': 'Laplace, last layer', sgld: 'SGLD', sghmc: 'SGHMC', cyclical: 'Cyclical SGHMC',
};

export function predictorLabel(predictor: Predictor): string {
  switch (predictor.kind) {
    case 'single': return 'Single MAP';
    case 'ensemble': return 'Ensemble';
    case 'average': return `Average T = ${settingText(predictor.temperature)}`;
    default: throw new TypeError(`No label for ${JSON.stringify(predictor satisfies never)}.`);
  }
}

/** Each predictor once. */
export function predictorsOf(predictions: readonly { predictor: Predictor }[]): Predictor[] {
  const found = new Map(predictions.map(({ predictor }) => [predictorName(predictor), predictor]));
  return [...found.values()].sort((a, b) => rank(a) - rank(b) || heat(b) - heat(a));
}

/** In the order of the families. */
export function armsOf(entries: readonly { arm: Family }[]): Family[] {
  return FAMILIES.filter((family) => entries.some(({ arm }) => arm === family));
}

/** Where a choice of one arm opens. */
export function openingArm(arms: readonly Family[]): Family | null {
  return arms.includes('low-rank') ? 'low-rank' : (arms.at(-1) ?? null);
}

function rank({ kind }: Predictor): number {
  return kind === 'single' ? 0 : kind === 'ensemble' ? 1 : 2;
}

function heat(predictor: Predictor): number {
  return predictor.kind === 'average' ? predictor.temperature : 0;
}

const SINGLE: Ink = { colour: INK.text, dash: '2 3', weight: 1.8, marker: 'square' };
const ENSEMBLE: Ink = { colour: 'light-dark(#5a7a0c, #b4d455)', dash: '12 3', weight: 2, marker: 'plus' };

/** From hot to cold; told apart by dash and marker too, and none the colour of an arm. */
const AVERAGES: readonly Ink[] = [
  { colour: 'light-dark(#c2264b, #ff8095)', dash: '', weight: 2.2, marker: 'circle' },
  { colour: 'light-dark(#8a3ffc, #be95ff)', dash: '7 3', weight: 2, marker: 'triangle' },
  { colour: 'light-dark(#3b54d6, #8aa2ff)', dash: '4 2', weight: 2, marker: 'diamond' },
  { colour: 'light-dark(#0e7c8c, #3fd0dd)', dash: '9 3 2 3', weight: 2, marker: 'hexagon' },
  { colour: 'light-dark(#6b5b4a, #c9b8a4)', dash: '5 2 1 2', weight: 2, marker: 'triangle-down' },
];

/** One ink a predictor among all that are present. */
export function predictorInks(predictors: readonly Predictor[]): Map<string, Ink> {
  const averages = predictors.filter(({ kind }) => kind === 'average');
  return new Map(predictors.map((predictor) => {
    const ink = predictor.kind === 'single' ? SINGLE : predictor.kind === 'ensemble' ? ENSEMBLE : AVERAGES[averages.indexOf(predictor) % AVERAGES.length]!;
    return [predictorName(predictor), ink];
  }));
}
