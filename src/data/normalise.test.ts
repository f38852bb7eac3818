import { describe, expect, it } from 'vitest';
import { measureNormalisation } from './normalise.ts';
import { smallDataset } from './testing.ts';

const shape = { height: 1, width: 2, channels: 1 };

describe('measureNormalisation', () => {
  it('is the mean and standard deviation of the pixels, of all rows or of some', () => {
    const data = smallDataset(Uint8Array.of(0, 255, 0, 51, 255, 255), [0, 1, 1], shape);
    const all = measureNormalisation(data);
    expect(all.mean).toBeCloseTo(3.2 / 6, 10);
    expect(all.std).toBeCloseTo(Math.sqrt(3.04 / 6 - (3.2 / 6) ** 2), 10);
    const some = measureNormalisation(data, [1]);
    expect(some.mean).toBeCloseTo(0.1, 10);
    expect(some.std).toBeCloseTo(0.1, 10);
  });

  it('takes float images as they are and names what cannot be used', () => {
    expect(measureNormalisation(smallDataset(Float32Array.of(1, 3), [0], shape)).mean).toBe(2);
    expect(() => measureNormalisation(smallDataset(Float32Array.of(1, NaN), [0], shape))).toThrow(/not finite/);
    expect(() => measureNormalisation(smallDataset(Uint8Array.of(7, 7), [0], shape))).toThrow(/same value/);
    expect(() => measureNormalisation(smallDataset(Uint8Array.of(7, 7), [0], shape), [])).toThrow(/no images/);
  });
});
