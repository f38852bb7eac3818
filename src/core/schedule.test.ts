import { describe, expect, it } from 'vitest';
import { learningRate } from './schedule.ts';

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
});
