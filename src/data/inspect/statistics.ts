/**
 * What images of a data set look like on the whole: a few statistics of single images, each with its mean and standard deviation
 * over images, and in plain words how those of two data sets differ. Pixels in [0, 1]; colour is averaged over channels first. Pure.
 */
import type { Dataset } from '../dataset.ts';
import { greyInto } from './grey.ts';

export const STATISTICS = ['brightness', 'border', 'contrast', 'edges', 'sharpness'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** Of images: what a statistic is, in a few words. */
export const STATISTIC_WORDS: Record<Statistic, { name: string; means: string }> = {
  brightness: { name: 'Brightness', means: 'mean of all pixels, 0 black to 1 white' },
  border: { name: 'Border', means: 'mean of the outermost pixels: the ground things stand on' },
  contrast: { name: 'Contrast', means: 'standard deviation of the pixels of an image' },
  edges: { name: 'Edges', means: 'mean length of the gradient, per pixel' },
  sharpness: { name: 'Sharpness', means: 'standard deviation of the Laplacian over that of the pixels: high where detail is fine or noisy' },
};

export interface Spread {
  mean: number;
  /** Over images; 0 of one image. */
  sd: number;
}

export interface ImageStatistics {
  /** Images measured. */
  images: number;
  height: number;
  width: number;
  channels: number;
  spreads: Record<Statistic, Spread>;
}

/** Images measured of a set, evenly over its rows. */
const MOST = 2000;

/** Over at most 2000 of the rows, evenly spread. NaN where there is no row. */
export function imageStatistics(dataset: Dataset, rows: ArrayLike<number>): ImageStatistics {
  const { height, width, channels } = dataset;
  const images = Math.min(MOST, rows.length);
  const grey = new Float32Array(height * width);
  const sums: Record<Statistic, [sum: number, squares: number]> = { brightness: [0, 0], border: [0, 0], contrast: [0, 0], edges: [0, 0], sharpness: [0, 0] };
  for (let i = 0; i < images; i++) {
    greyInto(dataset, rows[Math.floor(((i + 0.5) * rows.length) / images)]!, grey);
    const found = statisticsOf(grey, height, width);
    for (const name of STATISTICS) {
      sums[name][0] += found[name];
      sums[name][1] += found[name] ** 2;
    }
  }
  const spread = (name: Statistic): Spread => {
    const mean = sums[name][0] / images;
    return { mean, sd: images < 2 ? 0 : Math.sqrt(Math.max(0, (sums[name][1] - images * mean * mean) / (images - 1))) };
  };
  return { images, height, width, channels, spreads: { brightness: spread('brightness'), border: spread('border'), contrast: spread('contrast'), edges: spread('edges'), sharpness: spread('sharpness') } };
}

/** Of one grey image [height, width]. Gradients are forward differences, the Laplacian that of the four neighbours; of a flat image the sharpness is 0. */
export function statisticsOf(grey: Float32Array, height: number, width: number): Record<Statistic, number> {
  let sum = 0;
  let squares = 0;
  let border = 0;
  let edges = 0;
  let laplacian = 0;
  let laplacianSquares = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const v = grey[at]!;
      sum += v;
      squares += v * v;
      const [inX, inY] = [x + 1 < width, y + 1 < height];
      if (x === 0 || y === 0 || !inX || !inY) border += v;
      if (inX && inY) edges += Math.hypot(grey[at + 1]! - v, grey[at + width]! - v);
      if (inX && inY && x > 0 && y > 0) {
        const l = grey[at - 1]! + grey[at + 1]! + grey[at - width]! + grey[at + width]! - 4 * v;
        laplacian += l;
        laplacianSquares += l * l;
      }
    }
  }
  const pixels = height * width;
  const inside = Math.max(0, height - 2) * Math.max(0, width - 2);
  const contrast = deviation(sum, squares, pixels);
  return {
    brightness: sum / pixels,
    border: border / (pixels - inside),
    contrast,
    edges: height > 1 && width > 1 ? edges / ((height - 1) * (width - 1)) : 0,
    sharpness: contrast > 1e-4 && inside > 0 ? deviation(laplacian, laplacianSquares, inside) / contrast : 0,
  };
}

function deviation(sum: number, squares: number, count: number): number {
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

/** Two standard deviations apart overlap little; half of one is hardly seen. */
const CLEAR = 1;
const LARGE = 2;

/** Difference of means over the root mean square of the two standard deviations: Cohen's d, of the second to the first. */
export function standardisedDifference(a: Spread, b: Spread): number {
  const sd = Math.sqrt((a.sd ** 2 + b.sd ** 2) / 2);
  const difference = b.mean - a.mean;
  return Math.abs(difference) < 1e-6 ? 0 : difference / Math.max(sd, 1e-3);
}

/** What a network that learned on `source` has to cope with on `downstream`, in one or two sentences. */
export function shiftInWords(source: ImageStatistics, downstream: ImageStatistics): string {
  const d = (name: Statistic) => standardisedDifference(source.spreads[name], downstream.spreads[name]);
  const ways: Record<Statistic, [more: string, less: string]> = {
    brightness: ['brighter', 'darker'], border: ['on a lighter ground', 'on a darker ground'], contrast: ['richer in contrast', 'poorer in contrast'],
    edges: ['with stronger edges', 'with weaker edges'], sharpness: ['finer or noisier in detail', 'smoother'],
  };
  const clear = STATISTICS.filter((name) => Math.abs(d(name)) >= CLEAR).sort((a, b) => Math.abs(d(b)) - Math.abs(d(a)));
  const size = source.height === downstream.height && source.width === downstream.width ? '' : ` They measure ${downstream.height}×${downstream.width} pixels instead of ${source.height}×${source.width}.`;
  const channels = source.channels === downstream.channels ? '' : ' One of the two is in colour and the other is not, so a network of one cannot read the other.';
  if (clear.length === 0) return `By these statistics downstream images look much like the source's; what differs is in their content.${size}${channels}`;
  const large = clear.filter((name) => Math.abs(d(name)) >= LARGE);
  const told = clear.slice(0, 3).map((name) => ways[name][d(name) > 0 ? 0 : 1]);
  const inverted = d('border') * d('brightness') > 0 && Math.abs(d('border')) >= LARGE && Math.abs(d('brightness')) >= CLEAR
    && (source.spreads.border.mean - 0.5) * (downstream.spreads.border.mean - 0.5) < 0;
  return `Compared with the source, downstream images are ${joined(told)}: a ${large.length > 0 ? 'large' : 'moderate'} shift of the inputs.`
    + (inverted ? ' Light and dark seem to be swapped; inverting one of the two may help more than any prior.' : '') + size + channels;
}

function joined(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;
}
