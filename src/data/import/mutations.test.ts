/**
 * Ten thousand damaged files for every format: each is read or refused with a LabError, soon, and without asking for much memory. Small files, so that a claim
 * of anything large is a false one.
 */
import { afterAll, describe, expect, it, vi } from 'vitest';

/** The largest array of bytes or numbers that anybody asks for, the libraries included: they take these constructors when they are loaded. */
const asked = vi.hoisted(() => {
  const seen: { most: number; restore: () => void } = { most: 0, restore: () => undefined };
  const originals = new Map<'Uint8Array' | 'Uint16Array' | 'Uint32Array' | 'Int32Array' | 'Float32Array' | 'Float64Array' | 'ArrayBuffer', unknown>();
  for (const name of ['Uint8Array', 'Uint16Array', 'Uint32Array', 'Int32Array', 'Float32Array', 'Float64Array', 'ArrayBuffer'] as const) {
    const original = globalThis[name] as unknown as new (...args: unknown[]) => object;
    const size = name === 'ArrayBuffer' ? 1 : (globalThis[name] as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
    originals.set(name, original);
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: new Proxy(original, {
      construct(target, args: unknown[], made) {
        if (typeof args[0] === 'number') seen.most = Math.max(seen.most, args[0] * size);
        return Reflect.construct(target, args, made) as object;
      },
    }) });
  }
  seen.restore = () => { for (const [name, value] of originals) Object.defineProperty(globalThis, name, { configurable: true, writable: true, value }); };
  return seen;
});

import { zipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { packTar } from 'modern-tar';
import { LabError } from '../../core/errors.ts';
import { Stream } from '../../core/philox.ts';
import { idxBytes } from '../testing.ts';
import type { Given } from './contract.ts';
import { find } from './find.ts';
import { streamOf } from './given.ts';
import { joined, npy } from './testing.ts';

const COUNT = 10_000;
/** Bytes of one array at most: the files have some hundred. Working memory of decoders is within it. */
const MOST = 8 * 2 ** 20;
const SLOWEST = 3000;

afterAll(() => asked.restore());

/** A file in memory without the cost of a Blob. */
function quick(path: string, bytes: Uint8Array<ArrayBuffer>): Given {
  return {
    path, size: bytes.length,
    slice: (from, to) => Promise.resolve(bytes.slice(from, Math.max(from, to))),
    stream: () => {
      let at = 0;
      return streamOf(() => {
        const chunk = at < bytes.length ? bytes.slice(at, at + 2000) : null;
        at += 2000;
        return Promise.resolve(chunk);
      });
    },
  };
}

const EXTREMES = [[0], [1], [0x7f], [0x80], [0xff], [0, 0], [0xff, 0xff], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0x7f], [0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xff], [0, 0, 0, 0x80],
  [0xff, 0xff, 0xff, 0xff, 0x0f], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], new Array<number>(8).fill(0xff), [...'99999999999'].map((c) => c.charCodeAt(0))];

/** One to three damages: flipped bits, extremes where a length may stand, a piece cut out, doubled or replaced, an early end. */
function damaged(original: Uint8Array, stream: Stream): Uint8Array<ArrayBuffer> {
  let bytes = new Uint8Array(original);
  for (let n = 1 + stream.integer(3); n > 0; n--) {
    const at = stream.integer(Math.max(1, bytes.length));
    const length = 1 + stream.integer(40);
    switch (stream.integer(6)) {
      case 0: for (let k = stream.integer(8); k >= 0; k--) bytes[stream.integer(bytes.length)]! ^= 1 << stream.integer(8); break;
      case 1: case 2: {
        const extreme = EXTREMES[stream.integer(EXTREMES.length)]!;
        for (let k = 0; k < extreme.length && at + k < bytes.length; k++) bytes[at + k] = extreme[k]!;
        break;
      }
      case 3: bytes = joined(bytes.subarray(0, at), bytes.subarray(at + length)); break;
      case 4: bytes = joined(bytes.subarray(0, at), Array.from({ length }, () => stream.integer(256)), bytes.subarray(stream.integer(2) ? at : at + length)); break;
      default: bytes = stream.integer(4) ? joined(bytes.subarray(0, at), bytes.subarray(Math.max(0, at - length))) : bytes.slice(0, at);
    }
  }
  return bytes;
}

/** Reads a file to its end by a decoder that takes everything; 'read' or the sentence. */
async function outcome(files: Given[]): Promise<string> {
  try {
    const found = await find(files);
    let count = 0;
    const decode = () => Promise.resolve({ width: 1, height: 1, rgba: new Uint8Array(4) });
    for await (const image of found.images({ decode, leaveOut: () => undefined })) {
      if (image.pixels.length !== image.height * image.width * image.channels || image.label >= found.classNames.length) throw new Error('An image of another shape.');
      if (++count > 100_000) throw new Error('More images than such a file holds.');
    }
    return 'read';
  } catch (error) {
    if (error instanceof LabError) return error.message;
    throw error;
  }
}

async function mutate(seed: number, files: (bytes: Uint8Array<ArrayBuffer>) => Given[], original: Uint8Array, repair?: (bytes: Uint8Array) => void, count = COUNT): Promise<{ read: number; sentences: Set<string> }> {
  asked.most = 0;
  expect(await outcome(files(new Uint8Array(original)))).toBe('read');
  expect(asked.most).toBeGreaterThan(8); // the watch watches
  const result = { read: 0, sentences: new Set<string>() };
  let stalled: (error: Error) => void = () => undefined;
  const stall = new Promise<never>((_, reject) => { stalled = reject; });
  stall.catch(() => undefined);
  let since = performance.now();
  const timer = setInterval(() => { if (performance.now() - since > SLOWEST) stalled(new Error('nothing comes any more')); }, 500);
  for (let i = 0; i < count; i++) {
    const bytes = damaged(original, new Stream(seed, 'draw', i));
    if (i % 2) repair?.(bytes);
    asked.most = 0;
    since = performance.now();
    try {
      const said = await Promise.race([outcome(files(bytes)), stall]);
      if (said === 'read') result.read++;
      else result.sentences.add(said.replace(/\d[\d,]*/g, 'n'));
    } catch (error) {
      clearInterval(timer);
      throw new Error(`mutation ${i} of seed ${seed}: ${error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error)}`, { cause: error });
    }
    if (asked.most > MOST || performance.now() - since > SLOWEST) throw new Error(`mutation ${i} of seed ${seed} asked for ${asked.most} bytes and took ${Math.round(performance.now() - since)} ms`);
  }
  clearInterval(timer);
  return result;
}

const picture = (i: number): Uint8Array<ArrayBuffer> => new Uint8Array(12).fill(i);
const x = npy('|u1', [4, 2, 3], Uint8Array.from({ length: 24 }, (_, i) => i * 10));
const y = npy('<i4', [4], [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
const tree = { 'a/1.png': picture(1), 'a/2.png': picture(2), 'b/1.png': picture(3), 'b/2.png': new Uint8Array(300) };

describe('damaged files are read or refused', () => {
  it('npy', async () => {
    const { read, sentences } = await mutate(1, (bytes) => [quick('x.npy', bytes), quick('y.npy', y)], x);
    expect(read).toBeGreaterThan(100);
    expect(sentences.size).toBeGreaterThan(10);
  });

  it('npz', async () => {
    const { sentences } = await mutate(2, (bytes) => [quick('d.npz', bytes)], zipSync({ 'x.npy': x, 'y.npy': y }, { level: 6 }));
    expect(sentences.size).toBeGreaterThan(10);
  });

  it('zip', async () => {
    const { read, sentences } = await mutate(3, (bytes) => [quick('d.zip', bytes)], zipSync(tree, { level: 6 }));
    expect(read).toBeGreaterThan(100);
    expect(sentences.size).toBeGreaterThan(5);
  });

  it('tar, half of them with their checksums made right again', async () => {
    const bytes = await packTar(Object.entries(tree).map(([name, body]) => ({ header: { name, size: body.length, type: 'file' as const }, body })));
    const repair = (file: Uint8Array): void => {
      for (let at = 0; at + 512 <= file.length; at += 512) {
        if (file[at + 257] !== 0x75) continue;
        const sum = file.subarray(at, at + 512).reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0);
        file.set([...sum.toString(8).padStart(6, '0')].map((c) => c.charCodeAt(0)).concat(0, 32), at + 148);
      }
    };
    const { read } = await mutate(4, (file) => [quick('d.tar', file)], bytes, repair);
    expect(read).toBeGreaterThan(100);
  });

  it('CIFAR', async () => {
    const record = (label: number): number[] => [label, ...new Array<number>(3072).fill(9)];
    await mutate(5, (bytes) => [quick('data_batch_1.bin', bytes)], Uint8Array.from([...record(0), ...record(1)]));
  });

  it('CSV', async () => {
    const text = `label,a1,a2,a3,a4\n${[0, 1, 2, 0, 1].map((label, i) => `${label},${i},20,"30",4${i}`).join('\n')}\n`;
    const { read, sentences } = await mutate(6, (bytes) => [quick('d.csv', bytes)], new TextEncoder().encode(text));
    expect(read).toBeGreaterThan(100);
    expect(sentences.size).toBeGreaterThan(5);
  });

  it.each(['UNCOMPRESSED', 'SNAPPY'] as const)('Parquet (%s)', async (codec) => {
    const bytes = new Uint8Array(parquetWriteBuffer({
      schema: [
        { name: 'root', num_children: 2 }, { name: 'image', repetition_type: 'OPTIONAL', num_children: 2 },
        { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' }, { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        { name: 'label', type: 'INT64', repetition_type: 'OPTIONAL' },
      ],
      columnData: [{ name: 'image', data: [1, 2, 3, 4].map((i) => ({ bytes: picture(i), path: `${i}` })) }, { name: 'label', data: [0n, 1n, 0n, 1n] }],
      codec, rowGroupSize: 2, kvMetadata: [{ key: 'huggingface', value: '{"info":{"features":{"image":{"_type":"Image"},"label":{"_type":"ClassLabel","names":["a","b"]}}}}' }],
    }));
    const { read, sentences } = await mutate(7, (file) => [quick('d.parquet', file)], bytes, undefined, COUNT / 2);
    expect(read).toBeGreaterThan(100);
    expect(sentences.size).toBeGreaterThan(3);
  });

  it('IDX', async () => {
    const labels = idxBytes(8, [4], [0, 1, 0, 1]);
    const { sentences } = await mutate(8, (bytes) => [quick('t-images', bytes), quick('t-labels', new Uint8Array(labels))], idxBytes(8, [4, 2, 3], new Array<number>(24).fill(7)));
    expect(sentences.size).toBeGreaterThan(5);
  });
});
