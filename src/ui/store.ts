/** Everything the page shows, in one store that knows no React. `lab.ts` changes it; panels read narrow slices of it. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Note } from '../data/import/contract.ts';
import type { DatasetPreview } from '../data/preview.ts';
import type { EngineInfo } from '../engine/contract.ts';
import type { PointName } from '../experiment/surface/cut-spec.ts';
import type { Inspection } from '../experiment/surface/inspect.ts';
import type { Trail } from '../experiment/result.ts';
import type { PosteriorSummary } from '../posterior/posterior.ts';
import type { KeptData } from '../storage/data-cache.ts';
import type { Room } from '../storage/folder.ts';
import type { WeightsListing } from '../prior/weights.ts';
import type { Unfinished } from '../storage/runs/unfinished.ts';
import type { BackendChoice, DatasetSummary } from '../worker/protocol.ts';
import { type HistoryState, openingHistory } from './history-desk.ts';
import type { Importing } from './importing.ts';
import { emptyPicture, type Picture } from './reduce.ts';
import { type Edits, type Settings, settingsOf } from './settings/edit.ts';
import { OPENING_CHOICE, type SurfaceChoice } from './surface/view.ts';
import type { Basis } from './stale.ts';
import { NO_STUDY, type StudyState } from './study-desk.ts';
import { OPENING_PRESET } from './link.ts';

export type Role = 'source' | 'downstream';
export const ROLES = ['source', 'downstream'] as const satisfies readonly Role[];

export type Device =
  | { state: 'opening' }
  | { state: 'open'; info: EngineInfo; note: string | null }
  | { state: 'failed'; sentence: string };

export type Phase = 'idle' | 'running' | 'paused' | 'cancelling';

export interface RoleData {
  /** With a fault: all images of the data chosen, or what was shown of them before. */
  preview: DatasetPreview | null;
  /** Why there is no preview of what the settings ask for. */
  previewFault: string | null;
  /** Sizes that would fit where the data are too small for those asked for. */
  fitting: Edits | null;
  busy: boolean;
}

export interface ImportedPrior {
  file: string;
  /** Names this import. */
  id: string;
  summary: PosteriorSummary;
}

/** A weights file on its way in: none yet, being read, or read and held against the network. */
export interface ChoosingWeights {
  file: File | null;
  busy: boolean;
  fault: string | null;
  listing: WeightsListing | null;
}

/** One sentence about something that went wrong, and the way on that goes with it. */
export interface Trouble {
  sentence: string;
  way: 'dismiss' | 'restart';
}

/** The surface panel: what was chosen there and what was asked for besides the run's own picture. */
export interface SurfaceState {
  choice: SurfaceChoice;
  /** What the worker measures for this panel now. */
  busy: 'plane' | 'lines' | 'paths' | null;
  /** Why the last wish could not be fulfilled. */
  fault: string | null;
  /** What cuts may go through, by seed; empty before the first run. */
  points: { seed: number; points: PointName[] }[];
  /** On the map with this key. */
  trails: { key: string; trails: Trail[] } | null;
  samples: { key: string; trails: Trail[] } | null;
  /** Key of a map whose measuring was stopped. */
  unfinished: string | null;
  picked: { a: number; b: number } | null;
  inspection: Inspection | null;
}

export interface LabState {
  settings: Settings;
  device: Device;
  backend: BackendChoice;
  /** Counts workers: a fresh one remembers nothing of what an earlier one finished. */
  worker: number;
  phase: Phase;
  picture: Picture;
  /** What the shown pictures were computed from; null before the first run. */
  shown: Basis | null;
  trouble: Trouble | null;
  /** Added by the visitor. `version` counts changes, so that replaced data make stale what was computed from the old; `notes`: what was left out or decided when it was read. */
  datasets: { summary: DatasetSummary; version: number; notes: Note[] }[];
  /** The import dialog, while it is open. */
  importing: Importing | null;
  /** Data sets kept on this machine, and the room that all it keeps takes. */
  kept: KeptData[];
  room: Room | null;
  data: Record<Role, RoleData>;
  surface: SurfaceState;
  imported: ImportedPrior | null;
  history: HistoryState;
  /** The kept run that was opened last; the pictures are its own while they are of no worker (stale.ts). */
  opened: { name: string; created: string } | null;
  /** Weights that source training starts from; null: an initialisation. */
  weights: WeightsListing | null;
  /** The dialog in which they are chosen, while it is open. */
  choosingWeights: ChoosingWeights | null;
  /** A run that was cut off on an earlier visit or with an earlier worker, to be gone on with. */
  unfinished: Unfinished | null;
  priorFault: string | null;
  priorBusy: boolean;
  study: StudyState;
}

export type LabStore = StoreApi<LabState>;

const NO_DATA: RoleData = { preview: null, previewFault: null, fitting: null, busy: true };

export function createLabStore(settings: Settings = settingsOf(OPENING_PRESET), choice: SurfaceChoice = OPENING_CHOICE): LabStore {
  return createStore<LabState>(() => ({
    settings, device: { state: 'opening' }, backend: 'auto', worker: 0, phase: 'idle', picture: emptyPicture(), shown: null, trouble: null,
    surface: { choice, busy: null, fault: null, points: [], trails: null, samples: null, unfinished: null, picked: null, inspection: null },
    datasets: [], importing: null, kept: [], room: null, data: { source: NO_DATA, downstream: NO_DATA }, imported: null, weights: null, choosingWeights: null, history: openingHistory(), opened: null, unfinished: null, priorFault: null, priorBusy: false, study: NO_STUDY,
  }));
}

/** What a run started now would depend on. */
export function basisOf({ settings: { config }, datasets, imported, weights, worker }: LabState): Basis {
  const identity = (role: Role) => {
    const added = datasets.find(({ summary }) => summary.name === config[`${role}.data`]);
    return added ? JSON.stringify([added.version, added.summary.classNames]) : '';
  };
  return { config, data: { source: identity('source'), downstream: identity('downstream') }, imported: imported?.id ?? null, weights: weights?.sha256 ?? null, worker };
}

/** What the worker is asked to run or to preview. */
/** The worker holds the run that is shown: it is neither opened from the history nor of a worker that is gone. */
export function isHere({ shown, worker }: Pick<LabState, 'shown' | 'worker'>): boolean {
  return (shown?.worker ?? worker) === worker;
}

/** Why nothing can be asked of a run that is not here. Another run that the worker may hold must not answer in its place. */
export const NOT_HERE = 'Of the run that is shown only pictures and numbers are here; press Run, then ask again.';

export function asked({ settings: { preset, config } }: LabState): Record<string, unknown> {
  return { preset, ...config };
}

export function withRole(store: LabStore, role: Role, change: Partial<RoleData>): void {
  store.setState(({ data }) => ({ data: { ...data, [role]: { ...data[role], ...change } } }));
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
