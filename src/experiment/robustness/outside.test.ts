import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../data/dataset.ts';
import { type Config, defaults } from '../config/config.ts';
import { outsideImages } from './outside.ts';
import type { DownstreamTask, SourceTask } from '../tasks.ts';

/** Rows of one value each: row i is 10·i. */
function dataset(name: string, classNames: string[], labels: number[], size = 2): Dataset {
  const images = Uint8Array.from({ length: labels.length * size * size }, (_, i) => 10 * Math.floor(i / (size * size)));
  return { name, images, labels: Uint16Array.from(labels), count: labels.length, height: size, width: size, channels: 1, classNames, sha256: '', licence: '' };
}

const letters = dataset('letters', ['A', 'B', '0'], [0, 1, 2, 0, 1, 2, 0, 1, 0, 1]);
const source: SourceTask = { dataset: letters, train: Uint32Array.of(0, 1), test: Uint32Array.of(2, 3, 4, 5, 6, 7, 8, 9), augmentation: null, normalisation: { mean: 0, std: 1 } };
const downstream: DownstreamTask = { dataset: dataset('digits', ['0', '1'], [0, 1]), seeds: [7, 8], splits: [] };

function config(change: Partial<Config>): Config {
  return { ...defaults('smoke'), 'robustness.images': 3, 'downstream.shift': 'none', ...change };
}

describe('images from outside', () => {
  it('are held-out source images of no downstream class, others for each seed', async () => {
    const found = await outsideImages(config({}), source, downstream);
    if (found.kind !== 'images') throw new Error('There are none.');
    expect(found).toMatchObject({ name: 'letters', each: 3 });
    const rows = Array.from({ length: 6 }, (_, i) => found.dataset.images[4 * i]! / 10);
    // Left are rows 3, 4, 6, 7, 8, 9: every one once.
    expect(rows).toEqual([3, 6, 8, 4, 7, 9]);
    expect([...found.dataset.labels]).toEqual(rows.map((row) => letters.labels[row]));
  });

  it('are shifted as the downstream images are', async () => {
    const found = await outsideImages(config({ 'downstream.shift': 'noise' }), source, downstream);
    if (found.kind !== 'images') throw new Error('There are none.');
    expect(new Set(found.dataset.images.slice(8, 16)).size).toBeGreaterThan(4);
  });

  it('are few where there are few', async () => {
    expect(await outsideImages(config({ 'robustness.images': 100 }), source, downstream)).toMatchObject({ kind: 'images', each: 6, dataset: { count: 12 } });
  });

  it('are none, and it says why, without source images, of another size, or when all classes are known', async () => {
    expect(await outsideImages(config({ 'robustness.outside': 'none' }), source, downstream)).toEqual({ kind: 'none', reason: null });
    expect(await outsideImages(config({}), null, downstream)).toMatchObject({ kind: 'none', reason: expect.stringMatching(/imported/) as string });
    expect(await outsideImages(config({}), { ...source, dataset: dataset('wide', ['A'], [0, 0], 3) }, downstream)).toMatchObject({ reason: expect.stringMatching(/3×3/) as string });
    expect(await outsideImages(config({}), source, { ...downstream, dataset: { ...downstream.dataset, classNames: ['A', 'B', '0'] } })).toMatchObject({ reason: expect.stringMatching(/Every class/) as string });
  });
});
