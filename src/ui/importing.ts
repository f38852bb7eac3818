/**
 * The import dialog's effects: files are gathered, the worker examines them, choices redraw what is shown, and only *Use* makes a data set of them. A newer
 * import takes the place of an older one; a fault stays in the dialog and changes nothing else.
 */
import { fitted, otherRole } from './data/choices.ts';
import { type HubRequest, knownChoices } from '../data/hub/find.ts';
import type { LabClient } from '../worker/client.ts';
import type { DataProgress, DatasetSummary, Origin } from '../worker/protocol.ts';
import type { Choices, Note, Understanding } from '../data/import/contract.ts';
import type { Gather } from './data/gather.ts';
import { type LabStore, type Role, sentenceOf } from './store.ts';

/** A pause in choosing before what is shown is drawn again, ms. */
const TYPING = 250;

export interface Importing {
  role: Role;
  /** Files are yet to be chosen; they are looked at; the choices are open; all images are read. */
  phase: 'choosing' | 'examining' | 'open' | 'settling';
  from: 'files' | 'hub';
  /** Files found so far. */
  found: number;
  understanding: Understanding | null;
  choices: Choices | null;
  /** The sheet does not show the choices yet. */
  redrawing: boolean;
  progress: DataProgress | null;
  fault: string | null;
}

/** What became data: to be kept for a fresh worker, and shown. */
export interface Imported {
  role: Role;
  origin: Origin;
  choices: Choices;
  summary: DatasetSummary;
  notes: Note[];
}

export class ImportDesk {
  readonly #store: LabStore;
  readonly #client: () => LabClient | null;
  readonly #done: (imported: Imported) => void;
  #origin: Origin = { files: [] };
  #ticket = 0;
  /** Choose size and channels of the other role's data by itself. */
  #asOther = false;
  /** Counts imports, so that answers to an older one change nothing. */
  #imports = 0;
  #redraws = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: LabStore, client: () => LabClient | null, done: (imported: Imported) => void) {
    this.#store = store;
    this.#client = client;
    this.#done = done;
  }

  /** Opens the dialog for files to be chosen in. `asOther`: to be made like the other role's data. */
  choose(role: Role, asOther = false): void {
    this.#imports++;
    this.#asOther = asOther;
    this.#origin = { files: [] };
    this.#store.setState({ importing: { role, phase: 'choosing', from: 'files', found: 0, understanding: null, choices: null, redrawing: false, progress: null, fault: null } });
  }

  async take(role: Role, gather: Gather): Promise<void> {
    if (this.#state()?.phase !== 'choosing' || this.#state()?.role !== role) this.choose(role);
    const own = ++this.#imports;
    this.#set({ phase: 'examining', from: 'files', fault: null, found: 0 });
    try {
      let told = 0;
      const files = await gather((found) => {
        // Not for every file of a large folder.
        if (own !== this.#imports || performance.now() - told < TYPING) return;
        told = performance.now();
        this.#set({ found });
      });
      if (own !== this.#imports) return;
      if (files.length === 0) {
        this.#set({ phase: 'choosing' });
        return;
      }
      this.#origin = { files };
      this.#set({ found: files.length });
      await this.#examine(own);
    } catch (error) {
      if (own === this.#imports) this.#set({ phase: 'choosing', fault: sentenceOf(error) });
    }
  }

  /** A data set of the Hub, in place of files. */
  async takeFromHub(role: Role, hub: HubRequest): Promise<void> {
    if (this.#state()?.phase !== 'choosing' || this.#state()?.role !== role) this.choose(role);
    const own = ++this.#imports;
    this.#origin = { hub };
    this.#set({ phase: 'examining', from: 'hub', fault: null, found: 0, progress: null });
    try {
      await this.#examine(own);
    } catch (error) {
      if (own === this.#imports) this.#set({ phase: 'choosing', fault: sentenceOf(error) });
    }
  }

  /** A choice changes in the form at once, and in the sheet when typing has paused. */
  change(change: Partial<Choices>): void {
    const before = this.#state();
    if (!before?.choices || before.phase !== 'open') return;
    const drawn = Object.keys(change).some((key) => key !== 'name');
    this.#set({ choices: { ...before.choices, ...change }, fault: null, ...(drawn ? { redrawing: true } : {}) });
    if (!drawn) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#redraw(this.#imports, ++this.#redraws, change.answers !== undefined), TYPING);
  }

  /** Reads all images; the data set becomes the role's. */
  async use(): Promise<void> {
    const client = this.#client();
    const { choices, role, phase } = this.#state() ?? {};
    if (!client || !choices || !role || phase !== 'open') return;
    const own = this.#imports;
    clearTimeout(this.#timer);
    this.#redraws++;
    const origin = this.#origin;
    this.#set({ phase: 'settling', progress: null, fault: null });
    const quiet = client.onSettling((progress) => {
      if (own === this.#imports && progress.ticket === this.#ticket) this.#set({ progress });
    });
    try {
      const settled = await client.request('settleData', { ticket: this.#ticket, choices, keep: 'hub' in origin });
      if (settled === null || own !== this.#imports) return;
      this.#end();
      this.#done({ role, origin, choices, ...settled });
    } catch (error) {
      if (own === this.#imports) this.#set({ phase: 'open', redrawing: false, fault: sentenceOf(error) });
    } finally {
      quiet();
    }
  }

  /** Stops reading and goes back to the choices. */
  async stop(): Promise<void> {
    const own = ++this.#imports;
    const choices = this.#state()?.choices;
    this.#set({ phase: 'examining', progress: null });
    try {
      await this.#client()?.request('cancelData', {});
      await this.#examine(own, choices ?? undefined);
    } catch (error) {
      if (own === this.#imports) this.#set({ phase: 'choosing', fault: sentenceOf(error) });
    }
  }

  /** Nothing of it is used. */
  close(): void {
    this.#end();
    // A worker that died has been reported already.
    this.#client()?.request('cancelData', {}).catch(() => undefined);
  }

  /** A fresh worker knows nothing of the import that was open. */
  anew(): void {
    const { understanding, choices } = this.#state() ?? {};
    if (!understanding) return;
    const own = ++this.#imports;
    this.#set({ phase: 'examining', progress: null });
    this.#examine(own, choices ?? undefined).catch((error: unknown) => this.#set({ phase: 'choosing', fault: sentenceOf(error) }));
  }

  async #examine(own: number, choices?: Choices): Promise<void> {
    const client = this.#client();
    if (!client) return;
    const origin = this.#origin;
    const wished = choices ?? ('hub' in origin ? knownChoices(origin.hub.address) : undefined);
    const quiet = client.onSettling((progress) => {
      if (own === this.#imports) this.#set({ progress });
    });
    const answer = await client.request('examineData', { ...origin, ...(wished ? { choices: wished } : {}) }).finally(quiet);
    if (!answer || own !== this.#imports) return;
    this.#set({ progress: null });
    this.#ticket = answer.ticket;
    const { understanding } = answer;
    this.#set({ phase: 'open', understanding, choices: choices ?? understanding.choices, redrawing: false });
    const role = this.#state()?.role;
    const shape = role && this.#asOther && !choices ? fitted(this.#store.getState().data[otherRole(role)].preview) : null;
    if (shape) this.change(shape);
  }

  /** `answered`: classes and counts may be others now, and with them the choices proposed. */
  async #redraw(own: number, redraw: number, answered: boolean): Promise<void> {
    const { choices } = this.#state() ?? {};
    const client = this.#client();
    if (!client || !choices) return;
    try {
      const understanding = await client.request('redrawData', { ticket: this.#ticket, choices: answered ? { answers: choices.answers } : choices });
      if (!understanding || own !== this.#imports || redraw !== this.#redraws) return;
      this.#set({ understanding, redrawing: false, ...(answered ? { choices: { ...understanding.choices, answers: choices.answers } } : {}) });
    } catch (error) {
      if (own === this.#imports && redraw === this.#redraws) this.#set({ redrawing: false, fault: sentenceOf(error) });
    }
  }

  #end(): void {
    this.#imports++;
    clearTimeout(this.#timer);
    this.#origin = { files: [] };
    this.#store.setState({ importing: null });
  }

  #state(): Importing | null {
    return this.#store.getState().importing;
  }

  #set(change: Partial<Importing>): void {
    this.#store.setState(({ importing }) => ({ importing: importing && { ...importing, ...change } }));
  }
}
