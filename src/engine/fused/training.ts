/**
 * The backward pass and the update of a forward plan: everything a training step dispatches, in order. Made once; a step
 * allocates nothing, makes no pipeline and reads nothing back.
 */
import type { Buffers, Storage } from './buffers.ts';
import type { Forward } from './forward.ts';
import { convInputGradient } from './kernels/conv-input-gradient.ts';
import { convWeightGradient } from './kernels/conv-weight-gradient.ts';
import { trainingLoss } from './kernels/loss.ts';
import { packChecked, restore } from './kernels/pack.ts';
import { unpool } from './kernels/pool.ts';
import { pull, sample } from './kernels/sample.ts';
import { apply, collect, gain, momentum, PARTS, project, solve, type Solving, strideOf } from './kernels/update.ts';
import { type ConvLayer, type Net, sizeOf, type TensorShape } from './net.ts';
import { type Dispatch, type Programs, workgroups } from './program.ts';

/** What the update needs to know of a population, see `priors.ts`. */
export interface UpdateBuffers {
  /** Directions of the low-rank priors, a multiple of four; 0: none. */
  directions: number;
  /** Chains with a low-rank prior. */
  lowRank: number;
  list: GPUBuffer;
  chains: GPUBuffer;
  moments: GPUBuffer;
  factors: GPUBuffer;
  rates: GPUBuffer;
  inverses: GPUBuffer;
  /** Chains that sample, behind those that do not, and those of them with a low-rank prior. */
  sampling: { chains: number; lowRank: number; list: GPUBuffer; inverses: GPUBuffer; noise: GPUBuffer };
}

export interface TrainingOptions {
  momentum: number;
  clip: number;
  /** Threads that keep the adapter busy: long sums of few outputs are shared among so many. */
  threads: number;
}

export class Training {
  readonly theta: GPUBuffer;
  readonly previous: GPUBuffer;
  /** [chains] (Σ nll, Σ accuracy, gain, η). */
  readonly state: GPUBuffer;
  readonly diverged: GPUBuffer;
  /** One step. */
  readonly dispatches: Dispatch[];
  /** Once after the last step of an advance. */
  readonly restore: Dispatch[];

  constructor(programs: Programs, buffers: Buffers, scratch: Storage, forward: Forward, update: UpdateBuffers, options: TrainingOptions) {
    const { net, chains, batch, data } = forward.options;
    const stride = strideOf(net);
    this.theta = buffers.storage('the parameters', chains * stride);
    this.previous = buffers.storage('the parameters before', chains * stride);
    this.state = buffers.storage('state', chains * 4);
    this.diverged = buffers.storage('diverged', chains);
    const packedIndex = buffers.storage('packed index', net.parameters, net.packedIndex);

    const shares = net.layers.map((layer) => sharesOf(layer, chains, batch, options.threads));
    const gradients = gradientPlaces(net, shares);
    const grads = scratch.storage('the gradients', chains * gradients.stride);
    const places = buffers.storage('gradient places', 4 * net.parameters, gradients.places);
    const losses = scratch.storage('losses', chains * batch * 4);
    const dys = net.layers.map((layer) => scratch.storage(`the gradient of ${layer.name}`, chains * batch * sizeOf(layer.gradient)));

    const { dims, steps, rows, groups } = forward;
    const list = [...forward.dispatches];
    const add = (name: Parameters<Programs['dispatch']>[0], bound: GPUBuffer[], threads: number, z = chains) => list.push(programs.dispatch(name, bound, workgroups(threads, z)));
    const last = net.layers.length - 1;
    add(trainingLoss(net.outputs, net.layers[last]!.gradient), [dims, steps, forward.result, data.labels, rows, groups, dys[last]!, losses], batch);
    for (let i = last; i >= 0; i--) {
      const layer = net.layers[i]!;
      const weight = convWeightGradient(layer, shares[i]!, gradients.at[i]!, gradients.stride, i === 0, 8);
      add(weight.kernel, [dims, forward.inputs[i]!, dys[i]!, groups, grads], weight.threads);
      if (i === 0) continue;
      const before = net.layers[i - 1]!;
      const features = layer.pooled ? scratch.storage('the gradient of the features', chains * batch * layer.input.channels) : null;
      const into: TensorShape = features ? layer.input : before.gradient;
      const input = convInputGradient(layer, net.packed, forward.options.tile, into, !features && before.relu);
      add(input.kernel, [dims, dys[i]!, forward.packed, forward.inputs[i]!, features ?? dys[i - 1]!], input.threads(batch));
      if (!features) continue;
      const undone = unpool(before.output, before.gradient, before.relu);
      add(undone.kernel, [dims, features, forward.outputs[i - 1]!, dys[i - 1]!], undone.threads(batch));
    }

    const g = scratch.storage('the gradient', chains * stride);
    const partial = scratch.storage('partial sums', chains * PARTS);
    const { directions, lowRank, sampling } = update;
    const maps = chains - sampling.chains;
    const sums = scratch.storage('projections', Math.max(lowRank, sampling.lowRank) * (directions / 4) * PARTS * 4);
    const z = scratch.storage('z', chains * directions);
    const solveFor = (solving: Solving, list: GPUBuffer, inverses: GPUBuffer, count: number): void => {
      if (count === 0) return;
      add(project(net, directions, solving), [dims, steps, list, update.chains, this.state, update.moments, update.factors, this.theta, sums], PARTS * (directions / 4), count);
      add(solve(directions, solving), [dims, steps, list, update.chains, sums, inverses, z], directions, count);
    };
    add(collect(net, gradients.stride), [dims, grads, places, update.chains, g, partial], PARTS);
    add(gain(options.clip), [dims, steps, partial, losses, update.rates, this.state, this.diverged], chains, 1);
    if (maps > 0) {
      add(momentum(net, options.momentum), [dims, steps, g, this.state, this.diverged, update.chains, this.theta, this.previous], stride / 4, maps);
      solveFor('proximal', update.list, update.inverses, lowRank);
      add(apply(net, directions), [dims, steps, update.chains, this.state, this.diverged, update.moments, update.factors, z, this.theta], stride / 4, maps);
    }
    if (sampling.chains > 0) {
      solveFor('gradient', sampling.list, sampling.inverses, sampling.lowRank);
      add(pull(net, directions), [dims, steps, update.chains, this.state, update.moments, update.factors, z, this.theta, g], stride / 4, sampling.chains);
      add(sample(net), [dims, steps, g, this.diverged, update.chains, sampling.noise, update.moments, this.theta, this.previous], stride / 4, sampling.chains);
    }
    add(packChecked(net), [dims, steps, this.theta, packedIndex, forward.packed, this.diverged], net.parameters);
    this.dispatches = list;
    this.restore = [programs.dispatch(restore(net), [dims, this.previous, packedIndex, this.diverged, this.theta, forward.packed], workgroups(net.parameters, chains))];
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
