/**
 * Builds architectures from a name and a few numbers, and their parameter tables. ConvNet-S: 3×3 stride-2 convolutions
 * with symmetric padding 1 (never 'same', which pads stride 2 asymmetrically and computes something else in PyTorch),
 * ReLU, global average pool, linear head. ResNets are in `resnet.ts`.
 */
import { LabError } from '../core/errors.ts';
import type { Architecture, ArchitectureName, Layer, LayerOf, ParameterEntry, ParameterTable, StemStride } from './architecture.ts';
import { groupsOf, resnetExtractor, STAGES } from './resnet.ts';
import { numbersOf, outputSize } from './size.ts';

/** A norm over one number forgets it and one over two keeps its sign alone: training is chaos then. */
const FEWEST_NORMED = 4;

export interface ArchitectureOptions {
  widths: number[];
  input: { height: number; width: number; channels: number };
  classes: number;
  /** Of ResNets; 1 where it is not given. */
  stem?: StemStride;
}

/** Throws LabError('config') for sizes no network can have. */
export function buildArchitecture(name: ArchitectureName, options: ArchitectureOptions): Architecture {
  const { widths, input, classes } = options;
  const isCount = (value: number) => Number.isSafeInteger(value) && value > 0;
  if (![input.height, input.width, input.channels].every(isCount)) {
    throw new LabError('config', `A network cannot take inputs of ${input.height}×${input.width}×${input.channels}; give images with at least one pixel.`);
  }
  if (!isCount(classes) || classes < 2) throw new LabError('config', `A network for ${classes} classes makes no sense; choose at least two classes.`);
  if (name !== 'linear' && (widths.length === 0 || !widths.every(isCount))) {
    throw new LabError('config', `The widths [${widths.join(', ')}] do not make a network; give at least one positive whole number.`);
  }
  const flat = input.height * input.width * input.channels;
  const base = { name, widths: name === 'linear' ? [] : [...widths], input: { ...input }, classes };
  switch (name) {
    case 'convnet-s': {
      const convolutions = widths.map((outputs, i): Layer => ({
        kind: 'conv', name: `conv${i + 1}`, inputs: widths[i - 1] ?? input.channels, outputs, kernel: 3, stride: 2, padding: 1, relu: true, bias: true,
      }));
      return { ...base, extractor: [...convolutions, { kind: 'global-average-pool' }], head: headOf(widths.at(-1)!, classes) };
    }
    case 'mlp': {
      const hidden = widths.map((outputs, i): Layer => ({
        kind: 'dense', name: `fc${i + 1}`, inputs: widths[i - 1] ?? flat, outputs, relu: true,
      }));
      return { ...base, extractor: [{ kind: 'flatten' }, ...hidden], head: headOf(widths.at(-1)!, classes) };
    }
    case 'linear':
      return { ...base, extractor: [{ kind: 'flatten' }, { kind: 'dense', name: 'fc', inputs: flat, outputs: classes, relu: false }], head: null };
    case 'resnet-8': case 'resnet-14': {
      if (!fitsStages(name, widths)) throw new LabError('config', `A ResNet has ${STAGES} stages, and [${widths.join(', ')}] are not ${STAGES} widths; give one width a stage.`);
      const stem = options.stem ?? 1;
      const extractor = resnetExtractor(name, widths, input.channels, stem);
      const last = extractor.slice(0, -1).reduce((size, layer) => outputSize(layer, size), input);
      const numbers = numbersOf(last) / groupsOf(last.channels);
      if (numbers < FEWEST_NORMED) {
        throw new LabError('config', `Images of ${input.height}×${input.width} are too small for this ResNet: the norms of its last stage would be over ${numbers} numbers; choose ConvNet-S, a wider last stage, or a stem of stride 1.`);
      }
      return { ...base, stem, extractor, head: headOf(widths.at(-1)!, classes) };
    }
    default:
      return name satisfies never;
  }
}

export function isResnet(name: ArchitectureName): name is 'resnet-8' | 'resnet-14' {
  return name === 'resnet-8' || name === 'resnet-14';
}

/** ResNets have as many stages as they have; other networks any number of layers. */
export function fitsStages(name: ArchitectureName, widths: readonly number[]): boolean {
  return !isResnet(name) || widths.length === STAGES;
}

/** A classifier with the same extractor for other images and classes. Throws LabError('config') like `buildArchitecture`. */
export function rebuiltFor({ name, widths, stem }: Architecture, input: Architecture['input'], classes: number): Architecture {
  return buildArchitecture(name, { widths, stem, input, classes });
}

function headOf(inputs: number, outputs: number): LayerOf<'dense'> {
  return { kind: 'dense', name: 'head', inputs, outputs, relu: false };
}

/** The layers whose parameters are h, in their order; none for 'linear'. */
export function headLayers({ hidden, head, decoder }: Architecture): Layer[] {
  return decoder ?? [...(hidden ? [hidden] : []), ...(head ? [head] : [])];
}

/** Numbers of an image that the head reads: its features. null for a network that has none ('linear', and those for segmentation, whose decoder reads several maps). */
export function headInputs({ hidden, head }: Architecture): number | null {
  return (hidden ?? head)?.inputs ?? null;
}

/** Name, shape and offset of every tensor: extractor first, weights before biases, PyTorch layout. */
export function parameterTable(architecture: Architecture): ParameterTable {
  const entries: ParameterEntry[] = [];
  let offset = 0;
  const add = (layer: Layer, part: 'extractor' | 'head'): void => {
    const tensor = (name: string, shape: number[], fanIn: number, kind: { bias: boolean; gain?: true }): void => {
      const size = shape.reduce((product, length) => product * length, 1);
      entries.push({ name, shape, offset, size, part, fanIn, ...kind });
      offset += size;
    };
    switch (layer.kind) {
      case 'conv': {
        const { name, inputs, outputs, kernel } = layer;
        const fanIn = inputs * kernel * kernel;
        tensor(`${name}.weight`, [outputs, inputs, kernel, kernel], fanIn, { bias: false });
        if (layer.bias) tensor(`${name}.bias`, [outputs], fanIn, { bias: true });
        return;
      }
      case 'dense':
        tensor(`${layer.name}.weight`, [layer.outputs, layer.inputs], layer.inputs, { bias: false });
        tensor(`${layer.name}.bias`, [layer.outputs], layer.inputs, { bias: true });
        return;
      case 'group-norm':
        tensor(`${layer.name}.weight`, [layer.channels], 1, { bias: false, gain: true });
        tensor(`${layer.name}.bias`, [layer.channels], 1, { bias: true });
        return;
      case 'residual':
        for (const inner of [...layer.body, ...layer.shortcut]) add(inner, part);
        return;
      case 'merge':
        for (const branch of layer.branches) for (const inner of branch.layers) add(inner, part);
        return;
      case 'upsample': case 'global-average-pool': case 'flatten': return;
      default: layer satisfies never;
    }
  };
  for (const layer of architecture.extractor) add(layer, 'extractor');
  const extractor = offset;
  for (const layer of headLayers(architecture)) add(layer, 'head');
  return { entries, extractor, head: offset - extractor, total: offset };
}
