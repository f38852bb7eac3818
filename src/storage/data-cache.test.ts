/** Kept data on a file system in memory: what was kept comes back, a crash or a full disk leaves the old one, damage is noticed. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import type { Dataset } from '../data/dataset.ts';
import { sealed } from '../data/hash.ts';
import { DataCache } from './data-cache.ts';

/** The part of OPFS that is used: a folder whose files change when a writable is closed, with a quota. */
function fileSystem(quota = Infinity) {
  const files = new Map<string, Uint8Array>();
  const state = { quota, crash: false };
  const used = () => [...files.values()].reduce((sum, bytes) => sum + bytes.byteLength, 0);
  const folder = {
    async getFileHandle(name: string, options?: { create?: boolean }) {
      if (!files.has(name)) {
        if (!options?.create) throw new DOMException('none', 'NotFoundError');
        files.set(name, new Uint8Array(0));
      }
      return {
        getFile: async () => new Blob([files.get(name)! as Uint8Array<ArrayBuffer>]),
        async createWritable() {
          const pieces: Uint8Array[] = [];
          return {
            async write(piece: Uint8Array) {
              if (state.crash) await new Promise(() => undefined);
              if (used() + pieces.reduce((sum, one) => sum + one.byteLength, 0) + piece.byteLength > state.quota) throw Object.assign(new Error('full'), { name: 'QuotaExceededError' });
              pieces.push(piece.slice());
            },
            async close() {
              files.set(name, new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer()));
            },
            abort: async () => undefined,
          };
        },
      };
    },
    async removeEntry(name: string) {
      files.delete(name);
    },
    async* keys() {
      yield* [...files.keys()];
    },
  };
  const root = { getDirectoryHandle: async () => folder };
  const open = () => new DataCache(async () => root as unknown as FileSystemDirectoryHandle, async () => ({ usage: used(), quota: 1e9 }));
  return { files, state, open };
}

async function some(name: string, seed: number, kind: 'uint8' | 'float32' = 'uint8', parts = true): Promise<Dataset> {
  const stream = new Stream(seed, 'subset');
  const [count, height, width, channels] = [12, 3, 5, 3];
  const values = Array.from({ length: count * height * width * channels }, () => stream.integer(256));
  return sealed({
    name, count, height, width, channels, classNames: ['a', 'ß', '漢'], licence: 'mit',
    images: kind === 'uint8' ? Uint8Array.from(values) : Float32Array.from(values, (v) => v / 255), labels: Uint16Array.from({ length: count }, (_, i) => i % 3),
    ...(parts ? { parts: Uint8Array.from({ length: count }, (_, i) => (i < 8 ? 0 : 2)) } : {}),
  });
}

describe('DataCache', () => {
  it.each([['uint8', true], ['float32', false]] as const)('gives back what it keeps (%s)', async (kind, parts) => {
    const { open } = fileSystem();
    const dataset = await some('set', 1, kind, parts);
    await open().keep(dataset, 'ylecun/mnist');
    const { kept, room } = await open().list();
    expect(kept).toMatchObject([{ name: 'set', count: 12, classNames: ['a', 'ß', '漢'], origin: 'ylecun/mnist', licence: 'mit' }]);
    expect(room!.used).toBe(kept[0]!.bytes);
    expect(await open().load('set')).toEqual({ dataset, origin: 'ylecun/mnist' });
    expect(await open().load('other')).toBeNull();
    await open().remove('set');
    expect((await open().list()).kept).toEqual([]);
  });

  it('a newer one of the same name takes the place of the older, others stay', async () => {
    const { open, files } = fileSystem();
    const cache = open();
    await cache.keep(await some('b', 1), '');
    await cache.keep(await some('a', 2), '');
    const newer = await some('b', 3);
    await cache.keep(newer, 'again');
    expect(files.size).toBe(2);
    expect((await cache.list()).kept.map(({ name }) => name)).toEqual(['a', 'b']);
    expect((await cache.load('b'))!.dataset.sha256).toBe(newer.sha256);
  });

  it('a crash in the middle of writing leaves the old one, and nothing half written', async () => {
    const { open, files, state } = fileSystem();
    const old = await some('set', 1);
    await open().keep(old, '');
    state.crash = true;
    void open().keep(await some('set', 2), '');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(files.size).toBe(2);
    state.crash = false;
    expect((await open().load('set'))!.dataset.sha256).toBe(old.sha256);
    expect(files.size).toBe(1);
  });

  it('a full disk is one sentence, and what was kept stays', async () => {
    const { open, state, files } = fileSystem();
    const old = await some('set', 1);
    await open().keep(old, '');
    state.quota = 1500;
    await expect(open().keep(await some('set', 2), '')).rejects.toMatchObject({ kind: 'memory', message: expect.stringMatching(/^There is no room to keep set .*can be used until/) as string });
    expect(files.size).toBe(1);
    expect((await open().load('set'))!.dataset.sha256).toBe(old.sha256);
  });

  it('no storage is one sentence to who keeps, and an empty list', async () => {
    const none = new DataCache(() => Promise.reject(new Error('SecurityError')), () => Promise.reject(new Error('none')));
    await expect(none.keep(await some('set', 1), '')).rejects.toThrow(/keeps no files/);
    expect(await none.list()).toEqual({ kept: [], room: null });
    expect(await none.load('set')).toBeNull();
  });

  it('whatever is damaged is not used: any byte flipped, any length cut', async () => {
    const { open, files } = fileSystem();
    await open().keep(await some('set', 1), '');
    const [[file, whole]] = [...files] as [[string, Uint8Array]];
    for (let at = 0; at < whole.byteLength; at += 7) {
      files.clear();
      files.set(file, whole.map((byte, i) => (i === at ? byte ^ 16 : byte)));
      expect(await open().load('set'), `byte ${at}`).toBeNull();
      expect(files.size).toBe(0);
    }
    for (let length = 0; length < whole.byteLength; length += 11) {
      files.clear();
      files.set(file, whole.slice(0, length));
      expect(await open().load('set'), `length ${length}`).toBeNull();
    }
  });
});
