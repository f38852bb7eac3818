/**
 * A data set as one file, to be kept on this machine: magic, length of the header (uint32, little-endian), header (JSON), SHA-256 of the header, then images, labels
 * (uint16, little-endian) and parts. The header holds sizes and the data set's own SHA-256, so that a damaged or cut file is noticed before it is used.
 */
import { z } from 'zod';
import type { Dataset } from '../data/dataset.ts';
import { hashDataset, sha256Hex } from '../data/hash.ts';

const MAGIC = 'PRIORDS1';
const MOST_HEADER = 2 ** 22;
/** Magic, length of the header, and its hash as hex. */
const PREAMBLE = MAGIC.length + 4 + 64;

const HEADER = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1),
  kind: z.enum(['uint8', 'float32']),
  count: z.int().positive(),
  height: z.int().positive(),
  width: z.int().positive(),
  channels: z.int().positive(),
  classNames: z.array(z.string()).min(2).max(65535),
  sha256: z.string().length(64),
  licence: z.string(),
  parts: z.string().length(64).nullable(),
  /** Where it was read, as the page shows it, and when (ISO 8601). */
  origin: z.string(),
  kept: z.string(),
});
export type DataHeader = z.infer<typeof HEADER>;

/** Pieces of the file in their order; nothing large is copied. */
export async function dataFilePieces(dataset: Dataset, origin: string, kept: string): Promise<Uint8Array<ArrayBuffer>[]> {
  const { name, count, height, width, channels, classNames, sha256, licence, images, labels, parts } = dataset;
  const header: DataHeader = {
    version: 1, name, kind: images instanceof Uint8Array ? 'uint8' : 'float32', count, height, width, channels, classNames, sha256, licence,
    parts: parts ? await sha256Hex(bytesOf(parts)) : null, origin, kept,
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, json.byteLength, true);
  const text = new TextEncoder();
  return [text.encode(MAGIC), length, text.encode(await sha256Hex(json)), json, bytesOf(images), bytesOf(labels), ...(parts ? [bytesOf(parts)] : [])];
}

/** The header of a file of `size` bytes and where the images begin; null when it is none of ours, damaged or cut short. */
export async function readDataHeader(file: Pick<Blob, 'size' | 'slice'>): Promise<{ header: DataHeader; from: number } | null> {
  const start = new Uint8Array(await file.slice(0, PREAMBLE).arrayBuffer());
  if (start.byteLength < PREAMBLE || new TextDecoder().decode(start.subarray(0, MAGIC.length)) !== MAGIC) return null;
  const length = new DataView(start.buffer).getUint32(MAGIC.length, true);
  if (length > MOST_HEADER || PREAMBLE + length > file.size) return null;
  const json = new Uint8Array(await file.slice(PREAMBLE, PREAMBLE + length).arrayBuffer());
  if (await sha256Hex(json) !== new TextDecoder().decode(start.subarray(MAGIC.length + 4))) return null;
  const parsed = HEADER.safeParse(JSON.parse(new TextDecoder().decode(json)));
  if (!parsed.success || PREAMBLE + length + payload(parsed.data) !== file.size) return null;
  return { header: parsed.data, from: PREAMBLE + length };
}

/** The data set; null when the file is none of ours or not as it was written. */
export async function readDataFile(file: Pick<Blob, 'size' | 'slice'>): Promise<Dataset | null> {
  const found = await readDataHeader(file);
  if (!found) return null;
  const { header: { kind, name, count, height, width, channels, classNames, sha256, licence, parts: partsHash }, from } = found;
  const pixels = count * height * width * channels;
  const bytes = kind === 'uint8' ? pixels : 4 * pixels;
  const read = (at: number, length: number) => file.slice(from + at, from + at + length).arrayBuffer();
  const buffer = await read(0, bytes);
  const images = kind === 'uint8' ? new Uint8Array(buffer) : new Float32Array(buffer);
  const labels = new Uint16Array(await read(bytes, 2 * count));
  const parts = partsHash === null ? null : new Uint8Array(await read(bytes + 2 * count, count));
  if (await hashDataset(images, labels) !== sha256 || (parts && await sha256Hex(parts) !== partsHash) || labels.some((label) => label >= classNames.length)) return null;
  return { name, images, labels, count, height, width, channels, classNames, sha256, licence, ...(parts ? { parts } : {}) };
}

function payload({ kind, count, height, width, channels, parts }: DataHeader): number {
  return count * height * width * channels * (kind === 'uint8' ? 1 : 4) + 2 * count + (parts === null ? 0 : count);
}

function bytesOf(array: Uint8Array | Float32Array | Uint16Array): Uint8Array<ArrayBuffer> {
  // Data sets are never in shared memory, which could not be written to a file.
  return new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);
}
