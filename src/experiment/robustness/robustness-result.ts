/**
 * How predictions hold up when test images are damaged, and whether uncertainty tells images of no known class: by arm and
 * predictor, over seeds. An average is here one of at most KEPT samples (networks.ts), so its values on undamaged images may
 * differ a little from those of the whole average.
 */
import type { Interval, JudgedDifference } from '../../core/statistics.ts';
import type { Corruption } from '../../data/corrupt.ts';
import type { ContactSheet } from '../../data/preview.ts';
import type { Arm } from '../../prior/prior.ts';
import type { Predictor } from '../inference/inference-result.ts';

/** Metrics that are followed from severity to severity. */
export const FOLLOWED = ['nll', 'accuracy', 'ece'] as const;
export type Followed = (typeof FOLLOWED)[number];

/** Severities at which predictors are compared. */
export const JUDGED = [3, 5] as const;
export type Judged = (typeof JUDGED)[number];

export interface RobustnessCurve {
  arm: Arm;
  predictor: Predictor;
  /** Networks averaged: the fewest of any seed. */
  networks: number;
  /** `mean`: over the corruptions, seed by seed. */
  corruption: Corruption | 'mean';
  metric: Followed;
  /** At severity 0 (undamaged) … 5, over seeds [6]. */
  levels: Interval[];
}

/** Value at a severity − value on undamaged images, mean over corruptions, over seeds. */
export interface RobustnessRise extends Interval {
  arm: Arm;
  predictor: Predictor;
  severity: Judged;
  metric: Followed;
}

/** Mean over corruptions at a severity, paired by seed: this − L2-SP with the same predictor, or − the arm's own single solution; those of a severity and metric are judged together. */
export interface RobustnessComparison extends JudgedDifference {
  arm: Arm;
  predictor: Predictor;
  versus: 'l2-sp' | 'single';
  severity: Judged;
  metric: Followed;
}

/** How well a score tells images from outside from the undamaged test images (AUROC: ½ is blind, 1 tells all apart). */
export interface OutsideDetection {
  arm: Arm;
  predictor: Predictor;
  /** Entropy of the prediction, or mutual information of label and weights (not of single networks). */
  score: 'entropy' | 'mutual information';
  /** 95% by DeLong's variance; null where that is 0. */
  seeds: { seed: number; auroc: number; ci95: [number, number] | null }[];
  /** Mean over seeds, t interval. */
  auroc: Interval;
  /** Paired by seed: this − L2-SP with the same predictor and score, − the arm's single solution by entropy; all of the table are judged together; null for itself or without that rival. */
  versusL2sp: JudgedDifference | null;
  versusSingle: JudgedDifference | null;
}

/** A test image on which predictors disagree. */
export interface DisputedImage {
  seed: number;
  /** Index into the class names. */
  label: number;
  /** Total variation between two predictors' probabilities, mean over pairs, 0…1. */
  variation: number;
  answers: { arm: Arm; predictor: Predictor; /** Most probable first. */ top: { class: number; probability: number }[] }[];
}

export interface Robustness {
  /** Test images of each seed. */
  images: number;
  corruptions: Corruption[];
  curves: RobustnessCurve[];
  rises: RobustnessRise[];
  comparisons: RobustnessComparison[];
  /** What was shown from outside, images of each seed; null when nothing was. */
  outside: { name: string; images: number } | null;
  /** Why nothing was shown from outside although it was asked for: one sentence. */
  outsideMissing: string | null;
  detection: OutsideDetection[];
  /** The most disputed first. `strip`: the images side by side; null in result.json. */
  disputed: { classNames: string[]; images: DisputedImage[]; strip: ContactSheet | null };
}
