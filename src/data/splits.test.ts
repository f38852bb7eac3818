import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { classCounts, holdOut, proportional, stratifiedSplit } from './splits.ts';
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
