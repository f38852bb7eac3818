/**
 * What the posterior panel and `inspect` say about a posterior: its size, the spectrum of its factor, the spread of each
 * parameter tensor; and single draws from it, to be evaluated with the source head.
 */
import type { Gaussian } from '../core/gaussian.ts';
import { prepare } from '../core/lowrank.ts';
import { factorSpectrum, marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import { mean } from '../core/statistics.ts';
import type { ParameterEntry } from '../model/architecture.ts';
import type { Posterior, PosteriorSummary } from './posterior.ts';

/** `entries` is the architecture's parameter table; only its extractor part is read. `drawAccuracy` is measured elsewhere. */
export function summarise(posterior: Posterior, entries: readonly ParameterEntry[], drawAccuracy: number[] = []): PosteriorSummary {
  const { gaussian, snapshots, provenance } = posterior;
  const s = marginalVariances(gaussian);
  const values = factorSpectrum(gaussian).values;
  const trace = s.reduce((sum, x) => sum + x, 0);
  return {
    params: gaussian.mean.length,
    rank: gaussian.rank,
    snapshots,
    method: provenance.posterior.method,
    sourceMethod: provenance.method,
    basins: provenance.posterior.basins,
    dataset: provenance.dataset,
    classNames: provenance.classNames,
    sourceAccuracy: provenance.sourceAccuracy,
    sourceNll: provenance.sourceNll,
    meanVariance: mean(s),
    lowRankShare: values.reduce((sum, x) => sum + x, 0) / trace,
    spectrum: values,
    layers: entries.filter((entry) => entry.part === 'extractor').map((entry) => layerRow(entry, gaussian, s)),
    drawAccuracy,
  };
}

function layerRow({ name, shape, offset, size }: ParameterEntry, gaussian: Gaussian, s: Float64Array): PosteriorSummary['layers'][number] {
  const sd = s.subarray(offset, offset + size).map(Math.sqrt);
  const weights = gaussian.mean.subarray(offset, offset + size);
  return {
    name,
    shape: [...shape],
    size,
    meanSd: mean(sd),
    minSd: sd.reduce((low, x) => Math.min(low, x), Infinity),
    maxSd: sd.reduce((high, x) => Math.max(high, x), 0),
    meanWeightRms: Math.sqrt(weights.reduce((sum, x) => sum + x * x, 0) / size),
  };
}

/** `count` draws of w, each [D]; draw i depends on (seed, i) alone. */
export function drawWeights(gaussian: Gaussian, seed: number, count: number): Float32Array[] {
  const prepared = prepare({ gaussian, scale: 1, floor: 0 });
  return Array.from({ length: count }, (_, i) => prepared.draw(new Stream(seed, 'draw', i)));
}
