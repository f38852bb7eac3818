import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { downstreamFamilies, glyphDownstream, type GlyphDownstreamOptions, glyphSource } from './glyphs.ts';
import { classCounts } from './splits.ts';
import { loadSprite } from './sprite.ts';
import { syntheticSprite } from './testing.ts';
import type { Dataset } from './dataset.ts';

const sprite = syntheticSprite(10, 12);
const size = 64;
const image = (data: Dataset, row: number): string => data.images.subarray(row * size, (row + 1) * size).join();
const base: GlyphDownstreamOptions = {
  seeds: [1, 2], n: 25, validation: 20, test: 40, shift: 'none', severity: 1, augmentation: null, validationFaces: 'disjoint',
};
/** Faces (rows of the sprite) of clean images: the tile's first pixel. */
const facesOf = (data: Dataset, rows: Uint32Array): Set<number> => new Set([...rows].map((row) => data.images[row * size]!));
const familiesOf = (faces: Iterable<number>): Set<number> => new Set([...faces].map((face) => face >> 1));

describe('glyphSource', () => {
  it('trains on the clean tiles of most print families and tests on the others', async () => {
    const { dataset, train, test } = await glyphSource(sprite, { seed: 3, testShare: 0.2, testCount: 55, augmentation: null });
    expect(dataset).toMatchObject({ height: 8, width: 8, channels: 1, count: 16 * 26 + 55 });
    expect(dataset.classNames.join('')).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    expect(train.length).toBe(16 * 26);
    expect(classCounts(dataset, train)).toEqual(new Array(26).fill(16));
    for (const row of train) expect(dataset.images[row * size + 1]).toBe(dataset.labels[row]);
    const counts = classCounts(dataset, test);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    const trainFamilies = familiesOf(facesOf(dataset, train));
    const testFamilies = familiesOf(facesOf(dataset, test));
    expect(trainFamilies.size).toBe(8);
    expect(testFamilies.size).toBe(2);
    expect([...testFamilies].filter((family) => trainFamilies.has(family))).toEqual([]);
    expect(Math.max(...trainFamilies, ...testFamilies)).toBeLessThan(10);
  });

  it('bakes an affine into test images only, and follows the seed', async () => {
    const clean = await glyphSource(sprite, { seed: 3, testCount: 20, augmentation: null });
    const moved = await glyphSource(sprite, { seed: 3, testCount: 20 });
    expect(image(moved.dataset, 5)).toBe(image(clean.dataset, 5));
    expect(image(moved.dataset, moved.test[5]!)).not.toBe(image(clean.dataset, clean.test[5]!));
    expect((await glyphSource(sprite, { seed: 3, testCount: 20 })).dataset.sha256).toBe(moved.dataset.sha256);
    expect((await glyphSource(sprite, { seed: 4, testCount: 20 })).dataset.sha256).not.toBe(moved.dataset.sha256);
  });

  it('names the fault', async () => {
    await expect(glyphSource(sprite, { seed: 1, characters: 'Aé' })).rejects.toThrow(/no character “é”/);
    await expect(glyphSource(sprite, { seed: 1, characters: 'A' })).rejects.toThrow(/At least two/);
    await expect(glyphSource(sprite, { seed: 1, characters: 'ABA' })).rejects.toThrow(/chosen twice/);
    await expect(glyphSource(syntheticSprite(1, 3), { seed: 1 })).rejects.toThrow(/at least two are needed/);
  });
});

describe('glyphDownstream', () => {
  it('gives each seed disjoint families, kept whole, in shares of about 45 / 15 / 40', () => {
    const { train, validation, test } = downstreamFamilies(sprite, 'handwriting', 1, 'disjoint');
    expect([train.length, validation.length, test.length]).toEqual([10, 4, 10]);
    const families = [train, validation, test].map((faces) => familiesOf(faces.map((face) => face.row)));
    expect(new Set(families.flatMap((set) => [...set])).size).toBe(12);
    expect(families.map((set) => set.size)).toEqual([5, 2, 5]);
    const reused = downstreamFamilies(sprite, 'handwriting', 1, 'training');
    expect(reused.validation).toEqual(reused.train);
    expect([reused.train, reused.test]).toEqual([train, test]);
    expect(downstreamFamilies(sprite, 'handwriting', 2, 'disjoint').test).not.toEqual(test);
  });

  it('makes balanced images of the right faces and characters', async () => {
    const { dataset, splits } = await glyphDownstream(sprite, base);
    expect(dataset.count).toBe(2 * 85);
    expect(splits.length).toBe(2);
    splits.forEach((split, s) => {
      const faces = downstreamFamilies(sprite, 'handwriting', base.seeds[s]!, 'disjoint');
      for (const part of ['train', 'validation', 'test'] as const) {
        const allowed = new Set(faces[part].map((face) => face.row));
        for (const face of facesOf(dataset, split[part])) expect(allowed.has(face)).toBe(true);
        const counts = classCounts(dataset, split[part]);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        for (const row of split[part]) expect(dataset.images[row * size + 1]).toBe(52 + dataset.labels[row]!);
      }
    });
    const all = splits.flatMap((split) => [...split.train, ...split.validation, ...split.test]);
    expect(new Set(all).size).toBe(170);
  });

  it('nests smaller n, and does not move validation or test with n', async () => {
    const options: GlyphDownstreamOptions = { ...base, augmentation: undefined, shift: 'noise' };
    const small = await glyphDownstream(sprite, { ...options, n: 12 });
    const large = await glyphDownstream(sprite, options);
    for (const seed of [0, 1]) {
      const [a, b] = [small.splits[seed]!, large.splits[seed]!];
      const same = (x: Uint32Array, y: Uint32Array): void => x.forEach((row, i) => {
        expect(image(small.dataset, row)).toBe(image(large.dataset, y[i]!));
        expect(small.dataset.labels[row]).toBe(large.dataset.labels[y[i]!]);
      });
      same(a.train, b.train);
      same(a.validation, b.validation);
      same(a.test, b.test);
    }
  });

  it('shares no image between parts or seeds, and is deterministic', async () => {
    const options: GlyphDownstreamOptions = { ...base, augmentation: undefined, shift: 'noise' };
    const { dataset } = await glyphDownstream(sprite, options);
    expect(new Set(Array.from({ length: dataset.count }, (_, row) => image(dataset, row))).size).toBe(dataset.count);
    expect((await glyphDownstream(sprite, options)).dataset.sha256).toBe(dataset.sha256);
  });

  it('names the fault', async () => {
    await expect(glyphDownstream(syntheticSprite(3, 2), base)).rejects.toThrow(/at least three are needed/);
    const failure = await glyphDownstream(sprite, { ...base, n: 1e7 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LabError);
    expect(failure).toMatchObject({ kind: 'memory' });
  });
});

const committed = new URL('../../public/data/glyphs.png', import.meta.url);
describe.skipIf(!existsSync(committed))(`the built-in glyph sheet${existsSync(committed) ? '' : ' (skipped: public/data/glyphs.png is not there)'}`, () => {
  const built = existsSync(committed)
    ? loadSprite(readFileSync(committed), JSON.parse(readFileSync(new URL('glyphs.json', committed), 'utf8')))
    : sprite;

  it('has typefaces enough for both tasks, and ink in every tile', () => {
    const families = (kind: string) => new Set(built.faces.filter((face) => face.kind === kind).map((face) => face.family)).size;
    expect(families('print')).toBeGreaterThanOrEqual(60);
    expect(families('handwriting')).toBeGreaterThanOrEqual(30);
    expect(built.tile).toBe(28);
  });

  it('makes source and downstream tasks', async () => {
    const source = await glyphSource(built, { seed: 1, testCount: 52 });
    for (const row of source.train) {
      expect(source.dataset.images.subarray(row * 784, (row + 1) * 784).some((value) => value > 100)).toBe(true);
    }
    const downstream = await glyphDownstream(built, { ...base, augmentation: undefined, shift: 'noise' });
    expect(downstream.dataset.count).toBe(170);
  });
});
