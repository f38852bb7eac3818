/**
 * One label map: a PNG whose values mean classes. Grey and indexed pictures give their numbers (a browser's decoder would turn an index into its colour), colour ones
 * r·65536 + g·256 + b. What a PNG claims, and what its pixels inflate to, is held against the limits before it is decoded.
 */
import { joinedBytes } from '../../core/bytes.ts';
import { decode } from 'fast-png';
import { imageSize } from './image-size.ts';
import { MAX_PIXELS, MAX_SIDE, MIB } from './limits.ts';

export interface LabelMap {
  height: number;
  width: number;
  kind: 'grey' | 'indexed' | 'colour';
  /** [height, width] */
  values: Uint32Array;
  /** Colour of each index, of an indexed picture. */
  palette: number[] | null;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Chunks that are decoded: profiles and texts say nothing of labels, and may be packed. */
const NEEDED = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND']);

/** Deflate packs no denser, so what is small enough cannot become large. */
const MOST_RATIO = 1032;
const HARMLESS = 16 * MIB;

export const packed = (r: number, g: number, b: number): number => r * 65536 + g * 256 + b;

const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);

/** Rejects with an Error on damage, on sizes beyond the limits, and where pixels inflate to more than their size. */
export async function readLabelMap(bytes: Uint8Array<ArrayBuffer>): Promise<LabelMap> {
  const claimed = imageSize(bytes);
  if (!isPng(bytes) || !claimed || claimed.height > MAX_SIDE || claimed.width > MAX_SIDE || claimed.height * claimed.width > MAX_PIXELS) throw new RangeError('size');
  const chunks = chunksOf(bytes);
  await refuseBomb(chunks.filter(({ type }) => type === 'IDAT').map(({ body }) => body), claimed.height * (8 * claimed.width + 1) + 64);
  const { width, height, depth, channels, data, palette } = decode(joinedBytes([Uint8Array.from(SIGNATURE), ...chunks.map(({ whole }) => whole)]), { checkCrc: true });
  const values = new Uint32Array(width * height);
  if (channels >= 3) {
    const eight = depth === 16 ? 8 : 0;
    for (let i = 0; i < values.length; i++) values[i] = packed(data[i * channels]! >> eight, data[i * channels + 1]! >> eight, data[i * channels + 2]! >> eight);
    return { height, width, kind: 'colour', values, palette: null };
  }
  // Below eight bits rows are packed, each from a byte of its own.
  const row = Math.ceil((width * depth) / 8);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      values[y * width + x] = depth >= 8
        ? data[(y * width + x) * channels]!
        : (data[y * row + ((x * depth) >> 3)]! >> (8 - depth - ((x * depth) & 7))) & (2 ** depth - 1);
    }
  }
  if (!palette) return { height, width, kind: 'grey', values, palette: null };
  return { height, width, kind: 'indexed', values, palette: palette.map((colour) => packed(colour[0]!, colour[1]!, colour[2]!)) };
}

/** The chunks of a PNG that are needed, whole (length, type, body, checksum) and their bodies. */
function chunksOf(bytes: Uint8Array<ArrayBuffer>): { type: string; whole: Uint8Array<ArrayBuffer>; body: Uint8Array<ArrayBuffer> }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: ReturnType<typeof chunksOf> = [];
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end > bytes.length) throw new RangeError('cut short');
    if (NEEDED.has(type)) chunks.push({ type, whole: bytes.subarray(at, end), body: bytes.subarray(at + 8, end - 4) });
    if (type === 'IEND') return chunks;
    at = end;
  }
  throw new RangeError('cut short');
}

/** Inflates without keeping anything. */
async function refuseBomb(parts: readonly Uint8Array<ArrayBuffer>[], most: number): Promise<void> {
  if (MOST_RATIO * parts.reduce((sum, part) => sum + part.length, 0) <= HARMLESS) return;
  const reader = new Blob([...parts]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  for (let length = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    length += value.byteLength;
    if (length <= most) continue;
    await reader.cancel();
    throw new RangeError('inflates to more than its size');
  }
}
