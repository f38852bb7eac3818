import { describe, expect, it } from 'vitest';
import { RATIOS } from '../../measure/quadratic.ts';
import { alignmentGaps, BASIN, directionTestOf, type Moved, objectiveOf } from './evidence.ts';
import type { Line, SectionPrior } from '../result.ts';

/** A prior ½n·(t − centre)² nats at its chosen λ of 10 without a floor: one (t − centre)² / 2 an example. */
const pulling = (family: SectionPrior['family'], centre: number, n = 50, rank = 4, strength = 2): SectionPrior => ({
  family, rank, chosenScale: 10, head: [0, 0, 0],
  extractor: RATIOS.map(() => [5 * strength * n, -10 * strength * n * centre, 5 * strength * n * centre ** 2]),
});

/** Train NLL lowest at `train`, test NLL at 2, a prior that pulls to `prior` as strongly as the training loss. */
function line(seed: number, train: number, prior: number, test = 2, more: SectionPrior[] = []): Line {
  const t = Array.from({ length: 41 }, (_, i) => -4 + 0.2 * i + 0.03);
  return {
    cut: 'plain → low-rank', seed, from: 'plain', to: 'low-rank', length: 4, ends: [0, 4], t, n: 50,
    trainNll: t.map((x) => (x - train) ** 2), testNll: t.map((x) => 1 + (x - test) ** 2), priors: [pulling('low-rank', prior), ...more],
  };
}

describe('alignment over seeds', () => {
  it('measures gap, share of the length and test cost with and without the prior', () => {
    // Without: minimiser at −1 and 0; with: halfway between it and the prior's 3.
    const [alone, withPrior] = alignmentGaps([line(1, -1, 3), line(2, 0, 3)], 0);
    expect(alone).toMatchObject({ cut: 'plain → low-rank', prior: null, atBoundary: 0, versusTrain: null });
    expect(alone!.gap.mean).toBeCloseTo((3 + 2) / 2, 8);
    expect(alone!.relative.mean).toBeCloseTo(2.5 / 4, 8);
    expect(alone!.testCost.mean).toBeCloseTo((9 + 4) / 2, 6);
    expect(withPrior!.prior).toBe('low-rank');
    expect(withPrior!.gap.mean).toBeCloseTo((1 + 0.5) / 2, 8);
    expect(withPrior!.gap.seeds).toBe(2);
  });

  it('pairs a gap by seed with that of the training loss alone and of L2-SP', () => {
    // Minima at train alone: s; low-rank: (s + 3)/2; L2-SP: (s + 2)/2. Test at 2.
    const starts = [-1, -0.8, -0.6, -0.4, -0.2];
    const lines = starts.map((start, s) => line(s, start, 3, 2, [pulling('l2-sp', 2)]));
    const gaps = alignmentGaps(lines, 0);
    const of = (prior: string | null) => gaps.find((gap) => gap.prior === prior)!;
    const mean = starts.reduce((sum, x) => sum + x, 0) / 5;
    expect(of('low-rank').versusTrain).toMatchObject({ mean: expect.closeTo((2 - (mean + 3) / 2) - (2 - mean), 8), seeds: 5, verdict: 'better' });
    // 2 − (s + 3)/2 is half a unit less than 2 − (s + 2)/2 on every seed.
    expect(of('low-rank').versusL2sp).toMatchObject({ mean: expect.closeTo(-0.5, 8), verdict: 'better' });
    expect(of('l2-sp').versusL2sp).toBeNull();
    expect(of(null).versusL2sp).toMatchObject({ verdict: 'worse' });
    expect(alignmentGaps(lines.slice(0, 4), 0)[1]!.versusTrain!.verdict).toBe('too few seeds');
    expect(alignmentGaps([line(1, -1, 3)], 0)[1]!.versusL2sp).toBeNull();
  });

  it('pairs only seeds that have both', () => {
    const lines = [0, 1, 2].map((s) => line(s, -1 + 0.1 * s, 3, 2, s === 1 ? [] : [pulling('l2-sp', 2)]));
    expect(alignmentGaps(lines, 0)[1]!.versusL2sp!.seeds).toBe(2);
    const lost = { ...lines[0]!, seed: 9, testNll: lines[0]!.t.map(() => NaN) };
    expect(alignmentGaps([...lines, lost], 0)[1]).toMatchObject({ gap: { seeds: 3 }, versusTrain: { seeds: 3 } });
  });

  it('counts the seeds whose minimum lies on the boundary, and leaves basin plots out', () => {
    expect(alignmentGaps([line(1, -1, 3), line(2, -9, 3)], 0)[0]!.atBoundary).toBe(1);
    expect(alignmentGaps([{ ...line(1, -1, 3), cut: `${BASIN}random direction` }], 0)).toEqual([]);
  });

  it('takes the prior of full rank at its chosen scale', () => {
    const one = line(1, -1, 3, 2, [pulling('low-rank', -50, 50, 1)]);
    const objective = objectiveOf(one, 'low-rank', 0)!;
    one.t.forEach((t, i) => expect(objective[i]).toBeCloseTo((t + 1) ** 2 + (t - 3) ** 2, 8));
    expect(objectiveOf(one, null, 0)).toBe(one.trainNll);
    expect(objectiveOf(one, 'diagonal', 0)).toBeNull();
  });
});

describe('the direction test', () => {
  const radii = [1, 2];
  /** Rise `slope`·r ± an odd part that both signs cancel, plus what differs by seed and direction. */
  const measured = (slope: Record<Moved['kind'], number>, seeds = 5): Moved[] =>
    (['covariance', 'random'] as const).flatMap((kind) => [0, 1, 2].flatMap((direction) => Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) =>
      radii.flatMap((r, radius) => ([1, -1] as const).map((sign): Moved => {
        const rise = slope[kind] * r + 0.01 * direction + (kind === 'random' ? 0.02 * seed : 0);
        return { kind, seed, direction, radius, sign, train: 5 + seed + rise + 7 * sign, test: 9 + 2 * rise - 3 * sign };
      })))));
  const base = (seeds = 5) => ({ train: Array.from({ length: seeds }, (_, s) => 5 + s), test: new Array<number>(seeds).fill(9) });

  it('averages signs and seeds, and has its interval over directions', () => {
    const test = directionTestOf({ from: 'mean + probe', radii, base: base(), moved: measured({ covariance: 0.1, random: 0.5 }) })!;
    const [covariance, random] = test.kinds;
    expect(covariance).toMatchObject({ kind: 'covariance', directions: 3 });
    expect(covariance!.train.map((one) => one.mean)).toEqual([expect.closeTo(0.11, 9), expect.closeTo(0.21, 9)]);
    expect(covariance!.test[1]!.mean).toBeCloseTo(0.42, 9);
    // Directions 0, 0.01, 0.02: sd 0.01, t(0.975, 2) = 4.303.
    expect(covariance!.train[0]!.ci95![1] - 0.11).toBeCloseTo((4.3027 * 0.01) / Math.sqrt(3), 5);
    expect(covariance!.train[0]!.seeds).toBe(3);
    expect(random!.train[1]!.mean).toBeCloseTo(1 + 0.01 + 0.04, 9);
    // Paired by seed at the largest radius: 0.2 − 1 − 0.02 s.
    expect(test.difference.train).toMatchObject({ mean: expect.closeTo(-0.84, 9), seeds: 5, verdict: 'better' });
    expect(test.difference.test.mean).toBeCloseTo(-1.68, 9);
  });

  it('says when random directions cost less, and when nothing can be said', () => {
    expect(directionTestOf({ from: '', radii, base: base(), moved: measured({ covariance: 0.9, random: 0.5 }) })!.difference.test.verdict).toBe('worse');
    expect(directionTestOf({ from: '', radii, base: base(), moved: measured({ covariance: 0.52, random: 0.5 }) })!.difference.test.verdict).toBe('no detectable difference');
    expect(directionTestOf({ from: '', radii, base: base(2), moved: measured({ covariance: 0.1, random: 0.5 }, 2) })!.difference.test.verdict).toBe('too few seeds');
    expect(directionTestOf({ from: '', radii, base: base(), moved: measured({ covariance: 0.1, random: 0.5 }).filter((one) => one.kind === 'random') })).toBeNull();
  });

  it('leaves a place that is not finite out with its opposite', () => {
    const moved = measured({ covariance: 0.1, random: 0.5 }).map((one) => (one.kind === 'covariance' && one.direction === 2 && one.radius === 1 && one.sign === 1 ? { ...one, train: NaN } : one));
    const { kinds } = directionTestOf({ from: '', radii, base: base(), moved })!;
    expect(kinds[0]!.train[1]).toMatchObject({ seeds: 2, mean: expect.closeTo(0.205, 9) });
    expect(kinds[0]!.test[1]!.seeds).toBe(3);
  });
});
