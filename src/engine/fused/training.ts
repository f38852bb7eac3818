/**
 * Loss, backward pass and update of a forward plan: everything a training step dispatches, in order. Made once; a step
 * allocates nothing, makes no pipeline and reads nothing back.
 */
import { Backward } from './backward.ts';
import type { Buffers, Storage } from './buffers.ts';
import type { Forward } from './forward.ts';
import { type Minimised, objectiveDispatches } from './objective.ts';
import { packChecked, restore } from './kernels/pack.ts';
import { pull, sample } from './kernels/sample.ts';
import { apply, collect, gain, momentum, PARTS, project, solve, type Solving, strideOf } from './kernels/update.ts';
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

export interface TrainingOptions extends Minimised {
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
    const { net, chains, batch } = forward.options;
    const stride = strideOf(net);
    this.theta = buffers.storage('the parameters', chains * stride);
    this.previous = buffers.storage('the parameters before', chains * stride);
    this.state = buffers.storage('state', chains * 4);
    this.diverged = buffers.storage('diverged', chains);
    const packedIndex = buffers.storage('packed index', net.parameters, net.packedIndex);

    const losses = scratch.storage('losses', chains * batch * 4);
    const { dims, steps } = forward;
    const backward = new Backward(programs, scratch, forward, options.threads);
    const places = buffers.storage('gradient places', 4 * net.parameters, backward.places);

    const list = [...forward.dispatches];
    const add = (name: Parameters<Programs['dispatch']>[0], bound: GPUBuffer[], threads: number, z = chains) => list.push(programs.dispatch(name, bound, workgroups(threads, z)));
    list.push(...objectiveDispatches(programs, scratch, forward, options, backward.dlogits, losses), ...backward.dispatches);

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
    add(collect(net, backward.stride), [dims, backward.grads, places, update.chains, g, partial], PARTS);
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
