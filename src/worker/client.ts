/**
 * The page's end of the lab worker: requests become promises, events go to listeners, and a worker that dies is
 * reported once, with every open request refused, so that the page can offer a fresh one.
 */
import { fromFault } from '../core/errors.ts';
import type { LabEvent } from '../experiment/events.ts';
import type { DataProgress, FromWorker, RequestKind, Requests, ToWorker } from './protocol.ts';

interface Pending {
  resolve(body: unknown): void;
  reject(error: Error): void;
}

export class LabClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(event: LabEvent) => void>();
  readonly #settlingListeners = new Set<(progress: DataProgress) => void>();
  readonly #crashListeners = new Set<(message: string) => void>();
  #nextId = 1;
  #dead: Error | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.addEventListener('message', (message: MessageEvent<FromWorker>) => this.#receive(message.data));
    worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#crash(`The lab's worker stopped (${event.message || 'it could not be loaded'}); start it again, what is on the page stays.`);
    });
  }

  /** Sends one request; rejects with LabError (or Error) carrying one sentence. */
  request<K extends RequestKind>(kind: K, body: Requests[K]['in']): Promise<Requests[K]['out']> {
    if (this.#dead) return Promise.reject(this.#dead);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The worker answers request `id` with the reply of its kind, so the unchecked body is the right one.
      this.#pending.set(id, { resolve: resolve as (body: unknown) => void, reject });
      this.#worker.postMessage({ id, kind, body } as ToWorker);
    });
  }

  onEvent(listener: (event: LabEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How far settling data has come. */
  onSettling(listener: (progress: DataProgress) => void): () => void {
    this.#settlingListeners.add(listener);
    return () => this.#settlingListeners.delete(listener);
  }

  onCrash(listener: (message: string) => void): () => void {
    this.#crashListeners.add(listener);
    return () => this.#crashListeners.delete(listener);
  }

  /** Ends the worker and everything it runs. */
  terminate(): void {
    this.#worker.terminate();
    this.#refuseAll(new Error('The lab was closed.'));
  }

  #receive(message: FromWorker): void {
    if ('event' in message) {
      for (const listener of this.#listeners) listener(message.event);
      return;
    }
    if ('settling' in message) {
      for (const listener of this.#settlingListeners) listener(message.settling);
      return;
    }
    const pending = this.#pending.get(message.reply);
    if (!pending) return;
    this.#pending.delete(message.reply);
    if ('fault' in message) pending.reject(fromFault(message.fault));
    else pending.resolve(message.body);
  }

  #crash(sentence: string): void {
    if (this.#dead) return;
    this.#worker.terminate();
    this.#refuseAll(new Error(sentence));
    for (const listener of this.#crashListeners) listener(sentence);
  }

  #refuseAll(error: Error): void {
    this.#dead = error;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}

export function startLab(): LabClient {
  return new LabClient(new Worker(new URL('./lab.worker.ts', import.meta.url), { type: 'module', name: 'lab' }));
}
