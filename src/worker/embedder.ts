/** What is asked of the embedding after a run: its map by UMAP, in turn with the cuts, and small pictures of its images. */
import { LabError } from '../core/errors.ts';
import { type ContactSheet, isPlanar, thumbnails } from '../data/preview.ts';
import { type Encoder, ENCODERS } from '../experiment/embedding/embedding-result.ts';
import type { Material } from '../experiment/embedding/embedding.ts';
import type { KeptEmbedding } from '../experiment/embedding/stage.ts';
import type { LabEvent } from '../experiment/events.ts';
import type { Requests } from './protocol.ts';
import type { Turns } from './turns.ts';

/** UMAP's own stream is the same whatever the experiment's seed: maps of two encoders differ by what they show alone. */
const SEED = 1;

export class Embedder {
  readonly #kept: () => KeptEmbedding | null;
  readonly #turns: Turns;
  /** Maps that were made of the features at hand. */
  readonly #maps = new WeakMap<Material, Map<Encoder, Float32Array>>();

  constructor(kept: () => KeptEmbedding | null, turns: Turns) {
    this.#kept = kept;
    this.#turns = turns;
  }

  async unfold({ encoder }: Requests['unfold']['in']): Promise<Float32Array | null> {
    const material = this.#kept()?.material;
    if (!material) throw new LabError('config', 'There is no embedding to unfold on this device yet; run the source first.');
    if (!ENCODERS.includes(encoder)) throw new LabError('config', `There is no encoder “${encoder}”; choose ${ENCODERS.join(' or ')}.`);
    const maps = this.#maps.get(material) ?? new Map<Encoder, Float32Array>();
    this.#maps.set(material, maps);
    const known = maps.get(encoder);
    if (known) return known;
    const found = await this.#turns.alone(async function* (): AsyncGenerator<LabEvent, Float32Array> {
      // Loaded when it is first asked for: most visits never do.
      const { FEWEST_ROWS, umapPlane } = await import('../experiment/embedding/umap.ts');
      const { dimensions, features } = material;
      if (features[encoder].length < FEWEST_ROWS * dimensions) throw new LabError('config', `UMAP needs at least ${FEWEST_ROWS} images; read the embedding with more of them.`);
      return yield* umapPlane(features[encoder], dimensions, SEED);
    });
    if (found) maps.set(encoder, found);
    return found;
  }

  async tiles({ rows }: Requests['embeddingTiles']['in']): Promise<ContactSheet | null> {
    const dataset = this.#kept()?.task?.dataset;
    if (!dataset || isPlanar(dataset) || rows.some((row) => row >= dataset.count)) return null;
    return thumbnails(dataset, rows);
  }
}
