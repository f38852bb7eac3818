/**
 * What the pool and a compute worker say to each other: one request, one reply. A compute worker holds a typed-array
 * engine of its own; data sets and populations are known by the pool's numbers.
 */
import type { Fault } from '../core/errors.ts';
import type { Dataset, Normalisation } from '../data/dataset.ts';
import type { Evaluation, GradientLabels, PointRequest, Points, PopulationSpec, PopulationState, Progress } from '../engine/contract.ts';
import type { Architecture } from '../model/architecture.ts';

export interface ComputeCalls {
  open: { in: { backend: 'wasm' | 'cpu' }; out: null };
  load: { in: { data: number; dataset: Dataset; normalisation: Normalisation }; out: null };
  unload: { in: { data: number }; out: null };
  populate: { in: { population: number; data: number; spec: Omit<PopulationSpec, 'data'>; from?: PopulationState }; out: null };
  save: { in: { population: number }; out: PopulationState };
  advance: { in: { population: number; steps: number }; out: Progress };
  evaluateChains: { in: { population: number; data: number; indices: Uint32Array[]; items: { chain: number; rows: number }[]; logits: boolean }; out: Evaluation };
  parameters: { in: { population: number; chains: number[] }; out: Float32Array[] };
  dispose: { in: { population: number }; out: null };
  evaluatePoints: { in: { architecture: Architecture; data: number; indices: Uint32Array; points: Points; logits: boolean }; out: Evaluation };
  squaredGradients: { in: Omit<PointRequest, 'data'> & { data: number; labels: GradientLabels }; out: Float64Array[] };
  features: { in: Omit<PointRequest, 'data'> & { data: number }; out: Float32Array[] };
}
export type ComputeCall = keyof ComputeCalls;

export type ToCompute = { [K in ComputeCall]: { id: number; call: K; body: ComputeCalls[K]['in'] } }[ComputeCall];
export type FromCompute = { id: number; body: ComputeCalls[ComputeCall]['out'] } | { id: number; fault: Fault };

/** The part of a Worker (or of one end of a MessageChannel) that the pool uses. */
export interface ComputePort {
  postMessage(message: ToCompute): void;
  onReply(listener: (message: FromCompute) => void): void;
  /** Called once with a sentence when the worker dies. */
  onDeath(listener: (sentence: string) => void): void;
  terminate(): void;
}
