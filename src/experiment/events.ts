/** Events that the runner yields; the page and the command line are drawn from nothing else. */
import type { Embedding, NoEmbedding } from './embedding/embedding-result.ts';
import type { Inference } from './inference/inference-result.ts';
import type { PosteriorSummary } from '../posterior/posterior.ts';
import type { AlignmentGap, ArmResult, ArmSummary, Comparison, DirectionTest, Line, Plane, RacePoint, Result } from './result.ts';
import type { Segmentation } from './segmentation/segmentation-result.ts';
import type { Scaling } from './scaling/scaling-result.ts';
import type { Stage } from './config/settings.ts';
import type { Study } from './study/study-result.ts';

export interface SourcePoint {
  step: number;
  /** Means over the steps since the last point, on training batches: the objective's loss, and its share of rows that are right (contract.ts). */
  nll: number;
  accuracy: number;
  /** Self-supervised: views compared in a batch, 2B, so that NT-Xent by chance is log(2B − 1). */
  views?: number;
  learningRate: number;
  /** Snapshots collected so far. */
  snapshots: number;
}

export type LabEvent =
  /** `reused`: the stage's result of an earlier run still holds (or a prior file was imported) and was not computed again. */
  | { kind: 'stage'; stage: Stage; state: 'running' | 'done'; reused: boolean }
  /** secondsLeft is null until it can be told; `label` says what is being done. */
  | { kind: 'progress'; stage: Stage; done: number; total: number; secondsLeft: number | null; label: string }
  | { kind: 'source'; point: SourcePoint }
  | { kind: 'posterior'; summary: PosteriorSummary }
  /** What the source's features know; null where no images are to be read for it. */
  | { kind: 'embedding'; embedding: Embedding | NoEmbedding | null }
  | { kind: 'race'; point: RacePoint; steps: number }
  | { kind: 'arms'; arms: ArmResult[]; summaries: ArmSummary[]; comparisons: Comparison[]; segmentation: Segmentation | null }
  | { kind: 'plane'; plane: Plane }
  | { kind: 'lines'; lines: Line[]; alignmentGap: AlignmentGap[]; directionTest: DirectionTest | null }
  /** How far a cut is that was asked for after a run. */
  | { kind: 'cutting'; done: number; total: number; secondsLeft: number | null; label: string }
  | { kind: 'inference'; inference: Inference | null }
  /** One λ a layer beside the single one; null where it was not asked for. */
  | { kind: 'scaling'; scaling: Scaling | null }
  /** Of a study as a whole, in equal units of work; `kept`: cells that were there already. */
  | { kind: 'study-progress'; done: number; total: number; kept: number; secondsLeft: number | null; label: string }
  /** A study as far as it has come. */
  | { kind: 'study'; study: Study }
  /** A cell of a study, to be kept under its key. */
  | { kind: 'study-cell'; key: string; cell: string }
  | { kind: 'sentence'; stage: Stage; text: string }
  | { kind: 'finished'; result: Result };
