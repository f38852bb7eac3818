/** Mean and standard deviation with which networks see pixels: (pixel − mean) / std, one pair for all channels. */
import { LabError } from '../core/errors.ts';
import type { Dataset, Normalisation } from './dataset.ts';

/** For ink 1 on 0 in 28×28 glyph tiles. */
export const GLYPH_NORMALISATION: Normalisation = { mean: 0.2, std: 0.35 };

/** How pixels of a visitor's own source are normalised: by their own moments, from [0, 1] to [−1, 1], or not at all. */
export const NORMALISATIONS = ['measured', 'centred', 'none'] as const;
export type NormalisationChoice = (typeof NORMALISATIONS)[number];

/** Throws what `measureNormalisation` throws. */
export function chosenNormalisation(choice: NormalisationChoice, dataset: Dataset, rows: ArrayLike<number>): Normalisation {
  switch (choice) {
    case 'measured': return measureNormalisation(dataset, rows);
    case 'centred': return { mean: 0.5, std: 0.5 };
    case 'none': return { mean: 0, std: 1 };
    default: return choice satisfies never;
  }
}

/**
 * Measured on the pixels of `rows` (default: all) in float64. Throws LabError('data') when there are no rows, when a
 * value is not finite, or when every pixel is the same.
 */
export function measureNormalisation(dataset: Dataset, rows?: ArrayLike<number>): Normalisation {
  const { images } = dataset;
  const gain = images instanceof Uint8Array ? 1 / 255 : 1;
  const size = dataset.height * dataset.width * dataset.channels;
  const count = rows ? rows.length : dataset.count;
  if (count === 0) throw new LabError('data', `There are no images of ${dataset.name} to measure brightness on; choose more training images.`);
  let mean = 0;
  let squares = 0;
  let seen = 0;
  for (let i = 0; i < count; i++) {
    const base = (rows ? rows[i]! : i) * size;
    let sum = 0;
    let square = 0;
    for (let p = base; p < base + size; p++) {
      const value = images[p]! * gain;
      sum += value;
      square += value * value;
    }
    seen += size;
    const share = size / seen;
    mean += (sum / size - mean) * share;
    squares += (square / size - squares) * share;
  }
  if (!Number.isFinite(mean) || !Number.isFinite(squares)) {
    throw new LabError('data', `The images of ${dataset.name} hold values that are not finite; repair the data set.`);
  }
  const std = Math.sqrt(Math.max(0, squares - mean * mean));
  if (std < 1e-6) throw new LabError('data', `Every pixel of ${dataset.name} has the same value; there is nothing to learn from it.`);
  return { mean, std };
}
