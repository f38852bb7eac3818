import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../core/errors.ts';
import type { Find } from './contract.ts';
import { find } from './find.ts';
import { settle } from './settle.ts';
import { all, as, given, npy, random, world } from './testing.ts';

const { pixels, labels } = random(2, 8, { height: 3, width: 4, channels: 1 }, 2);
const x = npy('|u1', [8, 3, 4], pixels);
const y = npy('|u1', [8], labels);
const npz = (arrays: Record<string, Uint8Array>) => [given('set.npz', zipSync(Object.fromEntries(Object.entries(arrays).map(([name, bytes]) => [`${name}.npy`, new Uint8Array(bytes)]))))];
const failure = async (files: Parameters<typeof find>[0]) => {
  const error: unknown = await find(files).then((found) => settle(found, as(found, 3, 4), world)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LabError);
  return (error as LabError).message;
};
const bytesOf = async (found: Find): Promise<number[]> => [...(await settle(found, as(found, 3, 4), world)).dataset.images];

describe('arrays of NumPy', () => {
  it('reads an npz and two npy files alike', async () => {
    const packed = await find(npz({ x, y }));
    expect(packed).toMatchObject({ format: 'npz', name: 'set', classNames: ['0', '1'], counts: { byClass: [4, 4] }, questions: [], notes: [], words: '8 images of 3 × 4 in an array of NumPy, 2 classes.' });
    expect(await bytesOf(packed)).toEqual([...pixels]);
    const loose = await find([given('labels.npy', y), given('images.npy', x)]);
    expect(loose).toMatchObject({ format: 'npy', name: 'images' });
    expect(await bytesOf(loose)).toEqual([...pixels]);
  });

  it('takes x_train and x_test as parts, leaves out the part without labels', async () => {
    const found = await find(npz({ x_train: x, y_train: y, x_test: x, y_test: y, x_extra: x }));
    const { dataset } = await settle(found, as(found, 3, 4), world);
    expect(found.counts.byPart).toEqual({ train: 8, test: 8 });
    expect([...dataset.parts!]).toEqual([...Array<number>(8).fill(0), ...Array<number>(8).fill(2)]);
    const bare = await find(npz({ train_images: x, train_labels: y, val_images: x }));
    expect(bare.notes).toEqual([{ text: 'val_images has no labels and was left out.', count: 8, examples: ['val_images'] }]);
  });

  it('asks which labels, and reads them as answered', async () => {
    const fine = npy('<i8', [8], new Uint8Array(new BigInt64Array([0, 1, 2, 3, 0, 1, 2, 3].map(BigInt)).buffer));
    const found = await find(npz({ data: x, y_fine: fine, y_coarse: y }));
    expect(found.questions).toMatchObject([{ id: 'labels', default: 'y_coarse', options: [{ value: 'y_fine', label: 'y_fine (8)' }, { value: 'y_coarse' }] }]);
    expect((await found.answered({ labels: 'y_fine' })).classNames).toEqual(['0', '1', '2', '3']);
    expect((await settle(found, { ...as(found, 3, 4), classNames: ['a', 'b', 'c', 'd'], answers: { labels: 'y_fine' } }, world)).dataset.classNames).toEqual(['a', 'b', 'c', 'd']);
  });

  it('knows channels first, flattened squares, one-hot rows and words', async () => {
    const planes = new Uint8Array(2 * 3 * 5 * 5).map((_, i) => 100 * (Math.floor(i / 25) % 3));
    const first = await find(npz({ x: npy('|u1', [2, 3, 5, 5], planes), y: npy('<f4', [2, 2], new Uint8Array(Float32Array.of(0, 1, 1, 0).buffer)) }));
    expect(first.notes[0]!.text).toBe('Channels come first (3 × 5 × 5).');
    const { images } = await all(first);
    expect(images.map(({ label }) => label)).toEqual([1, 0]);
    expect([...images[0]!.pixels.subarray(0, 6)]).toEqual([0, 100, 200, 0, 100, 200]);
    const words = Uint32Array.from('dogcatdogcat', (c) => c.charCodeAt(0));
    const flat = await find(npz({ data: npy('|u1', [4, 16], new Uint8Array(64)), target: npy('<U3', [4], new Uint8Array(words.buffer)) }));
    expect(flat).toMatchObject({ classNames: ['cat', 'dog'], words: '4 images of 4 × 4 in an array of NumPy, 2 classes.' });
  });

  it.each<[string, ArrayLike<number>, RegExp | null, number[]]>([
    ['0 to 1', [0, 0.25, 1, 0.5], /0 = black and 1 = white/, [0, 64, 255, 128]],
    ['0 to 255', [0, 128.4, 255, 3], /0 = black and 255 = white/, [0, 128, 255, 3]],
    ['whole 0 to 255', [0, 128, 255, 3], null, [0, 128, 255, 3]],
    ['whole 0 to 16', [0, 8, 16, 4], /16 = white/, [0, 128, 255, 64]],
    ['−1 to 1', [-1, 0, 1, 0.5], /−1 = black and 1 = white/, [0, 128, 255, 191]],
    ['standardised', [-3, 0, 3, 1.5], /from −3 to 3, which is no usual range/, [0, 128, 255, 191]],
  ])('reads the scale of floats off their range: %s', async (_, values, note, expected) => {
    const found = await find(npz({ x: npy('<f8', [2, 1, 2], new Uint8Array(Float64Array.from(values).buffer)), y: npy('|u1', [2], [0, 1]) }));
    if (note) expect(found.notes[0]!.text).toMatch(note);
    else expect(found.notes).toEqual([]);
    expect([...(await settle(found, as(found, 1, 2), world)).dataset.images]).toEqual(expected);
  });

  it('leaves out an image with values that are not finite', async () => {
    const found = await find(npz({ x: npy('<f4', [3, 1, 2], new Uint8Array(Float32Array.of(0, 1, NaN, 0, 1, Infinity).buffer)), y: npy('|u1', [3], [0, 1, 1]) }));
    expect((await all(found)).left).toEqual([['x[1]', 'values that are not finite'], ['x[2]', 'values that are not finite']]);
  });

  it.each<[string, () => Parameters<typeof find>[0], RegExp]>([
    ['objects', () => [given('x.npy', npy('|O', [2], [0x80, 4]))], /x holds Python objects \(a pickle\), which can run code/],
    ['fields', () => [given('x.npy', npy("', [('a', '<i4')], '", [2], [0]).map((byte) => byte))], /x has a header that NumPy does not write/],
    ['no labels', () => npz({ x }), /x holds 8 images, but there is no array of labels beside it/],
    ['another count', () => npz({ x, y: npy('|u1', [7], labels.slice(1)) }), /x holds 8 images, but y holds 7 labels/],
    ['a part of another count', () => npz({ x_train: x, y_train: y, x_test: x, y_test: npy('|u1', [7], labels.slice(1)) }), /x_test holds 8 images, but y_test holds 7 labels/],
    ['negative labels', () => npz({ x, y: npy('|i1', [8], [255, 0, 1, 0, 1, 0, 1, 0]) }), /holds the label -1 at row 1/],
    ['labels that are not whole', () => npz({ x, y: npy('<f4', [8], new Uint8Array(Float32Array.of(0, 0.5, 1, 1, 1, 1, 1, 1).buffer)) }), /holds 0\.5 at row 2/],
    ['one class', () => npz({ x, y: npy('|u1', [8], new Uint8Array(8)) }), /only one class \(“0”\)/],
    ['no images', () => npz({ y }), /set holds no array of images/],
    ['truncated', () => [given('x.npy', x.slice(0, -1)), given('y.npy', y)], /x is truncated: its header promises 224 bytes and it has 223/],
    ['a claim beyond the file', () => [given('x.npy', npy('<f8', [99999999, 9999, 9999], [1]))], /x (is truncated|claims the shape)/],
    ['bytes after the end', () => [given('x.npy', Uint8Array.from([...x, 0])), given('y.npy', y)], /x is damaged: its header promises 224/],
  ])('says what is wrong: %s', async (_, files, message) => {
    expect(await failure(files())).toMatch(message);
  });
});

describe('files that NumPy wrote', () => {
  const root = mkdtempSync(join(tmpdir(), 'npz-'));
  const script = `
import numpy as np, sys
root = sys.argv[1]
base = np.random.default_rng(3).integers(0, 256, (6, 3, 4))
labels = np.array([0, 1, 2, 0, 1, 2])
for t in ['u1', 'u2', 'i2', 'i4', 'i8', 'u4', 'u8', 'f2', 'f4', 'f8']:
    for end in '<>':
        for order in 'CF':
            np.savez(f'{root}/{t}{"l" if end == "<" else "b"}{order}.npz', x=np.asarray(base.astype(t).astype(end + t), order=order), y=labels.astype(end + 'i4'))
np.savez_compressed(f'{root}/packed.npz', x=base.astype('u1'), y=labels)
np.savez(f'{root}/bool.npz', x=base > 127, y=labels == 0)
np.savez(f'{root}/objects.npz', x=base.astype('u1'), y=labels, extra=np.array([{'a': 1}], dtype=object))
np.save(f'{root}/v2.npy', base.astype('u1'))
with open(f'{root}/v3.npy', 'wb') as f: np.lib.format.write_array(f, base.astype('u1'), version=(3, 0))
with open(f'{root}/v2.npy', 'wb') as f: np.lib.format.write_array(f, base.astype('u1'), version=(2, 0))
np.save(f'{root}/y.npy', labels)
print(','.join(map(str, base.ravel())))
`;
  let expected: number[] = [];
  try {
    expected = execFileSync('python3', ['-c', script, root], { stdio: ['ignore', 'pipe', 'ignore'] }).toString().split(',').map(Number);
  } catch {
    // Below, the tests say why they are skipped.
  }
  const file = (name: string) => given(name, readFileSync(join(root, name)));

  describe.skipIf(expected.length === 0)(`by dtype and order${expected.length === 0 ? ' (skipped: python3 with numpy is not installed)' : ''}`, () => {
    it.each(['u1', 'u2', 'i2', 'i4', 'i8', 'u4', 'u8', 'f2', 'f4', 'f8'].flatMap((type) => ['lC', 'lF', 'bC', 'bF'].map((order) => type + order)))('%s', async (name) => {
      const found = await find([file(`${name}.npz`)]);
      expect(await bytesOf(found)).toEqual(expected);
      expect(found.counts.byClass).toEqual([2, 2, 2]);
    });

    it('packed, booleans, objects beside, versions 2.0 and 3.0', async () => {
      expect(await bytesOf(await find([file('packed.npz')]))).toEqual(expected);
      const flags = await find([file('bool.npz')]);
      expect(await bytesOf(flags)).toEqual(expected.map((value) => (value > 127 ? 255 : 0)));
      expect(flags.counts.byClass).toEqual([4, 2]);
      const beside = await find([file('objects.npz')]);
      expect(await bytesOf(beside)).toEqual(expected);
      expect(beside.notes[0]!.text).toMatch(/extra holds Python objects/);
      for (const version of ['v2.npy', 'v3.npy']) expect(await bytesOf(await find([file(version), file('y.npy')]))).toEqual(expected);
    });
  });
});
