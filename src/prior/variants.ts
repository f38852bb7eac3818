/**
 * Variants of the shift-trajectory prior that say what its gain is due to. With the whole N(m, diag(v) + FᵀF) of the runs
 * and SWAG's mean w₀, all of one trace (D·s̄):
 *   mean        N(m, s̄ I): where the runs end, and nothing of how far they went
 *   variances   N(w₀, v/(1 − ρ)): one width a layer around SWAG's own mean
 *   permuted    N(m, the same covariance attached to the wrong weights): a placebo for the covariance
 */
import type { Gaussian } from '../core/gaussian.ts';
import { marginalVariances } from '../core/marginals.ts';
import { mean } from '../core/statistics.ts';
import { type Covered, marginal, onAll } from './coverage.ts';
import { permuted } from './families.ts';

export const SHIFT_VARIANTS = ['whole', 'mean', 'variances', 'permuted'] as const;
export type ShiftVariant = (typeof SHIFT_VARIANTS)[number];

/** `whole` is over w [D], `centre` [D] is SWAG's mean; `seed` draws the permutation. */
export function shiftVariant(variant: ShiftVariant, whole: Gaussian, centre: Float32Array, seed: number): Gaussian {
  switch (variant) {
    case 'whole': return whole;
    case 'permuted': return permuted(whole, seed);
    case 'mean': return diagonal(whole.mean, new Float32Array(whole.mean.length).fill(mean(marginalVariances(whole))));
    case 'variances': {
      const gain = mean(marginalVariances(whole)) / mean(whole.variance);
      return diagonal(centre, whole.variance.map((v) => gain * v));
    }
    default: return variant satisfies never;
  }
}

/** The prior of the arm: a variant of the runs' posterior on the weights that are covered, with the trace that `swag` has there, and none on the others. */
export function shiftPrior(variant: ShiftVariant, runs: Gaussian, swag: Gaussian, covered: Covered, seed: number): Gaussian {
  if (!covered) return shiftVariant(variant, runs, swag.mean, seed);
  const [own, inner] = [marginal(swag, covered), marginal(runs, covered)];
  const gain = mean(marginalVariances(own)) / mean(marginalVariances(inner));
  const whole = { ...inner, variance: inner.variance.map((v) => gain * v), factor: inner.factor.map((x) => Math.sqrt(gain) * x) };
  return onAll(shiftVariant(variant, whole, own.mean, seed), covered, swag.mean);
}

function diagonal(centre: Float32Array, variance: Float32Array): Gaussian {
  return { mean: centre, variance, factor: new Float32Array(0), rank: 0 };
}
