/**
 * What a finished experiment holds: `result.json` is this object (typed arrays as arrays; `surface.plane` and
 * `surface.lines` go to `surface.json` instead), and the page draws nothing else. Every number was computed in the run
 * or read from a file that says so. JSON knows no NaN and no Infinity: a number that does not exist is null there.
 */
import type { Interval, JudgedDifference } from '../core/statistics.ts';
import type { EngineInfo } from '../engine/contract.ts';
import type { Metric, Metrics } from '../measure/metrics.ts';
import type { PriorSection } from '../measure/quadratic.ts';
import type { PosteriorSummary, SourceMethod, StartedFrom } from '../posterior/posterior.ts';
import type { Arm, Family } from '../prior/prior.ts';
import type { PriorPredictive } from './beliefs/beliefs-result.ts';
import type { Config } from './config/config.ts';
import type { SourcePoint } from './events.ts';
import type { Embedding, NoEmbedding } from './embedding/embedding-result.ts';
import type { PlaneSpec } from './surface/cut-spec.ts';
import type { Inference } from './inference/inference-result.ts';
import type { Segmentation } from './segmentation/segmentation-result.ts';
import type { Scaling } from './scaling/scaling-result.ts';
import type { Stage } from './config/settings.ts';

export type { Interval, JudgedDifference, Verdict } from '../core/statistics.ts';
export { METRICS } from '../measure/metrics.ts';
export type { Metric, Metrics } from '../measure/metrics.ts';
export type { PriorSection } from '../measure/quadratic.ts';

/** One training run of the population: a row of runs.csv. */
export interface Run {
  arm: Arm;
  n: number;
  seed: number;
  /** λ; null for arms without a scale. */
  scale: number | null;
  headStrength: number;
  learningRate: number;
  validation: Metrics;
  /** This run has the lowest validation NLL of its arm and seed. */
  chosen: boolean;
  /** Step at which it became non-finite, null while sound. */
  divergedAt: number | null;
}

/** The chosen run of an arm for a seed. */
export interface ArmResult {
  arm: Arm;
  n: number;
  seed: number;
  scale: number | null;
  headStrength: number;
  learningRate: number;
  /** The chosen scale (or learning rate) is the first or last of its grid, in words: 'low' | 'high' | null. */
  atEdge: 'low' | 'high' | null;
  train: Metrics;
  validation: Metrics;
  test: Metrics;
  /** Runs of this arm and seed that became non-finite. */
  diverged: number;
}

/** Mean over seeds of one arm's test metric. */
export interface ArmSummary extends Interval {
  arm: Arm;
  n: number;
  metric: Metric;
}

/** Paired over seeds: arm − versus, on test. `p` is that of the paired t test, `holm` adjusted for all comparisons of this n and metric; the verdict goes by `holm`. */
export interface Comparison extends JudgedDifference {
  arm: Arm;
  versus: Arm;
  n: number;
  metric: Metric;
}

/** Validation NLL against steps of the run that is best so far, per arm and seed: what the race shows. */
export interface RacePoint {
  step: number;
  arms: { arm: Arm; /** [seeds], NaN where diverged */ validationNll: number[]; trainNll: number[] }[];
}

/** A point projected on a plane. */
export interface PlanePoint {
  name: string;
  arm: Arm | null;
  a: number;
  b: number;
  /** Distance from the plane, parameter units; 0 on it. */
  off: number;
}

/** The prior term of one family on a plane or a line, closed-form in the place, λ and ε (measure/quadratic.ts). */
export interface SectionPrior extends PriorSection {
  family: Family;
  /** Rows of its covariance factor. */
  rank: number;
  /** λ tuned by validation NLL. */
  chosenScale: number;
}

/** Maps over a plane origin + a·u + b·v (u, v orthonormal, parameter units), row-major [b][a]; NaN: not known yet, or not finite. */
export interface Plane {
  /** Names what was measured: cut, seed, resolution, images. Equal keys, equal maps. */
  key: string;
  spec: PlaneSpec;
  seed: number;
  /** What spans it, in words: `the plane through …`. */
  title: string;
  /** Of the a and the b axis, without unit. */
  axes: [string, string];
  a: number[];
  b: number[];
  trainNll: Float32Array;
  testNll: Float32Array;
  trainAccuracy: Float32Array;
  testAccuracy: Float32Array;
  /** 1 where the network was evaluated; 0 where the maps bend so little that the value was interpolated, or is missing. */
  measured: Uint8Array;
  /** Number of training examples N: the objective is trainNll + prior/N. */
  n: number;
  /** Images each point was evaluated on. */
  rows: { train: number; test: number };
  points: PlanePoint[];
  /** The prior term of each family, at its arm's chosen head strength. */
  priors: SectionPrior[];
  /** The points do not span a plane: the second direction is random. */
  degenerate: boolean;
}

/** A training run, or the samples of a chain, projected on a plane, at steps of it [T]. */
export interface Trail {
  arm: Arm;
  seed: number;
  /** Of a sampling chain; null: the training run. */
  temperature: number | null;
  steps: number[];
  a: number[];
  b: number[];
  /** Distance from the plane, parameter units. */
  off: number[];
}

/** A cut along one direction: t is the position in parameter units, 0 at `from`. */
export interface Line {
  cut: string;
  seed: number;
  from: string;
  to: string | null;
  /** Distance from `from` to `to` (or the reference length of the cut), parameter units. */
  length: number;
  /** Position of `from` and `to` on the t axis. */
  ends: [number, number];
  t: number[];
  trainNll: number[];
  testNll: number[];
  n: number;
  priors: SectionPrior[];
}

/**
 * How much the downstream losses rise along the top directions of the learned covariance and along random directions of
 * the same norm, from a point built from no fine-tuned extractor. Both signs of a direction are averaged.
 */
export interface DirectionTest {
  from: string;
  /** Norms of the step, parameter units [R], ascending. */
  radii: number[];
  kinds: {
    kind: 'covariance' | 'random';
    directions: number;
    /** Rise of the NLL in nats at each radius [R]: mean over seeds, interval over directions. */
    train: Interval[];
    test: Interval[];
  }[];
  /** Covariance − random at the largest radius, paired by seed; judged together. */
  difference: { train: JudgedDifference; test: JudgedDifference };
}

/** Alignment gap (PTYL Figure 1) on one cut with one training objective, over seeds. */
export interface AlignmentGap {
  cut: string;
  /** Whose prior is in the objective; null: training NLL alone. */
  prior: Family | null;
  /** |argmin objective − argmin test NLL|, parameter units. */
  gap: Interval;
  /** gap ÷ length of the cut. */
  relative: Interval;
  /** Test NLL at the objective's minimiser − lowest test NLL on the line. */
  testCost: Interval;
  /** Seeds whose minimiser lay on the boundary of the cut: the gap then reads "≥". */
  atBoundary: number;
  /** This gap − that of the training NLL alone, and − that under L2-SP, paired by seed, judged together with the others of its cut; null for itself or without the rival. */
  versusTrain: JudgedDifference | null;
  versusL2sp: JudgedDifference | null;
}

export interface Surface {
  plane: Plane | null;
  lines: Line[];
  alignmentGap: AlignmentGap[];
  directionTest: DirectionTest | null;
}

export interface Result {
  version: 1;
  config: Config;
  preset: string;
  created: string;
  device: EngineInfo & { note: string | null; userAgent: string };
  /**
   * `method`: supervised, or a self-supervised one, whose `accuracy` and `nll` are those of a linear probe on the averaged network's features.
   * `curve`: the course of training; empty for an imported prior. `start`: the file whose weights it started from; null: an initialisation.
   */
  source: { dataset: string; method: SourceMethod; accuracy: number | null; nll: number | null; steps: number; imported: boolean; curve: SourcePoint[]; start: StartedFrom | null };
  posterior: PosteriorSummary;
  /** What the source's features know, beside those of a random encoder (embedding/embedding-result.ts); the map's points go to embedding.csv. null when `embedding.images` is 0. */
  embedding: Embedding | NoEmbedding | null;
  downstream: { dataset: string; n: number; classNames: string[]; seeds: number[] };
  runs: Run[];
  arms: ArmResult[];
  summaries: ArmSummary[];
  comparisons: Comparison[];
  race: RacePoint[];
  /** By class, of a comparison in which every pixel has one (segmentation-result.ts); null where images have one label. */
  segmentation: Segmentation | null;
  surface: Surface;
  /** null when the method is MAP and no damaged images were asked for; `robustness.disputed.strip` is left out. */
  inference: Inference | null;
  /** One λ a layer beside the single one (scaling-result.ts); null when it was not asked for or no arm has a learned centre. */
  scaling: Scaling | null;
  /** What the priors believe; null unless `predictive.draws` is above 0. */
  priorPredictive: PriorPredictive | null;
  /** Plain sentences computed from the numbers, per stage. */
  sentences: Partial<Record<Stage, string>>;
  /** Seconds. */
  timings: Partial<Record<Stage, number>> & { total: number };
}
