/**
 * The backward pass of a forward plan, from the gradient of the logits to the gradients of weights and biases, node by node. Training
 * and squared gradients both run it; each has a loss of its own before it and reads the gradients in its own way behind it.
 */
import type { Storage } from './buffers.ts';
import type { Forward } from './forward.ts';
import { convInputGradient } from './kernels/conv-input-gradient.ts';
import { convWeightGradient } from './kernels/conv-weight-gradient.ts';
import { normInputGradient } from './kernels/norm-input-gradient.ts';
import { normWeightGradient } from './kernels/norm-weight-gradient.ts';
import { unpool } from './kernels/pool.ts';
import { upsampleGradient } from './kernels/upsample.ts';
import { gradientFlow, gradientSlots } from './gradient-flow.ts';
import { type ConvNode, type Net, sizeOf } from './net.ts';
import { type Dispatch, type Kernel, type Programs, workgroups } from './program.ts';

export class Backward {
  /** The gradient of the logits, in the shape of the last node's `gradient`. */
  readonly dlogits: GPUBuffer;
  /** [chains, stride]: the shares of every node's gradient. */
  readonly grads: GPUBuffer;
  readonly stride: number;
  /** For every parameter where its gradient lies among a chain's: (first, shares, distance, 0). */
  readonly places: Uint32Array;
  readonly dispatches: Dispatch[] = [];

  /** `threads` keep the adapter busy: long sums of few outputs are shared among so many. */
  constructor(programs: Programs, scratch: Storage, forward: Forward, threads: number) {
    const { net, chains, batch, tile } = forward.options;
    const shares = net.nodes.map((node, i) => (node.kind === 'conv' ? sharesOf(node, chains, batch, threads) : batch * (forward.norms[i]?.shares ?? 0)));
    const { at, stride, places } = gradientPlaces(net, shares);
    this.stride = stride;
    this.places = places;
    this.grads = scratch.storage('the gradients', chains * stride);
    const flow = gradientFlow(net);
    const slots = gradientSlots(flow);
    const held = slots.held.map(({ name, shape }) => scratch.storage(name, chains * batch * sizeOf(shape)));
    const gradient = (tensor: number): GPUBuffer => held[slots.of[tensor]!]!;
    this.dlogits = gradient(flow.nodes.at(-1)!.dy);
    const { dims, groups } = forward;
    const add = (kernel: Kernel, bound: GPUBuffer[], count: number) => this.dispatches.push(programs.dispatch(kernel, bound, workgroups(count, chains)));
    for (let i = net.nodes.length - 1; i >= 0; i--) {
      const node = net.nodes[i]!;
      const { dy: own, into, plus, mask } = flow.nodes[i]!;
      const [x, dy] = [forward.inputOf(i), gradient(own)];
      const dx = into === null ? null : { buffer: gradient(into), shape: flow.tensors[into]!.shape };
      switch (node.kind) {
        case 'conv': {
          const weight = convWeightGradient(node, shares[i]!, at[i]!, stride, node.from < 0, 8);
          add(weight.kernel, [dims, x, dy, groups, this.grads], weight.threads);
          if (!dx) break;
          const input = convInputGradient(node, net.packed, tile, dx.shape, mask, plus === null ? null : flow.tensors[plus]!.shape);
          add(input.kernel, [dims, dy, forward.packed, x, dx.buffer, ...(plus === null ? [] : [gradient(plus)])], input.threads(batch));
          break;
        }
        case 'norm': {
          const { stats, shares: rows } = forward.norms[i]!;
          const weight = normWeightGradient(node, rows, at[i]!, stride);
          add(weight.kernel, [dims, x, dy, stats, this.grads], weight.threads(batch));
          const input = normInputGradient(node, net.packed, rows, at[i]!, stride, dx!.shape);
          add(input.kernel, [dims, x, dy, stats, this.grads, forward.packed, dx!.buffer], input.threads(batch));
          break;
        }
        case 'pool': {
          const undone = unpool(node.input, dx!.shape, mask);
          add(undone.kernel, [dims, dy, x, dx!.buffer], undone.threads(batch));
          break;
        }
        case 'upsample': {
          const undone = upsampleGradient(node.input, node.gradient, dx!.shape, mask);
          add(undone.kernel, [dims, dy, x, dx!.buffer], undone.threads(batch));
          break;
        }
        default: node satisfies never;
      }
    }
  }
}

/** Shares of the batch whose weight gradients are summed apart: enough to keep the adapter busy, no more than rows. */
function sharesOf(node: ConvNode, chains: number, batch: number, threads: number): number {
  const { threads: each } = convWeightGradient(node, 1, 0, 0, false, 8);
  return Math.max(1, Math.min(batch, Math.ceil(threads / (each * chains))));
}

/** Where each node's shares lie among a chain's gradients, and for every parameter its (first, shares, distance). */
function gradientPlaces(net: Net, shares: readonly number[]): { at: number[]; stride: number; places: Uint32Array } {
  const at: number[] = [];
  const parametric: { weights: number; size: number; shares: number; at: number }[] = [];
  let stride = 0;
  net.nodes.forEach((node, i) => {
    at.push(stride);
    if (node.kind === 'pool' || node.kind === 'upsample') return;
    const size = node.bias - node.weights + (node.kind === 'conv' && !node.biased ? 0 : node.output.channels);
    parametric.push({ weights: node.weights, size, shares: shares[i]!, at: stride });
    stride += size * shares[i]!;
  });
  const places = new Uint32Array(4 * net.parameters);
  for (let j = 0; j < net.parameters; j++) {
    const packed = net.packedIndex[j]!;
    const own = parametric.findLast(({ weights }) => weights <= packed)!;
    places.set([own.at + packed - own.weights, own.shares, own.size, 0], 4 * j);
  }
  return { at, stride, places };
}
