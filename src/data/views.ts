/**
 * The random views that self-supervised source training compares (Chen et al. 2020, appendix A): of one image [H, W, C] a crop resized to the whole,
 * turned, sheared and flipped (all one affine map), blurred, with other brightness, contrast and channel gains, noisy, with a square cut out. A view is
 * VIEW_NUMBERS numbers drawn here; the GPU kernel of `engine/fused/kernels/gather.ts` makes the same image of them:
 *   p = the image under the affine, zero outside;  p ← [a, 1 − 2a, a] ⊗ [a, 1 − 2a, a] ∗ p, edges repeated
 *   p ← gain_c·(p − ½) + ½ + lift;  p ← p + amplitude·triangle;  p ← 0 inside the square
 */
import { philox4x32, PURPOSES, type Stream } from '../core/philox.ts';
import { type Affine, sampleAffine, warpInto } from './augment.ts';
import type { Augmentation, Dataset } from './dataset.ts';

/** How strong the views are; every strength 0 (crop 1) leaves that change out. */
export interface Views {
  /** Turned, scaled, moved and sheared as augmentation does; null: not. */
  affine: Augmentation | null;
  /** Smallest share of the image's area that a crop keeps, in (0, 1]; its sides' ratio is between 3:4 and 4:3. */
  crop: number;
  /** Half of the views are mirrored left to right. */
  flip: boolean;
  /** s: contrast 1 ± s, brightness ± s/2, each channel's own gain 1 ± s/2. */
  jitter: number;
  /** Half of the views are blurred, by a Gaussian of at most this deviation in pixels, three pixels wide. */
  blur: number;
  /** Half of the views are noisy, of at most this standard deviation. */
  noise: number;
  /** Half of the views lose a square of at most this share of their shorter side. */
  cutout: number;
}

/** [affine ×6, gain ×3, lift, a, amplitude, key of the noise (24 bits), square x0, y0, x1, y1]; a fourth channel has the third's gain. */
export const VIEW_NUMBERS = 17;
export const GAINS = 3;
export const AT = { gains: 6, lift: 9, blur: 10, amplitude: 11, key: 12, square: 13 } as const;

const affine: Affine = new Float64Array(6);

/** Draws a view of an image of that size into `out` [VIEW_NUMBERS]. Every number is drawn whatever the strengths, so that one does not move the others. */
export function sampleView(views: Views, { height, width }: Pick<Dataset, 'height' | 'width'>, stream: Stream, out: Float64Array): Float64Array {
  const area = stream.between(views.crop, 1);
  const ratio = views.crop < 1 ? (4 / 3) ** stream.between(-1, 1) : (stream.uniform(), 1);
  const w = Math.min(1, Math.sqrt(area * ratio));
  const h = Math.min(1, Math.sqrt(area / ratio));
  const cx = (stream.between(-1, 1) * (1 - w) * width) / 2;
  const cy = (stream.between(-1, 1) * (1 - h) * height) / 2;
  const mirror = stream.uniform() < 0.5 && views.flip ? -w : w;
  const contrast = stream.between(1 - views.jitter, 1 + views.jitter);
  for (let c = 0; c < GAINS; c++) out[AT.gains + c] = contrast * stream.between(1 - views.jitter / 2, 1 + views.jitter / 2);
  out[AT.lift] = stream.between(-views.jitter, views.jitter) / 2;
  const blur = strength(stream, views.blur);
  const neighbour = blur > 0 ? Math.exp(-0.5 / (blur * blur)) : 0;
  out[AT.blur] = neighbour / (1 + 2 * neighbour);
  // A triangle on (−1, 1) has variance 1/6.
  out[AT.amplitude] = Math.sqrt(6) * strength(stream, views.noise);
  out[AT.key] = stream.uint32() >>> 8;
  const side = strength(stream, views.cutout) * Math.min(height, width);
  const x0 = stream.uniform() * (width - side);
  const y0 = stream.uniform() * (height - side);
  out.set([x0, y0, x0 + side, y0 + side], AT.square);
  if (views.affine) sampleAffine(views.affine, stream, affine);
  else affine.set([1, 0, 0, 0, 1, 0]);
  // The crop is of the turned image: in = M·(crop·out + c) + o.
  for (const row of [0, 3]) {
    const [m0, m1, o] = [affine[row]!, affine[row + 1]!, affine[row + 2]!];
    out[row] = m0 * mirror;
    out[row + 1] = m1 * h;
    out[row + 2] = m0 * cx + m1 * cy + o;
  }
  return out;
}

/** 0 in half of the cases, else uniform up to `most`. */
function strength(stream: Stream, most: number): number {
  const on = stream.uniform() < 0.5;
  const value = stream.uniform() * most;
  return on ? value : 0;
}

const words = new Uint32Array(4);
const PURPOSE = PURPOSES.indexOf('view') + 1;
let blurred = new Float32Array(0);

/** Writes image `row` in the view of `numbers` [VIEW_NUMBERS] to out[outOffset … + H·W·C], as pixels (which may leave [0, 1]). */
export function viewInto(dataset: Dataset, row: number, out: Float32Array, outOffset: number, numbers: Float64Array): void {
  const { height, width, channels } = dataset;
  const size = height * width * channels;
  const image = out.subarray(outOffset, outOffset + size);
  affine.set(numbers.subarray(0, 6));
  warpInto(dataset, row, image, 0, affine);
  if (numbers[AT.blur]! > 0) blur(image, height, width, channels, numbers[AT.blur]!);
  const lift = numbers[AT.lift]!;
  for (let c = 0; c < channels; c++) {
    const gain = numbers[AT.gains + Math.min(c, GAINS - 1)]!;
    for (let i = c; i < size; i += channels) image[i] = gain * (image[i]! - 0.5) + 0.5 + lift;
  }
  if (numbers[AT.amplitude]! > 0) addNoise(image, numbers[AT.key]!, numbers[AT.amplitude]!);
  const [x0, y0, x1, y1] = [numbers[AT.square]!, numbers[AT.square + 1]!, numbers[AT.square + 2]!, numbers[AT.square + 3]!];
  for (let y = Math.ceil(y0); y < y1; y++) {
    for (let x = Math.ceil(x0); x < x1; x++) image.fill(0, (y * width + x) * channels, (y * width + x + 1) * channels);
  }
}

/** image [H, W, C] under [a, 1 − 2a, a] along both axes, edges repeated. */
function blur(image: Float32Array, height: number, width: number, channels: number, a: number): void {
  if (blurred.length < image.length) blurred = new Float32Array(image.length);
  const smooth = (from: Float32Array, to: Float32Array, places: number, step: number): void => {
    for (let i = 0; i < image.length; i++) {
      const place = Math.floor(i / step) % places;
      const before = from[place > 0 ? i - step : i]!;
      const after = from[place < places - 1 ? i + step : i]!;
      to[i] = (1 - 2 * a) * from[i]! + a * (before + after);
    }
  };
  smooth(image, blurred, width, channels);
  smooth(blurred, image, height, width * channels);
}

/** Adds amplitude·triangle: the sum of the two halves of a Philox word, four numbers a block; integers, so that every engine has the same. */
function addNoise(image: Float32Array, key: number, amplitude: number): void {
  for (let i = 0; i < image.length; i++) {
    if (i % 4 === 0) philox4x32(i >>> 2, 0, 0, 0, key, PURPOSE, words);
    const word = words[i % 4]!;
    image[i]! += amplitude * (((word & 0xffff) + (word >>> 16) - 65535) / 65536);
  }
}
