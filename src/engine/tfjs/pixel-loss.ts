/** The loss of segmentation over typed arrays (see `PopulationSpec` in the contract): cross-entropy of pixels, mean by image, and what evaluation counts. */
import type { PixelCounts } from '../contract.ts';
import { countPixel } from '../evaluation.ts';
import { inverseArea } from '../pixels.ts';

export interface PixelLoss {
  /** Sums over images of each one's (weighted) mean. */
  nll: number;
  accuracy: number;
  /** Images with a class anywhere. */
  images: number;
}

export interface PixelTask {
  /** Pixels of an image. */
  pixels: number;
  classes: number;
  weights: Float32Array | null;
}

/**
 * Logits [B, pixels, C] and maps [B, pixels]; dLogits, where given, is the gradient of nll/B. `counts` are added to. Non-finite logits give a
 * non-finite NLL.
 */
export function pixelCrossEntropy(logits: Float32Array, maps: Uint8Array, batch: number, { pixels, classes, weights }: PixelTask, dLogits: Float32Array | null, counts: PixelCounts | null): PixelLoss {
  const loss: PixelLoss = { nll: 0, accuracy: 0, images: 0 };
  for (let b = 0; b < batch; b++) {
    const map = maps.subarray(b * pixels, (b + 1) * pixels);
    const inverse = inverseArea(map, classes, weights);
    if (inverse > 0) loss.images++;
    for (let p = 0; p < pixels; p++) {
      const row = (b * pixels + p) * classes;
      const label = map[p]!;
      if (label >= classes) {
        dLogits?.fill(0, row, row + classes);
        continue;
      }
      let best = 0;
      for (let c = 1; c < classes; c++) if (logits[row + c]! > logits[row + best]!) best = c;
      const top = logits[row + best]!;
      let sum = 0;
      for (let c = 0; c < classes; c++) sum += Math.exp(logits[row + c]! - top);
      const share = (weights ? weights[label]! : 1) * inverse;
      loss.nll += share * (Math.log(sum) + top - logits[row + label]!);
      if (best === label) loss.accuracy += share;
      if (counts) countPixel(counts, label, best, 1 / sum, classes);
      if (!dLogits) continue;
      for (let c = 0; c < classes; c++) dLogits[row + c] = ((Math.exp(logits[row + c]! - top) / sum - (c === label ? 1 : 0)) * share) / batch;
    }
  }
  return loss;
}
