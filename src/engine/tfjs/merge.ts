/**
 * What a decoder adds to a chain of layers, over typed arrays: sums of branches, some of which read maps that the extractor made on the way, and
 * bilinear upsampling.
 */
import type { LayerOf } from '../../model/architecture.ts';
import { numbersOf, type Size } from '../../model/size.ts';
import { type Taps, upsampleTaps } from '../../model/upsample.ts';
import type { TypedLayer } from './layers.ts';

/** Maps of the extractor by the number of layers that made them, as the network keeps them for its decoder. */
export interface Maps {
  readonly sizes: readonly Size[];
  /** [B, H, W, C]; valid until the next forward. */
  readonly values: Float32Array[];
  /** What branches had to say of each; null: nothing, or it is not asked for. */
  readonly gradients: (Float32Array | null)[];
  wanted: boolean;
}

export interface Branch {
  from: number | null;
  layers: readonly TypedLayer[];
}

/** y = [relu](Σ branches). */
export class Merge implements TypedLayer {
  readonly output: Size;
  readonly #input: Size;
  readonly #branches: readonly Branch[];
  readonly #maps: Maps;
  readonly #relu: boolean;
  readonly #y: Float32Array;
  /** dy once more: a branch may overwrite the one it is given. */
  readonly #copy: Float32Array;

  constructor(branches: readonly Branch[], maps: Maps, relu: boolean, input: Size, maxBatch: number) {
    this.#input = input;
    this.#branches = branches;
    this.#maps = maps;
    this.#relu = relu;
    this.output = branches[0]?.layers.at(-1)?.output ?? input;
    this.#y = new Float32Array(maxBatch * numbersOf(this.output));
    this.#copy = new Float32Array(maxBatch * numbersOf(this.output));
  }

  forward(theta: Float32Array, x: Float32Array, batch: number): Float32Array {
    const count = batch * numbersOf(this.output);
    this.#branches.forEach(({ from, layers }, k) => {
      const own = layers.reduce((y, layer) => layer.forward(theta, y, batch, false), from === null ? x : this.#maps.values[from]!);
      for (let i = 0; i < count; i++) this.#y[i] = k === 0 ? own[i]! : this.#y[i]! + own[i]!;
    });
    if (this.#relu) for (let i = 0; i < count; i++) if (this.#y[i]! < 0) this.#y[i] = 0;
    return this.#y;
  }

  backward(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    const count = batch * numbersOf(this.output);
    if (this.#relu) for (let i = 0; i < count; i++) if (this.#y[i]! <= 0) dy[i] = 0;
    let dx: Float32Array | null = null;
    for (const { from, layers } of this.#branches) {
      for (let i = 0; i < count; i++) this.#copy[i] = dy[i]!;
      const wanted = from === null ? wantInput : this.#maps.wanted;
      const own = layers.reduceRight<Float32Array | null>((d, layer, i) => d && layer.backward(theta, d, batch, grad, wanted || i > 0), this.#copy);
      if (!wanted || !own) continue;
      if (from === null) dx = summed(dx, own, batch * numbersOf(this.#input));
      else this.#maps.gradients[from] = summed(this.#maps.gradients[from] ?? null, own, batch * numbersOf(this.#maps.sizes[from]!));
    }
    return dx;
  }

  squares(): never {
    throw new Error('No squared gradients go through a decoder.');
  }
}

/** a + b in the place of a; b where there is no a. */
export function summed(a: Float32Array | null, b: Float32Array, count: number): Float32Array {
  if (!a) return b;
  for (let i = 0; i < count; i++) a[i]! += b[i]!;
  return a;
}

export class Upsample implements TypedLayer {
  readonly output: Size;
  readonly #input: Size;
  readonly #rows: Taps;
  readonly #columns: Taps;
  readonly #y: Float32Array;
  readonly #dx: Float32Array;

  constructor({ height, width }: LayerOf<'upsample'>, input: Size, maxBatch: number) {
    this.#input = input;
    this.output = { height, width, channels: input.channels };
    this.#rows = upsampleTaps(input.height, height);
    this.#columns = upsampleTaps(input.width, width);
    this.#y = new Float32Array(maxBatch * numbersOf(this.output));
    this.#dx = new Float32Array(maxBatch * numbersOf(input));
  }

  forward(_theta: Float32Array, x: Float32Array, batch: number): Float32Array {
    const { channels } = this.output;
    this.#eachPixel(batch, (at, corners, shares) => {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < 4; k++) sum += shares[k]! * x[corners[k]! + c]!;
        this.#y[at + c] = sum;
      }
    });
    return this.#y;
  }

  backward(_theta: Float32Array, dy: Float32Array, batch: number, _grad: Float32Array, wantInput: boolean): Float32Array | null {
    if (!wantInput) return null;
    const { channels } = this.output;
    const dx = this.#dx.fill(0, 0, batch * numbersOf(this.#input));
    this.#eachPixel(batch, (at, corners, shares) => {
      for (let c = 0; c < channels; c++) for (let k = 0; k < 4; k++) dx[corners[k]! + c]! += shares[k]! * dy[at + c]!;
    });
    return dx;
  }

  squares(): never {
    throw new Error('No squared gradients go through an upsampling.');
  }

  /** Of every output pixel its first number, and those of the four inputs around it with their shares. */
  #eachPixel(batch: number, use: (at: number, corners: Uint32Array, shares: Float64Array) => void): void {
    const { height, width, channels } = this.output;
    const [rows, columns] = [this.#rows, this.#columns];
    const row = this.#input.width * channels;
    const corners = new Uint32Array(4);
    const shares = new Float64Array(4);
    let at = 0;
    for (let b = 0; b < batch; b++) {
      const image = b * numbersOf(this.#input);
      for (let y = 0; y < height; y++) {
        const [top, bottom, down] = [image + rows.low[y]! * row, image + rows.high[y]! * row, rows.share[y]!];
        for (let x = 0; x < width; x++, at += channels) {
          const [left, right, along] = [columns.low[x]! * channels, columns.high[x]! * channels, columns.share[x]!];
          corners[0] = top + left;
          corners[1] = top + right;
          corners[2] = bottom + left;
          corners[3] = bottom + right;
          shares[0] = (1 - down) * (1 - along);
          shares[1] = (1 - down) * along;
          shares[2] = down * (1 - along);
          shares[3] = down * along;
          use(at, corners, shares);
        }
      }
    }
  }
}
