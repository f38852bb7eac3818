/**
 * An engine spread over compute workers, one a core: chains of a population and points of a surface are dealt out and
 * the answers put together in their order. What it computes does not depend on the number of workers.
 */
import { LabError } from '../core/errors.ts';
import type { Dataset, Normalisation } from '../data/dataset.ts';
import type { DataRef, Engine, EngineInfo, Evaluation, GradientLabels, PointRequest, Points, Population, PopulationSpec, PopulationState, Progress } from '../engine/contract.ts';
import { emptyEvaluation, place } from '../engine/evaluation.ts';
import { pointCount, slicePoints } from '../engine/points.ts';
import type { Architecture } from '../model/architecture.ts';
import { Calls } from './calls.ts';
import type { ComputePort } from './compute-protocol.ts';
import { deal, shardSpec, shardState } from './shards.ts';

export class Pool implements Engine {
  readonly info: EngineInfo;
  readonly #workers: Calls[];
  #nextId = 1;

  private constructor(workers: Calls[], backend: 'wasm' | 'cpu') {
    this.#workers = workers;
    this.info = { engine: 'tfjs', backend, adapter: null, software: false, workers: workers.length };
  }

  /**
   * Starts `count` workers on a backend. Rejects with LabError when one of them cannot start; `onFatal` hears of one that
   * dies later, after which this pool computes nothing more.
   */
  static async open(count: number, backend: 'wasm' | 'cpu', spawn: () => ComputePort, onFatal: (sentence: string) => void = () => undefined): Promise<Pool> {
    let opened = false;
    const workers = Array.from({ length: count }, () => new Calls(spawn(), (sentence) => {
      if (opened) onFatal(sentence);
    }));
    try {
      await Promise.all(workers.map((worker) => worker.call('open', { backend })));
    } catch (error) {
      for (const worker of workers) worker.end(new LabError('device', 'The engine could not be started.'));
      throw error;
    }
    opened = true;
    return new Pool(workers, backend);
  }

  async load(dataset: Dataset, normalisation: Normalisation): Promise<DataRef> {
    const id = this.#nextId++;
    await this.#all((worker) => worker.call('load', { data: id, dataset, normalisation }));
    return { id };
  }

  async unload(data: DataRef): Promise<void> {
    await this.#all((worker) => worker.call('unload', { data: data.id }));
  }

  async populate(spec: PopulationSpec, from?: PopulationState): Promise<Population> {
    const population = this.#nextId++;
    const shards = deal(spec.chains, this.#workers.length).map((chains, w) => ({ chains, worker: this.#workers[w]! }));
    await Promise.all(shards.map(({ chains, worker }) => worker.call('populate', { population, data: spec.data.id, spec: shardSpec(spec, chains), ...(from ? { from: shardState(from, chains) } : {}) })));
    return new Spread(population, spec, shards);
  }

  async evaluate(request: { architecture: Architecture; data: DataRef; indices: Uint32Array; points: Points; logits: boolean }): Promise<Evaluation> {
    const { data, points, ...rest } = request;
    const count = pointCount(points);
    const whole = emptyEvaluation(count, { logits: request.logits, pixels: request.architecture.decoder !== undefined });
    await this.#shares(count, async (worker, from, to) => {
      const part = await worker.call('evaluatePoints', { ...rest, data: data.id, points: slicePoints(points, from, to) });
      place(whole, part, (i) => from + i);
    });
    return whole;
  }

  /** Every worker takes a share of the rows, and their sums are added up: the same numbers but for the last digits of float64. */
  async squaredGradients({ data, indices, ...rest }: PointRequest & { labels: GradientLabels }): Promise<Float64Array[]> {
    const parts = await this.#shares(indices.length, (worker, from, to) => worker.call('squaredGradients', { ...rest, data: data.id, indices: indices.slice(from, to) }));
    const [whole = [], ...others] = parts;
    for (const part of others) part.forEach((squares, t) => squares.forEach((square, j) => (whole[t]![j]! += square)));
    return whole;
  }

  async features({ data, thetas, ...rest }: PointRequest): Promise<Float32Array[]> {
    return (await this.#shares(thetas.length, (worker, from, to) => worker.call('features', { ...rest, data: data.id, thetas: thetas.slice(from, to) }))).flat();
  }

  async dispose(): Promise<void> {
    for (const worker of this.#workers) worker.end(new LabError('device', 'The engine was closed.'));
  }

  /** Of `count` things, [from, to) to each worker; the answers in their order. */
  async #shares<T>(count: number, ask: (worker: Calls, from: number, to: number) => Promise<T>): Promise<T[]> {
    const share = Math.max(1, Math.ceil(count / this.#workers.length));
    const busy = this.#workers.slice(0, Math.ceil(count / share));
    return Promise.all(busy.map((worker, w) => ask(worker, w * share, Math.min(count, (w + 1) * share))));
  }

  async #all(call: (worker: Calls) => Promise<unknown>): Promise<void> {
    await Promise.all(this.#workers.map(call));
  }
}

interface Shard {
  /** Chain numbers of the whole population. */
  chains: number[];
  worker: Calls;
}

class Spread implements Population {
  readonly chains: number;
  readonly waves = 1;
  readonly #id: number;
  /** Its networks segment. */
  readonly #pixels: boolean;
  readonly #shards: Shard[];
  /** Where chain i lives. */
  readonly #home: { shard: Shard; place: number }[] = [];

  constructor(id: number, { chains, architecture }: PopulationSpec, shards: Shard[]) {
    this.chains = chains.length;
    this.#pixels = architecture.decoder !== undefined;
    this.#id = id;
    this.#shards = shards;
    for (const shard of shards) shard.chains.forEach((chain, place) => (this.#home[chain] = { shard, place }));
  }

  async advance(steps: number): Promise<Progress> {
    const whole: Progress = { step: 0, nll: new Float32Array(this.chains), accuracy: new Float32Array(this.chains), divergedAt: new Int32Array(this.chains) };
    await Promise.all(this.#shards.map(async ({ chains, worker }) => {
      const part = await worker.call('advance', { population: this.#id, steps });
      whole.step = part.step;
      chains.forEach((chain, place) => {
        whole.nll[chain] = part.nll[place]!;
        whole.accuracy[chain] = part.accuracy[place]!;
        whole.divergedAt[chain] = part.divergedAt[place]!;
      });
    }));
    return whole;
  }

  async evaluate(request: { data: DataRef; indices: Uint32Array[]; items: { chain: number; rows: number }[]; logits: boolean }): Promise<Evaluation> {
    const { data, items, ...rest } = request;
    const whole = emptyEvaluation(items.length, { logits: request.logits, pixels: this.#pixels });
    const places = items.map((_, i) => i);
    await Promise.all(this.#shards.map(async (shard) => {
      const own = places.filter((i) => this.#home[items[i]!.chain]!.shard === shard);
      if (own.length === 0) return;
      const mine = own.map((i) => ({ chain: this.#home[items[i]!.chain]!.place, rows: items[i]!.rows }));
      const part = await shard.worker.call('evaluateChains', { ...rest, population: this.#id, data: data.id, items: mine });
      place(whole, part, (i) => own[i]!);
    }));
    return whole;
  }

  async parameters(chains: number[]): Promise<Float32Array[]> {
    const out: Float32Array[] = [];
    await Promise.all(this.#shards.map(async (shard) => {
      const own = chains.flatMap((chain, i) => (this.#home[chain]!.shard === shard ? [i] : []));
      if (own.length === 0) return;
      const part = await shard.worker.call('parameters', { population: this.#id, chains: own.map((i) => this.#home[chains[i]!]!.place) });
      own.forEach((i, k) => (out[i] = part[k]!));
    }));
    return out;
  }

  async save(): Promise<PopulationState> {
    const whole: PopulationState = { step: 0, theta: [], previous: [], divergedAt: new Int32Array(this.chains) };
    await Promise.all(this.#shards.map(async ({ chains, worker }) => {
      const part = await worker.call('save', { population: this.#id });
      whole.step = part.step;
      chains.forEach((chain, place) => {
        whole.theta[chain] = part.theta[place]!;
        whole.previous[chain] = part.previous[place]!;
        whole.divergedAt[chain] = part.divergedAt[place]!;
      });
    }));
    return whole;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#shards.map(({ worker }) => worker.call('dispose', { population: this.#id })));
  }
}
