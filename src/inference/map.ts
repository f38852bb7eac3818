/**
 * MAP: the maximum of the posterior density, by SGD with heavy-ball momentum (Polyak 1964) and an implicit prior step
 * (proximal gradient; Parikh & Boyd 2014, §4.2), on the energy per example e = mean NLL − (log p(w) + log p(h))/N:
 *
 *   g  = ∇NLL, scaled so that its joint norm over theta = (w, h) is at most `clip`
 *   y  = θ + m(θ − θ_prev) − η·g
 *   w⁺ = y_w − c·(Σ + cI)⁻¹(y_w − mean),  c = η/N         h⁺ = y_h / (1 + cκ)
 *
 * Its fixed points are exactly those of ∇e = 0, whatever η and m, and a tight prior is as stable as a loose one. The
 * momentum is θ − θ_prev: a velocity that forgets the prior step would underweight the prior by 1/(1 − m). η is held
 * for blocks of 10 steps, so that the K×K inverse belongs to the c it is used with.
 *
 * Engines run this step for whole populations (`engine/contract.ts`); `build` here is the same step for one chain and
 * any gradient, in the plainest form: what engines are tested against.
 */
import type { ScaledGaussian } from '../core/gaussian.ts';
import { ProximalStep } from '../core/lowrank.ts';
import { learningRate, type Schedule } from '../core/schedule.ts';
import { BLOCK } from '../engine/batches.ts';
import type { ChainSpec } from '../engine/contract.ts';

export interface MapConfig {
  /** D: numbers of theta that belong to the extractor. */
  extractor: number;
  /** N: training rows. */
  n: number;
  prior: ScaledGaussian | null;
  /** κ; 0: no head prior. */
  headStrength: number;
  schedule: Schedule;
  momentum: number;
  clip: number;
}

export interface MapState {
  step: number;
  /** theta [D + H] and the one before it. */
  theta: Float32Array;
  previous: Float32Array;
}

/** The step as a pair of pure functions; `gradient` [D + H] is ∇NLL at `state.theta`. */
export function build(config: MapConfig): { init(theta: Float32Array): MapState; update(state: MapState, gradient: Float32Array): MapState } {
  const proximal = config.prior && new ProximalStep(config.prior);
  return {
    init: (theta) => ({ step: 0, theta: theta.slice(), previous: theta.slice() }),
    update: ({ step, theta, previous }, gradient) => {
      const eta = learningRate(config.schedule, step - (step % BLOCK));
      const c = eta / config.n;
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      const gain = eta * Math.min(1, config.clip / norm);
      const next = theta.map((x, j) => x + config.momentum * (x - previous[j]!) - gain * gradient[j]!);
      proximal?.prepare(c).apply(next, next);
      for (let j = config.extractor; j < next.length; j++) next[j]! /= 1 + c * config.headStrength;
      return { step: step + 1, theta: next, previous: theta };
    },
  };
}

/** A chain of a population that fine-tunes by MAP: half a cosine from `learningRate` to 0 over `steps`. */
export function mapChain(chain: Omit<ChainSpec, 'schedule' | 'sampler'> & { learningRate: number; steps: number }): ChainSpec {
  const { learningRate: start, steps, ...rest } = chain;
  return { ...rest, schedule: { start, end: 0, steps }, sampler: null };
}
