import { describe, expect, it } from 'vitest';
import type { ArmResult, Comparison } from '../../experiment/result.ts';
import { compareArms, summariseArms } from '../../experiment/comparison/choose.ts';
import { forestDomain, whisker } from './forest.ts';
import { tunedOf, verdictCsv, verdictRows } from './rows.ts';

const metrics = (nll: number) => ({ accuracy: 0.8, nll, ece: 0.1, brier: 0.3 });
const result = (arm: ArmResult['arm'], seed: number, nll: number, more: Partial<ArmResult> = {}): ArmResult => ({
  arm, n: 100, seed, scale: arm === 'none' ? null : 300, headStrength: 10, learningRate: 0.1, atEdge: null,
  train: metrics(nll), validation: metrics(nll), test: metrics(nll), diverged: 0, ...more,
});
const difference = (mean: number, half: number): Comparison => ({ arm: 'diagonal', versus: 'l2-sp', n: 100, metric: 'nll', mean, ci95: [mean - half, mean + half], seeds: 5, p: 0.01, holm: 0.01, verdict: 'better' });

describe('verdict rows', () => {
  const arms = [1, 2, 3].flatMap((seed) => [
    result('low-rank', seed, 1 + 0.01 * seed, { scale: [30, 300, 3000][seed - 1]!, atEdge: seed === 3 ? 'high' : null }),
    result('none', seed, 1.2 + 0.02 * seed, { learningRate: 0.01 }),
    result('l2-sp', seed, seed === 2 ? NaN : 1.1, { diverged: seed === 2 ? 3 : 0 }),
  ]);
  const rows = verdictRows(arms, summariseArms(arms), compareArms(arms));

  it('stand in the order of the arms with tuned values over seeds', () => {
    expect(rows.map((row) => row.arm)).toEqual(['none', 'l2-sp', 'low-rank']);
    expect(rows[2]).toMatchObject({ knob: 'λ', tuned: { median: 300, low: 30, high: 3000 }, atEdge: { low: 0, high: 1 } });
    expect(rows[0]).toMatchObject({ knob: 'learning rate', tuned: { median: 0.01 }, toPlain: null });
  });

  it('pair differences by seed and count what was lost', () => {
    expect(rows[2]!.toPlain!.mean).toBeCloseTo(-0.22, 12);
    expect(rows[2]!.toL2sp).toMatchObject({ seeds: 2, verdict: 'too few seeds' });
    expect(rows[1]).toMatchObject({ diverged: 3, lostSeeds: 1, toL2sp: null });
  });

  it('save with one value a column', () => {
    const [header, ...lines] = verdictCsv(rows);
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toHaveLength(header!.length);
    expect(lines[2]![header!.indexOf('delta_nll_to_plain')]).toBeCloseTo(-0.22, 12);
  });

  it('take a median that was tried', () => {
    expect(tunedOf([1000, 30, 300, 100])).toEqual({ median: 100, low: 30, high: 1000 });
    expect(tunedOf([NaN])).toBeNull();
  });
});

describe('the forest plot', () => {
  it('has zero inside and is not stretched by one far arm', () => {
    const domain = forestDomain([difference(-0.05, 0.02), difference(-0.04, 0.01), difference(3, 1)]);
    expect(domain.low).toBeLessThan(-0.07);
    expect(domain.high).toBeGreaterThan(0);
    expect(domain.high).toBeLessThan(0.05);
    const none = forestDomain([difference(0, 0)]);
    expect(none.low).toBeLessThan(0);
    expect(none.high).toBeGreaterThan(0);
    expect(whisker(difference(3, 1), domain)).toMatchObject({ mean: null, cut: { low: false, high: true } });
    expect(whisker(difference(-0.05, 0.02), domain)).toMatchObject({ mean: -0.05, cut: { low: false, high: false } });
    expect(whisker(difference(NaN, 1), domain)).toBeNull();
  });

  it('stands without any difference', () => {
    expect(forestDomain([])).toEqual({ low: -1, high: 1 });
  });
});
