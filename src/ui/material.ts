/** What a visitor brings along and takes away: data sets and prior files, to and from the worker. A fault is one sentence where it belongs and changes nothing else. */
import { LabError } from '../core/errors.ts';
import { GLYPHS } from '../experiment/config/config.ts';
import type { Note } from '../data/import/contract.ts';
import type { LabClient } from '../worker/client.ts';
import type { DatasetSummary, Requests } from '../worker/protocol.ts';
import { type Attachments, readBytes } from './attachments.ts';
import type { Imported } from './importing.ts';
import { OPENING_PRESET } from './link.ts';
import { nameInAddress, priorAt } from './priors/opening.ts';
import { edited, type Edits, withData } from './settings/edit.ts';
import { asked, type LabState, type LabStore, type Role, ROLES, sentenceOf } from './store.ts';

/** Bytes of a file of weights: larger ones are refused before they are read. */
const MOST_WEIGHTS = 2 ** 29;

/** What can be saved of a prior. */
export type Leaving = 'prior' | 'bundle' | 'bundle with images';

export class Material {
  readonly #store: LabStore;
  readonly #attachments: Attachments;
  readonly #client: () => LabClient | null;
  /** For changes that address and previews follow. */
  readonly #settle: (change: Partial<LabState>) => void;
  #imports = 0;

  constructor(store: LabStore, attachments: Attachments, client: () => LabClient | null, settle: (change: Partial<LabState>) => void) {
    this.#store = store;
    this.#attachments = attachments;
    this.#client = client;
    this.#settle = settle;
  }

  /** Settled data become the data of their role. */
  added({ role, origin, choices, summary, notes }: Imported): void {
    this.#attachments.keep(summary.name, { origin, choices });
    if ('hub' in origin) void this.listKept();
    this.#show(role, summary, notes);
  }

  /** What is kept on this machine, for the lists of data. */
  async listKept(): Promise<void> {
    const kept = await this.#client()?.request('keptData', {}).catch(() => null);
    if (!kept) return;
    this.#set({ kept: kept.kept, room: kept.room });
    // A fresh worker needs no network for what is here.
    for (const { name } of kept.kept) if (this.#get().datasets.some(({ summary }) => summary.name === name)) this.#attachments.keep(name, { kept: name });
  }

  /** A kept data set becomes the data of a role. Rejects with a sentence, and what is kept is listed anew. */
  async useKept(role: Role, name: string): Promise<void> {
    const client = this.#client();
    if (!client) return;
    try {
      const summary = await client.request('useKept', { data: name });
      this.#attachments.keep(name, { kept: name });
      this.#show(role, summary, []);
    } catch (error) {
      await this.listKept();
      throw error;
    }
  }

  /** A kept data set is there again, as the settings already have it. Rejects with a sentence. */
  async bring(name: string): Promise<void> {
    const summary = await this.#client()?.request('useKept', { data: name });
    if (!summary) return;
    this.#attachments.keep(name, { kept: name });
    this.#set({ datasets: this.#with(summary, []) });
  }

  /** The copy goes; what is in use stays until the page is closed. */
  async removeKept(name: string): Promise<void> {
    await this.#client()?.request('removeKept', { data: name });
    await this.listKept();
  }

  #show(role: Role, summary: DatasetSummary, notes: Note[]): void {
    this.#settle({ datasets: this.#with(summary, notes), settings: withData(this.#get().settings, role, summary.name, OPENING_PRESET, summary.mapped) });
  }

  #with(summary: DatasetSummary, notes: Note[]): LabState['datasets'] {
    const { datasets } = this.#get();
    const version = 1 + Math.max(0, ...datasets.map((one) => one.version));
    return [...datasets.filter((one) => one.summary.name !== summary.name), { summary, version, notes }];
  }

  /** Takes an added data set away; roles that had it go back to the glyphs. Rejects with a sentence. */
  async forgetData(data: string): Promise<void> {
    await this.#client()?.request('forgetData', { data });
    this.#attachments.forget(data);
    const { datasets, settings } = this.#get();
    const changes: Edits = {};
    for (const role of ROLES) if (settings.config[`${role}.data`] === data) Object.assign(changes, { [`${role}.data`]: GLYPHS, [`${role}.classes`]: [] });
    this.#settle({ datasets: datasets.filter(({ summary }) => summary.name !== data), settings: edited(settings, changes) });
  }

  /** Chosen classes follow their new names. Rejects with a sentence. */
  async renameClasses(data: string, classNames: string[]): Promise<void> {
    const before = this.#get().datasets.find(({ summary }) => summary.name === data)?.summary.classNames;
    const client = this.#client();
    if (!client || !before) return;
    const summary = await client.request('renameClasses', { data, classNames });
    const { datasets, settings } = this.#get();
    const renamed = (name: string) => summary.classNames[before.indexOf(name)] ?? name;
    const changes: Edits = {};
    for (const role of ROLES) if (settings.config[`${role}.data`] === data) changes[`${role}.classes`] = settings.config[`${role}.classes`].map(renamed);
    this.#settle({ datasets: datasets.map((one) => (one.summary.name === data ? { ...one, summary } : one)), settings: edited(settings, changes) });
  }

  /** A prior of the shelf, of the Hub or behind a link (prior/remote.ts); a fault stands where faults of prior files do. The page's address then names it. */
  async openPrior(address: string): Promise<void> {
    this.#set({ priorBusy: true, priorFault: null });
    try {
      await this.importPrior(await priorAt(address), address);
    } catch (error) {
      this.#set({ priorFault: sentenceOf(error) });
    }
    this.#set({ priorBusy: false });
  }

  /** `address`: what it was opened by, where it was no file of the visitor's. */
  async importPrior(file: File, address: string | null = null): Promise<void> {
    const client = this.#client();
    if (!client) return;
    this.#set({ priorBusy: true, priorFault: null });
    try {
      const summary = await client.request('importPrior', { bytes: await readBytes(file), name: file.name });
      this.#attachments.prior = file;
      this.#set({ imported: { file: file.name, id: `${++this.#imports}`, summary } });
      nameInAddress(address);
    } catch (error) {
      this.#set({ priorFault: sentenceOf(error) });
    }
    this.#set({ priorBusy: false });
  }

  async forgetPrior(): Promise<void> {
    try {
      await this.#client()?.request('forgetPrior', {});
      this.#attachments.prior = null;
      this.#set({ imported: null, priorFault: null });
      nameInAddress(null);
    } catch (error) {
      this.#set({ priorFault: sentenceOf(error) });
    }
  }

  /** Bytes of a prior file or a bundle; null with a sentence in the store when there is none. */
  async exportPrior(what: Leaving = 'prior'): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const client = this.#client();
      const answer = await (what === 'prior' ? client?.request('exportPrior', {}) : client?.request('exportBundle', { config: asked(this.#get()), images: what === 'bundle with images' }));
      this.#set({ priorFault: null });
      return answer ? new Uint8Array(answer.bytes) : null;
    } catch (error) {
      this.#set({ priorFault: sentenceOf(error) });
      return null;
    }
  }

  /** An arm's network as a file; null when something newer took its place. Rejects with a sentence. */
  async exportModel({ withSamples, ...of }: Omit<Requests['exportModel']['in'], 'samples'> & { withSamples: boolean }): Promise<Uint8Array<ArrayBuffer> | null> {
    const answer = await this.#client()?.request('exportModel', { ...of, samples: withSamples ? asked(this.#get()) : null });
    return answer ? new Uint8Array(answer.bytes) : null;
  }

  /** Weights from elsewhere on a seed's test images. Rejects with a sentence. */
  async scoreWeights(file: File, seed: number): Promise<Requests['scoreWeights']['out'] | null> {
    if (file.size > MOST_WEIGHTS) throw new LabError('file', `The file “${file.name}” has ${Math.round(file.size / 2 ** 20)} MiB, more than the weights of any network here; choose the .safetensors file of one network.`);
    return (await this.#client()?.request('scoreWeights', { bytes: await readBytes(file), file: file.name, seed })) ?? null;
  }

  #get(): LabState {
    return this.#store.getState();
  }

  #set(change: Partial<LabState>): void {
    this.#store.setState(change);
  }
}
