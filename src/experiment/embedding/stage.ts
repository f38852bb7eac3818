/** The embedding as a part of a run: measured once for a posterior and shown again from memory, or a sentence on why it cannot be. */
import { LabError } from '../../core/errors.ts';
import type { DataRef } from '../../engine/contract.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { stageKey } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import { keysOf } from '../keys.ts';
import { sourceData } from '../loaded.ts';
import type { Experiment } from '../runner.ts';
import { dataIdentity, type SourceTask } from '../tasks.ts';
import type { Embedding, NoEmbedding } from './embedding-result.ts';
import { type Material, measureEmbedding } from './embedding.ts';

/** What stays of it in memory; `material` null where nothing was measured. */
export interface KeptEmbedding {
  told: Embedding | NoEmbedding | null;
  material: Material | null;
  /** The data whose rows it shows. */
  task: SourceTask | null;
}

/** What it depends on. */
export function embeddingKey(experiment: Experiment): string {
  const { config, library, imported } = experiment;
  const { source } = keysOf(experiment);
  return JSON.stringify([source, config['embedding.images'], imported ? importedDataKey(experiment) : dataIdentity(config, library, 'source')]);
}

/** Yields progress and, at the end, what is told; null where no images are to be read. */
export async function* embeddingStage(experiment: Experiment, posterior: Posterior): AsyncGenerator<LabEvent, Embedding | NoEmbedding | null> {
  const { config, engine, memory } = experiment;
  const key = embeddingKey(experiment);
  if (memory.embedding?.key !== key) {
    const images = config['embedding.images'];
    const source = images === 0 ? null : await sourceOf(experiment, posterior);
    let value: KeptEmbedding = { told: typeof source === 'string' ? { missing: source } : null, material: null, task: null };
    if (source && typeof source !== 'string') {
      const { embedding, material } = yield* measureEmbedding({ engine, posterior, ...source, seed: posterior.provenance.seed, images });
      value = { told: embedding, material, task: source.task };
    }
    memory.embedding = { key, value };
  }
  const { told } = memory.embedding.value;
  yield { kind: 'embedding', embedding: told };
  return told;
}

/** The data that the posterior was learned on, or why they are not at hand. */
async function sourceOf(experiment: Experiment, posterior: Posterior): Promise<{ task: SourceTask; data: DataRef } | string> {
  const { imported } = experiment;
  const { architecture } = posterior;
  if (!architecture.head) return 'This network has no features apart from its answers, so there is no embedding to read.';
  const found = imported ? await sourceOfImported(experiment, imported) : await sourceData(experiment, keysOf(experiment).sourceData);
  if (typeof found === 'string') return found;
  if (found.task.dataset.maps) return 'The source names every pixel, and there is no one class of an image for a probe to read: its embedding is not measured.';
  return found;
}

/** Of a prior from a file: the data that the settings name, where they are those it was learned on, with the same rows held out. */
async function sourceOfImported(experiment: Experiment, { normalisation, provenance: { dataset, datasetSha256, seed, training } }: Posterior): Promise<{ task: SourceTask; data: DataRef } | string> {
  const absent = `The prior comes from a file, learned on ${dataset} with base seed ${seed}; choose those data, that seed and its test share under Source and its embedding is measured too.`;
  // With another share rows that were trained on would be held out; a file that does not say its share is taken at its word for the rest.
  const alike = (['source.testShare', 'source.test'] as const).every((key) => training[key] === undefined || training[key] === experiment.config[key]);
  if (!alike) return absent;
  try {
    const found = await sourceData(experiment, importedDataKey(experiment));
    const { dataset: { sha256 }, normalisation: { mean, std } } = found.task;
    return sha256 === datasetSha256 && experiment.config.seed === seed && mean === normalisation.mean && std === normalisation.std ? found : absent;
  } catch (error) {
    if (!(error instanceof LabError) || error.kind === 'device') throw error;
    return error.kind === 'memory' ? error.message : absent;
  }
}

function importedDataKey({ config, library }: Experiment): string {
  return JSON.stringify(['of an imported prior', stageKey(config, 'source'), dataIdentity(config, library, 'source')]);
}
