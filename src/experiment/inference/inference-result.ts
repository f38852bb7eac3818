/**
 * What Bayesian inference under each prior adds to its MAP solution: metrics of the single solution, of a deep ensemble
 * of MAP chains and of model averages, by arm and seed, what they predict, and whether the sampler sampled.
 */
import type { Interval, JudgedDifference } from '../../core/statistics.ts';
import type { LaplaceEvidence } from '../../inference/evidence.ts';
import type { Metric, Metrics } from '../../measure/metrics.ts';
import type { Family } from '../../prior/prior.ts';
import type { Method } from './methods.ts';
import type { Robustness } from '../robustness/robustness-result.ts';

/** What predicts: the tuned MAP solution, the mean of independent MAP chains, the mean over samples (or draws of a Gaussian) at temperature T. */
export type Predictor = { kind: 'single' } | { kind: 'ensemble' } | { kind: 'average'; temperature: number };

/** Names a predictor: equal names, equal predictors. */
export function predictorName(predictor: Predictor): string {
  return predictor.kind === 'average' ? `average T=${predictor.temperature}` : predictor.kind;
}

export interface ReliabilityBin {
  /** Rows whose top probability falls into the bin; the others are null for none. */
  count: number;
  confidence: number | null;
  accuracy: number | null;
  /** 95% interval of the accuracy (Wilson). */
  ci95: [number, number] | null;
}

export interface Prediction {
  arm: Family;
  seed: number;
  predictor: Predictor;
  /** Networks whose probabilities are averaged. */
  members: number;
  test: Metrics;
  /** Test NLL after one temperature fitted by the validation NLL, and that temperature. */
  scaled: { nll: number; temperature: number };
  /** Test metrics of the average of the first 1…members networks; one point for the single solution. */
  curve: Metrics[];
  /** 15 bins of equal width. */
  reliability: ReliabilityBin[];
  /** Error rate among the most confident share of the rows, at coverages 0.05, 0.10 … 1. */
  risk: number[];
}

/** Scalars of the chains of one arm, seed and temperature, [chains][samples]. */
export interface Trace {
  /** `log posterior`, `top covariance direction`, `p(label) of a validation image` … */
  name: string;
  values: number[][];
  rhat: number;
  essBulk: number;
}

export interface ChainDiagnostics {
  arm: Family;
  seed: number;
  temperature: number;
  /** Steps at which samples were taken. */
  steps: number[];
  traces: Trace[];
  /** Kinetic temperature ÷ T; NaN at T = 0. */
  kinetic: number;
  /** Share of pairs of samples that name a test image differently. */
  disagreement: number;
  /** Chains that became non-finite: left out here; the average keeps what they drew before. */
  diverged: number;
}

export interface PredictionSummary extends Interval {
  arm: Family;
  predictor: Predictor;
  metric: Metric | 'scaledNll';
}

/** Paired over seeds: predictor − versus, same arm, on test. */
export interface PredictionComparison extends JudgedDifference {
  arm: Family;
  predictor: Predictor;
  versus: Predictor;
  metric: Metric;
}

/** How probable the training labels are under a tuned prior, by Laplace's approximation around its solution (`inference/evidence.ts`); nats, all n rows together. */
export interface ArmEvidence extends LaplaceEvidence {
  arm: Family;
  seed: number;
  n: number;
  /** λ and κ, as tuned. */
  scale: number;
  headStrength: number;
}

export interface Inference {
  method: Method;
  /** Chains of a sampler, and members of the ensemble. */
  chains: number;
  /** Of a sampler's chain, or of SWAG from each solution. */
  steps: number;
  /** By arm and seed; empty where nothing beyond MAP was asked for. */
  evidence: ArmEvidence[];
  predictions: Prediction[];
  summaries: PredictionSummary[];
  comparisons: PredictionComparison[];
  diagnostics: ChainDiagnostics[];
  /** One sentence each: what failed, and what to do. */
  warnings: string[];
  /** null unless damaged images were asked for, and until they are read. */
  robustness: Robustness | null;
}
