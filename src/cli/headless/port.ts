/** What the command line and the headless page say to each other, across Playwright: plain values and bytes only. */
import type { Fault } from '../../core/errors.ts';
import type { HubRequest } from '../../data/hub/find.ts';
import type { Choices, Note } from '../../data/import/contract.ts';
import type { EngineInfo } from '../../engine/contract.ts';
import type { LabEvent } from '../../experiment/events.ts';
import type { Arm } from '../../prior/prior.ts';
import type { BackendChoice, EngineChoice } from '../../worker/protocol.ts';

/** Events that the command line tells; pictures stay in the page. */
export type Heard = Extract<LabEvent, { kind: 'stage' | 'progress' | 'sentence' | 'study-progress' | 'study-cell' }>;

export interface Opening {
  backend: BackendChoice;
  engine: EngineChoice;
  /** Local data sets, each file served at its `url`, and data sets of the Hub. */
  /** Weights that source training starts from, served at `url`. */
  weights: { name: string; url: string } | null;
  data: { name: string; files: { path: string; url: string }[]; hub: HubRequest | null; choices: Partial<Choices> }[];
}

/** What was understood of local data and left out of them, in words. */
export interface Read {
  name: string;
  words: string;
  notes: Note[];
}

export type TextFile = 'result.json' | 'runs.csv' | 'surface.json';

export interface HeadlessLab {
  open(opening: Opening): Promise<{ info: EngineInfo; note: string | null; read: Read[] }>;
  /** Makes both tasks once, so that a missing data set or too small a class is found before anything is trained; says how far given weights fit. */
  check(config: unknown): Promise<string | null>;
  /** False when it was cancelled. */
  run(config: unknown): Promise<boolean>;
  /** False when it was cancelled. `cells`: finished earlier, by key. */
  study(ask: { config: unknown; cells: Record<string, string> }): Promise<boolean>;
  /** The study as far as it came, by file name; null before its first cell. */
  studyTexts(): Promise<{ files: Record<string, string>; sentence: string; digest: string | null } | null>;
  cancel(): Promise<void>;
  /** Of the finished run. */
  texts(): Promise<Record<TextFile, string>>;
  /** The learned posterior as a safetensors file. */
  prior(): Promise<Uint8Array>;
  /** It with all that goes with it, as a zip. */
  bundle(config: unknown): Promise<Uint8Array>;
  /** Arms and seeds of the finished run that have a tuned network, and one of these as a safetensors file. */
  solutions(): Promise<{ arm: Arm; seed: number }[]>;
  model(of: { arm: Arm; seed: number }): Promise<Uint8Array>;
}

export type Call = keyof HeadlessLab;
export type Answer<K extends Call> = Awaited<ReturnType<HeadlessLab[K]>>;
/** A fault as a value: an exception would come through Playwright as a page of stack. */
export type Outcome = { value: unknown } | { fault: Fault };

declare global {
  interface Window {
    priorscape(call: Call, argument: unknown): Promise<Outcome>;
    priorscapeHears(event: Heard): Promise<void>;
  }
}
