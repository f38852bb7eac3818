import { describe, expect, it } from 'vitest';
import { interval95, judging, pairedDifference } from '../../core/statistics.ts';
import type { Predictor } from '../../experiment/inference/inference-result.ts';
import type { OutsideDetection, Robustness, RobustnessCurve } from '../../experiment/robustness/robustness-result.ts';
import type { Arm } from '../../prior/prior.ts';
import { predictorInks, predictorsOf } from './predictors.ts';
import { curvesCsv, disputedCsv, judgedCsv, judgedRows, levelDomain, linesOf, outsideCsv, outsideRows, sideLabel, sidesOf, withinSeeds } from './robustness.ts';

const SINGLE: Predictor = { kind: 'single' };
const WARM: Predictor = { kind: 'average', temperature: 1 };
const COLD: Predictor = { kind: 'average', temperature: 0.1 };
const SEEDS = [0, 1, 2, 3, 4];
const DIFFERENCE = pairedDifference(SEEDS, SEEDS.map((s) => s + 1 + 0.01 * s));
const BETTER = judging([DIFFERENCE], true)(DIFFERENCE)!;

function curve(arm: Arm, predictor: Predictor, corruption: RobustnessCurve['corruption'], from: number): RobustnessCurve {
  return { arm, predictor, networks: 1, corruption, metric: 'nll', levels: [0, 1, 2, 3, 4, 5].map((severity) => interval95(SEEDS.map((s) => from + severity / 10 + s / 100))) };
}

function area(arm: Arm, predictor: Predictor, score: OutsideDetection['score']): OutsideDetection {
  return {
    arm, predictor, score, seeds: [{ seed: 1, auroc: 0.7, ci95: [0.6, 0.8] }, { seed: 2, auroc: 0.9, ci95: null }], auroc: interval95([0.7, 0.9]),
    versusL2sp: arm === 'l2-sp' ? null : BETTER, versusSingle: predictor.kind === 'single' ? null : BETTER,
  };
}

const robustness: Robustness = {
  images: 20, corruptions: ['noise'], outside: { name: 'letters', images: 20 }, outsideMissing: null,
  curves: (['mean', 'noise'] as const).flatMap((corruption) => [curve('low-rank', COLD, corruption, 0.9), curve('low-rank', SINGLE, corruption, 1), curve('low-rank', WARM, corruption, 1.1), curve('none', SINGLE, corruption, 2)]),
  rises: [{ arm: 'low-rank', predictor: COLD, severity: 3, metric: 'nll', ...interval95(SEEDS.map(() => 0.3)) }],
  comparisons: [{ arm: 'low-rank', predictor: COLD, versus: 'single', severity: 3, metric: 'nll', ...BETTER }],
  detection: [area('low-rank', COLD, 'entropy'), area('low-rank', COLD, 'mutual information'), area('none', SINGLE, 'entropy')],
  disputed: {
    classNames: ['a', 'b'], strip: null,
    images: [{ seed: 4, label: 1, variation: 0.5, answers: [{ arm: 'none', predictor: SINGLE, top: [{ class: 0, probability: 0.9 }, { class: 1, probability: 0.1 }] }] }],
  },
};
const inks = predictorInks(predictorsOf(robustness.curves));

describe('curves', () => {
  it('are of every arm with one predictor, or of every predictor of an arm that has several', () => {
    const sides = sidesOf(robustness);
    expect(sides.map(sideLabel)).toEqual(['Arms: Single MAP', 'Arms: Average T = 1', 'Arms: Average T = 0.1', 'Predictors: Low-rank']);
    expect(linesOf(robustness, sides[0]!, 'noise', 'nll', inks).map(({ key }) => key)).toEqual(['none', 'low-rank']);
    expect(linesOf(robustness, sides[3]!, 'mean', 'nll', inks).map(({ label }) => label)).toEqual(['Single MAP', 'Average T = 1', 'Average T = 0.1']);
    expect(linesOf(robustness, sides[0]!, 'noise', 'ece', inks)).toEqual([]);
  });

  it('have all means in the picture, and say when a band leaves it', () => {
    const lines = linesOf(robustness, sidesOf(robustness)[0]!, 'noise', 'nll', inks);
    const domain = levelDomain(lines)!;
    expect(domain.low).toBeLessThan(1.02);
    expect(domain.high).toBeGreaterThan(2.52);
    expect(domain.clipped).toBe(false);
    expect(levelDomain([{ ...lines[0]!, levels: [{ mean: 1, ci95: [-9, 11], seeds: 2 }, { mean: 2, ci95: null, seeds: 1 }] }])).toMatchObject({ low: 0.75, high: 2.25, clipped: true });
    expect(levelDomain([])).toBeNull();
  });
});

describe('tables', () => {
  it('stand arm by arm, from the single solution to the coldest average', () => {
    const rows = judgedRows(robustness, 'nll', 3);
    expect(rows.map(({ arm, predictor }) => `${arm} ${predictor.kind === 'average' ? predictor.temperature : predictor.kind}`)).toEqual(['none single', 'low-rank single', 'low-rank 1', 'low-rank 0.1']);
    expect(rows[3]!.level.mean).toBeCloseTo(0.9 + 0.3 + 0.02, 9);
    expect(rows[3]).toMatchObject({ rise: { seeds: 5 }, versusSingle: { verdict: 'better' }, versusL2sp: null });
    expect(judgedRows(robustness, 'nll', 5)[3]).toMatchObject({ rise: null, versusSingle: null });
    expect(outsideRows(robustness).map(({ arm, mutualInformation }) => [arm, mutualInformation !== null])).toEqual([['none', false], ['low-rank', true]]);
    expect(withinSeeds(robustness.detection[0]!)).toBeCloseTo(0.1, 9);
  });

  it('leave as CSV with as many fields in every line', () => {
    const all = [curvesCsv(robustness.curves), judgedCsv(robustness, ['nll'], [3, 5]), outsideCsv(robustness.detection), disputedCsv(robustness.disputed)];
    for (const rows of all) expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    expect(all[0]).toHaveLength(1 + 8 * 6);
    expect(all[3]![1]).toEqual([1, 4, 'b', 0.5, 'none', 'single', null, 'a', 0.9, 'b', 0.1]);
  });
});
