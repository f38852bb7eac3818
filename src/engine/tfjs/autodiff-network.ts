/**
 * A network of TensorFlow.js operations: theta stays one flat vector in PyTorch's layout and is cut and transposed in
 * the graph, so that the gradient comes back flat too. Activations are [B, H, W, C] (dense: [B, C]).
 */
import { fused, mean, reshape, split, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, transpose } from '@tensorflow/tfjs-core';
import type { Architecture, Layer, ParameterEntry } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { convShape } from './im2col.ts';

export type Part = 'whole' | 'extractor' | 'head';

/** A layer's tensors as its operation wants them: conv HWIO, dense [out, in]. */
interface Weights {
  kernel: Tensor;
  bias: Tensor;
}

export class AutodiffNetwork {
  /** Shape of one input, without the batch. */
  readonly input: number[];
  readonly outputs: number;
  /** Numbers of theta that belong to this part. */
  readonly size: number;
  /** Numbers in the largest activation of one row, the input included. */
  readonly largest: number;
  readonly #layers: Layer[];
  readonly #entries: ParameterEntry[];

  constructor(architecture: Architecture, part: Part) {
    const { head, extractor, input } = architecture;
    this.#layers = [...(part === 'head' ? [] : extractor), ...(part === 'extractor' || !head ? [] : [head])];
    this.#entries = parameterTable(architecture).entries.filter((entry) => part === 'whole' || entry.part === part);
    this.size = this.#entries.reduce((sum, entry) => sum + entry.size, 0);
    this.input = part === 'head' && head ? [head.inputs] : [input.height, input.width, input.channels];
    let size = part === 'head' && head ? { height: 1, width: 1, channels: head.inputs } : input;
    let largest = size.height * size.width * size.channels;
    for (const layer of this.#layers) {
      size = outputSize(layer, size);
      largest = Math.max(largest, size.height * size.width * size.channels);
    }
    this.outputs = size.channels;
    this.largest = largest;
  }

  /** Cuts theta [size] into the layers' tensors; call inside a tidy or a gradient. */
  bind(theta: Tensor1D): Weights[] {
    const parts = split(theta, this.#entries.map((entry) => entry.size));
    const bound: Weights[] = [];
    for (let i = 0; i < parts.length; i += 2) {
      const kernel = reshape(parts[i]!, this.#entries[i]!.shape);
      bound.push({ kernel: kernel.rank === 4 ? transpose(kernel, [2, 3, 1, 0]) : kernel, bias: reshape(parts[i + 1]!, this.#entries[i + 1]!.shape) });
    }
    return bound;
  }

  /** y [B, outputs] from x [B, …input]; call inside a tidy or a gradient. */
  apply(bound: Weights[], x: Tensor): Tensor2D {
    let y = x;
    let next = 0;
    for (const layer of this.#layers) {
      switch (layer.kind) {
        case 'conv': {
          const { kernel, bias } = bound[next++]!;
          y = fused.conv2d({ x: as4D(y), filter: as4D(kernel), strides: layer.stride, pad: layer.padding, bias, activation: layer.relu ? 'relu' : 'linear' });
          break;
        }
        case 'dense': {
          const { kernel, bias } = bound[next++]!;
          y = fused.matMul({ a: y, b: kernel, transposeA: false, transposeB: true, bias, activation: layer.relu ? 'relu' : 'linear' });
          break;
        }
        case 'global-average-pool':
          y = mean(y, [1, 2]);
          break;
        case 'flatten':
          y = reshape(y, [y.shape[0]!, y.size / y.shape[0]!]);
          break;
        default:
          layer satisfies never;
      }
    }
    return reshape(y, [y.shape[0]!, this.outputs]);
  }
}

/** The same tensor under a type the operations ask for; a reshape to its own shape costs nothing. */
function as4D(x: Tensor): Tensor4D {
  const [a, b, c, d] = x.shape;
  return reshape(x, [a!, b!, c!, d!]);
}

function outputSize(layer: Layer, size: Architecture['input']): Architecture['input'] {
  switch (layer.kind) {
    case 'conv': {
      const { oh, ow } = convShape(size, layer);
      return { height: oh, width: ow, channels: layer.outputs };
    }
    case 'dense': return { height: 1, width: 1, channels: layer.outputs };
    case 'global-average-pool': return { height: 1, width: 1, channels: size.channels };
    case 'flatten': return { height: 1, width: 1, channels: size.height * size.width * size.channels };
    default: return layer satisfies never;
  }
}
