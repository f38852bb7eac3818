/**
 * Counter-based random numbers: Philox 4×32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy
 * as 1, 2, 3"). The value at (key, counter) depends on nothing else, so a run that is interrupted and resumed, or
 * split over workers, draws the same numbers.
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the 64-bit product of two uint32. */
function mulHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const low = aLow * bLow;
  const middle1 = aHigh * bLow + (low >>> 16);
  const middle2 = aLow * bHigh + (middle1 & 0xffff);
  return (aHigh * bHigh + Math.floor(middle1 / 0x10000) + Math.floor(middle2 / 0x10000)) >>> 0;
}

/** Ten rounds; writes four uint32 into `out`. */
export function philox4x32(
  c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array,
): void {
  for (let round = 0; round < 10; round++) {
    const high0 = mulHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = mulHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** What a stream is for: part of the key, so that no two uses of one seed share numbers. */
export const PURPOSES = [
  'init', 'head', 'batch', 'augment', 'split', 'subset', 'shift', 'glyph', 'swag', 'draw', 'plane', 'sampler', 'planted', 'permute', 'toy', 'view',
] as const;
export type Purpose = (typeof PURPOSES)[number];

/**
 * A stream of numbers for (seed, purpose, a, b): reading it in order walks the counter.
 * `a` and `b` are free coordinates, for example step and row.
 */
export class Stream {
  readonly #key0: number;
  readonly #key1: number;
  readonly #a: number;
  readonly #b: number;
  readonly #block = new Uint32Array(4);
  #next = 4;
  #counter = 0;
  #spare: number | null = null;

  constructor(seed: number, purpose: Purpose, a = 0, b = 0) {
    this.#key0 = seed >>> 0;
    this.#key1 = PURPOSES.indexOf(purpose) + 1;
    this.#a = a >>> 0;
    this.#b = b >>> 0;
  }

  uint32(): number {
    if (this.#next === 4) {
      philox4x32(this.#counter >>> 0, Math.floor(this.#counter / 0x100000000), this.#a, this.#b, this.#key0, this.#key1, this.#block);
      this.#counter++;
      this.#next = 0;
    }
    return this.#block[this.#next++]!;
  }

  /** Uniform on the open interval (0, 1), 24 bits. */
  uniform(): number {
    return ((this.uint32() >>> 8) + 0.5) / 0x1000000;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Integer in [0, n). */
  integer(n: number): number {
    return Math.floor((this.uint32() / 0x100000000) * n);
  }

  /** Standard normal (Box–Muller, both values used). */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Fisher–Yates, in place. */
  shuffle<T extends { length: number; [index: number]: unknown }>(items: T): T {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = items[i];
      items[i] = items[j];
      items[j] = held;
    }
    return items;
  }
}

const words = new Uint32Array(4);

/**
 * Fills out [n] with the first n numbers of `new Stream(seed, purpose, a).normal()` (rounded to `out`'s
 * precision) without the cost of a stream and with no allocation: what a sampler adds to all weights in one step.
 */
export function normalsInto(seed: number, purpose: Purpose, a: number, out: Float32Array | Float64Array): void {
  const key = PURPOSES.indexOf(purpose) + 1;
  const n = out.length;
  for (let i = 0; i < n; i += 4) {
    philox4x32(i >>> 2, 0, a >>> 0, 0, seed >>> 0, key, words);
    for (let pair = 0; pair < 4 && i + pair < n; pair += 2) {
      const radius = Math.sqrt(-2 * Math.log(((words[pair]! >>> 8) + 0.5) / 0x1000000));
      const angle = 2 * Math.PI * (((words[pair + 1]! >>> 8) + 0.5) / 0x1000000);
      out[i + pair] = radius * Math.cos(angle);
      if (i + pair + 1 < n) out[i + pair + 1] = radius * Math.sin(angle);
    }
  }
}
