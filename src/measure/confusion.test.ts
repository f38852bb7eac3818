import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { VOID } from '../data/dataset.ts';
import { accuracyIn, intersectionOverUnion, meanIntersectionOverUnion } from './confusion.ts';

const counted = (truth: readonly number[], answers: readonly number[], classes: number): number[] => {
  const confusion = new Array<number>(classes * classes).fill(0);
  truth.forEach((label, i) => {
    if (label !== VOID) confusion[label * classes + answers[i]!]!++;
  });
  return confusion;
};

describe('intersection over union', () => {
  it('is what a hand counts on a picture of 3 × 4', () => {
    const truth = [0, 0, 1, 1, 0, 0, 1, VOID, 0, 2, 2, VOID];
    const answer = [0, 1, 1, 1, 0, 0, 0, 1, 0, 2, 1, 2];
    const confusion = counted(truth, answer, 4);
    // Class 0: 4 of both, 5 true, 5 answered: 4/6. Class 1: 2 of both, 3 true, 4 answered: 2/5. Class 2: 1 of both, 2 true, 1 answered: 1/2.
    expect(intersectionOverUnion(confusion, 4)).toEqual([4 / 6, 2 / 5, 1 / 2, NaN]);
    expect(meanIntersectionOverUnion(confusion, 4)).toBeCloseTo((4 / 6 + 2 / 5 + 1 / 2) / 3, 12);
    expect(accuracyIn(confusion, 4)).toBeCloseTo(7 / 10, 12);
  });

  it('is that of sets of pixels, counted one by one', () => {
    const stream = new Stream(1, 'draw');
    const classes = 5;
    const truth = Array.from({ length: 600 }, () => (stream.uniform() < 0.1 ? VOID : stream.integer(classes)));
    const answer = truth.map((label) => (label !== VOID && stream.uniform() < 0.6 ? label : stream.integer(classes)));
    const seen = truth.map((_, i) => i).filter((i) => truth[i] !== VOID);
    const jaccard = (label: number): number => {
      const [a, b] = [truth, answer].map((list) => new Set(seen.filter((i) => list[i] === label))) as [Set<number>, Set<number>];
      return [...a].filter((i) => b.has(i)).length / new Set([...a, ...b]).size;
    };
    intersectionOverUnion(counted(truth, answer, classes), classes).forEach((value, label) => expect(value).toBeCloseTo(jaccard(label), 12));
  });

  it('counts an answer of an absent class against the others, not for itself', () => {
    const confusion = counted([0, 0, 0, 0], [0, 0, 0, 1], 2);
    expect(intersectionOverUnion(confusion, 2)).toEqual([0.75, NaN]);
    expect(meanIntersectionOverUnion(confusion, 2)).toBe(0.75);
    expect(meanIntersectionOverUnion([0, 0, 0, 0], 2)).toBeNaN();
  });
});
