/** A study of the toy on the typed engine: interrupted and whole, halved and full, over n and over other settings. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stratifiedSplit } from '../../data/splits.ts';
import { openTyped } from '../../engine/tfjs/open-typed.ts';
import { stripes } from '../../engine/tfjs/testing.ts';
import type { Engine } from '../../engine/contract.ts';
import { parseConfig } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import { createMemory } from '../memory.ts';
import type { Experiment } from '../runner.ts';
import { architecture, drain } from '../testing.ts';
import { downstreamTask, type Library } from '../tasks.ts';
import type { CellKeep } from './cell.ts';
import { runStudy } from './study.ts';
import type { Study } from './study-result.ts';

const library: Library = { sprite: () => Promise.reject(new Error('No glyphs here.')), datasets: new Map() };
const SMALL = {
  preset: 'toy', arms: ['none', 'l2-sp'], seeds: 2, 'source.steps': 30, 'posterior.steps': 10, 'posterior.snapshots': 5, 'posterior.rank': 3, 'posterior.draws': 2,
  'model.widths': [6], 'source.test': 40, 'downstream.test': 40, 'downstream.validation': 20, 'inference.steps': 16, 'sampling.method': 'map', 'study.values': [6, 12],
};
let engine: Engine;
beforeAll(async () => {
  engine = await openTyped({ backend: 'wasm' });
});
afterAll(() => engine.dispose());

function asked(change: object = {}): Experiment {
  const { preset, config } = parseConfig({ ...SMALL, ...change });
  return { config, preset, engine, library, imported: null, weights: null, memory: createMemory(), device: { note: null, userAgent: 'test' } };
}

function inMemory(): CellKeep & { cells: Map<string, string> } {
  const cells = new Map<string, string>();
  return { cells, read: async (key) => cells.get(key) ?? null, write: async (key, cell) => void cells.set(key, cell) };
}

const run = (change: object = {}, keep = inMemory(), events: LabEvent[] = []): Promise<Study> => drain(runStudy(asked(change), keep), events);

describe('a study over n', () => {
  it('is a comparison at each value, and ends with the same numbers wherever it was cut off', async () => {
    const whole = await run();
    expect(whole.values).toEqual([6, 12]);
    expect(whole.cells.map(({ value, seed }) => [value, seed])).toEqual([[6, 1], [6, 2], [12, 1], [12, 2]]);
    expect(whole.cells.every(({ arms, runs }) => arms.length === 2 && runs.length === 6)).toBe(true);
    expect(whole).toMatchObject({ finished: true, measures: 'single', axis: { key: 'downstream.n' } });
    expect(whole.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(whole.comparisons.every(({ verdict }) => verdict === 'too few seeds')).toBe(true);
    expect(whole.sentence).toContain('too few seeds');

    const keep = inMemory();
    const cut = runStudy(asked(), keep);
    for (;;) {
      const step = await cut.next();
      if (step.done || step.value.kind === 'study') break;
    }
    await cut.return(undefined as never);
    expect(keep.cells.size).toBe(1);
    keep.cells.set([...keep.cells.keys()][0]!.replace(/./g, '0'), 'not a cell');
    const events: LabEvent[] = [];
    const resumed = await run({}, keep, events);
    expect(resumed.digest).toBe(whole.digest);
    expect(events.find((event) => event.kind === 'study-progress')).toMatchObject({ kept: 1 });
    // Nothing is computed a third time.
    const third: LabEvent[] = [];
    expect((await run({}, keep, third)).digest).toBe(whole.digest);
    expect(third.some((event) => event.kind === 'study-progress')).toBe(false);
    // Other numbers, another digest; other words, the same cells.
    expect((await run({ 'inference.learningRate': 0.05 }, keep)).digest).not.toBe(whole.digest);
    expect((await run({ name: 'Another', 'study.values': [12, 6] }, keep)).digest).toBe(whole.digest);
  });

  it('stops at its time budget and says what it left out', async () => {
    const study = await run({ 'study.minutes': 1e-7 });
    expect(study.cells).toHaveLength(1);
    expect(study.stops.minutes).toEqual({ budget: 1e-7, left: 3 });
    expect(study.sentence).toContain('with 3 cells (value × seed) not begun');
  });

  it('adds seeds for every arm until the intervals are as narrow as asked for, or there are enough', async () => {
    const study = await run({ 'study.values': [6], 'study.halfWidth': 1e-6, 'study.mostSeeds': 4 });
    expect(study.cells.map(({ seed }) => seed)).toEqual([1, 2, 3, 4]);
    expect(study.stops.halfWidth).toMatchObject({ target: 1e-6, added: 2 });
    expect(study.sentence).toContain('was not reached everywhere with at most 4 seeds');
    const wide = await run({ 'study.values': [6], 'study.halfWidth': 10, 'study.mostSeeds': 4 });
    expect(wide.cells).toHaveLength(2);
    expect(wide.sentence).toContain('Every interval of ΔNLL is at most ± 10 wide.');
  });

  it('halves every arm’s grid alike, and what goes on ends where it would have ended', async () => {
    const events: LabEvent[] = [];
    const [full, halved] = [await run({ seeds: 1 }), await run({ seeds: 1, 'study.halving': 'halving' }, inMemory(), events)];
    // Choosing what goes on is half of a wave, not all of it.
    const told = events.slice(0, events.findIndex(({ kind }) => kind === 'study')).flatMap((event) => (event.kind === 'study-progress' ? [event] : []));
    const furthest = (list: typeof told) => Math.max(...list.map(({ done }) => done));
    expect(furthest(told.filter(({ label }) => label.includes('Halving')))).toBeCloseTo(furthest(told) / 2, 6);
    for (const [c, cell] of halved.cells.entries()) {
      expect(cell.ended).toBe(4);
      expect(cell.runs.map(({ arm }) => arm)).toEqual(['none', 'l2-sp']);
      for (const one of cell.runs) {
        const same = full.cells[c]!.runs.find((other) => other.arm === one.arm && other.scale === one.scale && other.learningRate === one.learningRate)!;
        expect(one.validation).toEqual(same.validation);
      }
    }
    expect(halved.stops.halving).toEqual({ ended: 8, runs: 12 });
  });
});

describe('a study over any other setting', () => {
  it('learns the source anew where that is asked for', async () => {
    const study = await run({ 'study.axis': 'posterior.rank', 'study.values': [2, 3], seeds: 1, arms: ['l2-sp', 'low-rank'] });
    const of = (value: number) => study.cells.find((cell) => cell.value === value)!.arms.map(({ test }) => test.nll);
    expect(of(2)).not.toEqual(of(3));
    expect(study.savings).toEqual([]);
  });
  it('measures averages over samples along the temperature', async () => {
    const study = await run({ 'study.axis': 'sampling.temperatures', 'study.values': [0.1, 1], seeds: 1, arms: ['none', 'l2-sp'], 'sampling.method': 'sghmc', 'sampling.steps': 30, 'sampling.samples': 3, 'sampling.chains': 1 });
    const nll = (value: number, arm: string) => study.cells.find((cell) => cell.value === value)!.arms.find((one) => one.arm === arm)!.test.nll;
    expect(study.measures).toBe('average');
    expect(nll(0.1, 'l2-sp')).not.toBe(nll(1, 'l2-sp'));
    expect(nll(0.1, 'none')).toBe(nll(1, 'none'));
  });
  it('refuses what is no axis, and values that cannot be, before anything is trained', async () => {
    await expect(run({ 'study.axis': 'colour' })).rejects.toThrow('“colour” is no setting');
    await expect(run({ 'study.axis': 'seeds' })).rejects.toThrow('cannot be the x axis');
    await expect(run({ 'study.axis': 'sampling.steps' })).rejects.toThrow('choose a method of sampling first');
    await expect(run({ 'study.values': [0.5] })).rejects.toThrow('The study cannot set Training images n (downstream.n) to 0.5.');
    await expect(run({ 'study.values': [0, 6] })).rejects.toThrow('“all” (0) means nothing there');
  });
});

describe('training sets', () => {
  it('are nested: the examples of n = 5 are among those of n = 12 of the same seed, and so are those to validate on', async () => {
    const points = async (n: number) => {
      const { config } = parseConfig({ ...SMALL, 'downstream.n': n, 'downstream.validation': 0 });
      const { dataset, splits } = await downstreamTask(config, library, [3]);
      const of = (rows: Uint32Array) => Array.from(rows, (row) => `${dataset.labels[row]!} ${dataset.images[2 * row]!} ${dataset.images[2 * row + 1]!}`);
      return { train: of(splits[0]!.train), validation: of(splits[0]!.validation), test: of(splits[0]!.test) };
    };
    const [few, many] = [await points(5), await points(12)];
    expect(many.train.slice(0, 5)).toEqual(few.train);
    expect(many.validation.slice(0, 5)).toEqual(few.validation);
    expect(many.test).toEqual(few.test);
    const dataset = stripes(architecture, 300);
    const split = (train: number) => stratifiedSplit(dataset, 9, { train, validation: 30, test: 60 });
    expect([...split(50).train].slice(0, 7)).toEqual([...split(7).train]);
    expect(split(50).test).toEqual(split(7).test);
  });

  it('of added data go as far as there is room', async () => {
    const dataset = { ...stripes(architecture, 120), name: 'mine' };
    const withData = { ...asked(), library: { ...library, datasets: new Map([['mine', dataset]]) } };
    const { config } = parseConfig({ preset: 'smoke', 'source.data': 'mine', 'downstream.data': 'mine', 'downstream.validation': 20, 'downstream.test': 40, 'study.values': [5, 0] });
    const { configFor } = await import('./resolve.ts');
    const values = [...(await configFor({ ...withData, config, preset: 'smoke' }, 'downstream.n')).keys()];
    expect(values[0]).toBe(5);
    const split = (train: number) => stratifiedSplit(dataset, 1, { train, validation: 20, test: 40 });
    expect(split(values[1]!).train).toHaveLength(values[1]!);
    expect(() => split(values[1]! + 1)).toThrow();
    await expect(configFor({ ...withData, config: { ...config, 'study.values': [90] }, preset: 'smoke' }, 'downstream.n')).rejects.toThrow('mine has too few images for Training images n = 90');
  });
});
