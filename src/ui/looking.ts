/** What the data dialog and the embedding's map ask of the worker. Rejects with a sentence; null when there is no worker or the work gave way to something newer. */
import { LabError } from '../core/errors.ts';
import type { Encoder } from '../experiment/embedding/embedding-result.ts';
import type { LabClient } from '../worker/client.ts';
import type { Requests } from '../worker/protocol.ts';
import { asked, isHere, type LabStore, NOT_HERE, type Role } from './store.ts';

export class Looking {
  readonly #store: LabStore;
  readonly #client: () => LabClient | null;

  constructor(store: LabStore, client: () => LabClient | null) {
    this.#store = store;
    this.#client = client;
  }

  async look(role: Role): Promise<Requests['lookAtData']['out'] | null> {
    return this.#client()?.request('lookAtData', this.#about(role)) ?? null;
  }

  async duplicates(role: Role): Promise<Requests['findDuplicates']['out'] | null> {
    return this.#client()?.request('findDuplicates', this.#about(role)) ?? null;
  }

  async block(role: Role, which: Omit<Requests['dataBlock']['in'], 'role' | 'config'>): Promise<Requests['dataBlock']['out'] | null> {
    return this.#client()?.request('dataBlock', { ...this.#about(role), ...which }) ?? null;
  }

  async suspects(): Promise<Requests['findSuspects']['out']> {
    return this.#ofRun()?.request('findSuspects', {}) ?? null;
  }

  async pixels(seed: number): Promise<Requests['drawPixels']['out']> {
    return this.#ofRun()?.request('drawPixels', { seed }) ?? null;
  }

  /** The embedding's map by UMAP. */
  async unfold(encoder: Encoder): Promise<Requests['unfold']['out']> {
    return this.#ofRun()?.request('unfold', { encoder }) ?? null;
  }

  async stopUnfolding(): Promise<void> {
    await this.#client()?.request('stopCut', {});
  }

  async embeddingTiles(rows: Uint32Array): Promise<Requests['embeddingTiles']['out']> {
    return isHere(this.#store.getState()) ? this.#client()?.request('embeddingTiles', { rows }) ?? null : null;
  }

  /** To ask about the run that is shown. Throws a sentence where the worker does not hold it. */
  #ofRun(): LabClient | null {
    if (!isHere(this.#store.getState())) throw new LabError('config', NOT_HERE);
    return this.#client();
  }

  #about(role: Role) {
    return { role, config: asked(this.#store.getState()) };
  }
}
