/**
 * Floating-point operations and bytes of each dispatch of a fused training step, counted from the network alone.
 *
 * FLOPs are the multiplications and additions of the definition (2 a multiply-add; border taps of a convolution count,
 * the padding of channels to four does not); an input gradient counts the taps that exist for each position. Bytes are
 * the least that must move: every tensor read once and written once, borders and padding left out. So a fraction of the
 * roofline is a fraction of what no kernel can beat, not of what these kernels happen to do.
 */
import { gradientFlow } from '../../engine/fused/gradient-flow.ts';
import type { ConvNode, Net, NormNode } from '../../engine/fused/net.ts';

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
export function convFlops(layer: ConvNode, { inputs, outputs }: Channels, batch: number): number {
  return 2 * batch * area(layer.output) * layer.kernel ** 2 * inputs * outputs;
}

/** FLOPs of a convolution's input gradient: along an axis, pairs (position, tap) whose output exists when borders count. */
export function inputGradientFlops(layer: ConvNode, { inputs, outputs }: Channels, batch: number): number {
  return 2 * batch * tapsAlong(layer, layer.input.height) * tapsAlong(layer, layer.input.width) * inputs * outputs;
}

function tapsAlong({ kernel, stride, padding, dilation }: ConvNode, length: number): number {
  let taps = 0;
  for (let position = 0; position < length; position++) {
    for (let tap = 0; tap < kernel; tap++) if ((position + padding - dilation * tap) % stride === 0) taps++;
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

  const outOf = (i: number): number => batch * area(net.nodes[i]!.output) * real[i]!.outputs;
  const into = (i: number): number => batch * area(net.nodes[i]!.input) * real[i]!.inputs;
  // Chains of a group read the same gathered batch.
  const read = (i: number): number => (net.nodes[i]!.from < 0 ? (into(i) * groups) / chains : into(i));
  const weights = (node: ConvNode, { inputs, outputs }: Channels): number => (node.kernel ** 2 * inputs + (node.biased ? 1 : 0)) * outputs;
  const flow = gradientFlow(net);
  net.nodes.forEach((node, i) => {
    switch (node.kind) {
      case 'conv': {
        const added = node.added === null ? 0 : outOf(i);
        all(`${node.name} forward`, convFlops(node, real[i]!, batch) + added, FLOAT * (read(i) + weights(node, real[i]!) + outOf(i) + added));
        return;
      }
      case 'norm':
        all(`${node.name} moments`, 4 * into(i), FLOAT * into(i));
        all(`${node.name} forward`, (node.added === null ? 4 : 5) * into(i), FLOAT * (node.added === null ? 2 : 3) * into(i));
        return;
      case 'pool': all('pool', into(i), FLOAT * (into(i) + outOf(i))); return;
      // Three interpolations of two operations each.
      case 'upsample': all('upsample', 6 * outOf(i), FLOAT * (into(i) + outOf(i))); return;
      default: node satisfies never;
    }
  });
  const last = net.nodes.length - 1;
  if (net.ofPixels) {
    const lines = batch * net.nodes[last]!.output.height;
    all('pixel loss', 10 * outOf(last), FLOAT * (2 * outOf(last) + 4 * lines) + batch * area(net.nodes[last]!.output));
    all('lines to losses', 4 * lines, FLOAT * 4 * (lines + batch));
  } else {
    all('loss', 10 * batch * net.outputs, FLOAT * 2 * batch * net.outputs);
  }
  for (let i = last; i >= 0; i--) {
    const node = net.nodes[i]!;
    const { into: written, plus, mask } = flow.nodes[i]!;
    switch (node.kind) {
      case 'conv':
        all(`${node.name} weight gradient`, convFlops(node, real[i]!, batch) + (node.biased ? outOf(i) : 0), FLOAT * (read(i) + outOf(i) + weights(node, real[i]!)));
        if (written !== null) all(`${node.name} input gradient`, inputGradientFlops(node, real[i]!, batch), FLOAT * (outOf(i) + weights(node, real[i]!) + into(i) * (1 + (mask ? 1 : 0) + (plus === null ? 0 : 1))));
        break;
      case 'norm':
        all(`${node.name} weight gradient`, 5 * into(i), FLOAT * 2 * into(i));
        all(`${node.name} input gradient`, 7 * into(i), FLOAT * 3 * into(i));
        break;
      case 'upsample': all('upsample gradient', 8 * outOf(i), FLOAT * (outOf(i) + (mask ? 2 : 1) * into(i))); break;
      case 'pool': all('unpool', into(i), FLOAT * (outOf(i) + 2 * into(i))); break;
      default: node satisfies never;
    }
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

/** Of each node. */
function channelsOf(net: Net): Channels[] {
  const channels: Channels[] = [];
  for (const node of net.nodes) {
    const before = channels[node.from]?.outputs ?? 0;
    channels.push(node.kind === 'pool' || node.kind === 'upsample' ? { inputs: before, outputs: before } : parametersOf(net, node));
  }
  return channels;
}

/** Real channels are those that the packed index has parameters for. */
function parametersOf({ packedIndex }: Net, node: ConvNode | NormNode): Channels {
  const own = packedIndex.filter((at) => at >= node.weights && at < node.bias).map((at) => at - node.weights);
  if (node.kind === 'norm') return { inputs: own.length, outputs: own.length };
  const { input, output } = node;
  const most = (of: (at: number) => number): number => own.reduce((highest, at) => Math.max(highest, of(at) + 1), 0);
  return { inputs: most((at) => Math.floor(at / output.channels) % input.channels), outputs: most((at) => at % output.channels) };
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
