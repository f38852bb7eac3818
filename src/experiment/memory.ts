/**
 * What a runner remembers between runs, so that a changed setting recomputes only what it makes stale. Owned by the
 * caller (a worker keeps one); everything in it belongs to one engine.
 */
import type { Gaussian } from '../core/gaussian.ts';
import type { DataRef, Engine } from '../engine/contract.ts';
import type { Posterior, PosteriorSummary } from '../posterior/posterior.ts';
import type { PriorPredictive } from './beliefs/beliefs-result.ts';
import type { ComparisonOutcome } from './comparison/comparison.ts';
import type { KeptEmbedding } from './embedding/stage.ts';
import type { SourcePoint } from './events.ts';
import type { Inference } from './inference/inference-result.ts';
import type { Surface } from './result.ts';
import type { Scaling } from './scaling/scaling-result.ts';
import type { Studio } from './surface/studio.ts';
import type { DownstreamTask, SourceTask } from './tasks.ts';

/** A result and the key of all it depends on. */
export interface Kept<T> {
  key: string;
  value: T;
}

export interface Memory {
  engine: Engine | null;
  /** Learned on the source; also what is exported as a prior file. */
  source: Kept<{ posterior: Posterior; points: SourcePoint[]; tested: number }> | null;
  posterior: Kept<PosteriorSummary> | null;
  embedding: Kept<KeptEmbedding> | null;
  /** The shift-trajectory posterior, whole; learned only where that arm takes part. */
  shift: Kept<Gaussian> | null;
  /** `shift`: the prior of the arm shift-trajectory; null where it took no part. */
  downstream: Kept<{ outcome: ComparisonOutcome; dataset: string; classNames: string[]; shift: Gaussian | null }> | null;
  surface: Kept<Surface> | null;
  inference: Kept<Inference | null> | null;
  scaling: Kept<Scaling | null> | null;
  predictive: Kept<PriorPredictive | null> | null;
  /** For the cuts that are asked for after a run; of the last comparison. */
  studio: Kept<Studio> | null;
  /** Data that the engine holds now. */
  loaded: {
    source: Kept<{ task: SourceTask; data: DataRef }> | null;
    downstream: Kept<{ task: DownstreamTask; data: DataRef }> | null;
  };
  /** Names imported posteriors, which have no settings to be known by. */
  imported: WeakMap<Posterior, string>;
  imports: number;
}

export function createMemory(): Memory {
  return {
    engine: null, source: null, posterior: null, embedding: null, shift: null, downstream: null, surface: null, inference: null, scaling: null, predictive: null, studio: null,
    loaded: { source: null, downstream: null }, imported: new WeakMap(), imports: 0,
  };
}

/**
 * Forgets what another engine holds, and what it computed unless it was one of the same kind: after a lost device the
 * same adapter goes on where the last one stopped, while another backend's numbers would be other numbers.
 */
export function belongTo(memory: Memory, engine: Engine): void {
  if (memory.engine === engine) return;
  const { imported, imports } = memory;
  const kept = memory.engine !== null && kindOf(memory.engine) === kindOf(engine) ? outcomesOf(memory) : {};
  Object.assign(memory, createMemory(), { engine, imported, imports }, kept);
}

/** What stages left that lies on no engine and may be put back, with its keys. Numbers alone, but for the embedding, which has the source's images beside it. */
export type Outcomes = Pick<Memory, 'source' | 'posterior' | 'embedding' | 'shift' | 'downstream' | 'surface' | 'inference' | 'scaling' | 'predictive'>;

export function outcomesOf({ source, posterior, embedding, shift, downstream, surface, inference, scaling, predictive }: Memory): Outcomes {
  return { source, posterior, embedding, shift, downstream, surface, inference, scaling, predictive };
}

/** Engines of one kind give equal numbers. */
export function kindOf({ info }: Pick<Engine, 'info'>): string {
  return JSON.stringify([info.engine, info.backend, info.adapter]);
}

/** A name for an imported posterior, the same for the same object. */
export function importName(memory: Memory, posterior: Posterior): string {
  let name = memory.imported.get(posterior);
  if (!name) memory.imported.set(posterior, (name = `imported ${++memory.imports}`));
  return name;
}

/** What `make` gives, from memory when the key is that of the last time; what it replaces is unloaded from the engine. */
export async function loadedOnce<T>(
  memory: Memory, role: 'source' | 'downstream', key: string, held: Kept<{ task: T; data: DataRef }> | null, engine: Engine,
  make: () => Promise<T>, load: (task: T) => Promise<DataRef>,
): Promise<Kept<{ task: T; data: DataRef }>> {
  if (held?.key === key) return held;
  if (held) {
    memory.loaded[role] = null;
    await engine.unload(held.value.data);
  }
  const task = await make();
  return { key, value: { task, data: await load(task) } };
}
