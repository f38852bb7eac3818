/**
 * Images that are (nearly) the same in the rows that are learned from and in those that are tested on. Two images count as near-duplicates when the root
 * mean square of their pixel differences is at most 0.03 (of 1; about 8 of 255 grey levels) *and* at most a fifth of the smaller one's contrast, so that flat images
 * are not all alike. No pair is missed: an average over blocks differs by no more than the pixels do, and neither does any orthonormal transform of the
 * averages; images are sorted into cells by the few coefficients that vary most, and only what lies in the same or a neighbouring cell is compared, in full. Pure;
 * a search yields after every few images, so that whoever drives it can do something else between, or give it up.
 */
import type { Dataset } from '../dataset.ts';
import { greyInto } from './grey.ts';

/** Root mean square difference of grey pixels, and its share of the smaller standard deviation, that two near-duplicates have at most. */
export const MOST_DIFFERENCE = 0.03;
export const MOST_SHARE = 0.2;
/** In words, for the page. */
export const DUPLICATE_MEASURE = `Two images count as near-duplicates when their grey pixels differ by at most ${Math.round(255 * MOST_DIFFERENCE)} of 255 levels (root mean square) and by at most a fifth of their contrast.`;

/** Blocks a side that images are averaged over. */
const BLOCKS = 8;
/** Coefficients that cells are made of. */
const AXES = 7;

export interface DuplicatePair {
  /** Rows of the data set. */
  first: number;
  second: number;
  /** Root mean square difference of grey pixels, in [0, 1]. */
  difference: number;
}

/** A search under way; ends with what it found. */
export type Search<T> = Generator<undefined, T, undefined>;

/** For every row of `tested` its nearest near-duplicate in `learned`, where it has one; the closest pair first. A row is never its own duplicate. */
export function* nearDuplicates(dataset: Dataset, learned: Uint32Array, tested: Uint32Array): Search<DuplicatePair[]> {
  const signatures = yield* signaturesOf(dataset);
  const cells = cellsOf(signatures, learned);
  const found: DuplicatePair[] = [];
  const [a, b] = [new Float32Array(dataset.height * dataset.width), new Float32Array(dataset.height * dataset.width)];
  for (const row of tested) {
    // One row may have thousands that are near.
    yield;
    const most = Math.min(MOST_DIFFERENCE, MOST_SHARE * signatures.contrast[row]!);
    let best = null as DuplicatePair | null;
    let loaded = false;
    cells.near(row, (other) => {
      if (other === row || !signatures.within(row, other, most)) return;
      const own = Math.min(most, MOST_SHARE * signatures.contrast[other]!);
      if (!loaded) greyInto(dataset, row, a);
      loaded = true;
      greyInto(dataset, other, b);
      const difference = rootMeanSquare(a, b);
      if (difference <= own && (best === null || difference < best.difference)) best = { first: other, second: row, difference };
    });
    if (best) found.push(best);
  }
  return found.sort((x, y) => x.difference - y.difference || x.second - y.second);
}

/** Every pair within `rows` once, the closest first; of a row that is like several earlier ones, the pair with the nearest. */
export function* nearDuplicatesWithin(dataset: Dataset, rows: Uint32Array): Search<DuplicatePair[]> {
  const seen = new Set<string>();
  return (yield* nearDuplicates(dataset, rows, rows)).filter(({ first, second }) => {
    const key = first < second ? `${first} ${second}` : `${second} ${first}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

interface Signatures {
  /** [rows, BLOCKS²]: orthonormal transform of block averages over BLOCKS, so that Euclidean distances are root mean square differences; the axis that varies most first. */
  values: Float32Array;
  /** [rows] standard deviation of grey pixels. */
  contrast: Float32Array;
  /** Whether two rows' signatures are at most so far apart. */
  within(a: number, b: number, most: number): boolean;
}

const LENGTH = BLOCKS * BLOCKS;

function* signaturesOf(dataset: Dataset): Search<Signatures> {
  const { count, height, width } = dataset;
  const grey = new Float32Array(height * width);
  const half = new Float64Array(height * BLOCKS);
  const blocks = new Float64Array(LENGTH);
  const plain = new Float32Array(count * LENGTH);
  const contrast = new Float32Array(count);
  const [down, across] = [sharesOf(height), sharesOf(width)];
  const cosines = cosineTransform();
  for (let row = 0; row < count; row++) {
    yield;
    greyInto(dataset, row, grey);
    let [sum, squares] = [0, 0];
    for (const v of grey) {
      sum += v;
      squares += v * v;
    }
    contrast[row] = Math.sqrt(Math.max(0, squares / grey.length - (sum / grey.length) ** 2));
    multiply(grey, across, half, height, width, BLOCKS);
    multiplyDown(half, down, blocks, height);
    transformInto(blocks, cosines, plain, row * LENGTH);
  }
  const values = byVariance(plain, count);
  const within = (a: number, b: number, most: number): boolean => {
    let left = most * most + 1e-9;
    for (let k = 0, i = a * LENGTH, j = b * LENGTH; k < LENGTH && left >= 0; k++) {
      const d = values[i + k]! - values[j + k]!;
      left -= d * d;
    }
    return left >= 0;
  };
  return { values, contrast, within };
}

/** Share of each of `size` pixels in the average of each block, [BLOCKS, size]: blocks of equal length, whole pixels or parts of them. */
function sharesOf(size: number): Float64Array {
  const length = size / BLOCKS;
  return Float64Array.from({ length: BLOCKS * size }, (_, i) => {
    const [block, at] = [Math.floor(i / size), i % size];
    return Math.max(0, Math.min(at + 1, (block + 1) * length) - Math.max(at, block * length)) / length;
  });
}

/** a [rows, inner] · bᵀ, b [columns, inner] → out [rows, columns] */
function multiply(a: Float32Array, b: Float64Array, out: Float64Array, rows: number, inner: number, columns: number): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let i = 0; i < inner; i++) sum += a[r * inner + i]! * b[c * inner + i]!;
      out[r * columns + c] = sum;
    }
  }
}

/** b [BLOCKS, inner] · a [inner, BLOCKS] → out [BLOCKS, BLOCKS] */
function multiplyDown(a: Float64Array, b: Float64Array, out: Float64Array, inner: number): void {
  out.fill(0);
  for (let r = 0; r < BLOCKS; r++) for (let i = 0; i < inner; i++) for (let c = 0; c < BLOCKS; c++) out[r * BLOCKS + c]! += b[r * inner + i]! * a[i * BLOCKS + c]!;
}

/** Orthonormal cosine transform of BLOCKS numbers (DCT-II), [frequency][place]. */
function cosineTransform(): Float64Array[] {
  return Array.from({ length: BLOCKS }, (_, k) => Float64Array.from({ length: BLOCKS }, (_, i) => Math.sqrt((k === 0 ? 1 : 2) / BLOCKS) * Math.cos((Math.PI * (i + 0.5) * k) / BLOCKS)));
}

/** Two-dimensional, of blocks [BLOCKS, BLOCKS], over BLOCKS: the length of the result is the root mean square of the blocks. */
function transformInto(blocks: Float64Array, cosines: Float64Array[], out: Float32Array, at: number): void {
  const half = new Float64Array(LENGTH);
  for (let y = 0; y < BLOCKS; y++) for (let k = 0; k < BLOCKS; k++) for (let x = 0; x < BLOCKS; x++) half[y * BLOCKS + k]! += cosines[k]![x]! * blocks[y * BLOCKS + x]!;
  for (let m = 0; m < BLOCKS; m++) {
    for (let k = 0; k < BLOCKS; k++) {
      let sum = 0;
      for (let y = 0; y < BLOCKS; y++) sum += cosines[m]![y]! * half[y * BLOCKS + k]!;
      out[at + m * BLOCKS + k] = sum / BLOCKS;
    }
  }
}

/** Coefficients [rows, LENGTH] put in the order of their variance, the largest first. */
function byVariance(values: Float32Array, count: number): Float32Array {
  const [sums, squares] = [new Float64Array(LENGTH), new Float64Array(LENGTH)];
  for (let i = 0; i < values.length; i++) {
    sums[i % LENGTH]! += values[i]!;
    squares[i % LENGTH]! += values[i]! ** 2;
  }
  const variance = Array.from(sums, (sum, k) => squares[k]! / count - (sum / count) ** 2);
  const order = variance.map((_, k) => k).sort((a, b) => variance[b]! - variance[a]!);
  const sorted = new Float32Array(values.length);
  for (let row = 0; row < count; row++) order.forEach((k, place) => (sorted[row * LENGTH + place] = values[row * LENGTH + k]!));
  return sorted;
}

/** Rows by cell; a cell is twice as wide as a difference may be, so that along each axis two cells hold all that is near. */
function cellsOf({ values }: Signatures, rows: Uint32Array): { near(row: number, visit: (other: number) => void): void } {
  const width = 2 * MOST_DIFFERENCE;
  const cells = new Map<number, number[]>();
  // Coefficients of pixels in [0, 1] lie within ±1: ±17 cells. What lies farther out shares the last.
  const digit = (at: number) => Math.min(63, Math.max(0, Math.floor(at) + 32));
  const place = (row: number, axis: number) => values[row * LENGTH + axis]! / width;
  const key = (at: (axis: number) => number) => {
    let sum = 0;
    for (let axis = 0; axis < AXES; axis++) sum = 64 * sum + digit(at(axis));
    return sum;
  };
  for (const row of rows) {
    const own = key((axis) => place(row, axis));
    const cell = cells.get(own);
    if (cell) cell.push(row);
    else cells.set(own, [row]);
  }
  return {
    near(row, visit) {
      for (let corner = 0; corner < 1 << AXES; corner++) cells.get(key((axis) => place(row, axis) - 0.5 + ((corner >> axis) & 1)))?.forEach(visit);
    },
  };
}

function rootMeanSquare(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let p = 0; p < a.length; p++) sum += (a[p]! - b[p]!) ** 2;
  return Math.sqrt(sum / a.length);
}
