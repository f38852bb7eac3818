/** A folder in memory, for tests of what is kept: with a quota, and with files whose bytes can be damaged. */
import type { Folder } from './folder.ts';

export function memoryFolder(quota = Infinity): { folder: Folder; files: Map<string, Uint8Array<ArrayBuffer>>; state: { quota: number } } {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const state = { quota };
  const folder: Folder = {
    names: async () => [...files.keys()],
    read: async (name) => {
      const bytes = files.get(name);
      return bytes ? new Blob([bytes]) : null;
    },
    write: async (name, pieces) => {
      const used = [...files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0);
      if (!files.has(name)) files.set(name, new Uint8Array(0));
      if (used + pieces.reduce((sum, piece) => sum + piece.byteLength, 0) > state.quota) throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
      files.set(name, new Uint8Array(await new Blob([...pieces]).arrayBuffer()));
    },
    remove: async (name) => {
      files.delete(name);
    },
  };
  return { folder, files, state };
}
