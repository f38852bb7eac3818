import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Split } from '../../data/dataset.ts';
import { gaussianAround, NORMALISATION, range, stripes } from '../../engine/tfjs/testing.ts';
import { TypedEngine } from '../../engine/tfjs/typed-engine.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { initialise } from '../../model/initialise.ts';
import type { Family } from '../../prior/prior.ts';
import { type Config, defaults } from '../config/config.ts';
import type { ArmResult } from '../result.ts';
import { checkSampler, isSettled, isSound, type SamplerCheck } from './sampler-check.ts';

const architecture = buildArchitecture('convnet-s', { widths: [4], input: { height: 6, width: 6, channels: 1 }, classes: 3 });
const posterior = gaussianAround(initialise(architecture, 7).slice(0, parameterTable(architecture).extractor), 3);
const metrics = { accuracy: 0.5, nll: 1, ece: 0.1, brier: 0.5 };
const result = (arm: Family, scale: number): ArmResult => ({ arm, n: 30, seed: 5, scale, headStrength: 10, learningRate: 0.1, atEdge: null, train: metrics, validation: metrics, test: metrics, diverged: 0 });
let check: (family: Family, scale: number, temperature: number, change?: Partial<Config>) => Promise<SamplerCheck>;

beforeAll(async () => {
  await setBackend('wasm');
  const engine = new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 });
  const data = await engine.load(stripes(architecture, 60), NORMALISATION);
  const splits: Split[] = [{ train: range(0, 30), validation: range(30, 40), test: range(40, 60) }];
  check = async (family, scale, temperature, change = {}) => {
    const settings = { ...defaults('smoke'), arms: [family], 'sampling.method': 'sghmc' as const, 'sampling.learningRate': 0.2, ...change };
    const work = checkSampler({ engine, architecture, posterior, data, seeds: [5], splits, arms: [result(family, scale)], settings }, family, temperature);
    for (;;) {
      const step = await work.next();
      if (step.done) return step.value;
    }
  };
});

describe('the sampler on an exact Gaussian', () => {
  it.each([['low-rank', 30, 1], ['l2-sp', 3, 1], ['low-rank', 30, 0.1], ['layerwise', 300, 1]] as const)('recovers %s at λ = %d, T = %d', async (family, scale, temperature) => {
    const found = await check(family, scale, temperature);
    expect(found).toMatchObject({ family, temperature, chains: 4, diverged: 0 });
    for (const { exact, found: sd } of found.directions) expect(Math.abs(sd / exact - 1)).toBeLessThan(0.35);
    expect(isSound(found)).toBe(true);
  }, 60_000);

  it('proves nothing where chains have not mixed, and draws only where there is noise', async () => {
    const found = await check('low-rank', 30, 1, { 'sampling.method': 'cyclical' });
    expect(found.directions.some((one) => !isSettled(one))).toBe(true);
    expect((await check('l2-sp', 3, 1)).directions.every(isSettled)).toBe(true);
    // Half of each cycle has no noise: draws from it would be of a chain that descends, at the mean.
    const short = await check('l2-sp', 0.3, 1, { 'sampling.method': 'cyclical', 'sampling.burnIn': 0.5 });
    for (const { found: sd, exact } of short.directions) expect(sd / exact).toBeGreaterThan(0.85);
  }, 60_000);

  it('fails when the step size is too large without the preconditioner', async () => {
    const found = await check('l2-sp', 1e-3, 1, { 'sampling.preconditioner': 'none', 'sampling.learningRate': 1 });
    expect(isSound(found)).toBe(false);
  }, 60_000);

  it('says when there is nothing to check', async () => {
    await expect(check('l2-sp', 3, 1, { 'sampling.method': 'ensemble' })).rejects.toThrow(/runs no chains/);
    await expect(check('l2-sp', 3, 0)).rejects.toThrow(/T = 0/);
  });
});
