/**
 * The Bayesian model average: the mean of softmax over samples of the weights (never of logits), for a fixed set of rows, sample by
 * sample; its metrics, and how its uncertainty divides into what every sample shares and what they disagree on.
 */
import { argmax, type Metrics, MetricSums, NO_METRICS } from './metrics.ts';

/**
 * All arrays are made by the constructor: `add` allocates nothing but its Metrics. Sums are float64, and the likelihood of the
 * labels is summed in logarithms, so that the NLL is finite whatever the logits. Samples with a logit that is not finite are left
 * out and counted in `dropped`.
 * `pixels`: rows are pixels, and metrics have a mean IoU.
 */
export class ModelAverage {
  readonly rows: number;
  readonly classes: number;
  /** null: rows without labels (out-of-distribution data); there are no metrics then. */
  readonly labels: ArrayLike<number> | null;
  /** Σ over samples of probabilities [rows, classes]. */
  readonly #sum: Float64Array;
  /** log Σ over samples of p(label) [rows]. */
  readonly #logLikelihood: Float64Array;
  /** Σ over samples of the entropy [rows]. */
  readonly #entropy: Float64Array;
  /** log p of one row [classes]. */
  readonly #row: Float64Array;
  readonly #metrics: MetricSums;
  #samples = 0;
  #dropped = 0;
  #curve: Metrics[] = [];

  constructor({ rows, classes, labels, pixels = false }: { rows: number; classes: number; labels: ArrayLike<number> | null; pixels?: boolean }) {
    if (labels !== null && labels.length !== rows) throw new RangeError(`An average over ${rows} rows needs as many labels, not ${labels.length}.`);
    this.rows = rows;
    this.classes = classes;
    this.labels = labels;
    this.#sum = new Float64Array(rows * classes);
    this.#logLikelihood = new Float64Array(rows).fill(-Infinity);
    this.#entropy = new Float64Array(rows);
    this.#row = new Float64Array(classes);
    this.#metrics = new MetricSums(pixels ? { pixels: classes } : {});
  }

  /** Samples in the average. */
  get samples(): number {
    return this.#samples;
  }

  /** Samples left out because a logit was not finite. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes in one sample, logits [rows, classes], and returns the metrics of the average with it; null when it was left out. */
  add(logits: ArrayLike<number>): Metrics | null {
    const { rows, classes } = this;
    if (logits.length !== rows * classes) throw new RangeError(`A sample of ${rows} rows and ${classes} classes has ${rows * classes} logits, not ${logits.length}.`);
    for (let i = 0; i < logits.length; i++) {
      if (Number.isFinite(logits[i]!)) continue;
      this.#dropped++;
      return null;
    }
    for (let r = 0; r < rows; r++) this.#addRow(r, logits);
    this.#samples++;
    const found = this.metrics();
    this.#curve.push(found);
    return found;
  }

  #addRow(r: number, logits: ArrayLike<number>): void {
    const from = r * this.classes;
    const top = logits[from + argmax(logits, from, this.classes)]!;
    let norm = 0;
    for (let c = 0; c < this.classes; c++) norm += Math.exp(logits[from + c]! - top);
    norm = Math.log(norm);
    for (let c = 0; c < this.classes; c++) {
      const logP = (this.#row[c] = logits[from + c]! - top - norm);
      const p = Math.exp(logP);
      this.#sum[from + c]! += p;
      this.#entropy[r]! -= p * logP;
    }
    if (this.labels) this.#logLikelihood[r] = logAddExp(this.#logLikelihood[r]!, this.#row[this.labels[r]!]!);
  }

  /** Of the average so far. All NaN without samples or labels. */
  metrics(): Metrics {
    const { rows, classes, labels } = this;
    if (labels === null || this.#samples === 0) return NO_METRICS;
    this.#metrics.clear();
    const logSamples = Math.log(this.#samples);
    for (let r = 0; r < rows; r++) {
      const from = r * classes;
      this.#metrics.add(this.#sum, from, classes, argmax(this.#sum, from, classes), labels[r]!, this.#logLikelihood[r]! - logSamples, 1 / this.#samples);
    }
    return this.#metrics.metrics();
  }

  /** Metrics after 1, 2, … samples, in the order they were added. */
  curve(): readonly Metrics[] {
    return this.#curve;
  }

  /** Mean probabilities [rows, classes] into `out`; NaN without samples. */
  probabilities(out = new Float64Array(this.rows * this.classes)): Float64Array {
    for (let i = 0; i < out.length; i++) out[i] = this.#sum[i]! / this.#samples;
    return out;
  }

  /** Log of the mean probabilities [rows, classes]: the logits of the average, to calibrate it by. At least −745, where a mean underflows. */
  logProbabilities(out = new Float64Array(this.rows * this.classes)): Float64Array {
    for (let i = 0; i < out.length; i++) out[i] = Math.log(Math.max(Number.MIN_VALUE, this.#sum[i]! / this.#samples));
    return out;
  }

  /** Entropy of the mean prediction, nats, 0…log classes [rows]: all the uncertainty there is. NaN without samples. */
  predictiveEntropy(out = new Float64Array(this.rows)): Float64Array {
    for (let r = 0; r < this.rows; r++) {
      let entropy = 0;
      for (let c = 0; c < this.classes; c++) {
        const p = this.#sum[r * this.classes + c]! / this.#samples;
        if (p !== 0) entropy -= p * Math.log(p);
      }
      out[r] = Math.max(0, entropy);
    }
    return out;
  }

  /** Mutual information of label and weights, nats, ≥ 0 [rows]: predictive − expected entropy, what samples disagree on (Houlsby et al. 2011; Depeweg et al. 2018). */
  mutualInformation(out = new Float64Array(this.rows)): Float64Array {
    this.predictiveEntropy(out);
    for (let r = 0; r < this.rows; r++) out[r] = Math.max(0, out[r]! - this.#entropy[r]! / this.#samples);
    return out;
  }
}

/** Top probability and whether it names the label, of probabilities [rows, classes]: what calibration and risk against coverage are drawn from. */
export function topOf(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number): { confidence: Float64Array; correct: Uint8Array } {
  const confidence = new Float64Array(labels.length);
  const correct = new Uint8Array(labels.length);
  for (let r = 0; r < labels.length; r++) {
    const best = argmax(probabilities, r * classes, classes);
    confidence[r] = probabilities[r * classes + best]!;
    correct[r] = best === labels[r] ? 1 : 0;
  }
  return { confidence, correct };
}

/** log(eᵃ + eᵇ). */
function logAddExp(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}
