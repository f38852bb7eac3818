/** Evaluations that are put together from parts: of cohorts, of workers, of pieces of a request. */
import { BINS, binOf } from '../core/bins.ts';
import type { Evaluation, PixelCounts } from './contract.ts';

/** Of `count` items, none evaluated yet; `logits` and `pixels` say what there will be. */
export function emptyEvaluation(count: number, { logits, pixels }: { logits: boolean; pixels: boolean }): Evaluation {
  return { nll: new Float64Array(count), accuracy: new Float64Array(count), finite: new Uint8Array(count), logits: logits ? [] : null, pixels: pixels ? [] : null };
}

/** Item i of `part` becomes item place(i) of `whole`. */
export function place(whole: Evaluation, part: Evaluation, placeOf: (i: number) => number): void {
  if (part.logits) whole.logits ??= [];
  if (part.pixels) whole.pixels ??= [];
  part.nll.forEach((nll, i) => {
    const to = placeOf(i);
    whole.nll[to] = nll;
    whole.accuracy[to] = part.accuracy[i]!;
    whole.finite[to] = part.finite[i]!;
    if (whole.logits && part.logits) whole.logits[to] = part.logits[i]!;
    if (whole.pixels && part.pixels) whole.pixels[to] = part.pixels[i]!;
  });
}

export function emptyCounts(classes: number): PixelCounts {
  return { confusion: new Float64Array(classes * classes), bins: new Float64Array(3 * BINS) };
}

/** Share of the counted pixels that were answered right; NaN of none. */
export function pixelAccuracy({ bins }: PixelCounts): number {
  let [pixels, right] = [0, 0];
  for (let b = 0; b < BINS; b++) {
    pixels += bins[3 * b]!;
    right += bins[3 * b + 2]!;
  }
  return right / pixels;
}

export function countPixel({ confusion, bins }: PixelCounts, label: number, answer: number, confidence: number, classes: number): void {
  confusion[label * classes + answer]!++;
  const bin = 3 * binOf(confidence);
  bins[bin]!++;
  bins[bin + 1]! += confidence;
  if (answer === label) bins[bin + 2]!++;
}
