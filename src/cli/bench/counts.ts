/**
 * Floating-point operations and bytes of each dispatch of a fused training step, counted from the network alone.
 *
 * FLOPs are the multiplications and additions of the definition (2 a multiply-add; border taps of a convolution count,
 * the padding of channels to four does not); an input gradient counts the taps that exist for each position. Bytes are
 * the least that must move: every tensor read once and written once, borders and padding left out. So a fraction of the
 * roofline is a fraction of what no kernel can beat, not of what these kernels happen to do.
 */
import type { ConvLayer, Net } from '../../engine/fused/net.ts';

export interface Count {
  /** As the dispatch is named. */
  name: string;
  flops: number;
  bytes: number;
}

export interface StepSize {
  batch: number;
  chains: number;
  /** Chains that share a batch share its gathering. */
  groups: number;
  /** Directions of the low-rank prior; 0: none. */
  rank: number;
  /** Bytes of one pixel of the data set on the device. */
  pixel: number;
}

const FLOAT = 4;

/** Real channels: what the network has before channels were padded to four. */
interface Channels {
  inputs: number;
  outputs: number;
}

const area = ({ height, width }: { height: number; width: number }): number => height * width;

/** FLOPs of a convolution's forward pass, and of its weight gradient. */
export function convFlops(layer: ConvLayer, { inputs, outputs }: Channels, batch: number): number {
  return 2 * batch * area(layer.output) * layer.kernel ** 2 * inputs * outputs;
}

/** FLOPs of a convolution's input gradient: along an axis, pairs (position, tap) whose output exists when borders count. */
export function inputGradientFlops(layer: ConvLayer, { inputs, outputs }: Channels, batch: number): number {
  return 2 * batch * tapsAlong(layer, layer.input.height) * tapsAlong(layer, layer.input.width) * inputs * outputs;
}

function tapsAlong({ kernel, stride, padding }: ConvLayer, length: number): number {
  let taps = 0;
  for (let position = 0; position < length; position++) {
    for (let tap = 0; tap < kernel; tap++) if ((position + padding - tap) % stride === 0) taps++;
  }
  return taps;
}

/** One entry a dispatch, in the order of `Training.dispatches`. */
export function stepCounts(net: Net, { batch, chains, groups, rank, pixel }: StepSize): Count[] {
  const list: Count[] = [];
  const real = channelsOf(net);
  const all = (name: string, flops: number, bytes: number): void => void list.push({ name, flops: flops * chains, bytes: bytes * chains });
  const input = batch * net.inputSize;
  list.push({ name: 'gather', flops: 2 * groups * input, bytes: groups * input * (pixel + FLOAT) });

  const outOf = (i: number): number => batch * area(net.layers[i]!.output) * real[i]!.outputs;
  const into = (i: number): number => batch * area(net.layers[i]!.input) * real[i]!.inputs;
  const weights = (i: number): number => (net.layers[i]!.kernel ** 2 * real[i]!.inputs + 1) * real[i]!.outputs;
  const pool = (i: number): void => all('pool', outOf(i), FLOAT * (outOf(i) + batch * real[i]!.outputs));
  const last = net.layers.length - 1;
  net.layers.forEach((layer, i) => {
    if (layer.pooled) pool(i - 1);
    // Chains of a group read the same gathered batch.
    const read = i === 0 ? (into(0) * groups) / chains : into(i);
    all(`${layer.name} forward`, convFlops(layer, real[i]!, batch), FLOAT * (read + weights(i) + outOf(i)));
  });
  if (net.endsInPool) pool(last);
  all('loss', 10 * batch * net.outputs, FLOAT * 2 * batch * net.outputs);
  for (let i = last; i >= 0; i--) {
    const layer = net.layers[i]!;
    const read = i === 0 ? (into(0) * groups) / chains : into(i);
    all(`${layer.name} weight gradient`, convFlops(layer, real[i]!, batch) + outOf(i), FLOAT * (read + outOf(i) + weights(i)));
    if (i === 0) continue;
    const masked = !layer.pooled && net.layers[i - 1]!.relu;
    all(`${layer.name} input gradient`, inputGradientFlops(layer, real[i]!, batch), FLOAT * (outOf(i) + weights(i) + into(i) * (masked ? 2 : 1)));
    if (layer.pooled) all('unpool', outOf(i - 1), FLOAT * (batch * real[i]!.inputs + 2 * outOf(i - 1)));
  }

  const { parameters, extractor } = net;
  all('collect', 2 * parameters, FLOAT * 2 * parameters);
  all('gain', 4 * batch, FLOAT * 4 * batch);
  all('momentum', 5 * parameters, FLOAT * 5 * parameters);
  // Means, variances and factors are one Gaussian's, shared by all chains.
  const shared = (FLOAT * extractor * (2 + rank)) / chains;
  if (rank > 0) {
    all('project', 2 * extractor * rank + 4 * extractor, FLOAT * extractor + shared);
    all('solve', 2 * rank * rank, (FLOAT * rank * rank) / chains);
  }
  all('apply', 2 * extractor * rank + 6 * extractor, FLOAT * 2 * parameters + shared);
  all('pack', 0, FLOAT * 3 * parameters);
  return list;
}

function channelsOf(net: Net): Channels[] {
  let inputs = net.inputKind === 'image' ? net.image.channels : net.inputSize;
  return net.layers.map((_, i) => {
    const outputs = i === net.layers.length - 1 ? net.outputs : realOutputs(net, i);
    const own = { inputs, outputs };
    inputs = outputs;
    return own;
  });
}

/** Parameters of a layer are its real biases: the packed index says how many there are. */
function realOutputs(net: Net, i: number): number {
  const { bias, output } = net.layers[i]!;
  let count = 0;
  for (const at of net.packedIndex) if (at >= bias && at < bias + output.channels) count++;
  return count;
}

export interface Roof {
  /** FLOP a second. */
  flops: number;
  /** Bytes a second. */
  bytes: number;
}

/** Seconds that a dispatch needs at least under a roof (Williams et al. 2009): the longer of computing and moving. */
export function leastSeconds({ flops, bytes }: Pick<Count, 'flops' | 'bytes'>, roof: Roof): number {
  return Math.max(flops / roof.flops, bytes / roof.bytes);
}
