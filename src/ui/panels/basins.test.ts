import { describe, expect, it } from 'vitest';
import type { PosteriorSummary } from '../../posterior/posterior.ts';
import { basinRows } from './basins.ts';

const summary: PosteriorSummary = {
  params: 3, rank: 9, snapshots: 18, method: 'swag', sourceMethod: 'supervised', dataset: '', classNames: [], sourceAccuracy: 0.4, sourceNll: 1.5, meanVariance: 1, lowRankShare: 0, spectrum: [], layers: [], drawAccuracy: [],
  basins: { start: 'independent', accuracy: [0.9, null, 0.7], nll: [0.1, null, 0.3], distances: [5, 7, 2] },
};

describe('the basin table', () => {
  it('has for each basin how near and far the others lie, and the merged mean last', () => {
    const rows = basinRows(summary, 3);
    // Pairs (1,2) = 5, (1,3) = 7, (2,3) = 2.
    expect(rows.map(({ distance }) => distance)).toEqual([{ low: 5, high: 7 }, { low: 2, high: 5 }, { low: 2, high: 7 }, null]);
    expect(rows.map(({ accuracy }) => accuracy)).toEqual([0.9, null, 0.7, 0.4]);
    expect(rows[3]).toMatchObject({ name: 'Merged', nll: 1.5, merged: true });
  });

  it('keeps its shape while nothing is known', () => {
    expect(basinRows(null, 2).map(({ name, accuracy, distance }) => [name, accuracy, distance])).toEqual([['Basin 1', null, null], ['Basin 2', null, null], ['Merged', null, null]]);
  });
});
