/**
 * A learned posterior over the extractor's weights w [D], with what is needed to use it elsewhere: the architecture,
 * how inputs are normalised, the source head, and where it came from.
 */
import type { Gaussian } from '../core/gaussian.ts';
import type { Normalisation } from '../data/dataset.ts';
import type { Architecture } from '../model/architecture.ts';

export interface Posterior {
  /** N(mean, diag(variance) + FᵀF) over w [D]; constants inside (SWAG's ½ and 1/√(2(K−1)) included). */
  gaussian: Gaussian;
  /** `classes` and the head are the source's. */
  architecture: Architecture;
  normalisation: Normalisation;
  /** Source head h [H] at the mean, null when the file carries none. */
  head: Float32Array | null;
  snapshots: number;
  provenance: Provenance;
}

/** How the snapshots (or gradients) of source training became a Gaussian. */
export const POSTERIOR_METHODS = ['swag', 'fisher'] as const;
export type PosteriorMethod = (typeof POSTERIOR_METHODS)[number];

/** Where the basins of a merged posterior began: branches of one trained network, or initialisations of their own. */
export const BASIN_STARTS = ['shared', 'independent'] as const;
export type BasinStart = (typeof BASIN_STARTS)[number];

/** The B basins behind a merged posterior (mixture.ts). */
export interface Basins {
  start: BasinStart;
  /** Of each basin's mean with its own head, on the source test rows [B]; null where not finite. */
  accuracy: (number | null)[];
  nll: (number | null)[];
  /** ‖m_a − m_b‖ over the extractor's weights, parameter units, for every pair a < b [B(B − 1)/2]. */
  distances: number[];
}

/** A file whose weights source training started from. */
export interface StartedFrom {
  file: string;
  sha256: string;
  /** Tensors of the extractor that were taken, of how many. */
  used: number;
  tensors: number;
  /** The head was taken too. */
  head: boolean;
}

/** What the source was learned from: its labels, or two views of each image (SimCLR, Chen et al. 2020; VICReg, Bardes et al. 2022). */
export const SOURCE_METHODS = ['supervised', 'simclr', 'vicreg'] as const;
export type SourceMethod = (typeof SOURCE_METHODS)[number];

export interface Provenance {
  dataset: string;
  datasetSha256: string;
  classNames: string[];
  /** Of source training; other than supervised, the posterior's head is a linear probe, fitted to labels at the mean when training was over. */
  method: SourceMethod;
  /** How the posterior was made; `basins` null where there was one. */
  posterior: { method: PosteriorMethod; basins: Basins | null };
  /** Weights that source training started from; absent: an initialisation. */
  start?: StartedFrom;
  /** Settings of the source training, for the record. */
  training: Record<string, number | string>;
  seed: number;
  /** ISO 8601. */
  created: string;
  licence: string;
  /** Accuracy and NLL of the mean on the source test rows, null when unknown. */
  sourceAccuracy: number | null;
  sourceNll: number | null;
}

/** What the posterior panel shows. */
export interface PosteriorSummary {
  params: number;
  rank: number;
  /** In all basins together. */
  snapshots: number;
  method: PosteriorMethod;
  /** Of source training; other than supervised, `sourceAccuracy` and the like are a linear probe's. */
  sourceMethod: SourceMethod;
  /** null where the posterior comes from one basin. */
  basins: Basins | null;
  dataset: string;
  classNames: string[];
  sourceAccuracy: number | null;
  sourceNll: number | null;
  /** Mean over parameters of the marginal variance s = variance + Σ_k F_k². */
  meanVariance: number;
  /** Share of the trace that the factor FᵀF carries, 0…1. */
  lowRankShare: number;
  /** Eigenvalues of FᵀF, descending, [K]. */
  spectrum: number[];
  /** One row a parameter tensor: standard deviations √s. */
  layers: { name: string; shape: number[]; size: number; meanSd: number; minSd: number; maxSd: number; meanWeightRms: number }[];
  /** Source-test accuracy of single draws from the posterior with the source head; empty when they cannot be measured. */
  drawAccuracy: number[];
}
