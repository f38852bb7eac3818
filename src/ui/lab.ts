/**
 * The page's effects: it starts the worker, sends what the visitor asks for, and lets the events into the store, a few
 * updates a second however fast they come. The worker may die; what was drawn stays, and `restart` makes a fresh one
 * with the same data and prior.
 */
import { LabError } from '../core/errors.ts';
import type { Belief, Reads } from '../experiment/beliefs/beliefs-result.ts';
import type { LabEvent } from '../experiment/events.ts';
import type { Fields } from '../experiment/beliefs/fields.ts';
import type { PresetName } from '../experiment/config/presets.ts';
import type { SamplerCheck } from '../experiment/inference/sampler-check.ts';
import type { SettingKey } from '../experiment/config/settings.ts';
import { eventsOf } from '../experiment/record/replay.ts';
import type { Result } from '../experiment/result.ts';
import type { Family } from '../prior/prior.ts';
import type { RunEntry } from '../storage/runs/entry.ts';
import { type LabClient, startLab } from '../worker/client.ts';
import type { BackendChoice, Believed, Requests } from '../worker/protocol.ts';
import { Attachments } from './attachments.ts';
import { HistoryDesk } from './history-desk.ts';
import { ImportDesk } from './importing.ts';
import { OPENING_PRESET, readLink, writeLink } from './link.ts';
import { Looking } from './looking.ts';
import { Material } from './material.ts';
import { Previews } from './previews.ts';
import { drewAnew, emptyPicture, type Picture, reduce, stopped } from './reduce.ts';
import { chosen, edited, type Edits, settingsOf, unedited, withData } from './settings/edit.ts';
import { type Basis, FROM_HISTORY } from './stale.ts';
import { StudyDesk } from './study-desk.ts';
import { SurfaceDesk } from './surface-desk.ts';
import { OPENING_CHOICE, readView, type SurfaceChoice, writeView } from './surface/view.ts';
import { WeightsDesk } from './weights/desk.ts';
import { asked, basisOf, isHere, type LabState, type LabStore, NOT_HERE, type Role, ROLES, sentenceOf } from './store.ts';

/** Least time between two updates of the picture, ms: drawing takes from the same cores as learning. */
const PICTURE_PAUSE = 120;

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
  /** The pictures before the run under way, and its events, until it draws something of its own. */
  #before: { picture: Picture; shown: Basis | null; events: LabEvent[] } | null = null;
  readonly #attachments = new Attachments();
  readonly material: Material;
  readonly imports: ImportDesk;
  /** Questions about the data, for their dialog. */
  readonly looking: Looking;
  readonly history: HistoryDesk;
  /** Weights to start from, for their dialog. */
  readonly weights: WeightsDesk;
  readonly #previews: Previews;
  readonly surface: SurfaceDesk;
  readonly #study: StudyDesk;

  /** Why the link the page was opened with could not be used; told when the lab opens. */
  linkFault: string | null = null;

  constructor(store: LabStore, start: () => LabClient = startLab) {
    this.store = store;
    this.#previews = new Previews(store);
    this.#start = start;
    this.surface = new SurfaceDesk(store, () => this.#client, () => this.#flush());
    this.history = new HistoryDesk(store, () => this.#client, (entry, result) => this.#showKept(entry, result));
    this.#study = new StudyDesk(store);
    this.looking = new Looking(store, () => this.#client);
    this.material = new Material(store, this.#attachments, () => this.#client, (change) => this.#settle(change));
    this.weights = new WeightsDesk(store, this.#attachments, () => this.#client);
    this.imports = new ImportDesk(store, () => this.#client, (imported) => this.material.added(imported));
  }

  /** Starts a worker; what an earlier one was given is given to it again. */
  async open(): Promise<void> {
    const generation = ++this.#generation;
    this.#client?.terminate();
    const client = this.#start();
    this.#client = client;
    client.onEvent((event) => {
      if (client === this.#client) this.#receive(event);
    });
    client.onCrash((sentence) => {
      if (client !== this.#client) return;
      this.#ended({ sentence, way: 'restart' });
      this.#set({ device: { state: 'failed', sentence } });
    });
    this.#set({ worker: generation, device: { state: 'opening' }, trouble: this.linkFault === null ? null : { sentence: this.linkFault, way: 'dismiss' } });
    this.linkFault = null;
    try {
      const base = new URL('.', document.baseURI.replace(/[?#].*$/, '')).href;
      const { info, note } = await client.request('open', { backend: this.#get().backend, base });
      if (generation !== this.#generation) return;
      // A run must not begin before the worker has what the page says it has.
      const { data, prior, weights, sentence } = await this.#attachments.giveTo(client, this.#get().datasets.map(({ summary }) => summary));
      if (generation !== this.#generation) return;
      this.#set({
        device: { state: 'open', info, note }, datasets: this.#get().datasets.filter(({ summary }) => !data.includes(summary.name)),
        ...(prior ? { imported: null } : {}), ...(weights ? { weights: null } : {}), ...(sentence === null ? {} : { trouble: { sentence, way: 'dismiss' } }),
      });
      await this.#bringKept();
      if (generation !== this.#generation) return;
      await this.#findUnfinished(client);
      if (generation !== this.#generation) return;
      this.#previews.anew(client);
      this.imports.anew();
    } catch (error) {
      if (generation === this.#generation) this.#set({ device: { state: 'failed', sentence: sentenceOf(error) }, trouble: { sentence: sentenceOf(error), way: 'restart' } });
    }
  }

  /** Data that the settings name and that are kept on this machine: a visit goes on where the last one ended. */
  async #bringKept(): Promise<void> {
    await this.material.listKept();
    for (const role of ROLES) {
      const { settings: { config }, datasets, kept } = this.#get();
      const name = config[`${role}.data`];
      if (kept.some((one) => one.name === name) && !datasets.some(({ summary }) => summary.name === name)) await this.material.bring(name).catch((error: unknown) => this.complain(sentenceOf(error)));
    }
  }

  async #findUnfinished(client: LabClient): Promise<void> {
    const [unfinished = null] = await client.request('unfinishedRuns', {}).catch(() => []);
    this.#set({ unfinished });
  }

  /** Goes on with the run that was cut off, under its own settings. */
  async goOn(): Promise<void> {
    const { unfinished, phase } = this.#get();
    if (!unfinished || phase !== 'idle') return;
    this.#settle({ settings: settingsOf(unfinished.preset, unfinished.config) });
    await this.#bringKept();
    await this.run(unfinished.id);
  }

  /** What was kept of the run that was cut off goes. */
  async forgetUnfinished(): Promise<void> {
    const { unfinished } = this.#get();
    this.#set({ unfinished: null });
    if (unfinished) await this.#client?.request('dropUnfinished', { id: unfinished.id }).catch(() => undefined);
  }

  /** A fresh worker. Drawn pictures stay; `forget` clears them. */
  async restart(forget = false, backend: BackendChoice = this.#get().backend): Promise<void> {
    this.#flush();
    this.#pending = null;
    this.#before = null;
    this.#study.ended();
    this.#set({ phase: 'idle', backend, ...(forget ? { picture: emptyPicture(), shown: null, opened: null } : { picture: stopped(this.#get().picture) }) });
    await this.open();
    if (forget) await this.forgetUnfinished();
  }

  /** A run of the history takes the place of what is shown, with its settings. Throws a sentence while a run is on. */
  #showKept({ name, created, preset, config }: RunEntry, result: Result): void {
    if (this.#get().phase !== 'idle') throw new LabError('config', 'A run is on; cancel it or wait for its end, then open another.');
    this.surface.beforeRun();
    this.surface.withoutPoints();
    this.#settle({ settings: settingsOf(preset, { ...config, name }) });
    const named = { ...result, config: { ...result.config, name } };
    const { data } = basisOf(this.#get());
    this.#set({
      picture: eventsOf(named).reduce(reduce, emptyPicture()), shown: { config, data, imported: null, weights: result.source.start?.sha256 ?? null, worker: FROM_HISTORY }, opened: { name, created }, trouble: null,
    });
  }

  /** Ends when the run does; trouble goes to the store. */
  async run(goOn: string | null = null): Promise<void> {
    const client = this.#client;
    const state = this.#get();
    if (!client || state.phase !== 'idle' || state.device.state !== 'open' || Object.keys(state.settings.faults).length > 0) return;
    const generation = this.#generation;
    this.#pending = basisOf(state);
    this.#before = { picture: state.picture, shown: state.shown, events: [] };
    this.#set({ phase: 'running', trouble: null, unfinished: null });
    this.surface.beforeRun();
    try {
      const { unkept } = await client.request('run', { config: asked(state), keep: { prior: state.history.withPrior }, ...(goOn === null ? {} : { goOn }) });
      if (generation !== this.#generation) return;
      this.#ended(unkept === null ? null : { sentence: unkept, way: 'dismiss' });
      void this.surface.afterRun();
    } catch (error) {
      // A crash has already said so, and more clearly.
      if (generation === this.#generation && this.#get().phase !== 'idle') this.#ended({ sentence: sentenceOf(error), way: 'dismiss' });
      // What was refused may be gone on with another time.
      if (generation === this.#generation && goOn !== null) void this.#findUnfinished(client);
    }
  }

  /** A study by the settings as they are; the pictures of the last run stay. */
  async runStudy(): Promise<void> {
    const client = this.#client;
    const state = this.#get();
    if (!client || state.phase !== 'idle' || state.device.state !== 'open' || Object.keys(state.settings.faults).length > 0) return;
    const generation = this.#generation;
    this.#set({ phase: 'running', trouble: null });
    try {
      await this.#study.run(client);
      if (generation === this.#generation) this.#ended(null);
    } catch (error) {
      if (generation === this.#generation && this.#get().phase !== 'idle') this.#ended({ sentence: sentenceOf(error), way: 'dismiss' });
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

  /** What the surface panel shows. */
  chooseSurface(change: Partial<SurfaceChoice>): void {
    this.surface.choose(change);
    this.#address();
  }

  /** The sampler as the settings have it, on a prior of the last comparison; rejects with a sentence. */
  async checkSampler(family: Family, temperature: number): Promise<SamplerCheck | null> {
    return this.#ofRun()?.request('checkSampler', { config: asked(this.#get()), family, temperature }) ?? null;
  }

  /** What the priors of the last posterior believe; null when something newer took its place. Rejects with a sentence. */
  async believe(ask: Requests['believe']['in']): Promise<Believed | null> {
    return this.#ofRun()?.request('believe', ask) ?? null;
  }

  async beliefLadder(reads: Reads): Promise<Belief[] | null> {
    return this.#ofRun()?.request('beliefLadder', { reads }) ?? null;
  }

  /** Of the toy: a solution, or samples as the settings have them, over the plane. */
  async fields(of: Requests['fields']['in']['of'], seed: number): Promise<Fields | null> {
    return this.#ofRun()?.request('fields', { of, seed, config: asked(this.#get()) }) ?? null;
  }

  /** To ask about the run that is shown; null while one is on. Throws a sentence where the worker does not hold it. */
  #ofRun(): LabClient | null {
    if (!isHere(this.#get())) throw new LabError('config', NOT_HERE);
    return this.#get().phase === 'idle' ? this.#client : null;
  }

  /** The settings named, or all, back to the preset. */
  reset(keys: readonly SettingKey[] | null): void {
    this.#settle({ settings: unedited(this.#get().settings, keys) });
  }

  /** Another link was opened in this tab: its settings, or a sentence and the settings as they were. */
  follow(hash: string): void {
    try {
      const { preset, config, view } = readLink(hash);
      const choice = view === null ? OPENING_CHOICE : readView(view);
      if (!choice) throw new LabError('config', 'What it says of the loss surface cannot be understood.');
      this.surface.choose(choice);
      this.#settle({ settings: settingsOf(preset, config) });
    } catch (error) {
      this.#settle({ trouble: { sentence: `The link could not be used, so nothing was changed. ${sentenceOf(error)}`, way: 'dismiss' } });
    }
  }

  chooseData(role: Role, data: string): void {
    const { settings, datasets } = this.#get();
    const mapped = datasets.some(({ summary }) => summary.name === data && summary.mapped);
    this.#settle({ settings: withData(settings, role, data, OPENING_PRESET, mapped) });
  }

  choosePreset(preset: PresetName): void {
    this.#settle({ settings: chosen(this.#get().settings, preset) });
  }

  #get(): LabState {
    return this.store.getState();
  }

  #set(change: Partial<LabState>): void {
    this.store.setState(change);
  }

  /** Changed settings or data: the address and the previews follow. */
  #settle(change: Partial<LabState>): void {
    this.#set(change);
    this.#address();
    if (this.#client) this.#previews.settle(this.#client);
  }

  /** An address that opens the page with these settings and this cut. */
  link(): string {
    return location.href.replace(/#.*$/, '') + this.#hash();
  }

  #hash(): string {
    const { settings: { preset, config }, surface: { choice } } = this.#get();
    return writeLink(preset, config, writeView(choice));
  }

  #address(): void {
    history.replaceState(null, '', this.#hash());
  }

  #command(kind: 'pause' | 'resume' | 'step' | 'cancel', phase: LabState['phase']): void {
    this.#set({ phase });
    // A worker that died has been reported already.
    this.#client?.request(kind, {}).catch(() => undefined);
  }

  #ended(trouble: LabState['trouble']): void {
    this.#flush();
    this.#study.ended();
    this.#pending = null;
    const { picture, shown } = this.#before ?? this.#get();
    this.#before = null;
    this.#set({ phase: 'idle', picture: stopped(picture), shown, trouble });
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
    for (const event of events) this.#study.hear(event);
    if (this.#before) {
      this.#before.events.push(...events);
      if (drewAnew(this.#before.events)) this.#before = null;
    }
    const { picture, shown } = this.#get();
    const drawn = events.some((event) => event.kind === 'finished' || (event.kind === 'stage' && event.state === 'running'));
    this.#set({ picture: events.reduce(reduce, picture), shown: drawn && this.#pending ? this.#pending : shown });
  }
}
