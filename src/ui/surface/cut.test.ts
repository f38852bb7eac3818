import { describe, expect, it } from 'vitest';
import { alignmentGaps, BASIN } from '../../experiment/surface/evidence.ts';
import type { DirectionTest, Line } from '../../experiment/result.ts';
import { linspace } from '../../measure/plane.ts';
import { RATIOS } from '../../measure/quadratic.ts';
import type { Family } from '../../prior/prior.ts';
import { basinCsv, basinDomain, basinPicture } from './basin.ts';
import { armNamed, type CutAsk, cutCsv, cutDomain, cutNames, cutPicture, isFlat, liveRow, resampled } from './cut.ts';
import { directionCsv, riseDomain } from './directions.ts';
import type { PriorSetting } from './objective.ts';

const TUNED: PriorSetting = { factor: 1, floor: 0, rank: null };

/** Train NLL lowest at 0, test NLL at `best`; prior ½(t − centre)²·10/λ nats an example, λ tuned to 10; L2-SP's pulls to 0. */
function lineOf(seed: number, best: number, length: number, centre: number): Line {
  const t = linspace(-0.5 * length, 1.5 * length, 81);
  const prior = (family: Family, at: number) => ({
    family, rank: 2, chosenScale: 10, head: [0, 0, 0], extractor: RATIOS.map(() => [100, -200 * at, 100 * at * at]),
  });
  return {
    cut: 'plain → low-rank', seed, from: 'plain', to: 'low-rank', length, ends: [0, length], t, n: 20,
    trainNll: t.map((x) => 0.5 * x * x), testNll: t.map((x) => 1 + 0.3 * (x - best) ** 2), priors: [prior('low-rank', centre), prior('l2-sp', 0)],
  };
}

const lines = [lineOf(1, 1, 2, 2), lineOf(2, 1.5, 4, 3)];
const ask = (changes: Partial<CutAsk> = {}): CutAsk => ({ family: 'low-rank', beside: ['l2-sp', 'isotropic'], setting: TUNED, ghost: null, excess: false, ...changes });

describe('a cut', () => {
  it('has its minimiser between the likelihood’s and the prior’s centre, as λ says', () => {
    // ½t² + ½(t − 2)² is lowest at 1, with a tenth of the pull at 2/11.
    expect(cutPicture([lines[0]!], ask())!.minimisers).toEqual([{ seed: 1, train: expect.closeTo(0, 9), objective: expect.closeTo(1, 9), test: expect.closeTo(1, 9) }]);
    expect(cutPicture([lines[0]!], ask({ setting: { ...TUNED, factor: 10 } }))!.minimisers[0]!.objective).toBeCloseTo(2 / 11, 6);
  });

  it('draws the priors it carries beside the selected one, and what it was before the drag', () => {
    const kinds = (changes: Partial<CutAsk>) => cutPicture(lines, ask(changes))!.curves.map(({ kind, family }) => (family ? `${kind} ${family}` : kind));
    expect(kinds({})).toEqual(['rival l2-sp', 'train', 'objective low-rank', 'test']);
    expect(kinds({ ghost: TUNED })).not.toContain('ghost low-rank');
    expect(kinds({ ghost: TUNED, setting: { ...TUNED, factor: 3 } })).toContain('ghost low-rank');
    expect(kinds({ family: 'l2-sp', beside: ['l2-sp'] })).toEqual(['train', 'objective l2-sp', 'test']);
    expect(kinds({ family: 'diagonal' })).toEqual(['rival l2-sp', 'train', 'test']);
    const moved = cutPicture(lines, ask({ ghost: TUNED, setting: { ...TUNED, factor: 3 } }))!;
    const still = cutPicture(lines, ask())!;
    const of = (picture: typeof still, kind: string) => picture.curves.find((curve) => curve.kind === kind)!.y;
    expect(of(moved, 'ghost')).toEqual(of(still, 'objective'));
    expect(of(moved, 'objective')[3]).toBeLessThan(of(still, 'objective')[3]!);
  });

  it('over seeds is drawn on one relative axis with bands', () => {
    const picture = cutPicture(lines, ask())!;
    expect(picture).toMatchObject({ relative: true, seeds: 2, ends: [0, 1] });
    expect([picture.x[0], picture.x.at(-1)]).toEqual([-0.5, 1.5]);
    const test = picture.curves.find(({ kind }) => kind === 'test')!;
    const middle = picture.x.indexOf(0.5);
    // Seed 1 at t = 1 and seed 2 at t = 2: 1 and 1 + 0.3·0.25.
    expect(test.y[middle]).toBeCloseTo(1.0375, 3);
    expect(test.band![middle]![0]).toBeLessThan(1);
    expect(picture.minimisers.map((one) => one.test)).toEqual([expect.closeTo(0.5, 6), expect.closeTo(0.375, 6)]);
  });

  it('is clipped only where tails would flatten it', () => {
    const picture = cutPicture([lines[0]!], ask({ setting: { ...TUNED, factor: 0.001 } }))!;
    const domain = cutDomain(picture);
    expect(domain.clipped).toBe(true);
    expect(domain.low).toBeLessThanOrEqual(0);
    expect(domain.high).toBeGreaterThan(Math.min(...picture.curves.find(({ kind }) => kind === 'objective')!.y));
  });

  it('above its minima starts at zero and keeps its minimisers', () => {
    const plain = cutPicture(lines, ask())!;
    expect(cutPicture(lines, ask({ excess: true }))!.minimisers).toEqual(plain.minimisers);
    for (const { y } of cutPicture([lines[0]!], ask({ excess: true }))!.curves) expect(Math.min(...y)).toBe(0);
    expect(isFlat(plain)).toBe(false);
    const far = { ...lines[0]!, testNll: lines[0]!.testNll.map((value) => value + 100) };
    expect(isFlat(cutPicture([far], ask({ family: null }))!)).toBe(true);
  });

  it('gives at the tuned setting the row that the run computed, and another elsewhere', () => {
    for (const family of [null, 'low-rank', 'l2-sp'] as const) {
      expect(liveRow(lines, family, TUNED)).toEqual(alignmentGaps(lines, 0).find((gap) => gap.prior === family));
    }
    const moved = liveRow(lines, 'low-rank', { ...TUNED, factor: 0.1 })!;
    expect(moved.gap.mean).not.toBeCloseTo(liveRow(lines, 'low-rank', TUNED)!.gap.mean, 2);
    expect(liveRow(lines, 'diagonal', TUNED)).toBeNull();
  });

  it('saves every point of every seed with λ and objective of every prior', () => {
    const rows = cutCsv(lines, ['low-rank', 'diagonal'], { ...TUNED, factor: 2 });
    expect(rows).toHaveLength(1 + 2 * 81);
    expect(rows.every((row) => row.length === rows[0]!.length)).toBe(true);
    const column = (name: string) => rows[1]![rows[0]!.indexOf(name)];
    expect([column('scale_low-rank'), column('scale_diagonal'), column('objective_diagonal')]).toEqual([20, null, null]);
    // t = −1: ½ + ½·9/2.
    expect(column('objective_low-rank')).toBeCloseTo(2.75, 9);
  });

  it('is read between its points', () => {
    expect(resampled([0, 1, 2], [0, 10, 40], [0, 0.5, 1.5, 2])).toEqual([0, 5, 25, 40]);
    expect(resampled([0, 1], [0, 1], [2])).toEqual([NaN]);
    // A missing neighbour does not spoil a point that is known.
    expect(resampled([0, 1, 2], [0, 10, NaN], [1, 1.5])).toEqual([10, NaN]);
  });
});

describe('a basin plot', () => {
  const basin = (from: string, seed: number, depth: number, reach = 2): Line => ({ ...lineOf(seed, 0, 2, 1), cut: `${BASIN}random direction`, from, to: null, t: linspace(-reach, reach, 41), trainNll: linspace(-reach, reach, 41).map((x) => depth + x * x), testNll: linspace(-reach, reach, 41).map((x) => 2 + depth + 2 * (x - 0.5) ** 2) });
  const own = [basin('plain', 1, 0.1), basin('plain', 2, 0.3, 1), basin('low-rank', 1, 1), basin('low-rank', 2, 1)];

  it('has a curve an arm with its band, where every line is', () => {
    const picture = basinPicture(own, false)!;
    // One seed of the plain arm goes to ±1: beyond it there is only the other arm.
    expect([picture.x[0], picture.x.at(-1)]).toEqual([-2, 2]);
    expect(picture.curves.map(({ test }) => test.y[0])).toEqual([NaN, expect.closeTo(15.5, 9)]);
    expect(picture.curves.map(({ from, seeds }) => [from, seeds])).toEqual([['plain', 2], ['low-rank', 2]]);
    const middle = picture.x.findIndex((x) => Math.abs(x) < 1e-9);
    expect(picture.curves[0]!.train.y[middle]).toBeCloseTo(0.2, 9);
    expect(picture.curves[0]!.train.band![middle]![1]).toBeGreaterThan(0.3);
    const above = basinPicture(own, true)!;
    expect(above.curves.map(({ train }) => Math.min(...train.y.filter(Number.isFinite)))).toEqual([0, 0]);
    expect(basinDomain(above.curves).low).toBe(0);
    expect(basinPicture([basin('plain', 1, 0, 0.1), basin('low-rank', 1, 0, 50)], true)!.x.at(-1)).toBeCloseTo(0.3, 9);
  });

  it('knows an arm by its name and by its words', () => {
    expect(['plain', 'none', 'L2-SP', 'l2-sp', 'linear probe', 'mean + probe', 'pre-trained'].map(armNamed)).toEqual(['none', 'none', 'l2-sp', 'l2-sp', 'probe', null, null]);
  });

  it('stands apart from the cuts on which minima are aligned', () => {
    expect(cutNames([...lines, ...own])).toEqual({ between: ['plain → low-rank'], basins: [`${BASIN}random direction`] });
    expect(basinCsv(own)).toHaveLength(1 + 4 * 41);
    expect(basinPicture([], true)).toBeNull();
  });
});

describe('the direction test', () => {
  const at = (mean: number, half: number) => ({ mean, ci95: [mean - half, mean + half] as [number, number], seeds: 4 });
  const test: DirectionTest = {
    from: 'mean + probe', radii: [1, 2],
    kinds: [{ kind: 'covariance', directions: 4, train: [at(0.01, 0.01), at(0.02, 0.01)], test: [at(0, 0.02), at(0.01, 0.02)] }, { kind: 'random', directions: 4, train: [at(0.2, 0.1), at(0.9, 0.1)], test: [at(0.3, 0.1), at(1, 9)] }],
    difference: { train: { ...at(-0.9, 0.1), p: 0.001, holm: 0.002, verdict: 'better' }, test: { ...at(-1, 9), p: 0.7, holm: 0.7, verdict: 'no detectable difference' } },
  };

  it('shows every mean, and bands until they flatten the means', () => {
    const domain = riseDomain(test);
    expect(domain.low).toBeLessThan(0);
    expect(domain.high).toBeGreaterThan(1);
    expect(domain).toMatchObject({ clipped: true });
    expect(domain.high).toBeLessThan(2);
  });

  it('saves a row a kind, loss and norm', () => {
    const rows = directionCsv(test);
    expect(rows).toHaveLength(1 + 2 * 2 * 2);
    expect(rows[1]).toEqual(['mean + probe', 'covariance', 4, 1, 'train', 0.01, 0, 0.02, 4]);
  });
});
