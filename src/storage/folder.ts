/**
 * One flat folder of the browser's private file system (OPFS), as the rest of the storage sees it: files are written whole or not at all. Where
 * there is no such storage (`open` answers null), nothing is kept. Changes to a folder take turns, over all tabs where the browser has locks.
 */

export interface Folder {
  names(): Promise<string[]>;
  /** null when there is no such file. */
  read(name: string): Promise<Blob | null>;
  /** Throws what the browser throws (see `isQuota`); a file that was there before stays then. */
  write(name: string, pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<void>;
  /** No fault where there is none. */
  remove(name: string): Promise<void>;
}

/** null where the browser keeps no files for a page like this. */
export async function openFolder(name: string, root = async () => navigator.storage.getDirectory()): Promise<Folder | null> {
  try {
    return folderOf(await (await root()).getDirectoryHandle(name, { create: true }));
  } catch {
    return null;
  }
}

export function folderOf(handle: FileSystemDirectoryHandle): Folder {
  return {
    async names() {
      const names: string[] = [];
      // Not every version of the DOM types knows that a folder can be listed.
      for await (const name of (handle as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
      return names;
    },
    read: (name) => handle.getFileHandle(name).then((file) => file.getFile(), () => null),
    async write(name, pieces) {
      const file = await handle.getFileHandle(name, { create: true });
      // Written beside the file and put in its place when closed: until then there is the old one, or an empty one.
      const writable = await file.createWritable();
      try {
        for (const piece of pieces) await writable.write(piece);
        await writable.close();
      } catch (error) {
        await writable.abort().catch(() => undefined);
        throw error;
      }
    },
    remove: (name) => handle.removeEntry(name).catch(() => undefined),
  };
}

/** What the browser says of the room there is; null where it says nothing. Bytes. */
export interface Room {
  used: number;
  most: number;
}

export async function roomOf(estimate = async () => navigator.storage.estimate()): Promise<Room | null> {
  const { usage, quota } = await estimate().catch((): StorageEstimate => ({}));
  return usage === undefined || quota === undefined ? null : { used: usage, most: quota };
}

export function isQuota(error: unknown): boolean {
  return error instanceof Error && error.name === 'QuotaExceededError';
}

/** One job at a time of those with this name, in this tab and, where there are locks, in all. */
export class InTurn {
  readonly #name: string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(name: string) {
    this.#name = name;
  }

  run<T>(job: () => Promise<T>): Promise<T> {
    const locked = () => (globalThis.navigator?.locks ? navigator.locks.request(this.#name, job) as Promise<T> : job());
    const own = this.#turn.catch(() => undefined).then(locked);
    this.#turn = own;
    return own;
  }
}
