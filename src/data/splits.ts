/**
 * Seeded, stratified splits of a fixed data set. Training subsets are balanced over classes and nested in n; held-out
 * parts keep the data set's class frequencies. Within a class, rows are shuffled by Stream(seed, 'split', 1, class);
 * training takes them from the front, test from the back, validation before test: so test rows do not depend on n.
 */
import { LabError } from '../core/errors.ts';
import { Stream } from '../core/philox.ts';
import type { Dataset, Split } from './dataset.ts';

export interface SplitSizes {
  train: number;
  validation: number;
  test: number;
}

/** Rows of each class, shuffled by the seed. */
function shuffledByClass(dataset: Dataset, seed: number): Uint32Array[] {
  const counts = classCounts(dataset);
  const rows = counts.map((count) => new Uint32Array(count));
  const filled = counts.map(() => 0);
  for (let row = 0; row < dataset.count; row++) {
    const label = dataset.labels[row]!;
    rows[label]![filled[label]!++] = row;
  }
  return rows.map((list, label) => new Stream(seed, 'split', 1, label).shuffle(list));
}

/** Number of rows of each class, over all rows or those listed. */
export function classCounts(dataset: Dataset, rows?: ArrayLike<number>): number[] {
  const counts = new Array<number>(dataset.classNames.length).fill(0);
  const count = rows ? rows.length : dataset.count;
  for (let i = 0; i < count; i++) counts[dataset.labels[rows ? rows[i]! : i]!]!++;
  return counts;
}

/** `total` shared out in proportion to `weights` by largest remainder; ties go to whoever stands first in `order`. */
export function proportional(total: number, weights: readonly number[], order: ArrayLike<number>): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const shares = exact.map(Math.floor);
  const rank = new Map(Array.from(order, (item, position) => [item, position]));
  const byRemainder = exact.map((_, i) => i)
    .sort((a, b) => (exact[b]! - shares[b]!) - (exact[a]! - shares[a]!) || rank.get(a)! - rank.get(b)!);
  const left = total - shares.reduce((a, b) => a + b, 0);
  for (const i of byRemainder.slice(0, left)) shares[i]!++;
  return shares;
}

/**
 * Disjoint rows: `train` balanced (class counts differ by at most one, and the first rows of a larger n are the rows
 * of a smaller n), `validation` and `test` stratified. Throws LabError('data') naming a class with too few rows.
 */
export function stratifiedSplit(dataset: Dataset, seed: number, sizes: SplitSizes): Split {
  const classes = dataset.classNames.length;
  const rows = shuffledByClass(dataset, seed);
  const order = new Stream(seed, 'split', 2).shuffle(Uint32Array.from({ length: classes }, (_, i) => i));
  const counts = rows.map((list) => list.length);
  const held = sizes.validation + sizes.test;
  if (sizes.train + held > dataset.count) {
    throw new LabError('data', `${dataset.name} has ${dataset.count} images, but ${sizes.train} training + ${sizes.validation} validation + ${sizes.test} test images are asked for; lower one of the three.`);
  }
  const test = proportional(sizes.test, counts, order);
  const validation = proportional(sizes.validation, counts, order);
  const train = new Array<number>(classes).fill(0);
  for (let j = 0; j < sizes.train; j++) train[order[j % classes]!]!++;
  for (let c = 0; c < classes; c++) {
    const needed = train[c]! + validation[c]! + test[c]!;
    if (needed > counts[c]!) {
      throw new LabError('data', `Class “${dataset.classNames[c]!}” of ${dataset.name} has ${counts[c]!} images, but this split needs ${train[c]!} for training, ${validation[c]!} for validation and ${test[c]!} for test; lower one of the three or leave the class out.`);
    }
  }
  const split: Split = {
    train: Uint32Array.from({ length: sizes.train }, (_, j) => rows[order[j % classes]!]![Math.floor(j / classes)]!),
    validation: new Uint32Array(sizes.validation),
    test: new Uint32Array(sizes.test),
  };
  let atValidation = 0;
  let atTest = 0;
  rows.forEach((list, c) => {
    const testFrom = list.length - test[c]!;
    split.test.set(list.subarray(testFrom), atTest);
    split.validation.set(list.subarray(testFrom - validation[c]!, testFrom), atValidation);
    atTest += test[c]!;
    atValidation += validation[c]!;
  });
  // Held-out rows in random order, so that any prefix (a subset for a loss map) is a fair sample.
  new Stream(seed, 'split', 3).shuffle(split.validation);
  new Stream(seed, 'split', 4).shuffle(split.test);
  return split;
}

/**
 * A source split: a stratified test set of at most `testCount` rows and at most `testShare` of the data (at least one
 * row), everything else for training. Throws LabError('data') when a class would have nothing left to train on.
 */
export function holdOut(dataset: Dataset, seed: number, options: { testShare: number; testCount: number }): { train: Uint32Array; test: Uint32Array } {
  const testCount = Math.max(1, Math.min(options.testCount, Math.floor(options.testShare * dataset.count)));
  const { test } = stratifiedSplit(dataset, seed, { train: 0, validation: 0, test: testCount });
  const isTest = new Uint8Array(dataset.count);
  for (const row of test) isTest[row] = 1;
  const train = Uint32Array.from({ length: dataset.count }, (_, row) => row).filter((row) => isTest[row] === 0);
  const empty = classCounts(dataset, train).indexOf(0);
  if (empty >= 0) {
    throw new LabError('data', `Class “${dataset.classNames[empty]!}” of ${dataset.name} has no images left to train on after the test set is held out; leave the class out or add images.`);
  }
  return { train, test };
}
