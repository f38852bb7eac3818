/**
 * From a learned posterior N(m, diag(variance) + FᵀF) over w [D] to the families of priors at λ = 1 (formulas in
 * prior.ts). All have the same trace Σ_j s_j, s = variance + Σ_k F_k², so one λ axis serves all. Also two changes of a
 * covariance that serve as controls: its entries permuted, its rank cut.
 */
import type { Gaussian } from '../core/gaussian.ts';
import { factorSpectrum, marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import { mean } from '../core/statistics.ts';
import type { ParameterEntry } from '../model/architecture.ts';
import { coveredBy, type Covers, gathered, marginal, onAll } from './coverage.ts';
import type { Family, SwagFamily } from './prior.ts';

/**
 * The prior of a family at λ = 1 on the weights that are covered, and none on the others (coverage.ts); s̄ is the covered weights' own.
 * `entries` is the architecture's parameter table (only the extractor part is read).
 * `shift` is the prior of the arm shift-trajectory, covered alike (variants.ts); RangeError when it is asked for and missing.
 * Arrays that equal the posterior's are shared with it, not copied.
 */
export function build(family: Family, posterior: Gaussian, entries: readonly ParameterEntry[], covers: Covers, shift: Gaussian | null = null): Gaussian {
  if (family === 'shift-trajectory') {
    if (!shift) throw new RangeError('The shift-trajectory prior needs its own posterior.');
    return shift;
  }
  const covered = coveredBy(covers, entries);
  return covered ? onAll(member(family, marginal(posterior, covered), gathered(covered)), covered, posterior.mean) : member(family, posterior, entries);
}

/** Of one posterior, all of it. */
function member(family: SwagFamily, posterior: Gaussian, entries: readonly ParameterEntry[]): Gaussian {
  if (family === 'low-rank') return posterior;
  const d = posterior.mean.length;
  const s = marginalVariances(posterior);
  const plain = (variance: Float32Array, centre = posterior.mean): Gaussian => ({ mean: centre, variance, factor: new Float32Array(0), rank: 0 });
  switch (family) {
    case 'isotropic':
      return plain(new Float32Array(d).fill(mean(s)), new Float32Array(d));
    case 'l2-sp':
      return plain(new Float32Array(d).fill(mean(s)));
    case 'layerwise': {
      const variance = Float32Array.from(s);
      for (const { part, offset, size } of entries) {
        if (part === 'extractor') variance.fill(mean(s.subarray(offset, offset + size)), offset, offset + size);
      }
      return plain(variance);
    }
    case 'diagonal':
      return plain(Float32Array.from(s));
    default:
      return family satisfies never;
  }
}

/**
 * The same covariance attached to the wrong weights: variance and every row of F reordered by one permutation of the D
 * weights drawn from `seed`; the mean stays. Same spectrum, same trace, no knowledge: a placebo.
 */
export function permuted(gaussian: Gaussian, seed: number): Gaussian {
  const { mean: centre, variance, factor, rank } = gaussian;
  const d = centre.length;
  const order = new Stream(seed, 'permute').shuffle(Uint32Array.from({ length: d }, (_, j) => j));
  return {
    mean: centre,
    variance: Float32Array.from(order, (from) => variance[from]!),
    factor: Float32Array.from({ length: rank * d }, (_, i) => factor[i - (i % d) + order[i % d]!]!),
    rank,
  };
}

/**
 * Keeps the top `k` eigendirections of FᵀF. What the dropped ones gave to each weight's marginal variance moves to the
 * diagonal, so marginal variances and trace are unchanged: only correlations are lost. The new F is U_kᵀF with U the
 * eigenvectors of FFᵀ, its rows orthogonal and in descending order. Throws RangeError unless 0 ≤ k is an integer.
 */
export function truncateRank(gaussian: Gaussian, k: number): Gaussian {
  if (!(Number.isSafeInteger(k) && k >= 0)) throw new RangeError(`A rank must be a whole number from 0, not ${k}.`);
  const { factor, rank } = gaussian;
  if (k >= rank) return gaussian;
  const d = gaussian.mean.length;
  const { vectors } = factorSpectrum(gaussian);
  const rotated = Float64Array.from({ length: rank * d }, (_, i) => {
    const vector = vectors[Math.floor(i / d)]!;
    let sum = 0;
    for (let l = 0; l < rank; l++) sum += vector[l]! * factor[l * d + (i % d)]!;
    return sum;
  });
  const variance = Float64Array.from(gaussian.variance);
  for (let i = k * d; i < rank * d; i++) variance[i % d]! += rotated[i]! ** 2;
  return { mean: gaussian.mean, variance: Float32Array.from(variance), factor: Float32Array.from(rotated.subarray(0, k * d)), rank: k };
}
