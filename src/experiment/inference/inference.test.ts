/** Inference on a small comparison: members share what they should, averages are what the engine's networks say, and every part of the record is there. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Population } from '../../engine/contract.ts';
import type { ComparisonOutcome } from '../comparison/comparison.ts';
import { type Config, defaults } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import { infer, type InferenceInput } from './inference.ts';
import { predictorName } from './inference-result.ts';
import { ensembleOf, memberSeed, samplersOf, samplingSteps } from './members.ts';
import { warningsOf } from './predictions.ts';
import { inferenceSentence } from '../sentences.ts';
import { drain, SEEDS, smallComparison, smallSettings } from '../testing.ts';

let engine: Engine;
let base: Omit<InferenceInput, 'settings'>;
let outcome: ComparisonOutcome;

function settingsWith(change: Partial<Config> = {}): Config {
  return smallSettings({
    'sampling.method': 'cyclical', 'sampling.chains': 2, 'sampling.steps': 40, 'sampling.samples': 8, 'sampling.cycles': 2, 'sampling.temperatures': [1, 0.1], 'sampling.batch': 20, ...change,
  });
}

beforeAll(async () => {
  base = await smallComparison(settingsWith());
  ({ engine, outcome } = base);
});

describe('members', () => {
  it('are every prior’s, at its tuned λ and κ, and share starts, rows and batches but no noise', () => {
    const { spec, members } = samplersOf({ ...base, arms: outcome.arms, settings: settingsWith() });
    expect(members).toHaveLength(2 * 2 * 2 * 2);
    members.forEach(({ result, seed, member, temperature }, i) => {
      const chain = spec.chains[i]!;
      const tuned = outcome.arms.find((one) => one.arm === result.arm && one.seed === SEEDS[seed])!;
      expect(chain).toMatchObject({ seed: memberSeed(SEEDS[seed]!, member), headStrength: tuned.headStrength, prior: { scale: tuned.scale }, sampler: { temperature, preconditioned: true, friction: 0.1 } });
      expect(chain.schedule).toMatchObject({ end: 0, cycles: 2 });
    });
    expect(new Set(spec.chains.map(({ sampler }) => sampler!.noiseSeed)).size).toBe(16);
    const first = spec.chains.filter((_, i) => members[i]!.seed === 0 && members[i]!.member === 0);
    expect(new Set(first.map(({ seed, start }) => `${seed} ${start}`)).size).toBe(1);
    expect(ensembleOf({ ...base, arms: outcome.arms, settings: settingsWith() }).spec.chains.every(({ sampler }) => sampler === null)).toBe(true);
  });

  it('take their samples in the noisy part of the run or of every cycle', () => {
    expect(samplingSteps(settingsWith({ 'sampling.burnIn': 0.5 })).taken).toEqual([13, 15, 18, 20, 33, 35, 38, 40]);
    expect(samplingSteps(settingsWith({ 'sampling.method': 'sgld', 'sampling.burnIn': 0.5, 'sampling.samples': 4 })).taken).toEqual([25, 30, 35, 40]);
    expect(samplersOf({ ...base, arms: outcome.arms, settings: settingsWith({ 'sampling.method': 'sgld' }) }).spec.chains[0]!.sampler!.friction).toBe(1);
  });
});

describe('inference', () => {
  it('puts single solution, ensemble and averages side by side for every prior, with what the chains did', async () => {
    const events: LabEvent[] = [];
    const found = (await drain(infer({ ...base, settings: settingsWith() }), events))!;
    expect(found.predictions).toHaveLength(2 * 2 * 4);
    expect(new Set(found.predictions.map(({ predictor }) => predictorName(predictor)))).toEqual(new Set(['single', 'ensemble', 'average T=1', 'average T=0.1']));
    for (const { arm, seed, predictor, members, test, curve, reliability, risk, scaled } of found.predictions) {
      expect(members).toBe(predictor.kind === 'single' ? 1 : predictor.kind === 'ensemble' ? 2 : 16);
      expect(curve).toHaveLength(members);
      expect(curve.at(-1)).toEqual(test);
      expect(reliability.reduce((sum, { count }) => sum + count, 0)).toBe(40);
      expect(risk.at(-1)).toBeCloseTo(1 - test.accuracy, 9);
      expect(Number.isFinite(scaled.nll)).toBe(true);
      if (predictor.kind !== 'single') continue;
      const tuned = outcome.arms.find((one) => one.arm === arm && one.seed === seed)!;
      expect(test.nll).toBeCloseTo(tuned.test.nll, 5);
      expect(test.accuracy).toBeCloseTo(tuned.test.accuracy, 9);
    }
    expect(found.comparisons.every(({ verdict }) => verdict === 'too few seeds')).toBe(true);
    expect(found.comparisons.filter(({ metric }) => metric === 'nll')).toHaveLength(2 * (1 + 2 + 2));
    expect(found.diagnostics).toHaveLength(2 * 2 * 2);
    for (const { traces, steps, diverged, disagreement } of found.diagnostics) {
      expect(traces.map(({ name }) => name).slice(0, 2)).toEqual(['log posterior', 'top covariance direction']);
      for (const { values } of traces) expect(values.map((one) => one.length)).toEqual([8, 8]);
      expect(steps).toHaveLength(8);
      expect(diverged).toBe(0);
      expect(disagreement).toBeGreaterThanOrEqual(0);
    }
    expect(inferenceSentence(found)).toMatch(/too few seeds/);
    expect(events.some(({ kind }) => kind === 'inference')).toBe(true);
  }, 60_000);

  it('averages what its networks say: an ensemble of one trained again is that network', async () => {
    const settings = settingsWith({ 'sampling.method': 'ensemble', 'sampling.chains': 1 });
    const found = (await drain(infer({ ...base, settings })))!;
    expect(found.diagnostics).toEqual([]);
    const { spec, members } = ensembleOf({ ...base, arms: outcome.arms, settings });
    const population: Population = await engine.populate(spec);
    await population.advance(12);
    for (const [i, { result, seed }] of members.entries()) {
      const { nll, accuracy } = await population.evaluate({ data: base.data, indices: [base.splits[seed]!.test], items: [{ chain: i, rows: 0 }], logits: false });
      const own = found.predictions.find(({ arm, seed: other, predictor }) => arm === result.arm && other === result.seed && predictor.kind === 'ensemble')!;
      expect(own.test.nll).toBeCloseTo(nll[0]!, 5);
      expect(own.test.accuracy).toBeCloseTo(accuracy[0]!, 9);
    }
    await population.dispose();
  }, 60_000);

  it('keeps the kinetic temperature of a constant-rate chain near its target', async () => {
    const settings = settingsWith({ 'sampling.method': 'sghmc', 'sampling.temperatures': [1], 'sampling.steps': 120, 'sampling.samples': 20, 'sampling.batch': 30, 'sampling.learningRate': 0.02 });
    const found = (await drain(infer({ ...base, settings })))!;
    for (const { kinetic } of found.diagnostics) expect(Math.abs(kinetic - 1)).toBeLessThan(0.25);
  }, 60_000);

  it.each([0.1, 1, 100, 1e4, 1e6])('neither diverges nor leaves its temperature at λ = %d with the step size it has', async (scale) => {
    const settings = settingsWith({ 'sampling.method': 'sghmc', 'sampling.temperatures': [1], 'sampling.steps': 300, 'sampling.samples': 20, 'sampling.batch': 30, 'sampling.learningRate': defaults()['sampling.learningRate'] });
    const arms = outcome.arms.map((one) => (one.scale === null ? one : { ...one, scale }));
    const found = (await drain(infer({ ...base, outcome: { ...outcome, arms }, settings })))!;
    expect(found.diagnostics).toHaveLength(4);
    for (const { diverged, kinetic } of found.diagnostics) {
      expect(diverged).toBe(0);
      expect(Math.abs(kinetic - 1)).toBeLessThan(0.3);
    }
  }, 60_000);

  it('is nothing but the MAP solution unless asked for', async () => {
    expect(await drain(infer({ ...base, settings: settingsWith({ 'sampling.method': 'map' }) }))).toBeNull();
    expect(inferenceSentence(null)).toBeNull();
  });
});

describe('warnings', () => {
  it('name what failed, where, and what to do', () => {
    const sound = { arm: 'l2-sp' as const, seed: 1, temperature: 1, steps: [1], traces: [{ name: 'log posterior', values: [], rhat: 1.01, essBulk: 200 }], kinetic: 1.05, disagreement: 0.1, diverged: 0 };
    expect(warningsOf([sound])).toEqual([]);
    const [first, ...rest] = warningsOf([sound, { ...sound, arm: 'low-rank', traces: [{ ...sound.traces[0]!, rhat: 1.4 }] }, { ...sound, kinetic: 2 }]);
    expect(first).toMatch(/R̂ above 1\.1\) for the low-rank prior at T = 1: give them more steps/);
    expect(rest).toHaveLength(1);
    expect(rest[0]).toMatch(/kinetic temperature .* L2-SP at T = 1/);
  });
});
