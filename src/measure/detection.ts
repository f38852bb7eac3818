/**
 * Detection of rows that are not of the training distribution, from one score a row, higher for "out" (predictive entropy, mutual
 * information, 1 − confidence): areas under the ROC and precision–recall curves, and the share that slips through.
 */
import { ascending, averageRanks, eachTie, normalQuantile } from '../core/ranks.ts';

export interface Detection {
  /** Chance that a row from outside scores higher than one from inside, ties by half: ½ is blind, 1 tells all apart. */
  auroc: number;
  /** 95%: normal, DeLong's variance, cut at 0 and 1. Null where that variance is 0 (all told apart, or all scores equal) or unknown (one row on a side). */
  ci95: [number, number] | null;
  /** Average precision with rows from outside as what is looked for, and with those from inside; blind: their share of all rows. */
  auprOut: number;
  auprIn: number;
  /** Share of rows from outside that pass at the lowest threshold that lets at least 95% of those from inside pass (Liang et al. 2018): 0 is best. */
  fpr95: number;
}

/** Scores of rows from inside [n] and outside [m]. All NaN when either is empty or a score is not finite. */
export function detection(inside: ArrayLike<number>, outside: ArrayLike<number>): Detection {
  const [low, high] = [Float64Array.from(inside), Float64Array.from(outside)];
  if (low.length === 0 || high.length === 0 || ![...low, ...high].every(Number.isFinite)) return { auroc: NaN, ci95: null, auprOut: NaN, auprIn: NaN, fpr95: NaN };
  return {
    ...rocArea(low, high),
    auprOut: averagePrecision(low, high),
    auprIn: averagePrecision(high.map((x) => -x), low.map((x) => -x)),
    fpr95: passing(low, high),
  };
}

/**
 * Mann–Whitney's U/(nm) and the interval of DeLong, DeLong & Clarke-Pearson (1988), by ranks (Sun & Xu 2014): of every row the
 * share of the other side it is on the right side of, and Var = var(shares outside)/m + var(shares inside)/n.
 */
function rocArea(inside: Float64Array, outside: Float64Array): { auroc: number; ci95: [number, number] | null } {
  const [n, m] = [inside.length, outside.length];
  const ranks = averageRanks([...inside, ...outside]);
  const [among, beyond] = [averageRanks(inside), averageRanks(outside)];
  const insideShares = among.map((rank, i) => 1 - (ranks[i]! - rank) / m);
  const outsideShares = beyond.map((rank, j) => (ranks[n + j]! - rank) / n);
  const auroc = outsideShares.reduce((sum, x) => sum + x, 0) / m;
  if (n < 2 || m < 2) return { auroc, ci95: null };
  const variance = (shares: Float64Array): number => shares.reduce((sum, x) => sum + (x - auroc) ** 2, 0) / (shares.length - 1);
  const half = normalQuantile(0.975) * Math.sqrt(variance(outsideShares) / m + variance(insideShares) / n);
  return { auroc, ci95: half > 1e-12 ? [Math.max(0, auroc - half), Math.min(1, auroc + half)] : null };
}

/** Σ over thresholds, falling, of the recall gained times the precision there (equal scores fall together): not interpolated, which would flatter. */
function averagePrecision(negatives: Float64Array, positives: Float64Array): number {
  const scores = Float64Array.from([...negatives, ...positives], (x) => -x);
  const order = ascending(scores);
  let hits = 0;
  let area = 0;
  eachTie(scores, order, (from, to) => {
    let gained = 0;
    for (let k = from; k < to; k++) if (order[k]! >= negatives.length) gained++;
    hits += gained;
    area += (gained / positives.length) * (hits / to);
  });
  return area;
}

/** Share of outside ≤ the lowest score that at least 95% of inside are ≤. */
function passing(inside: Float64Array, outside: Float64Array): number {
  const sorted = inside.slice().sort();
  // 0.95·20 must count 19, whatever its rounding.
  const threshold = sorted[Math.ceil(0.95 * sorted.length - 1e-9) - 1]!;
  return outside.reduce((sum, x) => sum + (x <= threshold ? 1 : 0), 0) / outside.length;
}
