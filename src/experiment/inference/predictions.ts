/**
 * From averages to what the page and `result.json` tell of them: metrics, calibration, curves over the number of
 * networks, intervals over seeds, paired differences to the single solution and to the ensemble, and warnings. Pure.
 */
import { interval95, judgeTable, pairedDifference } from '../../core/statistics.ts';
import { type ModelAverage, topOf } from '../../measure/average.ts';
import { fitTemperature, reliability, riskCoverage, temperatureScaled } from '../../measure/calibration.ts';
import { lowerIsBetter, metricsIn, metricsOf, NO_METRICS, valueOf } from '../../measure/metrics.ts';
import type { Family } from '../../prior/prior.ts';
import type { ChainDiagnostics, Inference, Prediction, PredictionComparison, PredictionSummary, Predictor } from './inference-result.ts';
import { predictorName } from './inference-result.ts';
import { ARM_WORDS } from '../sentences.ts';

/** Networks of one arm, seed and predictor, averaged on the seed's validation and test rows. */
export interface Drawn {
  arm: Family;
  seed: number;
  predictor: Predictor;
  validation: ModelAverage;
  test: ModelAverage;
}

/** Coverages at which the risk is told. */
const COVERAGES = 20;
/** Above these R̂ says that chains are somewhere else; below, an effective sample size that an average is worth little. */
const RHAT = 1.1;
const FEWEST_EFFECTIVE = 10;
/** The kinetic temperature may be off by this share. */
const KINETIC = 0.3;

/** `warnings`: of what is no chain. */
export function inferenceOf(base: Pick<Inference, 'method' | 'chains' | 'steps' | 'evidence'>, drawn: readonly Drawn[], diagnostics: ChainDiagnostics[], warnings: readonly string[]): Inference {
  const predictions = drawn.filter(({ test }) => test.samples > 0).map(predictionOf);
  return { ...base, predictions, summaries: summarise(predictions), comparisons: compare(predictions), diagnostics, warnings: [...warnings, ...warningsOf(diagnostics)], robustness: null };
}

export function predictionOf({ arm, seed, predictor, validation, test }: Drawn): Prediction {
  const { classes } = test;
  const labels = test.labels!;
  const { temperature } = fitTemperature(validation.logProbabilities(), validation.labels!, classes);
  const scaled = metricsOf(temperatureScaled(test.logProbabilities(), temperature), labels, classes).nll;
  const { confidence, correct } = topOf(test.probabilities(), labels, classes);
  const { risk } = riskCoverage(confidence, correct);
  return {
    arm, seed, predictor, members: test.samples, test: test.metrics(), scaled: { nll: scaled, temperature }, curve: [...test.curve()],
    reliability: reliability(confidence, correct).bins.map(({ count, confidence: sure, accuracy, ci95 }) => ({ count, confidence: count > 0 ? sure : null, accuracy: count > 0 ? accuracy : null, ci95 })),
    risk: Array.from({ length: COVERAGES }, (_, i) => risk[Math.max(0, Math.ceil(((i + 1) / COVERAGES) * risk.length) - 1)] ?? NaN),
  };
}

/** Predictions of one arm and predictor, in the order in which they come. */
function groups(predictions: readonly Prediction[]): { arm: Family; predictor: Predictor; list: Prediction[] }[] {
  const found = new Map<string, { arm: Family; predictor: Predictor; list: Prediction[] }>();
  for (const one of predictions) {
    const key = `${one.arm} ${predictorName(one.predictor)}`;
    const group = found.get(key);
    if (group) group.list.push(one);
    else found.set(key, { arm: one.arm, predictor: one.predictor, list: [one] });
  }
  return [...found.values()];
}

function summarise(predictions: readonly Prediction[]): PredictionSummary[] {
  const metrics = metricsIn(predictions.map(({ test }) => test));
  return groups(predictions).flatMap(({ arm, predictor, list }) => [...metrics, 'scaledNll' as const].map((metric): PredictionSummary => {
    const { mean, ci95, seeds } = interval95(list.map((one) => (metric === 'scaledNll' ? one.scaled.nll : valueOf(one.test, metric))));
    return { arm, predictor, metric, mean, ci95, seeds };
  }));
}

/** Every predictor against the single solution, and averages against the ensemble, paired by seed; those of a metric are judged together. */
function compare(predictions: readonly Prediction[]): PredictionComparison[] {
  const all = groups(predictions);
  return metricsIn(predictions.map(({ test }) => test)).flatMap((metric) => judgeTable(all.flatMap(({ arm, predictor, list }) => (['single', 'ensemble'] as const).flatMap((kind) => {
    const rival = all.find((group) => group.arm === arm && group.predictor.kind === kind);
    if (!rival || predictor.kind === 'single' || predictor.kind === kind) return [];
    const against = list.map(({ seed }) => valueOf(rival.list.find((other) => other.seed === seed)?.test ?? NO_METRICS, metric));
    return [{ arm, predictor, versus: rival.predictor, metric, ...pairedDifference(list.map((one) => valueOf(one.test, metric)), against) }];
  })), () => lowerIsBetter(metric)));
}

/** One sentence for each thing that failed, with what to do; arms of one temperature together. */
export function warningsOf(diagnostics: readonly ChainDiagnostics[]): string[] {
  const told = (failed: (one: ChainDiagnostics) => boolean, sentence: (where: string) => string) => {
    const where = [...new Set(diagnostics.filter(failed).map(({ arm, temperature }) => `${ARM_WORDS[arm]} at T = ${temperature}`))];
    return where.length > 0 ? [sentence(where.length > 4 ? `${where.slice(0, 3).join(', ')} and ${where.length - 3} more` : where.join(', '))] : [];
  };
  const logPosterior = ({ traces }: ChainDiagnostics) => traces.find(({ name }) => name === 'log posterior');
  return [
    ...told(({ diverged }) => diverged > 0, (where) => `Chains diverged for ${where}: lower the step size η, or use the preconditioner.`),
    ...told((one) => (logPosterior(one)?.rhat ?? 0) > RHAT, (where) => `The chains do not agree on the log posterior (R̂ above ${RHAT}) for ${where}: give them more steps, or a longer quiet share at the start.`),
    ...told((one) => (logPosterior(one)?.essBulk ?? Infinity) < FEWEST_EFFECTIVE, (where) => `Fewer than ${FEWEST_EFFECTIVE} effective samples of the log posterior for ${where}: give the chains more steps, or take more samples.`),
    ...told(({ kinetic }) => Math.abs(kinetic - 1) > KINETIC, (where) => `The kinetic temperature is more than ${100 * KINETIC}% off its target for ${where}: lower the step size, or use larger batches.`),
  ];
}
