/**
 * A network over typed arrays: a chain of layers, softmax cross-entropy on top (by rows, or by pixels behind a decoder, which also reads
 * maps of the extractor), workspaces for one batch size. The same class is the whole network, the extractor alone (features of a frozen
 * extractor) and the head alone.
 */
import { softmaxInto } from '../../core/softmax.ts';
import type { Architecture, Layer } from '../../model/architecture.ts';
import { headInputs, headLayers, parameterTable } from '../../model/build.ts';
import { numbersOf, type Size, sizesAlong } from '../../model/size.ts';
import type { PixelCounts } from '../contract.ts';
import { type TypedLayer, typedLayers } from './layers.ts';
import { type Maps, summed } from './merge.ts';
import { pixelCrossEntropy, type PixelLoss, type PixelTask } from './pixel-loss.ts';

export interface Loss {
  /** Mean NLL over the batch, nats. */
  nll: number;
  accuracy: number;
}

export class TypedNetwork {
  readonly outputs: number;
  /** Of a network that labels pixels; else null. */
  readonly task: PixelTask | null;
  /** Layers of the extractor and behind them those of the head, as far as this part has them. */
  readonly #extractor: number;
  readonly #maps: Maps | null;
  readonly #layers: TypedLayer[];
  readonly #dLogits: Float32Array;
  readonly #probabilities: Float64Array;

  /** `weights` [classes] of a segmentation network's loss; null: 1. */
  constructor(architecture: Architecture, part: 'whole' | 'extractor' | 'head', maxBatch: number, weights: Float32Array | null = null) {
    const { entries } = parameterTable(architecture);
    const { extractor, decoder, classes } = architecture;
    const features = part === 'head' ? headInputs(architecture) : null;
    const layers: Layer[] = [...(part === 'head' ? [] : extractor), ...(part === 'extractor' ? [] : headLayers(architecture))];
    const input: Size = features === null ? architecture.input : { height: 1, width: 1, channels: features };
    this.#extractor = part === 'head' ? 0 : extractor.length;
    this.#maps = decoder ? { sizes: sizesAlong(extractor, input), values: [], gradients: [], wanted: true } : null;
    this.#layers = typedLayers(layers, entries, input, maxBatch, this.#maps);
    const { output } = this.#layers.at(-1)!;
    this.outputs = output.channels;
    this.task = decoder ? { pixels: output.height * output.width, classes, weights } : null;
    this.#dLogits = new Float32Array(maxBatch * numbersOf(output));
    this.#probabilities = new Float64Array(maxBatch * this.outputs);
  }

  /** y [B, outputs] ([B, H, W, outputs] behind a decoder) from x [B, …]; valid until the next call. `sameInput`: x is the very batch of the last call. */
  forward(theta: Float32Array, x: Float32Array, batch: number, sameInput = false): Float32Array {
    let y = x;
    this.#layers.forEach((layer, i) => {
      y = layer.forward(theta, y, batch, sameInput && i === 0);
      if (this.#maps && i < this.#extractor) this.#maps.values[i + 1] = y;
    });
    return y;
  }

  /** Loss of the batch and its gradient, written to grad at the parameters of this part; labels [B]. */
  lossAndGradient(theta: Float32Array, x: Float32Array, labels: Uint16Array, batch: number, grad: Float32Array, sameInput: boolean): Loss {
    return this.gradientOf((logits, dLogits) => crossEntropy(logits, labels, batch, this.outputs, dLogits), theta, x, batch, grad, sameInput);
  }

  /** As `lossAndGradient`, of any loss of the outputs [B, outputs] that writes its gradient with respect to them; `from`: the first layer that is trained. */
  gradientOf(lossOf: (outputs: Float32Array, dOutputs: Float32Array) => Loss, theta: Float32Array, x: Float32Array, batch: number, grad: Float32Array, sameInput: boolean, from = 0): Loss {
    const loss = lossOf(this.forward(theta, x, batch, sameInput), this.#dLogits);
    const maps = this.#maps;
    if (maps) {
      maps.gradients.length = 0;
      maps.wanted = from < this.#extractor;
    }
    let dy: Float32Array | null = this.#dLogits;
    for (let i = this.#layers.length - 1; i >= from && dy; i--) {
      const aside = i < this.#extractor ? maps?.gradients[i + 1] : null;
      if (aside) summed(dy, aside, batch * numbersOf(this.#layers[i]!.output));
      dy = this.#layers[i]!.backward(theta, dy, batch, grad, i > from);
    }
    return loss;
  }

  /** As `lossAndGradient`, of maps [B, H·W]; of a frozen extractor grad is left as it is. */
  pixelLossAndGradient(theta: Float32Array, x: Float32Array, maps: Uint8Array, batch: number, grad: Float32Array, { sameInput, frozen }: { sameInput: boolean; frozen: boolean }): Loss {
    const lossOf = (logits: Float32Array, dLogits: Float32Array): Loss => {
      const { nll, accuracy } = pixelCrossEntropy(logits, maps, batch, this.#segmenting(), dLogits, null);
      return { nll: nll / batch, accuracy: accuracy / batch };
    };
    return this.gradientOf(lossOf, theta, x, batch, grad, sameInput, frozen ? this.#extractor : 0);
  }

  /** Loss of logits that `forward` gave; `counts` are added to. */
  pixelLoss(logits: Float32Array, maps: Uint8Array, batch: number, counts: PixelCounts): PixelLoss {
    return pixelCrossEntropy(logits, maps, batch, this.#segmenting(), null, counts);
  }

  #segmenting(): PixelTask {
    if (!this.task) throw new Error('This network labels rows and not pixels.');
    return this.task;
  }

  /**
   * Adds to out [D + H] the sum over rows of their squared gradients: at the labels [B], or (null) the expectation over the network's own
   * predictions, Σ_c p_c·(gradient at c)², as the squares of gradients that start from √p_c·(p − e_c). `scratch` [D + H].
   */
  addSquaredGradients(theta: Float32Array, x: Float32Array, labels: Uint16Array | null, batch: number, scratch: Float32Array, out: Float64Array): void {
    const logits = this.forward(theta, x, batch);
    const p = this.#probabilities;
    for (let b = 0; b < batch; b++) {
      // Without an answer there is no curvature either.
      if (softmaxInto(logits, b * this.outputs, p.subarray(b * this.outputs, (b + 1) * this.outputs)) < 0) {
        out.fill(NaN);
        return;
      }
    }
    for (let c = 0; c < (labels ? 1 : this.outputs); c++) {
      for (let b = 0; b < batch; b++) {
        const row = b * this.outputs;
        const label = labels ? labels[b]! : c;
        const weight = labels ? 1 : Math.sqrt(p[row + c]!);
        for (let k = 0; k < this.outputs; k++) this.#dLogits[row + k] = weight * (p[row + k]! - (k === label ? 1 : 0));
      }
      let dy: Float32Array | null = this.#dLogits;
      for (let i = this.#layers.length - 1; i >= 0 && dy; i--) dy = this.#layers[i]!.squares(theta, dy, batch, scratch, i > 0);
      for (let j = 0; j < out.length; j++) out[j]! += scratch[j]!;
    }
  }
}

/**
 * Mean softmax cross-entropy of logits [B, C]; dLogits [B, C] = (softmax − onehot)/B when given.
 * Non-finite logits give a non-finite NLL.
 */
export function crossEntropy(logits: Float32Array, labels: Uint16Array, batch: number, classes: number, dLogits: Float32Array | null): Loss {
  let nll = 0;
  let correct = 0;
  for (let b = 0; b < batch; b++) {
    const row = b * classes;
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[row + c]! > logits[row + best]!) best = c;
    const top = logits[row + best]!;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[row + c]! - top);
    const label = labels[b]!;
    nll += Math.log(sum) + top - logits[row + label]!;
    if (best === label) correct++;
    if (!dLogits) continue;
    for (let c = 0; c < classes; c++) {
      dLogits[row + c] = (Math.exp(logits[row + c]! - top) / sum - (c === label ? 1 : 0)) / batch;
    }
  }
  return { nll: nll / batch, accuracy: correct / batch };
}
