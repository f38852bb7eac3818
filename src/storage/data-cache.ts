/**
 * Data sets kept on this machine for visits without a network, in the browser's private file system (OPFS). Each is one file under a new name; an
 * older one of the same data set goes only when the new one is whole, and what a crash left half written is swept away at the next look.
 */
import { LabError } from '../core/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import { type DataHeader, dataFilePieces, readDataFile, readDataHeader } from './data-file.ts';
import { type Folder, InTurn, isQuota, openFolder, type Room, roomOf } from './folder.ts';

const FOLDER = 'priorscape-data';
const ENDING = '.data';

export interface KeptData extends Pick<DataHeader, 'name' | 'count' | 'height' | 'width' | 'channels' | 'classNames' | 'licence' | 'origin' | 'kept'> {
  bytes: number;
}

interface Found {
  file: string;
  kept: KeptData;
}

export class DataCache {
  readonly #root: () => Promise<FileSystemDirectoryHandle>;
  readonly #estimate: () => Promise<StorageEstimate>;
  /** One change at a time; another tab may keep data too. */
  readonly #turn = new InTurn(FOLDER);
  #count = 0;

  constructor(root = async () => navigator.storage.getDirectory(), estimate = async () => navigator.storage.estimate()) {
    this.#root = root;
    this.#estimate = estimate;
  }

  /** What is kept, the newest of each name, by name; nothing where there is no such storage. */
  async list(): Promise<{ kept: KeptData[]; room: Room | null }> {
    const found = await this.#turn.run(async () => {
      const folder = await this.#folder();
      return folder ? this.#sweep(folder) : [];
    });
    return { kept: found.map(({ kept }) => kept).sort((a, b) => a.name.localeCompare(b.name)), room: await roomOf(this.#estimate) };
  }

  /** Throws LabError('memory') with one sentence when there is no room or no storage; what was kept before stays. `origin`: where it was read. */
  async keep(dataset: Dataset, origin: string): Promise<void> {
    await this.#turn.run(async () => {
      const folder = await this.#folder();
      if (!folder) throw new LabError('memory', `This browser keeps no files for a page like this, so ${dataset.name} is there until the page is closed.`);
      const before = await this.#sweep(folder);
      const kept = new Date().toISOString();
      const name = `${kept.replace(/\W/g, '')}-${dataset.sha256.slice(0, 12)}-${this.#count++}${ENDING}`;
      try {
        await folder.write(name, await dataFilePieces(dataset, origin, kept));
      } catch (cause) {
        await folder.remove(name);
        throw isQuota(cause)
          ? new LabError('memory', `There is no room to keep ${dataset.name} for the next visit; it can be used until the page is closed. Remove other kept data to make room.`, { cause })
          : new LabError('memory', `${dataset.name} could not be kept for the next visit; it can be used until the page is closed.`, { cause });
      }
      for (const older of before) if (older.kept.name === dataset.name) await folder.remove(older.file);
    });
  }

  /** null when it is not there or was damaged, and then it is taken away. */
  async load(name: string): Promise<{ dataset: Dataset; origin: string } | null> {
    return this.#turn.run(async () => {
      const folder = await this.#folder();
      const found = folder && (await this.#sweep(folder)).find(({ kept }) => kept.name === name);
      if (!folder || !found) return null;
      const blob = await folder.read(found.file);
      const dataset = blob && await readDataFile(blob);
      if (!dataset) await folder.remove(found.file);
      return dataset && { dataset, origin: found.kept.origin };
    });
  }

  async remove(name: string): Promise<void> {
    await this.#turn.run(async () => {
      const folder = await this.#folder();
      if (!folder) return;
      for (const { file, kept } of await this.#sweep(folder)) if (kept.name === name) await folder.remove(file);
    });
  }

  #folder(): Promise<Folder | null> {
    return openFolder(FOLDER, this.#root);
  }

  /** The newest whole file of every name; whatever else is there is taken away. */
  async #sweep(folder: Folder): Promise<Found[]> {
    const newest = new Map<string, Found>();
    const gone: string[] = [];
    for (const file of (await folder.names()).filter((name) => name.endsWith(ENDING))) {
      const blob = await folder.read(file);
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
    for (const file of gone) await folder.remove(file);
    return [...newest.values()];
  }
}
