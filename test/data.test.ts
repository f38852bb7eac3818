/**
 * Real data: MNIST's test digits and notMNIST from the folder that LAB_DATA names, through the IDX reader, the tasks and
 * the typed-array engine. Without LAB_DATA these tests are skipped.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../src/data/dataset.ts';
import { readIdxPair } from '../src/data/idx.ts';
import { measureNormalisation } from '../src/data/normalise.ts';
import { classCounts } from '../src/data/splits.ts';
import { TypedEngine } from '../src/engine/tfjs/typed-engine.ts';
import { parseConfig } from '../src/experiment/config/config.ts';
import { downstreamArchitecture, downstreamTask, type Library, sourceArchitecture, sourceTask } from '../src/experiment/tasks.ts';
import { mapChain } from '../src/inference/map.ts';
import { initialise } from '../src/model/initialise.ts';

const folder = process.env['LAB_DATA'];
const here = folder !== undefined && existsSync(folder);
if (!here) console.warn(`Tests on real data are skipped: LAB_DATA ${folder === undefined ? 'is not set' : `names ${folder}, which is not there`}.`);

const SETS = ['mnist', 'notmnist'] as const;

async function read(name: string): Promise<Dataset> {
  const files = ['t10k-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz'];
  return readIdxPair(files.map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(join(folder!, name, file))) })), name);
}

describe.skipIf(!here)('real data', () => {
  const datasets = new Map<string, Dataset>();
  const library: Library = { sprite: () => Promise.reject(new Error('no glyphs here')), datasets };

  beforeAll(async () => {
    for (const name of SETS) datasets.set(name, await read(name));
    await setBackend('wasm');
  });

  it.each(SETS)('%s reads as 10,000 images of ten classes', (name) => {
    const dataset = datasets.get(name)!;
    expect(dataset).toMatchObject({ name, count: 10_000, height: 28, width: 28, channels: 1, classNames: [...'0123456789'] });
    expect(dataset.images).toHaveLength(10_000 * 28 * 28);
    expect(dataset.labels).toHaveLength(10_000);
    expect(Math.min(...classCounts(dataset))).toBeGreaterThan(800);
    const { mean, std } = measureNormalisation(dataset, Uint32Array.from({ length: 10_000 }, (_, i) => i));
    // MNIST's published test mean and deviation are 0.1325 and 0.3105; notMNIST has much more ink.
    if (name === 'mnist') expect([mean, std].map((x) => Number(x.toFixed(2)))).toEqual([0.13, 0.31]);
    else expect(mean).toBeGreaterThan(0.3);
  });

  it.each(SETS)('%s makes a source task: all rows once, the test rows held out', async (name) => {
    const { config } = parseConfig({ 'source.data': name, 'source.test': 1000 });
    const { dataset, train, test, normalisation } = await sourceTask(config, library);
    expect([train.length, test.length]).toEqual([9000, 1000]);
    expect(new Set([...train, ...test]).size).toBe(10_000);
    expect(Math.min(...classCounts(dataset, test))).toBeGreaterThan(80);
    expect(normalisation.std).toBeGreaterThan(0.2);
    expect(sourceArchitecture(config, dataset)).toMatchObject({ input: { height: 28, width: 28, channels: 1 }, classes: 10 });
  });

  it.each(SETS)('%s makes a downstream task: balanced, disjoint, one split a seed, shifted pixels', async (name) => {
    const { config } = parseConfig({ 'downstream.data': name, 'downstream.classes': ['1', '3', '5', '7', '9'], 'downstream.n': 50, 'downstream.test': 500, seeds: 3 });
    const { dataset, splits, seeds } = await downstreamTask(config, library);
    expect(seeds).toEqual([1, 2, 3]);
    expect(dataset.classNames).toEqual(['1', '3', '5', '7', '9']);
    expect(dataset.count).toBe(['1', '3', '5', '7', '9'].reduce((sum, c) => sum + classCounts(datasets.get(name)!)[Number(c)]!, 0));
    expect(dataset.images).toHaveLength(dataset.count * 28 * 28);
    for (const { train, validation, test } of splits) {
      expect(classCounts(dataset, train)).toEqual([10, 10, 10, 10, 10]);
      expect([validation.length, test.length]).toEqual([50, 500]);
      expect(new Set([...train, ...validation, ...test]).size).toBe(600);
    }
    expect([...splits[0]!.train]).not.toEqual([...splits[1]!.train]);
    const source = sourceArchitecture(config, datasets.get('mnist')!);
    expect(downstreamArchitecture(source, dataset).classes).toBe(5);
    // Noise reaches the pixels: an empty corner no longer is.
    expect(new Set(dataset.images.subarray(0, 28)).size).toBeGreaterThan(3);
  });

  it('a short training on MNIST learns', async () => {
    const { config } = parseConfig({ 'source.data': 'mnist', 'source.test': 500, 'model.widths': [8, 16, 32] });
    const { dataset, train, test, normalisation } = await sourceTask(config, library);
    const engine = new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 });
    const data = await engine.load(dataset, normalisation);
    const architecture = sourceArchitecture(config, dataset);
    const steps = 150;
    const population = await engine.populate({
      architecture, data, batch: 32, augmentation: null, momentum: 0.9, clip: 5, starts: [initialise(architecture, 1)], priors: [],
      chains: [mapChain({ start: 0, seed: 1, indices: train, frozen: false, prior: null, headStrength: 0, learningRate: 0.1, steps })],
    });
    const rows = { data, indices: [test], items: [{ chain: 0, rows: 0 }], logits: false };
    const before = await population.evaluate(rows);
    await population.advance(steps);
    const after = await population.evaluate(rows);
    expect(before.accuracy[0]).toBeLessThan(0.3);
    expect(after.accuracy[0]).toBeGreaterThan(0.7);
    expect(after.nll[0]).toBeLessThan(0.6 * before.nll[0]!);
    await engine.dispose();
  });
});
