import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { zipSync, zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { VOID } from '../dataset.ts';
import type { Choices, Given } from './contract.ts';
import { crc32 } from './crc32.ts';
import { examine } from './examine.ts';
import { find } from './find.ts';
import { fitMapInto } from './fit.ts';
import { readLabelMap } from './label-map.ts';
import { parseNames } from './map-classes.ts';
import { pairsOf } from './map-pairs.ts';
import { settle } from './settle.ts';
import { as, ascii, decode, given, joined, png, world } from './testing.ts';

const word = (value: number): number[] => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const chunk = (type: string, ...body: number[]): Uint8Array => joined(word(body.length), ascii(type), body, word(crc32(joined(ascii(type), body))));
/** A PNG of palette indices, rows packed at `depth` bits. */
function indexed(indices: readonly number[], width: number, depth: 1 | 2 | 4 | 8, palette: readonly number[], extra: Uint8Array = new Uint8Array(0)): Uint8Array<ArrayBuffer> {
  const height = indices.length / width;
  const row = Math.ceil((width * depth) / 8);
  const raw = new Uint8Array(height * (row + 1));
  indices.forEach((index, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    raw[y * (row + 1) + 1 + ((x * depth) >> 3)]! |= index << (8 - depth - ((x * depth) & 7));
  });
  return joined([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], chunk('IHDR', ...word(width), ...word(height), depth, 3, 0, 0, 0), chunk('PLTE', ...palette), extra, chunk('IDAT', ...zlibSync(raw)), chunk('IEND'));
}

const PALETTE = [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255];
const image = (value = 7): Uint8Array<ArrayBuffer> => png(new Uint8Array(12).fill(value), 3, 4);
const grey = (values: number[]): Uint8Array<ArrayBuffer> => png(Uint8Array.from(values), 3, 4);
const IDS = [0, 0, 1, 1, 0, 2, 2, 1, 255, 2, 2, 1];
const files = (tree: Record<string, Uint8Array | string>): Given[] => Object.entries(tree).map(([path, bytes]) => given(path, bytes));
const read = async (tree: Record<string, Uint8Array | string>, change: Partial<Choices> = {}) => {
  const found = await find(files(tree));
  const understanding = await examine(found, { decode, taken: new Set() });
  return { found, understanding, ...await settle(found, { ...understanding.choices, ...change }, world) };
};

describe('label maps', () => {
  it('of palette indices keep the indices at every depth', async () => {
    const indices = [0, 1, 2, 3, 3, 2, 1, 0, 1, 1, 2, 2, 0, 3, 0];
    for (const depth of [2, 4, 8] as const) {
      const map = await readLabelMap(indexed(indices, 5, depth, PALETTE));
      expect(map).toMatchObject({ kind: 'indexed', height: 3, width: 5, palette: [0, 0xff0000, 0xff00, 0xff] });
      expect([...map.values]).toEqual(indices);
    }
    expect([...(await readLabelMap(indexed([1, 0, 1, 1, 0, 0, 1, 0, 1], 9, 1, PALETTE.slice(0, 6)))).values]).toEqual([1, 0, 1, 1, 0, 0, 1, 0, 1]);
    expect([...(await readLabelMap(png(Uint8Array.of(1, 2, 3, 255, 0, 9), 1, 2, 3))).values]).toEqual([0x010203, 0xff0009]);
  });

  it('that inflate to more than they claim, and profiles that would, are not read', async () => {
    const bomb = zlibSync(new Uint8Array(2 ** 25));
    const claims = indexed([1, 0], 2, 8, PALETTE);
    const at = ascii('IDAT');
    const start = claims.findIndex((_, i) => at.every((byte, k) => claims[i + k] === byte)) - 4;
    await expect(readLabelMap(joined(claims.subarray(0, start), chunk('IDAT', ...bomb), chunk('IEND')))).rejects.toThrow('inflates');
    expect([...(await readLabelMap(indexed([1, 0], 2, 8, PALETTE, chunk('iCCP', 97, 0, 0, ...bomb)))).values]).toEqual([1, 0]);
  });

  it('are found beside, above and below folders of splits, and by the ends of names', () => {
    const keys = (...paths: string[]) => pairsOf(files(Object.fromEntries(paths.map((path) => [path, 'x']))))?.pairs.map(({ image: one, map, part }) => [one.path, map.path, part]) ?? null;
    expect(keys('d/train/images/1.jpg', 'd/train/labels/1.png')).toEqual([['d/train/images/1.jpg', 'd/train/labels/1.png', 'train']]);
    expect(keys('img/val/1.jpg', 'masks/val/1.png')).toEqual([['img/val/1.jpg', 'masks/val/1.png', 'validation']]);
    expect(keys('train/1.png', 'trainannot/1.png', 'test/1.png', 'testannot/1.png')).toEqual([['test/1.png', 'testannot/1.png', 'test'], ['train/1.png', 'trainannot/1.png', 'train']]);
    expect(keys('a.jpg', 'a_mask.png', 'b.jpg', 'b_mask.png')?.length).toBe(2);
    expect(keys('x/0001TP_1.png', 'x/0001TP_1_L.png')?.length).toBe(1);
    expect(keys('VOC/JPEGImages/7.jpg', 'VOC/SegmentationClass/7.png')?.length).toBe(1);
    // Classes are no label maps, whatever they are called.
    expect(keys('mask/0.png', 'without_mask/0.png')).toBeNull();
    expect(keys('cat/1.png', 'dog/1.png')).toBeNull();
  });

  it('become class numbers, void and splits; an image keeps its size and its map goes with it', async () => {
    const { found, understanding, dataset } = await read({
      'roads/train/images/a.png': image(), 'roads/train/labels/a.png': grey(IDS), 'roads/test/images/b.png': image(), 'roads/test/labels/b.png': grey([...IDS].reverse()), 'roads/classes.txt': 'road\nsky\ntree\n',
    });
    expect(found.words).toBe('2 images with a label map each, 4 numbers in them, given as 1 train and 1 test.');
    expect(understanding).toMatchObject({ count: 2, bytes: 48, choices: { classNames: ['road', 'sky', 'tree', ''] }, maps: { shares: [0.25, 1 / 3, 1 / 3, 1 / 12], void: [false, false, false, true] } });
    expect(understanding.sheet).toMatchObject({ rows: 2, columns: 6 });
    expect(dataset).toMatchObject({ name: 'roads', count: 2, classNames: ['road', 'sky', 'tree'] });
    expect([...dataset.parts!]).toEqual([2, 0]);
    expect([...dataset.maps!.subarray(12)]).toEqual(IDS);
    expect([...dataset.labels]).toEqual([0, 0]);
    // A class left out is void, those behind it move up.
    const without = await read({ 'x/images/a.png': image(), 'x/labels/a.png': grey(IDS) }, { classNames: ['0', '', 'tree', ''] });
    expect([...without.dataset.maps!]).toEqual(IDS.map((id) => (id === 0 ? 0 : id === 2 ? 1 : VOID)));
  });

  it('in colour, or with palettes that differ, are told apart by colour; names may come with them', async () => {
    const colour = (values: number[]): Uint8Array<ArrayBuffer> => png(Uint8Array.from(values.flatMap((v) => (v === 0 ? [0, 0, 0] : v === 1 ? [255, 0, 0] : [0, 255, 0]))), 3, 4, 3);
    const ids = IDS.map((id) => id % 3);
    const one = await read({ 'x/img/a.png': image(), 'x/annotations/a.png': colour(ids), 'x/label_colors.txt': '0 0 0\tVoid\n255 0 0\tcar\n0 255 0\ttree' });
    expect(one.understanding.maps!.colours).toEqual(['#000000', '#00ff00', '#ff0000']);
    expect(one.dataset.classNames).toEqual(['tree', 'car']);
    expect([...one.dataset.maps!]).toEqual(ids.map((id) => [VOID, 1, 0][id]!));
    const swapped = PALETTE.slice(0, 3).concat(PALETTE.slice(6, 9), PALETTE.slice(3, 6));
    const other = await read({ 'x/img/a.png': image(), 'x/gt/a.png': indexed(ids, 4, 8, PALETTE), 'x/img/b.png': image(), 'x/gt/b.png': indexed(ids, 4, 8, swapped) });
    expect(other.dataset.classNames).toEqual(['#000000', '#00ff00', '#ff0000']);
    expect([...other.dataset.maps!.subarray(0, 12)]).toEqual(ids.map((id) => [0, 2, 1][id]!));
    expect([...other.dataset.maps!.subarray(12)]).toEqual(ids);
  });

  it('that are missing, of another size, damaged or not PNG are named and counted; the rest loads', async () => {
    const good = Object.fromEntries([0, 1, 2].flatMap((i) => [[`x/images/${i}.png`, image()], [`x/masks/${i}.png`, grey(IDS)]]));
    const { dataset, notes } = await read({
      ...good, 'x/images/lone.png': image(), 'x/masks/orphan.png': grey(IDS), 'x/images/big.png': png(new Uint8Array(20), 4, 5), 'x/masks/big.png': grey(IDS),
      'x/images/bad.png': image(), 'x/masks/bad.png': 'no', 'x/images/j.png': image(), 'x/masks/j.jpg': 'lossy',
    });
    expect(dataset.count).toBe(3);
    expect(notes.map(({ text }) => text)).toEqual([
      '1 image was left out: without a label map of the same name.', '1 label map was left out: without an image of the same name.',
      '1 label map was left out: not PNG, the only format here in which labels keep their values.',
      '1 image was left out: its label map is damaged, or not a PNG.', '1 image was left out: its label map is of another size than the image.',
    ]);
    expect(notes.at(-1)!.examples).toEqual(['x/masks/big.png']);
    await expect(read({ 'x/images/a.png': image(), 'x/masks/a.jpg': 'lossy' })).rejects.toThrow('their maps are not PNG');
    const noise = png(Uint8Array.from({ length: 960 }, (_, i) => (i % 3 === 0 ? i / 3 : i % 3 === 1 ? i >> 8 : 7)), 16, 20, 3);
    await expect(read({ 'x/images/a.png': image(), 'x/masks/a.png': noise })).rejects.toThrow('more than the 254 that can be classes');
  });

  it('with a value that no sampled map has count it as void', async () => {
    const tree = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [[`x/images/${String(i).padStart(3, '0')}.png`, image()], [`x/masks/${String(i).padStart(3, '0')}.png`, grey(IDS)]] as const).flat());
    // Of 300 maps 250 are looked at: all but every sixth.
    const found = await find(files({ ...tree, 'x/masks/005.png': grey(IDS.map((id, k) => (k === 3 ? 9 : id))) }));
    expect(found).toMatchObject({ classNames: ['0', '1', '2', '255'], maps: { count: 300 } });
    const { dataset, notes } = await settle(found, { ...as(found, 3, 4), limit: 100 }, world);
    expect(dataset.count).toBe(100);
    expect(notes.at(-1)!.text).toBe('1 pixel in 1 label map had a value that none of the maps looked at first has; it counts as void.');
    expect(dataset.maps![12 * 1 + 3]).toBe(VOID);
  });

  it('are resized to the nearest label, and borders are void', () => {
    const map = Uint8Array.of(1, 2, 3, 4);
    const out = new Uint8Array(16);
    fitMapInto(map, { height: 2, width: 2 }, { height: 4, width: 4, fit: 'stretch' }, out, 0);
    expect([...out]).toEqual([1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
    fitMapInto(map, { height: 2, width: 2 }, { height: 2, width: 4, fit: 'fit' }, out, 0);
    expect([...out.subarray(0, 8)]).toEqual([VOID, 1, 2, VOID, VOID, 3, 4, VOID]);
    fitMapInto(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), { height: 2, width: 4 }, { height: 2, width: 2, fit: 'crop' }, out, 0);
    expect([...out.subarray(0, 4)]).toEqual([2, 3, 6, 7]);
  });

  it('take names from lists of several kinds', () => {
    expect(parseNames('name,r,g,b\nsky, 128,128,128\ncar,64,0,128')).toEqual({ by: 'colour', names: new Map([[0x808080, 'sky'], [0x400080, 'car']]) });
    expect(parseNames('0: road\n1: sky\n255: void')).toEqual({ by: 'number', names: new Map([[0, 'road'], [1, 'sky'], [255, 'void']]) });
    expect(parseNames('just one line')).toBeNull();
  });

  it('come out of a zip, and not out of a compressed tar', async () => {
    const tree = { 'images/a.png': image(), 'labels/a.png': grey(IDS), 'images/b.png': image(), 'labels/b.png': grey(IDS) };
    const found = await find([given('roads.zip', zipSync(tree))]);
    expect(found).toMatchObject({ name: 'roads', words: 'A zip of 2 images with a label map each, 4 numbers in them.' });
  });
});

const root = process.env.LAB_DATA;
const camvid = `${root}/camvid-96x72`;
const have = root !== undefined && existsSync(camvid);

it.skipIf(!have)(`CamVid: 701 maps with their splits, names and void${have ? '' : ' (skipped: LAB_DATA does not name a folder with camvid-96x72/)'}`, async () => {
  const paths = readdirSync(camvid, { recursive: true, encoding: 'utf8' }).filter((path) => /\.(png|jpg)$/.test(path)).sort();
  const found = await find(paths.map((path) => given(`camvid-96x72/${path}`, readFileSync(`${camvid}/${path}`))));
  expect(found.words).toBe('701 images with a label map each, 12 numbers in them, given as 367 train, 101 validation and 233 test.');
  expect(found.classNames).toEqual(['Sky', 'Building', 'Pole', 'Road', 'Pavement', 'Tree', 'SignSymbol', 'Fence', 'Car', 'Pedestrian', 'Bicyclist', 'Void']);
  expect(found.maps!.void).toEqual([...new Array<boolean>(11).fill(false), true]);
  // Photographs are JPEG, for which there is a decoder in a browser only; sizes are told by their headers.
  const grey96: typeof decode = () => Promise.resolve({ width: 96, height: 72, rgba: new Uint8Array(4 * 96 * 72).fill(255) });
  const understanding = await examine(found, { decode: grey96, taken: new Set() });
  expect(understanding.choices).toMatchObject({ height: 48, width: 64, classNames: found.classNames.with(11, '') });
  const { dataset, notes } = await settle(found, { ...understanding.choices, height: 72, width: 96, limit: 100 }, { decode: grey96, progress: () => undefined });
  expect(notes).toEqual([]);
  expect(dataset).toMatchObject({ count: 100, height: 72, width: 96 });
  // Sky, buildings and road make up most of a street.
  const counts = new Array<number>(256).fill(0);
  for (const label of dataset.maps!) counts[label]!++;
  expect((counts[0]! + counts[1]! + counts[3]!) / dataset.maps!.length).toBeGreaterThan(0.5);
}, 30_000);
