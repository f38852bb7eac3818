/**
 * SGHMC: stochastic-gradient Hamiltonian Monte Carlo (Chen, Fox & Guestrin 2014, eq. 15, without an estimate of the gradient's
 * noise). It draws theta = (w, h) from exp(−N·e/T), e = mean NLL − (log p(w) + log p(h))/N:
 *
 *   G  = g + (1/N)·(Σ⁻¹(w − mean), κh),  g = ∇NLL of a batch, scaled so that its joint norm is at most `clip`
 *   θ⁺ = θ + (1 − α)(θ − θ_prev) − η·M∘G + √(2αηT·M/N)∘ξ,  ξ ~ N(0, I)
 *
 * At friction α = 1 this is SGLD (Welling & Teh 2011; `sgld.ts`), at T = 0 momentum descent on e, with a schedule of several cycles
 * cSG-MCMC (Zhang et al. 2020; `cyclical.ts`). M = 1, or the prior's preconditioner N·P/(1 + N·P), P = λ·variance + ε on w and 1/κ on h:
 * it makes the prior's curvature at most 1 whatever λ and leaves the likelihood's where the prior is loose, so that one η serves λ over
 * seven decades. A constant M leaves the target unchanged.
 *
 * What it draws is the target up to a known bias: along an eigenvector of M^½·∇²e·M^½ with eigenvalue k its variance is that of the target
 * times 1/(1 − ηk/(4 − 2α)), stable for ηk < 4 − 2α; gradient noise of variance V adds ηNV/(2αT), relatively, at M = 1.
 *
 * Engines run this step for whole populations (`engine/contract.ts`); `build` here is the same step for one chain and any gradient, in the
 * plainest form: what engines are tested against.
 */
import { PreparedGaussian } from '../core/lowrank.ts';
import { cyclePosition, learningRate } from '../core/schedule.ts';
import { BLOCK } from '../engine/batches.ts';
import type { ChainSpec, SamplerSpec } from '../engine/contract.ts';
import type { MapConfig } from './map.ts';

export interface SghmcConfig extends Omit<MapConfig, 'momentum'>, Omit<SamplerSpec, 'noiseSeed'> {}

export interface SghmcState {
  step: number;
  /** theta [D + H] and the one before it: the velocity is their difference. */
  theta: Float32Array;
  previous: Float32Array;
}

export interface Sampler {
  /** A chain at rest at theta [D + H]. */
  init(theta: Float32Array): SghmcState;
  /** `gradient` [D + H] is ∇NLL at `state.theta`, `noise` [D + H] standard normal. */
  update(state: SghmcState, gradient: Float32Array, noise: Float32Array): SghmcState;
}

export function build(config: SghmcConfig): Sampler {
  const { extractor, n, prior, headStrength, schedule, clip, friction, temperature, preconditioned, noiseFrom } = config;
  const prepared = prior && new PreparedGaussian(prior);
  /** N·P/(1 + N·P) from the precision 1/P: N/(N + 1/P). Precision 0, no prior, gives 1. */
  const mobility = (j: number): number => {
    if (!preconditioned) return 1;
    if (j >= extractor) return n / (n + headStrength);
    return prior ? n / (n + 1 / (prior.scale * prior.gaussian.variance[j]! + prior.floor)) : 1;
  };
  return {
    init: (theta) => ({ step: 0, theta: theta.slice(), previous: theta.slice() }),
    update: ({ step, theta, previous }, gradient, noise) => {
      const eta = learningRate(schedule, step - (step % BLOCK));
      const quiet = cyclePosition(schedule, step) < noiseFrom;
      const deviation = quiet ? 0 : Math.sqrt((2 * friction * eta * temperature) / n);
      const gain = Math.min(1, clip / Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0)));
      const pull = Float64Array.from(theta, (x, j) => (j < extractor ? 0 : headStrength * x));
      prepared?.gradient(theta, pull);
      const next = theta.map((x, j) => {
        const m = mobility(j);
        return x + (1 - friction) * (x - previous[j]!) - eta * m * (gain * gradient[j]! + pull[j]! / n) + deviation * Math.sqrt(m) * noise[j]!;
      });
      return { step: step + 1, theta: next, previous: theta };
    },
  };
}

/**
 * A chain of a population that samples for `steps` steps: at the constant rate `learningRate`, or, given `cycles`, falling from it to 0 in each
 * cycle. `cyclical.ts` says after which of the steps to take samples.
 */
export function samplerChain(
  chain: Omit<ChainSpec, 'schedule' | 'frozen' | 'sampler'> & { learningRate: number; steps: number; cycles: number | null; sampler: SamplerSpec },
): ChainSpec {
  const { learningRate: start, steps, cycles, ...rest } = chain;
  return { ...rest, frozen: false, schedule: cycles === null ? { start, end: start, steps } : { start, end: 0, steps, cycles } };
}
