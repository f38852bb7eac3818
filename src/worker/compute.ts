/** A compute worker's side of the protocol: answers calls with one engine, which it opens when asked. */
import { LabError, toFault } from '../core/errors.ts';
import type { DataRef, Engine, Population } from '../engine/contract.ts';
import type { ComputeCall, ComputeCalls, FromCompute, ToCompute } from './compute-protocol.ts';

type Handlers = { [K in ComputeCall]: (body: ComputeCalls[K]['in']) => Promise<ComputeCalls[K]['out']> };

export class Compute {
  readonly #open: (backend: 'wasm' | 'cpu') => Promise<Engine>;
  readonly #data = new Map<number, DataRef>();
  readonly #populations = new Map<number, Population>();
  #engine: Engine | null = null;

  constructor(open: (backend: 'wasm' | 'cpu') => Promise<Engine>) {
    this.#open = open;
  }

  async answer({ id, call, body }: ToCompute): Promise<FromCompute> {
    try {
      // The union pairs every call with its own body.
      const handler = this.#handlers[call] as (body: unknown) => Promise<ComputeCalls[ComputeCall]['out']>;
      return { id, body: await handler(body) };
    } catch (error) {
      return { id, fault: toFault(error) };
    }
  }

  readonly #handlers: Handlers = {
    open: async ({ backend }) => {
      this.#engine = await this.#open(backend);
      return null;
    },
    load: async ({ data, dataset, normalisation }) => {
      this.#data.set(data, await this.#running().load(dataset, normalisation));
      return null;
    },
    unload: async ({ data }) => {
      const ref = this.#dataset(data);
      this.#data.delete(data);
      await this.#running().unload(ref);
      return null;
    },
    populate: async ({ population, data, spec, from }) => {
      this.#populations.set(population, await this.#running().populate({ ...spec, data: this.#dataset(data) }, from));
      return null;
    },
    advance: async ({ population, steps }) => this.#population(population).advance(steps),
    evaluateChains: async ({ population, data, ...request }) => this.#population(population).evaluate({ ...request, data: this.#dataset(data) }),
    parameters: async ({ population, chains }) => this.#population(population).parameters(chains),
    save: async ({ population }) => this.#population(population).save(),
    dispose: async ({ population }) => {
      const held = this.#population(population);
      this.#populations.delete(population);
      await held.dispose();
      return null;
    },
    evaluatePoints: async ({ data, ...request }) => this.#running().evaluate({ ...request, data: this.#dataset(data) }),
    squaredGradients: async ({ data, ...request }) => this.#running().squaredGradients({ ...request, data: this.#dataset(data) }),
    features: async ({ data, ...request }) => this.#running().features({ ...request, data: this.#dataset(data) }),
  };

  #running(): Engine {
    if (!this.#engine) throw new LabError('device', 'The compute worker has no engine yet; start the lab again.');
    return this.#engine;
  }

  #dataset(id: number): DataRef {
    const ref = this.#data.get(id);
    if (!ref) throw new LabError('data', 'The engine no longer holds this data set; run the stage again.');
    return ref;
  }

  #population(id: number): Population {
    const population = this.#populations.get(id);
    if (!population) throw new LabError('device', 'The engine no longer holds this population; run the stage again.');
    return population;
  }
}

/** Buffers in a reply that the worker does not need any more: moved, not copied. */
export function transferables(message: FromCompute): ArrayBuffer[] {
  if (!('body' in message) || message.body === null) return [];
  const { body } = message;
  const arrays = Array.isArray(body) ? body
    : 'theta' in body ? [...body.theta, ...body.previous]
    : 'finite' in body ? [body.nll, body.accuracy, body.finite, ...(body.logits ?? [])]
    : [body.nll, body.accuracy, body.divergedAt];
  return [...new Set(arrays.map((array) => array.buffer))].filter((buffer) => buffer instanceof ArrayBuffer);
}
