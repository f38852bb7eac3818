/**
 * UMAP of the test rows (McInnes, Healy & Melville 2018) by umap-js: neighbours by cosine similarity, exactly (measure/knn.ts), everything random from one
 * stream. One epoch at a time, with a pause in which a worker hears of other requests.
 */
import { UMAP } from 'umap-js';
import { Stream } from '../../core/philox.ts';
import { nearest, unitRows } from '../../measure/knn.ts';
import type { LabEvent } from '../events.ts';

export const UMAP_NEIGHBOURS = 15;
/** Fewer rows than this have no neighbourhoods to speak of. */
export const FEWEST_ROWS = UMAP_NEIGHBOURS + 2;
/** Work between two pauses, ms. */
const STRETCH = 60;

/** features [N, F]: points [N, 2]; yields progress. N at least FEWEST_ROWS. */
export async function* umapPlane(features: Float32Array, dimensions: number, seed: number): AsyncGenerator<LabEvent, Float32Array> {
  const unit = unitRows(features, dimensions);
  const n = unit.length / dimensions;
  const breath = new Breath();
  const indices: number[][] = [];
  const distances: number[][] = [];
  for (let r = 0; r < n; r++) {
    // A row is its own first neighbour, as the method expects it, whichever other rows are equal to it.
    const { rows, similarity } = nearest(unit, unit, r * dimensions, dimensions, UMAP_NEIGHBOURS + 1);
    const others = Array.from(rows, (row, i) => ({ row, distance: Math.max(0, 1 - similarity[i]!) })).filter(({ row }) => row !== r).slice(0, UMAP_NEIGHBOURS - 1);
    indices.push([r, ...others.map(({ row }) => row)]);
    distances.push([0, ...others.map(({ distance }) => distance)]);
    if (await breath.taken()) yield progress(r, n, 'Finding neighbours');
  }
  const stream = new Stream(seed, 'plane', 1);
  const umap = new UMAP({ nNeighbors: UMAP_NEIGHBOURS, minDist: 0.1, random: () => stream.uniform() });
  umap.setPrecomputedKNN(indices, distances);
  const epochs = umap.initializeFit(indices.map((_, r) => [...unit.subarray(r * dimensions, (r + 1) * dimensions)]));
  for (let epoch = 0; epoch < epochs; epoch = umap.step()) if (await breath.taken()) yield progress(epoch, epochs, `Unfolding the embedding, epoch ${epoch} of ${epochs}`);
  return Float32Array.from(umap.getEmbedding().flat());
}

function progress(done: number, total: number, label: string): LabEvent {
  return { kind: 'progress', stage: 'posterior', done, total, secondsLeft: null, label };
}

class Breath {
  #since = performance.now();

  /** Lets other tasks of this thread run when it has worked for a while; says whether it did. */
  async taken(): Promise<boolean> {
    if (performance.now() - this.#since < STRETCH) return false;
    await new Promise((resolve) => setTimeout(resolve));
    this.#since = performance.now();
    return true;
  }
}
