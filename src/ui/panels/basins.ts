/** The rows of the basin table. Pure; a value that is not known (yet) is null. */
import type { PosteriorSummary } from '../../posterior/posterior.ts';

export interface BasinRow {
  name: string;
  accuracy: number | null;
  nll: number | null;
  /** From this mean to the nearest and the farthest of the other basins'; null for the merged mean. */
  distance: { low: number; high: number } | null;
  merged: boolean;
}

/** A row a basin, then the merged mean. */
export function basinRows(summary: PosteriorSummary | null, count: number): BasinRow[] {
  const basins = summary?.basins ?? null;
  const rows = Array.from({ length: count }, (_, b): BasinRow => {
    const far = basins ? distancesFrom(b, count, basins.distances) : [];
    return {
      name: `Basin ${b + 1}`, accuracy: basins?.accuracy[b] ?? null, nll: basins?.nll[b] ?? null,
      distance: far.length === 0 ? null : { low: Math.min(...far), high: Math.max(...far) }, merged: false,
    };
  });
  return [...rows, { name: 'Merged', accuracy: basins ? summary!.sourceAccuracy : null, nll: basins ? summary!.sourceNll : null, distance: null, merged: true }];
}

/** Of the distances of all pairs a < b, in order, those with `basin` among the two. */
function distancesFrom(basin: number, count: number, distances: readonly number[]): number[] {
  let at = 0;
  const found: number[] = [];
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++, at++) if (a === basin || b === basin) found.push(distances[at]!);
  }
  return found;
}
