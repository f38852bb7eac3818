/**
 * Empirical Bayes for one scale a layer (MacKay 1992, "Bayesian interpolation", eqs. 4.9–4.10, with one hyperparameter a
 * layer): the evidence of a diagonal Laplace posterior N(w, V), v_j = 1/(H_jj + 1/(a_l s_j)), is stationary in a_l where
 *
 *   a_l = mean over the layer of (r_j² + v_j)/s_j,   r = w − mean of the prior,  s_j the prior's variance at a_l = 1
 *
 * With q = a·s + ε, ε the floor of the prior, the evidence grows with a while Σ s/q²·r² > Σ sH/(1 + Hq) (at ε = 0 the equation above), and
 * bisection finds where that turns: the one root at ε = 0, a maximum at any ε. Then w has to be found anew under the new scales; the two in turn approach the evidence's maximum. Directions of a low-rank prior are not seen.
 */
import type { Vector } from '../core/woodbury.ts';
import type { LayerGroup } from '../prior/layers.ts';

/** How far from where it was a factor may go; beyond, the evidence has no maximum worth following (a layer that the data do not touch). */
export const LEAST_FACTOR = 1e-3;
export const MOST_FACTOR = 1e3;

const HALVINGS = 60;

export interface LayerEvidence {
  /** r = w − mean at the mode, [D]. */
  residual: Vector;
  /** H_jj: the summed curvature of the NLL over the training rows, [D], ≥ 0. */
  curvature: Vector;
  /** s_j > 0: marginal variances of the prior at factor 1 (λ inside), [D]. */
  spread: Vector;
  /** ε ≥ 0, beside the scaled variances. */
  floor: number;
  groups: readonly LayerGroup[];
}

/** The stationary factor of each layer for this mode and curvature [layers], within the limits above; 1 for a layer with neither residual nor curvature. */
export function stationaryFactors({ residual, curvature, spread, floor, groups }: LayerEvidence): number[] {
  return groups.map(({ from, to }) => {
    /** Twice the derivative of the evidence by the factor a. */
    const slope = (a: number): number => {
      let sum = 0;
      for (let j = from; j < to; j++) {
        const q = a * spread[j]! + floor;
        sum += spread[j]! * ((residual[j]! / q) ** 2 - curvature[j]! / (1 + curvature[j]! * q));
      }
      return sum;
    };
    let still = true;
    for (let j = from; j < to; j++) still &&= residual[j] === 0 && curvature[j] === 0;
    if (still) return 1;
    let [low, high] = [Math.log(LEAST_FACTOR), Math.log(MOST_FACTOR)];
    for (let i = 0; i < HALVINGS; i++) {
      const middle = 0.5 * (low + high);
      if (slope(Math.exp(middle)) > 0) low = middle;
      else high = middle;
    }
    return Math.exp(0.5 * (low + high));
  });
}
