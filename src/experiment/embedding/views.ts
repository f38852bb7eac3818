/** Two views of each of some rows, baked into a data set of their own: rows 2i and 2i + 1 are the views of row i. */
import { augmentInto, bakeInto, DEFAULT_AUGMENTATION } from '../../data/augment.ts';
import { Stream } from '../../core/philox.ts';
import type { Augmentation, Dataset } from '../../data/dataset.ts';
import { isPlanar } from '../../data/preview.ts';

/** Images seen twice, at most, and the numbers that both views of all may have. */
const MOST_ROWS = 256;
const MOST_NUMBERS = 16e6;

/** How many of `rows` are seen twice; none where the data are points. */
export function viewedRows(dataset: Dataset, rows: Uint32Array): Uint32Array {
  const size = dataset.height * dataset.width * dataset.channels;
  return isPlanar(dataset) ? new Uint32Array(0) : rows.subarray(0, Math.min(MOST_ROWS, Math.floor(MOST_NUMBERS / (2 * size))));
}

/** Under the source's own augmentation, or the built-in one where it has none. */
export function twoViews(dataset: Dataset, rows: Uint32Array, augmentation: Augmentation | null, seed: number): Dataset {
  const size = dataset.height * dataset.width * dataset.channels;
  const pixels = new Float32Array(size);
  const count = 2 * rows.length;
  // Floats may leave [0, 1], where bytes would clip them.
  const images = dataset.images instanceof Uint8Array ? new Uint8Array(count * size) : new Float32Array(count * size);
  for (let i = 0; i < count; i++) {
    const row = rows[i >> 1]!;
    augmentInto(dataset, row, pixels, 0, augmentation ?? DEFAULT_AUGMENTATION, new Stream(seed, 'augment', 0xffffffff - (i % 2), row));
    if (images instanceof Uint8Array) bakeInto(pixels, images, i * size);
    else images.set(pixels, i * size);
  }
  const { parts: _, ...whole } = dataset;
  return { ...whole, name: `${dataset.name}, two views`, images, labels: Uint16Array.from({ length: count }, (_one, i) => dataset.labels[rows[i >> 1]!]!), count, sha256: '' };
}
