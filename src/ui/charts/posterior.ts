/** Domains and CSV rows of the posterior's two charts. */
import type { PosteriorSummary } from '../../posterior/posterior.ts';
import type { CsvValue } from '../../storage/exports.ts';

/** The positive values of a list on whole decades, at least one decade wide; [0.1, 1] of nothing positive. */
export function decadesAround(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [0.1, 1];
  const low = Math.floor(Math.log10(Math.min(...positive)) + 1e-9);
  const high = Math.ceil(Math.log10(Math.max(...positive)) - 1e-9);
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** Like `decadesAround`, to halves of decades below and above: [1, 3] times a power of ten. */
export function tightDecades(values: readonly number[]): [number, number] {
  const positive = values.filter((value) => value > 0 && Number.isFinite(value));
  if (positive.length === 0) return [0.1, 1];
  const low = Math.floor(2 * Math.log10(Math.min(...positive))) / 2;
  const high = Math.ceil(2 * Math.log10(Math.max(...positive))) / 2;
  return [10 ** low, 10 ** Math.max(high, low + 0.5)];
}

/** Share of the factor's trace in its first k eigenvalues, k = 1…K. */
export function cumulativeShare(spectrum: readonly number[]): number[] {
  const total = spectrum.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  return spectrum.map((value) => (sum += value) / total);
}

export function spectrumRows({ spectrum }: PosteriorSummary): CsvValue[][] {
  const shares = cumulativeShare(spectrum);
  return [['k', 'eigenvalue', 'cumulative_share'], ...spectrum.map((value, i): CsvValue[] => [i + 1, value, shares[i]!])];
}

export function layerRows({ layers }: PosteriorSummary): CsvValue[][] {
  return [
    ['tensor', 'shape', 'size', 'mean_sd', 'min_sd', 'max_sd', 'weight_rms'],
    ...layers.map(({ name, shape, size, meanSd, minSd, maxSd, meanWeightRms }) => [name, shape.join('×'), size, meanSd, minSd, maxSd, meanWeightRms]),
  ];
}
