/** What a network sees of a data set's rows: pixels, augmented or not, as (pixel − mean) / std. x [B, H, W, C]. */
import { Stream } from '../core/philox.ts';
import { augmentInto, pixelsInto } from '../data/augment.ts';
import type { Augmentation, Dataset, Normalisation } from '../data/dataset.ts';
import { sampleView, VIEW_NUMBERS, viewInto, type Views } from '../data/views.ts';

export interface LoadedData {
  dataset: Dataset;
  normalisation: Normalisation;
}

/** Fills x with rows[from … from + count). */
export function readRows(data: LoadedData, rows: Uint32Array, from: number, count: number, x: Float32Array): void {
  const size = data.dataset.height * data.dataset.width * data.dataset.channels;
  for (let i = 0; i < count; i++) pixelsInto(data.dataset, rows[from + i]!, x, i * size);
  normalise(x, count * size, data.normalisation);
}

/** Fills x with `rows`, each under the random affine of (seed, step, place in the batch). */
export function readAugmented(data: LoadedData, rows: Uint32Array, augmentation: Augmentation, seed: number, step: number, x: Float32Array): void {
  const size = data.dataset.height * data.dataset.width * data.dataset.channels;
  for (let i = 0; i < rows.length; i++) {
    augmentInto(data.dataset, rows[i]!, x, i * size, augmentation, new Stream(seed, 'augment', step, i));
  }
  normalise(x, rows.length * size, data.normalisation);
}

/** Number i of a batch of 2B views (the first views of all images, then the second) of (seed, step). */
export function viewStream(seed: number, step: number, i: number): Stream {
  return new Stream(seed, 'view', step, i);
}

const numbers = new Float64Array(VIEW_NUMBERS);

/** Fills x [2B, …] with two views of each of `rows` [B], row i's at i and at i + B. */
export function readViews(data: LoadedData, rows: Uint32Array, views: Views, seed: number, step: number, x: Float32Array): void {
  const { dataset } = data;
  const size = dataset.height * dataset.width * dataset.channels;
  for (let i = 0; i < 2 * rows.length; i++) {
    viewInto(dataset, rows[i % rows.length]!, x, i * size, sampleView(views, dataset, viewStream(seed, step, i), numbers));
  }
  normalise(x, 2 * rows.length * size, data.normalisation);
}

function normalise(x: Float32Array, count: number, { mean, std }: Normalisation): void {
  const gain = 1 / std;
  for (let i = 0; i < count; i++) x[i] = (x[i]! - mean) * gain;
}
