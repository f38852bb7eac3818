/**
 * What the page and the lab worker say to each other. A request gets exactly one reply with its id; while a run is on,
 * events come unasked, and so does the progress of settling data. Parameters never cross here, only pictures, small numbers and finished files.
 */
import type { Fault } from '../core/errors.ts';
import type { HubRequest } from '../data/hub/find.ts';
import type { Choices, Note, Understanding } from '../data/import/contract.ts';
import type { Block } from '../data/inspect/browse.ts';
import type { Leakage } from '../data/inspect/leakage.ts';
import type { ContactSheet, DatasetPreview } from '../data/preview.ts';
import type { EngineInfo } from '../engine/contract.ts';
import type { Belief, Reads } from '../experiment/beliefs/beliefs-result.ts';
import type { Encoder } from '../experiment/embedding/embedding-result.ts';
import type { PointName } from '../experiment/surface/cut-spec.ts';
import type { LabEvent } from '../experiment/events.ts';
import type { Fields } from '../experiment/beliefs/fields.ts';
import type { Inspection } from '../experiment/surface/inspect.ts';
import type { DataLook, LookedRole } from '../experiment/look/look.ts';
import type { Result, SectionPrior, Trail } from '../experiment/result.ts';
import type { fittingConfig } from '../experiment/tasks.ts';
import type { SamplerCheck } from '../experiment/inference/sampler-check.ts';
import type { WeightsScore } from '../experiment/models/models.ts';
import type { Suspects } from '../experiment/look/suspects.ts';
import type { PixelPictures } from '../experiment/segmentation/pictures.ts';
import type { Walk } from '../experiment/beliefs/walk.ts';
import type { Arm, Family } from '../prior/prior.ts';
import type { WeightsListing } from '../prior/weights.ts';
import type { PosteriorSummary } from '../posterior/posterior.ts';
import type { KeptData } from '../storage/data-cache.ts';
import type { Room } from '../storage/folder.ts';
import type { RunEntry } from '../storage/runs/entry.ts';
import type { History } from '../storage/runs/store.ts';
import type { Unfinished } from '../storage/runs/unfinished.ts';

export type BackendChoice = 'auto' | EngineInfo['backend'];
export type EngineChoice = 'auto' | EngineInfo['engine'];

/** A data set the visitor added, as lists show it. */
export interface DatasetSummary {
  name: string;
  count: number;
  height: number;
  width: number;
  channels: number;
  classNames: string[];
  /** Images by class; of label maps, images in which a class occurs. */
  counts: number[];
  /** They have label maps: for segmentation. */
  mapped: boolean;
  /** Images in the splits that the data came with; null where they came without. */
  parts: [train: number, validation: number, test: number] | null;
}

/** A file handle that the page passes on; its bytes are read in the worker. */
export interface Handed {
  /** Inside what was dropped or named, forward slashes. */
  path: string;
  blob: Blob;
}

/** What an import reads: files, or a data set of the Hub. */
export type Origin = { files: Handed[] } | { hub: HubRequest };

/** How far settling data has come, in images; before that 0 of 0. */
export interface DataProgress {
  ticket: number;
  done: number;
  total: number;
  /** Received from the Hub so far. */
  bytes: number;
}

/** What every prior believes at one λ, with a walk through the low-rank one and, of the toy, pictures of one of them. */
export interface Believed {
  reads: Reads;
  dataset: string;
  classNames: string[];
  images: number;
  headStrength: number | null;
  draws: number;
  scale: number;
  table: Belief[];
  /** Some images side by side, and what each prior's draws say of them: `count` of them `answer`. */
  strip: ContactSheet;
  answers: { label: number; priors: { family: Family; answer: number; count: number; probabilities: number[] }[] }[];
  sentence: string;
  /** Null where there are no source images, or no covariance factor. */
  walk: Walk | null;
  fields: Fields | null;
}

export interface Requests {
  /** Starts the engine; `note` is one sentence on what was found and why it was picked. `base`: the page's own address, under which `data/` lies. */
  open: { in: { backend: BackendChoice; engine?: EngineChoice; base: string }; out: { info: EngineInfo; note: string | null } };
  /** What files or a data set of the Hub hold, before anything is used: a ticket for this import, which ends any other; null when something newer took its place. Only handles cross, never bytes. */
  examineData: { in: Origin & { choices?: Partial<Choices> }; out: { ticket: number; understanding: Understanding } | null };
  /** The same under other choices; null when the import was ended. */
  redrawData: { in: { ticket: number; choices: Partial<Choices> }; out: Understanding | null };
  /** Reads all images into a named data set; null when it was cancelled. Nothing changes when they are faulty. `keep`: on this machine, for visits without a network. */
  settleData: { in: { ticket: number; choices: Choices; keep?: boolean }; out: { summary: DatasetSummary; notes: Note[] } | null };
  /** Ends the import that is open. */
  cancelData: { in: Record<string, never>; out: null };
  /** Data sets kept on this machine, and the room they take. */
  keptData: { in: Record<string, never>; out: { kept: KeptData[]; room: Room | null } };
  /** Makes a kept data set one that can be used; what is there under its name already stays. */
  useKept: { in: { data: string }; out: DatasetSummary };
  removeKept: { in: { data: string }; out: null };
  forgetData: { in: { data: string }; out: null };
  renameClasses: { in: { data: string; classNames: string[] }; out: DatasetSummary };
  preview: { in: { role: 'source' | 'downstream'; config: unknown }; out: DatasetPreview };
  /** All images of added data, whatever sizes are asked for: to show where `preview` is refused for these. */
  wholePreview: { in: { role: 'source' | 'downstream'; config: unknown }; out: DatasetPreview };
  /** Sizes of the downstream splits that the data have room for, where those of the config are too large; null where they fit or nothing would. */
  fitSizes: { in: { config: unknown }; out: Awaited<ReturnType<typeof fittingConfig>> };
  /** The data of a role as a whole: classes, mean images, statistics beside the other role's. */
  lookAtData: { in: { role: LookedRole; config: unknown }; out: DataLook };
  /** Images from … to − 1 of a class (null: of all), as a grid so many across. */
  dataBlock: { in: { role: LookedRole; config: unknown; label: number | null; from: number; to: number; columns: number }; out: Block };
  /** null when other data took the place of those that were searched. */
  findDuplicates: { in: { role: LookedRole; config: unknown }; out: Leakage | null };
  /** Held-out images whose label the solutions of the last comparison find least likely; null when something newer took its place. */
  findSuspects: { in: Record<string, never>; out: Suspects | null };
  /** What the solutions of the last comparison say of the pixels of test images, where every pixel has a class; null when something newer took its place. */
  drawPixels: { in: { seed: number }; out: PixelPictures | null };
  /** A prior file takes the place of the learned posterior in later runs. */
  importPrior: { in: { bytes: Uint8Array; name: string }; out: PosteriorSummary };
  /** Goes back to learning the posterior. */
  forgetPrior: { in: Record<string, never>; out: null };
  /** Names and shapes of a weights file; nothing is used yet. */
  readWeights: { in: { blob: Blob; name: string }; out: WeightsListing };
  /** Source training starts from the weights read last, from the next run on. */
  useWeights: { in: Record<string, never>; out: null };
  /** Source training starts from an initialisation again. */
  forgetWeights: { in: Record<string, never>; out: null };
  /** The learned or imported posterior as a safetensors file. */
  exportPrior: { in: Record<string, never>; out: { bytes: Uint8Array } };
  /** An arm's solution of the last comparison; `samples`: settings by which samples of its posterior are drawn to go with it. Null when something newer took their place. */
  exportModel: { in: { arm: Arm; seed: number; format: 'safetensors' | 'tfjs'; samples: unknown }; out: { bytes: Uint8Array } | null };
  /** Weights from elsewhere (safetensors) on the test rows of a seed of the last comparison. */
  scoreWeights: { in: { bytes: Uint8Array; file: string; seed: number }; out: WeightsScore };
  /** It, its card, the PyTorch module, config and results as a zip; `images`: also downstream images that the visitor added (built-in ones always). */
  exportBundle: { in: { config: unknown; images: boolean }; out: { bytes: Uint8Array } };
  /**
   * Answers when the run has ended; `finished` false when it was cancelled. Events tell the rest. `keep`: a finished run goes to the history on this
   * machine, with its prior or without; `kept` names it there, and `unkept` says why it is not there although it should be. A run
   * to be kept also survives its worker as far as it came: `goOn` names one of `unfinishedRuns` to be gone on with, whose settings `config` must have.
   */
  run: { in: { config: unknown; keep?: { prior: boolean }; goOn?: string }; out: { finished: boolean; kept: string | null; unkept: string | null } };
  /** A study by the settings under `study`; `study-progress`, `study` and `study-cell` events tell the rest. `cells`: finished earlier, by key. Takes the place of a run: paused and cancelled like one. */
  study: { in: { config: unknown; cells: Record<string, string> }; out: { finished: boolean } };
  pause: { in: Record<string, never>; out: null };
  resume: { in: Record<string, never>; out: null };
  /** While paused: go on to the next event that moves the picture. */
  step: { in: Record<string, never>; out: null };
  cancel: { in: Record<string, never>; out: null };
  /** Points of the last comparison that a cut may go through, by seed. */
  cutPoints: { in: Record<string, never>; out: { seed: number; points: PointName[] }[] };
  /** A map of the last comparison's loss; `plane` events bring it, coarse first. `done` false when something newer took its place. */
  measurePlane: { in: { spec: unknown; seed: number; resolution: number }; out: { done: boolean } };
  /** A line for every seed; `lines` events bring them beside those that are there. */
  measureLines: { in: { spec: unknown }; out: { done: boolean } };
  stopCut: { in: Record<string, never>; out: null };
  /** The low-rank prior cut down to `rank`, on a map that was measured (null: not known any more) and on every line, in their order. */
  truncatePrior: { in: { key: string | null; rank: number }; out: { plane: SectionPrior[] | null; lines: SectionPrior[][] } };
  /** The training runs of the map's seed, projected on it; null when something newer took its place. */
  trails: { in: { key: string }; out: Trail[] | null };
  /** Samples of one chain a prior, by the sampling settings of `config`, projected on a map; null when something newer took their place. */
  samples: { in: { key: string; config: unknown }; out: Trail[] | null };
  /** The sampling settings of `config` put to a test: draws from a prior of the last comparison, at its tuned λ, held to the exact answer; null when something newer took its place. */
  checkSampler: { in: { config: unknown; family: Family; temperature: number }; out: SamplerCheck | null };
  /** After the posterior stage: what draws from every prior say at λ = `scale`; a walk along eigenvector `direction`; of the toy, pictures of `family`. Null when something newer took its place. */
  believe: { in: { reads: Reads; scale: number; family: Family; direction: number }; out: Believed | null };
  /** The same figures on a ladder of λ. */
  beliefLadder: { in: { reads: Reads }; out: Belief[] | null };
  /** Of the toy, after a run: a tuned solution, or samples drawn by the sampling settings of `config`, over the plane. */
  fields: { in: { of: { kind: 'solution'; arm: Arm } | { kind: 'samples'; family: Family }; seed: number; config: unknown }; out: Fields | null };
  /** Runs that were cut off and that no worker holds, the newest first. */
  unfinishedRuns: { in: Record<string, never>; out: Unfinished[] };
  dropUnfinished: { in: { id: string }; out: null };
  /** The runs kept on this machine. */
  listRuns: { in: Record<string, never>; out: History };
  openRun: { in: { id: string }; out: { entry: RunEntry; result: Result } };
  changeRun: { in: { id: string; name?: string; tags?: string[] }; out: null };
  /** Among the deleted, from where `restoreRun` takes it back. */
  removeRun: { in: { id: string }; out: null };
  restoreRun: { in: { id: string }; out: null };
  /** All deleted runs for good. */
  emptyRuns: { in: Record<string, never>; out: null };
  /** A whole run as one zip file. */
  zipRun: { in: { id: string }; out: { bytes: Uint8Array<ArrayBuffer> } };
  /** A run from such a file. */
  addRun: { in: { file: Blob }; out: RunEntry };
  /** The embedding's map by UMAP, points [N, 2] of the rows that the embedding of the last run names; null when something newer took its place. */
  unfold: { in: { encoder: Encoder }; out: Float32Array | null };
  /** Its images, small and side by side, in the order of `rows`; null where they are points. */
  embeddingTiles: { in: { rows: Uint32Array }; out: ContactSheet | null };
  /** The network at a point of a map. */
  inspect: { in: { key: string; a: number; b: number }; out: Inspection };
}
export type RequestKind = keyof Requests;

export type ToWorker = { [K in RequestKind]: { id: number; kind: K; body: Requests[K]['in'] } }[RequestKind];

export type FromWorker =
  | { [K in RequestKind]: { reply: number; kind: K; body: Requests[K]['out'] } }[RequestKind]
  | { reply: number; fault: Fault }
  | { event: LabEvent }
  | { settling: DataProgress };
