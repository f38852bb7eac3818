import { describe, expect, it } from 'vitest';
import type { Metrics } from '../../measure/metrics.ts';
import type { Arm } from '../../prior/prior.ts';
import { armResult, chooseRun, compareArms, summariseArms } from './choose.ts';
import type { ArmResult, Run } from '../result.ts';

const metrics = (nll: number, accuracy = 0.5): Metrics => ({ accuracy, nll, ece: 0.1, brier: 0.7 });
const run = (nll: number, divergedAt: number | null = null): Run => ({
  arm: 'l2-sp', n: 20, seed: 1, scale: 100, headStrength: 10, learningRate: 0.1, validation: metrics(nll), chosen: false, divergedAt,
});
const result = (arm: Arm, seed: number, nll: number, accuracy = 0.5): ArmResult => ({
  arm, n: 20, seed, scale: null, headStrength: 10, learningRate: 0.1, atEdge: null, train: metrics(1), validation: metrics(1), test: metrics(nll, accuracy), diverged: 0,
});

describe('choosing a run', () => {
  it('takes the lowest validation NLL among those named', () => {
    const runs = [run(2), run(1.5), run(0.1), run(1.7)];
    expect(chooseRun(runs, [0, 1, 3])).toBe(1);
  });

  it('passes over what diverged or has no finite NLL, and says when nothing is left', () => {
    expect(chooseRun([run(0.1, 7), run(NaN), run(3)], [0, 1, 2])).toBe(2);
    expect(chooseRun([run(0.1, 7), run(NaN)], [0, 1])).toBe(-1);
  });

  it('counts the runs that diverged', () => {
    const all = [run(2), run(0.1, 3), run(0.2, 4)];
    expect(armResult(all, { run: all[0]!, atEdge: 'low', train: metrics(1), test: metrics(3) })).toMatchObject({ diverged: 2, atEdge: 'low', scale: 100, test: { nll: 3 } });
    expect(armResult(all.slice(1), null)).toMatchObject({ diverged: 2, scale: null, test: { nll: NaN } });
  });
});

describe('comparing arms', () => {
  // Seeds differ far more than arms do: only a paired comparison can see a difference of 0.1.
  const seeds = [1, 2, 3, 4, 5, 6];
  const base = [1, 3, 2, 5, 4, 1.5];
  const results = [
    ...seeds.map((seed, i) => result('none', seed, base[i]! + 0.02 * (i % 2), 0.4)),
    ...seeds.map((seed, i) => result('l2-sp', seed, base[i]! + 0.1 + 0.01 * (i % 3), 0.5)),
    ...seeds.map((seed, i) => result('low-rank', seed, base[i]!, 0.5)),
  ];

  it('pairs by seed', () => {
    const found = compareArms(results).find(({ arm, versus, metric }) => arm === 'low-rank' && versus === 'l2-sp' && metric === 'nll')!;
    expect(found.mean).toBeCloseTo(-0.11, 10);
    expect(found.verdict).toBe('better');
    // By hand: differences −.10, −.11, −.12 twice each; sd = .0089443, t(.975, 5) = 2.5706, half = .0093865.
    expect(found.ci95![1] - found.ci95![0]).toBeCloseTo(2 * 0.0093865, 6);
    const order = [...results].reverse();
    expect(compareArms(order).find(({ arm, versus, metric }) => arm === 'low-rank' && versus === 'l2-sp' && metric === 'nll')!.mean).toBeCloseTo(-0.11, 10);
  });

  it('knows that higher accuracy is better and that equal arms do not differ', () => {
    const accuracy = compareArms(results).filter((one) => one.metric === 'accuracy');
    expect(accuracy.find(({ arm, versus }) => arm === 'l2-sp' && versus === 'none')!.verdict).toBe('better');
    expect(accuracy.find(({ arm, versus }) => arm === 'none' && versus === 'l2-sp')!.verdict).toBe('worse');
    expect(accuracy.find(({ arm, versus }) => arm === 'low-rank' && versus === 'l2-sp')!.verdict).toBe('no detectable difference');
  });

  it('leaves out a seed that diverged and gives no verdict below five pairs', () => {
    const holes = results.map((one) => (one.arm === 'low-rank' && one.seed <= 2 ? { ...one, test: metrics(NaN, NaN) } : one));
    const found = compareArms(holes).find(({ arm, versus, metric }) => arm === 'low-rank' && versus === 'l2-sp' && metric === 'nll')!;
    expect(found).toMatchObject({ seeds: 4, verdict: 'too few seeds' });
    expect(summariseArms(holes).find(({ arm, metric }) => arm === 'low-rank' && metric === 'nll')).toMatchObject({ seeds: 4, mean: (2 + 5 + 4 + 1.5) / 4 });
  });

  it('never compares an arm with itself, nor with one that did not take part', () => {
    const pairs = compareArms(results).map(({ arm, versus }) => `${arm} ${versus}`);
    expect(new Set(pairs)).toEqual(new Set(['none l2-sp', 'l2-sp none', 'low-rank none', 'low-rank l2-sp']));
    expect(compareArms(results.filter((one) => one.arm !== 'l2-sp')).every((one) => one.versus === 'none')).toBe(true);
  });
});
