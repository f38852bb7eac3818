/**
 * The networks that are kept for the robustness measure while inference runs: the single solution of every arm, the
 * members of the ensemble and a few samples of every arm, seed and temperature. They live in memory until it is measured.
 */
import type { Arm } from '../../prior/prior.ts';
import type { Predictor } from '../inference/inference-result.ts';
import type { Member } from '../inference/members.ts';

export interface Network {
  arm: Arm;
  /** Index into the seeds. */
  seed: number;
  predictor: Predictor;
  /** [D + H]. */
  theta: Float32Array;
}

/** At most so many samples of one arm, seed and temperature are kept. */
export const KEPT = 8;

/** At most `most` of the numbers 0 … count − 1, evenly, the last among them. */
export function thinned(count: number, most: number): number[] {
  const kept = Math.min(count, most);
  return Array.from({ length: kept }, (_, i) => Math.round(((i + 1) * count) / kept) - 1);
}

/** Which samples (0 … `samples` − 1) of which member (0 … `chains` − 1) are kept: as many of each chain, KEPT together at most. */
export function keptSamples(chains: number, samples: number): { members: Set<number>; samples: Set<number> } {
  const members = thinned(chains, KEPT);
  return { members: new Set(members), samples: new Set(thinned(samples, Math.max(1, Math.floor(KEPT / Math.max(1, members.length))))) };
}

export function networkOf({ result, seed, temperature }: Member, theta: Float32Array): Network {
  return { arm: result.arm, seed, predictor: temperature === null ? { kind: 'ensemble' } : { kind: 'average', temperature }, theta };
}
