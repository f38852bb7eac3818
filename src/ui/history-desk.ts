/**
 * The history's effects: the list of kept runs, what is done to one of them, and a kept run put on the page. Faults are a sentence in the dialog and
 * change nothing.
 */
import type { Result } from '../experiment/result.ts';
import { lookUp, note } from '../storage/preference.ts';
import type { RunEntry } from '../storage/runs/entry.ts';
import type { History } from '../storage/runs/store.ts';
import type { LabClient } from '../worker/client.ts';
import { saveBytes } from './charts/save.ts';
import { fileName } from './figures.ts';
import { type LabStore, sentenceOf } from './store.ts';

export interface HistoryState {
  /** null until it was read. */
  list: History | null;
  busy: boolean;
  fault: string | null;
  /** The run that was deleted last, while it can be taken back at once. */
  undo: RunEntry | null;
  /** Each run is kept with its prior. */
  withPrior: boolean;
}

const WITH_PRIOR = 'runs with prior';

export function openingHistory(): HistoryState {
  return { list: null, busy: false, fault: null, undo: null, withPrior: lookUp(WITH_PRIOR) === 'yes' };
}

export class HistoryDesk {
  readonly #store: LabStore;
  readonly #client: () => LabClient | null;
  /** Puts a run on the page. */
  readonly #show: (entry: RunEntry, result: Result) => void;

  constructor(store: LabStore, client: () => LabClient | null, show: (entry: RunEntry, result: Result) => void) {
    this.#store = store;
    this.#client = client;
    this.#show = show;
  }

  async list(): Promise<void> {
    await this.#work(async () => undefined);
  }

  /** The dialog is closed: what it said last is old. */
  closed(): void {
    this.#set({ fault: null, undo: null });
  }

  /** True when the run is on the page. */
  async open(id: string): Promise<boolean> {
    return this.#work(async (client) => {
      const { entry, result } = await client.request('openRun', { id });
      this.#show(entry, result);
    });
  }

  async rename(id: string, name: string, tags: string[]): Promise<boolean> {
    return this.#work((client) => client.request('changeRun', { id, name, tags }));
  }

  async remove(entry: RunEntry): Promise<void> {
    if (await this.#work((client) => client.request('removeRun', { id: entry.id }))) this.#set({ undo: entry });
  }

  async restore(id: string): Promise<void> {
    if (await this.#work((client) => client.request('restoreRun', { id }))) this.#set({ undo: null });
  }

  async empty(): Promise<void> {
    if (await this.#work((client) => client.request('emptyRuns', {}))) this.#set({ undo: null });
  }

  async save({ id, name, created }: RunEntry): Promise<void> {
    await this.#work(async (client) => {
      const { bytes } = await client.request('zipRun', { id });
      saveBytes(bytes, `${fileName(name)}-${created.slice(0, 16).replace(/\W/g, '')}.zip`, 'application/zip');
    });
  }

  async add(file: File): Promise<void> {
    await this.#work((client) => client.request('addRun', { file }));
  }

  keepPriors(withPrior: boolean): void {
    note(WITH_PRIOR, withPrior ? 'yes' : 'no');
    this.#set({ withPrior });
  }

  /** Does something and lists again; false, with a sentence, when it could not be done. */
  async #work(job: (client: LabClient) => Promise<unknown>): Promise<boolean> {
    const client = this.#client();
    if (!client) return false;
    this.#set({ busy: true, fault: null });
    let fault: string | null = null;
    try {
      await job(client);
    } catch (error) {
      fault = sentenceOf(error);
    }
    const list = await client.request('listRuns', {}).catch((error: unknown) => {
      fault ??= sentenceOf(error);
      return this.#store.getState().history.list;
    });
    this.#set({ busy: false, list, fault });
    return fault === null;
  }

  #set(change: Partial<HistoryState>): void {
    this.#store.setState(({ history }) => ({ history: { ...history, ...change } }));
  }
}
