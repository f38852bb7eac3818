/**
 * Zip archives (PKWARE APPNOTE 6.3, zip64 included) by their central directory: only it and the entries that are asked for are read. An entry is a Given like
 * a file on disk. Claims are checked before anything is allocated, entries may not overlap (David Fifield, "A better zip bomb", 2019), what inflates may not
 * exceed the claim, and CRC-32 is held against what came out.
 */
import { Inflate, inflateSync } from 'fflate';
import { type LabError } from '../../core/errors.ts';
import type { Given } from './contract.ts';
import { crc32 } from './crc32.ts';
import { Flow, streamOf } from './given.ts';
import { fault, isBomb, MAX_FILES, MAX_INFLATED, mib, MIB, room } from './limits.ts';
import { isHidden } from './paths.ts';

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const ENTRY = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX_DIRECTORY = 256 * MIB;
/** Compressed bytes pushed at a time: DEFLATE gives at most 1032 times as many. */
const STEP = 4096;
/** Entries up to this size are inflated in one call. */
const AT_ONCE = 16 * MIB;

interface Entry {
  path: string;
  method: number;
  crc: number;
  compressed: number;
  size: number;
  /** Of the local header in the archive. */
  offset: number;
}

/** The files of a zip, hidden ones and folders left out. Throws LabError('data'). */
export async function zipFiles(archive: Given): Promise<Given[]> {
  const entries = await directory(archive);
  return entries.filter(({ path }) => !path.endsWith('/') && !isHidden(path)).map((entry) => entryGiven(archive, entry));
}

async function directory(archive: Given): Promise<Entry[]> {
  const { path, size } = archive;
  const truncated = (): LabError => fault(`${path} is a damaged or truncated zip file: its directory of contents is not where it should be; fetch it again.`);
  const tailFrom = Math.max(0, size - 65557);
  const tail = view(await archive.slice(tailFrom, size));
  let end = tail.byteLength - 22;
  while (end >= 0 && !(tail.getUint32(end, true) === END && end + 22 + tail.getUint16(end + 20, true) <= tail.byteLength)) end--;
  if (end < 0) throw truncated();
  if (tail.getUint16(end + 4, true) !== 0 && tail.getUint16(end + 4, true) !== 0xffff) throw fault(`${path} is one part of a zip in several parts; join them first.`);
  let count = tail.getUint16(end + 10, true);
  let bytes = tail.getUint32(end + 12, true);
  let from = tail.getUint32(end + 16, true);
  if (count === 0xffff || bytes === 0xffffffff || from === 0xffffffff) {
    const locator = end - 20;
    if (locator >= 0 && tail.getUint32(locator, true) === LOCATOR64) {
      const at = big(tail, locator + 8);
      const record = view(await archive.slice(at, at + 56));
      if (record.byteLength < 56 || record.getUint32(0, true) !== END64) throw truncated();
      count = big(record, 32);
      bytes = big(record, 40);
      from = big(record, 48);
    }
  }
  if (count > MAX_FILES) throw fault(`${path} claims ${count.toLocaleString('en')} files; at most ${MAX_FILES.toLocaleString('en')} can be read.`);
  if (from + bytes > size || bytes < 46 * count) throw truncated();
  if (bytes > MAX_DIRECTORY) throw fault(`${path} has a directory of ${mib(bytes)}; at most ${mib(MAX_DIRECTORY)} can be read.`);
  const entries = readEntries(path, view(await archive.slice(from, from + bytes)), count, truncated);
  check(path, entries, from, truncated);
  return entries;
}

function readEntries(path: string, data: DataView, count: number, truncated: () => LabError): Entry[] {
  const entries: Entry[] = [];
  const utf8 = new TextDecoder();
  for (let i = 0, at = 0; i < count; i++) {
    if (at + 46 > data.byteLength || data.getUint32(at, true) !== ENTRY) throw truncated();
    const [nameLength, extraLength, commentLength] = [data.getUint16(at + 28, true), data.getUint16(at + 30, true), data.getUint16(at + 32, true)];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > data.byteLength) throw truncated();
    const name = utf8.decode(new Uint8Array(data.buffer, data.byteOffset + at + 46, nameLength)).replaceAll('\\', '/').replace(/^(\.?\/)+/, '');
    const entry: Entry = {
      path: name, method: data.getUint16(at + 10, true), crc: data.getUint32(at + 16, true),
      compressed: data.getUint32(at + 20, true), size: data.getUint32(at + 24, true), offset: data.getUint32(at + 42, true),
    };
    if ((data.getUint16(at + 8, true) & 1) !== 0) throw fault(`${path} is encrypted (“${name}” needs a password); unpack it and give the files.`);
    wide(entry, data, at + 46 + nameLength, extraLength);
    entries.push(entry);
    at = next;
  }
  return entries;
}

/** Sizes beyond 32 bits are in the zip64 extra field, those that are needed and in this order. */
function wide(entry: Entry, data: DataView, from: number, length: number): void {
  for (let at = from; at + 4 <= from + length;) {
    const [tag, bytes] = [data.getUint16(at, true), data.getUint16(at + 2, true)];
    const stop = Math.min(at + 4 + bytes, from + length);
    let field = at + 4;
    if (tag === 1) {
      for (const key of ['size', 'compressed', 'offset'] as const) {
        if (entry[key] === 0xffffffff && field + 8 <= stop) {
          entry[key] = big(data, field);
          field += 8;
        }
      }
    }
    at += 4 + bytes;
  }
}

function check(path: string, entries: readonly Entry[], end: number, truncated: () => LabError): void {
  let total = 0;
  let before = 0;
  for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
    if (entry.offset < before) throw fault(`${path} has entries that overlap, as no honest zip has; it is not read.`);
    before = entry.offset + 30 + entry.compressed;
    if (!(before <= end)) throw truncated();
    total += entry.size;
    if (isBomb(entry.size, entry.compressed) || entry.size > 64 + 1033 * entry.compressed) {
      throw fault(`${path} claims that “${entry.path}” unpacks from ${entry.compressed} to ${entry.size} bytes; it looks like a zip bomb and is not read.`);
    }
    if (entry.method === 0 && entry.size !== entry.compressed) throw truncated();
  }
  if (total > MAX_INFLATED) throw fault(`${path} claims to unpack to ${mib(total)}; at most ${mib(MAX_INFLATED)} can be read: unpack it and give part of it.`);
}

function entryGiven(archive: Given, entry: Entry): Given {
  const { path, size, compressed, method } = entry;
  const damaged = (cause?: unknown): LabError => fault(`${path} in ${archive.path} is damaged; fetch the zip again.`, cause);
  const start = async (): Promise<number> => {
    if (method !== 0 && method !== 8) throw fault(`${path} in ${archive.path} is packed by a method that cannot be read (${method}); pack the zip anew with the usual one (deflate).`);
    const head = view(await archive.slice(entry.offset, entry.offset + 30));
    if (head.byteLength < 30 || head.getUint32(0, true) !== LOCAL) throw damaged();
    return entry.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  };
  const stream = (): ReadableStream<Uint8Array<ArrayBuffer>> => inflating(archive, entry, start, damaged);
  return {
    path, size, stream, ...(method === 0 ? {} : { packed: true as const }),
    async slice(from, to) {
      const [low, high] = [Math.min(from, size), Math.min(Math.max(from, to), size)];
      if (method === 0 && high - low < size) {
        const at = await start();
        return archive.slice(at + low, at + high);
      }
      if (low > 0 || high < size || size > AT_ONCE) return partOf(stream(), path, low, high);
      const at = await start();
      const packed = await archive.slice(at, at + compressed);
      let bytes = packed;
      if (method === 8) {
        try {
          bytes = inflateSync(packed, { out: new Uint8Array(size) });
        } catch (error) {
          throw damaged(error);
        }
      }
      if (packed.length < compressed || bytes.length !== size || crc32(bytes) !== entry.crc) throw damaged();
      return bytes;
    },
  };
}

/** What an entry holds, a few kilobytes of the archive at a time. */
function inflating(archive: Given, { size, compressed, method, crc: expected }: Entry, start: () => Promise<number>, damaged: (cause?: unknown) => LabError): ReadableStream<Uint8Array<ArrayBuffer>> {
  const step = method === 0 ? MIB : STEP;
  const out: Uint8Array<ArrayBuffer>[] = [];
  const inflate = new Inflate((chunk) => { out.push(chunk as Uint8Array<ArrayBuffer>); });
  let from = -1;
  let read = 0;
  let given = 0;
  let crc = 0;
  let block = new Uint8Array(0);
  let blockAt = 0;
  return streamOf(async () => {
    if (from < 0) from = await start();
    while (out.length === 0) {
      if (read === compressed) {
        if (given !== size || crc !== expected) throw damaged();
        return null;
      }
      if (blockAt === block.length) {
        block = await archive.slice(from + read, from + Math.min(compressed, read + MIB));
        blockAt = 0;
        if (block.length === 0) throw damaged();
      }
      const packed = block.subarray(blockAt, blockAt + step);
      blockAt += packed.length;
      read += packed.length;
      if (method === 0) out.push(packed);
      else {
        try {
          inflate.push(packed, read === compressed);
        } catch (error) {
          throw damaged(error);
        }
      }
      if (out[0]?.length === 0) out.shift();
    }
    const chunk = out.shift()!;
    given += chunk.length;
    if (given > size) throw damaged();
    crc = crc32(chunk, crc);
    return chunk;
  });
}

/** Bytes from … to − 1 of a stream that gives at least so many. */
async function partOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>, path: string, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const flow = new Flow(stream, path);
  await flow.skip(from);
  const bytes = await flow.take(room(to - from, `Reading ${path} as a whole`, 'unpack the archive and give the file'));
  await flow.close();
  return bytes;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A uint64 as a number; beyond 2^53 it is only compared with limits. */
const big = (data: DataView, at: number): number => data.getUint32(at + 4, true) * 2 ** 32 + data.getUint32(at, true);
