import { describe, expect, it } from 'vitest';
import { type Dataset, VOID } from './dataset.ts';
import { classCounts, stratifiedSplit } from './splits.ts';
import { classesNamed, renameClasses, selectClasses } from './subset.ts';
import { countedDataset } from './testing.ts';

const data = countedDataset([0, 1, 2, 3, 0, 1, 2, 3, 3]);

describe('selectClasses', () => {
  it('keeps the rows of the classes in order, relabelled, with names and a hash of their own', async () => {
    const part = await selectClasses(data, [3, 1]);
    expect([...part.images]).toEqual([1, 3, 5, 7, 8]);
    expect([...part.labels]).toEqual([1, 0, 1, 0, 0]);
    expect(part.classNames).toEqual(['d', 'b']);
    expect(part.count).toBe(5);
    expect(part.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps the part of every row', async () => {
    const part = await selectClasses({ ...data, parts: Uint8Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2) }, [3, 1]);
    expect([...part.parts!]).toEqual([1, 0, 2, 1, 2]);
    expect('parts' in await selectClasses(data, [3, 1])).toBe(false);
  });

  it('copies whole float images of several channels', async () => {
    const float = { ...data, images: Float32Array.from({ length: 36 }, (_, i) => i), width: 2, channels: 2 };
    const part = await selectClasses(float, [0, 2]);
    expect([...part.images]).toEqual([0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27]);
  });

  it('is the data set itself for all classes in order', async () => {
    expect(await selectClasses(data, [0, 1, 2, 3])).toBe(data);
  });

  it('names the fault', async () => {
    await expect(selectClasses(data, [0])).rejects.toThrow(/At least two classes/);
    await expect(selectClasses(data, [0, 9])).rejects.toThrow(/no class number 9/);
    await expect(selectClasses(data, [1, 1])).rejects.toThrow(/“b” of small is chosen twice/);
  });
});

describe('class names', () => {
  it('are looked up, none meaning all', () => {
    expect(classesNamed(data, ['c', 'a'])).toEqual([2, 0]);
    expect(classesNamed(data, [])).toEqual([0, 1, 2, 3]);
    expect(() => classesNamed(data, ['z'])).toThrow(/no class “z”; its classes are a, b, c, d/);
  });

  it('can be changed, one distinct name a class', () => {
    expect(renameClasses(data, ['zero', ' one ', 'two', 'three']).classNames).toEqual(['zero', 'one', 'two', 'three']);
    expect(() => renameClasses(data, ['zero'])).toThrow(/has 4 classes, but 1 names/);
    expect(() => renameClasses(data, ['x', 'x', 'y', 'z'])).toThrow(/“x” is used twice/);
    expect(() => renameClasses(data, ['x', ' ', 'y', 'z'])).toThrow(/empty/);
  });
});

describe('data with label maps', () => {
  const mapped: Dataset = { ...countedDataset(new Array<number>(12).fill(0)), classNames: ['ground', 'car', 'tree'], maps: Uint8Array.from({ length: 12 }, (_, i) => (i === 11 ? VOID : i % 3)) };

  it('keep all rows when classes are chosen, and count rows by what occurs in them', async () => {
    expect(classCounts(mapped)).toEqual([4, 4, 3]);
    const chosen = await selectClasses(mapped, [2, 0]);
    expect(chosen).toMatchObject({ count: 12, classNames: ['tree', 'ground'] });
    expect([...chosen.maps!]).toEqual([1, VOID, 0, 1, VOID, 0, 1, VOID, 0, 1, VOID, VOID]);
  });

  it('are split as one kind, since an image holds many classes', () => {
    const { train, validation, test } = stratifiedSplit(mapped, 1, { train: 4, validation: 3, test: 5 });
    expect([...train, ...validation, ...test].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(() => stratifiedSplit(mapped, 1, { train: 8, validation: 3, test: 5 })).toThrow('has 12 images, but 8 training + 3 validation + 5 test');
  });
});
