/** Metrics of the average of the first m networks, over seeds, and the single solution they are held against. Pure. */
import { interval95 } from '../../core/statistics.ts';
import { type Prediction, type Predictor, predictorName } from '../../experiment/inference/inference-result.ts';
import { type Metric, metricsIn, valueOf } from '../../measure/metrics.ts';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { predictorsOf } from './predictors.ts';

export interface MemberCurve {
  predictor: Predictor;
  /** Means over seeds for m = 1…; as long as the shortest seed that has any. */
  mean: number[];
  /** 95% t intervals over seeds. */
  band: ([number, number] | null)[];
}

export interface MemberCurves {
  arm: Family;
  curves: MemberCurve[];
  /** Mean of the single solution; NaN without one. */
  single: number;
}

export function memberCurves(predictions: readonly Prediction[], arm: Family, metric: Metric): MemberCurves {
  const mine = predictions.filter((one) => one.arm === arm);
  const curves = predictorsOf(mine).filter(({ kind }) => kind !== 'single').map((predictor): MemberCurve => {
    const seeds = mine.filter((one) => predictorName(one.predictor) === predictorName(predictor) && one.curve.length > 0).map(({ curve }) => curve);
    const length = seeds.length === 0 ? 0 : Math.min(...seeds.map((curve) => curve.length));
    const intervals = Array.from({ length }, (_, m) => interval95(seeds.map((curve) => valueOf(curve[m]!, metric))));
    return { predictor, mean: intervals.map(({ mean }) => mean), band: intervals.map(({ ci95 }) => ci95) };
  });
  const single = interval95(mine.filter(({ predictor }) => predictor.kind === 'single').map(({ test }) => valueOf(test, metric))).mean;
  return { arm, curves, single };
}

export interface CurveDomain {
  low: number;
  high: number;
  /** Some band leaves the picture. */
  clipped: boolean;
}

/** All means inside; bands may widen the picture by a quarter. null when nothing is finite. */
export function curveDomain(all: readonly MemberCurves[]): CurveDomain | null {
  const means = all.flatMap(({ curves, single }) => [single, ...curves.flatMap(({ mean }) => mean)]).filter(Number.isFinite);
  if (means.length === 0) return null;
  const [bottom, top] = [Math.min(...means), Math.max(...means)];
  const room = 0.25 * (top - bottom || Math.abs(top) || 1);
  const bounds = all.flatMap(({ curves }) => curves.flatMap(({ band }) => band.flatMap((one) => one ?? [])));
  const high = Math.min(top + room, Math.max(top + 0.2 * room, ...bounds));
  const low = Math.max(0, bottom - room, Math.min(bottom - 0.2 * room, ...bounds));
  return { low, high, clipped: bounds.some((bound) => bound < low || bound > high) };
}

/** An arm whose highest mean is beyond this many times the median arm's explodes. */
const EXPLODES = 2.5;

/** One scale for all arms, and the arms that are too far off to share it: those are drawn on their own. */
export function sharedDomain(all: readonly MemberCurves[]): { domain: CurveDomain | null; apart: Family[] } {
  const tops = all.map(({ curves, single }) => Math.max(...[single, ...curves.flatMap(({ mean }) => mean)].filter(Number.isFinite)));
  const sorted = tops.filter(Number.isFinite).sort((a, b) => a - b);
  const limit = EXPLODES * (sorted[Math.floor((sorted.length - 1) / 2)] ?? Infinity);
  return { domain: curveDomain(all.filter((_, i) => tops[i]! <= limit)), apart: all.filter((_, i) => tops[i]! > limit).map(({ arm }) => arm) };
}

/** A line an arm, seed, predictor and number of networks. */
export function memberCsv(predictions: readonly Prediction[]): CsvValue[][] {
  const metrics = metricsIn(predictions.map(({ test }) => test));
  return [
    ['arm', 'seed', 'predictor', 'temperature', 'networks', ...metrics.map((metric) => `test_${metric}`)],
    ...predictions.flatMap(({ arm, seed, predictor, curve }) => curve.map((at, m): CsvValue[] => [
      arm, seed, predictor.kind, predictor.kind === 'average' ? predictor.temperature : null, m + 1, ...metrics.map((metric) => valueOf(at, metric)),
    ])),
  ];
}
