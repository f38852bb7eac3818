/** A residual block over typed arrays: y = relu(body(x) + shortcut(x)), both chains of layers; an empty shortcut is the identity. */
import { numbersOf, type Size } from '../../model/size.ts';
import type { TypedLayer } from './layers.ts';

export class Residual implements TypedLayer {
  readonly output: Size;
  readonly #input: Size;
  readonly #body: readonly TypedLayer[];
  readonly #shortcut: readonly TypedLayer[];
  readonly #y: Float32Array;
  /** dy once more: a branch may overwrite the one it is given. */
  readonly #copy: Float32Array;

  constructor(body: readonly TypedLayer[], shortcut: readonly TypedLayer[], input: Size, maxBatch: number) {
    this.#input = input;
    this.output = body.at(-1)!.output;
    this.#body = body;
    this.#shortcut = shortcut;
    this.#y = new Float32Array(maxBatch * numbersOf(this.output));
    this.#copy = new Float32Array(maxBatch * numbersOf(this.output));
  }

  forward(theta: Float32Array, x: Float32Array, batch: number, sameInput: boolean): Float32Array {
    const run = (layers: readonly TypedLayer[]): Float32Array => layers.reduce((y, layer, i) => layer.forward(theta, y, batch, sameInput && i === 0), x);
    const [body, shortcut] = [run(this.#body), run(this.#shortcut)];
    const count = batch * numbersOf(this.output);
    for (let i = 0; i < count; i++) this.#y[i] = Math.max(0, body[i]! + shortcut[i]!);
    return this.#y;
  }

  backward(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    return this.#back('backward', theta, dy, batch, grad, wantInput);
  }

  squares(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    return this.#back('squares', theta, dy, batch, grad, wantInput);
  }

  #back(pass: 'backward' | 'squares', theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, wantInput: boolean): Float32Array | null {
    const count = batch * numbersOf(this.output);
    for (let i = 0; i < count; i++) {
      if (this.#y[i]! <= 0) dy[i] = 0;
      this.#copy[i] = dy[i]!;
    }
    const run = (layers: readonly TypedLayer[], from: Float32Array): Float32Array | null => layers.reduceRight<Float32Array | null>(
      (d, layer, i) => d && layer[pass](theta, d, batch, grad, wantInput || i > 0), from,
    );
    const [body, shortcut] = [run(this.#body, dy), run(this.#shortcut, this.#copy)];
    if (!wantInput || !body || !shortcut) return null;
    for (let i = 0; i < batch * numbersOf(this.#input); i++) body[i]! += shortcut[i]!;
    return body;
  }
}
