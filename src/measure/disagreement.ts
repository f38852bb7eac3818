/** How far the functions that a sampler drew disagree: what averaging over them has to work with. */
import { argmax } from './metrics.ts';

export interface Disagreement {
  /** Share of pairs of samples that answer a row with different classes (first largest probability), mean over rows, 0…1. */
  answers: number;
  /** Total variation ½Σ|p − q| between the predictions of two samples, mean over pairs and rows, 0…1. */
  totalVariation: number;
}

/** Of probabilities [samples][rows · classes]. NaN below two samples, without rows, or where a probability is not finite. */
export function disagreement(samples: readonly ArrayLike<number>[], classes: number): Disagreement {
  const count = samples.length;
  const pairs = (count * (count - 1)) / 2;
  const rows = (samples[0]?.length ?? 0) / classes;
  if (samples.some((sample) => sample.length !== rows * classes)) throw new RangeError('Samples disagree on the same rows only: their predictions need equal lengths.');
  const answers = new Float64Array(classes);
  const column = new Float64Array(count);
  let different = 0;
  let variation = 0;
  for (let r = 0; r < rows; r++) {
    answers.fill(0);
    for (const sample of samples) answers[argmax(sample, r * classes, classes)]!++;
    different += pairs - answers.reduce((same, votes) => same + (votes * (votes - 1)) / 2, 0);
    for (let c = 0; c < classes; c++) {
      samples.forEach((sample, s) => (column[s] = sample[r * classes + c]!));
      column.sort();
      // Σ over pairs |x_i − x_j| of sorted values: x_(s) is the larger in s pairs, the smaller in the others.
      for (let s = 0; s < count; s++) variation += (2 * s - count + 1) * column[s]!;
    }
  }
  // A probability that is not finite makes the variation NaN; the answers are then worth nothing either.
  const sound = Number.isFinite(variation);
  return { answers: sound ? different / (pairs * rows) : NaN, totalVariation: sound ? variation / (2 * pairs * rows) : NaN };
}
