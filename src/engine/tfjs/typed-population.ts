/**
 * A population on typed arrays: the training steps of the contract (`typed-update.ts`), chain after chain, with no allocation of
 * our own in a step. Chains of one seed share a batch, and with it the first layer's patches; frozen chains share their features.
 */
import { parameterTable } from '../../model/build.ts';
import type { PopulationSpec, PopulationState, Progress } from '../contract.ts';
import { BatchOrder, groupBySeed } from '../batches.ts';
import { type LoadedData, readAugmented, readRows, readViews } from '../input.ts';
import { checkPixelTraining, readMaps } from '../pixels.ts';
import { imagesOf, type LossOfViews, lossOfViews } from '../view-losses.ts';
import { type Loss, TypedNetwork } from './network.ts';
import { featuresOf } from './typed-points.ts';
import { type Chain, TypedUpdate } from './typed-update.ts';

interface Group {
  chains: Chain[];
  order: BatchOrder;
  batch: number;
  positions: Uint32Array;
  rows: Uint32Array;
  labels: Uint16Array;
  /** [B, H·W] of a segmentation network; else empty. */
  maps: Uint8Array;
  /** [N, features] of a frozen extractor; null where the whole network is trained. */
  features: Float32Array | null;
  x: Float32Array;
  /** Images in x: twice the batch where views are compared. */
  images: number;
  /** null: the labels' NLL. */
  views: LossOfViews | null;
}

export class TypedPopulation {
  readonly chains: Chain[];
  readonly #groups: Group[];
  readonly #spec: PopulationSpec;
  readonly #data: LoadedData;
  readonly #networks = new Map<string, TypedNetwork>();
  readonly #update: TypedUpdate;
  readonly #grad: Float32Array;
  #step = 0;

  constructor(spec: PopulationSpec, data: LoadedData, from?: PopulationState) {
    checkPixelTraining(spec, data.dataset);
    const table = parameterTable(spec.architecture);
    this.#spec = spec;
    this.#data = data;
    this.#update = new TypedUpdate(spec, table.extractor, table.total);
    this.#grad = new Float32Array(table.total);
    this.chains = spec.chains.map((chain) => this.#update.chain(chain));
    this.#groups = groupBySeed(spec.chains).map((members) => this.#group(members.map((i) => this.chains[i]!)));
    if (from) this.#goOn(from);
  }

  #goOn({ step, theta, previous, divergedAt }: PopulationState): void {
    this.#step = step;
    this.chains.forEach((chain, i) => {
      chain.theta.set(theta[i]!);
      chain.previous.set(previous[i]!);
      chain.divergedAt = divergedAt[i]!;
    });
  }

  save(): PopulationState {
    return {
      step: this.#step, theta: this.chains.map(({ theta }) => theta.slice()), previous: this.chains.map(({ previous }) => previous.slice()),
      divergedAt: Int32Array.from(this.chains, ({ divergedAt }) => divergedAt),
    };
  }

  #group(chains: Chain[]): Group {
    const first = chains[0]!;
    const { indices, seed, frozen } = first.spec;
    const batch = Math.min(this.#spec.batch, indices.length);
    const { dataset } = this.#data;
    const { head, decoder } = this.#spec.architecture;
    const frozenHere = frozen && this.#spec.augmentation === null && head !== null;
    const features = frozenHere ? featuresOf(this.#spec.architecture, this.#data, first.theta, indices) : null;
    const width = features ? features.length / indices.length : dataset.height * dataset.width * dataset.channels;
    const { objective, architecture } = this.#spec;
    const images = imagesOf(this.#spec, indices.length);
    return {
      images, views: objective ? lossOfViews(objective, images, architecture.classes) : null,
      chains, batch, features, order: new BatchOrder(seed, indices), positions: new Uint32Array(batch),
      rows: new Uint32Array(batch), labels: new Uint16Array(batch), x: new Float32Array(images * width),
      maps: new Uint8Array(decoder ? batch * dataset.height * dataset.width : 0),
    };
  }

  #network(part: 'whole' | 'head', batch: number): TypedNetwork {
    const key = `${part} ${batch}`;
    let network = this.#networks.get(key);
    if (!network) this.#networks.set(key, (network = new TypedNetwork(this.#spec.architecture, part, batch, this.#spec.classWeights)));
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
        const network = this.#network(group.features ? 'head' : 'whole', group.images);
        let sameInput = false;
        for (const chain of group.chains) {
          if (chain.divergedAt >= 0) continue;
          const loss = this.#loss(network, group, chain, sameInput);
          sameInput = true;
          if (!Number.isFinite(loss.nll) || !this.#update.move(chain, this.#grad, this.#step)) {
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

  /** Of the group's batch at a chain's parameters, and its gradient. */
  #loss(network: TypedNetwork, { views, x, images, maps, labels, batch }: Group, { theta, spec: { frozen } }: Chain, sameInput: boolean): Loss {
    if (views) return network.gradientOf(views, theta, x, images, this.#grad, sameInput);
    if (network.task) return network.pixelLossAndGradient(theta, x, maps, batch, this.#grad, { sameInput, frozen });
    return network.lossAndGradient(theta, x, labels, batch, this.#grad, sameInput);
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
    if (group.maps.length > 0) readMaps(dataset, group.rows, 0, group.batch, group.maps);
    if (group.features) {
      const width = group.features.length / spec.indices.length;
      for (let i = 0; i < group.batch; i++) {
        const from = group.positions[i]! * width;
        for (let j = 0; j < width; j++) group.x[i * width + j] = group.features[from + j]!;
      }
    } else if (this.#spec.objective) {
      readViews(this.#data, group.rows, this.#spec.objective.views, spec.seed, this.#step, group.x);
    } else if (this.#spec.augmentation) {
      readAugmented(this.#data, group.rows, this.#spec.augmentation, spec.seed, this.#step, group.x);
    } else {
      readRows(this.#data, group.rows, 0, group.batch, group.x);
    }
  }
}
