/** The embedding of a small trained network beside a random one: what is told holds together, and is the same again. */
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTyped } from '../../engine/tfjs/open-typed.ts';
import { NORMALISATION, range, stripes } from '../../engine/tfjs/testing.ts';
import type { Engine } from '../../engine/contract.ts';
import { type Config, defaults } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import { trainSource } from '../source/source.ts';
import { architecture, drain } from '../testing.ts';
import { type EmbeddingInput, measureEmbedding } from './embedding.ts';
import { embeddingSentence } from './embedding-sentence.ts';
import { umapPlane } from './umap.ts';
import { twoViews, viewedRows } from './views.ts';

const dataset = stripes(architecture, 360);
let engine: Engine;
let input: EmbeddingInput;

beforeAll(async () => {
  engine = await openTyped({ backend: 'wasm' });
  const task = { dataset, train: range(0, 240), test: range(240, 360), augmentation: null, normalisation: NORMALISATION };
  const data = await engine.load(dataset, NORMALISATION);
  const config: Config = { ...defaults('smoke'), 'source.steps': 120, 'posterior.steps': 20, 'posterior.snapshots': 4, 'posterior.rank': 2, 'source.batch': 20 };
  input = { engine, posterior: await drain(trainSource({ engine, architecture, task, data, config })), task, data, seed: 1, images: 160 };
});

describe('the embedding', () => {
  it('of a trained network is read better than a random one’s, on rows that were held out', async () => {
    const events: LabEvent[] = [];
    const { embedding, material } = await drain(measureEmbedding(input), events);
    const { figures: { source, random }, difference, rows, dimensions, map } = embedding;
    expect([dimensions, material.dimensions]).toEqual([8, 8]);
    expect(rows).toEqual({ train: 160, chosen: 26, test: 81, pairs: 81, views: 81 });
    expect([...map.rows].every((row) => row >= 240)).toBe(true);
    expect(source.probe!.mean).toBeGreaterThan(0.9);
    expect(source.probe!.mean).toBeGreaterThan(random.probe!.mean - 0.02);
    expect(difference.knn.mean).toBeCloseTo(source.knn.mean - random.knn.mean, 10);
    expect(difference.uniformity.mean).toBeCloseTo(source.uniformity.mean - random.uniformity.mean, 10);
    // Two examples of a class lie closer than any two once the classes were learned.
    expect(source.classAlignment!.ci95![1]).toBeLessThan(source.spread.ci95![0]);
    expect(source.classAlignment!.mean / source.spread.mean).toBeLessThan(random.classAlignment!.mean / random.spread.mean);
    expect(source.spread.mean).toBeGreaterThan(random.spread.mean);
    expect(map.planes.source.shares[0] + map.planes.source.shares[1]).toBeLessThanOrEqual(1 + 1e-9);
    expect(embedding.sentence).toMatch(/^From the source’s features a linear probe names \d+\.\d% of 81 held-out examples \(random encoder/);
    const again = await drain(measureEmbedding(input));
    expect(again.embedding).toEqual(embedding);
    const shares = events.flatMap((event) => (event.kind === 'progress' ? [event.done / event.total] : []));
    expect(shares.every((share, i) => share <= 1 && share >= (shares[i - 1] ?? 0))).toBe(true);
    expect(shares.at(-1)).toBe(1);
  });

  it('unfolds by UMAP to the same map again, classes together', async () => {
    const { embedding: { map: { labels } }, material: { features, dimensions } } = await drain(measureEmbedding(input));
    const points = await drain(umapPlane(features.source, dimensions, 1));
    expect(points).toHaveLength(2 * labels.length);
    expect(await drain(umapPlane(features.source, dimensions, 1))).toEqual(points);
    // The nearest other point of the map is mostly of the same class.
    const mates = labels.reduce((sum, label, i) => {
      const far = (j: number) => (points[2 * i]! - points[2 * j]!) ** 2 + (points[2 * i + 1]! - points[2 * j + 1]!) ** 2;
      const mate = labels.reduce((best, _, j) => (j !== i && (best < 0 || far(j) < far(best)) ? j : best), -1);
      return sum + Number(labels[mate] === label);
    }, 0);
    expect(mates / labels.length).toBeGreaterThan(0.8);
  }, 30_000);

  it('sees rows in pairs of views, and points in none', () => {
    const rows = Uint32Array.of(7, 3);
    const views = twoViews(dataset, rows, { rotation: 0, scale: [1, 1], shift: 1, shear: 0 }, 4);
    expect([views.count, ...views.labels]).toEqual([4, dataset.labels[7], dataset.labels[7], dataset.labels[3], dataset.labels[3]]);
    const size = dataset.height * dataset.width;
    const view = (i: number) => views.images.slice(i * size, (i + 1) * size);
    expect(view(0)).not.toEqual(view(1));
    // A view that changes nothing is the image.
    expect(twoViews(dataset, rows, { rotation: 0, scale: [1, 1], shift: 0, shear: 0 }, 4).images.slice(0, size)).toEqual(dataset.images.slice(7 * size, 8 * size));
    expect(viewedRows({ ...dataset, height: 1, width: 1, channels: 2 }, rows)).toHaveLength(0);
  });

  it('says so where source and random encoder cannot be told apart, and without views what classes do', () => {
    const level = { mean: 0.5, ci95: [0.4, 0.6] as [number, number], seeds: 50 };
    const none = { mean: 0, ci95: [-0.1, 0.1] as [number, number], seeds: 50 };
    const figures = { probe: level, knn: level, viewAlignment: null, classAlignment: level, spread: level, uniformity: level };
    const told = embeddingSentence({
      dataset: '', classNames: [], dimensions: 2, neighbours: 20, penalty: { source: null, random: null }, rows: { train: 50, chosen: 10, test: 50, pairs: 50, views: 0 },
      figures: { source: figures, random: figures }, difference: { ...figures, probe: none, knn: { ...none, ci95: [0.01, 0.1] } },
    });
    expect(told).toBe('From the source’s features a linear probe names 50.0% of 50 held-out examples (random encoder 50.0%), nearest neighbours name 50.0% (random encoder 50.0%); by a linear probe the two cannot be told apart. On the unit sphere two examples of a class lie 0.50 apart (squared), any two 0.50; in the random encoder 0.50 and 0.50.');
    const worse = { ...none, mean: -0.2, ci95: [-0.3, -0.1] as [number, number] };
    expect(embeddingSentence({
      dataset: '', classNames: [], dimensions: 2, neighbours: 20, penalty: { source: null, random: null }, rows: { train: 50, chosen: 10, test: 50, pairs: 50, views: 0 },
      figures: { source: figures, random: figures }, difference: { ...figures, probe: worse, knn: none },
    })).toContain('; by nearest neighbours the two cannot be told apart; by a linear probe it knows less than the random encoder. On');
  });
});
