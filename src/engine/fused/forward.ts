/**
 * Buffers and dispatches of a forward pass for so many chains and rows at a time: gather, then node by node. Chains
 * name the group whose input they read. Made once; training and evaluation both run it.
 */
import type { Buffers, Storage } from './buffers.ts';
import type { GpuData } from './data.ts';
import { convForward, type Tile } from './kernels/conv-forward.ts';
import { gather, inputSize, type Warp, WARP_NUMBERS } from './kernels/gather.ts';
import { pool } from './kernels/pool.ts';
import { normForward } from './kernels/norm-forward.ts';
import { blocksOf, statsOf } from './kernels/norm-groups.ts';
import { normMoments } from './kernels/norm-moments.ts';
import { upsample } from './kernels/upsample.ts';
import { type Net, type NormNode, sizeOf } from './net.ts';
import { type Dispatch, type Kernel, type Programs, STEP_STRIDE, workgroups } from './program.ts';
import { gradientFlow, gradientSlots } from './gradient-flow.ts';
import { outputSlots, slotsSize } from './slots.ts';

export interface ForwardOptions {
  net: Net;
  data: GpuData;
  chains: number;
  groups: number;
  batch: number;
  /** Steps (or row chunks) whose rows are uploaded at once. */
  chunk: number;
  warp: Warp;
  tile: Tile;
  /** Threads that keep the adapter busy: long sums of few outputs are shared among so many. */
  threads: number;
  /** A backward pass follows, which needs every output. */
  training: boolean;
}

export class Forward {
  readonly options: ForwardOptions;
  /** Dims and Step uniforms, and what is uploaded for a chunk. */
  readonly dims: GPUBuffer;
  readonly steps: GPUBuffer;
  readonly rows: GPUBuffer;
  readonly affines: GPUBuffer;
  /** Group of each chain. */
  readonly groups: GPUBuffer;
  readonly packed: GPUBuffer;
  /** The gathered batch. */
  readonly input: GPUBuffer;
  /** Output of each node. */
  readonly outputs: GPUBuffer[];
  /** Moments of each norm (null for other nodes), and shares of an image's rows they come in. */
  readonly norms: ({ stats: GPUBuffer; shares: number } | null)[];
  /** What the network gives, [chains, batch, pad4(outputs)], or in the shape of the last node. */
  readonly result: GPUBuffer;
  readonly dispatches: Dispatch[] = [];

  /** `scratch` holds what no later step reads. */
  constructor(programs: Programs, buffers: Buffers, scratch: Storage, options: ForwardOptions) {
    const { net, data, chains, groups, batch, chunk, warp, tile, threads, training } = options;
    this.options = options;
    this.dims = buffers.uniform('dims', 8, Uint32Array.of(batch, chains, groups, 0));
    this.steps = buffers.uniform('steps', (chunk * STEP_STRIDE) / 4);
    this.rows = scratch.storage('the rows of a chunk', chunk * groups * batch);
    this.affines = scratch.storage('the augmentation of a chunk', Math.max(4, chunk * groups * batch * WARP_NUMBERS[warp]));
    this.groups = buffers.storage('groups', chains);
    this.packed = buffers.storage('the weights', chains * net.packed);
    this.input = scratch.storage('the input', groups * batch * inputSize(net));
    const { normalisation, bytes } = data;
    this.dispatches.push(programs.dispatch(
      gather({ net, bytes, normalisation, warp }), [this.dims, this.steps, data.images, this.rows, this.affines, this.input],
      workgroups(groups * batch * net.inputSize),
    ));
    const slots = outputSlots(net, training);
    const held = slots.held.map(({ name, shape }) => scratch.storage(`the outputs of ${name}`, chains * batch * sizeOf(shape)));
    this.outputs = slots.of.map((slot) => held[slot]!);
    this.norms = net.nodes.map((node) => {
      if (node.kind !== 'norm') return null;
      const shares = rowShares(node, chains, batch, threads);
      return { shares, stats: scratch.storage(`the moments of ${node.name}`, 2 * chains * batch * statsOf(node, shares)) };
    });
    const add = (kernel: Kernel, bound: GPUBuffer[], count: number) => this.dispatches.push(programs.dispatch(kernel, bound, workgroups(count, chains)));
    net.nodes.forEach((node, i) => {
      const [x, y] = [this.inputOf(i), this.outputs[i]!];
      switch (node.kind) {
        case 'conv': {
          const added = node.added === null ? null : net.nodes[node.added]!.output;
          const { kernel, threads } = convForward(node, net.packed, tile, node.from < 0, added);
          add(kernel, [this.dims, x, this.packed, this.groups, y, ...(node.added === null ? [] : [this.outputs[node.added]!])], threads(batch));
          return;
        }
        case 'norm': {
          const { stats, shares } = this.norms[i]!;
          const moments = normMoments(node, shares);
          add(moments.kernel, [this.dims, x, stats], moments.threads(batch));
          const added = node.added === null ? null : net.nodes[node.added]!.output;
          const { kernel, threads } = normForward(node, net.packed, shares, added);
          add(kernel, [this.dims, x, this.packed, stats, y, ...(node.added === null ? [] : [this.outputs[node.added]!])], threads(batch));
          return;
        }
        case 'pool': {
          const { kernel, threads } = pool(node.input);
          add(kernel, [this.dims, x, y], threads(batch));
          return;
        }
        case 'upsample': {
          const { kernel, threads } = upsample(node.input, node.output);
          add(kernel, [this.dims, x, y], threads(batch));
          return;
        }
        default: node satisfies never;
      }
    });
    this.result = this.outputs.at(-1)!;
  }

  /** What node i reads. */
  inputOf(i: number): GPUBuffer {
    return this.outputs[this.options.net.nodes[i]!.from] ?? this.input;
  }
}

/** A norm's sums over more images and shares than this would keep the collecting of its gradients waiting. */
const MOST_SUMS = 256;

/** Shares of an image's rows whose moments are summed apart: enough to keep the adapter busy, no more than rows. */
function rowShares(node: NormNode, chains: number, batch: number, threads: number): number {
  const busy = Math.ceil(threads / (chains * batch * blocksOf(node).count));
  return Math.max(1, Math.min(node.input.height, busy, Math.floor(MOST_SUMS / batch)));
}

/** Bytes a chain has in the largest buffer. */
export function largestPerChain(net: Net, batch: number): number {
  return 4 * Math.max(net.packed, ...net.nodes.map(({ output, gradient }) => batch * Math.max(sizeOf(output), sizeOf(gradient))), batch * inputSize(net));
}

/** Bytes of workspace a chain needs with a batch of so many rows; `training`: gradients too. */
export function bytesPerChain(net: Net, batch: number, training: boolean): number {
  const activations = slotsSize(outputSlots(net, training)) + (training ? slotsSize(gradientSlots(gradientFlow(net))) : 0);
  // Moments of an image's norms, and what each image gives to the gradients of γ and β.
  const norms = net.nodes.reduce((sum, node) => (node.kind === 'norm' ? sum + 2 * statsOf(node, 1) + (training ? 2 * node.output.channels : 0) : sum), 0);
  return 4 * (batch * (activations + norms + inputSize(net)) + (training ? 6 : 2) * net.packed);
}
