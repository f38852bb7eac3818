/** The mean image of every class and how much its pixels vary: what a class has in common, and where its images differ. Pure. */
import type { Dataset } from '../dataset.ts';
import { type ContactSheet, drawSheet } from '../preview.ts';

/** Classes drawn at most. */
const MOST_CLASSES = 100;

export interface ClassImages {
  /** Images of each class. */
  counts: number[];
  /** One tile a class, in their order; a class without images is black. */
  mean: ContactSheet;
  /** Standard deviation of each pixel, twice as bright as it is (it cannot exceed ½). */
  deviation: ContactSheet;
}

/** Pixel sums by class over `rows`: mean and standard deviation [classes][height · width · channels], in [0, 1]; empty where a class has no image. */
export function classMoments(dataset: Dataset, rows: ArrayLike<number>): { counts: number[]; mean: Float32Array[]; deviation: Float32Array[] } {
  const { images, labels, height, width, channels, classNames } = dataset;
  const size = height * width * channels;
  const scale = images instanceof Uint8Array ? 1 / 255 : 1;
  const classes = Math.min(MOST_CLASSES, classNames.length);
  const counts = new Array<number>(classes).fill(0);
  const sums = Array.from({ length: classes }, () => new Float64Array(size));
  const squares = Array.from({ length: classes }, () => new Float64Array(size));
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const label = labels[row]!;
    if (label >= classes) continue;
    counts[label]!++;
    const [sum, square] = [sums[label]!, squares[label]!];
    for (let p = 0, at = row * size; p < size; p++, at++) {
      const v = images[at]!;
      sum[p]! += v;
      square[p]! += v * v;
    }
  }
  const of = (label: number, value: (sum: number, square: number, count: number) => number): Float32Array => {
    const count = counts[label]!;
    return count === 0 ? new Float32Array(0) : Float32Array.from(sums[label]!, (sum, p) => scale * value(sum, squares[label]![p]!, count));
  };
  return {
    counts,
    mean: counts.map((_, label) => of(label, (sum, _square, count) => sum / count)),
    deviation: counts.map((_, label) => of(label, (sum, square, count) => Math.sqrt(Math.max(0, square / count - (sum / count) ** 2)))),
  };
}

/** Drawn for the first 100 classes. */
export function classImages(dataset: Dataset, rows: ArrayLike<number>): ClassImages {
  const { counts, mean, deviation } = classMoments(dataset, rows);
  const strip = (of: Float32Array[], factor: number) => drawSheet(dataset, [of.map((_, label) => label)], of.length, (label, pixels) => {
    pixels.fill(0);
    of[label]!.forEach((value, p) => (pixels[p] = factor * value));
  });
  return { counts, mean: strip(mean, 1), deviation: strip(deviation, 2) };
}
