/**
 * What the data panel shows of a data set: counts, and a contact sheet with a row a class and a column a sample, once
 * as it is, once augmented, once shifted, always the same samples. Plain data that a worker can post.
 */
import { Stream } from '../core/philox.ts';
import { augmentInto, pixelsInto } from './augment.ts';
import { classColour } from './class-colours.ts';
import type { Augmentation, Dataset, ShiftKind } from './dataset.ts';
import { applyShift } from './shift.ts';
import { classCounts } from './splits.ts';

/** A picture: classes down, samples across, tiles one transparent pixel apart. rgba [height·width·4]. */
export interface ContactSheet {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
  /** Samples across; a class with fewer leaves its last places transparent. */
  columns: number;
  /** Classes down: the first `rows` classes. */
  rows: number;
}

/** Points of the plane; at most MOST_POINTS of the previewed rows. */
export interface PlanePoints {
  x: Float32Array;
  y: Float32Array;
  labels: Uint16Array;
}

export interface DatasetPreview {
  name: string;
  count: number;
  height: number;
  width: number;
  channels: number;
  classNames: string[];
  /** Images of each class among the previewed rows. */
  counts: number[];
  sheet: ContactSheet;
  augmented: ContactSheet | null;
  shifted: ContactSheet | null;
  /** Where the data are points (1×1×2), the rows as such; null for images. */
  points: PlanePoints | null;
  /** The data have label maps: sheets show a row of images and one of their maps, and `counts` are of images in which a class occurs. */
  mapped: boolean;
  licence: string;
}

export interface PreviewOptions {
  /** Rows to count and sample from; all when absent. */
  rows?: ArrayLike<number>;
  /** Samples a class. */
  perClass?: number;
  augmentation?: Augmentation | null;
  shift?: { kind: ShiftKind; severity: number } | null;
  seed?: number;
}

/** No sheet is longer than this many classes. */
const MAX_CLASSES = 64;
/** More points would be a blot. */
const MOST_POINTS = 300;

/** [classes][≤ perClass] rows, the first found of each class after a seeded shuffle. */
function sampleRows(dataset: Dataset, rows: ArrayLike<number> | undefined, perClass: number, seed: number): number[][] {
  const candidates = rows ? Uint32Array.from(rows) : Uint32Array.from({ length: dataset.count }, (_, i) => i);
  new Stream(seed, 'subset').shuffle(candidates);
  const samples: number[][] = dataset.classNames.slice(0, MAX_CLASSES).map(() => []);
  for (const row of candidates) {
    const list = samples[dataset.labels[row]!];
    if (list && list.length < perClass) list.push(row);
  }
  return samples;
}

/** Tiles of a data set's size: `render(row, pixels)` fills one, for every number in `samples` [classes][≤ columns]. */
export function drawSheet(dataset: Pick<Dataset, 'height' | 'width' | 'channels'>, samples: number[][], columns: number, render: (row: number, pixels: Float32Array) => void): ContactSheet {
  const { height: h, width: w, channels } = dataset;
  const width = columns * (w + 1) - 1;
  const height = samples.length * (h + 1) - 1;
  const rgba = new Uint8ClampedArray(width * height * 4);
  const pixels = new Float32Array(h * w * channels);
  // Two channels have no colour meaning: the first is shown grey.
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  samples.forEach((list, r) => list.forEach((row, c) => {
    render(row, pixels);
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const from = (y * w + x) * channels;
        const to = ((r * (h + 1) + y) * width + c * (w + 1) + x) * 4;
        rgba[to] = 255 * pixels[from]!;
        rgba[to + 1] = 255 * pixels[from + green]!;
        rgba[to + 2] = 255 * pixels[from + blue]!;
        rgba[to + 3] = channels === 4 ? 255 * pixels[from + 3]! : 255;
      }
    }
  }));
  return { width, height, rgba, columns, rows: samples.length };
}

/** A row of images, and under each its label map in the colours of the classes. */
function mappedSheet(dataset: Dataset, rows: readonly number[], render: (row: number, pixels: Float32Array) => void): ContactSheet {
  const { height, width, channels, classNames } = dataset;
  const area = height * width;
  const image = new Float32Array(area * channels);
  // Maps follow the images: row r of the data as −1 − r.
  return drawSheet({ height, width, channels: 3 }, [[...rows], rows.map((row) => -1 - row)], rows.length, (at, pixels) => {
    if (at >= 0) {
      render(at, image);
      for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) pixels[3 * i + c] = image[i * channels + (channels >= 3 ? c : 0)]!;
    } else {
      for (let i = 0; i < area; i++) pixels.set(classColour(dataset.maps![(-1 - at) * area + i]!, classNames).map((value) => value / 255), 3 * i);
    }
  });
}

/** Samples of a data set as it is and, when asked for, augmented and shifted. A pure function of its arguments. */
export function previewDataset(dataset: Dataset, options: PreviewOptions = {}): DatasetPreview {
  const { rows, perClass = 8, augmentation = null, shift = null, seed = 0 } = options;
  const samples = sampleRows(dataset, rows, perClass, seed);
  const columns = Math.max(1, ...samples.map((list) => list.length));
  const draw = (render: (row: number, pixels: Float32Array) => void) => (dataset.maps ? mappedSheet(dataset, samples[0]!, render) : drawSheet(dataset, samples, columns, render));
  const { name, height, width, channels, classNames, licence } = dataset;
  return {
    name, height, width, channels, classNames: [...classNames], licence,
    count: rows ? rows.length : dataset.count,
    counts: classCounts(dataset, rows),
    points: isPlanar(dataset) ? planePoints(dataset, rows ?? Uint32Array.from({ length: dataset.count }, (_, i) => i)) : null,
    mapped: dataset.maps !== undefined,
    sheet: draw((row, pixels) => pixelsInto(dataset, row, pixels, 0)),
    augmented: augmentation && draw((row, pixels) => {
      augmentInto(dataset, row, pixels, 0, augmentation, new Stream(seed, 'augment', 0, row));
    }),
    shifted: shift && shift.kind !== 'none' && shift.severity > 0 ? draw((row, pixels) => {
      pixelsInto(dataset, row, pixels, 0);
      applyShift(pixels, dataset, shift.kind, shift.severity, new Stream(seed, 'shift', 0, row));
    }) : null,
  };
}

/** Rows are points of the plane, not images. */
export function isPlanar({ height, width, channels }: Pick<Dataset, 'height' | 'width' | 'channels'>): boolean {
  return height === 1 && width === 1 && channels === 2;
}

/** The first MOST_POINTS of `rows`. */
export function planePoints(dataset: Dataset, rows: ArrayLike<number>): PlanePoints {
  const chosen = Array.from(rows).slice(0, MOST_POINTS);
  return {
    x: Float32Array.from(chosen, (row) => dataset.images[2 * row]!), y: Float32Array.from(chosen, (row) => dataset.images[2 * row + 1]!),
    labels: Uint16Array.from(chosen, (row) => dataset.labels[row]!),
  };
}

/** Some images side by side, in the order of `rows`. */
export function imageStrip(dataset: Dataset, rows: ArrayLike<number>): ContactSheet {
  return drawSheet(dataset, [Array.from(rows)], rows.length, (row, pixels) => pixelsInto(dataset, row, pixels, 0));
}

/** Longest side of a thumbnail, pixels. */
const THUMBNAIL = 32;

/** Images side by side in the order of `rows`, large ones made smaller by averaging whole blocks of pixels. */
export function thumbnails(dataset: Dataset, rows: ArrayLike<number>): ContactSheet {
  const { height, width, channels } = dataset;
  const block = Math.ceil(Math.max(height, width) / THUMBNAIL);
  if (block === 1) return imageStrip(dataset, rows);
  const small = { height: Math.max(1, Math.floor(height / block)), width: Math.max(1, Math.floor(width / block)), channels };
  const whole = new Float32Array(height * width * channels);
  const [tall, wide] = [Math.min(block, height), Math.min(block, width)];
  return drawSheet(small, [Array.from(rows)], rows.length, (row, pixels) => {
    pixelsInto(dataset, row, whole, 0);
    pixels.fill(0);
    for (let y = 0; y < small.height * tall; y++) {
      for (let x = 0; x < small.width * wide; x++) {
        const to = (Math.floor(y / tall) * small.width + Math.floor(x / wide)) * channels;
        for (let c = 0; c < channels; c++) pixels[to + c]! += whole[(y * width + x) * channels + c]! / (tall * wide);
      }
    }
  });
}
