import { describe, expect, it } from 'vitest';
import { sampleSteps } from './cyclical.ts';

describe('samples of a cyclical chain', () => {
  const schedule = { start: 0.5, end: 0, steps: 400, cycles: 4 };

  it('lie evenly in the noisy part of each cycle and end it', () => {
    expect(sampleSteps(schedule, 0.8, 4)).toEqual([85, 90, 95, 100, 185, 190, 195, 200, 285, 290, 295, 300, 385, 390, 395, 400]);
    expect(sampleSteps(schedule, 0.5, 1)).toEqual([100, 200, 300, 400]);
    expect(sampleSteps({ ...schedule, cycles: 1 }, 0.25, 3)).toEqual([200, 300, 400]);
  });

  it('of cycles that do not divide the steps are never more than the noisy steps there are', () => {
    // Cycles of 34, 34 and 32 steps.
    expect(sampleSteps({ ...schedule, steps: 100, cycles: 3 }, 0.5, 2)).toEqual([26, 34, 60, 68, 93, 100]);
    // Cycles of 3, 3, 3 and 1 steps, half of each noisy.
    expect(sampleSteps({ ...schedule, steps: 10, cycles: 4 }, 0.5, 5)).toEqual([3, 6, 9]);
    expect(sampleSteps({ ...schedule, steps: 10, cycles: 4 }, 0, 5)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(sampleSteps({ ...schedule, steps: 0 }, 0, 5)).toEqual([]);
  });

  it('refuse numbers that mean nothing', () => {
    expect(() => sampleSteps(schedule, 1, 1)).toThrow(/\[0, 1\)/);
    expect(() => sampleSteps(schedule, 0, 0)).toThrow(/positive whole number/);
  });
});
