/** Metrics of what an engine evaluated: from logits where an image has one label, from counts over pixels where it has a label map. */
import type { Evaluation } from '../../engine/contract.ts';
import { type Metrics, metricsOf, metricsOfPixels } from '../../measure/metrics.ts';
import type { Architecture } from '../../model/architecture.ts';

/** Whether metrics need logits: those of all pixels of many images would fill the memory, and the engine counts them itself. */
export function needsLogits({ decoder }: Architecture): boolean {
  return decoder === undefined;
}

/** Of item i; `labels` of its rows. */
export function metricsAt({ nll, finite, logits, pixels }: Evaluation, i: number, { classes }: Architecture, labels: ArrayLike<number>): Metrics {
  return pixels ? metricsOfPixels(finite[i] === 1 ? nll[i]! : NaN, pixels[i]!, classes) : metricsOf(logits![i]!, labels, classes);
}
