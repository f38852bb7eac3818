/**
 * The network that labels every pixel: the classifier's extractor without its global average pool, so that w [D] is the very vector that a source's
 * posterior is over, and a light decoder as h. An atrous pyramid (Chen et al. 2017, "Rethinking Atrous Convolution for Semantic Image Segmentation") sums
 * a 1×1 and dilated 3×3 convolutions of the last map; from there up, size by size, a 1×1 convolution of the extractor's last map of that size joins by
 * addition (the lateral connections of Lin et al. 2017, "Feature Pyramid Networks"), since the last map of a small image is a few pixels wide; a 3×3
 * convolution, the classifier and a bilinear upsampling to the image end it. Sums, and not concatenations, keep it few parameters.
 */
import { LabError } from '../core/errors.ts';
import type { Architecture, Layer, LayerOf } from './architecture.ts';
import { sizeAfter, type Size, sizesAlong } from './size.ts';

/** Dilations of the pyramid; one whose outer taps would fall outside the map wherever they stand is left out. */
const DILATIONS = [2, 4];

/** Channels of the decoder: the first width, so that it costs less than the extractor, but enough to tell classes apart. */
const LEAST_CHANNELS = 8;

/** For images of the architecture's own input. Throws LabError('config') for a network without maps. */
export function segmentationOf(architecture: Architecture, classes: number): Architecture {
  const { name, widths, input, hidden: _hidden, ...rest } = architecture;
  const encoder = architecture.extractor.filter(({ kind }) => kind !== 'global-average-pool');
  if (encoder.some(({ kind }) => kind === 'flatten')) {
    throw new LabError('config', `A network of the kind “${name}” has no maps to label pixels from; choose ConvNet-S or a ResNet.`);
  }
  const channels = Math.max(LEAST_CHANNELS, widths[0]!);
  return { ...rest, name, widths, input, classes, extractor: encoder, head: null, decoder: decoderOf(encoder, input, channels, classes) };
}

function decoderOf(encoder: readonly Layer[], input: Size, channels: number, classes: number): Layer[] {
  const sizes = sizesAlong(encoder, input);
  const last = sizes.at(-1)!;
  const conv = (place: string, inputs: number, kernel: number, more: Partial<LayerOf<'conv'>> = {}): LayerOf<'conv'> => ({
    kind: 'conv', name: `decoder.${place}`, inputs, outputs: channels, kernel, stride: 1, padding: ((more.dilation ?? 1) * (kernel - 1)) / 2, relu: false, bias: true, ...more,
  });
  // One bias is enough for a sum.
  const atrous = DILATIONS.filter((dilation) => dilation < Math.max(last.height, last.width));
  const pyramid: Layer = {
    kind: 'merge', relu: true,
    branches: [conv('branches.0', last.channels, 1), ...atrous.map((dilation, i) => conv(`branches.${i + 1}`, last.channels, 3, { dilation, bias: false }))].map((layer) => ({ from: null, layers: [layer] })),
  };
  // The last map of every size but the smallest, from small to large.
  const skips = encoder.flatMap((_, k) => (k > 0 && area(sizes[k]!) > area(sizes[k + 1]!) ? [k] : [])).reverse();
  const joins = skips.map((from, i): Layer => {
    const { height, width, channels: inputs } = sizes[from]!;
    return { kind: 'merge', relu: true, branches: [{ from: null, layers: [{ kind: 'upsample', height, width }] }, { from, layers: [conv(`laterals.${i}`, inputs, 1)] }] };
  });
  const layers: Layer[] = [pyramid, ...joins, conv('refine', channels, 3, { relu: true }), conv('classifier', channels, 1, { outputs: classes })];
  const { height, width } = sizeAfter([...encoder, ...layers], input);
  const whole = height === input.height && width === input.width;
  return whole ? layers : [...layers, { kind: 'upsample', height: input.height, width: input.width }];
}

function area({ height, width }: Size): number {
  return height * width;
}
