import { describe, expect, it } from 'vitest';
import type { RacePoint } from '../../experiment/result.ts';
import { type Arm, ARMS } from '../../prior/prior.ts';
import { raceCsv, raceDomain, raceRows } from './race.ts';
import { chanceLevel, lossCeiling, snapshotTicks, sourceRows } from './source.ts';

const point = (step: number, values: Partial<Record<Arm, number[]>>): RacePoint => ({
  step, arms: ARMS.flatMap((arm) => (values[arm] ? [{ arm, validationNll: values[arm], trainNll: values[arm].map((x) => x / 2) }] : [])),
});

describe('the race', () => {
  it('shows means with t intervals and leaves diverged seeds out', () => {
    const [row] = raceRows([point(0, { none: [1, 2, 3], probe: [1, NaN, 3], scratch: [NaN, NaN, NaN] })], 'validationNll');
    expect(row!.arms.none!.mean).toBe(2);
    // t_{.975, 2} = 4.3027, sd 1, n 3.
    expect(row!.arms.none!.ci95![1]).toBeCloseTo(2 + 4.30265 / Math.sqrt(3), 4);
    expect(row!.arms.probe).toMatchObject({ mean: 2, seeds: 2, dropped: 1 });
    expect(row!.arms.scratch).toBeUndefined();
    expect(raceRows([point(0, { none: [4] })], 'trainNll')[0]!.arms.none!.mean).toBe(2);
  });

  it('is not flattened by an arm that explodes', () => {
    const rows = raceRows([point(0, { none: [2.3], probe: [2.3], scratch: [2.3] }), point(10, { none: [1.6], probe: [1.5], scratch: [50] })], 'validationNll');
    const domain = raceDomain(rows, ['none', 'probe', 'scratch']);
    expect(domain.clipped).toEqual(['scratch']);
    expect(domain.high).toBeGreaterThanOrEqual(2.3);
    expect(domain.high).toBeLessThan(3);
    expect(domain.low).toBeLessThanOrEqual(1.5);
    const wide = raceRows([point(0, { none: [1, 2], probe: [1.5, 1.6] })], 'validationNll');
    expect(raceDomain(wide, ['none', 'probe']).bandsClipped).toBe(true);
    expect(raceDomain(wide, ['probe']).bandsClipped).toBe(true);
    expect(raceDomain(rows, ['none', 'probe']).clipped).toEqual([]);
    expect(raceDomain([], ['none'])).toEqual({ low: 0, high: 1, clipped: [], bandsClipped: false });
  });

  it('saves a row a step, arm and seed', () => {
    expect(raceCsv([point(5, { none: [1, 2] })])).toEqual([['step', 'arm', 'seed_index', 'validation_nll', 'train_nll'], [5, 'none', 0, 1, 0.5], [5, 'none', 1, 2, 1]]);
  });
});

describe('the source curve', () => {
  const at = (step: number, snapshots: number, nll = 1) => ({ step, nll, accuracy: 0.5, learningRate: 0.1, snapshots });

  it('spreads snapshots over the steps in which they were taken', () => {
    expect(snapshotTicks([at(10, 0), at(20, 2), at(30, 3)])).toEqual([15, 20, 30]);
  });

  it('keeps its ceiling while the loss falls', () => {
    expect(lossCeiling([at(1, 0, 3.26)], null)).toBe(3.5);
    expect(lossCeiling([at(1, 0, 3.26), at(2, 0, 0.4), at(3, 0, NaN)], null)).toBe(3.5);
    expect(lossCeiling([], null)).toBe(1);
  });

  it('has the loss of chance in sight where two views are told from all others, and no share where there is none', () => {
    const points = [{ ...at(2, 0, 3), views: 64 }];
    const level = chanceLevel(points, 'simclr');
    expect(level).toBeCloseTo(Math.log(63), 12);
    expect(lossCeiling(points, level)).toBe(4.5);
    expect([chanceLevel(points, 'vicreg'), chanceLevel([at(1, 0)], 'supervised')]).toEqual([null, null]);
    expect(sourceRows(points, 'simclr')[0]).toEqual(['step', 'nt_xent', 'partner_nearest', 'learning_rate', 'snapshots']);
    expect(sourceRows(points, 'vicreg')).toEqual([['step', 'vicreg', 'learning_rate', 'snapshots'], [2, 3, 0.1, 0]]);
  });
});
