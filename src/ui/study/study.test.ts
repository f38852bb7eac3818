import { describe, expect, it } from 'vitest';
import { defaults, parseConfig } from '../../experiment/config/config.ts';
import type { CurvePoint } from '../../experiment/study/study-result.ts';
import { studyCurvesRows, studyRunsCsv } from '../../storage/study-exports.ts';
import type { Study } from '../../experiment/study/study-result.ts';
import { curveDomain, pointsOf } from './domain.ts';
import { studySize } from './size.ts';

const point = (arm: CurvePoint['arm'], value: number, mean: number, seeds = 2): CurvePoint => ({ value, arm, metric: 'nll', mean, ci95: [mean - 0.1, mean + 0.1], seeds, bySeed: [{ seed: 1, value: mean }, { seed: 2, value: null }] });
const curves = [point('none', 10, 2), point('none', 30, 1.5), point('l2-sp', 10, 1.2), point('l2-sp', 30, NaN, 0), point('scratch', 10, 40), point('scratch', 30, 30)];

describe('the picture of a study', () => {
  it('is not stretched by an arm that explodes, and leaves out what did not survive', () => {
    const points = pointsOf({ curves }, 'nll');
    expect(points.get('l2-sp')).toHaveLength(1);
    const domain = curveDomain(points, ['none', 'l2-sp', 'scratch']);
    expect(domain.high).toBeLessThan(3);
    expect(domain.clipped).toEqual(['scratch']);
    expect(pointsOf({ curves }, 'ece').size).toBe(0);
  });

  it('saves one value a column', () => {
    const study = { axis: { key: 'downstream.n', label: 'n', unit: null }, curves, comparisons: [], cells: [] } as unknown as Study;
    const [header, ...lines] = studyCurvesRows(study);
    expect(lines).toHaveLength(6);
    for (const line of lines) expect(line).toHaveLength(header!.length);
    expect(studyRunsCsv(study).split('\r\n')[0]).toMatch(/^downstream\.n,seed,arm,n,scale/);
  });

  it('saves what pixels were measured by', () => {
    const measured = { accuracy: 0.9, nll: 0.3, ece: 0.1, brier: NaN, meanIoU: 0.625 };
    const run = { arm: 'none', n: 10, seed: 1, scale: null, headStrength: 1, learningRate: 0.1, validation: measured, chosen: true, divergedAt: null };
    const study = { axis: { key: 'downstream.n', label: 'n', unit: null }, cells: [{ value: 10, seed: 1, ended: 0, arms: [{ arm: 'none', test: { ...measured, meanIoU: 0.5 } }], runs: [run] }] } as unknown as Study;
    expect(studyRunsCsv(study)).toMatch(/validation_meanIoU,.*test_meanIoU,.*test_ece\r\n10,1,none,10,,1,0\.1,true,,0\.625,0\.9,0\.3,0\.1,0\.5,0\.9,0\.3,0\.1\r\n$/);
  });
});

describe('the size of a study', () => {
  it('counts every training run, and its time from that of the last run', () => {
    const { config } = parseConfig({ preset: 'quick', 'study.values': [10, 100] });
    expect(studySize(config, null)).toEqual({ words: '2 values × 5 seeds × 8 arms: 240 training runs', seconds: null });
    const result = { config: defaults('quick'), timings: { downstream: 60, total: 100 } } as Parameters<typeof studySize>[1];
    const { seconds } = studySize(config, result);
    // As long again at n = 100, and less at n = 10, where a batch has ten examples; the count of images is by batches, so at most as long.
    expect(seconds).toBeGreaterThan(60);
    expect(seconds).toBeLessThanOrEqual(120);
  });
});
