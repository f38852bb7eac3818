import { expect, it } from 'vitest';
import { upsampleTaps } from './upsample.ts';

it('lies between inputs as PyTorch says: interpolate([1, 4, -2], 5 outputs, bilinear, align_corners=False)', () => {
  const values = [1, 4, -2];
  const { low, high, share } = upsampleTaps(3, 5);
  const out = Array.from(share, (t, i) => (1 - t) * values[low[i]!]! + t * values[high[i]!]!);
  [1, 2.2, 4, 0.4, -2].forEach((value, i) => expect(out[i]).toBeCloseTo(value, 12));
});

it('keeps a constant, and what has the same size', () => {
  expect([...upsampleTaps(4, 4).share]).toEqual([0, 0, 0, 0]);
  expect([...upsampleTaps(4, 4).low]).toEqual([0, 1, 2, 3]);
  expect(Math.max(...upsampleTaps(1, 7).high)).toBe(0);
});
