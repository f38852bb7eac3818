/**
 * IDX files, the format of MNIST (Y. LeCun): two zero bytes, a type byte, the number of dimensions, each dimension as
 * big-endian uint32, then the values row-major. Gzip or not. Images are uint8 [N, H, W] or [N, H, W, C]; labels are
 * whole numbers [N]. Every fault is one LabError('data') naming the file, found before anything large is allocated.
 */
import { LabError } from '../core/errors.ts';
import type { Dataset } from './dataset.ts';
import { sealed } from './hash.ts';
import { gunzip, isGzip } from './inflate.ts';

export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

interface IdxHeader {
  type: number;
  dims: number[];
  /** Bytes before the values. */
  start: number;
  /** Bytes the whole file must have. */
  total: number;
}

interface IdxFile extends IdxHeader {
  name: string;
  bytes: Uint8Array;
}

const TYPES: Record<number, { size: number; words: string }> = {
  0x08: { size: 1, words: 'unsigned bytes' },
  0x09: { size: 1, words: 'signed bytes' },
  0x0b: { size: 2, words: '16-bit integers' },
  0x0c: { size: 4, words: '32-bit integers' },
  0x0d: { size: 4, words: '32-bit floats' },
  0x0e: { size: 8, words: '64-bit floats' },
};
const UBYTE = 0x08;
const MAX_BYTES = 2 ** 30;
const MAX_SIDE = 1024;
const MAX_CHANNELS = 4;
const MAX_CLASSES = 65535;
/** The longest header allowed: 4 dimensions. */
const HEADER = 20;

const fault = (sentence: string): LabError => new LabError('data', sentence);

/** Checks everything that a header can say wrong. `bytes` holds at least the header, or the whole file if shorter. */
function readHeader(name: string, bytes: Uint8Array): IdxHeader {
  if (bytes.length === 0) throw fault(`${name} is empty; choose an IDX file.`);
  const type = TYPES[bytes[2] ?? -1];
  if (bytes[0] !== 0 || bytes[1] !== 0 || !type) {
    throw fault(`${name} is not an IDX file: it does not start with the IDX magic number (0, 0, a type, a number of dimensions).`);
  }
  const rank = bytes[3] ?? 0;
  if (rank !== 1 && rank !== 3 && rank !== 4) {
    throw fault(`${name} has ${rank} dimensions; labels have 1 and images have 3 (count, height, width) or 4 (… and channels).`);
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw fault(`${name} is truncated: it ends within its header.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const shape = dims.join(' × ');
  if (dims[0] === 0) throw fault(`${name} holds no items (its count is 0); choose a file with data.`);
  if (dims.slice(1, 3).some((side) => side === 0 || side > MAX_SIDE)) {
    throw fault(`${name} claims dimensions ${shape}; image sides must be between 1 and ${MAX_SIDE} pixels.`);
  }
  if (rank === 4 && (dims[3] === 0 || dims[3]! > MAX_CHANNELS)) {
    throw fault(`${name} claims dimensions ${shape}; channels come last and there can be 1 to ${MAX_CHANNELS}.`);
  }
  const values = dims.reduce((a, b) => a * b, 1);
  const total = start + values * type.size;
  if (!Number.isSafeInteger(total) || total > MAX_BYTES) {
    throw fault(`${name} claims dimensions ${shape}, more than the ${MAX_BYTES / 2 ** 20} MiB that can be read; use a smaller file.`);
  }
  return { type: bytes[2]!, dims, start, total };
}

async function open({ name, bytes }: NamedBytes): Promise<IdxFile> {
  let plain = bytes;
  if (isGzip(bytes)) {
    try {
      plain = await gunzip(bytes, HEADER, (head) => readHeader(name, head).total);
    } catch (error) {
      if (error instanceof LabError) throw error;
      throw new LabError('data', `${name} is a damaged or truncated gzip file; fetch it again.`, { cause: error });
    }
  }
  const header = readHeader(name, plain);
  if (plain.length < header.total) {
    throw fault(`${name} is truncated: its header promises ${header.total} bytes and it has ${plain.length}.`);
  }
  if (plain.length > header.total) {
    throw fault(`${name} has trailing bytes: its header promises ${header.total} bytes and it has more.`);
  }
  return { ...header, name, bytes: plain };
}

/** Any whole-number IDX vector as numbers [N]. */
function readLabels(file: IdxFile): Int32Array {
  const { name, bytes, start, type } = file;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = file.dims[0]!;
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    switch (type) {
      case 0x08: labels[i] = view.getUint8(start + i); break;
      case 0x09: labels[i] = view.getInt8(start + i); break;
      case 0x0b: labels[i] = view.getInt16(start + 2 * i); break;
      case 0x0c: labels[i] = view.getInt32(start + 4 * i); break;
      default: throw fault(`${name} holds ${TYPES[type]!.words}; labels must be whole numbers.`);
    }
  }
  return labels;
}

async function build(name: string, images: IdxFile, labels: IdxFile): Promise<Dataset> {
  if (images.type !== UBYTE) throw fault(`${images.name} holds ${TYPES[images.type]!.words}; images must be unsigned bytes.`);
  const [count = 0, height = 0, width = 0, channels = 1] = images.dims;
  if (labels.dims[0] !== count) {
    throw fault(`${images.name} has ${count} images, but ${labels.name} has ${labels.dims[0]!} labels; the two files do not belong together.`);
  }
  const values = readLabels(labels);
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct[0]! < 0) throw fault(`${labels.name} holds the label ${distinct[0]!}; labels must be 0 or more.`);
  if (distinct.length > MAX_CLASSES) throw fault(`${labels.name} holds ${distinct.length} classes; there can be at most ${MAX_CLASSES}.`);
  if (distinct.length < 2) throw fault(`${labels.name} holds only the label ${distinct[0]!}; at least two classes are needed to learn from.`);
  // Labels need not start at 0 or be without gaps (EMNIST letters are 1–26): classes are the labels that occur.
  const classOf = new Map(distinct.map((label, i) => [label, i]));
  return sealed({
    name,
    images: images.bytes.slice(images.start),
    labels: Uint16Array.from(values, (label) => classOf.get(label)!),
    count, height, width, channels,
    classNames: distinct.map(String),
    licence: '',
  });
}

/** Two files in either order; the name defaults to the image file's without its IDX endings. */
export async function readIdxPair(files: readonly NamedBytes[], name?: string | null): Promise<Dataset> {
  const [first, second] = files;
  if (!first || !second || files.length > 2) {
    throw fault(`A data set is two IDX files, images and labels; ${files.length === 1 ? `only ${first?.name ?? 'one'} was given` : `${files.length} files were given`}.`);
  }
  const opened = [await open(first), await open(second)] as const;
  const images = opened.find((file) => file.dims.length > 1);
  const labels = opened.find((file) => file.dims.length === 1);
  if (!images) throw fault(`${first.name} and ${second.name} both hold labels; one of the two must be the images.`);
  if (!labels) throw fault(`${first.name} and ${second.name} both hold images; one of the two must be the labels.`);
  return build(name ?? stem(images.name), images, labels);
}

/** The name a data set gets from its image file: `dir/t10k-images-idx3-ubyte.gz` → `t10k`. */
export function stem(path: string): string {
  const file = path.split(/[\\/]/).at(-1) ?? path;
  const short = file.replace(/\.gz$/i, '').replace(/\.(idx\d?|ubyte|bin)$/i, '').replace(/[-_.]?(images?|imgs?)?[-_.]?(idx\d)?[-_.]?(ubyte)?$/i, '');
  return short === '' ? 'images' : short;
}
