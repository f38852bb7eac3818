/** Equal-width bins of the top probability, over which calibration is measured (Guo et al. 2017). */
export const BINS = 15;

/** Bin of a confidence in 0…1. Bins are (lower, upper], so that a probability of exactly 1 falls into the last. */
export function binOf(confidence: number, bins = BINS): number {
  return Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
}
