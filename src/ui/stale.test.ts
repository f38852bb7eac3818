import { describe, expect, it } from 'vitest';
import { defaults } from '../experiment/config/config.ts';
import { type Basis, staleness, staleStages } from './stale.ts';

const basis = (change: Partial<Basis> = {}): Basis => ({ config: defaults('quick'), data: { source: 'glyphs', downstream: 'glyphs' }, imported: null, weights: null, worker: 1, ...change });
const withConfig = (change: object) => basis({ config: { ...defaults('quick'), ...change } });

describe('staleness', () => {
  it('is nothing before a run, after an equal run, and for another name', () => {
    expect(staleness(null, basis())).toBeNull();
    expect(staleness(basis(), basis())).toBeNull();
    expect(staleness(basis(), withConfig({ name: 'Another' }))).toBeNull();
  });

  it('begins at the earliest stage of the changed settings and names them', () => {
    expect(staleness(basis(), withConfig({ 'surface.resolution': 9 }))).toEqual({ from: 'surface', because: ['Map resolution'] });
    const both = staleness(basis(), withConfig({ 'surface.resolution': 9, 'downstream.n': 50 }));
    expect(both).toEqual({ from: 'downstream', because: ['Training images n', 'Map resolution'] });
  });

  it('follows the data and the prior; with an imported prior the source does not matter', () => {
    expect(staleness(basis(), basis({ data: { source: 'glyphs', downstream: 'mnist 2' } }))?.from).toBe('downstream');
    expect(staleness(basis(), basis({ imported: 'a' }))?.from).toBe('posterior');
    expect(staleness(basis({ imported: 'a' }), basis())?.from).toBe('source');
    expect(staleness(basis({ imported: 'a' }), { ...withConfig({ 'source.steps': 7 }), imported: 'a' })).toBeNull();
    expect(staleness(basis({ imported: 'a' }), { ...withConfig({ seed: 7 }), imported: 'a' })?.from).toBe('posterior');
  });

  it('knows that a fresh worker has nothing but an imported prior', () => {
    expect(staleness(basis(), basis({ worker: 2 }))).toEqual({ from: 'source', because: ['the lab was started again'] });
    expect(staleness(basis({ imported: 'a' }), basis({ imported: 'a', worker: 2 }))?.from).toBe('posterior');
  });

  it('lists the stages that follow in the order of the page', () => {
    expect(staleStages('downstream')).toEqual(['downstream', 'verdict', 'surface', 'inference']);
    expect(staleStages('surface')).toEqual(['verdict', 'surface']);
    expect(staleStages('inference')).toEqual(['verdict', 'inference']);
  });
});
