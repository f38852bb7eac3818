/**
 * A network as the kernels see it: a list of nodes, each reading the output of earlier ones (a dense layer is a 1×1 convolution of a 1×1 image;
 * the last norm of a residual block adds the shortcut and has the ReLU; the convolutions of a decoder's sum add what came before them), channels padded to multiples of four so that
 * everything is read as vec4, and a border of zeros around every tensor wide enough that no kernel ever tests whether a tap hangs over the edge.
 *
 * Tensors are [chains, batch, H + 2·border, W + 2·border, C]. Packed weights of a convolution are [taps, inputs, outputs] and
 * then the bias [outputs], those of a norm γ and β [channels], for each chain one node after another; the padding stays zero for ever.
 */
import { LabError } from '../../core/errors.ts';
import type { Architecture, Layer, LayerOf, ParameterEntry } from '../../model/architecture.ts';
import { headInputs, headLayers, parameterTable } from '../../model/build.ts';
import { numbersOf, outputSize, type Size } from '../../model/size.ts';

export interface TensorShape {
  height: number;
  width: number;
  /** As the kernels see it: a multiple of four, but for the image itself where `scalar` says so. */
  channels: number;
  border: number;
}

interface Reading {
  name: string;
  /** Node whose output is read; −1: the gathered batch. */
  from: number;
  /** What is read (the very shape of its writer), with a border for every reader's taps. */
  input: TensorShape;
  output: TensorShape;
  /** Gradient with respect to what comes before this node's ReLU, with a border for the input gradient's taps. */
  gradient: TensorShape;
  relu: boolean;
}

export interface ConvNode extends Reading {
  kind: 'conv';
  kernel: number;
  stride: number;
  padding: number;
  dilation: number;
  /** Node whose output is added before the ReLU; null: none. */
  added: number | null;
  /** The input's channels are read one by one (the image itself, whose channels are no multiple of four). */
  scalar: boolean;
  /** First packed number of the weights, and of the bias (or of what comes next, where there is none). */
  weights: number;
  bias: number;
  biased: boolean;
}

export interface NormNode extends Reading {
  kind: 'norm';
  /** Real channels of a group. */
  width: number;
  /** Node whose output is added before the ReLU; null: none. */
  added: number | null;
  /** First packed number of γ and of β. */
  weights: number;
  bias: number;
}

export interface PoolNode extends Reading {
  kind: 'pool';
}

export interface UpsampleNode extends Reading {
  kind: 'upsample';
}

export type Node = ConvNode | NormNode | PoolNode | UpsampleNode;

export type Part = 'whole' | 'extractor' | 'head';

export interface Net {
  part: Part;
  /** In an order in which they can run. */
  nodes: Node[];
  /** The gathered batch, as its only reader wants it. */
  input: TensorShape;
  /** How the first node wants it: as an image, or as one padded row. */
  inputKind: 'image' | 'row';
  /** Numbers of the image: height·width·channels. */
  inputSize: number;
  image: { height: number; width: number; channels: number };
  /** Real outputs of the last node (classes, or features); of each pixel, where the network labels pixels. */
  outputs: number;
  /** The last node's output has logits for every pixel. */
  ofPixels: boolean;
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
  const head = headLayers(architecture);
  const features = part === 'head' ? headInputs(architecture) : null;
  const extractor: Layer[] = part === 'head' ? [] : architecture.extractor;
  const decoder: Layer[] = part === 'extractor' ? [] : head;
  const image = features === null ? architecture.input : { height: 1, width: 1, channels: features };
  const parameters = part === 'whole' ? table.total : part === 'head' ? table.head : table.extractor;
  const inputKind = (extractor[0] ?? decoder[0])?.kind === 'conv' ? 'image' : 'row';
  const lowering = new Lowering(image, inputKind, table.entries, part === 'head' ? table.extractor : 0, parameters);
  const end = lowering.chain(decoder, lowering.extract(extractor, { node: -1, size: image }));
  const { nodes, input, packed, packedIndex } = lowering;
  for (const node of nodes) if (node.kind === 'conv') node.input.border = Math.max(node.input.border, node.padding);
  return {
    part, nodes, input, inputKind, ofPixels: architecture.decoder !== undefined, image, inputSize: numbersOf(image), outputs: end.size.channels, packed, parameters,
    extractor: part === 'head' ? 0 : table.extractor, packedIndex,
  };
}

/** Where a layer reads: the node that wrote it, and its size with real channels. */
interface Place {
  node: number;
  size: Size;
}

class Lowering {
  readonly nodes: Node[] = [];
  readonly input: TensorShape;
  readonly packedIndex: Uint32Array;
  packed = 0;
  readonly #scalar: boolean;
  readonly #entries: readonly ParameterEntry[];
  readonly #offset: number;
  /** What the extractor's layers made, by their number: a decoder's branches read some of it. */
  readonly #maps: Place[] = [];

  constructor(image: Size, inputKind: Net['inputKind'], entries: readonly ParameterEntry[], offset: number, parameters: number) {
    this.#scalar = inputKind === 'image' && image.channels % 4 !== 0;
    this.#entries = entries;
    this.#offset = offset;
    this.packedIndex = new Uint32Array(parameters);
    this.input = inputKind === 'row'
      ? { height: 1, width: 1, channels: pad4(numbersOf(image)), border: 0 }
      : { ...image, channels: this.#scalar ? image.channels : pad4(image.channels), border: 0 };
  }

  /** As `chain`, remembering what each layer makes. */
  extract(layers: readonly Layer[], from: Place): Place {
    this.#maps.push(from);
    for (const layer of layers) this.#maps.push(this.#layer(layer, this.#maps.at(-1)!));
    return this.#maps.at(-1)!;
  }

  chain(layers: readonly Layer[], from: Place): Place {
    return layers.reduce((place, layer) => this.#layer(layer, place), from);
  }

  #layer(layer: Layer, from: Place): Place {
    const size = outputSize(layer, from.size);
    switch (layer.kind) {
      case 'flatten':
        if (this.nodes.length > 0) throw unsupported('a flattening after its first layer');
        return { node: -1, size };
      case 'global-average-pool':
        if (this.#relying(from) === null) throw unsupported('pooling before its first layer');
        return this.#add({ kind: 'pool', ...this.#reading('pool', from, size, false) }, size);
      case 'dense': return this.#conv({ ...layer, kind: 'conv', kernel: 1, stride: 1, padding: 0, bias: true }, from, size, null);
      case 'conv': return this.#conv(layer, from, size, null);
      case 'group-norm': return this.#norm(layer, from, null, layer.relu);
      case 'residual': return this.#residual(layer, from);
      case 'merge': return this.#merge(layer, from);
      case 'upsample':
        if (this.#relying(from) === null) throw unsupported('upsampling before its first layer');
        return this.#add({ kind: 'upsample', ...this.#reading('upsampling', from, size, false) }, size);
      default: return layer satisfies never;
    }
  }

  #conv(layer: LayerOf<'conv'>, from: Place, size: Size, added: number | null): Place {
    const { name, kernel, stride, padding, relu, bias: biased, dilation = 1 } = layer;
    if (dilation > 1 && stride > 1) throw unsupported('a dilated convolution with a stride');
    const reading = this.#reading(name, from, size, relu);
    const scalar = from.node < 0 && this.#scalar;
    if (from.node < 0 && this.nodes.length > 0) throw unsupported('two layers that read the image');
    if (scalar && kernel * kernel * reading.input.channels > 50) throw unsupported(`a first layer of ${kernel}×${kernel} taps over ${reading.input.channels} channels`);
    const weights = this.packed;
    const bias = weights + kernel * kernel * reading.input.channels * reading.output.channels;
    this.packed = bias + (biased ? reading.output.channels : 0);
    const node: ConvNode = { kind: 'conv', ...reading, kernel, stride, padding, dilation, added, scalar, weights, bias, biased };
    node.gradient.border = gradientBorder(from.size, size, dilation * (kernel - 1), stride, padding);
    if (added !== null) {
      // Both terms of a sum have one gradient.
      const { gradient } = this.nodes[added]!;
      gradient.border = Math.max(gradient.border, node.gradient.border);
      node.gradient = gradient;
    }
    this.#index(name, node);
    return this.#add(node, size);
  }

  /** Branch after branch, each ending in a convolution that adds what came before; the last has the ReLU. */
  #merge({ branches, relu }: LayerOf<'merge'>, from: Place): Place {
    let sum: Place | null = null;
    branches.forEach(({ from: read, layers }, i) => {
      const last = layers.at(-1);
      const active = relu && i === branches.length - 1;
      const inner = this.chain(layers.slice(0, -1), read === null ? from : this.#maps[read]!);
      if (i === 0 && last?.kind === 'upsample' && !active) {
        sum = this.#layer(last, inner);
        return;
      }
      if (last?.kind !== 'conv' || last.relu) throw unsupported('a sum of what are no linear convolutions');
      sum = this.#conv({ ...last, relu: active }, inner, outputSize(last, inner.size), sum?.node ?? null);
    });
    return sum ?? from;
  }

  #norm(layer: LayerOf<'group-norm'>, from: Place, added: number | null, relu: boolean): Place {
    const before = this.#relying(from);
    // The norm's own pass gives the gradient of what it reads: there is no ReLU to undo, and nobody else to add to it.
    if (before?.kind !== 'conv' || before.relu) throw unsupported('a norm that does not follow a convolution');
    const reading = this.#reading(layer.name, from, from.size, relu);
    const node: NormNode = { kind: 'norm', ...reading, width: layer.channels / layer.groups, added, weights: this.packed, bias: this.packed + reading.output.channels };
    this.packed += 2 * reading.output.channels;
    this.#index(layer.name, node);
    return this.#add(node, from.size);
  }

  #residual({ body, shortcut }: LayerOf<'residual'>, from: Place): Place {
    const last = body.at(-1);
    const begins = (layers: readonly Layer[]): boolean => layers[0]?.kind === 'conv';
    if (from.node < 0 || last?.kind !== 'group-norm' || last.relu || !begins(body) || (shortcut.length > 0 && !begins(shortcut))) {
      throw unsupported('residual blocks that are not convolutions and norms with a norm at their end');
    }
    const inner = this.chain(body.slice(0, -1), from);
    const other = this.chain(shortcut, from);
    if (shortcut.length > 0 && this.nodes[other.node]!.relu) throw unsupported('a shortcut that ends in a ReLU');
    return this.#norm(last, inner, other.node, true);
  }

  #reading(name: string, from: Place, size: Size, relu: boolean): Reading {
    const shape = (): TensorShape => ({ ...size, channels: pad4(size.channels), border: 0 });
    return { name, from: from.node, input: this.nodes[from.node]?.output ?? this.input, output: shape(), gradient: shape(), relu };
  }

  #relying(from: Place): Node | null {
    return this.nodes[from.node] ?? null;
  }

  #add(node: Node, size: Size): Place {
    return { node: this.nodes.push(node) - 1, size };
  }

  /** theta's OIHW order → packed [taps, inputs, outputs]; one number a channel stays in its order. */
  #index(name: string, node: ConvNode | NormNode): void {
    const outputs = node.output.channels;
    for (const { name: tensor, shape, offset, size } of this.#entries) {
      if (tensor !== `${name}.weight` && tensor !== `${name}.bias`) continue;
      const first = tensor === `${name}.weight` ? node.weights : node.bias;
      const at = offset - this.#offset;
      if (shape.length === 1 || node.kind === 'norm') {
        for (let i = 0; i < size; i++) this.packedIndex[at + i] = first + i;
        continue;
      }
      const area = node.kernel ** 2;
      const real = size / (shape[0]! * area);
      for (let i = 0; i < size; i++) {
        const tap = i % area;
        const c = Math.floor(i / area) % real;
        const o = Math.floor(i / (area * real));
        this.packedIndex[at + i] = first + (tap * node.input.channels + c) * outputs + o;
      }
    }
  }
}

/** Numbers of theta that belong to a part, [from, to). */
export function rangeOf(architecture: Architecture, part: Part): [number, number] {
  const { extractor, total } = parameterTable(architecture);
  return part === 'head' ? [extractor, total] : part === 'extractor' ? [0, extractor] : [0, total];
}

/** How far outside the output a tap of the input gradient reads; `reach`: from the first tap of the kernel to the last. */
function gradientBorder(input: { height: number; width: number }, output: { height: number; width: number }, reach: number, stride: number, padding: number): number {
  const low = Math.ceil(Math.max(0, reach - padding) / stride);
  const high = (length: number, out: number) => Math.floor((length - 1 + padding) / stride) - (out - 1);
  return Math.max(low, high(input.height, output.height), high(input.width, output.width), 0);
}

/** Numbers of a tensor for one image. */
export function sizeOf({ height, width, channels, border }: TensorShape): number {
  return (height + 2 * border) * (width + 2 * border) * channels;
}

export function unsupported(what: string): LabError {
  return new LabError('device', `The fused engine cannot run a network with ${what}; the portable engine can.`);
}
