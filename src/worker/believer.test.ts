/** What is asked of the priors after a run, on the toy: known extremes, common numbers, the walk's middle, and who gives way. */
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTyped } from '../engine/tfjs/open-typed.ts';
import { parseConfig } from '../experiment/config/config.ts';
import { createMemory } from '../experiment/memory.ts';
import type { Result } from '../experiment/result.ts';
import { type Experiment, runExperiment } from '../experiment/runner.ts';
import { drain } from '../experiment/testing.ts';
import { Believer } from './believer.ts';
import { Cutter } from './cutter.ts';
import { Turns } from './turns.ts';

const SETTINGS = {
  preset: 'toy', seeds: 2, arms: ['none', 'l2-sp', 'low-rank'], 'source.steps': 300, 'posterior.steps': 60, 'posterior.snapshots': 10, 'posterior.rank': 4, 'source.test': 120,
  'downstream.test': 60, 'inference.steps': 20, 'surface.resolution': 3, 'surface.linePoints': 5, 'surface.test': 20,
  'sampling.chains': 1, 'sampling.steps': 30, 'sampling.samples': 10, 'predictive.draws': 6,
};
const ASK = { reads: 'source', scale: 1, family: 'low-rank', direction: 0 } as const;

let experiment: Experiment;
let result: Result;
let believer: Believer;

beforeAll(async () => {
  await setBackend('wasm');
  const { preset, config } = parseConfig(SETTINGS);
  const library = { sprite: () => Promise.reject(new Error('The toy needs no glyphs.')), datasets: new Map() };
  experiment = { config, preset, engine: await openTyped({ backend: 'wasm' }), library, imported: null, memory: createMemory(), device: { note: null, userAgent: 'test' } };
  result = await drain(runExperiment(experiment));
  const turns = new Turns(() => undefined);
  const cutter = new Cutter(() => experiment.memory, () => experiment.engine, turns);
  believer = new Believer(() => experiment, () => cutter.studio(), turns);
});

describe('what the priors believe', () => {
  it('a tight prior around the mean answers as the mean does; a tight one around zero guesses', async () => {
    const found = (await believer.believe({ ...ASK, scale: 1e-6 }))!;
    const of = (family: string) => found.table.find((one) => one.family === family)!;
    expect(found.table.map(({ family }) => family)).toEqual(['isotropic', 'l2-sp', 'layerwise', 'diagonal', 'low-rank']);
    for (const family of ['l2-sp', 'layerwise', 'diagonal', 'low-rank']) {
      expect(of(family).accuracy.mean).toBeCloseTo(experiment.memory.source!.value.posterior.provenance.sourceAccuracy!, 2);
      expect(of(family).agreement.mean).toBeCloseTo(1, 2);
    }
    expect(of('isotropic').accuracy.mean).toBe(0.5);
    expect(found.sentence).toMatch(/still name 9\d(\.\d)?% of the source’s points correctly.*; from the isotropic prior they guess\.$/);
  });

  it('loosens with λ, and repeats itself', async () => {
    const tight = (await believer.believe(ASK))!;
    const loose = (await believer.believe({ ...ASK, scale: 1e4 }))!;
    tight.table.forEach((one, i) => {
      if (one.family !== 'isotropic') expect(loose.table[i]!.agreement.mean).toBeLessThan(one.agreement.mean);
    });
    expect((await believer.believe(ASK))!.table).toEqual(tight.table);
    expect(tight.answers).toHaveLength(8);
    for (const { priors } of tight.answers) for (const { probabilities } of priors) expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
  });

  it('the result holds table and ladder of both readings, the table’s figures those the page gets', async () => {
    const { draws, readings } = result.priorPredictive!;
    expect(draws).toBe(6);
    expect(readings.map(({ reads, headStrength }) => [reads, headStrength])).toEqual([['source', null], ['downstream', 0.3]]);
    for (const { table, ladder } of readings) expect([table.length, ladder.length]).toEqual([5, 35]);
    const asked = (await believer.believe({ ...ASK, scale: 100 }))!;
    expect(asked.table).toEqual(readings[0]!.table);
    expect(await believer.beliefLadder({ reads: 'downstream' })).toEqual(readings[1]!.ladder);
  });

  it('the walk passes through the mean, along the direction and along the control', async () => {
    const { walk } = (await believer.believe({ ...ASK, scale: 1000, direction: 1 }))!;
    expect(walk).toMatchObject({ index: 1, directions: 4, scale: 1000 });
    const middle = walk!.stops.indexOf(0);
    const [covariance, random] = walk!.kinds;
    expect(covariance!.accuracy[middle]).toBe(random!.accuracy[middle]);
    expect(covariance!.accuracy[middle]).toBeCloseTo(experiment.memory.source!.value.posterior.provenance.sourceAccuracy!, 6);
    expect(covariance!.probabilities[0]).not.toEqual(covariance!.probabilities[middle]);
    await expect(believer.believe({ ...ASK, direction: 40 })).rejects.toThrow(/no direction 41/);
  });

  it('draws the plane under a prior, of a solution and of samples', async () => {
    const tight = (await believer.believe({ ...ASK, scale: 1e-6 }))!.fields!;
    expect([tight.networks.length, tight.mean.length, tight.count]).toEqual([8, 64 * 64 * 2, 32]);
    const loose = (await believer.believe({ ...ASK, scale: 1e4 }))!.fields!;
    expect(loose.mean).not.toEqual(tight.mean);
    // Probabilities of two classes in bytes.
    for (let i = 0; i < tight.mean.length; i += 2) expect(Math.abs(tight.mean[i]! + tight.mean[i + 1]! - 255)).toBeLessThanOrEqual(1);
    const [seed] = result.downstream.seeds;
    const solution = (await believer.fields({ of: { kind: 'solution', arm: 'low-rank' }, seed: seed!, config: SETTINGS }))!;
    expect([solution.networks.length, solution.count]).toEqual([1, 1]);
    expect(solution.mean).toEqual(solution.networks[0]);
    const samples = (await believer.fields({ of: { kind: 'samples', family: 'l2-sp' }, seed: seed!, config: SETTINGS }))!;
    expect(samples.count).toBe(10);
    await expect(believer.fields({ of: { kind: 'solution', arm: 'scratch' }, seed: seed!, config: SETTINGS })).rejects.toThrow(/no solution for this seed/);
    await expect(believer.fields({ of: { kind: 'samples', family: 'l2-sp' }, seed: seed!, config: { ...SETTINGS, 'sampling.method': 'ensemble' } })).rejects.toThrow(/draws no samples/);
  });

  it('an older wish gives way to a newer one, and what makes no sense is refused in a sentence', async () => {
    const [older, newer] = await Promise.all([believer.believe(ASK), believer.believe({ ...ASK, scale: 3 })]);
    expect(older).toBeNull();
    expect(newer!.scale).toBe(3);
    await expect(believer.believe({ ...ASK, scale: -1 })).rejects.toThrow('λ must be a positive number, not -1.');
    const nobody = new Believer(() => null, () => { throw new Error(); }, new Turns(() => undefined));
    await expect(nobody.believe(ASK)).rejects.toThrow(/run the source first/);
  });
});
