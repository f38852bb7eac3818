/** On which training rows the curvature at a solution is measured, and what that costs. */
import { thinned } from './networks.ts';

/** At most this many, evenly taken, and scaled up to all of them. */
export const MOST_ROWS = 2000;

/** Rows of a seed, and what each counts for: N over those that are measured. */
export function curvatureRows(train: Uint32Array): { rows: Uint32Array; weight: number } {
  const rows = Uint32Array.from(thinned(train.length, MOST_ROWS), (i) => train[i]!);
  return { rows, weight: train.length / rows.length };
}

/** Of one row, in images passed forward: a forward pass and a backward pass a class. */
export function costOfRow(classes: number): number {
  return 1 + 2 * classes;
}
