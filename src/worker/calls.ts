/** One compute worker as the pool sees it: calls become promises, and a death refuses everything that waits. */
import { fromFault, LabError } from '../core/errors.ts';
import type { ComputeCall, ComputeCalls, ComputePort, FromCompute, ToCompute } from './compute-protocol.ts';

interface Pending {
  resolve(body: unknown): void;
  reject(error: Error): void;
}

export class Calls {
  readonly #port: ComputePort;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #dead: Error | null = null;

  /** `onDeath` hears of a worker that dies by itself. */
  constructor(port: ComputePort, onDeath: (sentence: string) => void) {
    this.#port = port;
    port.onReply((message) => this.#receive(message));
    port.onDeath((sentence) => {
      if (this.#dead) return;
      this.end(new LabError('device', sentence));
      onDeath(sentence);
    });
  }

  /** Rejects with LabError carrying one sentence. */
  call<K extends ComputeCall>(call: K, body: ComputeCalls[K]['in']): Promise<ComputeCalls[K]['out']> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The reply to `id` carries the body of its call.
      this.#pending.set(id, { resolve: resolve as (body: unknown) => void, reject });
      this.#port.postMessage({ id, call, body } as ToCompute);
    });
  }

  end(reason: Error): void {
    if (this.#dead) return;
    this.#dead = reason;
    this.#port.terminate();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  #receive(message: FromCompute): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    this.#pending.delete(message.id);
    if ('fault' in message) pending.reject(fromFault(message.fault));
    else pending.resolve(message.body);
  }
}
