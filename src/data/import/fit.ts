/**
 * An image of any size and channels → one of the data set's: [height, width, channels] uint8. Along an axis that shrinks, pixels are averaged by area; along
 * one that grows, they are interpolated linearly between their centres. Grey is luma (ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B), of the encoded values;
 * what is transparent is laid over white.
 */
import { VOID } from '../dataset.ts';
import type { Choices, RawImage } from './contract.ts';

export type Fit = Pick<Choices, 'height' | 'width' | 'fit' | 'channels'>;

/** Weights of one axis: output i is Σ_k weight[i][k] · input[first[i] + k]. */
interface Taps {
  first: Int32Array;
  weights: Float64Array[];
}

const cache = new Map<string, Taps>();

/** `span` input pixels from `from` become `out` output pixels; `length` pixels are there. */
function taps(length: number, from: number, span: number, out: number): Taps {
  const key = `${length},${from},${span},${out}`;
  const known = cache.get(key);
  if (known) return known;
  if (cache.size > 200) cache.clear();
  const first = new Int32Array(out);
  const weights: Float64Array[] = [];
  const step = span / out;
  for (let i = 0; i < out; i++) {
    if (step >= 1) {
      const [low, high] = [from + i * step, Math.min(length, from + (i + 1) * step)];
      first[i] = Math.min(length - 1, Math.floor(low + 1e-9));
      const last = Math.max(first[i]!, Math.ceil(high - 1e-9) - 1);
      weights.push(normalised(Float64Array.from({ length: last - first[i]! + 1 }, (_, k) => Math.max(0, Math.min(high, first[i]! + k + 1) - Math.max(low, first[i]! + k)))));
    } else {
      const at = Math.min(length - 1, Math.max(0, from + (i + 0.5) * step - 0.5));
      first[i] = Math.min(Math.floor(at), Math.max(0, length - 2));
      const part = at - first[i]!;
      weights.push(length === 1 ? Float64Array.of(1) : Float64Array.of(1 - part, part));
    }
  }
  const made = { first, weights };
  cache.set(key, made);
  return made;
}

function normalised(weights: Float64Array): Float64Array {
  const sum = weights.reduce((a, b) => a + b, 0);
  return sum > 0 ? weights.map((weight) => weight / sum) : Float64Array.of(1);
}

/** Writes `image` as `fit` says into out [height, width, channels] from `at`. */
export function fitInto(image: RawImage | Omit<RawImage, 'label' | 'part'>, fit: Fit, out: Uint8Array | Uint8ClampedArray, at: number): void {
  const { height, width, channels } = fit;
  if (image.height === height && image.width === width && image.channels === channels && image.pixels instanceof Uint8Array) {
    out.set(image.pixels, at);
    return;
  }
  const { used, box, top, left } = placed(image, fit);
  const down = taps(image.height, (image.height - used.height) / 2, used.height, box.height);
  const across = taps(image.width, (image.width - used.width) / 2, used.width, box.width);
  const small = resized(image, down, across, box, channels);

  const border = box.height === height && box.width === width ? null : edgeColour(small, box, channels);
  for (let y = 0; y < height; y++) {
    const inRow = y >= top && y < top + box.height;
    for (let x = 0; x < width; x++) {
      const from = inRow && x >= left && x < left + box.width ? ((y - top) * box.width + x - left) * channels : -1;
      for (let c = 0; c < channels; c++) out[at++] = Math.round(from >= 0 ? small[from + c]! : border![c]!);
    }
  }
}

/** The part of the image that is used, and the box in the output that it fills, from (top, left) on. */
function placed(image: Pick<RawImage, 'height' | 'width'>, { height, width, fit }: Omit<Fit, 'channels'>) {
  const scale = fit === 'fit' ? Math.min(width / image.width, height / image.height) : Math.max(width / image.width, height / image.height);
  const used = fit === 'crop' ? { height: Math.min(image.height, height / scale), width: Math.min(image.width, width / scale) } : { height: image.height, width: image.width };
  const box = fit === 'fit'
    ? { height: Math.min(height, Math.max(1, Math.round(image.height * scale))), width: Math.min(width, Math.max(1, Math.round(image.width * scale))) }
    : { height, width };
  return { used, box, top: Math.floor((height - box.height) / 2), left: Math.floor((width - box.width) / 2) };
}

/** Writes a label map [image.height, image.width] into out [height, width] from `at`, placed as `fitInto` places its image; each pixel takes the label of the nearest, borders are VOID. */
export function fitMapInto(labels: Uint8Array, image: Pick<RawImage, 'height' | 'width'>, fit: Omit<Fit, 'channels'>, out: Uint8Array, at: number): void {
  const { used, box, top, left } = placed(image, fit);
  const nearest = (length: number, span: number, of: number, i: number): number => Math.min(length - 1, Math.floor((length - span) / 2 + ((i + 0.5) * span) / of));
  for (let y = 0; y < fit.height; y++) {
    const row = y >= top && y < top + box.height ? nearest(image.height, used.height, box.height, y - top) : -1;
    for (let x = 0; x < fit.width; x++) {
      out[at++] = row >= 0 && x >= left && x < left + box.width ? labels[row * image.width + nearest(image.width, used.width, box.width, x - left)]! : VOID;
    }
  }
}

/** [box.height, box.width, channels] in [0, 255]; one row of the image at a time. */
function resized(image: Omit<RawImage, 'label' | 'part'>, down: Taps, across: Taps, box: { height: number; width: number }, channels: 1 | 3): Float64Array {
  const small = new Float64Array(box.height * box.width * channels);
  const row = new Float64Array(image.width * channels);
  const narrow = new Float64Array(box.width * channels);
  let next = 0;
  const lastOf = (y: number): number => down.first[y]! + down.weights[y]!.length - 1;
  for (let source = down.first[0]!; source <= lastOf(box.height - 1); source++) {
    readRow(image, source, row, channels);
    for (let x = 0; x < box.width; x++) {
      const weights = across.weights[x]!;
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0, from = across.first[x]! * channels + c; k < weights.length; k++, from += channels) sum += weights[k]! * row[from]!;
        narrow[x * channels + c] = sum;
      }
    }
    while (next < box.height && lastOf(next) < source) next++;
    for (let y = next; y < box.height && down.first[y]! <= source; y++) {
      const weight = down.weights[y]![source - down.first[y]!] ?? 0;
      if (weight === 0) continue;
      for (let i = 0, to = y * narrow.length; i < narrow.length; i++) small[to + i]! += weight * narrow[i]!;
    }
  }
  return small;
}

/** One row as [width, channels] in [0, 255], over white, in the channels that are wanted. */
function readRow({ pixels, width, channels }: Omit<RawImage, 'label' | 'part'>, y: number, row: Float64Array, wanted: 1 | 3): void {
  const full = pixels instanceof Float32Array ? 255 : 1;
  const alphaAt = channels === 2 ? 1 : channels === 4 ? 3 : -1;
  const colour = channels >= 3;
  for (let x = 0, from = y * width * channels; x < width; x++, from += channels) {
    const alpha = alphaAt < 0 ? 1 : (pixels[from + alphaAt]! * full) / 255;
    const white = 255 * (1 - alpha);
    const r = pixels[from]! * full * alpha + white;
    const g = colour ? pixels[from + 1]! * full * alpha + white : r;
    const b = colour ? pixels[from + 2]! * full * alpha + white : r;
    if (wanted === 1) row[x] = colour ? 0.299 * r + 0.587 * g + 0.114 * b : r;
    else {
      row[3 * x] = r;
      row[3 * x + 1] = g;
      row[3 * x + 2] = b;
    }
  }
}

/** Mean colour of the outermost pixels. */
function edgeColour(small: Float64Array, { height, width }: { height: number; width: number }, channels: number): Float64Array {
  const sum = new Float64Array(channels);
  let count = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (y > 0 && y < height - 1 && x > 0 && x < width - 1) continue;
      for (let c = 0; c < channels; c++) sum[c]! += small[(y * width + x) * channels + c]!;
      count++;
    }
  }
  return sum.map((value) => value / count);
}

/** What an image has: colour where a pixel's channels differ, alpha where one is not opaque. */
export function contentOf({ pixels, channels }: RawImage): 'grey' | 'colour' | 'alpha' {
  const opaque = pixels instanceof Float32Array ? 1 : 255;
  let colour = false;
  for (let i = 0; i < pixels.length; i += channels) {
    if ((channels === 2 && pixels[i + 1]! < opaque) || (channels === 4 && pixels[i + 3]! < opaque)) return 'alpha';
    if (channels >= 3 && (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2])) colour = true;
  }
  return colour ? 'colour' : 'grey';
}
