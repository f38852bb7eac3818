import { describe, expect, it } from 'vitest';
import type { Comparison } from '../result.ts';
import { detectable, detectableTo, questionsIn } from './power.ts';

const one = (arm: Comparison['arm'], versus: Comparison['versus'], half: number, more: Partial<Comparison> = {}): Comparison => ({
  arm, versus, n: 100, metric: 'nll', mean: 0, ci95: [-half, half], seeds: 5, p: 1, holm: 1, verdict: 'no detectable difference', ...more,
});

describe('what a comparison could have seen', () => {
  it('follows from the half width: at 5 seeds 1.682 standard deviations, of which the half width is 1.2416', () => {
    expect(detectable({ mean: 0, ci95: [-1.24166, 1.24166], seeds: 5 }, 1)).toBeCloseTo(1.682, 3);
    expect(detectable({ mean: 3, ci95: [3 - 1.24166, 3 + 1.24166], seeds: 5 }, 13)).toBeCloseTo(3.378, 3);
    expect(detectable({ mean: 0, ci95: [-1, 1], seeds: 4 }, 1)).toBeNaN();
  });

  it('is told of one rival at the level that all differences of the table leave', () => {
    const few = one('probe', 'l2-sp', 9, { seeds: 4, holm: null, verdict: 'too few seeds' });
    const table = [one('none', 'l2-sp', 1), one('l2-sp', 'none', 1), one('low-rank', 'l2-sp', 0.5), one('low-rank', 'none', 0.7), few];
    expect(questionsIn(table)).toBe(3);
    const found = detectableTo('l2-sp', table)!;
    expect(found).toMatchObject({ seeds: 5, tests: 3 });
    expect(found.low).toBeCloseTo(found.high / 2, 9);
    expect(found.high).toBeCloseTo(detectable({ mean: 0, ci95: [-1, 1], seeds: 5 }, 3), 12);
    expect(detectableTo('l2-sp', [few])).toBeNull();
  });
});
