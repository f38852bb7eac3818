import { describe, expect, it } from 'vitest';
import { cyclePosition, learningRate } from './schedule.ts';

describe('learning rate', () => {
  const schedule = { start: 0.1, end: 0.02, steps: 100 };
  it('is half a cosine, then constant', () => {
    expect(learningRate(schedule, 0)).toBe(0.1);
    expect(learningRate(schedule, 50)).toBeCloseTo(0.06, 12);
    expect(learningRate(schedule, 25)).toBeCloseTo(0.02 + 0.04 * (1 + Math.SQRT1_2), 12);
    expect(learningRate(schedule, 100)).toBe(0.02);
    expect(learningRate(schedule, 1e6)).toBe(0.02);
  });
  it('is at its end at once when there are no steps', () => {
    expect(learningRate({ ...schedule, steps: 0 }, 0)).toBe(0.02);
  });
  it('with one cycle is what it is without any', () => {
    for (let k = 0; k < 120; k++) expect(learningRate({ ...schedule, cycles: 1 }, k)).toBe(learningRate(schedule, k));
  });

  // n steps in M cycles, also where M does not divide n and where the last cycle has no step left.
  it.each([[200, 4], [100, 3], [6, 4], [10, 10], [7, 1]])('of %i steps in %i cycles is Zhang et al., eq. 1', (n, m) => {
    const cyclical = { start: 0.5, end: 0, steps: n, cycles: m };
    for (let k = 1; k <= n; k++) {
      // The paper counts from 1.
      const paper = (0.5 / 2) * (Math.cos((Math.PI * ((k - 1) % Math.ceil(n / m))) / Math.ceil(n / m)) + 1);
      expect(learningRate(cyclical, k - 1)).toBeCloseTo(paper, 14);
      expect(cyclePosition(cyclical, k - 1)).toBeCloseTo(((k - 1) % Math.ceil(n / m)) / Math.ceil(n / m), 14);
    }
    expect(learningRate(cyclical, n)).toBe(0);
  });

  it('ends every cycle at the same number other than 0', () => {
    const cyclical = { start: 1, end: 0.2, steps: 2000, cycles: 2 };
    expect(learningRate(cyclical, 999)).toBeCloseTo(0.2, 5);
    expect(learningRate(cyclical, 1000)).toBe(1);
    expect(learningRate(cyclical, 2000)).toBe(0.2);
  });
});

describe('place in the cycle', () => {
  it('begins at 0 with each cycle, stays below 1, and is the end of one after the last step', () => {
    const schedule = { start: 1, end: 0, steps: 12, cycles: 3 };
    expect(Array.from({ length: 9 }, (_, k) => cyclePosition(schedule, k))).toEqual([0, 0.25, 0.5, 0.75, 0, 0.25, 0.5, 0.75, 0]);
    for (const k of [12, 13, 1e9]) {
      expect(cyclePosition(schedule, k)).toBeGreaterThan(0.999);
      expect(cyclePosition(schedule, k)).toBeLessThan(1);
    }
    expect(cyclePosition({ ...schedule, steps: 0 }, 0)).toBeGreaterThan(0.999);
  });
});
