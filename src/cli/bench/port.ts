/** What the benchmark's driver asks of a place where code is measured (a page, a process): plain values only. */
import type { Fault } from '../../core/errors.ts';
import type { Summary } from './figures.ts';
import type { Roofline } from './measure/roofline.ts';
import type { Facts } from './measure/running.ts';
import type { Encoding } from './measure/encoding.ts';
import type { StepKernels } from './measure/kernels.ts';
import type { SurfaceSpeed } from './measure/surface.ts';
import type { Contestant } from './plan.ts';

export interface Calls {
  /** Builds a contestant and runs it until it is warm. All contestants of a place are of one kind. */
  open: { in: { contestant: Contestant; sampleMs: number }; out: Opened };
  /** Milliseconds a chain-step of an opened contestant. */
  sample: { in: { contestant: Contestant }; out: number };
  roofline: { in: { ms: number }; out: Roofline };
  kernels: { in: { chains: number; ms: number }; out: StepKernels };
  /** `auto`: the engine that the lab would start with here. */
  surface: { in: { engine: 'auto' | 'fused' | 'wasm'; ms: number }; out: SurfaceSpeed };
  /** JavaScript of the fused engine's steps, with these ranks of the prior (null: none). */
  encoding: { in: { ranks: (number | null)[] }; out: Encoding[] };
  redraw: { in: object; out: Summary };
}

export interface Opened {
  facts: Facts;
  /** GPU dispatches of one step of all chains; null off the GPU. */
  dispatches: number | null;
}

export type Outcome = { value: unknown } | { fault: Fault };

/** A place of its own: nothing that was measured elsewhere is alive in it. */
export interface Place {
  call<K extends keyof Calls>(name: K, input: Calls[K]['in']): Promise<Calls[K]['out']>;
  close(): Promise<void>;
}

/** Where the benchmark runs. */
export interface Shell {
  host: 'chromium' | 'node';
  versions: Record<string, string>;
  /** Kinds that can run here. */
  wasm: boolean;
  open(): Promise<Place>;
}

declare global {
  interface Window {
    priorscapeBench(name: keyof Calls, input: unknown): Promise<Outcome>;
  }
}
