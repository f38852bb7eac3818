/**
 * A network as the kernels see it: convolutions only (a dense layer is a 1×1 convolution of a 1×1 image), channels
 * padded to multiples of four so that everything is read as vec4, and a border of zeros around every tensor wide enough
 * that no kernel ever tests whether a tap hangs over the edge.
 *
 * Tensors are [chains, batch, H + 2·border, W + 2·border, C]. Packed weights of a layer are [taps, inputs, outputs] and
 * then the bias [outputs], for each chain one layer after another; the padding stays zero for ever.
 */
import { LabError } from '../../core/errors.ts';
import type { Architecture, Layer, ParameterEntry } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';

export interface TensorShape {
  height: number;
  width: number;
  /** As the kernels see it: a multiple of four, but for the first layer's input where `scalar` says so. */
  channels: number;
  border: number;
}

export interface ConvLayer {
  name: string;
  /** Read, with a border for this layer's taps. */
  input: TensorShape;
  /** Written, with the border the next layer needs. */
  output: TensorShape;
  /** Gradient with respect to the output, with a border for the input gradient's taps. */
  gradient: TensorShape;
  kernel: number;
  stride: number;
  padding: number;
  relu: boolean;
  /** The input's channels are read one by one (the image itself, whose channels are no multiple of four). */
  scalar: boolean;
  /** The input is an average over the positions of the layer before. */
  pooled: boolean;
  /** First packed number of the weights and of the bias. */
  weights: number;
  bias: number;
}

export type Part = 'whole' | 'extractor' | 'head';

export interface Net {
  part: Part;
  layers: ConvLayer[];
  /** The last is pooled (extractor with features as its output). */
  endsInPool: boolean;
  /** How the first layer wants its input: as an image, or as one padded row. */
  inputKind: 'image' | 'row';
  /** Numbers of the image: height·width·channels. */
  inputSize: number;
  image: { height: number; width: number; channels: number };
  /** Real outputs of the last layer (classes, or features). */
  outputs: number;
  /** Packed numbers a chain. */
  packed: number;
  /** Parameters of this part, first in theta. */
  parameters: number;
  /** Where the head begins among them. */
  extractor: number;
  /** Packed index of every parameter, [parameters]. */
  packedIndex: Uint32Array;
}

export const pad4 = (n: number): number => Math.ceil(n / 4) * 4;

/** `part`: the whole network, the extractor (its output are features) or the head alone (its input are features). Throws LabError('device') for a network these kernels cannot run. */
export function netOf(architecture: Architecture, part: Part): Net {
  const table = parameterTable(architecture);
  const head = architecture.head;
  const described: Layer[] = [...(part === 'head' ? [] : architecture.extractor), ...(part === 'extractor' || !head ? [] : [head])];
  const image = part === 'head' && head ? { height: 1, width: 1, channels: head.inputs } : architecture.input;
  const offset = part === 'head' ? table.extractor : 0;
  const parameters = part === 'whole' ? table.total : part === 'head' ? table.head : table.extractor;
  const packedIndex = new Uint32Array(parameters);
  const layers: ConvLayer[] = [];
  let size = { ...image };
  let pooled = false;
  let packed = 0;
  let inputKind: Net['inputKind'] = 'image';
  for (const layer of described) {
    switch (layer.kind) {
      case 'flatten':
        if (layers.length > 0) throw unsupported('a flattening after its first layer');
        size = { height: 1, width: 1, channels: size.height * size.width * size.channels };
        inputKind = 'row';
        break;
      case 'global-average-pool':
        if (layers.length === 0) throw unsupported('pooling before its first layer');
        size = { height: 1, width: 1, channels: size.channels };
        pooled = true;
        break;
      case 'conv': case 'dense': {
        const first = layers.length === 0;
        if (first && layer.kind === 'dense') inputKind = 'row';
        const { kernel, stride, padding } = layer.kind === 'conv' ? layer : { kernel: 1, stride: 1, padding: 0 };
        const scalar = first && inputKind === 'image' && size.channels % 4 !== 0;
        if (scalar && kernel * kernel * size.channels > 50) throw unsupported(`a first layer of ${kernel}×${kernel} taps over ${size.channels} channels`);
        const reach = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
        const out = { height: reach(size.height), width: reach(size.width), channels: layer.outputs };
        const inputs = scalar ? size.channels : pad4(size.channels);
        const outputs = pad4(layer.outputs);
        const weights = packed;
        const bias = weights + kernel * kernel * inputs * outputs;
        packed = bias + outputs;
        const built: ConvLayer = {
          name: layer.name, kernel, stride, padding, relu: layer.relu, scalar, pooled, weights, bias,
          input: { height: size.height, width: size.width, channels: inputs, border: padding },
          output: { ...out, channels: outputs, border: 0 },
          gradient: { ...out, channels: outputs, border: gradientBorder(size, out, kernel, stride, padding) },
        };
        const before = layers.at(-1);
        if (before && !pooled) before.output.border = padding;
        indexParameters(built, layer.name, table.entries, offset, packedIndex);
        layers.push(built);
        size = out;
        pooled = false;
        break;
      }
      case 'group-norm': case 'residual': throw unsupported('residual blocks');
      default: layer satisfies never;
    }
  }
  return {
    part, layers, endsInPool: pooled, inputKind, image, inputSize: image.height * image.width * image.channels,
    outputs: size.channels, packed, parameters, extractor: part === 'head' ? 0 : table.extractor, packedIndex,
  };
}

/** Numbers of theta that belong to a part, [from, to). */
export function rangeOf(architecture: Architecture, part: Part): [number, number] {
  const { extractor, total } = parameterTable(architecture);
  return part === 'head' ? [extractor, total] : part === 'extractor' ? [0, extractor] : [0, total];
}

/** How far outside the output a tap of the input gradient reads. */
function gradientBorder(input: { height: number; width: number }, output: { height: number; width: number }, kernel: number, stride: number, padding: number): number {
  const low = Math.ceil(Math.max(0, kernel - 1 - padding) / stride);
  const high = (length: number, out: number) => Math.floor((length - 1 + padding) / stride) - (out - 1);
  return Math.max(low, high(input.height, output.height), high(input.width, output.width), 0);
}

/** theta's OIHW order → packed [taps, inputs, outputs]. */
function indexParameters(layer: ConvLayer, name: string, entries: readonly ParameterEntry[], offset: number, packedIndex: Uint32Array): void {
  const inputs = layer.input.channels;
  const outputs = layer.output.channels;
  const area = layer.kernel ** 2;
  for (const entry of entries) {
    if (entry.name !== `${name}.weight` && entry.name !== `${name}.bias`) continue;
    const real = entry.bias ? 1 : entry.size / (entry.shape[0]! * area);
    for (let i = 0; i < entry.size; i++) {
      const at = entry.offset - offset + i;
      if (entry.bias) {
        packedIndex[at] = layer.bias + i;
        continue;
      }
      const tap = i % area;
      const c = Math.floor(i / area) % real;
      const o = Math.floor(i / (area * real));
      packedIndex[at] = layer.weights + (tap * inputs + c) * outputs + o;
    }
  }
}

/** Numbers of a tensor for one image. */
export function sizeOf({ height, width, channels, border }: TensorShape): number {
  return (height + 2 * border) * (width + 2 * border) * channels;
}

function unsupported(what: string): LabError {
  return new LabError('device', `The fused engine cannot run a network with ${what}; the portable engine can.`);
}
