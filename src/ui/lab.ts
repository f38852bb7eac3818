/**
 * The page's effects: it starts the worker, sends what the visitor asks for, and lets the events into the store, a few
 * updates a second however fast they come. The worker may die; what was drawn stays, and `restart` makes a fresh one
 * with the same data and prior.
 */
import { LabError } from '../core/errors.ts';
import { stem } from '../data/idx.ts';
import type { LabEvent } from '../experiment/events.ts';
import type { PresetName } from '../experiment/presets.ts';
import type { SettingKey } from '../experiment/settings.ts';
import { type LabClient, startLab } from '../worker/client.ts';
import type { BackendChoice } from '../worker/protocol.ts';
import { writeLink } from './link.ts';
import { emptyPicture, reduce, stopped } from './reduce.ts';
import { chosen, edited, type Edits, unedited } from './settings/edit.ts';
import type { Basis } from './stale.ts';
import { basisOf, type LabState, type LabStore, type Role, type RoleData, ROLES } from './store.ts';

/** Least time between two updates of the picture, ms: drawing takes from the same cores as learning. */
const PICTURE_PAUSE = 120;

/** A pause in typing before a preview is asked for, ms. */
const TYPING = 250;

export class Lab {
  readonly store: LabStore;
  readonly #start: () => LabClient;
  #client: LabClient | null = null;
  /** Counts workers, so that the answers of an old one change nothing. */
  #generation = 0;
  #events: LabEvent[] = [];
  #waiting = false;
  #flushedAt = 0;
  /** What the run under way depends on, until its first picture is drawn. */
  #pending: Basis | null = null;
  /** The files behind added data and prior, to give to a fresh worker. */
  readonly #files = new Map<string, File[]>();
  #priorFile: File | null = null;
  #imports = 0;
  readonly #previewKeys: Record<Role, string> = { source: '', downstream: '' };
  readonly #previewTimers: Record<Role, number> = { source: 0, downstream: 0 };

  /** Why the link the page was opened with could not be used; told when the lab opens. */
  linkFault: string | null = null;

  constructor(store: LabStore, start: () => LabClient = startLab) {
    this.store = store;
    this.#start = start;
  }

  /** Starts a worker; what an earlier one was given is given to it again. */
  async open(): Promise<void> {
    const generation = ++this.#generation;
    this.#client?.terminate();
    const client = this.#start();
    this.#client = client;
    client.onEvent((event) => this.#receive(event));
    client.onCrash((sentence) => this.#ended({ sentence, way: 'restart' }));
    this.#set({ device: { state: 'opening' }, trouble: this.linkFault === null ? null : { sentence: this.linkFault, way: 'dismiss' } });
    this.linkFault = null;
    try {
      const base = new URL('.', document.baseURI.replace(/[?#].*$/, '')).href;
      const { info, note } = await client.request('open', { backend: this.#get().backend, base });
      if (generation !== this.#generation) return;
      this.#set({ device: { state: 'open', info, note } });
      await this.#giveAgain(client);
      if (generation === this.#generation) for (const role of ROLES) void this.#preview(role, true);
    } catch (error) {
      if (generation === this.#generation) this.#set({ device: { state: 'failed', sentence: sentenceOf(error) }, trouble: { sentence: sentenceOf(error), way: 'restart' } });
    }
  }

  /** A fresh worker. Drawn pictures stay; `forget` clears them. */
  async restart(forget = false, backend: BackendChoice = this.#get().backend): Promise<void> {
    this.#flush();
    this.#pending = null;
    this.#set({ phase: 'idle', backend, ...(forget ? { picture: emptyPicture(), shown: null } : { picture: stopped(this.#get().picture) }) });
    await this.open();
  }

  /** Ends when the run does; trouble goes to the store. */
  async run(): Promise<void> {
    const client = this.#client;
    const state = this.#get();
    if (!client || state.phase !== 'idle' || state.device.state !== 'open' || Object.keys(state.settings.faults).length > 0) return;
    const generation = this.#generation;
    this.#pending = basisOf(state);
    this.#set({ phase: 'running', trouble: null });
    try {
      await client.request('run', { config: asked(state) });
      if (generation === this.#generation) this.#ended(null);
    } catch (error) {
      const cancelled = error instanceof LabError && error.kind === 'cancelled';
      // A crash has already said so, and more clearly.
      if (generation === this.#generation && this.#get().phase !== 'idle') this.#ended(cancelled ? null : { sentence: sentenceOf(error), way: 'dismiss' });
    }
  }

  pause(): void {
    if (this.#get().phase === 'running') this.#command('pause', 'paused');
  }

  resume(): void {
    if (this.#get().phase === 'paused') this.#command('resume', 'running');
  }

  /** On to the next picture; from rest it begins the run. */
  step(): void {
    if (this.#get().phase === 'idle') void this.run();
    if (this.#get().phase === 'running' || this.#get().phase === 'paused') this.#command('step', 'paused');
  }

  cancel(): void {
    if (this.#get().phase !== 'idle') this.#command('cancel', 'cancelling');
  }

  dismiss(): void {
    this.#set({ trouble: null });
  }

  complain(sentence: string): void {
    this.#set({ trouble: { sentence, way: 'dismiss' } });
  }

  edit(changes: Edits): void {
    this.#settle({ settings: edited(this.#get().settings, changes) });
  }

  /** The settings named, or all, back to the preset. */
  reset(keys: readonly SettingKey[] | null): void {
    this.#settle({ settings: unedited(this.#get().settings, keys) });
  }

  choosePreset(preset: PresetName): void {
    this.#settle({ settings: chosen(this.#get().settings, preset) });
  }

  /** An IDX pair; it becomes the data of `role`. A fault is one sentence there and changes nothing else. */
  async addData(role: Role, files: File[]): Promise<void> {
    const client = this.#client;
    if (!client || files.length === 0) return;
    this.#role(role, { busy: true, fileFault: null });
    try {
      const summary = await client.request('addData', { name: this.#freeName(files), files: await bytesOf(files) });
      this.#files.set(summary.name, files);
      const { datasets, settings } = this.#get();
      const version = 1 + Math.max(0, ...datasets.map((one) => one.version));
      this.#role(role, { busy: false });
      this.#settle({
        datasets: [...datasets.filter((one) => one.summary.name !== summary.name), { summary, version }],
        settings: edited(settings, { [`${role}.data`]: summary.name, [`${role}.classes`]: [] }),
      });
    } catch (error) {
      this.#role(role, { busy: false, fileFault: sentenceOf(error) });
    }
  }

  /** Another file of a name that is taken (every MNIST-like test set is `t10k`) gets a number; the same file replaces itself. */
  #freeName(files: File[]): string | null {
    const taken = files.map((file) => stem(file.name)).find((name) => this.#files.has(name));
    if (taken === undefined) return null;
    for (let i = 1; ; i++) {
      const name = i === 1 ? taken : `${taken} ${i}`;
      const there = this.#files.get(name);
      if (!there || sameFiles(there, files)) return name;
    }
  }

  /** Chosen classes follow their new names. Rejects with a sentence. */
  async renameClasses(data: string, classNames: string[]): Promise<void> {
    const before = this.#get().datasets.find(({ summary }) => summary.name === data)?.summary.classNames;
    if (!this.#client || !before) return;
    const summary = await this.#client.request('renameClasses', { data, classNames });
    const { datasets, settings } = this.#get();
    const renamed = (name: string) => summary.classNames[before.indexOf(name)] ?? name;
    const changes: Edits = {};
    for (const role of ROLES) if (settings.config[`${role}.data`] === data) changes[`${role}.classes`] = settings.config[`${role}.classes`].map(renamed);
    this.#settle({ datasets: datasets.map((one) => (one.summary.name === data ? { ...one, summary } : one)), settings: edited(settings, changes) });
  }

  async importPrior(file: File): Promise<void> {
    if (!this.#client) return;
    this.#set({ priorBusy: true, priorFault: null });
    try {
      const summary = await this.#client.request('importPrior', { bytes: await readBytes(file), name: file.name });
      this.#priorFile = file;
      this.#set({ imported: { file: file.name, id: `${++this.#imports}`, summary } });
    } catch (error) {
      this.#set({ priorFault: sentenceOf(error) });
    }
    this.#set({ priorBusy: false });
  }

  async forgetPrior(): Promise<void> {
    try {
      await this.#client?.request('forgetPrior', {});
      this.#priorFile = null;
      this.#set({ imported: null, priorFault: null });
    } catch (error) {
      this.#set({ priorFault: sentenceOf(error) });
    }
  }

  /** Bytes of a prior file; null with a sentence in the store when there is none. */
  async exportPrior(): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const answer = await this.#client?.request('exportPrior', {});
      this.#set({ priorFault: null });
      return answer ? new Uint8Array(answer.bytes) : null;
    } catch (error) {
      this.#set({ priorFault: sentenceOf(error) });
      return null;
    }
  }

  #get(): LabState {
    return this.store.getState();
  }

  #set(change: Partial<LabState>): void {
    this.store.setState(change);
  }

  #role(role: Role, change: Partial<RoleData>): void {
    this.store.setState(({ data }) => ({ data: { ...data, [role]: { ...data[role], ...change } } }));
  }

  /** Changed settings or data: the address and the previews follow. */
  #settle(change: Partial<LabState>): void {
    this.#set(change);
    const { preset, config } = this.#get().settings;
    history.replaceState(null, '', writeLink(preset, config));
    for (const role of ROLES) {
      clearTimeout(this.#previewTimers[role]);
      this.#previewTimers[role] = window.setTimeout(() => void this.#preview(role), TYPING);
    }
  }

  async #preview(role: Role, anew = false): Promise<void> {
    const client = this.#client;
    const state = this.#get();
    if (!client || state.device.state !== 'open') return;
    const key = previewKey(state, role);
    if (!anew && key === this.#previewKeys[role]) return;
    this.#previewKeys[role] = key;
    this.#role(role, { busy: true });
    try {
      const preview = await client.request('preview', { role, config: asked(state) });
      if (this.#previewKeys[role] === key) this.#role(role, { preview, previewFault: null, busy: false });
    } catch (error) {
      if (this.#previewKeys[role] === key) this.#role(role, { previewFault: sentenceOf(error), busy: false });
    }
  }

  async #giveAgain(client: LabClient): Promise<void> {
    for (const { summary: { name, classNames } } of this.#get().datasets) {
      const files = this.#files.get(name);
      if (!files) continue;
      await client.request('addData', { name, files: await bytesOf(files) });
      await client.request('renameClasses', { data: name, classNames });
    }
    if (this.#priorFile) await client.request('importPrior', { bytes: await readBytes(this.#priorFile), name: this.#priorFile.name });
  }

  #command(kind: 'pause' | 'resume' | 'step' | 'cancel', phase: LabState['phase']): void {
    this.#set({ phase });
    // A worker that died has been reported already.
    this.#client?.request(kind, {}).catch(() => undefined);
  }

  #ended(trouble: LabState['trouble']): void {
    this.#flush();
    this.#pending = null;
    this.#set({ phase: 'idle', picture: stopped(this.#get().picture), trouble });
  }

  #receive(event: LabEvent): void {
    this.#events.push(event);
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(() => {
      // A hidden page has no frames; it is kept up to date all the same.
      if (document.hidden) this.#flush();
      else requestAnimationFrame(() => this.#flush());
    }, Math.max(0, this.#flushedAt + PICTURE_PAUSE - performance.now()));
  }

  #flush(): void {
    this.#waiting = false;
    this.#flushedAt = performance.now();
    const events = this.#events;
    if (events.length === 0) return;
    this.#events = [];
    const { picture, shown } = this.#get();
    const drawn = events.some((event) => event.kind === 'finished' || (event.kind === 'stage' && event.state === 'running'));
    this.#set({ picture: events.reduce(reduce, picture), shown: drawn && this.#pending ? this.#pending : shown });
  }
}

/** What the worker is asked to run. */
function asked({ settings: { preset, config } }: LabState): Record<string, unknown> {
  return { preset, ...config };
}

/** All that a role's preview depends on. */
function previewKey(state: LabState, role: Role): string {
  const { config } = state.settings;
  const own = Object.entries(config).filter(([key]) => key === 'seed' || key.startsWith(`${role}.`));
  return JSON.stringify([own, basisOf(state).data[role]]);
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function sameFiles(a: File[], b: File[]): boolean {
  const named = (files: File[]) => files.map(({ name, size, lastModified }) => `${name} ${size} ${lastModified}`).sort().join('/');
  return named(a) === named(b);
}

async function bytesOf(files: File[]): Promise<{ name: string; bytes: Uint8Array }[]> {
  return Promise.all(files.map(async (file) => ({ name: file.name, bytes: await readBytes(file) })));
}

async function readBytes(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new LabError('file', `The file “${file.name}” can no longer be read; choose it again.`, { cause });
  }
}
