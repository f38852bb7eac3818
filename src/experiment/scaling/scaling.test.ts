/** One λ a layer: a planted task in which one layer must stay and another must move, and the whole of it on small networks. */
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '../../core/philox.ts';
import type { Dataset, Split } from '../../data/dataset.ts';
import { range } from '../../engine/tfjs/testing.ts';
import { openTyped } from '../../engine/tfjs/open-typed.ts';
import type { Engine, PopulationSpec } from '../../engine/contract.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { initialise } from '../../model/initialise.ts';
import { build } from '../../prior/families.ts';
import { layerGroups } from '../../prior/layers.ts';
import { compare } from '../comparison/comparison.ts';
import { defaults } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import { scaleLayers } from './scaling.ts';
import { scalingOf, type ScalingRun } from './scaling-result.ts';
import { scalingSentence } from './scaling-sentence.ts';
import { drain, smallComparison, smallSettings } from '../testing.ts';

/** A teacher a seed: the mean's first layer exactly, a second layer far from the mean's, a head of its own. */
const INPUTS = 16;
const mlp = buildArchitecture('mlp', { widths: [16, 12], input: { height: 1, width: INPUTS, channels: 1 }, classes: 4 });
const table = parameterTable(mlp);
const groups = layerGroups(table.entries);
const centre = initialise(mlp, 3).slice(0, table.extractor);
const SEEDS = Array.from({ length: 8 }, (_, i) => 40 + i);
const SIZES = { train: 500, validation: 200, test: 400 };

function teacher(seed: number): Float32Array {
  const stream = new Stream(seed, 'planted', 1);
  const theta = new Float32Array(table.total);
  theta.set(centre);
  for (let j = groups[1]!.from; j < groups[1]!.to; j++) theta[j]! += 0.6 * stream.normal();
  for (let j = table.extractor; j < table.total; j++) theta[j] = 1.2 * stream.normal();
  return theta;
}

/** Logits of the network above, by the plainest loops. */
function logits(theta: Float32Array, x: ArrayLike<number>): number[] {
  let values = Array.from(x);
  for (const [layer, outputs] of [16, 12, 4].entries()) {
    const weight = table.entries[2 * layer]!.offset;
    const bias = table.entries[2 * layer + 1]!.offset;
    values = Array.from({ length: outputs }, (_, o) => values.reduce((sum, value, i) => sum + theta[weight + o * values.length + i]! * value, theta[bias + o]!)).map((z) => (layer < 2 ? Math.max(0, z) : z));
  }
  return values;
}

function planted(): { dataset: Dataset; splits: Split[] } {
  const each = SIZES.train + SIZES.validation + SIZES.test;
  const images = new Float32Array(SEEDS.length * each * INPUTS);
  const labels = new Uint16Array(SEEDS.length * each);
  const splits = SEEDS.map((seed, s): Split => {
    const truth = teacher(seed);
    const stream = new Stream(seed, 'planted', 2);
    for (let row = s * each; row < (s + 1) * each; row++) {
      for (let i = 0; i < INPUTS; i++) images[row * INPUTS + i] = stream.normal();
      const scores = logits(truth, images.subarray(row * INPUTS, (row + 1) * INPUTS)).map((z) => 2 * z - Math.log(-Math.log(stream.uniform())));
      labels[row] = scores.indexOf(Math.max(...scores));
    }
    const from = s * each;
    return { train: range(from, from + SIZES.train), validation: range(from + SIZES.train, from + SIZES.train + SIZES.validation), test: range(from + SIZES.train + SIZES.validation, from + each) };
  });
  return { dataset: { name: 'planted', images, labels, count: labels.length, height: 1, width: INPUTS, channels: 1, classNames: ['a', 'b', 'c', 'd'], sha256: '', licence: '' }, splits };
}

describe('a task in which the first layer must stay and the second must move', () => {
  let engine: Engine;
  const settings = {
    ...defaults(), arms: ['l2-sp'] as const, 'inference.steps': 150, 'inference.batch': 60, 'grid.scales': [1, 10, 100], 'grid.isotropicScales': [1, 1, 1], 'grid.learningRates': [1, 1, 1], 'grid.headStrengths': [1],
  };
  const posterior = { mean: centre, variance: new Float32Array(table.extractor).fill(3e-3), factor: new Float32Array(0), rank: 0 };
  let input: Parameters<typeof scaleLayers>[0];

  beforeAll(async () => {
    engine = await openTyped({ backend: 'wasm' });
    const { dataset, splits } = planted();
    const plan = { engine, architecture: mlp, posterior, data: await engine.load(dataset, { mean: 0, std: 1 }), dataset, seeds: SEEDS, splits, settings };
    input = { ...plan, outcome: await drain(compare(plan)) };
  }, 60_000);

  it.each([{ method: 'validation', ratio: 5 }, { method: 'evidence', ratio: 1.5 }] as const)('is found by $method', async ({ method, ratio }) => {
    const scaling = (await drain(scaleLayers(input, method)))!;
    const [stays, moves] = scaling.factors[0]!.means;
    expect(scaling.layers).toEqual(['fc1', 'fc2']);
    expect(stays).toBeLessThan(0.5);
    expect(moves! / stays!).toBeGreaterThan(ratio);
    expect(scaling.comparisons.find(({ metric }) => metric === 'nll')).toMatchObject({ seeds: 8, verdict: 'better' });
    expect(scalingSentence(scaling)).toMatch(/in [34] more runs of every arm and seed, lowers the test NLL against the single λ for L2-SP \(−0\.0/);
  }, 60_000);
});

describe('on small networks', () => {
  const settings = smallSettings({ arms: ['none', 'isotropic', 'l2-sp', 'low-rank'] });
  let input: Parameters<typeof scaleLayers>[0];
  const specs: PopulationSpec[] = [];

  beforeAll(async () => {
    const small = await smallComparison(settings);
    const populate = small.engine.populate.bind(small.engine);
    small.engine.populate = (spec) => {
      specs.push(spec);
      return populate(spec);
    };
    input = { ...small, settings };
  }, 60_000);

  it('gives every arm with a learned centre the same number of extra runs, a population a layer', async () => {
    specs.length = 0;
    const events: LabEvent[] = [];
    const scaling = (await drain(scaleLayers(input, 'validation'), events))!;
    expect(scaling).toMatchObject({ method: 'validation', layers: ['conv1', 'conv2'], extraRuns: 4 });
    expect(specs.map(({ chains }) => chains.length)).toEqual([2 * 2 * 2, 2 * 2 * 2]);
    expect(scaling.runs.map(({ arm, seed }) => `${arm} ${seed}`)).toEqual(['l2-sp 5', 'low-rank 5', 'l2-sp 6', 'low-rank 6']);
    for (const { arm, seed, scale, headStrength, factors, validation, test, single } of scaling.runs) {
      const tuned = input.outcome.arms.find((one) => one.arm === arm && one.seed === seed)!;
      expect({ scale, headStrength, single }).toEqual({ scale: tuned.scale, headStrength: tuned.headStrength, single: { validation: tuned.validation, test: tuned.test } });
      expect(factors.every((a) => [0.1, 1, 10].includes(Number(a.toPrecision(6))))).toBe(true);
      expect(validation.nll).toBeLessThanOrEqual(tuned.validation.nll);
      if (factors.every((a) => a === 1)) expect(test).toEqual(tuned.test);
      expect(Number.isFinite(test.nll)).toBe(true);
    }
    expect(events.at(-1)).toEqual({ kind: 'scaling', scaling });
    const progress = events.flatMap((event) => (event.kind === 'progress' ? [event] : []));
    expect(progress.at(-1)!.done / progress.at(-1)!.total).toBeCloseTo(1, 6);
    expect(scalingSentence(scaling)).toMatch(/by validation NLL in 4 more runs of every arm and seed, has too few seeds for a verdict/);
  }, 60_000);

  it('repeats the tuned run where the priors are those of the tuned run', async () => {
    const spec = specs[0]!;
    const { entries } = parameterTable(input.architecture);
    const [plain, learned] = [build('l2-sp', input.posterior, entries, 'all'), build('low-rank', input.posterior, entries, 'all')];
    const population = await input.engine.populate({ ...spec, priors: spec.priors.map(({ rank }) => (rank > 0 ? learned : plain)) });
    await population.advance(settings['inference.steps']);
    const thetas = await population.parameters([0, 2, 4, 6]);
    await population.dispose();
    const solution = (arm: string, seed: number) => input.outcome.solutions.find((one) => one.arm === arm && one.seed === seed)!.theta;
    expect(thetas).toEqual([solution('l2-sp', 5), solution('low-rank', 5), solution('l2-sp', 6), solution('low-rank', 6)]);
  }, 60_000);

  it('refits three times by the evidence', async () => {
    specs.length = 0;
    const scaling = (await drain(scaleLayers(input, 'evidence')))!;
    expect(specs.map(({ chains }) => chains.length)).toEqual([4, 4, 4]);
    expect(scaling).toMatchObject({ method: 'evidence', extraRuns: 3 });
    expect(scaling.runs.flatMap(({ factors }) => factors).every((a) => a > 0 && a !== 1)).toBe(true);
    expect(scaling.runs.every(({ test, single }) => Number.isFinite(test.nll) && test.nll !== single.test.nll)).toBe(true);
  }, 60_000);

  it('has nothing to scale without a learned centre', async () => {
    const events: LabEvent[] = [];
    expect(await drain(scaleLayers({ ...input, settings: { ...settings, arms: ['none', 'isotropic'] } }, 'validation'), events)).toBeNull();
    expect(events).toEqual([{ kind: 'scaling', scaling: null }]);
  });
});

describe('what is said of it', () => {
  const metrics = (nll: number) => ({ accuracy: 0.5, nll, ece: 0, brier: 0 });
  const runs = (arm: ScalingRun['arm'], change: number) => [1, 2, 3, 4, 5].map((seed): ScalingRun => ({
    arm, n: 20, seed, scale: 1, headStrength: 1, factors: [0.1, 10], validation: metrics(1), test: metrics(seed + change + 0.01 * (seed % 2)), single: { validation: metrics(1), test: metrics(seed) }, diverged: 0,
  }));
  const told = (...list: ScalingRun[][]) => scalingSentence(scalingOf('evidence', ['a', 'b'], 3, list.flat()));

  it('names the arms it helped, those it hurt, and says when it made no difference', () => {
    expect(told(runs('l2-sp', -0.1), runs('diagonal', 0.2))).toBe(
      'One λ a layer, chosen by the evidence in 3 more runs of every arm and seed, lowers the test NLL against the single λ for L2-SP (−0.094 ± 0.007) and raises it for the diagonal prior (+0.206 ± 0.007).',
    );
    expect(told(runs('l2-sp', -0.005))).toMatch(/makes no detectable difference in test NLL to the single λ for any arm\.$/);
    expect(told(runs('l2-sp', 0.2))).toMatch(/for no arm and raises it for L2-SP/);
    expect(scalingSentence(null)).toBeNull();
  });

  it('takes factors to their geometric mean', () => {
    const [first, second] = runs('l2-sp', 0).slice(0, 2);
    const { means } = scalingOf('validation', ['a', 'b'], 4, [first!, { ...second!, factors: [10, 10] }]).factors[0]!;
    expect(means[0]).toBeCloseTo(1, 12);
    expect(means[1]).toBeCloseTo(10, 12);
  });
});
