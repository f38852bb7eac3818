/** The index of the history: an entry a run, in IndexedDB; where there is none, in memory, to be made again from the runs' files. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { RunEntry } from './entry.ts';

export interface RunIndex {
  /** Unchecked, as they were put. */
  all(): Promise<unknown[]>;
  put(entry: RunEntry): Promise<void>;
  remove(id: string): Promise<void>;
}

interface Schema extends DBSchema {
  runs: { key: string; value: RunEntry };
}

const NAME = 'priorscape';

/** The layout of the database itself; entries have a version of their own. */
const LAYOUT = 1;

export function browserIndex(): RunIndex {
  const memory = memoryIndex();
  let opened: Promise<IDBPDatabase<Schema> | null> | null = null;
  const database = () => (opened ??= openDB<Schema>(NAME, LAYOUT, {
    upgrade(db, from) {
      if (from < 1) db.createObjectStore('runs', { keyPath: 'id' });
    },
    // A newer page in another tab: it must not wait for this one.
    blocking: (_now, _next, event) => {
      (event.target as IDBDatabase).close();
      opened = null;
    },
    terminated: () => (opened = null),
  }).catch(() => null));
  return {
    all: async () => (await database())?.getAll('runs') ?? memory.all(),
    async put(entry) {
      const db = await database();
      if (db) await db.put('runs', entry);
      else await memory.put(entry);
    },
    async remove(id) {
      const db = await database();
      if (db) await db.delete('runs', id);
      else await memory.remove(id);
    },
  };
}

export function memoryIndex(): RunIndex {
  const entries = new Map<string, RunEntry>();
  return {
    all: async () => [...entries.values()],
    put: async (entry) => {
      entries.set(entry.id, entry);
    },
    remove: async (id) => {
      entries.delete(id);
    },
  };
}
