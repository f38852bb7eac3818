/**
 * Planted truths. Tasks W* ~ N(mean, Σ) with Σ strongly low-rank, x ~ N(0, I), labels ~ Categorical(softmax(W*x + b*)):
 * who is handed N(mean, Σ) knows how tasks differ and must win against a prior that only knows where they are. The same
 * covariance with its entries permuted knows nothing and must not win. Both go through the product's own comparison.
 */
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Gaussian } from '../src/core/gaussian.ts';
import { prepare } from '../src/core/lowrank.ts';
import { Stream } from '../src/core/philox.ts';
import type { Dataset, Split } from '../src/data/dataset.ts';
import { TypedEngine } from '../src/engine/tfjs/typed-engine.ts';
import { compare, type ComparisonOutcome } from '../src/experiment/comparison/comparison.ts';
import { defaults } from '../src/experiment/config/config.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';
import { permuted } from '../src/prior/families.ts';

const INPUTS = 24;
const CLASSES = 4;
const RANK = 3;
const SEEDS = Array.from({ length: 10 }, (_, i) => 100 + i);
const SIZES = { train: 40, validation: 100, test: 500 };
const architecture = buildArchitecture('linear', { widths: [], input: { height: 1, width: INPUTS, channels: 1 }, classes: CLASSES });
const D = parameterTable(architecture).total;

/** Tasks differ along RANK directions that each move a few weights only, so that a permutation puts them elsewhere. */
function plantedGaussian(): Gaussian {
  const stream = new Stream(11, 'planted');
  const mean = Float32Array.from({ length: D }, () => 0.3 * stream.normal());
  const factor = Float32Array.from({ length: RANK * D }, () => (stream.uniform() < 0.25 ? 1.6 * stream.normal() : 0));
  return { mean, variance: new Float32Array(D).fill(1e-3), factor, rank: RANK };
}

function plantedTasks(truth: Gaussian): { dataset: Dataset; splits: Split[] } {
  const each = SIZES.train + SIZES.validation + SIZES.test;
  const count = SEEDS.length * each;
  const images = new Float32Array(count * INPUTS);
  const labels = new Uint16Array(count);
  const splits = SEEDS.map((seed, s): Split => {
    const task = prepare({ gaussian: truth, scale: 1, floor: 0 }).draw(new Stream(seed, 'planted', 1));
    const stream = new Stream(seed, 'planted', 2);
    for (let row = s * each; row < (s + 1) * each; row++) {
      for (let i = 0; i < INPUTS; i++) images[row * INPUTS + i] = stream.normal();
      labels[row] = drawLabel(task, images.subarray(row * INPUTS, (row + 1) * INPUTS), stream);
    }
    const rows = (from: number, size: number) => Uint32Array.from({ length: size }, (_, i) => s * each + from + i);
    return { train: rows(0, SIZES.train), validation: rows(SIZES.train, SIZES.validation), test: rows(SIZES.train + SIZES.validation, SIZES.test) };
  });
  const classNames = Array.from({ length: CLASSES }, (_, c) => String(c));
  return { dataset: { name: 'planted', images, labels, count, height: 1, width: INPUTS, channels: 1, classNames, sha256: '', licence: '' }, splits };
}

/** Class drawn from softmax(Wx + b); task = (W [C, INPUTS], b [C]). The Gumbel trick: argmax of logit + Gumbel noise. */
function drawLabel(task: Float32Array, x: Float32Array, stream: Stream): number {
  let best = 0;
  let top = -Infinity;
  for (let c = 0; c < CLASSES; c++) {
    let value = task[CLASSES * INPUTS + c]! - Math.log(-Math.log(stream.uniform()));
    for (let i = 0; i < INPUTS; i++) value += task[c * INPUTS + i]! * x[i]!;
    if (value > top) [best, top] = [c, value];
  }
  return best;
}

async function competition(posterior: Gaussian): Promise<ComparisonOutcome> {
  const engine = new TypedEngine({ engine: 'tfjs', backend: 'cpu', adapter: null, software: false, workers: 1 });
  const { dataset, splits } = plantedTasks(plantedGaussian());
  const data = await engine.load(dataset, { mean: 0, std: 1 });
  const run = compare({
    engine, architecture, posterior, data, dataset, seeds: SEEDS, splits,
    settings: {
      ...defaults(), arms: ['l2-sp', 'layerwise', 'diagonal', 'low-rank'], 'inference.steps': 120, 'inference.batch': 40,
      'grid.scales': [0.1, 0.3, 1, 3, 10], 'grid.isotropicScales': [1, 1, 1, 1, 1], 'grid.headStrengths': [0],
    },
  });
  for (;;) {
    const step = await run.next();
    if (step.done) return step.value;
  }
}

function nllAgainstL2sp(outcome: ComparisonOutcome) {
  return outcome.comparisons.find(({ arm, versus, metric }) => arm === 'low-rank' && versus === 'l2-sp' && metric === 'nll')!;
}

describe('planted truths', () => {
  beforeAll(async () => {
    await setBackend('cpu');
  });

  it('the covariance that tasks are drawn from wins against L2-SP', async () => {
    const outcome = await competition(plantedGaussian());
    const found = nllAgainstL2sp(outcome);
    expect(found.seeds).toBe(SEEDS.length);
    expect(found.verdict).toBe('better');
    expect(found.mean).toBeLessThan(-0.05);
  }, 60_000);

  it('the same covariance on the wrong weights does not', async () => {
    const found = nllAgainstL2sp(await competition(permuted(plantedGaussian(), 3)));
    expect(found.seeds).toBe(SEEDS.length);
    expect(found.verdict).not.toBe('better');
  }, 60_000);
});
