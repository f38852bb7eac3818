/**
 * Laplace's approximation of the evidence (MacKay 1992), how probable the training labels are under a prior before any weight was chosen:
 *
 *   log p(D) ≈ log p(D | θ*) + log p(θ*) + ½(D + H) log 2π − ½ log|Λ|,   Λ = diag(H) + Σ_prior⁻¹ on w, diag(H) + κI on h
 *
 * around one solution θ*, with the diagonal Gauss–Newton matrix H. The first term is the fit; the others are the Occam factor, the share of
 * the prior's volume that the posterior keeps.
 */
import { LabError } from '../core/errors.ts';
import { PreparedGaussian } from '../core/lowrank.ts';
import { laplacePosterior, type Mode } from './laplace.ts';

export interface LaplaceEvidence {
  /** log p(D), nats, over all training rows. */
  logEvidence: number;
  /** log p(D | θ*), nats. */
  logLikelihood: number;
  /** log p(θ*) + ½(D + H) log 2π − ½ log|Λ|, nats. */
  logOccam: number;
}

/** `logLikelihood` of all training rows at the mode. Throws LabError('config') for an improper head (κ = 0). */
export function laplaceEvidence(mode: Mode, logLikelihood: number): LaplaceEvidence {
  const { theta, prior, headStrength } = mode;
  const d = prior.gaussian.mean.length;
  const head = theta.subarray(d);
  if (head.length > 0 && !(headStrength > 0)) {
    throw new LabError('config', 'With κ = 0 the head has no proper prior, so there is no evidence: tune κ over values above 0.');
  }
  const posterior = new PreparedGaussian({ gaussian: laplacePosterior(mode), scale: 1, floor: 0 });
  const square = head.reduce((sum, value) => sum + value * value, 0);
  // Densities without their −½ log 2π a dimension, which the Gaussian integral brings back.
  const logPrior = new PreparedGaussian(prior).logDensity(theta.subarray(0, d)) + (d / 2) * Math.log(2 * Math.PI)
    + (head.length / 2) * Math.log(headStrength || 1) - (headStrength / 2) * square;
  const logOccam = logPrior + posterior.logDeterminant / 2;
  return { logEvidence: logLikelihood + logOccam, logLikelihood, logOccam };
}
