/**
 * Data sets kept on this machine for visits without a network, in the browser's private file system (OPFS). Each is one file under a new name; an
 * older one of the same data set goes only when the new one is whole, and what a crash left half written is swept away at the next look.
 */
import { LabError } from '../core/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { type DataHeader, dataFilePieces, readDataFile, readDataHeader } from './data-file.ts';

const FOLDER = 'priorscape-data';
const ENDING = '.data';

export interface KeptData extends Pick<DataHeader, 'name' | 'count' | 'height' | 'width' | 'channels' | 'classNames' | 'licence' | 'origin' | 'kept'> {
  bytes: number;
}

/** What the browser says of the room there is; null where it says nothing. Bytes. */
export interface Room {
  used: number;
  most: number;
}

interface Found {
  file: string;
  kept: KeptData;
}

export class DataCache {
  readonly #root: () => Promise<FileSystemDirectoryHandle>;
  readonly #estimate: () => Promise<StorageEstimate>;
  /** One change at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  #count = 0;

  constructor(root = async () => navigator.storage.getDirectory(), estimate = async () => navigator.storage.estimate()) {
    this.#root = root;
    this.#estimate = estimate;
  }

  /** What is kept, the newest of each name, by name; nothing where there is no such storage. */
  async list(): Promise<{ kept: KeptData[]; room: Room | null }> {
    const found = await this.#inTurn(async () => {
      const folder = await this.#folder();
      return folder ? this.#sweep(folder) : [];
    });
    return { kept: found.map(({ kept }) => kept).sort((a, b) => a.name.localeCompare(b.name)), room: await this.#room() };
  }

  /** Throws LabError('memory') with one sentence when there is no room or no storage; what was kept before stays. `origin`: where it was read. */
  async keep(dataset: Dataset, origin: string): Promise<void> {
    await this.#inTurn(async () => {
      const folder = await this.#folder();
      if (!folder) throw new LabError('memory', `This browser keeps no files for a page like this, so ${dataset.name} is there until the page is closed.`);
      const before = await this.#sweep(folder);
      const kept = new Date().toISOString();
      const name = `${kept.replace(/\W/g, '')}-${dataset.sha256.slice(0, 12)}-${this.#count++}${ENDING}`;
      try {
        const handle = await folder.getFileHandle(name, { create: true });
        // Written beside the file and put in its place when closed: until then there is an empty file, which the next sweep takes away.
        const writable = await handle.createWritable();
        try {
          for (const piece of await dataFilePieces(dataset, origin, kept)) await writable.write(piece);
          await writable.close();
        } catch (error) {
          await writable.abort().catch(() => undefined);
          throw error;
        }
      } catch (cause) {
        await folder.removeEntry(name).catch(() => undefined);
        throw isQuota(cause)
          ? new LabError('memory', `There is no room to keep ${dataset.name} for the next visit; it can be used until the page is closed. Remove other kept data to make room.`, { cause })
          : new LabError('memory', `${dataset.name} could not be kept for the next visit; it can be used until the page is closed.`, { cause });
      }
      for (const older of before) if (older.kept.name === dataset.name) await folder.removeEntry(older.file).catch(() => undefined);
    });
  }

  /** null when it is not there or was damaged, and then it is taken away. */
  async load(name: string): Promise<{ dataset: Dataset; origin: string } | null> {
    return this.#inTurn(async () => {
      const folder = await this.#folder();
      const found = folder && (await this.#sweep(folder)).find(({ kept }) => kept.name === name);
      if (!folder || !found) return null;
      const dataset = await readDataFile(await (await folder.getFileHandle(found.file)).getFile());
      if (!dataset) await folder.removeEntry(found.file).catch(() => undefined);
      return dataset && { dataset, origin: found.kept.origin };
    });
  }

  async remove(name: string): Promise<void> {
    await this.#inTurn(async () => {
      const folder = await this.#folder();
      if (!folder) return;
      for (const { file, kept } of await this.#sweep(folder)) if (kept.name === name) await folder.removeEntry(file);
    });
  }

  async #folder(): Promise<FileSystemDirectoryHandle | null> {
    try {
      return await (await this.#root()).getDirectoryHandle(FOLDER, { create: true });
    } catch {
      return null;
    }
  }

  /** The newest whole file of every name; whatever else is there is taken away. */
  async #sweep(folder: FileSystemDirectoryHandle): Promise<Found[]> {
    const newest = new Map<string, Found>();
    const gone: string[] = [];
    for await (const file of namesIn(folder)) {
      const blob = await folder.getFileHandle(file).then((handle) => handle.getFile(), () => null);
      const found = blob && await readDataHeader(blob).catch(() => null);
      if (!found) {
        gone.push(file);
        continue;
      }
      const { name, count, height, width, channels, classNames, licence, origin, kept } = found.header;
      const one = { file, kept: { name, count, height, width, channels, classNames, licence, origin, kept, bytes: blob.size } };
      const other = newest.get(name);
      if (other) gone.push(other.file < file ? other.file : file);
      if (!other || other.file < file) newest.set(name, one);
    }
    for (const file of gone) await folder.removeEntry(file).catch(() => undefined);
    return [...newest.values()];
  }

  async #room(): Promise<Room | null> {
    const { usage, quota } = await this.#estimate().catch((): StorageEstimate => ({}));
    return usage === undefined || quota === undefined ? null : { used: usage, most: quota };
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    // Another tab may keep data too: a lock, where there are any, serves both.
    const locked = () => (globalThis.navigator?.locks ? navigator.locks.request(FOLDER, job) as Promise<T> : job());
    const own = this.#turn.catch(() => undefined).then(locked);
    this.#turn = own;
    return own;
  }
}

async function* namesIn(folder: FileSystemDirectoryHandle): AsyncGenerator<string> {
  // Not every version of the DOM types knows that a folder can be listed.
  const names = (folder as unknown as { keys(): AsyncIterable<string> }).keys();
  for await (const name of names) if (name.endsWith(ENDING)) yield name;
}

function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}
