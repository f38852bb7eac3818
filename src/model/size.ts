/** How large a layer's output is. */
import type { Architecture, Layer } from './architecture.ts';

export type Size = Architecture['input'];

export function outputSize(layer: Layer, input: Size): Size {
  switch (layer.kind) {
    case 'conv': {
      const reach = (length: number): number => Math.floor((length + 2 * layer.padding - layer.kernel) / layer.stride) + 1;
      return { height: reach(input.height), width: reach(input.width), channels: layer.outputs };
    }
    case 'dense': return { height: 1, width: 1, channels: layer.outputs };
    case 'group-norm': return input;
    case 'residual': return layer.body.reduce((size, inner) => outputSize(inner, size), input);
    case 'global-average-pool': return { height: 1, width: 1, channels: input.channels };
    case 'flatten': return { height: 1, width: 1, channels: numbersOf(input) };
    default: return layer satisfies never;
  }
}

export function numbersOf({ height, width, channels }: Size): number {
  return height * width * channels;
}
