import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { classCounts, fittingSizes, holdOut, proportional, stratifiedSplit } from './splits.ts';
import { countedDataset } from './testing.ts';

/** 60, 30 and 10 rows of classes 0, 1, 2, interleaved. */
const uneven = countedDataset(Array.from({ length: 100 }, (_, i) => (i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2)));

describe('stratifiedSplit', () => {
  it('is disjoint, balanced in training and proportional in validation and test', () => {
    const split = stratifiedSplit(uneven, 1, { train: 10, validation: 20, test: 30 });
    const all = [...split.train, ...split.validation, ...split.test];
    expect(new Set(all).size).toBe(60);
    expect(classCounts(uneven, split.train).sort()).toEqual([3, 3, 4]);
    expect(classCounts(uneven, split.validation)).toEqual([12, 6, 2]);
    expect(classCounts(uneven, split.test)).toEqual([18, 9, 3]);
  });

  it('nests training rows in n and keeps test rows whatever n is', () => {
    const small = stratifiedSplit(uneven, 4, { train: 5, validation: 5, test: 20 });
    const large = stratifiedSplit(uneven, 4, { train: 11, validation: 30, test: 20 });
    expect([...large.train.slice(0, 5)]).toEqual([...small.train]);
    expect([...large.test]).toEqual([...small.test]);
  });

  it('follows the seed', () => {
    const sizes = { train: 9, validation: 10, test: 10 };
    expect(stratifiedSplit(uneven, 1, sizes)).toEqual(stratifiedSplit(uneven, 1, sizes));
    expect(stratifiedSplit(uneven, 2, sizes).train).not.toEqual(stratifiedSplit(uneven, 1, sizes).train);
  });

  it('says which class has too few rows', () => {
    expect(() => stratifiedSplit(uneven, 1, { train: 30, validation: 10, test: 10 })).toThrow(/Class “c” of small has 10 images/);
    expect(() => stratifiedSplit(uneven, 1, { train: 90, validation: 10, test: 10 })).toThrow(/has 100 images, but 90 training/);
    expect(() => stratifiedSplit(uneven, 1, { train: 90, validation: 10, test: 10 })).toThrow(LabError);
  });
});

describe('splits that data came with', () => {
  /** Two classes; rows 0–59 training, 60–79 validation, 80–109 test. */
  const labels = Array.from({ length: 110 }, (_, i) => i % 2);
  const withParts = (parts: Uint8Array) => ({ ...countedDataset(labels), parts });
  const three = withParts(Uint8Array.from(labels, (_, i) => (i < 60 ? 0 : i < 80 ? 1 : 2)));
  const sizes = { train: 20, validation: 10, test: 15 };
  const range = (rows: Uint32Array) => [Math.min(...rows), Math.max(...rows)];

  it('draws each part from its own', () => {
    const { train, validation, test } = stratifiedSplit(three, 1, sizes, 'given');
    expect([train.length, validation.length, test.length]).toEqual([20, 10, 15]);
    expect(range(train)[1]).toBeLessThan(60);
    expect([range(validation)[0]! >= 60, range(validation)[1]! < 80]).toEqual([true, true]);
    expect(range(test)[0]).toBeGreaterThanOrEqual(80);
    expect(classCounts(three, train)).toEqual([10, 10]);
    expect([...stratifiedSplit(three, 1, { ...sizes, train: 6 }, 'given').train]).toEqual([...train.slice(0, 6)]);
    expect(range(stratifiedSplit(three, 1, { ...sizes, train: 60 }, 'random').train)[1]).toBeGreaterThan(60);
  });

  it('takes validation from training where there is none, disjoint; and a lone validation part as the test', () => {
    const noValidation = withParts(three.parts.map((part) => (part === 1 ? 0 : part)));
    const one = stratifiedSplit(noValidation, 1, { train: 50, validation: 30, test: 30 }, 'given');
    expect(new Set([...one.train, ...one.validation]).size).toBe(80);
    expect([range(one.validation)[1]! < 80, range(one.test)[0]]).toEqual([true, 80]);
    const noTest = withParts(three.parts.map((part) => (part === 2 ? 1 : part)));
    expect(range(stratifiedSplit(noTest, 1, { train: 30, validation: 30, test: 40 }, 'given').test)[0]).toBeGreaterThanOrEqual(60);
  });

  it('splits at random where data came without, or with one part alone', () => {
    const { parts: _, ...without } = three;
    expect(stratifiedSplit(without, 1, sizes, 'given')).toEqual(stratifiedSplit(without, 1, sizes));
    expect(stratifiedSplit(withParts(new Uint8Array(110).fill(2)), 1, sizes, 'given')).toEqual(stratifiedSplit(without, 1, sizes));
  });

  it('says which part is too small', () => {
    expect(() => stratifiedSplit(three, 1, { ...sizes, test: 31 }, 'given')).toThrow('small has 30 test images in the splits it came with, but 31 test images are asked for; ask for fewer or set Splits to random.');
    const uneven = { ...three, labels: Uint16Array.from(labels, (label, i) => (i < 55 ? 0 : label)) };
    expect(() => stratifiedSplit(uneven, 1, sizes, 'given')).toThrow(/Class “b” of small has 3 training images in the splits it came with, but this split needs 10 training; ask for fewer or leave the class out/);
  });

  it('finds what fits: only what is too large in its part is lowered, to what can be drawn', () => {
    expect(fittingSizes(three, 1, sizes, 'given')).toEqual(sizes);
    expect(fittingSizes(three, 1, { ...sizes, test: 500 }, 'given')).toEqual({ train: 20, validation: 10, test: 30 });
    const random = fittingSizes(three, 1, { train: 100, validation: 100, test: 500 }, 'random')!;
    expect(() => stratifiedSplit(three, 1, random)).not.toThrow();
    expect(random.train + random.validation + random.test).toBeGreaterThan(80);
    expect(fittingSizes(countedDataset([0, 1]), 1, { train: 10, validation: 10, test: 10 }, 'random')).toBeNull();
  });

  it('keeps the whole test part out of what the source learns from', () => {
    const held = holdOut(three, 1, { testShare: 0.01, testCount: 12 });
    expect([held.train.length, held.test.length, range(held.train)[1], range(held.test)[0]! >= 80]).toEqual([80, 12, 79, true]);
    expect(holdOut(three, 1, { testShare: 0.01, testCount: 500 }).test).toHaveLength(30);
  });
});

describe('holdOut', () => {
  it('keeps everything that is not test for training', () => {
    const { train, test } = holdOut(uneven, 3, { testShare: 0.2, testCount: 2000 });
    expect(train.length).toBe(80);
    expect(new Set([...train, ...test]).size).toBe(100);
    expect(classCounts(uneven, test)).toEqual([12, 6, 2]);
    expect(holdOut(uneven, 3, { testShare: 0.5, testCount: 10 }).test.length).toBe(10);
  });

  it('refuses to leave a class without training rows', () => {
    const lonely = countedDataset([0, 1]);
    expect(() => holdOut(lonely, 1, { testShare: 0.5, testCount: 5 })).toThrow(/no images left to train on/);
  });
});

describe('proportional', () => {
  it('adds up, by largest remainder, ties by order', () => {
    expect(proportional(10, [1, 1, 1], [2, 0, 1])).toEqual([3, 3, 4]);
    expect(proportional(5, [60, 30, 10], [0, 1, 2])).toEqual([3, 2, 0]);
    expect(proportional(0, [1, 2], [0, 1])).toEqual([0, 0]);
  });
});
