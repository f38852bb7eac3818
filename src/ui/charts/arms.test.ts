import { describe, expect, it } from 'vitest';
import { ARMS } from '../../prior/prior.ts';
import { ARM_STYLE, markerPath } from './arms.ts';

/** WCAG 2 contrast of two hex colours. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k]!, 0);
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

describe('an arm', () => {
  it('has a marker, a dash and a colour of its own', () => {
    const styles = ARMS.map((arm) => ARM_STYLE[arm]);
    for (const key of ['label', 'marker', 'dash', 'colour'] as const) expect(new Set(styles.map((style) => style[key])).size, key).toBe(ARMS.length);
    expect(new Set(styles.map((style) => markerPath(style.marker, 4))).size).toBe(ARMS.length);
  });

  it.each(ARMS)('%s is seen on light and on dark pages', (arm) => {
    expect(contrast(ARM_STYLE[arm].hex.light, '#ffffff')).toBeGreaterThanOrEqual(3);
    expect(contrast(ARM_STYLE[arm].hex.dark, '#242424')).toBeGreaterThanOrEqual(3);
  });
});
