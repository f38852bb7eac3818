/**
 * The backward pass of a forward plan, from the gradient of the logits to the gradients of weights and biases, layer by layer. Training
 * and squared gradients both run it; each has a loss of its own before it and reads the gradients in its own way behind it.
 */
import type { Storage } from './buffers.ts';
import type { Forward } from './forward.ts';
import { convInputGradient } from './kernels/conv-input-gradient.ts';
import { convWeightGradient } from './kernels/conv-weight-gradient.ts';
import { unpool } from './kernels/pool.ts';
import { type ConvLayer, type Net, sizeOf, type TensorShape } from './net.ts';
import { type Dispatch, type Kernel, type Programs, workgroups } from './program.ts';

export class Backward {
  /** The gradient of the logits, in the shape of the last layer's `gradient`. */
  readonly dlogits: GPUBuffer;
  /** [chains, stride]: the shares of every layer's gradient. */
  readonly grads: GPUBuffer;
  readonly stride: number;
  /** For every parameter where its gradient lies among a chain's: (first, shares, distance, 0). */
  readonly places: Uint32Array;
  readonly dispatches: Dispatch[] = [];

  /** `threads` keep the adapter busy: long sums of few outputs are shared among so many. */
  constructor(programs: Programs, scratch: Storage, forward: Forward, threads: number) {
    const { net, chains, batch, tile } = forward.options;
    const shares = net.layers.map((layer) => sharesOf(layer, chains, batch, threads));
    const { at, stride, places } = gradientPlaces(net, shares);
    this.stride = stride;
    this.places = places;
    this.grads = scratch.storage('the gradients', chains * stride);
    const dys = net.layers.map((layer) => scratch.storage(`the gradient of ${layer.name}`, chains * batch * sizeOf(layer.gradient)));
    this.dlogits = dys.at(-1)!;
    const { dims, groups } = forward;
    const add = (kernel: Kernel, bound: GPUBuffer[], count: number) => this.dispatches.push(programs.dispatch(kernel, bound, workgroups(count, chains)));
    for (let i = net.layers.length - 1; i >= 0; i--) {
      const layer = net.layers[i]!;
      const weight = convWeightGradient(layer, shares[i]!, at[i]!, stride, i === 0, 8);
      add(weight.kernel, [dims, forward.inputs[i]!, dys[i]!, groups, this.grads], weight.threads);
      if (i === 0) continue;
      const before = net.layers[i - 1]!;
      const features = layer.pooled ? scratch.storage('the gradient of the features', chains * batch * layer.input.channels) : null;
      const into: TensorShape = features ? layer.input : before.gradient;
      const input = convInputGradient(layer, net.packed, tile, into, !features && before.relu);
      add(input.kernel, [dims, dys[i]!, forward.packed, forward.inputs[i]!, features ?? dys[i - 1]!], input.threads(batch));
      if (!features) continue;
      const undone = unpool(before.output, before.gradient, before.relu);
      add(undone.kernel, [dims, features, forward.outputs[i - 1]!, dys[i - 1]!], undone.threads(batch));
    }
  }
}

/** Shares of the batch whose weight gradients are summed apart: enough to keep the adapter busy, no more than rows. */
function sharesOf(layer: ConvLayer, chains: number, batch: number, threads: number): number {
  const { threads: each } = convWeightGradient(layer, 1, 0, 0, false, 8);
  return Math.max(1, Math.min(batch, Math.ceil(threads / (each * chains))));
}

/** Where each layer's shares lie among a chain's gradients, and for every parameter its (first, shares, distance). */
function gradientPlaces(net: Net, shares: readonly number[]): { at: number[]; stride: number; places: Uint32Array } {
  const at: number[] = [];
  const sizes: number[] = [];
  let stride = 0;
  net.layers.forEach((layer, i) => {
    at.push(stride);
    const size = layer.bias - layer.weights + layer.output.channels;
    sizes.push(size);
    stride += size * shares[i]!;
  });
  const places = new Uint32Array(4 * net.parameters);
  for (let j = 0; j < net.parameters; j++) {
    const packed = net.packedIndex[j]!;
    const i = net.layers.findLastIndex((layer) => layer.weights <= packed);
    places.set([at[i]! + packed - net.layers[i]!.weights, shares[i]!, sizes[i]!, 0], 4 * j);
  }
  return { at, stride, places };
}
