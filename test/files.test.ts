/** What leaves as a file: JSON without NaN, CSV that parses back, and nothing lost between them. */
import { describe, expect, it } from 'vitest';
import { defaults } from '../src/experiment/config/config.ts';
import type { Embedding, Figures } from '../src/experiment/embedding/embedding-result.ts';
import type { Metrics, Result, Run } from '../src/experiment/result.ts';
import { scalingOf, type ScalingRun } from '../src/experiment/scaling/scaling-result.ts';
import { csv, embeddingCsv, layersCsv, resultJson, runsCsv, surfaceJson } from '../src/storage/exports.ts';

const metrics = (nll: number): Metrics => ({ accuracy: 0.5, nll, ece: 0.1, brier: 0.75 });
const none = metrics(NaN);

const share = { mean: 0.5, ci95: null, seeds: 2 };
const figures: Figures = { probe: null, knn: share, viewAlignment: null, classAlignment: null, spread: share, uniformity: share };
const plane = { points: Float32Array.of(1, 2, 3, 4), shares: [0.5, 0.25] as [number, number] };
const embedding: Embedding = {
  dataset: 'glyphs', classNames: ['a', 'b,c'], dimensions: 2, rows: { train: 4, chosen: 1, test: 2, pairs: 2, views: 0 }, neighbours: 4, figures: { source: figures, random: figures }, difference: figures,
  penalty: { source: null, random: null }, map: { rows: Uint32Array.of(9, 7), labels: Uint16Array.of(1, 0), planes: { source: plane, random: { ...plane, points: Float32Array.of(5, 6, 7, 8) } } }, sentence: '',
};

function run(arm: Run['arm'], seed: number, scale: number | null, chosen: boolean, divergedAt: number | null = null): Run {
  return { arm, n: 20, seed, scale, headStrength: 10, learningRate: 0.1, validation: divergedAt === null ? metrics(1 + seed / 8) : none, chosen, divergedAt };
}

function result(): Result {
  const runs = [run('none', 1, null, true), run('l2-sp', 1, 100, false), run('l2-sp', 1, 1000, true), run('l2-sp', 2, 100, false, 7), run('l2-sp', 2, 1000, false, 3)];
  const arm = (name: Run['arm'], seed: number, nll: number): Result['arms'][number] =>
    ({ arm: name, n: 20, seed, scale: name === 'none' ? null : 1000, headStrength: 10, learningRate: 0.1, atEdge: null, train: metrics(0.5), validation: metrics(1), test: metrics(nll), diverged: 0 });
  return {
    version: 1, config: defaults('smoke'), preset: 'smoke', created: '2026-01-02T03:04:05.000Z',
    device: { engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 2, note: null, userAgent: 'test' },
    source: { dataset: 'glyphs', method: 'supervised', accuracy: 0.9, nll: Infinity, steps: 50, imported: false, curve: [], start: null },
    posterior: { params: 1, rank: 1, snapshots: 2, method: 'swag', sourceMethod: 'supervised', basins: null, dataset: 'glyphs', classNames: ['a', 'b'], sourceAccuracy: null, sourceNll: null, meanVariance: 1, lowRankShare: 0, spectrum: [0], layers: [], drawAccuracy: [] },
    embedding,
    downstream: { dataset: 'glyphs', n: 20, classNames: ['0', '1'], seeds: [1, 2] },
    runs, arms: [arm('none', 1, 1.25), arm('l2-sp', 1, 1.125), { ...arm('l2-sp', 2, NaN), scale: null }],
    summaries: [{ arm: 'l2-sp', n: 20, metric: 'nll', mean: 1.125, ci95: [NaN, NaN], seeds: 1 }], comparisons: [],
    race: [{ step: 0, arms: [{ arm: 'l2-sp', validationNll: [1, NaN], trainNll: [1, -Infinity] }] }],
    segmentation: null,
    surface: {
      plane: {
        key: 'k', spec: { kind: 'points', points: ['pre-trained', 'none', 'l2-sp'] }, seed: 1, title: 'Through three', axes: ['one', 'other'], a: [0, 1], b: [0],
        trainNll: Float32Array.of(1, NaN), testNll: Float32Array.of(2, 3), trainAccuracy: Float32Array.of(0.5, NaN), testAccuracy: Float32Array.of(0.25, 0.75), measured: Uint8Array.of(1, 0),
        n: 20, rows: { train: 20, test: 64 }, points: [{ name: 'mean', arm: null, a: 0, b: 0, off: 0 }], priors: [], degenerate: false,
      },
      lines: [{ cut: 'c', seed: 1, from: 'x', to: null, length: 1, ends: [0, 1], t: [0, 1], trainNll: [1, 2], testNll: [1, Infinity], n: 20, priors: [] }],
      alignmentGap: [{ cut: 'c', prior: null, gap: { mean: 1, ci95: [0, 2], seeds: 2 }, relative: { mean: 1, ci95: [0, 2], seeds: 2 }, testCost: { mean: 0, ci95: [0, 0], seeds: 2 }, atBoundary: 1, versusTrain: null, versusL2sp: null }],
      directionTest: null,
    },
    inference: null, scaling: null, priorPredictive: null, sentences: { source: 'Läuft.' }, timings: { total: 1 },
  };
}

/** RFC 4180, written apart from what is tested. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let value = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { value += '"'; i++; }
      else if (c === '"') quoted = false;
      else value += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') { rows.at(-1)!.push(value); value = ''; }
    else if (c === '\r' && text[i + 1] === '\n') { rows.at(-1)!.push(value); value = ''; rows.push([]); i++; }
    else value += c;
  }
  expect(rows.pop()).toEqual([]); // the last record ends in CRLF too
  return rows;
}

describe('csv', () => {
  it('quotes what needs it and parses back', () => {
    const rows = [['plain', 'a,b', 'say "hi"', 'two\nlines', 'cr\r'], ['', ' space ', 'ünï', '1+1', '"']];
    expect(parseCsv(csv(rows))).toEqual(rows);
    expect(parseCsv(csv([['=1+1', '@x', '+y', '-z', -1]]))).toEqual([["'=1+1", "'@x", "'+y", "'-z", '-1']]);
    expect(csv([['a', 'b,c']])).toBe('a,"b,c"\r\n');
  });

  it('leaves what does not exist empty and keeps numbers exact', () => {
    expect(csv([[null, NaN, Infinity, -Infinity, 0, -0.1, 1e-7, true, 1 / 3]])).toBe(`,,,,0,-0.1,1e-7,true,${1 / 3}\r\n`);
  });
});

describe('layers.csv', () => {
  it('has a factor a layer and both solutions of every arm and seed', () => {
    const run = (seed: number, test: Metrics): ScalingRun => ({
      arm: 'low-rank', n: 20, seed, scale: 100, headStrength: 10, factors: [0.1, 10], validation: metrics(1), test, single: { validation: metrics(2), test: metrics(3) }, diverged: seed,
    });
    const [header, ...rows] = parseCsv(layersCsv(scalingOf('validation', ['conv1', 'conv2'], 4, [run(1, metrics(1.5)), run(2, none)])));
    const cell = (row: number, column: string) => rows[row]![header!.indexOf(column)];
    expect(rows.map((row) => row.length)).toEqual([header!.length, header!.length]);
    expect(['factor_conv1', 'factor_conv2', 'extra_runs', 'test_nll', 'single_test_nll', 'single_validation_nll'].map((column) => cell(0, column))).toEqual(['0.1', '10', '4', '1.5', '3', '2']);
    expect([cell(1, 'test_nll'), cell(1, 'diverged')]).toEqual(['', '2']);
  });
});

describe('embedding.csv', () => {
  it('has a row an image and a place in both planes; result.json has what the axes stand for alone', () => {
    expect(parseCsv(embeddingCsv(embedding))).toEqual([['row', 'class', 'source_pc1', 'source_pc2', 'random_pc1', 'random_pc2'], ['9', 'b,c', '1', '2', '5', '6'], ['7', 'a', '3', '4', '7', '8']]);
    const { map } = (JSON.parse(resultJson(result())) as { embedding: { map: object } }).embedding;
    expect(map).toEqual({ planes: { source: { shares: [0.5, 0.25] }, random: { shares: [0.5, 0.25] } } });
  });
});

describe('runs.csv', () => {
  const [header, ...rows] = parseCsv(runsCsv(result()));
  const cell = (row: number, column: string) => rows[row]![header!.indexOf(column)];

  it('has its columns and a row a run', () => {
    expect(header).toEqual([
      'arm', 'n', 'seed', 'scale', 'head_strength', 'learning_rate', 'chosen', 'diverged_at',
      'validation_accuracy', 'validation_nll', 'validation_ece', 'validation_brier', 'test_accuracy', 'test_nll', 'test_ece', 'test_brier',
    ]);
    expect(rows).toHaveLength(5);
    expect(rows.every((row) => row.length === header!.length)).toBe(true);
  });

  it('gives test metrics to chosen runs alone, each its own', () => {
    expect(rows.map((_, i) => [cell(i, 'arm'), cell(i, 'chosen'), cell(i, 'test_nll')])).toEqual([
      ['none', 'true', '1.25'], ['l2-sp', 'false', ''], ['l2-sp', 'true', '1.125'], ['l2-sp', 'false', ''], ['l2-sp', 'false', ''],
    ]);
    expect([cell(0, 'scale'), cell(2, 'scale')]).toEqual(['', '1000']);
    expect([cell(0, 'diverged_at'), cell(3, 'diverged_at'), cell(3, 'validation_nll')]).toEqual(['', '7', '']);
  });
});

describe('result.json and surface.json', () => {
  it('result.json holds everything but plane and lines, with null for what is no number', () => {
    const text = resultJson(result());
    expect(text).not.toMatch(/NaN|Infinity/);
    const parsed: unknown = JSON.parse(text);
    expect(parsed).toMatchObject({
      source: { nll: null }, arms: [{}, {}, { test: { nll: null, accuracy: 0.5 } }], summaries: [{ ci95: [null, null], mean: 1.125 }],
      race: [{ arms: [{ validationNll: [1, null], trainNll: [1, null] }] }], sentences: { source: 'Läuft.' },
    });
    expect(Object.keys(parsed as object)).toEqual(Object.keys(result()));
    expect((parsed as { surface: unknown }).surface).toEqual({ alignmentGap: result().surface.alignmentGap, directionTest: null });
    expect((parsed as { config: unknown }).config).toEqual(defaults('smoke'));
  });

  it('surface.json holds plane, lines and gaps', () => {
    const parsed: unknown = JSON.parse(surfaceJson(result()));
    expect(parsed).toEqual({
      version: 1, alignmentGap: result().surface.alignmentGap, directionTest: null,
      plane: { ...result().surface.plane, trainNll: [1, null], testNll: [2, 3], trainAccuracy: [0.5, null], testAccuracy: [0.25, 0.75], measured: [1, 0] },
      lines: [{ ...result().surface.lines[0], testNll: [1, null] }],
    });
  });
});
