/**
 * What the page and the lab worker say to each other. A request gets exactly one reply with its id; while a run is on,
 * events come unasked. Parameters never cross here, only pictures, small numbers and finished files.
 */
import type { Fault } from '../core/errors.ts';
import type { DatasetPreview } from '../data/preview.ts';
import type { EngineInfo } from '../engine/contract.ts';
import type { PointName } from '../experiment/cut-spec.ts';
import type { LabEvent } from '../experiment/events.ts';
import type { Inspection } from '../experiment/inspect.ts';
import type { SectionPrior, Trail } from '../experiment/result.ts';
import type { SamplerCheck } from '../experiment/sampler-check.ts';
import type { Family } from '../prior/prior.ts';
import type { PosteriorSummary } from '../posterior/posterior.ts';

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
}

export interface Requests {
  /** Starts the engine; `note` is one sentence on what was found and why it was picked. `base`: the page's own address, under which `data/` lies. */
  open: { in: { backend: BackendChoice; engine?: EngineChoice; base: string }; out: { info: EngineInfo; note: string | null } };
  /** Reads IDX files (images + labels) into a named data set. Nothing changes when they are faulty. */
  addData: { in: { name: string | null; files: { name: string; bytes: Uint8Array }[] }; out: DatasetSummary };
  renameClasses: { in: { data: string; classNames: string[] }; out: DatasetSummary };
  preview: { in: { role: 'source' | 'downstream'; config: unknown }; out: DatasetPreview };
  /** A prior file takes the place of the learned posterior in later runs. */
  importPrior: { in: { bytes: Uint8Array; name: string }; out: PosteriorSummary };
  /** Goes back to learning the posterior. */
  forgetPrior: { in: Record<string, never>; out: null };
  /** The learned or imported posterior as a safetensors file. */
  exportPrior: { in: Record<string, never>; out: { bytes: Uint8Array } };
  /** Answers when the run has ended; `finished` false when it was cancelled. Events tell the rest. */
  run: { in: { config: unknown }; out: { finished: boolean } };
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
  /** The network at a point of a map. */
  inspect: { in: { key: string; a: number; b: number }; out: Inspection };
}
export type RequestKind = keyof Requests;

export type ToWorker = { [K in RequestKind]: { id: number; kind: K; body: Requests[K]['in'] } }[RequestKind];

export type FromWorker =
  | { [K in RequestKind]: { reply: number; kind: K; body: Requests[K]['out'] } }[RequestKind]
  | { reply: number; fault: Fault }
  | { event: LabEvent };
