/** What is told of the source's embedding: `embedding` in result.json (without the map's points, which go to embedding.csv). */
import type { Interval } from '../../core/statistics.ts';

/** Whose features: those at the posterior mean, and those of a network of the same architecture and seed that learned nothing. */
export const ENCODERS = ['source', 'random'] as const;
export type Encoder = (typeof ENCODERS)[number];

/**
 * Accuracies in 0…1 on test rows, intervals by bootstrap over them; squared distances on the unit sphere (measure/embedding.ts), alignment by
 * bootstrap over pairs, spread and uniformity by jackknife over rows. `seeds` of an interval counts rows or pairs. null: could not be measured.
 */
export interface Figures {
  probe: Interval | null;
  knn: Interval;
  /** Of two views of an image; null where the data have no views (points). */
  viewAlignment: Interval | null;
  /** Of two images of a class; null where no class has two. */
  classAlignment: Interval | null;
  spread: Interval;
  uniformity: Interval;
}
export const FIGURES = ['probe', 'knn', 'viewAlignment', 'classAlignment', 'spread', 'uniformity'] as const satisfies readonly (keyof Figures)[];

export interface Embedding {
  dataset: string;
  classNames: string[];
  /** Numbers a feature vector has. */
  dimensions: number;
  /** Rows of the source: fitted and compared with, the probe's penalty chosen on, tested, of which so many are compared in pairs; images seen in two views. */
  rows: { train: number; chosen: number; test: number; pairs: number; views: number };
  /** The neighbours that vote. */
  neighbours: number;
  figures: Record<Encoder, Figures>;
  /** source − random, paired by test row (or pair). */
  difference: Figures;
  /** Of the probe: its penalty, and whether that was the last of its ladder; null without a probe. */
  penalty: Record<Encoder, { value: number; edge: 'low' | 'high' | null } | null>;
  map: EmbeddingMap;
  sentence: string;
}

/** Test rows, at most 2,000, in the plane of their first two principal components. */
export interface EmbeddingMap {
  /** Rows of the source data [N] and their classes. */
  rows: Uint32Array;
  labels: Uint16Array;
  /** [N, 2] an encoder, and the share of the variance along each axis. */
  planes: Record<Encoder, { points: Float32Array; shares: [number, number] }>;
}

/** Why there is no embedding to tell of, in a sentence. */
export interface NoEmbedding {
  missing: string;
}
