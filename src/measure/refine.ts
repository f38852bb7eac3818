/**
 * Which points of a square grid need the network: lattices from coarse to fine, each finer one measured only where the
 * fields bend, and interpolated (tensor cubic) elsewhere. "Bends" is judged in widths of the picture's bands
 * (ui/surface/colour.ts), so that no contour is drawn from a value that could be off by more than a part of a band.
 *
 * A point is measured when the points of the lattice before around it were themselves missed by interpolation, when one
 * of those it would be interpolated from is not finite, or when a neighbour turns out to be missed. Far above the
 * last band, where the picture has one colour, nothing is measured any more. The first two lattices are always measured whole.
 */
import { axisCubic, type AxisCubic, bilinear, cubicAt, nodesOf, sound } from './lattice.ts';

/** Largest accepted error of an interpolated value, in band widths. */
export const TOLERANCE = 0.1;

/** Bands of colour of a loss, and the quantile from which on all has the last one. */
export const BANDS = 16;
export const CLIP = 0.75;

/** Beyond low + FAR·(high − low) a value is far above the last band. */
const FAR = 2;

/** Lattices that are measured whole. */
const WHOLE = 2;

/** Intervals along an axis of the first lattice. */
const INTERVALS = { least: 4, best: 5, most: 9 } as const;

/**
 * Strides of the lattices, coarse to fine: each divides the one before, the last is 1. The first makes 5 to 10 points an
 * axis and divides resolution − 1 where that goes with small steps between lattices; else the last interval of a
 * coarse lattice is shorter. `resolution` ≥ 2.
 */
export function strides(resolution: number): number[] {
  const intervals = resolution - 1;
  const distance = (stride: number): number => Math.abs(intervals / stride - INTERVALS.best);
  const candidates = Array.from({ length: Math.max(1, Math.floor(intervals / INTERVALS.least)) }, (_, i) => i + 1)
    .filter((stride) => largestPrime(stride) <= 5 && (intervals / stride <= INTERVALS.most || stride === 1));
  const even = candidates.filter((stride) => intervals % stride === 0 && intervals / stride <= INTERVALS.most);
  const choice = (even.length > 0 ? even : candidates).reduce((best, stride) => (distance(stride) < distance(best) ? stride : best));
  const out = [choice];
  for (let stride = choice; stride > 1;) out.push((stride /= smallestPrime(stride)));
  return out;
}

function smallestPrime(n: number): number {
  let p = 2;
  while (n % p !== 0) p++;
  return p;
}

function largestPrime(n: number): number {
  let largest = 1;
  for (let rest = n; rest > 1;) {
    largest = smallestPrime(rest);
    while (rest % largest === 0) rest /= largest;
  }
  return largest;
}

/** The bands of one field: their width grows with the root of the height above the lowest value. */
interface Bands {
  low: number;
  range: number;
}

/**
 * Drives the refinement of maps [n·n], row-major, NaN where unknown. Call `next()`, measure those points into `fields` (and
 * `along`), set `measured` to 1 there, and call it again until it returns none; it fills in all other points.
 */
export class Refinement {
  readonly resolution: number;
  readonly strides: readonly number[];
  readonly #fields: readonly Float32Array[];
  readonly #along: readonly Float32Array[];
  readonly #measured: Uint8Array;
  /** Index into `strides` of the lattice being made. */
  #level = 0;
  /** Points of it that must be measured; null until they have been found. */
  #wanted: Set<number> | null = null;
  /** Of each field, the values interpolated from the lattice before [n·n]. */
  #predicted: Float32Array[] = [];
  /** Of each field, by how many band widths points new in the lattice before were missed [n·n]; NaN where that is not known. */
  readonly #missed: readonly Float32Array[];
  #bands: (Bands | null)[] = [];

  /** `fields` (train and test NLL) decide; `along` (accuracies) are only filled, bilinearly. `measured` may hold points that are there already. */
  constructor(resolution: number, fields: readonly Float32Array[], along: readonly Float32Array[], measured: Uint8Array) {
    const size = resolution ** 2;
    if (resolution < 2 || [...fields, ...along, measured].some((map) => map.length !== size)) {
      throw new RangeError(`A map of ${resolution}×${resolution} points needs arrays of ${size} numbers.`);
    }
    this.resolution = resolution;
    this.strides = strides(resolution);
    this.#fields = fields;
    this.#along = along;
    this.#measured = measured;
    this.#missed = fields.map(() => new Float32Array(size).fill(NaN));
  }

  /** Stride of the finest lattice that is complete: 1 when all is done, null at the start. */
  get complete(): number | null {
    return this.strides[this.#level - 1] ?? null;
  }

  /** Points (grid indices) to be measured next, row by row; none when the maps are complete. */
  next(): Uint32Array {
    for (; this.#level < this.strides.length; this.#close()) {
      this.#wanted ??= this.#open();
      const ask = this.#unmeasured(this.#wanted);
      if (ask.length > 0) return ask;
      if (this.#level < WHOLE) continue;
      const more = this.#unmeasured(this.#neighboursOfMissed(this.#wanted));
      if (more.length === 0) continue;
      for (const point of more) this.#wanted.add(point);
      return more;
    }
    return new Uint32Array(0);
  }

  #unmeasured(points: Iterable<number>): Uint32Array {
    return Uint32Array.from(points).filter((point) => this.#measured[point] !== 1).sort();
  }

  /** Interpolates from the lattice before, and finds the points to be measured for certain. */
  #open(): Set<number> {
    const n = this.resolution;
    const stride = this.strides[this.#level]!;
    const before = this.strides[this.#level - 1];
    if (before === undefined) return new Set(this.#points(stride, undefined));
    const axis = axisCubic(n, before);
    const points = this.#points(stride, before);
    this.#predicted = this.#fields.map((field) => {
      const out = new Float32Array(n * n);
      for (const point of points) out[point] = cubicAt(field, n, axis, point);
      return out;
    });
    this.#bands = this.#fields.map((field) => bandsOf(this.#points(before, undefined).map((point) => field[point]!)));
    if (this.#level < WHOLE) return new Set(points);
    return new Set(points.filter((point) => this.#bends(point, axis, before, this.strides[this.#level - 2]!)));
  }

  /** Points of a lattice, without those of the one before. */
  #points(stride: number, before: number | undefined): number[] {
    const nodes = nodesOf(this.resolution, stride);
    const coarse = new Set(before === undefined ? [] : nodesOf(this.resolution, before));
    return nodes.flatMap((y) => nodes.flatMap((x) => (coarse.has(x) && coarse.has(y) ? [] : [y * this.resolution + x])));
  }

  /**
   * Cubic interpolation over half the distance misses a smooth field by a sixteenth, a kink by a half; halving the miss
   * with the distance is safe for both.
   */
  #bends(point: number, axis: AxisCubic, before: number, earlier: number): boolean {
    const n = this.resolution;
    if (this.#fields.some((field) => !sound(field, n, axis, point))) return true;
    const columns = axis.around(point % n);
    const rows = axis.around(Math.floor(point / n));
    const around = rows.flatMap((y) => columns.map((x) => y * n + x));
    return this.#fields.some((field, f) => {
      const bands = this.#bands[f] ?? null;
      const far = bands && [this.#predicted[f]![point]!, ...around.map((one) => field[one]!)].every((value) => isFar(value, bands));
      return !far && around.some((one) => this.#missed[f]![one]! * (before / earlier) > TOLERANCE);
    });
  }

  /** Measured points that the interpolation missed make their eight neighbours suspect. */
  #neighboursOfMissed(wanted: Set<number>): Set<number> {
    const n = this.resolution;
    const stride = this.strides[this.#level]!;
    const nodes = new Set(nodesOf(n, stride));
    const found = new Set<number>();
    for (const point of this.#points(stride, this.strides[this.#level - 1])) {
      if (this.#measured[point] !== 1 || !this.#fields.some((_, f) => this.#miss(f, point) > TOLERANCE)) continue;
      const [x, y] = [point % n, Math.floor(point / n)];
      for (const row of neighbours(y, stride, n)) {
        for (const column of neighbours(x, stride, n)) {
          const one = row * n + column;
          if (nodes.has(row) && nodes.has(column) && !wanted.has(one)) found.add(one);
        }
      }
    }
    return found;
  }

  /** In band widths; infinite where only one of the two values is finite. */
  #miss(f: number, point: number): number {
    return missIn(this.#fields[f]![point]!, this.#predicted[f]![point]!, this.#bands[f] ?? null);
  }

  /** Fills in what was not measured and goes on to the next lattice. */
  #close(): void {
    const n = this.resolution;
    const before = this.strides[this.#level - 1];
    for (const missed of this.#missed) missed.fill(NaN);
    if (before !== undefined) {
      for (const point of this.#points(this.strides[this.#level]!, before)) {
        if (this.#measured[point] === 1) {
          this.#missed.forEach((missed, f) => (missed[point] = this.#miss(f, point)));
          continue;
        }
        this.#fields.forEach((field, f) => (field[point] = this.#predicted[f]![point]!));
        for (const field of this.#along) field[point] = bilinear(field, n, before, point);
      }
    }
    this.#wanted = null;
    this.#level++;
  }
}

/** The coordinates one step of the lattice away; its last interval may be shorter. */
function neighbours(x: number, stride: number, n: number): number[] {
  const below = x % stride === 0 ? x - stride : x - (x % stride);
  return [below, x, Math.min(x + stride, n - 1)].filter((one) => one >= 0);
}

/** Null when nothing is finite. */
export function bandsOf(values: readonly number[]): Bands | null {
  const finite = Float64Array.from(values.filter(Number.isFinite)).sort();
  if (finite.length === 0) return null;
  const low = finite[0]!;
  const at = CLIP * (finite.length - 1);
  const [below, above] = [finite[Math.floor(at)]!, finite[Math.ceil(at)]!];
  const high = below + (at % 1) * (above - below);
  return { low, range: Math.max(high - low, 1e-9 + 1e-6 * Math.abs(low)) };
}

function isFar(value: number, { low, range }: Bands): boolean {
  return value > low + FAR * range;
}

/** |value − predicted| in widths of the band at `value`: edges at low + range·(k/(BANDS − 1))². */
export function missIn(value: number, predicted: number, bands: Bands | null): number {
  if (!Number.isFinite(value) && !Number.isFinite(predicted)) return 0;
  if (bands === null || !Number.isFinite(value) || !Number.isFinite(predicted)) return Infinity;
  if (isFar(value, bands) && isFar(predicted, bands)) return 0;
  const k = (BANDS - 1) * Math.sqrt(Math.max(0, value - bands.low) / bands.range);
  const width = (bands.range * (2 * k + 1)) / (BANDS - 1) ** 2;
  return Math.abs(value - predicted) / width;
}
