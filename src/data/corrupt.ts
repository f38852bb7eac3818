/**
 * Corruptions: ten families of damage to an image in five severities, after Hendrycks & Dietterich (2019, "Benchmarking
 * neural network robustness to common corruptions"), scaled to the image size. Each takes pixels [H, W, C] in [0, 1] and leaves
 * them in [0, 1]. What a row's draws decide (direction, place, sign) does not depend on the severity: a row is damaged in
 * the same way at every severity, only more. Noise, contrast and clutter are the shifts of `shift.ts` at severity/3.
 */
import { Stream } from '../core/philox.ts';
import { type Affine, augmentInto, bakeInto, pixelsInto, warpInto } from './augment.ts';
import type { Augmentation, Dataset } from './dataset.ts';
import { applyShift, type ImageShape } from './shift.ts';

export const CORRUPTIONS = [
  'noise', 'blur', 'contrast', 'brightness', 'rotation', 'translation', 'occlusion', 'pixelation', 'inversion', 'clutter',
] as const;
export type Corruption = (typeof CORRUPTIONS)[number];

export const SEVERITIES = [1, 2, 3, 4, 5] as const;
export type Severity = (typeof SEVERITIES)[number];

export const CORRUPTION_WORDS: Record<Corruption, { label: string; sentence: string }> = {
  noise: { label: 'Noise', sentence: 'Gaussian noise of σ = 0.1 × severity.' },
  blur: { label: 'Blur', sentence: 'A Gaussian blur of 0.5 pixels × severity.' },
  contrast: { label: 'Contrast', sentence: 'Contrast falls to U(0.3, 0.5) to the power of severity/3, around a random brightness.' },
  brightness: { label: 'Brightness', sentence: 'All pixels are made lighter or darker by 0.12 × severity.' },
  rotation: { label: 'Rotation', sentence: 'The image is turned by 12° × severity, either way.' },
  translation: { label: 'Translation', sentence: 'The image is moved by 1.5 pixels × severity in a random direction.' },
  occlusion: { label: 'Occlusion', sentence: 'A square of random grey hides part of the image: 0.15 + 0.08 × severity of its side.' },
  pixelation: { label: 'Pixelation', sentence: 'Blocks of severity + 1 pixels take their mean.' },
  inversion: { label: 'Inversion', sentence: 'Light and dark change places in severity/5 of the image, on one side of a random line.' },
  clutter: { label: 'Clutter', sentence: 'Random strokes and blobs are painted over the image, 4/3 × severity on average.' },
};

/** Lengths above are in pixels of a 28×28 image. */
const REFERENCE = 28;

let scratch = new Float32Array(0);
const affine: Affine = new Float64Array(6);

/** Scratch of at least `size` numbers, kept between images. */
function held(size: number): Float32Array {
  if (scratch.length < size) scratch = new Float32Array(size);
  return scratch;
}

/** Corrupts pixels [H·W·C] in place; all draws come from the stream. */
export function corruptInto(pixels: Float32Array, shape: ImageShape, family: Corruption, severity: Severity, stream: Stream): void {
  const unit = Math.min(shape.height, shape.width) / REFERENCE;
  switch (family) {
    case 'noise': return applyShift(pixels, shape, 'noise', severity / 3, stream);
    case 'contrast': return applyShift(pixels, shape, 'low-contrast', severity / 3, stream);
    case 'clutter': return applyShift(pixels, shape, 'clutter', severity / 3, stream);
    case 'blur': return blur(pixels, shape, 0.5 * severity * unit);
    case 'brightness': return brighten(pixels, 0.12 * severity * sign(stream));
    case 'rotation': return warp(pixels, shape, (sign(stream) * 12 * severity * Math.PI) / 180, 0, 0);
    case 'translation': {
      const angle = 2 * Math.PI * stream.uniform();
      const distance = 1.5 * severity * unit;
      return warp(pixels, shape, 0, distance * Math.cos(angle), distance * Math.sin(angle));
    }
    case 'occlusion': return occlude(pixels, shape, 0.15 + 0.08 * severity, stream);
    case 'pixelation': return pixelate(pixels, shape, Math.max(2, Math.round((severity + 1) * unit)));
    case 'inversion': return invert(pixels, shape, severity / SEVERITIES.length, stream);
    default: return family satisfies never;
  }
}

function sign(stream: Stream): number {
  return stream.uniform() < 0.5 ? -1 : 1;
}

function brighten(pixels: Float32Array, by: number): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(1, Math.max(0, pixels[i]! + by));
}

/** Turned by `angle`, then moved by (dx, dy); bilinear, zero outside. */
function warp(pixels: Float32Array, { height, width, channels }: ImageShape, angle: number, dx: number, dy: number): void {
  const images = held(pixels.length);
  images.set(pixels);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  affine.set([cos, sin, -(cos * dx + sin * dy), -sin, cos, sin * dx - cos * dy]);
  warpInto({ images, height, width, channels }, 0, pixels, 0, affine);
  // Bilinear weights in float32 sum to one but for the last digit.
  brighten(pixels, 0);
}

/** Separable Gaussian out to 3σ; edge pixels are repeated. */
function blur(pixels: Float32Array, { height, width, channels }: ImageShape, sigma: number): void {
  const other = held(pixels.length);
  smooth(pixels, other, sigma, height, width * channels, width, channels);
  smooth(other, pixels, sigma, width, channels, height, width * channels);
  brighten(pixels, 0);
}

/** Along an axis of `length` entries `stride` apart, for each of `lines` lines `step` apart and each of the entries between two steps. */
function smooth(from: Float32Array, to: Float32Array, sigma: number, length: number, stride: number, lines: number, step: number): void {
  const reach = Math.ceil(3 * sigma);
  const inner = Math.min(stride, step);
  for (let line = 0; line < lines; line++) for (let c = 0; c < inner; c++) {
    const base = line * step + c;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      let total = 0;
      for (let k = -reach; k <= reach; k++) {
        const weight = Math.exp((-k * k) / (2 * sigma * sigma));
        sum += weight * from[base + Math.min(length - 1, Math.max(0, i + k)) * stride]!;
        total += weight;
      }
      to[base + i * stride] = sum / total;
    }
  }
}

/** A square of one grey, `share` of the smaller side, its centre anywhere in the image. */
function occlude(pixels: Float32Array, { height, width, channels }: ImageShape, share: number, stream: Stream): void {
  const half = (share * Math.min(height, width)) / 2;
  const y = stream.uniform() * height;
  const x = stream.uniform() * width;
  const grey = stream.uniform();
  const [top, bottom] = [Math.max(0, Math.round(y - half)), Math.min(height, Math.round(y + half))];
  const [left, right] = [Math.max(0, Math.round(x - half)), Math.min(width, Math.round(x + half))];
  for (let j = top; j < bottom; j++) pixels.fill(grey, (j * width + left) * channels, (j * width + Math.max(left, right)) * channels);
}

/** Blocks of size×size from the upper left, each at its mean; those at the far edges are smaller. */
function pixelate(pixels: Float32Array, { height, width, channels }: ImageShape, size: number): void {
  for (let top = 0; top < height; top += size) for (let left = 0; left < width; left += size) for (let c = 0; c < channels; c++) {
    const bottom = Math.min(height, top + size);
    const right = Math.min(width, left + size);
    let sum = 0;
    for (let j = top; j < bottom; j++) for (let i = left; i < right; i++) sum += pixels[(j * width + i) * channels + c]!;
    const mean = Math.min(1, sum / ((bottom - top) * (right - left)));
    for (let j = top; j < bottom; j++) for (let i = left; i < right; i++) pixels[(j * width + i) * channels + c] = mean;
  }
}

/** x ↦ 1 − x in the `share` of pixels that lie farthest along a random direction. */
function invert(pixels: Float32Array, { height, width, channels }: ImageShape, share: number, stream: Stream): void {
  const angle = 2 * Math.PI * stream.uniform();
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const along = held(height * width).subarray(0, height * width);
  for (let p = 0; p < along.length; p++) along[p] = cos * (p % width) + sin * Math.floor(p / width);
  const from = along.length - Math.round(share * along.length);
  const least = from >= along.length ? Infinity : along.sort()[from]!;
  for (let p = 0; p < height * width; p++) {
    // Rounded as the sorted numbers were.
    if (Math.fround(cos * (p % width) + sin * Math.floor(p / width)) < least) continue;
    for (let i = p * channels; i < (p + 1) * channels; i++) pixels[i] = 1 - pixels[i]!;
  }
}

export interface CorruptionSpec {
  family: Corruption;
  severity: Severity;
}

/** How rows come to be corrupted. */
export interface CorruptionOptions {
  seed: number;
  /** Applied before the corruption, as downstream images are made; null: none. */
  augmentation: Augmentation | null;
}

/**
 * Writes the corrupted `rows` as uint8 to images[offset … + rows·H·W·C]. Row i draws from Stream(seed, 'shift', 1 + the
 * family's place in CORRUPTIONS, i) (its affine from 'augment'), so what happens to it does not depend on the other rows or on the severity.
 */
export function corruptRows(
  dataset: Dataset, rows: ArrayLike<number>, { family, severity }: CorruptionSpec, { seed, augmentation }: CorruptionOptions, images: Uint8Array, offset: number,
): void {
  const size = dataset.height * dataset.width * dataset.channels;
  const pixels = new Float32Array(size);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const draw = 1 + CORRUPTIONS.indexOf(family);
    if (augmentation) augmentInto(dataset, row, pixels, 0, augmentation, new Stream(seed, 'augment', draw, row));
    else pixelsInto(dataset, row, pixels, 0);
    brighten(pixels, 0);
    corruptInto(pixels, dataset, family, severity, new Stream(seed, 'shift', draw, row));
    bakeInto(pixels, images, offset + i * size);
  }
}
