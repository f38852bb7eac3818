/**
 * Builds architectures from a name and a few numbers, and their parameter tables. ConvNet-S: 3×3 stride-2 convolutions
 * with symmetric padding 1 (never 'same', which pads stride 2 asymmetrically and computes something else in PyTorch),
 * ReLU, global average pool, linear head.
 */
import { LabError } from '../core/errors.ts';
import type { Architecture, ArchitectureName, Layer, ParameterEntry, ParameterTable } from './architecture.ts';

export interface ArchitectureOptions {
  widths: number[];
  input: { height: number; width: number; channels: number };
  classes: number;
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
        kind: 'conv', name: `conv${i + 1}`, inputs: widths[i - 1] ?? input.channels, outputs, kernel: 3, stride: 2, padding: 1, relu: true,
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
    default:
      return name satisfies never;
  }
}

function headOf(inputs: number, outputs: number): Extract<Layer, { kind: 'dense' }> {
  return { kind: 'dense', name: 'head', inputs, outputs, relu: false };
}

/** Name, shape and offset of every tensor: extractor first, weights before biases, PyTorch layout. */
export function parameterTable(architecture: Architecture): ParameterTable {
  const entries: ParameterEntry[] = [];
  let offset = 0;
  const add = (layer: Layer, part: 'extractor' | 'head'): void => {
    if (layer.kind !== 'conv' && layer.kind !== 'dense') return;
    const shape = layer.kind === 'conv' ? [layer.outputs, layer.inputs, layer.kernel, layer.kernel] : [layer.outputs, layer.inputs];
    const fanIn = layer.kind === 'conv' ? layer.inputs * layer.kernel * layer.kernel : layer.inputs;
    for (const tensor of [{ suffix: 'weight', shape, bias: false }, { suffix: 'bias', shape: [layer.outputs], bias: true }]) {
      const size = tensor.shape.reduce((product, length) => product * length, 1);
      entries.push({ name: `${layer.name}.${tensor.suffix}`, shape: tensor.shape, offset, size, part, fanIn, bias: tensor.bias });
      offset += size;
    }
  };
  for (const layer of architecture.extractor) add(layer, 'extractor');
  const extractor = offset;
  if (architecture.head) add(architecture.head, 'head');
  return { entries, extractor, head: offset - extractor, total: offset };
}
