/** At which λ priors are asked what they believe, from the grids that the arms were tuned on. */
import type { Config } from '../config/config.ts';

const RUNGS = 7;

/** The middle of the λ grid: where the table opens. */
export function openingScale(config: Config): number {
  const sorted = [...config['grid.scales']].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** λ from a tenth of the smallest tried to the largest tried, evenly in log λ. */
export function ladderOf(config: Config): number[] {
  const low = Math.log10(Math.min(...config['grid.scales']) / 10);
  const high = Math.log10(Math.max(...config['grid.scales'], ...config['grid.isotropicScales']));
  return Array.from({ length: RUNGS }, (_, i) => Number((10 ** (low + ((high - low) * i) / (RUNGS - 1))).toPrecision(2)));
}
