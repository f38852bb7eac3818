/** The data of an experiment as the engine holds them: made and loaded once, and again only where what they depend on changed. */
import type { DataRef } from '../engine/contract.ts';
import type { Posterior } from '../posterior/posterior.ts';
import { keysOf } from './keys.ts';
import { loadedOnce } from './memory.ts';
import type { Experiment } from './runner.ts';
import { type DownstreamTask, downstreamTask, seedsOf, type SourceTask, sourceTask } from './tasks.ts';

export async function sourceData({ config, engine, library, memory }: Experiment, key: string): Promise<{ task: SourceTask; data: DataRef }> {
  memory.loaded.source = await loadedOnce(memory, 'source', key, memory.loaded.source, engine,
    () => sourceTask(config, library), (task) => engine.load(task.dataset, task.normalisation));
  return memory.loaded.source.value;
}

/** Both tasks of an experiment whose posterior is learned; the source's is null where the prior was imported. */
export async function loadedFor(experiment: Experiment, posterior: Posterior): Promise<{ source: SourceTask | null; downstream: DownstreamTask }> {
  const keys = keysOf(experiment);
  const source = experiment.imported ? null : (await sourceData(experiment, keys.sourceData)).task;
  return { source, downstream: (await downstreamData(experiment, posterior, keys.downstreamData)).task };
}

/** Seen as the posterior's network saw the source. */
export async function downstreamData({ config, engine, library, memory }: Experiment, posterior: Posterior, key: string): Promise<{ task: DownstreamTask; data: DataRef }> {
  const made = { ...posterior.normalisation };
  const { channels } = posterior.architecture.input;
  memory.loaded.downstream = await loadedOnce(memory, 'downstream', JSON.stringify([key, made, channels]), memory.loaded.downstream, engine,
    () => downstreamTask(config, library, seedsOf(config), channels), (task) => engine.load(task.dataset, made));
  return memory.loaded.downstream.value;
}
