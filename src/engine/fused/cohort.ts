/**
 * Chains of one population that run in the same dispatches: one network part, one batch size, a workspace that fits.
 * A step is encoded from dispatches made once; rows, augmentation and learning rates are uploaded a chunk at a time.
 */
import { sampleAffine } from '../../data/augment.ts';
import { sampleView } from '../../data/views.ts';
import type { Augmentation } from '../../data/dataset.ts';
import type { Gaussian } from '../../core/gaussian.ts';
import { Stream } from '../../core/philox.ts';
import { BatchOrder, BLOCK, groupBySeed } from '../batches.ts';
import type { ChainSpec, Objective } from '../contract.ts';
import { viewStream } from '../input.ts';
import { Buffers, type Scratch } from './buffers.ts';
import type { GpuData } from './data.ts';
import { Forward } from './forward.ts';
import type { Tile } from './kernels/conv-forward.ts';
import { type Warp, WARP_NUMBERS } from './kernels/gather.ts';
import { strideOf } from './kernels/update.ts';
import { type Net } from './net.ts';
import { Priors } from './priors.ts';
import { encode, type Programs, STEP_STRIDE } from './program.ts';
import { Training } from './training.ts';

/** Steps whose rows are uploaded at once, and the blocks of learning rates that so many steps can touch. */
const CHUNK = 2 * BLOCK;
const BLOCKS = 3;

export interface CohortOptions {
  gpu: GPUDevice;
  programs: Programs;
  /** Of all cohorts of this network and batch size. */
  scratch: Scratch;
  net: Net;
  data: GpuData;
  /** Images of a step: twice the rows where views are compared. */
  batch: number;
  objective: Objective | null;
  classWeights: Float32Array | null;
  augmentation: Augmentation | null;
  momentum: number;
  clip: number;
  tile: Tile;
  threads: number;
  /** Steps in one submission: few on a software adapter, which would seem to hang. */
  submit: number;
  priors: Gaussian[];
  /** Of this cohort, MAP chains before those that sample; `theta` [chain][parameters of the net]. */
  chains: ChainSpec[];
  thetas: Float32Array[];
  /** Of a population that goes on: what `thetas` were one step before, and where each chain diverged (−1: nowhere). */
  before?: { thetas: Float32Array[]; divergedAt: number[] };
}

export class Cohort {
  readonly net: Net;
  readonly training: Training;
  readonly size: number;
  readonly buffers: Buffers;
  readonly #options: CohortOptions;
  readonly #forward: Forward;
  readonly #priors: Priors;
  readonly #orders: { order: BatchOrder; seed: number }[];
  readonly #rows: Uint32Array<ArrayBuffer>;
  readonly #affines: Float32Array<ArrayBuffer>;
  readonly #steps = new Uint32Array((CHUNK * STEP_STRIDE) / 4);
  readonly #warpNumbers: Float64Array;
  readonly #offset = [0];

  constructor(options: CohortOptions) {
    const { gpu, programs, scratch, net, data, batch, augmentation, objective, tile, threads, chains, thetas } = options;
    const members = groupBySeed(chains.map((chain) => ({ ...chain, frozen: false })));
    const warp: Warp = objective ? 'view' : augmentation ? 'affine' : 'none';
    this.#options = options;
    this.#warpNumbers = new Float64Array(WARP_NUMBERS[warp]);
    this.net = net;
    this.size = chains.length;
    this.buffers = new Buffers(gpu);
    try {
      this.#forward = new Forward(programs, this.buffers, scratch, {
        net, data, batch, tile, chains: chains.length, groups: members.length, chunk: CHUNK, warp, threads, training: true,
      });
      this.#priors = new Priors(this.buffers, net, chains, options.priors, CHUNK, BLOCKS);
      this.training = new Training(programs, this.buffers, scratch, this.#forward, this.#priors, options);
    } catch (error) {
      this.buffers.destroy();
      throw error;
    }
    const groups = new Uint32Array(chains.length);
    members.forEach((list, g) => list.forEach((chain) => (groups[chain] = g)));
    this.buffers.write(this.#forward.groups, groups);
    this.buffers.write(this.#forward.dims, Uint32Array.of(batch, chains.length, members.length, this.#priors.count, chains.length - this.#priors.sampling.chains));
    this.#orders = members.map(([first]) => ({ order: new BatchOrder(chains[first!]!.seed, chains[first!]!.indices), seed: chains[first!]!.seed }));
    this.#rows = new Uint32Array(CHUNK * members.length * batch);
    this.#affines = new Float32Array(CHUNK * members.length * batch * WARP_NUMBERS[warp]);
    this.#start(thetas, options.before);
  }

  /** theta, what it was before, and packed weights, of every chain; at the beginning all are at rest and none has diverged. */
  #start(thetas: readonly Float32Array[], before: CohortOptions['before']): void {
    const { net } = this;
    const theta = new Float32Array(thetas.length * strideOf(net));
    const packed = new Float32Array(thetas.length * net.packed);
    thetas.forEach((values, r) => {
      theta.set(values, r * strideOf(net));
      for (let j = 0; j < net.parameters; j++) packed[r * net.packed + net.packedIndex[j]!] = values[j]!;
    });
    this.buffers.write(this.training.theta, theta);
    before?.thetas.forEach((values, r) => theta.set(values, r * strideOf(net)));
    this.buffers.write(this.training.previous, theta);
    this.buffers.write(this.#forward.packed, packed);
    this.buffers.write(this.training.diverged, before ? Int32Array.from(before.divergedAt) : new Int32Array(thetas.length).fill(-1));
  }

  /** Encodes and submits steps [first, first + steps); the sums of `training.state` begin anew. */
  advance(first: number, steps: number): void {
    const { gpu, submit } = this.#options;
    this.buffers.write(this.training.state, new Float32Array(this.size * 4));
    for (let from = first; from < first + steps; from += CHUNK) {
      const count = Math.min(CHUNK, first + steps - from);
      this.#upload(from, count);
      for (let k = 0; k < count; k += submit) {
        const encoder = gpu.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (let s = k; s < Math.min(count, k + submit); s++) {
          this.#offset[0] = s * STEP_STRIDE;
          encode(pass, this.training.dispatches, this.#offset);
        }
        if (from + count === first + steps && k + submit >= count) encode(pass, this.training.restore, this.#offset);
        pass.end();
        gpu.queue.submit([encoder.finish()]);
      }
    }
  }

  /** The numbers of image i of a step, drawn as in `input.ts`. */
  #warpOf(seed: number, step: number, i: number): Float64Array {
    const { objective, augmentation, data } = this.#options;
    if (objective) return sampleView(objective.views, data.dataset, viewStream(seed, step, i), this.#warpNumbers);
    if (augmentation) return sampleAffine(augmentation, new Stream(seed, 'augment', step, i), this.#warpNumbers);
    return this.#warpNumbers;
  }

  #upload(first: number, steps: number): void {
    const { batch, objective } = this.#options;
    const groups = this.#orders.length;
    const size = this.#warpNumbers.length;
    const rows = objective ? batch / 2 : batch;
    for (let k = 0; k < steps; k++) {
      const step = first + k;
      this.#steps.set([k, Math.floor(step / BLOCK) - Math.floor(first / BLOCK), step, batch], (k * STEP_STRIDE) / 4);
      this.#orders.forEach(({ order, seed }, g) => {
        const at = (k * groups + g) * batch;
        order.rows(step, this.#rows.subarray(at, at + rows));
        // The second views are of the same rows.
        if (objective) this.#rows.copyWithin(at + rows, at, at + rows);
        for (let i = 0; size > 0 && i < batch; i++) this.#affines.set(this.#warpOf(seed, step, i), (at + i) * size);
      });
    }
    this.buffers.write(this.#forward.steps, this.#steps);
    this.buffers.write(this.#forward.rows, this.#rows);
    if (size > 0) this.buffers.write(this.#forward.affines, this.#affines);
    this.#priors.upload(first, steps);
  }
}
