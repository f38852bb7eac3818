/** What a bundle is made of, gathered from what the worker holds: the prior, the run it took part in, if it did, and the downstream images. */
import { LabError } from '../core/errors.ts';
import { type Config, parseConfig } from '../experiment/config/config.ts';
import type { Memory } from '../experiment/memory.ts';
import type { Result } from '../experiment/result.ts';
import { BUILT_IN, checkFit, type DownstreamTask, downstreamTask, type Library } from '../experiment/tasks.ts';
import type { Posterior } from '../posterior/posterior.ts';
import { bundleFiles, zipped } from '../storage/bundle/bundle.ts';
import { PYTHON } from './python.ts';

/** The last finished run and the posterior it used. */
export interface Finished {
  posterior: Posterior;
  result: Result;
}

export interface BundleAsk {
  posterior: Posterior;
  finished: Finished | null;
  memory: Memory;
  library: Library;
  /** Settings as they stand: those of a bundle whose prior has seen no finished run. */
  config: unknown;
  /** Also images that a visitor added; built-in ones are always there. */
  images: boolean;
}

/** The zip. Throws LabError where values or images cannot leave. */
export async function bundleOf({ posterior, finished, memory, library, config: given, images }: BundleAsk): Promise<Uint8Array<ArrayBuffer>> {
  const asked = parseConfig(given);
  const result = finished?.posterior === posterior ? finished.result : null;
  // The name is the one setting that changes without a new run.
  const { name } = asked.config;
  const { preset, config } = result ? parseConfig({ ...result.config, preset: result.preset, name }) : asked;
  const shift = result && config.arms.includes('shift-trajectory') ? memory.downstream?.value.shift ?? null : null;
  const files = await bundleFiles({
    posterior, config, preset, python: PYTHON, shift, result: result && { ...result, config }, task: await taskFor(config, library, posterior, images),
  });
  return zipped(files, 'priorscape-bundle');
}

async function taskFor(config: Config, library: Library, posterior: Posterior, images: boolean): Promise<DownstreamTask | null> {
  if (!images && !BUILT_IN.includes(config['downstream.data'])) return null;
  try {
    await checkFit(config, library, posterior.architecture);
  } catch (error) {
    // An imported prior need not be for the data that happen to be chosen; it leaves all the same.
    if (error instanceof LabError && !images) return null;
    throw error;
  }
  const task = await downstreamTask(config, library);
  // compare.py classifies images; label maps are another task.
  return task.dataset.maps ? null : task;
}
