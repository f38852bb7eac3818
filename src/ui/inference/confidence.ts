/** How sure against how right: reliability bins pooled over seeds, and risk against coverage over seeds. Pure. */
import { interval95 } from '../../core/statistics.ts';
import { type Prediction, type Predictor, predictorName, type ReliabilityBin } from '../../experiment/inference/inference-result.ts';
import { wilson } from '../../measure/calibration.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { predictorsOf } from './predictors.ts';

export interface PooledReliability {
  predictor: Predictor;
  /** Counts summed, means weighted by counts, Wilson's 95% interval of the pooled counts. */
  bins: ReliabilityBin[];
  /** Images over all seeds. */
  count: number;
  /** Mean over seeds, as in the table. */
  ece: number;
}

/** Of one arm. */
export function pooledReliability(predictions: readonly Prediction[]): PooledReliability[] {
  return predictorsOf(predictions).map((predictor) => {
    const mine = predictions.filter((one) => predictorName(one.predictor) === predictorName(predictor));
    const length = Math.max(0, ...mine.map(({ reliability }) => reliability.length));
    const bins = Array.from({ length }, (_, b) => pooledBin(mine.flatMap(({ reliability }) => reliability[b] ?? [])));
    return { predictor, bins, count: bins.reduce((sum, bin) => sum + bin.count, 0), ece: interval95(mine.map(({ test }) => test.ece)).mean };
  });
}

function pooledBin(bins: readonly ReliabilityBin[]): ReliabilityBin {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  if (count === 0) return { count: 0, confidence: null, accuracy: null, ci95: null };
  // A bin without rows has no means.
  const total = (value: 'confidence' | 'accuracy') => bins.reduce((sum, bin) => sum + (bin.count > 0 ? bin.count * (bin[value] ?? NaN) : 0), 0);
  const right = Math.round(total('accuracy'));
  return { count, confidence: total('confidence') / count, accuracy: right / count, ci95: wilson(right, count) };
}

export interface RiskCurve {
  predictor: Predictor;
  /** Error rate at the coverages of `coverages`, mean over seeds. */
  mean: number[];
  band: ([number, number] | null)[];
}

/** Of one arm. */
export function riskCurves(predictions: readonly Prediction[]): RiskCurve[] {
  return predictorsOf(predictions).map((predictor) => {
    const mine = predictions.filter((one) => predictorName(one.predictor) === predictorName(predictor));
    const intervals = coverages(mine).map((_, i) => interval95(mine.map(({ risk }) => risk[i] ?? NaN)));
    return { predictor, mean: intervals.map(({ mean }) => mean), band: intervals.map(({ ci95 }) => ci95) };
  });
}

/** Equally spaced up to 1. */
export function coverages(predictions: readonly Prediction[]): number[] {
  const length = Math.max(0, ...predictions.map(({ risk }) => risk.length));
  return Array.from({ length }, (_, i) => (i + 1) / length);
}

/** From 0 to the highest mean; bands may add a third. */
export function riskDomain(curves: readonly RiskCurve[]): { low: number; high: number } {
  const top = Math.max(0, ...curves.flatMap(({ mean }) => mean.filter(Number.isFinite)));
  const bounds = curves.flatMap(({ band }) => band.map((one) => one?.[1] ?? 0));
  return { low: 0, high: Math.max(top * 1.05, Math.min(top * 1.33, ...[Math.max(0, ...bounds)])) || 0.1 };
}

/** A line a predictor and bin, pooled over seeds. */
export function reliabilityCsv(arm: string, pooled: readonly PooledReliability[]): CsvValue[][] {
  return [
    ['arm', 'predictor', 'temperature', 'bin_low', 'bin_high', 'images', 'confidence', 'accuracy', 'accuracy_low95', 'accuracy_high95'],
    ...pooled.flatMap(({ predictor, bins }) => bins.map((bin, b): CsvValue[] => [
      arm, predictor.kind, predictor.kind === 'average' ? predictor.temperature : null, b / bins.length, (b + 1) / bins.length,
      bin.count, bin.confidence, bin.accuracy, bin.ci95?.[0] ?? null, bin.ci95?.[1] ?? null,
    ])),
  ];
}

/** A line a seed, predictor and coverage. */
export function riskCsv(predictions: readonly Prediction[]): CsvValue[][] {
  return [
    ['arm', 'seed', 'predictor', 'temperature', 'coverage', 'risk'],
    ...predictions.flatMap(({ arm, seed, predictor, risk }) => risk.map((value, i): CsvValue[] => [
      arm, seed, predictor.kind, predictor.kind === 'average' ? predictor.temperature : null, (i + 1) / risk.length, value,
    ])),
  ];
}
