/** The whole experiment, headless and small: every stage runs, every arm appears, and the same settings give the same numbers. */
import { readFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSprite } from '../src/data/sprite.ts';
import { TypedEngine } from '../src/engine/tfjs/typed-engine.ts';
import { parseConfig } from '../src/experiment/config/config.ts';
import { INDEPENDENT_CUT, RANDOM_CUT } from '../src/experiment/surface/cuts.ts';
import type { LabEvent } from '../src/experiment/events.ts';
import { createMemory, type Memory } from '../src/experiment/memory.ts';
import type { Result } from '../src/experiment/result.ts';
import { runExperiment } from '../src/experiment/runner.ts';
import type { Library } from '../src/experiment/tasks.ts';
import { decodePrior, encodePrior } from '../src/prior/file.ts';
import { DEFAULT_ARMS } from '../src/prior/prior.ts';
import type { Posterior } from '../src/posterior/posterior.ts';

const folder = new URL('../public/data/', import.meta.url);
const library: Library = {
  sprite: async () => loadSprite(readFileSync(new URL('glyphs.png', folder)), JSON.parse(readFileSync(new URL('glyphs.json', folder), 'utf8'))),
  datasets: new Map(),
};
const TINY = { preset: 'smoke', 'downstream.test': 40, 'source.test': 40, 'surface.resolution': 5, 'surface.linePoints': 9 };

interface Options {
  memory?: Memory;
  engine?: TypedEngine;
  imported?: Posterior | null;
  stopAt?: (event: LabEvent) => boolean;
}

const newEngine = () => new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 });

async function run(settings: object, options: Options = {}): Promise<{ events: LabEvent[]; result: Result | null }> {
  const { preset, config } = parseConfig(settings);
  const { memory = createMemory(), engine = newEngine(), imported = null } = options;
  const generator = runExperiment({ config, preset, engine, library, imported, memory, device: { note: null, userAgent: 'test' } });
  const events: LabEvent[] = [];
  for (;;) {
    const step = await generator.next();
    if (step.done) return { events, result: step.value };
    events.push(step.value);
    if (options.stopAt?.(step.value)) {
      await generator.return(undefined as never);
      return { events, result: null };
    }
  }
}

/** Which stages were computed (true) or shown again (false). */
const computed = (events: LabEvent[]) => events.flatMap((event) => (event.kind === 'stage' && event.state === 'done' && !event.reused ? [event.stage] : []));
/** Everything but the clock. */
const numbers = ({ created: _created, timings: _timings, ...rest }: Result) => rest;

describe('an experiment', () => {
  beforeAll(async () => {
    await setBackend('wasm');
  });

  it('runs to its end with every arm, and again to the same numbers', async () => {
    const first = (await run(TINY)).result!;
    expect(new Set(first.arms.map((arm) => arm.arm))).toEqual(new Set(DEFAULT_ARMS));
    expect(first.arms).toHaveLength(DEFAULT_ARMS.length * 2);
    expect(first.runs).toHaveLength(DEFAULT_ARMS.length * 2 * 2);
    expect(first.runs.filter((one) => one.chosen)).toHaveLength(DEFAULT_ARMS.length * 2);
    for (const { train, validation, test } of first.arms) {
      for (const metrics of [train, validation, test]) for (const value of Object.values(metrics)) expect(value).toBeTypeOf('number');
      expect([train, validation, test].flatMap((metrics) => Object.values(metrics)).every(Number.isFinite)).toBe(true);
    }
    expect(first.posterior).toMatchObject({ rank: 3, snapshots: 5, params: 4 * 9 + 4 + 8 * 36 + 8 + 16 * 72 + 16 });
    expect(first.posterior.drawAccuracy).toHaveLength(2);
    expect(first.race.map((point) => point.step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const { plane, lines, alignmentGap, directionTest } = first.surface;
    expect(plane!.trainNll.filter(Number.isFinite)).toHaveLength(25);
    expect(plane!.testNll.filter(Number.isFinite)).toHaveLength(25);
    expect(plane!.priors.map((prior) => prior.family)).toEqual(['isotropic', 'l2-sp', 'layerwise', 'diagonal', 'low-rank']);
    expect([...new Set(lines.map((line) => line.cut))]).toEqual(['plain → low-rank', 'plain → L2-SP', 'plain → isotropic', INDEPENDENT_CUT, RANDOM_CUT]);
    expect(lines).toHaveLength(5 * 2);
    expect(alignmentGap).toHaveLength(5 * 6);
    expect(directionTest!.kinds.map(({ kind, directions, train }) => [kind, directions, train.length])).toEqual([['covariance', 3, 5], ['random', 3, 5]]);
    expect(first.comparisons.every((one) => one.verdict === 'too few seeds')).toBe(true);
    expect(Object.keys(first.sentences)).toEqual(['source', 'posterior', 'downstream', 'surface', 'verdict']);
    expect(first.inference).toBeNull();
    const second = (await run(TINY)).result!;
    expect(numbers(second)).toEqual(numbers(first));
  }, 120_000);

  it('computes only what a change made stale', async () => {
    const memory = createMemory();
    const engine = newEngine();
    const first = await run(TINY, { memory, engine });
    expect(computed(first.events)).toEqual(['source', 'posterior', 'downstream', 'surface', 'inference', 'verdict']);
    const wider = await run({ ...TINY, 'surface.resolution': 4 }, { memory, engine });
    expect(computed(wider.events)).toEqual(['surface', 'verdict']);
    expect(wider.result!.arms).toEqual(first.result!.arms);
    expect(wider.events.filter((event) => event.kind === 'race' || event.kind === 'source').length).toBeGreaterThan(10);
    const averaged = await run({ ...TINY, 'sampling.method': 'cyclical' }, { memory, engine });
    expect(computed(averaged.events)).toEqual(['surface', 'inference', 'verdict']);
    expect(averaged.result!.inference!.predictions.map(({ members }) => members)).toContain(8);
    expect(averaged.result!.sentences.inference).toMatch(/too few seeds/);
    const fewer = await run({ ...TINY, 'downstream.n': 10 }, { memory, engine });
    expect(computed(fewer.events)).toEqual(['downstream', 'surface', 'inference', 'verdict']);
    const reopened = await run({ ...TINY, 'downstream.n': 10 }, { memory });
    expect(computed(reopened.events)).toEqual(['verdict']);
    const elsewhere = newEngine();
    Object.assign(elsewhere.info, { backend: 'cpu' });
    expect(computed((await run(TINY, { memory, engine: elsewhere })).events)).toContain('source');
  }, 120_000);

  it('asks for one λ a layer without computing anything else again', async () => {
    const memory = createMemory();
    const engine = newEngine();
    const single = await run(TINY, { memory, engine });
    expect(single.result!.scaling).toBeNull();
    const layered = await run({ ...TINY, 'prior.scaling': 'validation' }, { memory, engine });
    expect(computed(layered.events)).toEqual(['verdict']);
    const { scaling, arms, sentences } = layered.result!;
    expect(arms).toEqual(single.result!.arms);
    expect(scaling).toMatchObject({ layers: ['conv1', 'conv2', 'conv3'], extraRuns: 6 });
    expect(scaling!.runs).toHaveLength(4 * 2);
    expect(sentences.verdict).toMatch(/One λ a layer, chosen by validation NLL in 6 more runs of every arm and seed/);
    const again = await run({ ...TINY, 'prior.scaling': 'validation', name: 'Another' }, { memory, engine });
    expect(again.events.filter((event) => event.kind === 'progress')).toEqual([]);
    expect(again.result!.scaling).toEqual(scaling);
    const evidence = await run({ ...TINY, 'prior.scaling': 'evidence' }, { memory, engine });
    expect(computed(evidence.events)).toEqual(['verdict']);
    expect(evidence.result!.scaling).toMatchObject({ method: 'evidence', extraRuns: 3 });
  }, 120_000);

  it('runs under a Fisher posterior, where low-rank and diagonal are one prior', async () => {
    const { arms, posterior, sentences, surface } = (await run({ ...TINY, 'posterior.method': 'fisher' })).result!;
    expect(posterior).toMatchObject({ method: 'fisher', rank: 0, basins: null, spectrum: [] });
    const of = (arm: string) => arms.filter((one) => one.arm === arm).map(({ arm: _arm, ...rest }) => rest);
    expect(of('low-rank')).toEqual(of('diagonal'));
    expect(of('l2-sp')).not.toEqual(of('diagonal'));
    expect(sentences.downstream).toMatch(/no low-rank factor, so low-rank and diagonal are one and the same prior/);
    expect(sentences.posterior).toMatch(/no low-rank factor.*\(Fisher\), rescaled/);
    expect(surface.plane!.priors.map(({ rank }) => rank)).toEqual([0, 0, 0, 0, 0]);
  }, 120_000);

  it('runs a ResNet-8 to its end, whose prior comes back from its file', async () => {
    const settings = {
      ...TINY, 'model.architecture': 'resnet-8', 'model.widths': [4, 4, 8], 'model.stem': '2', arms: ['none', 'probe', 'l2-sp', 'low-rank'],
      'inference.steps': 4, 'source.steps': 12, 'surface.resolution': 3, 'sampling.method': 'sghmc', 'sampling.steps': 10,
    };
    const memory = createMemory();
    const first = (await run(settings, { memory })).result!;
    const { architecture } = memory.source!.value.posterior;
    expect(architecture).toMatchObject({ name: 'resnet-8', stem: 2, widths: [4, 4, 8] });
    const params = 4 * 9 + 8 + (2 * 144 + 16) + (2 * 144 + 16 + 16 + 8) + (288 + 576 + 32 + 32 + 16);
    expect(first.posterior).toMatchObject({ rank: 3, params });
    expect(first.posterior.layers.map(({ name }) => name)).toContain('layer2.0.shortcut.1.weight');
    for (const { test } of first.arms) expect(Object.values(test).every(Number.isFinite)).toBe(true);
    expect(first.inference!.predictions.length).toBeGreaterThan(0);
    const imported = await decodePrior(await encodePrior(memory.source!.value.posterior));
    expect((await run(settings, { imported })).result!.arms).toEqual(first.arms);
  }, 120_000);

  it('an imported prior takes the place of the source and gives the same downstream numbers', async () => {
    const memory = createMemory();
    const learned = (await run(TINY, { memory })).result!;
    const imported = await decodePrior(await encodePrior(memory.source!.value.posterior));
    const { events, result } = await run(TINY, { imported });
    expect(computed(events)).toEqual(['posterior', 'downstream', 'surface', 'inference', 'verdict']);
    expect(result!.source).toMatchObject({ imported: true, steps: 0, accuracy: learned.source.accuracy });
    expect(result!.arms).toEqual(learned.arms);
  }, 120_000);

  it('learns the shift-trajectory prior beside the source, and again only when its own settings or the shift under test change', async () => {
    const memory = createMemory();
    const engine = newEngine();
    const loads: string[] = [];
    const load = engine.load.bind(engine);
    engine.load = (dataset, normalisation) => {
      loads.push(dataset.name);
      return load(dataset, normalisation);
    };
    const corrupted = () => loads.splice(0).filter((name) => name.endsWith('+ corruptions')).length;
    const arms = ['none', 'l2-sp', 'layerwise'] as const;
    const all = { ...TINY, arms: [...arms, 'shift-trajectory'] };
    const without = await run({ ...TINY, arms }, { memory, engine });
    expect([corrupted(), memory.shift]).toEqual([0, null]);
    const first = await run(all, { memory, engine });
    expect(computed(first.events)).toEqual(['downstream', 'surface', 'inference', 'verdict']);
    expect(corrupted()).toBe(1);
    expect(first.result!.sentences.downstream).toMatch(/4 runs under 9 families of corruption, without noise, which it is tested on\.$/);
    // The other arms do not notice.
    expect(first.result!.arms.filter(({ arm }) => arm !== 'shift-trajectory')).toEqual(without.result!.arms);
    const own = first.result!.arms.filter(({ arm }) => arm === 'shift-trajectory');
    expect(own.map(({ test }) => Number.isFinite(test.nll))).toEqual([true, true]);
    expect(own.map(({ test }) => test.nll)).not.toEqual(first.result!.arms.filter(({ arm }) => arm === 'layerwise').map(({ test }) => test.nll));
    expect(first.result!.comparisons.filter(({ arm, versus, metric }) => arm === 'shift-trajectory' && versus === 'l2-sp' && metric === 'nll')).toHaveLength(1);
    expect(first.result!.surface.plane!.priors.map(({ family, rank }) => [family, rank])).toEqual([['l2-sp', 0], ['layerwise', 0], ['shift-trajectory', 4]]);
    const variant = await run({ ...all, 'shift.variant': 'mean', 'downstream.n': 10, 'sampling.method': 'ensemble' }, { memory, engine });
    expect(corrupted()).toBe(0);
    expect(memory.downstream!.value.shift!.rank).toBe(0);
    expect(variant.result!.inference!.predictions.some(({ arm }) => arm === 'shift-trajectory')).toBe(true);
    await run({ ...all, 'downstream.shift': 'clutter' }, { memory, engine });
    expect(corrupted()).toBe(1);
    await run({ ...all, 'downstream.shift': 'clutter', 'shift.steps': 4 }, { memory, engine });
    expect(corrupted()).toBe(1);
    expect(numbers((await run(all)).result!).arms).toEqual(first.result!.arms);
    const imported = await decodePrior(await encodePrior(memory.source!.value.posterior));
    await expect(run(all, { imported })).rejects.toThrow(/Shift-trajectory.*leave that arm out/);
  }, 120_000);

  it('can be stopped anywhere, keeps what was finished and disposes its populations', async () => {
    const engine = newEngine();
    const memory = createMemory();
    let alive = 0;
    const populate = engine.populate.bind(engine);
    engine.populate = async (spec) => {
      const population = await populate(spec);
      alive++;
      return { ...population, dispose: async () => { alive--; } };
    };
    await run(TINY, { engine, memory, stopAt: (event) => event.kind === 'source' });
    expect([alive, memory.source]).toEqual([0, null]);
    await run(TINY, { engine, memory, stopAt: (event) => event.kind === 'race' });
    expect([alive, memory.source === null, memory.downstream]).toEqual([0, false, null]);
    const rest = await run(TINY, { engine, memory });
    expect(computed(rest.events)).toEqual(['downstream', 'surface', 'inference', 'verdict']);
  }, 120_000);
});
