import { describe, expect, it } from 'vitest';
import { fixed, plusMinus, reading, scientific, settingText, signedFixed, tickText, within } from './format.ts';

describe('numbers in charts', () => {
  it('have a true minus and no signed zero', () => {
    expect(fixed(-1.25, 1)).toBe('−1.3');
    expect(fixed(-0.0004, 3)).toBe('0.000');
    expect(signedFixed(-0.0004, 3)).toBe('0.000');
    expect(signedFixed(0.0321, 3)).toBe('+0.032');
    expect(fixed(NaN, 2)).toBe('–');
  });

  it('carry half the interval', () => {
    expect(plusMinus({ mean: 1.6571, ci95: [1.6271, 1.6871], seeds: 5 }, 3)).toBe('1.657 ± 0.030');
    expect(plusMinus({ mean: -0.5, ci95: null, seeds: 1 }, 2)).toBe('−0.50');
  });

  it('write large and small settings as powers of ten', () => {
    expect(settingText(3000)).toBe('3000');
    expect(settingText(300000)).toBe('3×10⁵');
    expect(settingText(0.003)).toBe('0.003');
    expect(scientific(1e-4, 1)).toBe('10⁻⁴');
    expect(scientific(-2.5e6, 1)).toBe('−2.5×10⁶');
    expect(tickText(-0.05)).toBe('−0.05');
  });

  it('show as many digits as tell values apart', () => {
    expect(reading(2.3026)).toBe('2.30');
    expect(within(2.30254, 0.0003)).toBe('2.30254');
    expect(within(2.30254, 3)).toBe('2.30');
  });
});
