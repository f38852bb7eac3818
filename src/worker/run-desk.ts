/** The lab worker's side of the history: finished runs go to the store, and what is asked of the list is done there. A run that cannot be kept is a sentence, not a fault of the run. */
import type { Result } from '../experiment/result.ts';
import type { Posterior } from '../posterior/posterior.ts';
import { encodePrior } from '../prior/file.ts';
import type { RunEntry } from '../storage/runs/entry.ts';
import { type History, RunStore } from '../storage/runs/store.ts';

export class RunDesk {
  readonly #store: RunStore;

  constructor(store = new RunStore()) {
    this.#store = store;
  }

  /** `posterior`: to be kept with it. */
  async keep(result: Result, posterior: Posterior | null): Promise<{ kept: string | null; unkept: string | null }> {
    try {
      const entry = await this.#store.keep(result, posterior && await encodePrior(posterior));
      return { kept: entry?.id ?? null, unkept: null };
    } catch (error) {
      return { kept: null, unkept: error instanceof Error ? error.message : String(error) };
    }
  }

  list(): Promise<History> {
    return this.#store.list();
  }

  open(id: string): Promise<{ entry: RunEntry; result: Result }> {
    return this.#store.open(id);
  }

  async change({ id, ...change }: { id: string; name?: string; tags?: string[] }): Promise<null> {
    await this.#store.change(id, change);
    return null;
  }

  async remove(id: string): Promise<null> {
    await this.#store.remove(id);
    return null;
  }

  async restore(id: string): Promise<null> {
    await this.#store.restore(id);
    return null;
  }

  async empty(): Promise<null> {
    await this.#store.empty();
    return null;
  }

  async zip(id: string): Promise<{ bytes: Uint8Array<ArrayBuffer> }> {
    return { bytes: await this.#store.zip(id) };
  }

  async add(file: Blob): Promise<RunEntry> {
    return this.#store.add(new Uint8Array(await file.arrayBuffer()));
  }
}
