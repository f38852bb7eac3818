/** Robustness: what is summed up from planted metrics by hand, and the driver on a small comparison. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Corruption } from '../../data/corrupt.ts';
import { damaged } from '../../data/testing.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine } from '../../engine/contract.ts';
import { NORMALISATION, range, stripes } from '../../engine/tfjs/testing.ts';
import { ModelAverage } from '../../measure/average.ts';
import type { Detection } from '../../measure/detection.ts';
import { type Metrics, metricsOf } from '../../measure/metrics.ts';
import type { Arm } from '../../prior/prior.ts';
import type { ComparisonOutcome } from '../comparison/comparison.ts';
import { disputedOf, mostDisputed } from './disputed.ts';
import type { LabEvent } from '../events.ts';
import { infer, type InferenceInput } from '../inference/inference.ts';
import { keptSamples, thinned } from './networks.ts';
import type { Robustness } from './robustness-result.ts';
import { joinedSentences, robustnessSentence } from './robustness-sentence.ts';
import { type Measured, summariseRobustness } from './robustness-summary.ts';
import { architecture, drain, SEEDS, smallComparison, smallSettings } from '../testing.ts';

const SINGLE = { kind: 'single' } as const;
const ENSEMBLE = { kind: 'ensemble' } as const;
const NONE: Robustness['disputed'] = { classNames: [...'0123456789'], images: [], strip: null };
const FIVE = [1, 2, 3, 4, 5];

function area(auroc: number): Detection {
  return { auroc, ci95: null, auprOut: NaN, auprIn: NaN, fpr95: NaN };
}

/** NLL 1 + seed/10 when undamaged; corruption c adds (c + 1) × slope × severity. */
function planted(arm: Arm, predictor: Measured['predictor'], slope: number, auroc = 0.7): Measured {
  const at = (s: number, c: number, severity: number): Metrics => ({ nll: 1 + s / 10 + (c + 1) * slope * severity, accuracy: 0.9 - 0.1 * severity, ece: 0.05, brier: 0.3 });
  return {
    arm, predictor, networks: 1, clean: FIVE.map((_, s) => at(s, 0, 0)), corrupted: [0, 1].map((c) => FIVE.map((severity) => FIVE.map((_, s) => at(s, c, severity)))),
    outside: FIVE.map((_, s) => ({ entropy: area(auroc + s / 100), mutualInformation: area(auroc + 0.1 + s / 100) })),
  };
}

function summarised(measured: Measured[]): Robustness {
  return summariseRobustness({ measured, seeds: FIVE, images: 20, corruptions: ['noise', 'blur'], outside: { name: 'letters', images: 20 }, outsideMissing: null, disputed: NONE });
}

describe('the summary', () => {
  const all = summarised([planted('l2-sp', SINGLE, 0.2), planted('l2-sp', ENSEMBLE, 0.2), planted('low-rank', SINGLE, 0.1, 0.8), planted('low-rank', ENSEMBLE, 0.05, 0.8)]);
  const find = (corruption: Corruption | 'mean') => all.curves.find((one) => one.arm === 'l2-sp' && one.predictor.kind === 'single' && one.corruption === corruption && one.metric === 'nll')!;

  it('averages over corruptions seed by seed and begins undamaged', () => {
    [1.2, 1.4, 1.6, 1.8, 2, 2.2].forEach((value, severity) => expect(find('noise').levels[severity]!.mean).toBeCloseTo(value, 9));
    [1.2, 1.5, 1.8, 2.1, 2.4, 2.7].forEach((value, severity) => expect(find('mean').levels[severity]!.mean).toBeCloseTo(value, 9));
    // Seeds 1, 1.1 … 1.4: sd 0.1581, t(.975, 4) = 2.776.
    expect(find('mean').levels[3]!.ci95![1] - 2.1).toBeCloseTo(2.7764 * 0.158114 / Math.sqrt(5), 4);
    const rise = all.rises.find((one) => one.arm === 'l2-sp' && one.severity === 5 && one.metric === 'nll')!;
    expect(rise.mean).toBeCloseTo(1.5, 9);
    expect(rise.ci95![1] - rise.ci95![0]).toBeLessThan(1e-9);
  });

  it('pairs with L2-SP under the same predictor and with the arm’s own single solution', () => {
    const told = (arm: Arm, kind: string, versus: string) => all.comparisons.filter((one) => one.arm === arm && one.predictor.kind === kind && one.versus === versus && one.metric === 'nll' && one.severity === 3);
    expect(told('low-rank', 'ensemble', 'l2-sp')[0]).toMatchObject({ verdict: 'better', seeds: 5 });
    expect(told('low-rank', 'ensemble', 'l2-sp')[0]!.mean).toBeCloseTo(-0.15 * 1.5 * 3, 9);
    expect(told('low-rank', 'ensemble', 'single')[0]!.mean).toBeCloseTo(-0.05 * 1.5 * 3, 9);
    expect(told('l2-sp', 'ensemble', 'single')[0]!.verdict).toBe('no detectable difference');
    expect(told('l2-sp', 'single', 'l2-sp')).toEqual([]);
    expect(told('low-rank', 'single', 'single')).toEqual([]);
  });

  it('detects by two scores, a single network by one', () => {
    expect(all.detection.map(({ arm, predictor, score }) => `${arm} ${predictor.kind} ${score}`)).toEqual([
      'l2-sp single entropy', 'l2-sp ensemble entropy', 'l2-sp ensemble mutual information', 'low-rank single entropy', 'low-rank ensemble entropy', 'low-rank ensemble mutual information',
    ]);
    expect(all.detection[3]!.versusL2sp).toMatchObject({ verdict: 'better' });
    expect(all.detection[5]!.versusSingle!.mean).toBeCloseTo(0.1, 9);
    expect(all.detection[5]!.auroc.mean).toBeCloseTo(0.92, 9);
  });

  it('is told in sentences, and a seed that was lost is left out', () => {
    const text = robustnessSentence(all)!;
    expect(text).toContain('rises least for an ensemble under the low-rank prior (+0.225 ± 0.000 nats)');
    expect(text).toContain('Against L2-SP the NLL there is lower for the low-rank prior (−0.450 ± 0.000).');
    expect(text).toContain('best by the mutual information of an ensemble under the low-rank prior (AUROC 0.920');
    const guessing = planted('scratch', SINGLE, 0);
    guessing.clean = guessing.clean.map((one) => ({ ...one, accuracy: 0.1 }));
    expect(robustnessSentence(summarised([guessing, planted('l2-sp', SINGLE, 0.5)]))).toMatch(/rises least for L2-SP \(\+2\.25 ± 0\.00 nats\); none is better there than a uniform guess \(2\.30 nats\)/);
    expect(robustnessSentence(summarised([guessing]))).toMatch(/^No predictor names undamaged test images detectably better than a guess/);
    const lost = planted('l2-sp', SINGLE, 0.2);
    lost.corrupted[1]![2]![0] = { accuracy: NaN, nll: NaN, ece: NaN, brier: NaN };
    expect(summarised([lost]).curves.find(({ corruption, metric }) => corruption === 'mean' && metric === 'nll')!.levels.map(({ seeds }) => seeds)).toEqual([5, 5, 5, 4, 5, 5]);
    expect(robustnessSentence({ ...all, comparisons: all.comparisons.map((one) => ({ ...one, verdict: 'no detectable difference' as const })) })).toContain('Against L2-SP there is no detectable difference');
    expect(robustnessSentence({ ...all, detection: [], outside: null, outsideMissing: 'There is none.' })).toMatch(/There is none\.$/);
    const misled = (ci95: [number, number]) => robustnessSentence({ ...all, detection: all.detection.map((one) => ({ ...one, auroc: { mean: 0.3, ci95, seeds: 5 } })) });
    expect(misled([0.2, 0.4])).toContain('misleads for 4 of 4 predictors');
    expect(misled([0.2, 0.6])).not.toContain('misleads');
    expect(text).not.toContain('uniform guess');
    expect(joinedSentences(null, robustnessSentence(null))).toBeNull();
  });
});

describe('the kept networks', () => {
  it('are at most eight of an arm, seed and temperature, evenly, the last among them', () => {
    expect(thinned(20, 4)).toEqual([4, 9, 14, 19]);
    expect(keptSamples(4, 20)).toEqual({ members: new Set([0, 1, 2, 3]), samples: new Set([9, 19]) });
    expect(keptSamples(1, 3)).toEqual({ members: new Set([0]), samples: new Set([0, 1, 2]) });
    const many = keptSamples(20, 5);
    expect([many.members.size, [...many.samples]]).toEqual([8, [4]]);
  });
});

describe('disputed images', () => {
  it('are those with the largest mean total variation between pairs', () => {
    // Three voters over two classes: row 0 all alike, row 1 at 1, ½ and 0: pairs differ by ½, 1, ½.
    const averages = [[1, 1], [1, 0.5], [1, 0]].map((p) => {
      const one = new ModelAverage({ rows: 2, classes: 2, labels: [0, 0] });
      one.add(p.flatMap((x) => [Math.log(Math.max(x, 1e-12)), Math.log(Math.max(1 - x, 1e-12))]));
      return one;
    });
    const voters = (['none', 'l2-sp', 'low-rank'] as const).map((arm) => ({ arm, predictor: SINGLE }));
    const found = mostDisputed(averages, voters, { seed: 1, rows: Uint32Array.of(40, 41), labels: Uint16Array.of(0, 0) });
    expect(found.map(({ row }) => row)).toEqual([41, 40]);
    expect(found[0]!.variation).toBeCloseTo(2 / 3, 6);
    expect(found[0]!.answers[2]!.top[0]).toMatchObject({ class: 1 });
    expect(disputedOf(found, [7, 8]).images[0]!.seed).toBe(8);
    expect(mostDisputed(averages.slice(1, 2), voters, { seed: 1, rows: Uint32Array.of(40, 41), labels: Uint16Array.of(0, 0) })).toEqual([]);
  });
});

describe('the driver', () => {
  const settings = smallSettings({
    'sampling.method': 'sghmc', 'sampling.chains': 2, 'sampling.steps': 20, 'sampling.samples': 6, 'sampling.temperatures': [0.1], 'sampling.batch': 20,
  });
  let engine: Engine;
  let dataset: Dataset;
  let outcome: ComparisonOutcome;
  let base: InferenceInput;
  let loaded = 0;

  beforeAll(async () => {
    const made = await smallComparison(settings);
    ({ engine, dataset, outcome } = made);
    const outside = stripes(architecture, 20, 9);
    const counted: Engine = {
      info: engine.info, populate: (spec) => engine.populate(spec), evaluate: (ask) => engine.evaluate(ask),
      squaredGradients: (ask) => engine.squaredGradients(ask), features: (ask) => engine.features(ask), dispose: () => engine.dispose(),
      load: async (one, normalisation) => {
        loaded++;
        return engine.load(one, normalisation);
      },
      unload: async (ref) => {
        loaded--;
        return engine.unload(ref);
      },
    };
    base = {
      ...made, engine: counted, settings,
      robustness: { images: 100, corruptions: ['noise', 'occlusion'], normalisation: NORMALISATION, outside: { kind: 'images', dataset: outside, name: 'others', each: 10 } },
    };
  });

  it('reads undamaged images as the comparison did, and damaged ones as they are', async () => {
    const events: LabEvent[] = [];
    const found = (await drain(infer({ ...base, settings: { ...settings, 'sampling.method': 'map' } }), events))!;
    const robust = found.robustness!;
    expect(found.method).toBe('map');
    expect(new Set(found.predictions.map(({ predictor }) => predictor.kind))).toEqual(new Set(['single']));
    expect(robust.images).toBe(40);
    for (const arm of ['none', 'l2-sp', 'low-rank'] as const) {
      const summary = outcome.summaries.find((one) => one.arm === arm && one.metric === 'nll')!;
      for (const corruption of ['mean', 'noise', 'occlusion'] as const) {
        expect(robust.curves.find((one) => one.arm === arm && one.metric === 'nll' && one.corruption === corruption)!.levels[0]!.mean).toBeCloseTo(summary.mean, 5);
      }
      // Each seed's images damaged apart: what an arm meets does not depend on how they were put together.
      const values = await Promise.all(SEEDS.map(async (seed, s) => {
        const own = damaged(dataset, base.splits[s]!.test, { family: 'occlusion', severity: 4 }, seed);
        const ref = await engine.load(own, NORMALISATION);
        const theta = outcome.solutions.find((one) => one.arm === arm && one.seed === seed)!.theta;
        const { logits } = await engine.evaluate({ architecture, data: ref, indices: range(0, 40), logits: true, points: { kind: 'list', thetas: [theta] } });
        await engine.unload(ref);
        return metricsOf(logits![0]!, own.labels, 3).nll;
      }));
      expect(robust.curves.find((one) => one.arm === arm && one.metric === 'nll' && one.corruption === 'occlusion')!.levels[4]!.mean).toBeCloseTo((values[0]! + values[1]!) / 2, 5);
    }
    expect(robust.disputed.images).toHaveLength(12);
    expect(robust.disputed.strip!.columns).toBe(12);
    expect(robust.disputed.images.every(({ variation }, i, all) => i === 0 || variation <= all[i - 1]!.variation)).toBe(true);
    expect(robust.disputed.images[0]!.answers).toHaveLength(3);
    expect(loaded).toBe(0);
    const progress = events.filter((event) => event.kind === 'progress').at(-1)!;
    expect(progress.done).toBeCloseTo(progress.total, 6);
  }, 60_000);

  it('averages the kept networks of every predictor, and tells inside from outside', async () => {
    const found = (await drain(infer(base)))!;
    const robust = found.robustness!;
    const mean = robust.curves.filter(({ corruption, metric }) => corruption === 'mean' && metric === 'nll');
    expect(mean.map(({ arm, predictor, networks }) => `${arm} ${predictor.kind} ${networks}`)).toEqual([
      'none single 1', 'l2-sp single 1', 'l2-sp ensemble 2', 'l2-sp average 8', 'low-rank single 1', 'low-rank ensemble 2', 'low-rank average 8',
    ]);
    for (const { arm, predictor, levels } of mean) {
      if (predictor.kind !== 'ensemble') continue;
      const whole = found.summaries.find((one) => one.arm === arm && one.predictor.kind === 'ensemble' && one.metric === 'nll')!;
      expect(levels[0]!.mean).toBeCloseTo(whole.mean, 5);
    }
    expect(robust.detection).toHaveLength(3 + 2 * 2 * 2);
    for (const { auroc } of robust.detection) expect(auroc.mean).toBeGreaterThanOrEqual(0);
    expect(robustnessSentence(robust)).toMatch(/too few seeds/);
    expect(loaded).toBe(0);
  }, 60_000);

  it('lets go of its data when it is stopped', async () => {
    const work = infer({ ...base, settings: { ...settings, 'sampling.method': 'map' } });
    for (let step = await work.next(); !step.done && loaded === 0;) step = await work.next();
    expect(loaded).toBe(1);
    await work.return(null);
    expect(loaded).toBe(0);
  }, 60_000);
});
