/**
 * A network of TensorFlow.js operations: theta stays one flat vector in PyTorch's layout and is cut and transposed in
 * the graph, so that the gradient comes back flat too. Activations are [B, H, W, C] (dense: [B, C]).
 */
import {
  add, fused, mean, mul, relu, reshape, rsqrt, split, square, sub, type Tensor, type Tensor1D, type Tensor2D, type Tensor4D, transpose,
} from '@tensorflow/tfjs-core';
import { type Architecture, type Layer, NORM_EPSILON, type ParameterEntry } from '../../model/architecture.ts';
import { headLayers, parameterTable } from '../../model/build.ts';
import { numbersOf, outputSize, type Size } from '../../model/size.ts';

export type Part = 'whole' | 'extractor' | 'head';

/** Tensors by their entries' names, as the operations want them: convolutions HWIO, dense [out, in]. */
type Bound = ReadonlyMap<string, Tensor>;

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
    const { extractor, input } = architecture;
    const head = headLayers(architecture);
    this.#layers = [...(part === 'head' ? [] : extractor), ...(part === 'extractor' ? [] : head)];
    this.#entries = parameterTable(architecture).entries.filter((entry) => part === 'whole' || entry.part === part);
    this.size = this.#entries.reduce((sum, entry) => sum + entry.size, 0);
    const features = part === 'head' ? head[0]?.inputs : undefined;
    this.input = features ? [features] : [input.height, input.width, input.channels];
    const from: Size = features ? { height: 1, width: 1, channels: features } : input;
    this.outputs = this.#layers.reduce((size, layer) => outputSize(layer, size), from).channels;
    this.largest = largestOf(this.#layers, from);
  }

  /** Cuts theta [size] into the layers' tensors; call inside a tidy or a gradient. */
  bind(theta: Tensor1D): Bound {
    const parts = split(theta, this.#entries.map((entry) => entry.size));
    return new Map(this.#entries.map(({ name, shape }, i) => {
      const tensor = reshape(parts[i]!, shape);
      return [name, tensor.rank === 4 ? transpose(tensor, [2, 3, 1, 0]) : tensor];
    }));
  }

  /** y [B, outputs] from x [B, …input]; call inside a tidy or a gradient. */
  apply(bound: Bound, x: Tensor): Tensor2D {
    return reshape(applied(this.#layers, bound, x), [x.shape[0]!, this.outputs]);
  }
}

function applied(layers: readonly Layer[], bound: Bound, x: Tensor): Tensor {
  return layers.reduce((y, layer) => applyLayer(layer, bound, y), x);
}

function applyLayer(layer: Layer, bound: Bound, x: Tensor): Tensor {
  switch (layer.kind) {
    case 'conv': {
      const { name, stride, padding, relu: active } = layer;
      const options = { x: as4D(x), filter: as4D(bound.get(`${name}.weight`)!), strides: stride, pad: padding };
      return fused.conv2d({ ...options, bias: bound.get(`${name}.bias`), activation: active ? 'relu' : 'linear' });
    }
    case 'dense': {
      const { name, relu: active } = layer;
      return fused.matMul({ a: x, b: bound.get(`${name}.weight`)!, transposeA: false, transposeB: true, bias: bound.get(`${name}.bias`)!, activation: active ? 'relu' : 'linear' });
    }
    case 'group-norm': {
      const y = groupNorm(as4D(x), layer.groups, bound.get(`${layer.name}.weight`)!, bound.get(`${layer.name}.bias`)!);
      return layer.relu ? relu(y) : y;
    }
    case 'residual': return relu(add(applied(layer.body, bound, x), applied(layer.shortcut, bound, x)));
    case 'global-average-pool': return mean(x, [1, 2]);
    case 'flatten': return reshape(x, [x.shape[0]!, x.size / x.shape[0]!]);
    default: return layer satisfies never;
  }
}

/** x [B, H, W, C] of plain operations, each with a gradient; the variance is a mean of squared deviations, which float32 can hold. */
function groupNorm(x: Tensor4D, groups: number, gain: Tensor, bias: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape;
  const grouped = reshape(x, [batch, height * width, groups, channels / groups]);
  const deviations = sub(grouped, mean(grouped, [1, 3], true));
  const variance = mean(square(deviations), [1, 3], true);
  const normed = reshape(mul(deviations, rsqrt(add(variance, NORM_EPSILON))), x.shape);
  return add(mul(normed, gain), bias);
}

/** The same tensor under a type the operations ask for; a reshape to its own shape costs nothing. */
function as4D(x: Tensor): Tensor4D {
  const [a, b, c, d] = x.shape;
  return reshape(x, [a!, b!, c!, d!]);
}

/** Numbers in the largest tensor of one row, from the input on. */
function largestOf(layers: readonly Layer[], input: Size): number {
  let size = input;
  let largest = numbersOf(input);
  for (const layer of layers) {
    if (layer.kind === 'residual') largest = Math.max(largest, largestOf(layer.body, size), largestOf(layer.shortcut, size));
    size = outputSize(layer, size);
    largest = Math.max(largest, numbersOf(size));
  }
  return largest;
}
