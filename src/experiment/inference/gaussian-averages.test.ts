/** SWAG and Laplace on a small comparison: whole stages, averages that are what the engine says of their Gaussians, evidence computed again from the engine's squared gradients. */
import { beforeAll, describe, expect, it } from 'vitest';
import { prepare } from '../../core/lowrank.ts';
import { Stream } from '../../core/philox.ts';
import { parameterTable } from '../../model/build.ts';
import { SwagAccumulator } from '../../posterior/swag.ts';
import { laplaceEvidence } from '../../inference/evidence.ts';
import { laplacePosterior } from '../../inference/laplace.ts';
import { build } from '../../prior/families.ts';
import { type Config, parseConfig } from '../config/config.ts';
import { curvatureRows, MOST_ROWS } from './curvature-rows.ts';
import { explore, swagPopulation } from './gaussian-averages.ts';
import { infer, type InferenceInput } from './inference.ts';
import { type Prediction, predictorName } from './inference-result.ts';
import { memberSeed, tuned } from './members.ts';
import type { GaussianMethod } from './methods.ts';
import type { Network } from '../robustness/networks.ts';
import { Pace } from '../pace.ts';
import { Reader } from './reader.ts';
import { inferenceSentence } from '../sentences.ts';
import { architecture, drain, posterior, SEEDS, smallComparison, smallSettings } from '../testing.ts';

const METHODS: GaussianMethod[] = ['swag', 'laplace', 'laplace-last-layer'];
let base: Omit<InferenceInput, 'settings'>;

function settingsWith(method: GaussianMethod, change: Partial<Config> = {}): Config {
  return smallSettings({
    'sampling.method': method, 'sampling.chains': 2, 'sampling.steps': 20, 'sampling.samples': 6, 'sampling.snapshots': 5, 'sampling.temperatures': [1, 0.1], ...change,
  });
}

beforeAll(async () => {
  base = await smallComparison(settingsWith('swag'));
});

/** The low-rank arm of the first seed: its solution, prior and tuned values. */
function solution() {
  const { result } = tuned({ ...base, arms: base.outcome.arms, settings: settingsWith('laplace') }).find((one) => one.result.arm === 'low-rank' && one.seed === 0)!;
  const { theta } = base.outcome.solutions.find(({ arm, seed }) => arm === 'low-rank' && seed === SEEDS[0])!;
  const gaussian = build('low-rank', posterior, parameterTable(architecture).entries, 'all');
  return { result, theta, prior: { gaussian, scale: result.scale, floor: 0 } };
}

const averageOf = (predictions: readonly Prediction[], temperature: number) => predictions.find(({ arm, seed, predictor }) => arm === 'low-rank' && seed === SEEDS[0] && predictorName(predictor) === `average T=${temperature}`)!;

/** NLL and accuracy on the first seed's test rows. */
async function tested(theta: Float32Array) {
  const { engine, data, splits } = base;
  return engine.evaluate({ architecture, data, indices: splits[0]!.test, points: { kind: 'list', thetas: [theta] }, logits: false });
}

describe.each(METHODS)('%s', (method) => {
  it('puts averages at each temperature beside single solution and ensemble, without chains, and says so', async () => {
    const found = (await drain(infer({ ...base, settings: settingsWith(method) })))!;
    expect(new Set(found.predictions.map(({ predictor }) => predictorName(predictor)))).toEqual(new Set(['single', 'ensemble', 'average T=1', 'average T=0.1']));
    expect(found.predictions).toHaveLength(2 * 2 * 4);
    for (const { predictor, members, curve, test, scaled } of found.predictions) {
      expect(members).toBe(predictor.kind === 'average' ? 6 : predictor.kind === 'ensemble' ? 2 : 1);
      expect(curve.at(-1)).toEqual(test);
      expect(Number.isFinite(test.nll + scaled.nll)).toBe(true);
    }
    expect(found).toMatchObject({ method, diagnostics: [], warnings: [] });
    expect(found.evidence).toHaveLength(2 * 2);
    expect(inferenceSentence(found)).toMatch(/draws at T = 1: too few seeds/);
    // Draws differ from arm to arm, and from the solution.
    expect(new Set(found.predictions.map(({ test }) => test.nll)).size).toBe(found.predictions.length);
    expect(await drain(infer({ ...base, settings: settingsWith(method) }))).toEqual(found);
  }, 60_000);

  it('at T = 0 is the centre of its Gaussian, and near it at a low temperature', async () => {
    const found = (await drain(infer({ ...base, settings: settingsWith(method, { 'sampling.temperatures': [0, 1e-8] }) })))!;
    const centre = method === 'swag' ? (await swagOf()).mean : solution().theta;
    const { nll, accuracy } = await tested(centre);
    expect(averageOf(found.predictions, 0).test.nll).toBeCloseTo(nll[0]!, 5);
    expect(averageOf(found.predictions, 0).test.accuracy).toBeCloseTo(accuracy[0]!, 9);
    expect(averageOf(found.predictions, 1e-8).test.nll).toBeCloseTo(nll[0]!, 2);
    expect(averageOf(found.predictions, 1e-8).test.nll).not.toBe(averageOf(found.predictions, 0).test.nll);
  }, 60_000);

  it('keeps a few draws for the robustness measure', async () => {
    const networks: Network[] = [];
    const settings = settingsWith(method, { 'sampling.samples': 20, 'sampling.temperatures': [1] });
    const { drawn } = await drain(explore(new Reader({ ...base, settings }, new Pace('inference', 1, ''), networks), method));
    expect(drawn).toHaveLength(4);
    expect(networks).toHaveLength(4 * 8);
    const d = parameterTable(architecture).extractor;
    const own = networks.filter(({ arm, seed }) => arm === 'low-rank' && seed === 0).map(({ theta }) => theta);
    expect(new Set(own.map((theta) => theta[d])).size).toBe(8);
    const { theta } = solution();
    // Only the last layer leaves the extractor where it was.
    for (const one of own) expect(one.slice(0, d).every((x, j) => x === theta[j])).toBe(method === 'laplace-last-layer');
  }, 60_000);
});

/** The SWAG posterior of the low-rank solution of the first seed, by an accumulator fed by hand. */
async function swagOf() {
  const { theta, result, prior } = solution();
  const settings = settingsWith('swag');
  const spec = swagPopulation({ ...base, settings }, [{ theta, result, prior, seed: 0 }]);
  expect(spec.chains[0]).toMatchObject({ schedule: { start: 0.3 * result.learningRate, end: 0.3 * result.learningRate }, headStrength: result.headStrength, prior: { scale: result.scale }, sampler: null });
  const population = await base.engine.populate(spec);
  const swag = new SwagAccumulator(theta.length, 5);
  for (let k = 0; k < 5; k++) {
    await population.advance(4);
    swag.add((await population.parameters([0]))[0]!);
  }
  await population.dispose();
  return swag.finish();
}

describe('draws', () => {
  it('of SWAG and of Laplace are of the Gaussians they should be of, at each temperature', async () => {
    const { theta, result, prior } = solution();
    const { engine, data, splits } = base;
    const [curvature] = await engine.squaredGradients({ architecture, data, indices: splits[0]!.train, thetas: [theta], labels: 'model' });
    const gaussians = { swag: await swagOf(), laplace: laplacePosterior({ theta, curvature: curvature!, prior, headStrength: result.headStrength }) };
    for (const method of ['swag', 'laplace'] as const) {
      const found = (await drain(infer({ ...base, settings: settingsWith(method, { 'sampling.samples': 1 }) })))!;
      const place = tuned({ ...base, arms: base.outcome.arms, settings: settingsWith(method) }).findIndex((one) => one.result.arm === 'low-rank' && one.seed === 0);
      for (const [t, temperature] of [1, 0.1].entries()) {
        const drawn = prepare({ gaussian: gaussians[method], scale: temperature, floor: 0 }).draw(new Stream(memberSeed(SEEDS[0]!, place), 'draw', 0, t));
        expect(averageOf(found.predictions, temperature).test.nll).toBeCloseTo((await tested(drawn)).nll[0]!, 4);
      }
    }
  }, 60_000);
});

describe('evidence', () => {
  it('is told whatever the method, and is that of the tuned solutions', async () => {
    const found = (await drain(infer({ ...base, settings: { ...settingsWith('laplace'), 'sampling.method': 'ensemble' } })))!;
    const { theta, result, prior } = solution();
    const { engine, data, splits } = base;
    const [curvature] = await engine.squaredGradients({ architecture, data, indices: splits[0]!.train, thetas: [theta], labels: 'model' });
    const { nll } = await engine.evaluate({ architecture, data, indices: splits[0]!.train, points: { kind: 'list', thetas: [theta] }, logits: false });
    const expected = laplaceEvidence({ theta, curvature: curvature!, prior, headStrength: result.headStrength }, -30 * nll[0]!);
    const own = found.evidence.find(({ arm, seed }) => arm === 'low-rank' && seed === SEEDS[0])!;
    expect(own).toMatchObject({ n: 30, scale: result.scale, headStrength: result.headStrength });
    expect(own.logEvidence).toBeCloseTo(expected.logEvidence, 3);
    expect(own.logEvidence).toBeCloseTo(own.logLikelihood + own.logOccam, 9);
    expect(own.logOccam).toBeLessThan(0);
  }, 60_000);

  it('of an improper head is not told, in one sentence, and costs no other result', async () => {
    const arms = base.outcome.arms.map((one) => (one.arm === 'l2-sp' ? { ...one, headStrength: 0 } : one));
    const found = (await drain(infer({ ...base, outcome: { ...base.outcome, arms }, settings: settingsWith('laplace') })))!;
    expect(found.warnings).toHaveLength(1);
    expect(found.warnings[0]).toMatch(/κ = 0/);
    expect(found.evidence.map(({ arm }) => arm)).toEqual(['low-rank', 'low-rank']);
    expect(found.predictions.filter(({ arm, predictor }) => arm === 'l2-sp' && predictor.kind !== 'average')).toHaveLength(4);
  }, 60_000);
});

describe('rows of the curvature', () => {
  it('are all of few, and of many an even share that counts for all', () => {
    expect(curvatureRows(Uint32Array.of(4, 9, 2))).toEqual({ rows: Uint32Array.of(4, 9, 2), weight: 1 });
    const { rows, weight } = curvatureRows(Uint32Array.from({ length: 5000 }, (_, i) => 7 * i));
    expect([rows.length, weight]).toEqual([MOST_ROWS, 2.5]);
    expect(new Set(rows).size).toBe(MOST_ROWS);
  });

  it('snapshots fit into the steps of SWAG', () => {
    expect(() => parseConfig({ sampling: { method: 'swag', steps: 10, snapshots: 11 } })).toThrow(/more snapshots than sampling steps/);
    expect(parseConfig({ sampling: { method: 'laplace', steps: 10, snapshots: 11 } }).config['sampling.snapshots']).toBe(11);
  });
});
