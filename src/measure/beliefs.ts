/**
 * What networks drawn from a prior say together of the same rows: how sure each is, how sure their mean is, how often two
 * of them agree, how many are right. Intervals are over draws: Tukey's jackknife with Student's t, which also holds for
 * what is a function of all draws at once (the entropy of the mean, the agreement of pairs).
 */
import { softmaxInto } from '../core/softmax.ts';
import { type Interval, interval95 } from '../core/statistics.ts';

/** Of the interval: `seeds` counts draws. Entropies as shares of log C, agreement and accuracy as shares, all 0…1; NaN without a sound draw. */
export interface Beliefs {
  /** Sound draws, and those left out because a logit was not finite. */
  draws: number;
  dropped: number;
  /** Rows a draw names rightly. */
  accuracy: Interval;
  /** Entropy of one draw's prediction, mean over rows. */
  drawEntropy: Interval;
  /** Entropy of the mean of the draws' probabilities (the prior predictive), mean over rows. */
  entropy: Interval;
  /** Share of pairs of draws that answer a row with the same class, mean over rows; NaN below two draws. */
  agreement: Interval;
  /** Mean probabilities [rows, classes]. */
  probabilities: Float64Array;
  /** The class that most draws answer [rows], the first of equals, and how many of them do. */
  votes: { answer: number; count: number }[];
}

/** logits [draws][rows · classes], labels [rows]. */
export function beliefsOf(logits: readonly ArrayLike<number>[], labels: ArrayLike<number>, classes: number): Beliefs {
  const rows = labels.length;
  const sound = logits.flatMap((one) => softmaxOf(one, rows, classes) ?? []);
  const draws = sound.length;
  const accuracy: number[] = [];
  const drawEntropy: number[] = [];
  const sum = new Float64Array(rows * classes);
  const counts = new Uint32Array(rows * classes);
  for (const { probabilities, answers } of sound) {
    let right = 0;
    answers.forEach((answer, r) => {
      counts[r * classes + answer]!++;
      if (answer === labels[r]) right++;
    });
    probabilities.forEach((p, i) => (sum[i]! += p));
    accuracy.push(right / rows);
    drawEntropy.push(meanEntropy(probabilities, 1, classes));
  }
  const rest = new Float64Array(rows * classes);
  const without = sound.map(({ probabilities, answers }) => {
    for (let i = 0; i < rest.length; i++) rest[i] = Math.max(0, sum[i]! - probabilities[i]!);
    return { entropy: meanEntropy(rest, draws - 1, classes), agreement: pairAgreement(counts, draws, classes, answers) };
  });
  return {
    draws, dropped: logits.length - draws, accuracy: interval(accuracy), drawEntropy: interval(drawEntropy),
    entropy: jackknife(meanEntropy(sum, draws, classes), without.map(({ entropy }) => entropy)),
    agreement: jackknife(pairAgreement(counts, draws, classes, null), without.map(({ agreement }) => agreement)),
    probabilities: sum.map((p) => p / draws),
    votes: Array.from({ length: rows }, (_, r) => {
      let answer = 0;
      for (let c = 1; c < classes; c++) if (counts[r * classes + c]! > counts[r * classes + answer]!) answer = c;
      return { answer, count: counts[r * classes + answer]! };
    }),
  };
}

/** Probabilities [rows, classes] and the class answered [rows]; null when a logit is not finite. */
function softmaxOf(logits: ArrayLike<number>, rows: number, classes: number): { probabilities: Float64Array; answers: Uint16Array } | null {
  const probabilities = new Float64Array(rows * classes);
  const answers = new Uint16Array(rows);
  const row = new Float64Array(classes);
  for (let r = 0; r < rows; r++) {
    const best = softmaxInto(logits, r * classes, row);
    if (best < 0) return null;
    answers[r] = best;
    probabilities.set(row, r * classes);
  }
  return { probabilities, answers };
}

/** Mean over rows of the entropy of sum / count [rows, classes], as a share of log C. */
export function meanEntropy(sum: ArrayLike<number>, count: number, classes: number): number {
  let entropy = 0;
  for (let i = 0; i < sum.length; i++) {
    const p = sum[i]! / count;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return count > 0 ? (classes * entropy) / (sum.length * Math.log(classes)) : NaN;
}

/** Of answers counted by row and class [rows, classes] over `draws`; with the answers [rows] of one draw, that of the others. */
function pairAgreement(counts: Uint32Array, draws: number, classes: number, without: Uint16Array | null): number {
  const left = without ? draws - 1 : draws;
  const rows = counts.length / classes;
  let same = 0;
  for (let i = 0; i < counts.length; i++) same += (counts[i]! * (counts[i]! - 1)) / 2;
  // A draw that leaves takes a pair with each of the others that agree with it.
  if (without) without.forEach((answer, r) => (same -= counts[r * classes + answer]! - 1));
  return left < 2 ? NaN : same / (rows * ((left * (left - 1)) / 2));
}

function interval(values: readonly number[]): Interval {
  const { mean: centre, ci95, seeds } = interval95(values);
  return { mean: centre, ci95, seeds };
}

/** `whole` with the 95% interval of its pseudo-values n·whole − (n − 1)·without_i (Tukey 1958). */
export function jackknife(whole: number, without: readonly number[]): Interval {
  const n = without.length;
  const found = interval95(without.map((one) => n * whole - (n - 1) * one));
  const half = found.ci95 === null ? null : (found.ci95[1] - found.ci95[0]) / 2;
  return { mean: whole, ci95: half === null || found.dropped > 0 ? null : [whole - half, whole + half], seeds: n };
}
