/**
 * Confusion matrices [classes, classes], rows the truth, columns the answer, and what is made of them: accuracy and intersection over
 * union (Jaccard index) by class, |truth ∩ answer| / |truth ∪ answer|. The mean is over the classes that the truth has, so that it is of
 * the same classes whatever was answered. Pixels without a class (void) enter nowhere.
 */
import { mean } from '../core/statistics.ts';

/** Share of the diagonal; NaN of nothing. */
export function accuracyIn(confusion: ArrayLike<number>, classes: number): number {
  let hits = 0;
  let all = 0;
  for (let i = 0; i < classes * classes; i++) {
    all += confusion[i]!;
    if (i % (classes + 1) === 0) hits += confusion[i]!;
  }
  return hits / all;
}

/** [classes], 0…1; NaN for a class that the truth does not have. */
export function intersectionOverUnion(confusion: ArrayLike<number>, classes: number): number[] {
  return Array.from({ length: classes }, (_, c) => {
    let truth = 0;
    let answered = 0;
    for (let k = 0; k < classes; k++) {
      truth += confusion[c * classes + k]!;
      answered += confusion[k * classes + c]!;
    }
    const both = confusion[c * classes + c]!;
    return truth === 0 ? NaN : both / (truth + answered - both);
  });
}

/** NaN where the truth has no class at all. */
export function meanIntersectionOverUnion(confusion: ArrayLike<number>, classes: number): number {
  return mean(intersectionOverUnion(confusion, classes).filter((value) => !Number.isNaN(value)));
}
