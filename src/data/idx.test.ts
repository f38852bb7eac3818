import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { readIdxPair } from './idx.ts';
import { measureNormalisation } from './normalise.ts';
import { classCounts, stratifiedSplit } from './splits.ts';
import { selectClasses } from './subset.ts';
import { idxBytes } from './testing.ts';

const U8 = 0x08;
const pixels = Array.from({ length: 24 }, (_, i) => i * 10);
const images = { name: 'toy-images-idx3-ubyte', bytes: idxBytes(U8, [4, 2, 3], pixels) };
const labels = { name: 'toy-labels-idx1-ubyte', bytes: idxBytes(U8, [4], [3, 0, 3, 7]) };
const zipped = (file: { name: string; bytes: Uint8Array }) => ({ name: `${file.name}.gz`, bytes: gzipSync(file.bytes) });
const cut = (file: { name: string; bytes: Uint8Array }, end: number) => ({ name: file.name, bytes: file.bytes.slice(0, end) });
const withBytes = (bytes: Uint8Array) => ({ name: 'odd.idx', bytes });

describe('readIdxPair', () => {
  it.each([
    ['plain', [images, labels]],
    ['labels first', [labels, images]],
    ['gzip', [zipped(images), zipped(labels)]],
  ])('reads images and labels: %s', async (_, files) => {
    const data = await readIdxPair(files);
    expect(data).toMatchObject({ name: 'toy', count: 4, height: 2, width: 3, channels: 1, classNames: ['0', '3', '7'] });
    expect([...data.images]).toEqual(pixels);
    expect([...data.labels]).toEqual([1, 0, 1, 2]);
    expect(data.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('reads channels, wider labels and a view into a larger buffer', async () => {
    const colour = withBytes(idxBytes(U8, [2, 2, 2, 3], pixels));
    const wide = { name: 'wide', bytes: idxBytes(0x0c, [2], [0, 0, 1, 44, 0, 0, 0, 5]) };
    const padded = new Uint8Array(colour.bytes.length + 8);
    padded.set(colour.bytes, 5);
    const data = await readIdxPair([{ name: 'c', bytes: padded.subarray(5, 5 + colour.bytes.length) }, wide], 'mine');
    expect(data).toMatchObject({ name: 'mine', channels: 3, classNames: ['5', '300'] });
    expect([...data.labels]).toEqual([1, 0]);
  });

  it.each([
    ['wrong magic', [withBytes(Uint8Array.of(1, 2, 8, 3, 0, 0)), labels], /odd\.idx is not an IDX file/],
    ['unknown type', [withBytes(Uint8Array.of(0, 0, 0x0a, 3, 0, 0)), labels], /not an IDX file/],
    ['empty file', [withBytes(new Uint8Array(0)), labels], /is empty/],
    ['two dimensions', [withBytes(idxBytes(U8, [2, 2], [1, 2, 3, 4])), labels], /has 2 dimensions/],
    ['cut in the header', [cut(images, 9), labels], /truncated: it ends within its header/],
    ['truncated', [cut(images, images.bytes.length - 1), labels], /truncated: its header promises 40 bytes and it has 39/],
    ['trailing bytes', [withBytes(Uint8Array.of(...images.bytes, 0)), labels], /trailing bytes/],
    ['trailing bytes in gzip', [withBytes(gzipSync(Uint8Array.of(...images.bytes, 0))), labels], /trailing bytes/],
    ['truncated gzip', [cut(zipped(images), 40), labels], /damaged or truncated gzip/],
    ['no items', [withBytes(idxBytes(U8, [0, 2, 3], [])), labels], /holds no items/],
    ['a side of 0', [withBytes(idxBytes(U8, [4, 0, 3], [])), labels], /claims dimensions 4 × 0 × 3/],
    ['a huge side', [withBytes(idxBytes(U8, [1, 70000, 3], [])), labels], /sides must be between/],
    ['channels first', [withBytes(idxBytes(U8, [1, 3, 32, 32], new Array(3072).fill(0))), labels], /channels come last/],
    ['absurd count', [withBytes(idxBytes(U8, [0xffffffff, 1024, 1024], [])), labels], /more than the 1024 MiB/],
    ['float images', [withBytes(idxBytes(0x0d, [4, 1, 1], new Array(16).fill(0))), labels], /holds 32-bit floats; images must be/],
    ['float labels', [images, withBytes(idxBytes(0x0d, [4], new Array(16).fill(0)))], /labels must be whole numbers/],
    ['negative label', [images, withBytes(idxBytes(0x09, [4], [0, 1, 255, 1]))], /holds the label -1/],
    ['one class', [images, withBytes(idxBytes(U8, [4], [2, 2, 2, 2]))], /only the label 2/],
    ['count mismatch', [images, withBytes(idxBytes(U8, [3], [0, 1, 2]))], /has 4 images, but odd\.idx has 3 labels/],
    ['two images', [images, images], /both hold images/],
    ['two labels', [labels, labels], /both hold labels/],
    ['one file', [images], /only toy-images-idx3-ubyte was given/],
    ['three files', [images, labels, labels], /3 files were given/],
  ])('names the fault: %s', async (_, files, message) => {
    const failure = await readIdxPair(files).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LabError);
    expect(failure).toMatchObject({ kind: 'data', message: expect.stringMatching(message) as unknown });
  });

  it('refuses more than 65,535 classes', async () => {
    const count = 65536;
    const many = new Uint8Array(4 * count);
    for (let i = 0; i < count; i++) new DataView(many.buffer).setUint32(4 * i, i);
    await expect(readIdxPair([withBytes(idxBytes(U8, [count, 1, 1], new Uint8Array(count))), { name: 'l', bytes: idxBytes(0x0c, [count], many) }]))
      .rejects.toThrow(/65536 classes; there can be at most 65535/);
  });

  it('stops inflating where the header says the data ends', async () => {
    const bomb = new Uint8Array(64 * 2 ** 20);
    bomb.set(images.bytes);
    const files = [{ name: 'bomb.gz', bytes: gzipSync(bomb, { level: 9 }) }, labels];
    await expect(readIdxPair(files)).rejects.toThrow(/bomb\.gz has trailing bytes/);
  });
});

const root = process.env.LAB_DATA;
const have = root !== undefined && existsSync(`${root}/mnist`);
describe.skipIf(!have)(`real files${have ? '' : ' (skipped: LAB_DATA does not name a folder with mnist/ and notmnist/)'}`, () => {
  const load = (set: string) => readIdxPair(['labels-idx1', 'images-idx3'].map((part) => ({
    name: `t10k-${part}-ubyte.gz`, bytes: readFileSync(`${root!}/${set}/t10k-${part}-ubyte.gz`),
  })), set);

  it('MNIST: counts and first labels as published', async () => {
    const mnist = await load('mnist');
    expect(mnist).toMatchObject({ count: 10000, height: 28, width: 28, channels: 1 });
    expect(mnist.classNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect([...mnist.labels.slice(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    expect(classCounts(mnist)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    const { mean, std } = measureNormalisation(mnist);
    expect(mean).toBeCloseTo(0.1325, 3);
    expect(std).toBeCloseTo(0.3105, 3);
    const split = stratifiedSplit(mnist, 1, { train: 100, validation: 100, test: 2000 });
    expect(classCounts(mnist, split.train)).toEqual(new Array(10).fill(10));
    expect(new Set([...split.train, ...split.validation, ...split.test]).size).toBe(2200);
    const odd = await selectClasses(mnist, [1, 3, 5, 7, 9]);
    expect(odd.count).toBe(1135 + 1010 + 892 + 1028 + 1009);
  });

  it('notMNIST: 10,000 letters A–J', async () => {
    const letters = await load('notmnist');
    expect(letters).toMatchObject({ count: 10000, height: 28, width: 28, channels: 1 });
    expect(letters.classNames.length).toBe(10);
    expect(Math.min(...classCounts(letters))).toBeGreaterThan(500);
  });
});
