/** The shift-trajectory runs: which corruptions, that they leave the source mean and the head is held, and a run that blows up. */
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { marginalVariances } from '../../core/marginals.ts';
import { CORRUPTIONS } from '../../data/corrupt.ts';
import type { PopulationSpec } from '../../engine/contract.ts';
import { NORMALISATION, range, stripes } from '../../engine/tfjs/testing.ts';
import { TypedEngine } from '../../engine/tfjs/typed-engine.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { initialise } from '../../model/initialise.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { type Config, defaults, parseConfig } from '../config/config.ts';
import { learnShift } from './shift.ts';
import { shiftFamilies, shiftRuns } from './shift-runs.ts';

describe('the corruptions of the runs', () => {
  it('leave out what the downstream shift is of, unless told otherwise', () => {
    const families = (changes: Partial<Config>) => shiftFamilies({ ...defaults(), ...changes });
    expect(families({ 'downstream.shift': 'noise' })).toEqual(CORRUPTIONS.filter((family) => family !== 'noise'));
    expect(families({ 'downstream.shift': 'low-contrast' })).not.toContain('contrast');
    expect(families({ 'downstream.shift': 'clutter' })).not.toContain('clutter');
    expect(families({ 'downstream.shift': 'none' })).toEqual([...CORRUPTIONS]);
    expect(families({ 'downstream.shift': 'noise', 'shift.leaveOut': 'nothing' })).toContain('noise');
    expect(families({ 'shift.families': ['blur', 'noise'] })).toEqual(['blur']);
    const arms = ['l2-sp', 'shift-trajectory'];
    expect(() => parseConfig({ arms, shift: { families: ['noise'] } })).toThrow(/the one under test/);
    expect(parseConfig({ shift: { families: ['noise'] } }).config.arms).not.toContain('shift-trajectory');
  });

  it('go through families in turn, and through the severities of each evenly', () => {
    const nine = CORRUPTIONS.slice(1);
    const runs = shiftRuns(nine, 15);
    expect(runs.map(({ family }) => family)).toEqual([...nine, ...nine.slice(0, 6)]);
    expect(runs.filter(({ family }) => family === 'blur').map(({ severity }) => severity)).toEqual([2, 4]);
    expect(runs.filter(({ family }) => family === 'clutter').map(({ severity }) => severity)).toEqual([3]);
    expect(shiftRuns(['blur'], 5).map(({ severity }) => severity)).toEqual([1, 2, 3, 4, 5]);
    for (let count = 1; count < 40; count++) for (const { severity } of shiftRuns(['blur', 'noise', 'clutter'], count)) expect([1, 2, 3, 4, 5]).toContain(severity);
  });
});

describe('learning the shift-trajectory posterior', () => {
  const architecture = buildArchitecture('convnet-s', { widths: [3, 4], input: { height: 10, width: 10, channels: 1 }, classes: 3 });
  const { extractor } = parameterTable(architecture);
  const theta = initialise(architecture, 5);
  const s = new Float32Array(extractor).fill(2e-4);
  const posterior: Posterior = {
    gaussian: { mean: theta.slice(0, extractor), variance: s, factor: new Float32Array(0), rank: 0 }, head: theta.slice(extractor),
    architecture, normalisation: NORMALISATION, snapshots: 5,
    provenance: { dataset: '', datasetSha256: '', classNames: [], method: 'supervised', posterior: { method: 'swag', basins: null }, training: {}, seed: 1, created: '', licence: '', sourceAccuracy: null, sourceNll: null },
  };
  const dataset = stripes(architecture, 90);
  const task = { dataset, train: range(0, 80), test: range(80, 90), augmentation: null, normalisation: NORMALISATION };
  const specs: PopulationSpec[] = [];
  let engine: TypedEngine;
  beforeAll(async () => {
    await setBackend('wasm');
    engine = new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 });
    const populate = engine.populate.bind(engine);
    engine.populate = (spec) => {
      specs.push(spec);
      return populate(spec);
    };
  });
  const learn = async (changes: Partial<Config> = {}) => {
    const config: Config = { ...defaults('smoke'), 'shift.runs': 6, 'shift.steps': 12, ...changes };
    const generator = learnShift({ engine, posterior, task, config });
    for (;;) {
      const step = await generator.next();
      if (step.done) return step.value;
      expect(step.value).toMatchObject({ kind: 'progress', stage: 'downstream' });
    }
  };

  it('gives a Gaussian away from the source mean with the trace of the source’s posterior, the same every time', async () => {
    const gaussian = await learn();
    expect(gaussian.rank).toBe(6);
    expect(marginalVariances(gaussian).reduce((sum, x) => sum + x, 0) / extractor).toBeCloseTo(2e-4, 9);
    expect(Math.hypot(...gaussian.mean.map((w, j) => w - theta[j]!))).toBeGreaterThan(1e-3);
    expect(await learn()).toEqual(gaussian);
    expect((await learn({ 'downstream.shift': 'clutter' })).mean).not.toEqual(gaussian.mean);
    const { chains, starts } = specs[0]!;
    expect(starts).toEqual([theta]);
    expect(chains.every(({ frozenHead, prior, frozen }) => frozenHead && prior === null && !frozen)).toBe(true);
    expect(new Set(chains.flatMap(({ indices }) => [...indices])).size).toBe(6 * 80);
  });

  it('names the run that diverges', async () => {
    await expect(learn({ 'shift.learningRate': 1e25, 'shift.steps': 200, 'inference.clip': 1e6 })).rejects.toThrow(/under [a-z]+ [1-5] diverged at step \d+; lower/);
  });
});
