/**
 * Classification metrics from logits or probabilities [rows, classes] and labels [rows]: accuracy, NLL (stable log-softmax), expected
 * calibration error over 15 equal-width bins of the top probability (Guo et al. 2017), Brier score summed over classes.
 */
import { BINS, binOf } from '../core/bins.ts';
import { accuracyIn, meanIntersectionOverUnion } from './confusion.ts';
import { softmaxInto } from '../core/softmax.ts';

/** NLL in nats per image, accuracy and ECE in 0…1, Brier in 0…2 (sum over classes). NaN where logits were not finite. Of segmentation all are of pixels. */
export interface Metrics {
  accuracy: number;
  nll: number;
  ece: number;
  brier: number;
  /** Of segmentation alone: intersection over union, mean over the classes that occur (confusion.ts), 0…1. */
  meanIoU?: number;
}
export const METRICS = ['accuracy', 'nll', 'ece', 'brier'] as const;
/** Of segmentation. */
export const PIXEL_METRICS = ['meanIoU', 'accuracy', 'nll', 'ece'] as const;
export type Metric = (typeof METRICS)[number] | (typeof PIXEL_METRICS)[number];
export const ALL_METRICS = ['meanIoU', ...METRICS] as const satisfies readonly Metric[];

/** Which metrics results have that were measured in the same way; those of a run that diverged are none. */
export function metricsIn(all: readonly Metrics[]): readonly Metric[] {
  return all.some(({ meanIoU }) => meanIoU !== undefined) ? PIXEL_METRICS : METRICS;
}

/** NaN where there is none of this kind. */
export function valueOf(metrics: Metrics, metric: Metric): number {
  return metrics[metric] ?? NaN;
}

/** Accuracy and intersection over union are better when higher, the others when lower. */
export function lowerIsBetter(metric: Metric): boolean {
  return metric !== 'accuracy' && metric !== 'meanIoU';
}

export const NO_METRICS: Metrics = { accuracy: NaN, nll: NaN, ece: NaN, brier: NaN };

/** Sums over rows that Metrics are made of: for logits and for averaged probabilities alike. */
export class MetricSums {
  readonly #confidence = new Float64Array(BINS);
  readonly #correct = new Float64Array(BINS);
  readonly #confusion: Float64Array | null;
  readonly #classes: number;
  #rows = 0;
  #hits = 0;
  #nll = 0;
  #brier = 0;

  /** `pixels`: rows are pixels, of so many classes, and their metrics have a mean IoU. */
  constructor({ pixels = 0 }: { pixels?: number } = {}) {
    this.#classes = pixels;
    this.#confusion = pixels > 0 ? new Float64Array(pixels * pixels) : null;
  }

  clear(): void {
    this.#confusion?.fill(0);
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
    if (this.#confusion) this.#confusion[label * classes + best]!++;
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
    return {
      accuracy: this.#hits / this.#rows, nll: this.#nll / this.#rows, ece, brier: this.#brier / this.#rows,
      ...(this.#confusion ? { meanIoU: meanIntersectionOverUnion(this.#confusion, this.#classes) } : {}),
    };
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

/** Metrics of segmentation from what an engine counted over pixels (`Evaluation.pixels`) and its NLL; all NaN where it was not finite. Brier scores are not counted. */
export function metricsOfPixels(nll: number, { confusion, bins }: { confusion: ArrayLike<number>; bins: ArrayLike<number> }, classes: number): Metrics {
  if (!Number.isFinite(nll)) return NO_METRICS;
  let [pixels, ece] = [0, 0];
  for (let b = 0; b < BINS; b++) {
    pixels += bins[3 * b]!;
    ece += Math.abs(bins[3 * b + 2]! - bins[3 * b + 1]!);
  }
  return { nll, accuracy: accuracyIn(confusion, classes), ece: ece / pixels, brier: NaN, meanIoU: meanIntersectionOverUnion(confusion, classes) };
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
