/** The order of a study's cells: pure and deterministic, so that a study cut off anywhere ends with the same numbers. */
import type { SettingKey } from '../config/settings.ts';
import { isOfSource } from '../config/config.ts';

export interface CellPlan {
  value: number;
  seed: number;
}

/** Cells of one value that are computed as one population. */
export interface Wave {
  value: number;
  seeds: number[];
}

/**
 * Seed by seed, so that every value has as many seeds as the others whenever the study stops; value by value where the source is learned
 * anew for each. `atOnce`: seeds in a wave, which changes no number.
 */
export function wavesOf(axis: SettingKey, values: readonly number[], seeds: readonly number[], atOnce: number): Wave[] {
  const groups = Array.from({ length: Math.ceil(seeds.length / atOnce) }, (_, i) => seeds.slice(i * atOnce, (i + 1) * atOnce));
  if (isOfSource(axis)) return values.flatMap((value) => groups.map((group) => ({ value, seeds: group })));
  return groups.flatMap((group) => values.map((value) => ({ value, seeds: group })));
}

/** The waves without the cells that are there already. */
export function missing(waves: readonly Wave[], done: (cell: CellPlan) => boolean): Wave[] {
  return waves.map(({ value, seeds }) => ({ value, seeds: seeds.filter((seed) => !done({ value, seed })) })).filter(({ seeds }) => seeds.length > 0);
}

/** The seeds of a study at a value: the base seed and those after it (uint32). */
export function seedAt(base: number, index: number): number {
  return (base + index) >>> 0;
}
