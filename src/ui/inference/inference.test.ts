import { describe, expect, it } from 'vitest';
import { interval95, judgeTable, pairedDifference } from '../../core/statistics.ts';
import { type ChainDiagnostics, type Inference, type Prediction, type Predictor, type ReliabilityBin, predictorName, type Trace } from '../../experiment/inference/inference-result.ts';
import { wilson } from '../../measure/calibration.ts';
import type { Metrics } from '../../measure/metrics.ts';
import type { Family } from '../../prior/prior.ts';
import { chainRows, diagnosticsCsv, essMark, groupOf, kineticMark, rhatMark, traceDomain } from './chains.ts';
import { coverages, pooledReliability, reliabilityCsv, riskCsv, riskCurves, riskDomain } from './confidence.ts';
import { curveDomain, memberCsv, memberCurves, sharedDomain } from './members.ts';
import { armsOf, openingArm, predictorInks, predictorLabel, predictorsOf } from './predictors.ts';
import { evidenceCsv, evidenceRows, scalesOf } from './evidence.ts';
import { membersText, predictorCsv, predictorRows } from './rows.ts';

const SINGLE: Predictor = { kind: 'single' };
const ENSEMBLE: Predictor = { kind: 'ensemble' };
const average = (temperature: number): Predictor => ({ kind: 'average', temperature });
const metrics = (nll: number): Metrics => ({ accuracy: 1 - nll / 4, nll, ece: 0.1, brier: 0.3 });
const EMPTY: ReliabilityBin = { count: 0, confidence: null, accuracy: null, ci95: null };

function prediction(arm: Family, seed: number, predictor: Predictor, nll: number, more: Partial<Prediction> = {}): Prediction {
  return { arm, seed, predictor, members: 1, test: metrics(nll), scaled: { nll: nll - 0.1 * seed, temperature: 1 + seed }, curve: [metrics(nll)], reliability: [], risk: [], ...more };
}

function trace(name: string, rhat: number, essBulk: number): Trace {
  return { name, values: [[1, 2], [1, 2]], rhat, essBulk };
}

function diagnostics(arm: Family, temperature: number, seed: number, more: Partial<ChainDiagnostics> = {}): ChainDiagnostics {
  return { arm, seed, temperature, steps: [1, 2], traces: [trace('log posterior', 1.01, 80)], kinetic: 1, disagreement: 0.1, diverged: 0, ...more };
}

const SEEDS = [1, 2, 3, 4, 5];
const predictions = SEEDS.flatMap((seed) => [
  prediction('low-rank', seed, average(0.1), 0.9 + 0.1 * seed, { members: 8 }),
  prediction('low-rank', seed, average(1), seed === 3 ? NaN : 2 + 0.1 * seed, { members: 7 + seed }),
  prediction('low-rank', seed, ENSEMBLE, 0.95 + 0.1 * seed, { members: 4 }),
  prediction('low-rank', seed, SINGLE, 1 + 0.11 * seed),
  ...(seed < 5 ? [prediction('l2-sp', seed, SINGLE, 1.5)] : []),
]);
const nllOf = (predictor: Predictor) => predictions.filter((one) => one.arm === 'low-rank' && predictorName(one.predictor) === predictorName(predictor)).map(({ test }) => test.nll);
const inference: Inference = {
  method: 'sghmc', chains: 4, steps: 600, predictions, diagnostics: [], warnings: [], robustness: null, evidence: [],
  summaries: [{ arm: 'low-rank', predictor: average(0.1), metric: 'nll', ...interval95(nllOf(average(0.1))) }],
  comparisons: judgeTable([ENSEMBLE, average(1), average(0.1)].flatMap((predictor) => [ENSEMBLE, SINGLE].filter((versus) => versus !== predictor).map((versus) => ({
    arm: 'low-rank' as const, predictor, versus, metric: 'nll' as const, ...pairedDifference(nllOf(predictor), nllOf(versus)),
  }))), () => true),
};

describe('predictors', () => {
  it('stand from the single solution to the coldest average, whatever order they came in', () => {
    const found = predictorsOf(predictions);
    expect(found.map(predictorLabel)).toEqual(['Single MAP', 'Ensemble', 'Average T = 1', 'Average T = 0.1']);
    expect(armsOf(predictions)).toEqual(['l2-sp', 'low-rank']);
    expect(openingArm(['isotropic', 'l2-sp'])).toBe('l2-sp');
  });

  it('differ in ink, dash and marker', () => {
    const inks = [...predictorInks([SINGLE, ENSEMBLE, average(1), average(0.1), average(0.01)]).values()];
    for (const part of ['colour', 'dash', 'marker'] as const) expect(new Set(inks.map((ink) => ink[part])).size).toBe(5);
  });
});

describe('the table', () => {
  const row = predictorRows(inference, 'nll').find(({ arm }) => arm === 'low-rank')!;

  it('has a cell a predictor with the difference to the single solution and not that to the ensemble', () => {
    const [single, ensemble, , cold] = row.cells;
    expect(single).toMatchObject({ difference: null, lost: 0 });
    expect(single!.summary!.mean).toBeCloseTo(1.33, 12);
    expect(ensemble!.difference!.mean).toBeCloseTo(-0.08, 12);
    expect(cold!.difference).toMatchObject({ verdict: 'better', seeds: 5 });
    expect(cold!.difference!.mean).toBeCloseTo(-0.13, 12);
    const toEnsemble = predictorRows(inference, 'nll', 'ensemble')[1]!.cells;
    expect(toEnsemble[3]!.difference!.mean).toBeCloseTo(-0.05, 12);
    expect([toEnsemble[0]!.difference, toEnsemble[1]!.difference]).toEqual([null, null]);
  });

  it('counts seeds that were lost, by divergence or by absence', () => {
    expect(row.cells[2]).toMatchObject({ lost: 1, summary: { seeds: 4 }, difference: { seeds: 4, verdict: 'too few seeds' } });
    const other = predictorRows(inference, 'nll')[0]!.cells;
    expect(other[0]).toMatchObject({ lost: 1, summary: { seeds: 4 } });
    expect(other[1]!.summary).toBeNull();
  });

  it('pairs the NLL after temperature scaling by seed itself', () => {
    const cold = predictorRows(inference, 'scaledNll')[1]!.cells[3]!;
    expect(cold.difference!.mean).toBeCloseTo(-0.13, 12);
    expect(cold.divisor).toBe(4);
  });

  it('says how many networks are averaged', () => {
    expect(membersText(predictions, average(1))).toBe('8 to 12 networks');
    expect(membersText(predictions, SINGLE)).toBe('1 network');
    expect(membersText(predictions, average(7))).toBe('');
  });

  it('saves a line for what was run, with as many fields as the header', () => {
    const [header, ...lines] = predictorCsv(inference);
    expect(lines).toHaveLength(5 * 5);
    for (const line of lines) expect(line).toHaveLength(header!.length);
    const cold = lines.find((line) => line[2] === 0.1 && line[3] === 'nll')!;
    expect(cold[header!.indexOf('delta_to_single')]).toBeCloseTo(-0.13, 12);
    expect(cold[header!.indexOf('delta_to_ensemble')]).toBeCloseTo(-0.05, 12);
  });
});

describe('curves over the number of networks', () => {
  const grown = [1, 2].flatMap((seed) => [
    prediction('l2-sp', seed, SINGLE, 1.2), prediction('l2-sp', seed, average(1), 1, { curve: [3, 2, 1].slice(0, 4 - seed).map(metrics) }),
  ]);

  it('are means over seeds as far as every seed goes', () => {
    const { curves, single } = memberCurves(grown, 'l2-sp', 'nll');
    expect(single).toBeCloseTo(1.2, 12);
    expect(curves).toHaveLength(1);
    expect(curves[0]!.mean).toEqual([3, 2]);
    expect(memberCsv(grown)).toHaveLength(1 + 2 + 5);
  });

  it('keep one far arm from the scale of the others', () => {
    const arm = (name: Family, level: number) => memberCurves([prediction(name, 1, SINGLE, level), prediction(name, 1, average(1), level, { curve: [metrics(level + 1), metrics(level)] })], name, 'nll');
    const all = [arm('isotropic', 9), arm('l2-sp', 1), arm('low-rank', 1.1)];
    const { domain, apart } = sharedDomain(all);
    expect(apart).toEqual(['isotropic']);
    expect(domain!.high).toBeGreaterThan(2.1);
    expect(domain!.high).toBeLessThan(3);
    expect(domain!.low).toBeLessThan(1);
    expect(curveDomain([])).toBeNull();
  });
});

describe('reliability and risk', () => {
  const bin = (count: number, right: number, confidence: number): ReliabilityBin => ({ count, confidence, accuracy: right / count, ci95: [0, 1] });
  const two = [
    prediction('l2-sp', 1, SINGLE, 1, { reliability: [EMPTY, bin(10, 4, 0.6)], risk: [0.1, 0.2] }),
    prediction('l2-sp', 2, SINGLE, 1, { reliability: [EMPTY, bin(30, 24, 0.8)], risk: [0.3, 0.2] }),
  ];

  it('pools counts over seeds, and the interval is Wilson’s of the sums', () => {
    const [one] = pooledReliability(two);
    expect(one).toMatchObject({ count: 40, ece: 0.1 });
    expect(one!.bins[0]).toEqual(EMPTY);
    expect(one!.bins[1]).toMatchObject({ count: 40, accuracy: 28 / 40, ci95: wilson(28, 40) });
    expect(one!.bins[1]!.confidence).toBeCloseTo(0.75, 12);
    expect(reliabilityCsv('l2-sp', [one!])[2]!.slice(3, 6)).toEqual([0.5, 1, 40]);
  });

  it('averages the risk at each coverage', () => {
    expect(coverages(two)).toEqual([0.5, 1]);
    const curves = riskCurves(two);
    expect(curves[0]!.mean).toEqual([0.2, 0.2]);
    expect(curves[0]!.band[0]![1]).toBeGreaterThan(1);
    expect(riskDomain(curves).high).toBeCloseTo(0.266, 12);
    expect(riskDomain([]).high).toBeGreaterThan(0);
    expect(riskCsv(two)).toHaveLength(5);
  });
});

describe('chain diagnostics', () => {
  it('mark at their limits', () => {
    expect([1.05, 1.06, 1.1, 1.11, Infinity, NaN].map(rhatMark)).toEqual(['fine', 'look', 'look', 'fails', 'fails', 'none']);
    expect([50, 49, 10, 9, NaN].map(essMark)).toEqual(['fine', 'look', 'look', 'fails', 'none']);
    expect([1.09, 0.88, 1.12, 0.69, 1.31, NaN].map(kineticMark)).toEqual(['fine', 'look', 'look', 'fails', 'fails', 'none']);
  });

  it('sort scalars into what they are about', () => {
    expect(['log posterior', 'top covariance direction', 'random direction 2', 'p(label) of validation image 1'].map((name) => groupOf({ name }))).toEqual(['log posterior', 'projections', 'projections', 'predictions']);
  });

  it('take the worst seed and scalar, arm by arm from hot to cold', () => {
    const rows = chainRows([
      diagnostics('low-rank', 0.1, 1), diagnostics('low-rank', 1, 1, { kinetic: 0.85 }),
      diagnostics('low-rank', 1, 2, { kinetic: 1.1, diverged: 1, traces: [trace('log posterior', 1.2, 9), trace('random direction 1', 1.02, 60), trace('top covariance direction', 1.06, 70)] }),
      diagnostics('isotropic', 1, 1),
    ], 4);
    expect(rows.map(({ arm, temperature }) => [arm, temperature])).toEqual([['isotropic', 1], ['low-rank', 1], ['low-rank', 0.1]]);
    const { groups, kinetic, diverged, mark } = rows[1]!;
    expect(groups['log posterior']).toEqual({ rhat: { value: 1.2, mark: 'fails', silent: 0 }, ess: { value: 9, mark: 'fails', silent: 0 } });
    expect(groups.projections.rhat).toEqual({ value: 1.06, mark: 'look', silent: 0 });
    expect(groups.predictions.rhat.mark).toBe('none');
    expect(kinetic).toMatchObject({ value: 0.85, mark: 'look' });
    expect(diverged).toEqual({ count: 1, of: 8, mark: 'look' });
    expect(mark).toBe('fails');
    expect(rows[2]!.mark).toBe('fine');
  });

  it('never call fine what has no answer, save a kinetic temperature where there is none', () => {
    const [row] = chainRows([
      diagnostics('l2-sp', 0, 1, { kinetic: NaN, traces: [trace('log posterior', NaN, NaN)] }), diagnostics('l2-sp', 0, 2, { kinetic: NaN }),
    ], 2);
    expect(row!.groups['log posterior'].rhat).toEqual({ value: 1.01, mark: 'look', silent: 1 });
    expect(row!.kinetic.mark).toBe('none');
    const [still] = chainRows([diagnostics('l2-sp', 0, 1, { disagreement: 0, diverged: 1 })], 2);
    expect(still!.disagreement).toMatchObject({ value: 0, mark: 'look' });
    expect(still!.diverged.mark).toBe('fails');
  });

  it('save a line a scalar, and span a trace’s finite draws', () => {
    expect(diagnosticsCsv([diagnostics('l2-sp', 1, 1)])).toHaveLength(2);
    const domain = traceDomain({ ...trace('log posterior', 1, 1), values: [[0, NaN], [10, Infinity]] })!;
    expect(domain.low).toBeCloseTo(-0.6, 12);
    expect(domain.high).toBeCloseTo(10.6, 12);
    expect(traceDomain({ ...trace('log posterior', 1, 1), values: [] })).toBeNull();
  });
});

describe('the evidence table', () => {
  const one = (arm: Family, seed: number, logEvidence: number, scale = 30) => ({ arm, seed, n: 100, scale, headStrength: 10, logEvidence, logLikelihood: logEvidence + 20, logOccam: -20 });
  const evidence = SEEDS.flatMap((seed) => [one('low-rank', seed, -100 - 10 * seed + 2 + 0.1 * (seed % 2), seed < 3 ? 30 : 300), ...(seed < 5 ? [one('l2-sp', seed, -100 - 10 * seed)] : [])]);

  it('compares seed by seed with L2-SP, higher being better, and leaves out what is missing', () => {
    const [l2sp, lowRank] = evidenceRows(evidence);
    expect([l2sp!.arm, lowRank!.arm, l2sp!.difference]).toEqual(['l2-sp', 'low-rank', null]);
    expect(l2sp!.seeds.map((seed) => seed?.logEvidence ?? null)).toEqual([-110, -120, -130, -140, null]);
    expect(l2sp!.total).toMatchObject({ mean: -125, seeds: 4 });
    expect(lowRank!.difference!.mean).toBeCloseTo(2.05, 9);
    expect(lowRank!.difference).toMatchObject({ seeds: 4, verdict: 'too few seeds' });
    expect(lowRank!.fit.mean - lowRank!.total.mean).toBeCloseTo(20, 9);
    expect(scalesOf(lowRank!)).toEqual([30, 300]);
    const whole = evidenceRows([...evidence, one('l2-sp', 5, -150)]);
    expect(whole[1]!.difference!.verdict).toBe('better');
    expect(evidenceRows(evidence.filter(({ arm }) => arm !== 'l2-sp'))[0]!.difference).toBeNull();
  });

  it('saves a line an arm and seed', () => {
    expect(evidenceCsv(evidence)).toHaveLength(1 + 9);
    expect(evidenceCsv(evidence)[1]).toEqual(['low-rank', 1, 100, 30, 10, -107.9, -87.9, -20]);
  });
});
