/** Savings and curves: known answers, and simulation of what interval and verdicts promise over a whole study. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../../core/philox.ts';
import { NO_METRICS } from '../../measure/metrics.ts';
import type { Arm } from '../../prior/prior.ts';
import { better, keptOf } from '../comparison/halving.ts';
import type { CellRecord } from './cell.ts';
import { decodeCell, encodeCell } from './cell.ts';
import { curvesOf, studyComparisons, studyPower, widestAt } from './curves.ts';
import { missing, seedAt, wavesOf } from './plan.ts';
import { savingAt, savingsOf } from './savings.ts';
import { savingsSentence } from './study-sentence.ts';

const SIZES = [10, 30, 100, 300];

function cell(value: number, seed: number, nll: Partial<Record<Arm, number>>): CellRecord {
  return {
    value, seed, runs: [], ended: 0,
    arms: Object.entries(nll).map(([arm, test]) => ({
      arm: arm as Arm, n: value, seed, scale: null, headStrength: 10, learningRate: 0.1, atEdge: null, train: NO_METRICS, validation: NO_METRICS,
      test: { accuracy: 0.5, nll: test, ece: 0.1, brier: 0.5 }, diverged: 0,
    })),
  };
}

describe('labels saved', () => {
  // The rival follows 2 − 0.3·ln(n/10); the arm is as good with a third of the labels.
  const rival = SIZES.map((n) => 2 - 0.3 * Math.log(n / 10));
  const arm = SIZES.map((n) => 2 - 0.3 * Math.log((3 * n) / 10));
  const noise = [0.01, -0.01, 0.02, -0.02, 0];
  const shifted = (curve: number[], by: number) => curve.map((value) => value + by);

  it('are those of known curves, seed by seed', () => {
    const found = savingAt(SIZES, 1, noise.map((by) => shifted(arm, by)), noise.map((by) => shifted(rival, by)));
    expect(found.needs.n).toBeCloseTo(90, 6);
    expect(found.needs.beyond).toBeNull();
    // Seeds share their noise, so that nothing is uncertain.
    expect(found.ci95![0].n).toBeCloseTo(90, -1);
  });
  it('are open beyond the sizes that were measured', () => {
    const found = savingAt(SIZES, 3, noise.map((by) => shifted(arm, by)), noise.map((by) => shifted(rival, -by)));
    expect(found.needs).toEqual({ n: 300, beyond: 'above' });
    const behind = savingAt(SIZES, 0, noise.map((by) => shifted(rival, 0.5 + by)), noise.map((by) => shifted(rival, by)));
    expect(behind.needs).toEqual({ n: 10, beyond: 'below' });
    expect(savingAt(SIZES, 1, [arm], [rival]).ci95).toBeNull();
  });
  it('have an interval that holds the true number in 95% of 1,500 studies', () => {
    let [held, told] = [0, 0];
    for (let i = 0; i < 1500; i++) {
      const stream = new Stream(i, 'planted', 7);
      const seeds = Array.from({ length: 5 }, () => {
        const own = 0.3 * stream.normal();
        return { arm: arm.map((value) => value + own + 0.03 * stream.normal()), rival: rival.map((value) => value + own + 0.03 * stream.normal()) };
      });
      // At n = 30 the rival needs 90, between two sizes; at 100 exactly 300, the last.
      const { ci95 } = savingAt(SIZES, 1, seeds.map((one) => one.arm), seeds.map((one) => one.rival));
      const [low, high] = ci95!;
      told++;
      if ((low.beyond === 'below' || low.n <= 90) && (high.beyond === 'above' || high.n >= 90)) held++;
    }
    // Standard error 0.0056; the ends stand on a lattice of 100 readings between sizes.
    expect(Math.abs(held / told - 0.95)).toBeLessThan(0.02);
  });
  it('are told only where a verdict stands behind them', () => {
    const cells = noise.flatMap((by, seed) => SIZES.map((n, i) => cell(n, seed, { none: rival[i]! + by, 'low-rank': arm[i]! + by + 0.001 * seed * (i + 1) })));
    const comparisons = studyComparisons(cells);
    const savings = savingsOf(cells, ['none', 'low-rank']);
    expect(savings).toHaveLength(4);
    const text = savingsSentence({ savings, comparisons, axis: { key: 'downstream.n', label: 'n', unit: null } })!;
    expect(text).toMatch(/^The low-rank prior saves labels against plain fine-tuning: with 10 examples as good as the rival with 30/);
    expect(text).toContain('with 300 examples as good as the rival with more than 300');
    const equal = cells.map((one) => ({ ...one, arms: one.arms.map((arm2) => ({ ...arm2, test: { ...arm2.test, nll: rival[SIZES.indexOf(one.value)]! + 0.1 * Math.sin(13 * one.seed + one.value + arm2.arm.length) } })) }));
    expect(savingsSentence({ savings: savingsOf(equal, ['none', 'low-rank']), comparisons: studyComparisons(equal), axis: { key: 'downstream.n', label: 'n', unit: null } })).toBe('No arm detectably saves labels against plain fine-tuning.');
  });
});

describe('curves and verdicts of a study', () => {
  it('leave out a seed that did not survive', () => {
    const cells = [1, 2, 3].map((seed) => cell(10, seed, { none: seed === 2 ? NaN : seed, 'l2-sp': 1 }));
    expect(curvesOf(cells).find(({ arm, metric }) => arm === 'none' && metric === 'nll')).toMatchObject({ value: 10, mean: 2, seeds: 2, bySeed: [{ value: 1 }, { value: null }, { value: 3 }] });
    expect(widestAt(studyComparisons(cells), 10)).toBeCloseTo(12.706 * Math.SQRT2 / Math.SQRT2, 1);
    expect(widestAt([], 10)).toBeNull();
  });

  it('hold any “better” or “worse” in at most 5% of 1,000 studies in which no arm differs, and say what they could have seen', () => {
    const ARMS: Arm[] = ['scratch', 'none', 'l2-sp', 'layerwise', 'diagonal', 'low-rank'];
    let wrong = 0;
    for (let i = 0; i < 1000; i++) {
      const stream = new Stream(i, 'planted', 8);
      const seeds = Array.from({ length: 5 }, () => stream.normal());
      const cells = [10, 100].flatMap((n) => seeds.map((own, s) => cell(n, s, Object.fromEntries(ARMS.map((arm) => [arm, 3 * own + 0.1 * stream.normal()])))));
      const nll = studyComparisons(cells).filter(({ metric }) => metric === 'nll');
      if (nll.some(({ verdict }) => verdict !== 'no detectable difference')) wrong++;
      if (i === 0) {
        // 2 values × (5 arms to plain + 4 more to L2-SP): 18 questions.
        expect(studyPower(nll).map(({ detectable }) => detectable!.tests)).toEqual([18, 18]);
      }
    }
    expect(wrong).toBeLessThanOrEqual(50);
  });
});

describe('cells', () => {
  it('come back as they were, without what JSON cannot say; what is no cell is null', () => {
    const one = cell(10, 1, { none: NaN, 'l2-sp': 1.25 });
    expect(decodeCell(encodeCell(one))).toEqual(one);
    for (const text of [null, '', '{}', 'half a ce', JSON.stringify({ ...one, arms: [{ arm: 'nobody' }] })]) expect(decodeCell(text)).toBeNull();
  });
  it('come seed by seed, or value by value where the source is learned anew', () => {
    expect(wavesOf('downstream.n', [10, 30], [1, 2, 3], 2)).toEqual([{ value: 10, seeds: [1, 2] }, { value: 30, seeds: [1, 2] }, { value: 10, seeds: [3] }, { value: 30, seeds: [3] }]);
    expect(wavesOf('posterior.rank', [2, 3], [1, 2], 1).map(({ value }) => value)).toEqual([2, 2, 3, 3]);
    expect(missing(wavesOf('downstream.n', [10], [1, 2], 2), ({ seed }) => seed === 1)).toEqual([{ value: 10, seeds: [2] }]);
    expect(seedAt(0xffffffff, 1)).toBe(0);
  });
  it('are halved alike in every group; what diverged goes first', () => {
    expect([1, 2, 3, 10].map(keptOf)).toEqual([1, 1, 2, 5]);
    expect(better([[0, 1, 2], [3, 4, 5]], [3, 1, 2, NaN, NaN, 0.5])).toEqual([1, 2, 3, 5]);
  });
});
