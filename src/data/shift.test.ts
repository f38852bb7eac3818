import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { applyShift, SHIFTS, shiftDataset } from './shift.ts';
import { smallDataset } from './testing.ts';
import type { ShiftKind } from './dataset.ts';

const shape = { height: 28, width: 28, channels: 1 };
const grey = (value: number, size = 784): Float32Array => new Float32Array(size).fill(value);
const kinds = Object.keys(SHIFTS) as ShiftKind[];

describe('applyShift', () => {
  it('does nothing for none, and nothing at severity 0', () => {
    for (const kind of kinds) {
      const pixels = grey(0.4);
      applyShift(pixels, shape, kind, kind === 'none' ? 3 : 0, new Stream(1, 'shift'));
      expect(pixels).toEqual(grey(0.4));
    }
  });

  it('stays in [0, 1] and follows the stream for every kind and channel count', () => {
    for (const kind of kinds) for (const channels of [1, 3]) for (const severity of [0.5, 1, 3]) {
      const make = (seed: number): Float32Array => {
        const pixels = Float32Array.from({ length: 784 * channels }, (_, i) => (i % 11) / 10);
        applyShift(pixels, { ...shape, channels }, kind, severity, new Stream(seed, 'shift'));
        return pixels;
      };
      const pixels = make(1);
      expect(pixels.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(make(1)).toEqual(pixels);
      if (kind !== 'none') expect(make(2)).not.toEqual(pixels);
    }
  });

  it('noise has σ = 0.3 × severity before clipping', () => {
    const pixels = grey(0.5, 40000);
    applyShift(pixels, shape, 'noise', 0.4, new Stream(2, 'shift'));
    const mean = pixels.reduce((a, b) => a + b, 0) / pixels.length;
    const variance = pixels.reduce((a, b) => a + (b - mean) ** 2, 0) / pixels.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(Math.sqrt(variance)).toBeCloseTo(0.12, 2);
  });

  it('low contrast maps x to a·x + b with a in [0.3, 0.5]', () => {
    const contrasts: number[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const pixels = Float32Array.of(0, 0.5, 1);
      applyShift(pixels, { height: 1, width: 3, channels: 1 }, 'low-contrast', 1, new Stream(seed, 'shift'));
      contrasts.push(pixels[2]! - pixels[0]!);
      expect(pixels[1]!).toBeCloseTo((pixels[0]! + pixels[2]!) / 2, 5);
    }
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(0.3 - 1e-6);
    expect(Math.max(...contrasts)).toBeLessThanOrEqual(0.5 + 1e-6);
    expect(Math.max(...contrasts) - Math.min(...contrasts)).toBeGreaterThan(0.15);
  });

  it('clutter paints part of the image, more with severity', () => {
    const painted = (severity: number): number => {
      let share = 0;
      for (let seed = 0; seed < 100; seed++) {
        const pixels = grey(0);
        applyShift(pixels, shape, 'clutter', severity, new Stream(seed, 'shift'));
        share += pixels.filter((value) => value > 0).length / 784 / 100;
      }
      return share;
    };
    const one = painted(1);
    expect(one).toBeGreaterThan(0.08);
    expect(one).toBeLessThan(0.4);
    expect(painted(3)).toBeGreaterThan(1.5 * one);
  });
});

describe('shiftDataset', () => {
  const data = smallDataset(new Uint8Array(4 * 784).fill(128), [0, 1, 0, 1], shape);

  it('shifts every row with its own draws and renames the data', async () => {
    const shifted = await shiftDataset(data, 'noise', 1, 3);
    const row = (i: number): string => shifted.images.subarray(i * 784, (i + 1) * 784).join();
    expect(new Set([0, 1, 2, 3].map(row)).size).toBe(4);
    expect(shifted.name).toBe('small + noise');
    expect(shifted.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect([...data.images].every((value) => value === 128)).toBe(true);
    expect((await shiftDataset(data, 'noise', 1, 3)).sha256).toBe(shifted.sha256);
    expect((await shiftDataset(data, 'noise', 1, 4)).sha256).not.toBe(shifted.sha256);
  });

  it('is the same object when there is nothing to do', async () => {
    expect(await shiftDataset(data, 'none', 1, 3)).toBe(data);
  });
});
