import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../core/errors.ts';
import { examine } from './examine.ts';
import { find } from './find.ts';
import { settle } from './settle.ts';
import { all, as, ascii, decode, given, png, random, world } from './testing.ts';

const shape = { height: 4, width: 5, channels: 1 };
const { pixels } = random(1, 12, shape, 3);
const image = (i: number): Uint8Array<ArrayBuffer> => png(pixels.subarray(20 * i, 20 * i + 20), 4, 5);
/** 12 images in 3 classes, 9 to train and 3 to test on. */
const tree: Record<string, Uint8Array<ArrayBuffer>> = Object.fromEntries(['cat', 'dog', 'emu'].flatMap((name, c) => [0, 1, 2, 3].map((i) => [`pets/${i < 3 ? 'train' : 'test'}/${name}/${i}.png`, image(4 * c + i)])));
const folder = (files: Record<string, Uint8Array | string>) => Object.entries(files).map(([path, bytes]) => given(path, bytes));
const failure = async (files: Record<string, Uint8Array | string>) => {
  const error: unknown = await find(folder(files)).then((found) => settle(found, as(found, 4, 5), world)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LabError);
  return (error as LabError).message;
};

describe('folders of images', () => {
  it('reads classes, splits and pixels, in the order of paths', async () => {
    const found = await find(folder({ ...tree, 'pets/.DS_Store': 'x', '__MACOSX/pets/train/cat/._0.png': 'x', 'pets/README.md': 'about' }));
    expect(found).toMatchObject({ format: 'folder', name: 'pets', classNames: ['cat', 'dog', 'emu'], counts: { byClass: [4, 4, 4], byPart: { train: 9, test: 3 } } });
    expect(found.words).toBe('12 images in 3 folders, given as 9 train and 3 test.');
    expect(found.notes).toEqual([{ text: '1 file was left out: not an image.', count: 1, examples: ['pets/README.md'] }]);
    const { dataset } = await settle(found, as(found, 4, 5), world);
    expect([...dataset.parts!]).toEqual([2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...dataset.labels]).toEqual([0, 1, 2, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect([...dataset.images.subarray(0, 20)]).toEqual([...pixels.subarray(60, 80)]);
  });

  it('orders classes named by numbers as numbers, and needs no wrapping folder', async () => {
    const found = await find(folder({ '10/a.png': image(0), '9/a.png': image(1), '2/a.png': image(2) }));
    expect(found).toMatchObject({ name: 'images', classNames: ['2', '9', '10'], counts: { byPart: {} } });
  });

  it('leaves damaged images out and names them', async () => {
    const found = await find(folder({ ...tree, 'pets/train/cat/0.png': ascii('not a png'), 'pets/train/dog/1.png': new Uint8Array(0) }));
    const { dataset, notes } = await settle(found, as(found, 4, 5), world);
    expect(dataset.count).toBe(10);
    expect(notes).toEqual([
      { text: '1 image was left out: damaged, or not an image.', count: 1, examples: ['pets/train/cat/0.png'] },
      { text: '1 image was left out: empty.', count: 1, examples: ['pets/train/dog/1.png'] },
    ]);
  });

  it('leaves out the class whose images are all damaged', async () => {
    const found = await find(folder({ 'a/1.png': image(0), 'b/1.png': 'no', 'c/1.png': image(1) }));
    const { dataset, notes } = await settle(found, as(found, 4, 5), world);
    expect(dataset).toMatchObject({ classNames: ['a', 'c'], count: 2 });
    expect([...dataset.labels]).toEqual([0, 1]);
    expect(notes.at(-1)).toMatchObject({ text: '1 class has no image that could be read and was left out.', examples: ['b'] });
  });

  it.each<[string, Record<string, Uint8Array | string>, RegExp]>([
    ['no folders', { '1.png': image(0), '2.png': image(1) }, /2 images are in no folders that say their class/],
    ['one class', { 'a/1.png': image(0), 'a/2.png': image(1) }, /holds only one class \(“a”\)/],
    ['nothing', {}, /nothing to read/],
    ['hidden files alone', { '.git/x': 'y' }, /nothing to read but hidden files/],
    ['all damaged', { 'a/1.png': 'x', 'b/1.png': 'y' }, /No image of images could be read/],
    ['a pickle', { 'batch': Uint8Array.of(0x80, 4, 1, 2) }, /batch is a Python pickle, which can run code/],
  ])('says what is wrong: %s', async (_, files, message) => {
    expect(await failure(files)).toMatch(message);
  });

  it('notes loose images, formats that are not read and folders without images', async () => {
    const found = await find(folder({ ...tree, 'pets/x.png': image(0), 'pets/train/cat/scan.tiff': 'II', 'pets/train/fox/notes.txt': 'none' }));
    expect(found.notes.map(({ text }) => text)).toEqual([
      '1 image was left out: of their formats only PNG, JPEG, WebP, BMP and GIF can be read.',
      '1 file was left out: not an image.',
      '1 image was left out: in no folder that says a class.',
      '1 folder holds no images and is no class.',
    ]);
  });

  it('samples evenly by class, and keeps classes and numbers as chosen', async () => {
    const found = await find(folder(tree));
    expect((await all(found, { most: 4 })).images.map(({ label }) => label).sort()).toEqual([0, 0, 1, 2]);
    const { dataset } = await settle(found, { ...as(found, 4, 5), classNames: ['katze', '', 'emu'], limit: 6 }, world);
    expect(dataset).toMatchObject({ classNames: ['katze', 'emu'], count: 6 });
    expect([...dataset.labels].sort()).toEqual([0, 0, 0, 1, 1, 1]);
  });
});

describe('zip', () => {
  it.each([0, 9] as const)('reads the same as the folder (compression %i)', async (level) => {
    const found = await find([given('pets.zip', zipSync(tree, { level }))]);
    expect(found).toMatchObject({ name: 'pets', words: 'A zip of 12 images in 3 folders, given as 9 train and 3 test.' });
    const { dataset } = await settle(found, as(found, 4, 5), world);
    const plain = await find(folder(tree));
    expect(dataset.sha256).toBe((await settle(plain, as(plain, 4, 5), world)).dataset.sha256);
  });

  it('reads what zip(1) wrote', async (context) => {
    const root = mkdtempSync(join(tmpdir(), 'zip-'));
    for (const [path, bytes] of Object.entries(tree)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    }
    try {
      execFileSync('zip', ['-qr', 'p.zip', 'pets'], { cwd: root });
    } catch {
      context.skip('zip is not installed');
    }
    const found = await find([given('p.zip', readFileSync(join(root, 'p.zip')))]);
    expect((await all(found)).images).toHaveLength(12);
  });

  it('takes train.zip and test.zip as two folders', async () => {
    const part = (name: string) => given(`${name}.zip`, zipSync(Object.fromEntries(Object.entries(tree).filter(([path]) => path.includes(name)).map(([path, bytes]) => [path.replace(`pets/${name}/`, ''), bytes]))));
    expect(await find([part('train'), part('test')])).toMatchObject({ counts: { byPart: { train: 9, test: 3 } } });
  });

  it('refuses bombs, overlaps, passwords and what is cut off', async () => {
    const bomb = zipSync({ 'a/x.png': new Uint8Array(64 * 2 ** 20) });
    expect(await failure({ 'bomb.zip': bomb })).toMatch(/looks like a zip bomb/);
    const zip = zipSync(tree);
    const directory = new DataView(zip.buffer).getUint32(zip.length - 6, true);
    const change = (at: number, value: number) => {
      const copy = zip.slice();
      copy[at] = value;
      return copy;
    };
    expect(await failure({ 'z.zip': change(directory + 8, 1) })).toMatch(/z\.zip is encrypted \(“pets\/train\/cat\/0\.png” needs a password\)/);
    expect(await failure({ 'z.zip': zip.slice(0, -30) })).toMatch(/damaged or truncated zip/);
    const overlapping = zip.slice();
    const second = directory + 46 + 'pets/train/cat/0.png'.length;
    overlapping.set(overlapping.slice(directory + 42, directory + 46), second + 42);
    expect(await failure({ 'z.zip': overlapping })).toMatch(/entries that overlap/);
  });

  it('leaves out an entry whose checksum is wrong', async () => {
    const zip = zipSync(tree, { level: 0 });
    zip[30 + 'pets/train/cat/0.png'.length + 20]! ^= 1;
    const { images, left } = await all(await find([given('z.zip', zip)]));
    expect(images).toHaveLength(11);
    expect(left).toEqual([['pets/train/cat/0.png', 'cut short or with a wrong checksum']]);
  });
});

describe('examine', () => {
  it('proposes a size, grey, a free name, and draws a row a class', async () => {
    const found = await find(folder(tree));
    const seen = await examine(found, { decode, taken: new Set(['pets']) });
    expect(seen).toMatchObject({
      count: 12, bytes: 240, sizes: { uniform: true, smallest: [4, 5] }, channels: { grey: 12, colour: 0 },
      choices: { name: 'pets-2', height: 4, width: 5, channels: 1, fit: 'fit' }, sheet: { rows: 3, columns: 6, height: 12, width: 30 },
    });
    expect(seen.sheet.rgba[0]).toBe(pixels[60]); // the test image of cat comes first
    expect(seen.sheet.rgba[3]).toBe(255);
    expect(seen.sheet.rgba[4 * 29 + 3]).toBe(0); // four images a class, six columns
  });

  it('sees mixed sizes, colour and transparency, and caps large images', async () => {
    const large = png(new Uint8Array(100 * 200 * 3).map((_, i) => (i % 3) * 90), 100, 200, 3);
    const found = await find(folder({ 'a/1.png': large, 'a/2.png': large, 'b/1.png': image(0), 'b/2.png': png(new Uint8Array(8), 2, 1, 4) }));
    const seen = await examine(found, { decode, taken: new Set() });
    expect(seen).toMatchObject({ sizes: { uniform: false, smallest: [2, 1], largest: [100, 200] }, channels: { grey: 1, colour: 2, alpha: 1 }, choices: { height: 32, width: 64, channels: 3 } });
    const again = await examine(found, { decode, taken: new Set(), choices: { ...seen.choices, height: 8, width: 8, channels: 1 } });
    expect(again).toMatchObject({ bytes: 4 * 64, sheet: { height: 16, width: 48 } });
  });
});
