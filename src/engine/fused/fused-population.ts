/** A population as cohorts on the GPU: one advance runs each of them, and reads back one packed buffer. */
import type { Dataset } from '../../data/dataset.ts';
import type { ChainSpec, DataRef, Evaluation, Population, PopulationSpec, PopulationState, Progress } from '../contract.ts';
import { inErrorScopes } from '../device.ts';
import { emptyEvaluation, place } from '../evaluation.ts';
import { headInputs } from '../../model/build.ts';
import { checkPixelTraining } from '../pixels.ts';
import { refuseFrozen } from '../sampling.ts';
import { imagesOf } from '../view-losses.ts';
import { objectiveNumbers } from './objective.ts';
import { Buffers, readBack, Scratch } from './buffers.ts';
import { Cohort } from './cohort.ts';
import { bytesPerChain, largestPerChain } from './forward.ts';
import type { FusedEngine } from './fused-engine.ts';
import { strideOf } from './kernels/update.ts';
import { type Net, netOf, rangeOf } from './net.ts';

interface Placed {
  /** Chain numbers of the population. */
  chains: number[];
  cohort: Cohort;
  /** The cohort holds heads only; their extractors are as they started. */
  headOnly: boolean;
  /** Shared with other cohorts. */
  scratch: Scratch;
}

export class FusedPopulation implements Population {
  readonly chains: number;
  readonly waves: number;
  readonly #engine: FusedEngine;
  readonly #spec: PopulationSpec;
  readonly #cohorts: Placed[];
  readonly #home: { placed: Placed; place: number }[] = [];
  /** Features of frozen extractors, loaded as data sets. */
  readonly #features: DataRef[];
  readonly #buffers: Buffers;
  readonly #staging: GPUBuffer;
  /** [chains], as last read back. */
  #divergedAt: Int32Array;
  #step: number;
  #watched = false;

  private constructor(engine: FusedEngine, spec: PopulationSpec, cohorts: Placed[], features: DataRef[], from?: PopulationState) {
    this.#engine = engine;
    this.#step = from?.step ?? 0;
    this.#divergedAt = from?.divergedAt.slice() ?? new Int32Array(spec.chains.length).fill(-1);
    this.#spec = spec;
    this.#cohorts = cohorts;
    this.#features = features;
    this.chains = spec.chains.length;
    this.waves = cohorts.filter(({ headOnly }) => !headOnly).length || 1;
    for (const placed of cohorts) placed.chains.forEach((chain, place) => (this.#home[chain] = { placed, place }));
    this.#buffers = new Buffers(engine.device.gpu);
    this.#staging = this.#buffers.staging('progress', this.chains * 20);
  }

  /** Throws LabError('memory') when not even one chain fits, or the GPU has no room for all of them; RangeError for a chain with a frozen part that samples. */
  static async create(engine: FusedEngine, spec: PopulationSpec, from?: PopulationState): Promise<FusedPopulation> {
    const { architecture, augmentation } = spec;
    spec.chains.forEach(refuseFrozen);
    checkPixelTraining(spec, engine.held(spec.data).dataset);
    const headOnly = (chain: ChainSpec) => chain.frozen && augmentation === null && architecture.head !== null;
    const features: DataRef[] = [];
    const cohorts: Placed[] = [];
    try {
      return await inErrorScopes(engine.device.gpu, `the set-up of ${spec.chains.length} runs`, async () => {
        const all = spec.chains.map((_, i) => i);
        const moving = all.filter((i) => !headOnly(spec.chains[i]!));
        const frozen = all.filter((i) => headOnly(spec.chains[i]!));
        if (moving.length > 0) make(engine, spec, netOf(architecture, 'whole'), spec.data, moving, spec.chains, false, cohorts, from);
        if (frozen.length > 0) {
          const { data, chains } = await frozenFeatures(engine, spec, frozen);
          features.push(data);
          make(engine, spec, netOf(architecture, 'head'), data, frozen, chains, true, cohorts, from);
        }
        return new FusedPopulation(engine, spec, cohorts, features, from);
      });
    } catch (error) {
      release(cohorts);
      for (const data of features) await engine.unload(data);
      throw error;
    }
  }

  async advance(steps: number): Promise<Progress> {
    const first = this.#step;
    const work = () => this.#engine.guarded(() => this.#advance(steps));
    const progress = !this.#watched ? await inErrorScopes(this.#engine.device.gpu, 'the first training step', work) : await work();
    this.#watched = true;
    this.#divergedAt = progress.divergedAt.slice();
    this.#step = first + steps;
    return progress;
  }

  async #advance(steps: number): Promise<Progress> {
    const { gpu } = this.#engine.device;
    let offset = 0;
    for (const { cohort } of this.#cohorts) {
      cohort.advance(this.#step, steps);
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(cohort.training.state, 0, this.#staging, offset, cohort.size * 16);
      encoder.copyBufferToBuffer(cohort.training.diverged, 0, this.#staging, offset + cohort.size * 16, cohort.size * 4);
      gpu.queue.submit([encoder.finish()]);
      offset += cohort.size * 20;
    }
    const read = await readBack(this.#staging, offset);
    const progress: Progress = { step: this.#step + steps, nll: new Float32Array(this.chains), accuracy: new Float32Array(this.chains), divergedAt: new Int32Array(this.chains) };
    offset = 0;
    for (const { chains, cohort } of this.#cohorts) {
      const state = new Float32Array(read, offset, cohort.size * 4);
      const diverged = new Int32Array(read, offset + cohort.size * 16, cohort.size);
      chains.forEach((chain, place) => {
        progress.nll[chain] = state[4 * place]! / steps;
        progress.accuracy[chain] = state[4 * place + 1]! / steps;
        progress.divergedAt[chain] = diverged[place]!;
      });
      offset += cohort.size * 20;
    }
    return progress;
  }

  async evaluate(request: { data: DataRef; indices: Uint32Array[]; items: { chain: number; rows: number }[]; logits: boolean }): Promise<Evaluation> {
    const { data, indices, items, logits } = request;
    const whole = emptyEvaluation(items.length, { logits, pixels: this.#spec.architecture.decoder !== undefined });
    for (const placed of this.#cohorts) {
      const own = items.flatMap((item, i) => (this.#home[item.chain]!.placed === placed ? [i] : []));
      if (own.length === 0) continue;
      const rows = own.map((i) => indices[items[i]!.rows]!);
      const source = placed.headOnly
        ? { kind: 'list' as const, thetas: await this.parameters(own.map((i) => items[i]!.chain)) }
        : { kind: 'buffer' as const, theta: placed.cohort.training.theta, picks: own.map((i) => this.#home[items[i]!.chain]!.place) };
      const part = await this.#engine.run(this.#spec.architecture, 'whole', data, source, rows, logits);
      place(whole, part, (i) => own[i]!);
    }
    return whole;
  }

  parameters(chains: number[]): Promise<Float32Array[]> {
    return this.#read(chains, 'theta');
  }

  async save(): Promise<PopulationState> {
    const all = this.#spec.chains.map((_, i) => i);
    const theta = await this.#read(all, 'theta');
    const previous = await this.#read(all, 'previous');
    return { step: this.#step, theta, previous, divergedAt: this.#divergedAt.slice() };
  }

  /** [D + H] of each named chain, now or one step before. */
  async #read(chains: number[], which: 'theta' | 'previous'): Promise<Float32Array[]> {
    return this.#engine.guarded(async () => {
      const { gpu } = this.#engine.device;
      const { architecture, starts } = this.#spec;
      const once = new Buffers(gpu);
      try {
        const sizes = chains.map((chain) => this.#home[chain]!.placed.cohort.net.parameters * 4);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const staging = once.staging('parameters', total);
        const encoder = gpu.createCommandEncoder();
        let offset = 0;
        chains.forEach((chain, i) => {
          const { placed: { cohort }, place } = this.#home[chain]!;
          encoder.copyBufferToBuffer(cohort.training[which], place * strideOf(cohort.net) * 4, staging, offset, sizes[i]!);
          offset += sizes[i]!;
        });
        gpu.queue.submit([encoder.finish()]);
        const read = await readBack(staging, total);
        offset = 0;
        return chains.map((chain, i) => {
          const values = new Float32Array(read, offset, sizes[i]! / 4);
          offset += sizes[i]!;
          const theta = Float32Array.from(starts[this.#spec.chains[chain]!.start]!);
          theta.set(values, this.#home[chain]!.placed.headOnly ? rangeOf(architecture, 'head')[0] : 0);
          return theta;
        });
      } finally {
        once.destroy();
      }
    });
  }

  async dispose(): Promise<void> {
    release(this.#cohorts);
    for (const data of this.#features) await this.#engine.unload(data);
    this.#buffers.destroy();
  }
}

function release(cohorts: readonly Placed[]): void {
  for (const { cohort, scratch } of cohorts) {
    cohort.buffers.destroy();
    scratch.destroy();
  }
}

/** Adds to `placed` cohorts of chains with equal batch size that fit the workspace. `specs[i]` describes chain i as this net sees it. */
function make(engine: FusedEngine, spec: PopulationSpec, net: Net, ref: DataRef, chains: readonly number[], specs: readonly ChainSpec[], headOnly: boolean, placed: Placed[], go?: PopulationState): void {
  const { device: { gpu }, programs, cut: { tile, threads, submit, budget } } = engine;
  const { objective = null } = spec;
  const batchOf = (i: number) => imagesOf(spec, specs[i]!.indices.length);
  const [from, to] = rangeOf(spec.architecture, headOnly ? 'head' : 'whole');
  for (const batch of new Set(chains.map(batchOf))) {
    const ofBatch = chains.filter((i) => batchOf(i) === batch);
    const own = [...ofBatch.filter((i) => !specs[i]!.sampler), ...ofBatch.filter((i) => specs[i]!.sampler)];
    const compared = 4 * objectiveNumbers(objective, net, batch);
    const bytes = bytesPerChain(net, batch, true) + compared;
    const most = Math.max(1, Math.floor(Math.min(budget / bytes, gpu.limits.maxStorageBufferBindingSize / Math.max(compared, largestPerChain(net, batch)))));
    const scratch = new Scratch(gpu);
    const waves = Math.ceil(own.length / most);
    for (let w = 0; w < waves; w++) {
      const members = own.slice(Math.ceil((w * own.length) / waves), Math.ceil(((w + 1) * own.length) / waves));
      const cohort = made(scratch, () => new Cohort({
        gpu, programs, scratch, net, data: engine.held(ref), batch, objective, tile, threads, submit, priors: spec.priors, classWeights: spec.classWeights ?? null,
        augmentation: headOnly ? null : spec.augmentation, momentum: spec.momentum, clip: spec.clip,
        chains: members.map((i) => (headOnly ? { ...specs[i]!, frozen: false, prior: null } : specs[i]!)),
        thetas: members.map((i) => (go ? go.theta[i]! : spec.starts[spec.chains[i]!.start]!).subarray(from, to)),
        ...(go ? { before: { thetas: members.map((i) => go.previous[i]!.subarray(from, to)), divergedAt: members.map((i) => go.divergedAt[i]!) } } : {}),
      }));
      placed.push({ chains: members, cohort, headOnly, scratch });
    }
  }
}

/** What `make` gives; a workspace whose user could not be made is not left behind. */
function made<T>(scratch: Scratch, make: () => T): T {
  try {
    return make();
  } catch (error) {
    scratch.destroy();
    throw error;
  }
}

/** Features of the rows that frozen chains train on, as a data set, and those chains with rows of it. */
async function frozenFeatures(engine: FusedEngine, spec: PopulationSpec, frozen: readonly number[]): Promise<{ data: DataRef; chains: ChainSpec[] }> {
  const { architecture, starts } = spec;
  const { dataset } = engine.held(spec.data);
  const places = new Map<string, { start: number; indices: Uint32Array; offset: number }>();
  const chains = [...spec.chains];
  let count = 0;
  for (const i of frozen) {
    const { start, indices } = spec.chains[i]!;
    const key = `${start} ${indices.join()}`;
    let place = places.get(key);
    if (!place) {
      places.set(key, (place = { start, indices, offset: count }));
      count += indices.length;
    }
    const { offset } = place;
    chains[i] = { ...spec.chains[i]!, indices: indices.map((_, k) => offset + k) };
  }
  const parts = [...places.values()];
  const [from, to] = rangeOf(architecture, 'extractor');
  const source = { kind: 'list' as const, thetas: parts.map(({ start }) => starts[start]!.subarray(from, to)) };
  const { logits } = await engine.run(architecture, 'extractor', spec.data, source, parts.map(({ indices }) => indices), true);
  const width = headInputs(architecture)!;
  const images = new Float32Array(count * width);
  const labels = new Uint16Array(count);
  parts.forEach(({ indices, offset }, p) => {
    images.set(logits![p]!, offset * width);
    indices.forEach((row, k) => (labels[offset + k] = dataset.labels[row]!));
  });
  const features: Dataset = { ...dataset, name: 'features', images, labels, count, height: 1, width: 1, channels: width };
  return { data: await engine.load(features, { mean: 0, std: 1 }), chains };
}

