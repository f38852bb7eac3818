/**
 * SGLD: stochastic-gradient Langevin dynamics (Welling & Teh 2011), θ⁺ = θ − η·M∘G + √(2ηT·M/N)∘ξ. It is SGHMC whose velocity is lost
 * entirely in each step, friction α = 1; everything else, the preconditioner too, is said in `sghmc.ts`.
 */
import { build as buildSghmc, type Sampler, type SghmcConfig } from './sghmc.ts';

export type SgldConfig = Omit<SghmcConfig, 'friction'>;

export function build(config: SgldConfig): Sampler {
  return buildSghmc({ ...config, friction: 1 });
}
