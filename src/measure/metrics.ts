/**
 * Classification metrics from logits [rows, classes] and labels [rows]: accuracy, NLL (stable log-softmax), expected
 * calibration error over 15 equal-width bins of the top probability (Guo et al. 2017), Brier score summed over classes.
 */

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

const BINS = 15;

/** Logits [rows, classes], labels [rows]. All NaN when any logit is not finite or there are no rows. */
export function metricsOf(logits: Float32Array, labels: ArrayLike<number>, classes: number): Metrics {
  const rows = labels.length;
  if (rows === 0) return NO_METRICS;
  const probabilities = new Float64Array(classes);
  const count = new Float64Array(BINS);
  const confidence = new Float64Array(BINS);
  const correct = new Float64Array(BINS);
  let hits = 0;
  let nll = 0;
  let brier = 0;
  for (let r = 0; r < rows; r++) {
    const label = labels[r]!;
    const best = softmaxInto(logits, r * classes, probabilities);
    if (best < 0) return NO_METRICS;
    nll -= logSoftmax(logits, r * classes, classes, label);
    for (let c = 0; c < classes; c++) brier += (probabilities[c]! - (c === label ? 1 : 0)) ** 2;
    const top = probabilities[best]!;
    // Bins are (lower, upper], so that a probability of exactly 1 falls into the last.
    const bin = Math.min(BINS - 1, Math.max(0, Math.ceil(top * BINS) - 1));
    count[bin]!++;
    confidence[bin]! += top;
    if (best === label) {
      hits++;
      correct[bin]!++;
    }
  }
  let ece = 0;
  for (let b = 0; b < BINS; b++) ece += Math.abs(correct[b]! - confidence[b]!) / rows;
  return { accuracy: hits / rows, nll: nll / rows, ece, brier: brier / rows };
}

/** Softmax of one row into out [classes]; returns the first largest class, −1 when a logit is not finite. */
export function softmaxInto(logits: Float32Array, from: number, out: Float64Array): number {
  let best = 0;
  for (let c = 0; c < out.length; c++) {
    if (!Number.isFinite(logits[from + c]!)) return -1;
    if (logits[from + c]! > logits[from + best]!) best = c;
  }
  let sum = 0;
  for (let c = 0; c < out.length; c++) sum += out[c] = Math.exp(logits[from + c]! - logits[from + best]!);
  for (let c = 0; c < out.length; c++) out[c]! /= sum;
  return best;
}

/** log softmax of one class of one row, in which nothing underflows. */
function logSoftmax(logits: Float32Array, from: number, classes: number, label: number): number {
  let top = -Infinity;
  for (let c = 0; c < classes; c++) top = Math.max(top, logits[from + c]!);
  let sum = 0;
  for (let c = 0; c < classes; c++) sum += Math.exp(logits[from + c]! - top);
  return logits[from + label]! - top - Math.log(sum);
}
