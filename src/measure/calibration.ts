/**
 * Calibration: the reliability diagram behind the ECE, a temperature fitted to validation labels (Guo, Pleiss, Sun &
 * Weinberger 2017, "On calibration of modern neural networks"), and risk against coverage for selective prediction
 * (Geifman & El-Yaniv 2017). Confidences [rows] in 0…1 and correctness 0/1 [rows] come from `topOf` in `average.ts`.
 */
import { BINS, binOf } from '../core/bins.ts';
import { ascending, eachTie, normalQuantile } from '../core/ranks.ts';
import { logSoftmax } from './metrics.ts';

export interface ReliabilityBin {
  /** Confidences in it lie in (low, high]. */
  low: number;
  high: number;
  count: number;
  /** Means over the bin's rows; NaN in an empty bin. */
  confidence: number;
  accuracy: number;
  /** Wilson's 95% interval of the accuracy; null in an empty bin. */
  ci95: [number, number] | null;
}

export interface Reliability {
  bins: ReliabilityBin[];
  /** Σ count/rows·|accuracy − confidence|; over 15 bins of equal width the ECE of `metrics.ts`. NaN without rows. */
  ece: number;
  /** Largest |accuracy − confidence| of a bin that is not empty. NaN without rows. */
  largestGap: number;
}

/** Bins of equal width, empty ones included. */
export function reliability(confidence: ArrayLike<number>, correct: ArrayLike<number>, { bins = BINS } = {}): Reliability {
  const made = widthGroups(confidence, bins).map(({ low, high, rows }): ReliabilityBin => {
    const count = rows.length;
    const right = rows.reduce((sum, r) => sum + correct[r]!, 0);
    return { low, high, count, confidence: rows.reduce((sum, r) => sum + confidence[r]!, 0) / count, accuracy: right / count, ci95: count === 0 ? null : wilson(right, count) };
  });
  const filled = made.filter((bin) => bin.count > 0);
  const gaps = filled.map((bin) => Math.abs(bin.accuracy - bin.confidence));
  const ece = gaps.reduce((sum, gap, i) => sum + (filled[i]!.count / confidence.length) * gap, 0);
  return filled.length === 0 ? { bins: made, ece: NaN, largestGap: NaN } : { bins: made, ece, largestGap: Math.max(...gaps) };
}

interface Group {
  low: number;
  high: number;
  rows: number[];
}

function widthGroups(confidence: ArrayLike<number>, bins: number): Group[] {
  const groups = Array.from({ length: bins }, (_, b): Group => ({ low: b / bins, high: (b + 1) / bins, rows: [] }));
  for (let r = 0; r < confidence.length; r++) groups[binOf(confidence[r]!, bins)]!.rows.push(r);
  return groups;
}

/** Score interval of a proportion (Wilson 1927): inside [0, 1] and of sensible width also at 0 and n successes. */
export function wilson(successes: number, n: number, level = 0.95): [number, number] {
  const z = normalQuantile((1 + level) / 2);
  const p = successes / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** Temperatures that are tried. */
const COLDEST = 0.01;
const HOTTEST = 100;

const NEWTON_STEPS = 25;
const MOST_STEPS = 80;

export interface TemperatureFit {
  /** T by which logits are to be divided; above 1 the network was too sure. */
  temperature: number;
  /** NLL of the rows it was fitted to, nats, at T and at 1. */
  nll: number;
  before: number;
  /** T is the coldest or hottest that was tried: labels that are all (or none) the top answer have no best one. */
  atEdge: boolean;
}

/**
 * The T that minimises the NLL of labels [rows] under softmax(logits/T), logits [rows, classes] (of a model average: its
 * `logProbabilities`). The NLL is convex in β = 1/T, with derivatives E[z] − z_label and Var[z] a row: Newton steps in β, kept
 * inside a shrinking bracket. All NaN when a logit is not finite or there are no rows. Fit on validation rows, report on others.
 */
export function fitTemperature(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): TemperatureFit {
  const before = nllAt(logits, labels, classes, 1);
  if (!Number.isFinite(before)) return { temperature: NaN, nll: NaN, before: NaN, atEdge: false };
  const { beta, atEdge } = steepness(logits, labels, classes);
  return { temperature: 1 / beta, nll: nllAt(logits, labels, classes, beta), before, atEdge };
}

/** The β of least NLL. A flat NLL (rows whose logits are all equal, or already certain and right) leaves it at 1. */
function steepness(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): { beta: number; atEdge: boolean } {
  let [low, high] = [1 / HOTTEST, 1 / COLDEST];
  let beta = 1;
  for (let step = 0; step < MOST_STEPS; step++) {
    const { slope, curvature } = derivatives(logits, labels, classes, beta);
    if (slope === 0) break;
    if (step === 0) {
      const edge = slope > 0 ? low : high;
      if (derivatives(logits, labels, classes, edge).slope * slope >= 0) return { beta: edge, atEdge: true };
    }
    if (slope > 0) high = beta;
    else low = beta;
    const newton = beta - slope / curvature;
    // Where the NLL falls off exponentially Newton's steps are even and small: halving the bracket ends that.
    const next = step < NEWTON_STEPS && newton > low && newton < high ? newton : Math.sqrt(low * high);
    if (Math.abs(next - beta) < 1e-12 * beta) break;
    beta = next;
  }
  return { beta, atEdge: false };
}

/** logits/T, any shape. */
export function temperatureScaled(logits: ArrayLike<number>, temperature: number): Float64Array {
  return Float64Array.from(logits, (x) => x / temperature);
}

/** Mean over rows of −log softmax(β·logits)[label]. */
function nllAt(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number, beta: number): number {
  const scaled = temperatureScaled(logits, 1 / beta);
  let sum = 0;
  for (let r = 0; r < labels.length; r++) sum -= logSoftmax(scaled, r * classes, classes, labels[r]!);
  return sum / labels.length;
}

/** Of the NLL in β, means over rows: E[z] − z_label and Var[z] under softmax(βz). */
function derivatives(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number, beta: number): { slope: number; curvature: number } {
  let slope = 0;
  let curvature = 0;
  for (let r = 0; r < labels.length; r++) {
    const from = r * classes;
    let top = -Infinity;
    for (let c = 0; c < classes; c++) top = Math.max(top, logits[from + c]!);
    let [norm, first, second] = [0, 0, 0];
    for (let c = 0; c < classes; c++) {
      // Measured from the top, so that nothing overflows and the variance does not cancel.
      const z = logits[from + c]! - top;
      const weight = Math.exp(beta * z);
      norm += weight;
      first += weight * z;
      second += weight * z * z;
    }
    slope += first / norm - (logits[from + labels[r]!]! - top);
    curvature += second / norm - (first / norm) ** 2;
  }
  return { slope: slope / labels.length, curvature: curvature / labels.length };
}

export interface RiskCoverage {
  /** Error rate among the k + 1 most confident rows, at coverage (k + 1)/rows [rows]. */
  risk: Float64Array;
  /** Area under it: mean of `risk`. NaN without rows. */
  aurc: number;
  /** `aurc` less that of the same errors, all of them less confident than any right answer (Geifman, Uziel & El-Yaniv 2019): 0 is a perfect ranking. */
  excess: number;
}

/** Risk at each coverage. Rows of equal confidence count as if in random order: each as the mean of them. */
export function riskCoverage(confidence: ArrayLike<number>, correct: ArrayLike<number>): RiskCoverage {
  const n = confidence.length;
  const descending = Float64Array.from(confidence, (x) => -x);
  const order = ascending(descending);
  const risk = new Float64Array(n);
  let errors = 0;
  eachTie(descending, order, (from, to) => {
    let wrong = 0;
    for (let k = from; k < to; k++) wrong += 1 - correct[order[k]!]!;
    for (let k = from; k < to; k++) risk[k] = (errors + (wrong * (k + 1 - from)) / (to - from)) / (k + 1);
    errors += wrong;
  });
  const aurc = risk.reduce((sum, x) => sum + x, 0) / n;
  let best = 0;
  for (let k = 0; k < n; k++) best += Math.max(0, k + 1 - (n - errors)) / (k + 1);
  return { risk, aurc, excess: Math.max(0, aurc - best / n) };
}
