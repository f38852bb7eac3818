/** Probabilities from logits, for whoever has logits in plain arrays. */

/** Softmax of one row into out [classes]; returns the first largest class, −1 when a logit is not finite. */
export function softmaxInto(logits: ArrayLike<number>, from: number, out: Float64Array): number {
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
