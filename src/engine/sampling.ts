/** What a sampling step of the contract needs besides a gradient, the same for every engine: the size of its noise and its preconditioner. */
import type { Gaussian } from '../core/gaussian.ts';
import { cyclePosition } from '../core/schedule.ts';
import type { ChainSpec, SamplerSpec } from './contract.ts';

/** √(2αηT/N), the standard deviation of a step's noise before the preconditioner; 0 in the part of a cycle without noise. η as held for the block of `step`. */
export function noiseDeviation({ schedule, indices }: ChainSpec, { friction, temperature, noiseFrom }: SamplerSpec, step: number, eta: number): number {
  return cyclePosition(schedule, step) < noiseFrom ? 0 : Math.sqrt((2 * friction * eta * temperature) / indices.length);
}

/** M [D + H] (float64) of a chain: N·P/(1 + N·P) as N/(N + 1/P), 1 where there is no prior or no preconditioner. Throws RangeError for a chain with a frozen part. */
export function mobilityOf(spec: ChainSpec, sampler: SamplerSpec, gaussians: readonly Gaussian[], extractor: number, total: number): Float64Array {
  refuseFrozen(spec);
  const mobility = new Float64Array(total).fill(1);
  if (!sampler.preconditioned) return mobility;
  const n = spec.indices.length;
  if (spec.prior) {
    const { gaussian, scale, floor } = spec.prior;
    const { variance } = gaussians[gaussian]!;
    for (let j = 0; j < extractor; j++) mobility[j] = n / (n + 1 / (scale * variance[j]! + floor));
  }
  return mobility.fill(n / (n + spec.headStrength), extractor);
}

/** Throws RangeError for a chain that samples with a part of it frozen. */
export function refuseFrozen({ frozen, frozenHead, sampler }: ChainSpec): void {
  if (sampler === null) return;
  if (frozen) throw new RangeError('A chain with a frozen extractor cannot sample.');
  if (frozenHead) throw new RangeError('A chain with a frozen head cannot sample.');
}
