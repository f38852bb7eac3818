/**
 * One λ a layer, as a result: after the single λ of an arm is tuned, a factor for each layer of the extractor multiplies the
 * prior's covariance (prior/layers.ts), chosen for every arm and seed by validation NLL or by the evidence.
 */
import { interval95, type Interval, type JudgedDifference, judgeTable, pairedDifference } from '../../core/statistics.ts';
import { lowerIsBetter, type Metric, type Metrics, metricsIn, valueOf } from '../../measure/metrics.ts';
import type { Family } from '../../prior/prior.ts';

export const SCALINGS = ['single', 'validation', 'evidence'] as const;
export type ScalingMethod = Exclude<(typeof SCALINGS)[number], 'single'>;

/** Multiples of a layer's scale that the search by validation tries beside the scale as it is. */
export const CANDIDATES = [0.1, 10] as const;
/** Updates of the evidence's factors, a refit after each. */
export const REFITS = 3;

/** Training runs of an arm and seed beyond those of the single λ. */
export function extraRunsOf(method: ScalingMethod, layers: number): number {
  return method === 'validation' ? layers * CANDIDATES.length : REFITS;
}

/** Arms whose prior has a learned centre. */
export const SCALED_FAMILIES = ['l2-sp', 'layerwise', 'diagonal', 'low-rank', 'shift-trajectory'] as const satisfies readonly Family[];
export type ScaledFamily = (typeof SCALED_FAMILIES)[number];

/** One arm and seed; those whose single λ found no sound run are absent. */
export interface ScalingRun {
  arm: ScaledFamily;
  n: number;
  seed: number;
  /** The single λ and κ that were tuned before; the prior is N(mean, λ·A½ΣA½). */
  scale: number;
  headStrength: number;
  /** a of each layer [layers]; 1 leaves it as it was. */
  factors: number[];
  validation: Metrics;
  /** NaN throughout where the run under these factors became non-finite. */
  test: Metrics;
  /** The solution under the single λ, on the same rows. */
  single: { validation: Metrics; test: Metrics };
  /** Of the extra runs, those that became non-finite. */
  diverged: number;
}

export interface Scaling {
  method: ScalingMethod;
  /** Names of the layers, in the order of every `factors`. */
  layers: string[];
  /** Training runs that each arm and seed got beyond those of the single λ. */
  extraRuns: number;
  runs: ScalingRun[];
  /** Geometric means of the factors over seeds [layers], by arm. */
  factors: { arm: ScaledFamily; means: number[] }[];
  /** Test metrics under one λ a layer, over seeds. */
  summaries: (Interval & { arm: ScaledFamily; metric: Metric })[];
  /** One λ a layer − the single λ, on test, paired by seed; those of a metric are judged together. */
  comparisons: (JudgedDifference & { arm: ScaledFamily; metric: Metric })[];
}

/** From the runs to intervals and differences. Pure. */
export function scalingOf(method: ScalingMethod, layers: string[], extraRuns: number, runs: ScalingRun[]): Scaling {
  const arms = SCALED_FAMILIES.filter((arm) => runs.some((run) => run.arm === arm));
  const of = (arm: ScaledFamily) => runs.filter((run) => run.arm === arm);
  const metrics = metricsIn(runs.map(({ test }) => test));
  return {
    method, layers, extraRuns, runs,
    factors: arms.map((arm) => ({ arm, means: layers.map((_, l) => Math.exp(of(arm).reduce((sum, { factors }) => sum + Math.log(factors[l]!) / of(arm).length, 0))) })),
    summaries: arms.flatMap((arm) => metrics.map((metric) => {
      const { mean, ci95, seeds } = interval95(of(arm).map(({ test }) => valueOf(test, metric)));
      return { arm, metric, mean, ci95, seeds };
    })),
    comparisons: metrics.flatMap((metric) => judgeTable(arms.map((arm) => {
      const own = of(arm);
      return { arm, metric, ...pairedDifference(own.map(({ test }) => valueOf(test, metric)), own.map(({ single }) => valueOf(single.test, metric))) };
    }), () => lowerIsBetter(metric))),
  };
}
