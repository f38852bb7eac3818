/** How large a layer's output is. */
import type { Architecture, Layer } from './architecture.ts';

export type Size = Architecture['input'];

export function outputSize(layer: Layer, input: Size): Size {
  switch (layer.kind) {
    case 'conv': {
      const span = (layer.dilation ?? 1) * (layer.kernel - 1) + 1;
      const reach = (length: number): number => Math.floor((length + 2 * layer.padding - span) / layer.stride) + 1;
      return { height: reach(input.height), width: reach(input.width), channels: layer.outputs };
    }
    case 'dense': return { height: 1, width: 1, channels: layer.outputs };
    case 'group-norm': return input;
    case 'residual': return sizeAfter(layer.body, input);
    case 'merge': return sizeAfter(layer.branches[0]?.layers ?? [], input);
    case 'upsample': return { height: layer.height, width: layer.width, channels: input.channels };
    case 'global-average-pool': return { height: 1, width: 1, channels: input.channels };
    case 'flatten': return { height: 1, width: 1, channels: numbersOf(input) };
    default: return layer satisfies never;
  }
}

export function sizeAfter(layers: readonly Layer[], input: Size): Size {
  return layers.reduce((size, layer) => outputSize(layer, size), input);
}

/** [layers + 1]: what goes into the first, and what comes out of each: sizes that the branches of a decoder count. */
export function sizesAlong(layers: readonly Layer[], input: Size): Size[] {
  const sizes = [input];
  for (const layer of layers) sizes.push(outputSize(layer, sizes.at(-1)!));
  return sizes;
}

export function numbersOf({ height, width, channels }: Size): number {
  return height * width * channels;
}
