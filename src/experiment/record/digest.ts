/**
 * A name for the numbers of a result: SHA-256 of every training run, chosen arm and race point, to the last bit. Two runs of the same settings have the
 * same digest on the same engine and adapter; elsewhere last digits may differ, and so does it.
 */
import { sha256Hex } from '../../data/hash.ts';
import type { Result } from '../result.ts';

/** Lower-case hex, 64 digits. */
export function digestOf({ runs, arms, race, source, posterior, inference, scaling }: Pick<Result, 'runs' | 'arms' | 'race' | 'source' | 'posterior' | 'inference' | 'scaling'>): Promise<string> {
  const averages = inference?.predictions.map(({ arm, seed, predictor, test }) => [arm, seed, predictor, test]) ?? null;
  const factors = scaling?.runs.map(({ arm, seed, test }) => [arm, seed, test]) ?? null;
  const numbers = [source.accuracy, source.nll, posterior.meanVariance, runs, arms, race, averages, factors];
  return sha256Hex(new TextEncoder().encode(JSON.stringify(numbers)));
}
