/** A network layer by layer, as a person reads it: what each does, its parameters, and how large its output is. */
import type { Architecture, Layer } from './architecture.ts';
import { headLayers } from './build.ts';
import { outputSize, type Size, sizesAlong } from './size.ts';

export interface LayerRow {
  /** As in the parameter table, without the tensor's name; a block by what its layers' names share. */
  name: string;
  what: string;
  /** Shapes of its tensors, 'weight 16×1×3×3'; empty where it has none. */
  tensors: string[];
  parameters: number;
  output: Size;
}

/** In the order in which they run, the head last; a block's row, its sum, stands behind those of its layers. */
export function describeLayers(architecture: Architecture): LayerRow[] {
  const { extractor, input } = architecture;
  return chained([...extractor, ...headLayers(architecture)], input, sizesAlong(extractor, input));
}

/** `maps`: sizes that a decoder's branches may read. */
function chained(layers: readonly Layer[], input: Size, maps: readonly Size[]): LayerRow[] {
  let size = input;
  return layers.flatMap((layer) => {
    const rows = rowsOf(layer, size, maps);
    size = outputSize(layer, size);
    return rows;
  });
}

function rowsOf(layer: Layer, input: Size, maps: readonly Size[]): LayerRow[] {
  const output = outputSize(layer, input);
  const row = (name: string, what: string, shapes: Record<string, number[]> = {}): LayerRow => ({
    name, what, output,
    tensors: Object.entries(shapes).map(([tensor, shape]) => `${tensor} ${shape.join('×')}`),
    parameters: Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((product, length) => product * length, 1), 0),
  });
  const relu = (active: boolean) => (active ? ', ReLU' : '');
  switch (layer.kind) {
    case 'conv': {
      const { name, inputs, outputs, kernel, stride, bias, dilation = 1 } = layer;
      const what = `${kernel}×${kernel} convolution${stride === 1 ? '' : `, stride ${stride}`}${dilation === 1 ? '' : `, dilation ${dilation}`}${relu(layer.relu)}`;
      return [row(name, what, { weight: [outputs, inputs, kernel, kernel], ...(bias ? { bias: [outputs] } : {}) })];
    }
    case 'dense': return [row(layer.name, `dense${relu(layer.relu)}`, { weight: [layer.outputs, layer.inputs], bias: [layer.outputs] })];
    case 'group-norm': return [row(layer.name, `group norm, ${layer.groups} ${layer.groups === 1 ? 'group' : 'groups'}${relu(layer.relu)}`, { weight: [layer.channels], bias: [layer.channels] })];
    case 'residual': {
      const rows = [...chained(layer.body, input, maps), ...chained(layer.shortcut, input, maps)];
      const first = rows[0]?.name ?? '';
      return [...rows, row(first.slice(0, Math.max(0, first.lastIndexOf('.'))), `plus its ${layer.shortcut.length > 0 ? 'shortcut' : 'input'}, ReLU`)];
    }
    case 'merge': return [
      ...layer.branches.flatMap(({ from, layers }) => chained(layers, from === null ? input : maps[from]!, maps)),
      row('sum', `of the ${layer.branches.length} above${relu(layer.relu)}`),
    ];
    case 'upsample': return [row('upsample', 'bilinear')];
    case 'global-average-pool': return [row('pool', 'global average pool')];
    case 'flatten': return [row('flatten', 'pixels in one row')];
    default: return layer satisfies never;
  }
}
