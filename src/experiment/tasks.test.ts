import { describe, expect, it } from 'vitest';
import { countedDataset, smallDataset, syntheticSprite } from '../data/testing.ts';
import { defaults, stageKey } from './config/config.ts';
import { pointInterval } from './source/course.ts';
import { snapshotSteps } from './source/source.ts';
import { augmentationOf, checkFit, dataIdentity, downstreamArchitecture, downstreamTask, fittingConfig, type Library, seedsOf, sourceArchitecture, sourceTask } from './tasks.ts';

const own = { ...countedDataset(Array.from({ length: 120 }, (_, i) => i % 3)), name: 'mine' };
const library: Library = { sprite: async () => syntheticSprite(10, 12), datasets: new Map([['mine', own]]) };
const config = { ...defaults('smoke'), 'downstream.test': 30, 'source.test': 20 };

describe('tasks', () => {
  it('the built-in source is letters, the downstream digits, one split a seed', async () => {
    const source = await sourceTask(config, library);
    expect(source.dataset.classNames.join('')).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    expect(source.augmentation).not.toBeNull();
    const target = await downstreamTask(config, library);
    expect(target.dataset.classNames.join('')).toBe('0123456789');
    expect(target.seeds).toEqual([1, 2]);
    expect(target.splits.map(({ train, validation, test }) => [train.length, validation.length, test.length])).toEqual([[20, 20, 30], [20, 20, 30]]);
  });

  it('uses the visitor’s data and some of its classes', async () => {
    const source = await sourceTask({ ...config, 'source.data': 'mine', 'source.classes': ['a', 'c'] }, library);
    expect(source.dataset).toMatchObject({ count: 80, classNames: ['a', 'c'] });
    const target = await downstreamTask({ ...config, 'downstream.data': 'mine', 'downstream.n': 6, 'downstream.validation': 9, 'downstream.test': 12, 'downstream.shift': 'none' }, library);
    expect(target.splits[0]!.validation).toHaveLength(9);
    expect(sourceArchitecture(config, target.dataset)).toMatchObject({ classes: 3, input: { height: 1 } });
  });

  it('keeps to the splits that data came with, unless asked for random ones', async () => {
    const parted = { ...own, parts: Uint8Array.from({ length: 120 }, (_, i) => (i < 60 ? 2 : 0)) };
    const held: Library = { ...library, datasets: new Map([['mine', parted]]) };
    const chosen = { ...config, 'downstream.data': 'mine', 'source.data': 'mine', 'downstream.n': 6, 'downstream.shift': 'none' as const };
    const least = async (settings: typeof chosen) => Math.min(...(await downstreamTask(settings, held)).splits.flatMap(({ train, validation }) => [...train, ...validation]));
    expect(await least(chosen)).toBeGreaterThanOrEqual(60);
    expect(await least({ ...chosen, 'downstream.split': 'random' })).toBeLessThan(60);
    expect(Math.max(...(await sourceTask(chosen, held)).test)).toBeLessThan(60);
    expect(dataIdentity(chosen, held, 'downstream')).not.toBe(dataIdentity(chosen, library, 'downstream'));
    await expect(downstreamTask({ ...chosen, 'downstream.test': 70 }, held)).rejects.toThrow(/60 test images in the splits it came with, but 70/);
  });

  it('normalises own source images by their moments or as chosen; glyphs have their own', async () => {
    const chosen = { ...config, 'source.data': 'mine' };
    const seen = async (settings: typeof chosen) => (await sourceTask(settings, library)).normalisation;
    expect(await seen({ ...chosen, 'source.normalisation': 'centred' })).toEqual({ mean: 0.5, std: 0.5 });
    expect(await seen({ ...chosen, 'source.normalisation': 'none' })).toEqual({ mean: 0, std: 1 });
    expect((await seen(chosen)).mean).not.toBe(0.5);
    expect(stageKey({ ...chosen, 'source.normalisation': 'none' }, 'source')).not.toBe(stageKey(chosen, 'source'));
    expect(stageKey({ ...config, 'source.normalisation': 'none' }, 'source')).toBe(stageKey(config, 'source'));
  });

  it('makes the toy without a library, and knows it by its settings', async () => {
    const toy = { ...defaults('toy'), seeds: 2 };
    const none: Library = { sprite: () => Promise.reject(new Error('no sheet')), datasets: new Map() };
    const source = await sourceTask(toy, none);
    expect(source).toMatchObject({ augmentation: null, normalisation: { mean: 0, std: 1 }, dataset: { channels: 2, height: 1 } });
    const target = await downstreamTask(toy, none);
    expect(target.splits[0]!.train).toHaveLength(20);
    await expect(checkFit(toy, none, null)).resolves.toBeUndefined();
    expect(dataIdentity({ ...toy, 'toy.rotation': 5 }, none, 'source')).toBe(dataIdentity(toy, none, 'source'));
    expect(dataIdentity({ ...toy, 'toy.rotation': 5 }, none, 'downstream')).not.toBe(dataIdentity(toy, none, 'downstream'));
  });

  it('proposes sizes that small data have room for', async () => {
    const chosen = { ...config, 'downstream.data': 'mine', 'downstream.n': 30, 'downstream.validation': 0, 'downstream.test': 500 };
    const fitting = (await fittingConfig(chosen, library))!;
    expect(fitting['downstream.validation']).toBe(0);
    expect((await downstreamTask({ ...chosen, ...fitting }, library)).splits).toHaveLength(2);
    expect(await fittingConfig({ ...chosen, ...fitting }, library)).toBeNull();
    expect(await fittingConfig(config, library)).toBeNull();
  });

  it('names what is missing', async () => {
    await expect(sourceTask({ ...config, 'source.data': 'yours' }, library)).rejects.toThrow('There is no data set “yours”; add it first or choose one of: glyphs, scenes, toy, mine.');
    await expect(sourceTask({ ...config, 'source.classes': ['A', 'BC'] }, library)).rejects.toThrow(/no class “BC”/);
    await expect(downstreamTask({ ...config, 'downstream.data': 'mine', 'downstream.classes': ['a', 'z'] }, library)).rejects.toThrow(/no class “z”/);
  });

  it('knows which images fit a posterior’s network', () => {
    const network = sourceArchitecture(config, own);
    const wide = smallDataset(new Uint8Array(2 * 24), [0, 1], { height: 2, width: 4, channels: 3 });
    expect(() => downstreamArchitecture(network, wide)).toThrow(/1 channel\(s\), but small has 3/);
    const larger = smallDataset(new Uint8Array(2 * 8), [0, 1], { height: 2, width: 4, channels: 1 });
    expect(downstreamArchitecture(network, larger)).toMatchObject({ classes: 2, input: { height: 2, width: 4 } });
    expect(() => downstreamArchitecture(sourceArchitecture({ ...config, 'model.architecture': 'mlp' }, own), larger)).toThrow(/reads 1×1 pixels, but small has 2×4/);
  });

  it('finds before anything is trained that downstream images do not fit', async () => {
    const mlp = { ...config, 'model.architecture': 'mlp' as const };
    await expect(checkFit({ ...mlp, 'downstream.data': 'mine' }, library, null)).rejects.toThrow(/reads 8×8 pixels, but mine has 1×1/);
    await expect(checkFit({ ...config, 'downstream.data': 'mine' }, library, null)).resolves.toBeUndefined();
    await expect(checkFit({ ...config, 'downstream.data': 'gone' }, library, null)).rejects.toThrow(/no data set “gone”/);
    const colour = sourceArchitecture(config, { ...own, channels: 3 });
    await expect(checkFit(config, library, colour)).rejects.toThrow(/3 channel\(s\), but glyphs has 1/);
  });

  it('data replaced under the same name is other data', () => {
    const chosen = { ...config, 'downstream.data': 'mine' };
    const before = dataIdentity(chosen, library, 'downstream');
    const renamed = { ...library, datasets: new Map([['mine', { ...own, classNames: ['x', 'y', 'z'] }]]) };
    expect(dataIdentity(chosen, renamed, 'downstream')).not.toBe(before);
    expect(dataIdentity(config, renamed, 'downstream')).toBe('glyphs');
  });

  it('seeds wrap like the uint32 that they are, and trivial augmentation is none', () => {
    expect(seedsOf({ ...config, seed: 0xffffffff, seeds: 2 })).toEqual([0xffffffff, 0]);
    expect(augmentationOf({ ...config, 'source.rotation': 0, 'source.shift': 0, 'source.shear': 0, 'source.scaleLow': 1, 'source.scaleHigh': 1 })).toBeNull();
  });
});

describe('the source schedule', () => {
  it('spreads snapshots evenly and takes one at the very end', () => {
    const steps = snapshotSteps({ ...config, 'source.steps': 100, 'posterior.steps': 90, 'posterior.snapshots': 4 });
    expect(steps).toEqual([123, 145, 168, 190]);
    expect(new Set(snapshotSteps({ ...config, 'source.steps': 5, 'posterior.steps': 7, 'posterior.snapshots': 7 })).size).toBe(7);
  });

  it('shows a curve of dozens of points, whatever the length', () => {
    expect(pointInterval(50)).toBe(2);
    expect(pointInterval(800)).toBe(20);
    expect(pointInterval(36000)).toBe(25);
  });
});
