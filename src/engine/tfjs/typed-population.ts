/**
 * A population on typed arrays: the training step of the contract, chain after chain, with no allocation of our own in
 * a step. Chains of one seed share a batch, and with it the first layer's patches; frozen chains share their features.
 */
import { ProximalStep } from '../../core/lowrank.ts';
import { learningRate } from '../../core/schedule.ts';
import { parameterTable } from '../../model/build.ts';
import type { ChainSpec, PopulationSpec, Progress } from '../contract.ts';
import { BatchOrder, BLOCK, groupBySeed } from '../batches.ts';
import { type LoadedData, readAugmented, readRows } from '../input.ts';
import { TypedNetwork } from './network.ts';

interface Chain {
  spec: ChainSpec;
  theta: Float32Array;
  previous: Float32Array;
  /** Shared by chains with the same prior and scale; prepared for this chain's c before each use. */
  proximal: ProximalStep | null;
  divergedAt: number;
}

interface Group {
  chains: Chain[];
  order: BatchOrder;
  batch: number;
  positions: Uint32Array;
  rows: Uint32Array;
  labels: Uint16Array;
  /** [N, features] of a frozen extractor; null where the whole network is trained. */
  features: Float32Array | null;
  x: Float32Array;
}

export class TypedPopulation {
  readonly chains: Chain[];
  readonly #groups: Group[];
  readonly #spec: PopulationSpec;
  readonly #data: LoadedData;
  readonly #networks = new Map<string, TypedNetwork>();
  readonly #extractor: number;
  readonly #total: number;
  readonly #grad: Float32Array;
  #step = 0;

  constructor(spec: PopulationSpec, data: LoadedData) {
    const table = parameterTable(spec.architecture);
    this.#spec = spec;
    this.#data = data;
    this.#extractor = table.extractor;
    this.#total = table.total;
    this.#grad = new Float32Array(table.total);
    const proximals = new Map<string, ProximalStep>();
    this.chains = spec.chains.map((chain) => {
      const theta = Float32Array.from(spec.starts[chain.start]!);
      return { spec: chain, theta, previous: theta.slice(), proximal: proximalOf(spec, chain, proximals), divergedAt: -1 };
    });
    this.#groups = groupBySeed(spec.chains).map((members) => this.#group(members.map((i) => this.chains[i]!)));
  }

  #group(chains: Chain[]): Group {
    const first = chains[0]!;
    const { indices, seed, frozen } = first.spec;
    const batch = Math.min(this.#spec.batch, indices.length);
    const { dataset } = this.#data;
    const frozenHere = frozen && this.#spec.augmentation === null && this.#spec.architecture.head !== null;
    const features = frozenHere ? this.#features(first) : null;
    const width = features ? features.length / indices.length : dataset.height * dataset.width * dataset.channels;
    return {
      chains, batch, features, order: new BatchOrder(seed, indices), positions: new Uint32Array(batch),
      rows: new Uint32Array(batch), labels: new Uint16Array(batch), x: new Float32Array(batch * width),
    };
  }

  /** Features [N, F] of the rows a frozen chain trains on. */
  #features(chain: Chain): Float32Array {
    const { indices } = chain.spec;
    const { dataset } = this.#data;
    const chunk = 64;
    const network = this.#network('extractor', chunk);
    const out = new Float32Array(indices.length * network.outputs);
    const x = new Float32Array(chunk * dataset.height * dataset.width * dataset.channels);
    for (let from = 0; from < indices.length; from += chunk) {
      const count = Math.min(chunk, indices.length - from);
      readRows(this.#data, indices, from, count, x);
      out.set(network.forward(chain.theta, x, count).subarray(0, count * network.outputs), from * network.outputs);
    }
    return out;
  }

  #network(part: 'whole' | 'extractor' | 'head', batch: number): TypedNetwork {
    const key = `${part} ${batch}`;
    let network = this.#networks.get(key);
    if (!network) this.#networks.set(key, (network = new TypedNetwork(this.#spec.architecture, part, batch)));
    return network;
  }

  advance(steps: number): Progress {
    const count = this.chains.length;
    const nll = new Float32Array(count);
    const accuracy = new Float32Array(count);
    const place = new Map(this.chains.map((chain, i) => [chain, i]));
    for (let k = 0; k < steps; k++, this.#step++) {
      for (const group of this.#groups) {
        if (group.chains.every((chain) => chain.divergedAt >= 0)) continue;
        this.#readBatch(group);
        const network = this.#network(group.features ? 'head' : 'whole', group.batch);
        let sameInput = false;
        for (const chain of group.chains) {
          if (chain.divergedAt >= 0) continue;
          const loss = network.lossAndGradient(chain.theta, group.x, group.labels, group.batch, this.#grad, sameInput);
          sameInput = true;
          if (!Number.isFinite(loss.nll) || !this.#update(chain)) {
            chain.divergedAt = this.#step;
            continue;
          }
          const i = place.get(chain)!;
          nll[i]! += loss.nll / steps;
          accuracy[i]! += loss.accuracy / steps;
        }
      }
    }
    return { step: this.#step, nll, accuracy, divergedAt: Int32Array.from(this.chains, (chain) => chain.divergedAt) };
  }

  #readBatch(group: Group): void {
    const { spec } = group.chains[0]!;
    const { dataset } = this.#data;
    group.order.positions(this.#step, group.positions);
    for (let i = 0; i < group.batch; i++) {
      const row = spec.indices[group.positions[i]!]!;
      group.rows[i] = row;
      group.labels[i] = dataset.labels[row]!;
    }
    if (group.features) {
      const width = group.features.length / spec.indices.length;
      for (let i = 0; i < group.batch; i++) {
        const from = group.positions[i]! * width;
        for (let j = 0; j < width; j++) group.x[i * width + j] = group.features[from + j]!;
      }
    } else if (this.#spec.augmentation) {
      readAugmented(this.#data, group.rows, this.#spec.augmentation, spec.seed, this.#step, group.x);
    } else {
      readRows(this.#data, group.rows, 0, group.batch, group.x);
    }
  }

  /** One step of the contract from this.#grad; false, and theta as before, when it became non-finite. */
  #update(chain: Chain): boolean {
    const { momentum, clip } = this.#spec;
    const { spec, theta, previous } = chain;
    const grad = this.#grad;
    const from = spec.frozen ? this.#extractor : 0;
    let square = 0;
    for (let j = from; j < this.#total; j++) square += grad[j]! * grad[j]!;
    const norm = Math.sqrt(square);
    if (!Number.isFinite(norm)) return false;
    const eta = learningRate(spec.schedule, this.#step - (this.#step % BLOCK));
    const gain = norm > clip ? (eta * clip) / norm : eta;
    for (let j = from; j < this.#total; j++) {
      const now = theta[j]!;
      theta[j] = now + momentum * (now - previous[j]!) - gain * grad[j]!;
      previous[j] = now;
    }
    if (chain.proximal && !spec.frozen) chain.proximal.prepare(eta / spec.indices.length).apply(theta, theta);
    const shrink = 1 / (1 + (eta * spec.headStrength) / spec.indices.length);
    for (let j = this.#extractor; j < this.#total; j++) theta[j]! *= shrink;
    let sum = 0;
    for (let j = from; j < this.#total; j++) sum += theta[j]! * 0;
    if (sum === 0) return true;
    theta.set(previous);
    return false;
  }
}

function proximalOf(spec: PopulationSpec, chain: ChainSpec, made: Map<string, ProximalStep>): ProximalStep | null {
  if (!chain.prior) return null;
  const { gaussian, scale, floor } = chain.prior;
  // c = η/N is part of the key, so that a shared object is prepared once a block and not once a chain.
  const key = JSON.stringify([gaussian, scale, floor, chain.schedule, chain.indices.length]);
  let proximal = made.get(key);
  if (!proximal) made.set(key, (proximal = new ProximalStep({ gaussian: spec.priors[gaussian]!, scale, floor })));
  return proximal;
}
