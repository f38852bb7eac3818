/** Small files of every format for tests, made by writers of their own, and a decoder of PNG in place of the browser's. */
import { decode as decodePng, encode as encodePng } from 'fast-png';
import { Stream } from '../../core/philox.ts';
import type { Choices, Decode, Find, Given, RawImage } from './contract.ts';
import { bytesGiven } from './given.ts';

export const ascii = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

export function joined(...parts: ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const given = (path: string, bytes: Uint8Array | string): Given => bytesGiven(path, typeof bytes === 'string' ? ascii(bytes) : new Uint8Array(bytes));

/** PNG only, 8 bits: grey, grey and alpha, RGB or RGBA. */
export const decode: Decode = (bytes) => {
  const { width, height, channels, data } = decodePng(bytes, { checkCrc: true });
  const rgba = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[i * channels + (channels < 3 ? 0 : c)]!;
    rgba[4 * i + 3] = channels % 2 === 0 ? data[i * channels + channels - 1]! : 255;
  }
  return Promise.resolve({ width, height, rgba });
};

export const png = (pixels: Uint8Array, height: number, width: number, channels = 1): Uint8Array<ArrayBuffer> => new Uint8Array(encodePng({ height, width, channels, depth: 8, data: pixels }));

/** `count` images of random bytes with labels that go round the classes. */
export function random(seed: number, count: number, shape: { height: number; width: number; channels: number }, classes: number): { pixels: Uint8Array; labels: number[] } {
  const stream = new Stream(seed, 'draw');
  return {
    pixels: Uint8Array.from({ length: count * shape.height * shape.width * shape.channels }, () => stream.integer(256)),
    labels: Array.from({ length: count }, (_, i) => i % classes),
  };
}

/** `.npy` 1.0 as NumPy writes it. */
export function npy(descr: string, shape: readonly number[], data: ArrayLike<number>, fortran = false): Uint8Array<ArrayBuffer> {
  const literal = `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = literal.padEnd(Math.ceil((literal.length + 11) / 64) * 64 - 11) + '\n';
  return joined([0x93], ascii('NUMPY'), [1, 0, header.length & 255, header.length >> 8], ascii(header), data);
}

export async function all(find: Find, ask: { most?: number; keep?: boolean[] } = {}): Promise<{ images: RawImage[]; left: [string, string][] }> {
  const left: [string, string][] = [];
  const images: RawImage[] = [];
  for await (const image of find.images({ ...ask, decode, leaveOut: (name, reason) => left.push([name, reason]) })) images.push(image);
  return { images, left };
}

/** Choices that leave images as they are. */
export const as = (find: Find, height: number, width: number, channels: 1 | 3 = 1): Choices => ({
  name: find.name, height, width, channels, fit: 'stretch', classNames: [...find.classNames], limit: 0, answers: {},
});
export const world = { decode, progress: () => undefined };
