/**
 * Seeded, stratified splits of a fixed data set. Training subsets are balanced over classes and nested in n; held-out
 * parts keep the data set's class frequencies. Within a class, rows are shuffled by Stream(seed, 'split', 1, class);
 * training takes them from the front, test from the back, validation before test: so test rows do not depend on n.
 */
import { LabError } from '../core/errors.ts';
import { Stream } from '../core/philox.ts';
import { type Dataset, type Split, VOID } from './dataset.ts';

export interface SplitSizes {
  train: number;
  validation: number;
  test: number;
}

/** What rows are drawn evenly of: classes; images with label maps, which hold many, are all of one kind. */
function kindsIn({ maps, classNames }: Dataset): number {
  return maps ? 1 : classNames.length;
}

/** Rows of each kind, shuffled by the seed. */
function shuffledByClass(dataset: Dataset, seed: number): Uint32Array[] {
  const counts = countsOf(dataset, kindsIn(dataset));
  const rows = counts.map((count) => new Uint32Array(count));
  const filled = counts.map(() => 0);
  for (let row = 0; row < dataset.count; row++) {
    const label = dataset.labels[row]!;
    rows[label]![filled[label]!++] = row;
  }
  return rows.map((list, label) => new Stream(seed, 'split', 1, label).shuffle(list));
}

/** Number of rows of each class, over all rows or those listed; of label maps, rows in which the class occurs. */
export function classCounts(dataset: Dataset, rows?: ArrayLike<number>): number[] {
  const { maps, classNames, height, width } = dataset;
  if (!maps) return countsOf(dataset, classNames.length, rows);
  const counts = new Array<number>(classNames.length).fill(0);
  const count = rows ? rows.length : dataset.count;
  for (let i = 0; i < count; i++) {
    const row = rows ? rows[i]! : i;
    for (const label of new Set(maps.subarray(row * height * width, (row + 1) * height * width))) if (label !== VOID) counts[label]!++;
  }
  return counts;
}

function countsOf(dataset: Dataset, kinds: number, rows?: ArrayLike<number>): number[] {
  const counts = new Array<number>(kinds).fill(0);
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

/** Which rows training, validation and test are drawn from: all from one pool, or each from the part that the data came with. */
interface Pools {
  train: number;
  validation: number;
  test: number;
  /** Pool of a row; null: all rows are one pool. */
  of: Uint8Array | null;
  /** In words, of a pool. */
  words(pool: number): string;
}

const ONE_POOL: Pools = { train: 0, validation: 0, test: 0, of: null, words: () => 'images' };

const TRAIN = 0;
const VALIDATION = 1;
const TEST = 2;

/** Whether the data came with a part to test on and one to learn from. A validation part alone beside the training part is the test. */
export function hasParts({ parts }: Pick<Dataset, 'parts'>): boolean {
  return parts !== undefined && parts.includes(TRAIN) && (parts.includes(VALIDATION) || parts.includes(TEST));
}

/** Rows of the training, validation and test part; null where the data come without parts. */
export function countsByPart({ parts }: Pick<Dataset, 'parts'>): [train: number, validation: number, test: number] | null {
  if (!parts) return null;
  const counts: [number, number, number] = [0, 0, 0];
  for (const part of parts) counts[part]!++;
  return counts;
}

function givenPools(parts: Uint8Array): Pools {
  const tested = parts.includes(TEST);
  const words = ['training images', 'validation images', 'test images'].map((of) => `${of} in the splits it came with`);
  return { train: TRAIN, validation: tested && parts.includes(VALIDATION) ? VALIDATION : TRAIN, test: tested ? TEST : VALIDATION, of: parts, words: (pool) => words[pool]! };
}

/**
 * Disjoint rows: `train` balanced (class counts differ by at most one, and the first rows of a larger n are the rows
 * of a smaller n), `validation` and `test` stratified. With `given`, each from the part that the data came with (validation from the training part where
 * there is no validation part, or where that is the only one to test on); data without parts are split at random all the same. Throws LabError('data')
 * naming a part or a class with too few rows.
 */
export function stratifiedSplit(dataset: Dataset, seed: number, sizes: SplitSizes, by: By = 'random'): Split {
  const field = fieldOf(dataset, seed, by);
  const { pools, rows, order } = field;
  for (const pool of poolsOf(pools)) checkRoom(dataset, field, sizes, pool);
  const wanted = wantedOf(field, sizes);
  const classes = order.length;
  const split: Split = {
    train: Uint32Array.from({ length: sizes.train }, (_, j) => rows.train[order[j % classes]!]![Math.floor(j / classes)]!),
    validation: fromTheBack(rows.validation, wanted.validation, pools.validation === pools.test ? wanted.test : null),
    test: fromTheBack(rows.test, wanted.test, null),
  };
  // Held-out rows in random order, so that any prefix (a subset for a loss map) is a fair sample.
  new Stream(seed, 'split', 3).shuffle(split.validation);
  new Stream(seed, 'split', 4).shuffle(split.test);
  return split;
}

/** Sizes that can be drawn: those given, or in each pool all that are drawn from it lowered by one factor, to round numbers; null where nothing can. */
export function fittingSizes(dataset: Dataset, seed: number, sizes: SplitSizes, by: By): SplitSizes | null {
  const field = fieldOf(dataset, seed, by);
  const fitting = { ...sizes };
  for (const pool of poolsOf(field.pools)) {
    const uses = usesOf(field.pools, pool);
    const fits = (percent: number): boolean => {
      for (const { use } of uses) fitting[use] = percent === 100 ? sizes[use] : roundDown((sizes[use] * percent) / 100);
      return uses.every(({ use }) => fitting[use] > 0 || sizes[use] === 0) && lackOf(dataset, field, fitting, pool) === null;
    };
    if (!Array.from({ length: 100 }, (_, i) => 100 - i).some(fits)) return null;
  }
  return fitting;
}

function roundDown(size: number): number {
  const step = size >= 100 ? 10 : size >= 20 ? 5 : 1;
  return step * Math.floor(size / step);
}

type By = 'given' | 'random';

/** What can be drawn from: rows of each class for each use, shuffled, and the order in which classes take turns. */
interface Field {
  pools: Pools;
  rows: Record<keyof SplitSizes, Uint32Array[]>;
  order: Uint32Array;
}

function fieldOf(dataset: Dataset, seed: number, by: By): Field {
  const pools = by === 'given' && hasParts(dataset) ? givenPools(dataset.parts!) : ONE_POOL;
  const shuffled = shuffledByClass(dataset, seed);
  const from = (pool: number) => (pools.of ? shuffled.map((list) => list.filter((row) => pools.of![row] === pool)) : shuffled);
  const order = new Stream(seed, 'split', 2).shuffle(Uint32Array.from({ length: kindsIn(dataset) }, (_, i) => i));
  return { pools, rows: { train: from(pools.train), validation: from(pools.validation), test: from(pools.test) }, order };
}

/** Rows of each class that each use takes. */
function wantedOf({ rows, order }: Field, sizes: SplitSizes): Record<keyof SplitSizes, number[]> {
  const train = Array.from(order, () => 0);
  for (let j = 0; j < sizes.train; j++) train[order[j % order.length]!]!++;
  return { train, validation: shares(sizes.validation, rows.validation, order), test: shares(sizes.test, rows.test, order) };
}

const poolsOf = ({ train, validation, test }: Pools): Set<number> => new Set([train, validation, test]);

const USES = [
  { use: 'train', words: 'training' }, { use: 'validation', words: 'validation' }, { use: 'test', words: 'test' },
] as const satisfies { use: keyof SplitSizes; words: string }[];

/** Rows of each class, by the classes' frequencies; all zero where there are none to share, for `checkRoom` to refuse. */
function shares(total: number, rows: Uint32Array[], order: ArrayLike<number>): number[] {
  const counts = rows.map((list) => list.length);
  return counts.some((count) => count > 0) ? proportional(total, counts, order) : counts;
}

/** Rows of each class from the end of its list, before what `behind` takes. */
function fromTheBack(rows: Uint32Array[], wanted: number[], behind: number[] | null): Uint32Array {
  return Uint32Array.from(rows.flatMap((list, c) => {
    const end = list.length - (behind?.[c] ?? 0);
    return [...list.subarray(end - wanted[c]!, end)];
  }));
}

const usesOf = (pools: Pools, pool: number) => USES.filter(({ use }) => pools[use] === pool);

function checkRoom(dataset: Dataset, field: Field, sizes: SplitSizes, pool: number): void {
  const lack = lackOf(dataset, field, sizes, pool);
  if (lack !== null) throw new LabError('data', lack);
}

/** Which class, or the whole, has too few rows in a pool, in a sentence; null when there are enough. */
function lackOf({ name, classNames }: Dataset, field: Field, sizes: SplitSizes, pool: number): string | null {
  const own = usesOf(field.pools, pool);
  const counts = field.rows[own[0]!.use].map((list) => list.length);
  const wanted = wantedOf(field, sizes);
  const uses = own.filter(({ use }) => sizes[use] > 0);
  const all = counts.reduce((a, b) => a + b, 0);
  const words = field.pools.words(pool);
  const listed = (by: (use: keyof SplitSizes) => number, joint: string) => uses.map(({ use, words: of }) => `${by(use)} ${of}`).join(joint);
  const lower = uses.length === 1 ? 'ask for fewer' : `lower one of the ${uses.length === 3 ? 'three' : 'two'}`;
  if (uses.reduce((sum, { use }) => sum + sizes[use], 0) > all) {
    return `${name} has ${all} ${words}, but ${listed((use) => sizes[use], ' + ')} images are asked for; ${lower}${field.pools.of ? ' or set Splits to random' : ''}.`;
  }
  const short = counts.findIndex((count, c) => uses.reduce((sum, { use }) => sum + wanted[use][c]!, 0) > count);
  if (short < 0) return null;
  return `Class “${classNames[short]!}” of ${name} has ${counts[short]!} ${words}, but this split needs ${listed((use) => wanted[use][short]!, ' + ')}; ${lower} or leave the class out.`;
}

/**
 * A source split: a stratified test set of at most `testCount` rows and at most `testShare` of the data (at least one
 * row), everything else for training. Data that came with a test part are tested on rows of that part, and all of it stays out of training, whatever the
 * share. Throws LabError('data') when a class would have nothing left to train on.
 */
export function holdOut(dataset: Dataset, seed: number, options: { testShare: number; testCount: number }): { train: Uint32Array; test: Uint32Array } {
  const pools = hasParts(dataset) ? givenPools(dataset.parts!) : null;
  const isTest = new Uint8Array(dataset.count);
  if (pools) isTest.set(dataset.parts!.map((part) => (part === pools.test ? 1 : 0)));
  const room = pools ? isTest.reduce((sum, one) => sum + one, 0) : Math.floor(options.testShare * dataset.count);
  const { test } = stratifiedSplit(dataset, seed, { train: 0, validation: 0, test: Math.max(1, Math.min(options.testCount, room)) }, 'given');
  for (const row of test) isTest[row] = 1;
  const train = Uint32Array.from({ length: dataset.count }, (_, row) => row).filter((row) => isTest[row] === 0);
  const empty = classCounts(dataset, train).indexOf(0);
  if (empty >= 0) {
    throw new LabError('data', `Class “${dataset.classNames[empty]!}” of ${dataset.name} has no images left to train on after the test set is held out; leave the class out or add images.`);
  }
  return { train, test };
}

/**
 * Label of image j in a balanced sequence: every block of `classes` images is one permutation of the classes, so class
 * counts of any prefix differ by at most one and a longer sequence begins with a shorter one.
 */
export function balancedLabels(count: number, classes: number, seed: number, part: number): Uint16Array {
  const labels = new Uint16Array(count);
  const block = new Uint16Array(classes);
  for (let start = 0; start < count; start += classes) {
    for (let c = 0; c < classes; c++) block[c] = c;
    new Stream(seed, 'split', 10 + part, start).shuffle(block);
    labels.set(block.subarray(0, Math.min(classes, count - start)), start);
  }
  return labels;
}

/** first, first + 1, … (`count` of them). */
export function range(first: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => first + i);
}

/** Rows of a data set that is made seed by seed and part by part: `make` writes `amount` rows of a part from row `first` on. */
export function splitsInTurn(
  seeds: readonly number[], sizes: SplitSizes, make: (seed: number, part: 'train' | 'validation' | 'test', amount: number, first: number) => void,
): Split[] {
  let filled = 0;
  return seeds.map((seed) => {
    const add = (part: 'train' | 'validation' | 'test'): Uint32Array => {
      const first = filled;
      filled += sizes[part];
      make(seed, part, sizes[part], first);
      return range(first, sizes[part]);
    };
    return { train: add('train'), validation: add('validation'), test: add('test') };
  });
}
