/**
 * Group norm over typed arrays: y = [relu](γ_c·x̂ + β_c), x̂ = (x − mean)/√(variance + ε), moments over the positions and channels of a group of
 * one image, in float64. With dŷ = dy where the ReLU let it through and n numbers a group (Wu & He 2018; the derivation is batch norm's):
 *   dβ_c = Σ dŷ,   dγ_c = Σ dŷ·x̂,   dx = (γ·dŷ − (Σ_group γ·dŷ + x̂·Σ_group γ·dŷ·x̂)/n)/√(variance + ε)
 */
import { type LayerOf, NORM_EPSILON } from '../../model/architecture.ts';
import { numbersOf, type Size } from '../../model/size.ts';
import type { Offsets, TypedLayer } from './layers.ts';

export class GroupNorm implements TypedLayer {
  readonly output: Size;
  readonly #groups: number;
  readonly #relu: boolean;
  readonly #gain: number;
  readonly #bias: number;
  readonly #y: Float32Array;
  readonly #normed: Float32Array;
  /** 1/√(variance + ε) of every image and group. */
  readonly #scale: Float64Array;
  /** Of one image, by channel: dγ and dβ. */
  readonly #dGain: Float64Array;
  readonly #dBias: Float64Array;
  /** Over images, in float64 before they become float32: dγ, then dβ. */
  readonly #sums: Float64Array;

  constructor(layer: LayerOf<'group-norm'>, at: Offsets, input: Size, maxBatch: number) {
    if (input.channels !== layer.channels || at.bias === null) throw new Error(`Layer ${layer.name} is for ${layer.channels} channels, not ${input.channels}.`);
    this.output = input;
    this.#groups = layer.groups;
    this.#relu = layer.relu;
    this.#gain = at.weight;
    this.#bias = at.bias;
    this.#y = new Float32Array(maxBatch * numbersOf(input));
    this.#normed = new Float32Array(maxBatch * numbersOf(input));
    this.#scale = new Float64Array(maxBatch * layer.groups);
    this.#dGain = new Float64Array(input.channels);
    this.#dBias = new Float64Array(input.channels);
    this.#sums = new Float64Array(2 * input.channels);
  }

  forward(theta: Float32Array, x: Float32Array, batch: number): Float32Array {
    const { channels } = this.output;
    const groups = this.#groups;
    const size = numbersOf(this.output);
    const width = channels / groups;
    const count = size / groups;
    for (let b = 0; b < batch; b++) {
      const image = b * size;
      for (let g = 0; g < groups; g++) {
        let sum = 0;
        for (let at = image + g * width; at < image + size; at += channels) for (let c = 0; c < width; c++) sum += x[at + c]!;
        const mean = sum / count;
        let squares = 0;
        for (let at = image + g * width; at < image + size; at += channels) for (let c = 0; c < width; c++) squares += (x[at + c]! - mean) ** 2;
        const scale = 1 / Math.sqrt(squares / count + NORM_EPSILON);
        this.#scale[b * groups + g] = scale;
        for (let at = image + g * width; at < image + size; at += channels) {
          for (let c = 0; c < width; c++) {
            const normed = (x[at + c]! - mean) * scale;
            const value = normed * theta[this.#gain + g * width + c]! + theta[this.#bias + g * width + c]!;
            this.#normed[at + c] = normed;
            this.#y[at + c] = this.#relu && value < 0 ? 0 : value;
          }
        }
      }
    }
    return this.#y;
  }

  /** dx takes the place of dy. */
  backward(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array): Float32Array {
    return this.#back(theta, dy, batch, grad, 1);
  }

  squares(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array): Float32Array {
    return this.#back(theta, dy, batch, grad, 2);
  }

  /** grad is the sum over images of their own gradients to a power. */
  #back(theta: Float32Array, dy: Float32Array, batch: number, grad: Float32Array, power: 1 | 2): Float32Array {
    const { channels } = this.output;
    const sums = this.#sums.fill(0);
    for (let b = 0; b < batch; b++) {
      this.#imageBackward(theta, dy, b);
      for (let c = 0; c < channels; c++) {
        sums[c]! += this.#dGain[c]! ** power;
        sums[channels + c]! += this.#dBias[c]! ** power;
      }
    }
    for (let c = 0; c < channels; c++) {
      grad[this.#gain + c] = sums[c]!;
      grad[this.#bias + c] = sums[channels + c]!;
    }
    return dy;
  }

  /** dx of image b in the place of dy, dγ and dβ of that image alone. */
  #imageBackward(theta: Float32Array, dy: Float32Array, b: number): void {
    const { channels } = this.output;
    const size = numbersOf(this.output);
    const width = channels / this.#groups;
    const count = size / this.#groups;
    const dGain = this.#dGain.fill(0);
    const dBias = this.#dBias.fill(0);
    for (let at = b * size, c = 0; at < (b + 1) * size; at++, c = c + 1 === channels ? 0 : c + 1) {
      if (this.#relu && this.#y[at]! <= 0) {
        dy[at] = 0;
        continue;
      }
      dGain[c]! += dy[at]! * this.#normed[at]!;
      dBias[c]! += dy[at]!;
    }
    for (let g = 0; g < this.#groups; g++) {
      let straight = 0;
      let along = 0;
      for (let c = g * width; c < (g + 1) * width; c++) {
        straight += theta[this.#gain + c]! * dBias[c]!;
        along += theta[this.#gain + c]! * dGain[c]!;
      }
      const scale = this.#scale[b * this.#groups + g]!;
      for (let from = b * size + g * width; from < (b + 1) * size; from += channels) {
        for (let c = 0; c < width; c++) {
          const gained = theta[this.#gain + g * width + c]! * dy[from + c]!;
          dy[from + c] = scale * (gained - (straight + this.#normed[from + c]! * along) / count);
        }
      }
    }
  }
}
