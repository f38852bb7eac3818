/**
 * What a prior believes before it sees a downstream image: networks drawn from it answer real images. `result.json` holds
 * PriorPredictive where `predictive.draws` is above 0; the page asks for the same after a run.
 */
import type { Interval } from '../../core/statistics.ts';
import type { Family } from '../../prior/prior.ts';

/**
 * source: held-out source images, extractor w drawn from the prior, the head that the source learned.
 * downstream: test images of the first seed, w from the prior and head from N(0, I/κ).
 */
export const READS = ['source', 'downstream'] as const;
export type Reads = (typeof READS)[number];

/** Networks of one prior at one λ. Of an interval `seeds` counts draws: it is a 95% jackknife t interval over draws. */
export interface Belief {
  family: Family;
  /** λ. */
  scale: number;
  /** Draws whose logits were finite. */
  draws: number;
  /** Share of images that a draw names rightly. */
  accuracy: Interval;
  /** Entropy of a single draw's prediction, as a share of log C. */
  drawEntropy: Interval;
  /** Entropy of the mean of the draws' probabilities, as a share of log C. */
  entropy: Interval;
  /** Share of pairs of draws that answer an image with the same class. */
  agreement: Interval;
}

export interface PredictiveReading {
  reads: Reads;
  dataset: string;
  /** C, and images answered. */
  classes: number;
  images: number;
  /** κ of the drawn heads; null: the source's head. */
  headStrength: number | null;
  /** Every prior at the middle of the λ grid. */
  table: Belief[];
  /** Every prior at each λ of a ladder from tight to loose. */
  ladder: Belief[];
  sentence: string;
}

export interface PriorPredictive {
  /** Networks asked for of each prior and λ. */
  draws: number;
  /** Without `source` where an imported prior came without images or head. */
  readings: PredictiveReading[];
}
