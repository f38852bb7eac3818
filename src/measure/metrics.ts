/**
 * Classification metrics from logits or probabilities [rows, classes] and labels [rows]: accuracy, NLL (stable log-softmax), expected
 * calibration error over 15 equal-width bins of the top probability (Guo et al. 2017), Brier score summed over classes.
 */
import { BINS, binOf } from '../core/bins.ts';
import { softmaxInto } from '../core/softmax.ts';

/** NLL in nats per image, accuracy and ECE in 0…1, Brier in 0…2 (sum over classes). NaN where logits were not finite. */
export interface Metrics {
  accuracy: number;
  nll: number;
  ece: number;
  brier: number;
}
export const METRICS = ['accuracy', 'nll', 'ece', 'brier'] as const;
export type Metric = (typeof METRICS)[number];

/** Accuracy is better when higher, the others when lower. */
export function lowerIsBetter(metric: Metric): boolean {
  return metric !== 'accuracy';
}

export const NO_METRICS: Metrics = { accuracy: NaN, nll: NaN, ece: NaN, brier: NaN };

/** Sums over rows that Metrics are made of: for logits and for averaged probabilities alike. */
export class MetricSums {
  readonly #confidence = new Float64Array(BINS);
  readonly #correct = new Float64Array(BINS);
  #rows = 0;
  #hits = 0;
  #nll = 0;
  #brier = 0;

  clear(): void {
    this.#confidence.fill(0);
    this.#correct.fill(0);
    this.#rows = this.#hits = this.#nll = this.#brier = 0;
  }

  /** One row: its probabilities are `classes` numbers from `from` on, times `factor`; `best` is the class it answers, `logLikelihood` log p(label). */
  add(probabilities: ArrayLike<number>, from: number, classes: number, best: number, label: number, logLikelihood: number, factor = 1): void {
    this.#rows++;
    this.#nll -= logLikelihood;
    for (let c = 0; c < classes; c++) this.#brier += (factor * probabilities[from + c]! - (c === label ? 1 : 0)) ** 2;
    const top = factor * probabilities[from + best]!;
    const bin = binOf(top);
    this.#confidence[bin]! += top;
    if (best !== label) return;
    this.#hits++;
    this.#correct[bin]!++;
  }

  /** All NaN when there were no rows. */
  metrics(): Metrics {
    if (this.#rows === 0) return NO_METRICS;
    let ece = 0;
    for (let b = 0; b < BINS; b++) ece += Math.abs(this.#correct[b]! - this.#confidence[b]!) / this.#rows;
    return { accuracy: this.#hits / this.#rows, nll: this.#nll / this.#rows, ece, brier: this.#brier / this.#rows };
  }
}

/** Logits [rows, classes], labels [rows]. All NaN when any logit is not finite or there are no rows. */
export function metricsOf(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Metrics {
  const probabilities = new Float64Array(classes);
  const sums = new MetricSums();
  for (let r = 0; r < labels.length; r++) {
    const best = softmaxInto(logits, r * classes, probabilities);
    if (best < 0) return NO_METRICS;
    sums.add(probabilities, 0, classes, best, labels[r]!, logSoftmax(logits, r * classes, classes, labels[r]!));
  }
  return sums.metrics();
}

/** The first largest of `classes` numbers from `from` on. */
export function argmax(values: ArrayLike<number>, from: number, classes: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) if (values[from + c]! > values[from + best]!) best = c;
  return best;
}

/** log softmax of one class of one row, in which nothing underflows. */
export function logSoftmax(logits: ArrayLike<number>, from: number, classes: number, label: number): number {
  let top = -Infinity;
  for (let c = 0; c < classes; c++) top = Math.max(top, logits[from + c]!);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[from + c]! - top);
  return logits[from + label]! - top - Math.log(sum);
}
