/**
 * A network of TensorFlow.js operations: theta stays one flat vector in PyTorch's layout and is cut and transposed in
 * the graph, so that the gradient comes back flat too. Activations are [B, H, W, C] (dense: [B, C]).
 */
import {
  add, concat, fused, matMul, mean, mul, relu, pad, reshape, rsqrt, slice, split, square, sub, type Tensor, type Tensor1D, type Tensor2D, tensor2d, type Tensor4D, transpose,
} from '@tensorflow/tfjs-core';
import { type Architecture, type Layer, type LayerOf, NORM_EPSILON, type ParameterEntry } from '../../model/architecture.ts';
import { headInputs, headLayers, parameterTable } from '../../model/build.ts';
import { numbersOf, outputSize, type Size, sizeAfter, sizesAlong } from '../../model/size.ts';
import { upsampleTaps } from '../../model/upsample.ts';

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
  /** Pixels of an image that have logits of their own; 1 where it has one row of them. */
  readonly pixels: number;
  readonly #layers: Layer[];
  /** Of `#layers` those whose outputs a decoder may read. */
  readonly #extractor: number;
  readonly #entries: ParameterEntry[];

  constructor(architecture: Architecture, part: Part) {
    const { extractor, input } = architecture;
    this.#layers = [...(part === 'head' ? [] : extractor), ...(part === 'extractor' ? [] : headLayers(architecture))];
    this.#extractor = part === 'head' ? 0 : extractor.length;
    this.#entries = parameterTable(architecture).entries.filter((entry) => part === 'whole' || entry.part === part);
    this.size = this.#entries.reduce((sum, entry) => sum + entry.size, 0);
    const features = part === 'head' ? headInputs(architecture) : null;
    this.input = features ? [features] : [input.height, input.width, input.channels];
    const from: Size = features ? { height: 1, width: 1, channels: features } : input;
    const end = sizeAfter(this.#layers, from);
    this.outputs = end.channels;
    this.pixels = end.height * end.width;
    this.largest = largestOf(this.#layers, from, sizesAlong(this.#layers.slice(0, this.#extractor), from));
  }

  /** Cuts theta [size] into the layers' tensors; call inside a tidy or a gradient. */
  bind(theta: Tensor1D): Bound {
    const parts = split(theta, this.#entries.map((entry) => entry.size));
    return new Map(this.#entries.map(({ name, shape }, i) => {
      const tensor = reshape(parts[i]!, shape);
      return [name, tensor.rank === 4 ? transpose(tensor, [2, 3, 1, 0]) : tensor];
    }));
  }

  /** y [B·pixels, outputs] from x [B, …input]; call inside a tidy or a gradient. */
  apply(bound: Bound, x: Tensor): Tensor2D {
    const maps = [x];
    for (const layer of this.#layers.slice(0, this.#extractor)) maps.push(applyLayer(layer, bound, maps.at(-1)!, []));
    const y = applied(this.#layers.slice(this.#extractor), bound, maps.at(-1)!, maps);
    return reshape(y, [x.shape[0]! * this.pixels, this.outputs]);
  }
}

/** `maps`: outputs of the extractor by the number of layers that made them, which a decoder's branches read. */
function applied(layers: readonly Layer[], bound: Bound, x: Tensor, maps: readonly Tensor[]): Tensor {
  return layers.reduce((y, layer) => applyLayer(layer, bound, y, maps), x);
}

function applyLayer(layer: Layer, bound: Bound, x: Tensor, maps: readonly Tensor[]): Tensor {
  switch (layer.kind) {
    case 'conv': {
      const { name, stride, padding, relu: active } = layer;
      if (layer.dilation !== undefined) return dilated(layer, bound, as4D(x));
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
    case 'residual': return relu(add(applied(layer.body, bound, x, maps), applied(layer.shortcut, bound, x, maps)));
    case 'merge': {
      const [first, ...others] = layer.branches.map(({ from, layers }) => applied(layers, bound, from === null ? x : maps[from]!, maps));
      const y = others.reduce<Tensor>((sum, branch) => add(sum, branch), first!);
      return layer.relu ? relu(y) : y;
    }
    case 'upsample': return upsampled(as4D(x), layer);
    case 'global-average-pool': return mean(x, [1, 2]);
    case 'flatten': return reshape(x, [x.shape[0]!, x.size / x.shape[0]!]);
    default: return layer satisfies never;
  }
}

/** TensorFlow.js has no gradient of a dilated convolution: shifted copies of x, one a tap, under a 1×1 convolution. */
function dilated({ name, kernel, padding, inputs, outputs, stride, dilation = 1, relu: active }: LayerOf<'conv'>, bound: Bound, x: Tensor4D): Tensor {
  if (stride !== 1) throw new Error('A dilated convolution with a stride is not needed and not made.');
  const padded: Tensor4D = pad(x, [[0, 0], [padding, padding], [padding, padding], [0, 0]]);
  const [batch, height, width] = padded.shape;
  const reach = dilation * (kernel - 1);
  const taps = Array.from({ length: kernel * kernel }, (_, t) => (
    slice(padded, [0, Math.floor(t / kernel) * dilation, (t % kernel) * dilation, 0], [batch, height - reach, width - reach, inputs])
  ));
  const filter = reshape(bound.get(`${name}.weight`)!, [1, 1, kernel * kernel * inputs, outputs]) as Tensor4D;
  return fused.conv2d({ x: concat(taps, 3), filter, strides: 1, pad: 0, bias: bound.get(`${name}.bias`), activation: active ? 'relu' : 'linear' });
}

/** Rows, then columns, each a matrix product: `resizeBilinear` has no gradient for pixels as squares. */
function upsampled(x: Tensor4D, to: { height: number; width: number }): Tensor {
  const [batch, height, width, channels] = x.shape;
  const rows = matMul(upsampleMatrix(height, to.height), reshape(transpose(x, [1, 0, 2, 3]), [height, batch * width * channels]));
  const across = transpose(reshape(rows, [to.height, batch, width, channels]), [2, 1, 0, 3]);
  const columns = matMul(upsampleMatrix(width, to.width), reshape(across, [width, batch * to.height * channels]));
  return transpose(reshape(columns, [to.width, batch, to.height, channels]), [1, 2, 0, 3]);
}

/** [outputs, inputs] */
function upsampleMatrix(inputs: number, outputs: number): Tensor2D {
  const { low, high, share } = upsampleTaps(inputs, outputs);
  const matrix = new Float32Array(outputs * inputs);
  for (let i = 0; i < outputs; i++) {
    matrix[i * inputs + low[i]!]! += 1 - share[i]!;
    matrix[i * inputs + high[i]!]! += share[i]!;
  }
  return tensor2d(matrix, [outputs, inputs]);
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
function largestOf(layers: readonly Layer[], input: Size, maps: readonly Size[]): number {
  let size = input;
  let largest = numbersOf(input);
  for (const layer of layers) {
    if (layer.kind === 'residual') largest = Math.max(largest, largestOf(layer.body, size, maps), largestOf(layer.shortcut, size, maps));
    if (layer.kind === 'merge') for (const { from, layers: own } of layer.branches) largest = Math.max(largest, largestOf(own, from === null ? size : maps[from]!, maps));
    if (layer.kind === 'conv' && layer.dilation !== undefined) largest = Math.max(largest, layer.kernel ** 2 * numbersOf(size));
    size = outputSize(layer, size);
    largest = Math.max(largest, numbersOf(size));
  }
  return largest;
}
