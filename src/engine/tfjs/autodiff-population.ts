/**
 * A population of tensors: chain after chain, each step one forward and backward pass and one update, all on the
 * device. Chains of one seed share the batch, frozen chains the features; one readback at the end of `advance`.
 */
import { concat1d, dispose, keep, scalar, stack, tensor1d, type Scalar, type Tensor, type Tensor1D, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import { learningRate } from '../../core/schedule.ts';
import { parameterTable } from '../../model/build.ts';
import { BLOCK, groupBySeed } from '../batches.ts';
import type { ChainSpec, PopulationSpec, PopulationState, Progress } from '../contract.ts';
import type { LoadedData } from '../input.ts';
import { checkPixelTraining } from '../pixels.ts';
import { imagesOf } from '../view-losses.ts';
import { BatchReader, featuresOf } from './autodiff-batches.ts';
import { AutodiffNetwork } from './autodiff-network.ts';
import { DeviceGaussians } from './autodiff-gaussians.ts';
import { ProximalMaps } from './autodiff-prior.ts';
import { SamplerMaps, type Sampling } from './autodiff-sampler.ts';
import { type ChainState, type Criterion, lossAndGradient, type Proximal, type StepConstants, update } from './autodiff-update.ts';
import type { Backing } from './backing.ts';

interface Chain {
  spec: ChainSpec;
  state: ChainState;
  /** The extractor w [D] of a frozen chain; null where all of theta is trained. */
  fixed: Tensor1D | null;
  /** 1 on the extractor and 0 on the head, [n], where the head is held; else null. */
  mask: Tensor1D | null;
  eta: { value: number; tensor: Scalar } | null;
  proximal: Proximal | null;
  /** null: MAP. */
  sampling: Sampling | null;
  divergedAt: number;
}

interface Group {
  chains: Chain[];
  reader: BatchReader;
  /** What runs on a batch before and under the gradient: a frozen extractor (null once its features are kept), then the trained part. */
  before: AutodiffNetwork | null;
  trained: AutodiffNetwork;
}

export class AutodiffPopulation {
  readonly chains: Chain[] = [];
  readonly #groups: Group[] = [];
  readonly #spec: PopulationSpec;
  readonly #backing: Backing;
  readonly #gaussians: DeviceGaussians;
  readonly #maps: ProximalMaps;
  readonly #samplers: SamplerMaps;
  readonly #momentum: Scalar;
  readonly #clip: Scalar;
  #step: number;
  #watched = false;
  #begun = false;

  constructor(spec: PopulationSpec, data: LoadedData, backing: Backing, from?: PopulationState) {
    const { architecture, batch } = spec;
    const { extractor, total } = parameterTable(architecture);
    checkPixelTraining(spec, data.dataset);
    const network = new AutodiffNetwork(architecture, 'whole');
    backing.check([
      { what: 'the activations of a batch', bytes: 4 * (spec.objective ? 2 : 1) * batch * network.largest },
      { what: 'the parameters', bytes: 4 * total },
      { what: 'the covariance factor and the parameters of a prior', bytes: 4 * total * Math.max(1, ...spec.priors.map((prior) => prior.rank)) },
    ]);
    this.#spec = spec;
    this.#backing = backing;
    this.#gaussians = new DeviceGaussians(spec.priors, extractor, total);
    this.#maps = new ProximalMaps(this.#gaussians);
    this.#samplers = new SamplerMaps(this.#gaussians);
    this.#momentum = scalar(spec.momentum);
    this.#clip = scalar(spec.clip);
    this.#step = from?.step ?? 0;
    spec.chains.forEach((chain, i) => {
      const stand = from && { step: from.step, theta: from.theta[i]!, previous: from.previous[i]!, divergedAt: from.divergedAt[i]! };
      this.chains.push(newChain(chain, spec.starts[chain.start]!, extractor, this.#samplers.sampling(chain), stand));
    });
    for (const members of groupBySeed(spec.chains)) this.#groups.push(this.#group(members.map((i) => this.chains[i]!), data, network));
  }

  #group(chains: Chain[], data: LoadedData, whole: AutodiffNetwork): Group {
    const { architecture, augmentation, objective = null, batch } = this.#spec;
    const first = chains[0]!;
    const { indices, seed } = first.spec;
    const pixels = architecture.decoder && { weights: this.#spec.classWeights ?? null };
    const options = { data, indices, seed, batch, classes: architecture.classes, augmentation, objective, pixels };
    imagesOf(this.#spec, indices.length);
    if (!first.fixed || !architecture.head) return { chains, reader: new BatchReader(options, null), before: null, trained: whole };
    const before = new AutodiffNetwork(architecture, 'extractor');
    const features = augmentation ? null : featuresOf(data, indices, before, first.fixed);
    return { chains, reader: new BatchReader(options, features), before: features ? null : before, trained: new AutodiffNetwork(architecture, 'head') };
  }

  async advance(steps: number): Promise<Progress> {
    for (let k = 0; k < steps; k++) {
      if (this.#backing.failure) throw this.#backing.failure;
      if (this.#watched) this.#trainStep();
      else await this.#backing.watched('the first training step', async () => this.#trainStep());
      this.#watched = true;
    }
    return this.#report(steps);
  }

  #trainStep(): void {
    const step = this.#step++;
    // A population that goes on may do so within a block.
    if (step % BLOCK === 0 || !this.#begun) this.#beginBlock(step - (step % BLOCK));
    this.#begun = true;
    for (const group of this.#groups) {
      const alive = group.chains.filter((chain) => chain.divergedAt < 0);
      if (alive.length === 0) continue;
      tidy(() => {
        const batch = group.reader.read(step);
        const x = group.before ? group.before.apply(group.before.bind(alive[0]!.fixed!), batch.x) : batch.x;
        for (const chain of alive) this.#moveChain(chain, step, group.trained, x, batch.criterion);
      });
    }
  }

  #moveChain(chain: Chain, step: number, network: AutodiffNetwork, x: Tensor, criterion: Criterion): void {
    const { state } = chain;
    const next = tidy(() => {
      // A decoder reads maps that are not kept: its frozen extractor runs along, as what the gradient is not of.
      const whole = (theta: Tensor1D): Tensor1D => (chain.fixed && network.size > theta.size ? concat1d([chain.fixed, theta]) : theta);
      const logitsOf = (theta: Tensor1D | null): Tensor2D => network.apply(network.bind(theta ? whole(theta) : chain.fixed!), x);
      const loss = lossAndGradient(state.theta.size > 0 ? state.theta : null, logitsOf, criterion);
      return update(state, loss, this.#constants(chain, step));
    });
    for (const made of Object.values(next)) keep(made);
    dispose(Object.values(state));
    chain.state = next;
  }

  #constants({ spec, mask, eta, proximal, sampling }: Chain, step: number): StepConstants {
    const shared = { clip: this.#clip, eta: eta!.tensor, mask };
    if (!sampling) return { ...shared, kind: 'map', momentum: this.#momentum, proximal };
    const { kept, pull } = sampling;
    return { ...shared, kind: 'sampler', kept, pull, noise: this.#samplers.noise(spec, sampling, step, eta!.value) };
  }

  /** η, c and the K×K inverse of the next BLOCK steps; kept where no η has changed. */
  #beginBlock(step: number): void {
    const alive = this.chains.filter((chain) => chain.divergedAt < 0);
    const rates = alive.map((chain) => learningRate(chain.spec.schedule, step));
    if (alive.every((chain, i) => chain.eta?.value === rates[i])) return;
    this.#maps.renew();
    alive.forEach((chain, i) => {
      const value = rates[i]!;
      chain.eta?.tensor.dispose();
      chain.eta = { value, tensor: keep(scalar(value)) };
      chain.proximal = chain.sampling ? null : this.#maps.map(chain.spec, value);
    });
  }

  async #report(steps: number): Promise<Progress> {
    const tallies = tidy(() => stack(this.chains.map((chain) => chain.state.tally)));
    const values = await tallies.data<'float32'>();
    tallies.dispose();
    const nll = new Float32Array(this.chains.length);
    const accuracy = new Float32Array(this.chains.length);
    this.chains.forEach((chain, i) => {
      const [sumNll, sumAccuracy, sound] = values.subarray(3 * i, 3 * i + 3);
      nll[i] = sumNll! / Math.max(1, steps);
      accuracy[i] = sumAccuracy! / Math.max(1, steps);
      if (chain.divergedAt < 0 && sound! < this.#step) chain.divergedAt = sound!;
      chain.state.tally.dispose();
      chain.state.tally = tensor1d([0, 0, sound!]);
    });
    return { step: this.#step, nll, accuracy, divergedAt: Int32Array.from(this.chains, (chain) => chain.divergedAt) };
  }

  /** theta [D + H] of a chain, a new tensor. */
  theta(chain: number): Tensor1D {
    const { fixed, state } = this.chains[chain]!;
    return fixed ? concat1d([fixed, state.theta]) : state.theta.clone();
  }

  async save(): Promise<PopulationState> {
    const read = async (of: 'theta' | 'previous') => {
      const tensors = this.chains.map(({ fixed, state }) => (fixed ? concat1d([fixed, state[of]]) : state[of].clone()));
      const values: Float32Array[] = [];
      for (const tensor of tensors) values.push(await tensor.data<'float32'>());
      dispose(tensors);
      return values;
    };
    return { step: this.#step, theta: await read('theta'), previous: await read('previous'), divergedAt: Int32Array.from(this.chains, ({ divergedAt }) => divergedAt) };
  }

  dispose(): void {
    this.#maps.renew();
    this.#samplers.dispose();
    this.#gaussians.dispose();
    dispose([this.#momentum, this.#clip]);
    for (const group of this.#groups) group.reader.dispose();
    for (const { state, fixed, mask, eta } of this.chains) {
      dispose(Object.values(state));
      fixed?.dispose();
      mask?.dispose();
      eta?.tensor.dispose();
    }
  }
}

/** Where a chain stands that goes on: theta and the one before it [D + H]. */
interface Stand {
  step: number;
  theta: Float32Array;
  previous: Float32Array;
  divergedAt: number;
}

function newChain(spec: ChainSpec, start: Float32Array, extractor: number, sampling: Sampling | null, stand?: Stand): Chain {
  const from = spec.frozen ? extractor : 0;
  const trained = (stand?.theta ?? start).slice(from);
  const divergedAt = stand?.divergedAt ?? -1;
  return {
    spec,
    state: {
      theta: tensor1d(trained), previous: tensor1d((stand?.previous ?? start).slice(from)), alive: scalar(divergedAt < 0, 'bool'),
      tally: tensor1d([0, 0, divergedAt < 0 ? (stand?.step ?? 0) : divergedAt]),
    },
    fixed: spec.frozen ? tensor1d(start.slice(0, extractor)) : null,
    mask: spec.frozenHead ? tensor1d(trained.map((_, j) => (from + j < extractor ? 1 : 0))) : null,
    eta: null, proximal: null, sampling, divergedAt,
  };
}
