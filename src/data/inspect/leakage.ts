/** Near-duplicates on both sides of a split, told with examples side by side: what was seen in training makes test results too good. Pure. */
import type { Dataset } from '../dataset.ts';
import { type ContactSheet, imageStrip } from '../preview.ts';
import { hasParts } from '../splits.ts';
import { DUPLICATE_MEASURE, type DuplicatePair, nearDuplicates, nearDuplicatesWithin, type Search } from './duplicates.ts';

export interface Leakage {
  /** One sentence on what is compared how. */
  measure: string;
  /** One sentence on what was found. */
  sentence: string;
  /** Test images that have a near-duplicate to learn from, or pairs where the data come without splits. */
  count: number;
  /** The closest pairs, `first` to learn from and `second` to test on. */
  pairs: { difference: number; first: string; second: string }[];
  /** Their images, in the same order; null without pairs. */
  firsts: ContactSheet | null;
  seconds: ContactSheet | null;
}

/** Pairs shown. */
const SHOWN = 12;
/** Images compared at most: what is beyond would take minutes. */
const MOST_TESTED = 10_000;
const MOST_LEARNED = 60_000;
/** Given parts: a validation part without a test part is what is tested on. */
const [VALIDATION, TEST] = [1, 2];

/** Between the given test part and the rest, or among all images where data come without splits. */
export function* leakageOf(dataset: Dataset): Search<Leakage> {
  const rows = Uint32Array.from({ length: dataset.count }, (_, row) => row);
  const { parts } = dataset;
  if (parts && hasParts(dataset)) {
    const part = parts.includes(TEST) ? TEST : VALIDATION;
    const tested = spread(rows.filter((row) => parts[row] === part), MOST_TESTED);
    const learned = spread(rows.filter((row) => parts[row] !== part), MOST_LEARNED);
    const found = yield* nearDuplicates(dataset, learned, tested);
    const share = `${words(found.length)} of ${words(tested.length)} test images`;
    return told(dataset, found, found.length === 0
      ? `No test image has a near-duplicate among the images to learn from (${words(tested.length)} against ${words(learned.length)} compared).`
      : `${share} ${found.length === 1 ? 'has' : 'have'} a near-duplicate among ${words(learned.length)} images to learn from${relabelled(dataset, found)}: test results are better than they would be on new images.`);
  }
  const compared = spread(rows, MOST_TESTED);
  const found = yield* nearDuplicatesWithin(dataset, compared);
  return told(dataset, found, found.length === 0
    ? `No two of ${words(compared.length)} images are near-duplicates.`
    : `${words(found.length)} ${found.length === 1 ? 'pair' : 'pairs'} of near-duplicates among ${words(compared.length)} images${relabelled(dataset, found)}: a random split puts some of them on both sides, so test results are better than they would be on new images.`);
}

function told({ classNames, labels, ...dataset }: Dataset, found: DuplicatePair[], sentence: string): Leakage {
  const shown = found.slice(0, SHOWN);
  const strip = (rows: number[]) => (rows.length === 0 ? null : imageStrip({ ...dataset, classNames, labels }, rows));
  return {
    measure: DUPLICATE_MEASURE, sentence, count: found.length,
    pairs: shown.map(({ difference, first, second }) => ({ difference, first: classNames[labels[first]!]!, second: classNames[labels[second]!]! })),
    firsts: strip(shown.map(({ first }) => first)), seconds: strip(shown.map(({ second }) => second)),
  };
}

function relabelled({ labels }: Dataset, found: readonly DuplicatePair[]): string {
  const different = found.filter(({ first, second }) => labels[first] !== labels[second]).length;
  return different === 0 ? '' : `, ${words(different)} of them under another label`;
}

/** At most `most` of the rows, evenly spread. */
function spread(rows: Uint32Array, most: number): Uint32Array {
  return rows.length <= most ? rows : Uint32Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]!);
}

function words(count: number): string {
  return count.toLocaleString('en-GB');
}
