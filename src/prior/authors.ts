/**
 * Priors in the layout of the code that came with Pre-Train Your Loss: flat `_mean.pt` [D], `_variance.pt` [D] and `_covmat.pt` [K, D], in the order of the
 * network's parameters, without names. What the numbers mean has to be said, because files of that layout differ in it:
 *   half         Σ = ½·diag(variance) + ½·(…) (SWAG as published), or without the halves
 *   divided      the factor holds 1/√(K − 1) already, as the released files do, or it is the bare deviations
 *   factorScale  at scale s the diagonal is s·variance, and the factor √s·F (`root`, so that both scale alike) or s·F (`linear`, as that code does)
 * Inside everything is canonical: N(mean, diag(variance) + FᵀF).
 */
import { LabError } from '../core/errors.ts';
import type { Gaussian } from '../core/gaussian.ts';
import { mean } from '../core/statistics.ts';
import { parameterTable } from '../model/build.ts';
import type { Posterior } from '../posterior/posterior.ts';
import type { TorchTensor } from './torch-file.ts';

export interface AuthorsFiles {
  mean: TorchTensor;
  variance: TorchTensor;
  covmat: TorchTensor;
}

export interface Convention {
  half: boolean;
  /** `detect`: by the numbers (`looksDivided`). */
  divided: boolean | 'detect';
  scale: number;
  factorScale: 'root' | 'linear';
}

/** SWAG as published, factor told by its numbers, not scaled. */
export const PUBLISHED: Convention = { half: true, divided: 'detect', scale: 1, factorScale: 'root' };

const fault = (what: string): LabError => new LabError('file', `These files are no prior for this network: ${what}.`);

/**
 * Whether a factor [K, D] holds 1/√(K − 1) already; null where the numbers do not tell. Of SWAG, Σ_k d_k²/(K − 1) over the kept deviations is of the size of the
 * variance over all of them, so the ratio of their means is near 1 when divided and near K − 1 when not; it must be clearly nearer to one of the two.
 */
export function looksDivided(factor: Float32Array, variance: Float32Array, rank: number): boolean | null {
  const ratio = factor.reduce((sum, x) => sum + x * x, 0) / variance.length / mean(variance);
  const place = Math.log(ratio) / Math.log(rank - 1);
  return rank < 4 || !Number.isFinite(place) || (place > 0.4 && place < 0.6) ? null : place < 0.5;
}

/** A posterior of the network, inputs and classes of `like`, whose own numbers are left aside. Throws LabError('file') where sizes, values or conventions do not hold. */
export function fromAuthors(files: AuthorsFiles, like: Posterior, convention: Convention): { posterior: Posterior; divided: boolean } {
  const { extractor: d } = parameterTable(like.architecture);
  for (const name of ['mean', 'variance'] as const) {
    if (files[name].values.length !== d) throw fault(`the ${name} has ${files[name].values.length} numbers, and its extractor has ${d} parameters`);
  }
  const [rank, factor] = rowsOf(files.covmat, d);
  const variance = files.variance.values;
  if (!variance.every((v) => v > 0)) throw fault('the variance has values that are not positive');
  const { half, scale, factorScale } = convention;
  if (!(scale > 0 && scale < Infinity)) throw fault(`a scale is positive, not ${scale}`);
  const divided = convention.divided === 'detect' ? looksDivided(factor, variance, rank) : convention.divided;
  if (divided === null) throw fault('the numbers do not tell whether the factor is divided by √(K − 1) already; say so (--factor divided or undivided)');
  if (!divided && rank < 2) throw fault('a factor of one row cannot be divided by √(K − 1); say that it is divided');
  const gain = Math.sqrt(half ? 0.5 : 1) * (divided ? 1 : 1 / Math.sqrt(rank - 1)) * (factorScale === 'root' ? Math.sqrt(scale) : scale);
  const gaussian: Gaussian = {
    mean: files.mean.values.slice(), variance: variance.map((v) => (half ? 0.5 : 1) * scale * v), factor: factor.map((x) => gain * x), rank,
  };
  const provenance: Posterior['provenance'] = {
    ...like.provenance, dataset: 'unknown (files without a description)', datasetSha256: '', posterior: { method: 'swag', basins: null },
    training: { layout: 'flat tensors', half: String(half), factor: divided ? 'divided' : 'undivided', scale, factorScale }, created: new Date().toISOString(), licence: '', sourceAccuracy: null, sourceNll: null,
  };
  return { posterior: { ...like, gaussian, head: null, snapshots: 0, provenance }, divided };
}

/** K and the factor [K, D] of a matrix of either orientation. */
function rowsOf({ shape, values }: TorchTensor, d: number): [number, Float32Array] {
  const [rows, columns] = shape;
  if (shape.length !== 2 || (rows !== d && columns !== d)) throw fault(`the covmat has shape [${shape.join(', ')}], and neither side is the extractor's ${d} parameters`);
  if (columns === d) return [rows!, values];
  return [columns!, Float32Array.from(values, (_, i) => values[(i % d) * columns! + Math.floor(i / d)]!)];
}

/** The same Gaussian in that layout, with the halves outside and 1/√(K − 1) inside. Rank 0 has no such file: one row of zeros stands for it. */
export function toAuthors({ mean: centre, variance, factor, rank }: Gaussian): AuthorsFiles {
  const d = centre.length;
  return {
    mean: { shape: [d], values: centre }, variance: { shape: [d], values: variance.map((v) => 2 * v) },
    covmat: rank > 0 ? { shape: [rank, d], values: factor.map((x) => Math.SQRT2 * x) } : { shape: [1, d], values: new Float32Array(d) },
  };
}
