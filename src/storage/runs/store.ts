/**
 * The history of runs on this machine: every finished run with its whole result and, where asked for, its prior. Files (generations.ts) hold the runs, the
 * index (index.ts) what is listed of them; whichever of the two is lost, the other says what is there. A deleted run can be taken back for a week.
 */
import { LabError } from '../../core/errors.ts';
import { digestOf } from '../../experiment/record/digest.ts';
import type { Result } from '../../experiment/result.ts';
import { type Folder, InTurn, isQuota, openFolder, type Room, roomOf } from '../folder.ts';
import { Generations } from '../generations.ts';
import { entryOf, readEntry, type RunEntry } from './entry.ts';
import { browserIndex, type RunIndex } from './index.ts';
import { readRun, writeRun } from './kept-run.ts';
import { readRunZip, writeRunZip } from './zip.ts';

const FOLDER = 'priorscape-runs';
const WEEK = 7 * 24 * 3600 * 1000;
const PRIOR = '-prior';

export interface History {
  /** The newest first. */
  runs: RunEntry[];
  deleted: RunEntry[];
  room: Room | null;
}

export interface RunPorts {
  folder(): Promise<Folder | null>;
  index: RunIndex;
  estimate(): Promise<StorageEstimate>;
  now(): Date;
}

const browser = (): RunPorts => ({ folder: () => openFolder(FOLDER), index: browserIndex(), estimate: () => navigator.storage.estimate(), now: () => new Date() });

export class RunStore {
  readonly #ports: RunPorts;
  readonly #turn = new InTurn(FOLDER);

  constructor(ports: RunPorts = browser()) {
    this.#ports = ports;
  }

  async list(): Promise<History> {
    const entries = await this.#turn.run(() => this.#swept());
    const newest = entries.sort((a, b) => b.created.localeCompare(a.created));
    return { runs: newest.filter(({ deleted }) => deleted === null), deleted: newest.filter(({ deleted }) => deleted !== null), room: await roomOf(this.#ports.estimate) };
  }

  /** Throws LabError('memory') when there is no room. null where the browser keeps no files: there is no history then. */
  async keep(result: Result, prior: Uint8Array<ArrayBuffer> | null): Promise<RunEntry | null> {
    const digest = await digestOf(result);
    const id = `${result.created.replace(/\W/g, '')}-${digest.slice(0, 8)}-${crypto.randomUUID().slice(0, 8)}`;
    const draft = entryOf(result, { id, digest, bytes: 0, prior: prior !== null });
    const size = writeRun(draft, result).reduce((sum, piece) => sum + piece.byteLength, prior?.byteLength ?? 0);
    return this.#turn.run(() => this.#put({ ...draft, bytes: size }, result, prior));
  }

  /** Throws LabError('file') when it is gone or damaged. */
  async open(id: string): Promise<{ entry: RunEntry; result: Result }> {
    return this.#turn.run(async () => {
      const { result } = readRun(await this.#bytes(id));
      return { entry: await this.#entry(id), result };
    });
  }

  /** A new name or other tags. */
  async change(id: string, change: Partial<Pick<RunEntry, 'name' | 'tags'>>): Promise<void> {
    await this.#turn.run(async () => this.#ports.index.put(readEntry({ ...await this.#entry(id), ...change })));
  }

  /** Among the deleted, from where `restore` takes it back. */
  async remove(id: string): Promise<void> {
    await this.#turn.run(async () => this.#ports.index.put({ ...await this.#entry(id), deleted: this.#ports.now().toISOString() }));
  }

  async restore(id: string): Promise<void> {
    await this.#turn.run(async () => this.#ports.index.put({ ...await this.#entry(id), deleted: null }));
  }

  /** Every deleted run for good. */
  async empty(): Promise<void> {
    await this.#turn.run(async () => {
      for (const { id, deleted } of await this.#swept()) if (deleted !== null) await this.#purge(id);
    });
  }

  /** The whole run as a zip file. */
  async zip(id: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#turn.run(async () => {
      const [run, prior] = [await this.#bytes(id), await (await this.#files())?.load(id + PRIOR) ?? null];
      return writeRunZip(await this.#entry(id), run, prior);
    });
  }

  /** A run from such a file. Throws LabError with one sentence; one that is there already is taken back from the deleted. */
  async add(bytes: Uint8Array): Promise<RunEntry> {
    const { entry, result, prior } = await readRunZip(bytes);
    return this.#turn.run(async () => {
      const there = (await this.#swept()).find(({ id }) => id === entry.id);
      if (there && there.deleted === null) throw new LabError('file', `“${there.name}” of this file is among the runs already.`);
      const put = await this.#put({ ...entry, deleted: null }, result, prior);
      if (!put) throw new LabError('memory', 'This browser keeps no files for a page like this, so no run can be added to its history.');
      return put;
    });
  }

  async #put(entry: RunEntry, result: Result, prior: Uint8Array<ArrayBuffer> | null): Promise<RunEntry | null> {
    const files = await this.#files();
    if (!files) return null;
    try {
      await files.keep(entry.id, writeRun(entry, result));
      if (prior) await files.keep(entry.id + PRIOR, [prior]);
      await this.#ports.index.put(entry);
    } catch (cause) {
      await this.#purge(entry.id);
      throw new LabError('memory', isQuota(cause)
        ? 'There is no room to keep this run in the history; it stays on the page until that is closed. Save what you need, and delete older runs under Runs.'
        : 'This run could not be kept in the history; it stays on the page until that is closed, so save what you need.', { cause });
    }
    return entry;
  }

  /** What is in the index and has files, or has files and is put into the index again; what was deleted a week ago goes. */
  async #swept(): Promise<RunEntry[]> {
    const files = await this.#files();
    if (!files) return [];
    const names = new Set(await files.names());
    const found = new Map<string, RunEntry>();
    const listed = await this.#ports.index.all();
    for (const raw of listed) {
      const entry = readable(() => readEntry(raw));
      if (!entry) continue;
      const old = entry.deleted !== null && this.#ports.now().getTime() - Date.parse(entry.deleted) > WEEK;
      if (!names.has(entry.id) || old) await this.#purge(entry.id);
      else found.set(entry.id, entry);
    }
    const indexed = new Set(listed.flatMap((raw) => (typeof raw === 'object' && raw !== null && 'id' in raw ? [String(raw.id)] : [])));
    for (const name of names) {
      if (indexed.has(name) || name.endsWith(PRIOR)) continue;
      const bytes = await files.load(name);
      const run = bytes && readable(() => readRun(bytes));
      if (!run || run.entry.id !== name) continue;
      found.set(name, run.entry);
      await this.#ports.index.put(run.entry);
    }
    return [...found.values()];
  }

  async #purge(id: string): Promise<void> {
    const files = await this.#files();
    await files?.remove(id);
    await files?.remove(id + PRIOR);
    await this.#ports.index.remove(id);
  }

  async #bytes(id: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await (await this.#files())?.load(id);
    if (!bytes) throw new LabError('file', 'The file of this run is gone or damaged; delete it from the list.');
    return bytes;
  }

  async #entry(id: string): Promise<RunEntry> {
    const entry = (await this.#swept()).find((one) => one.id === id);
    if (!entry) throw new LabError('file', 'This run is not in the history any more.');
    return entry;
  }

  async #files(): Promise<Generations | null> {
    const folder = await this.#ports.folder();
    return folder && new Generations(folder);
  }
}

/** null for what another version wrote or a fault damaged: it is left as it is. */
function readable<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
