import { describe, expect, it } from 'vitest';
import { Stream } from '../../core/philox.ts';
import type { RawImage } from './contract.ts';
import { contentOf, fitInto, type Fit } from './fit.ts';

const raw = (pixels: RawImage['pixels'], height: number, width: number, channels: number): RawImage => ({ pixels, height, width, channels, label: 0, part: null });
const fitted = (image: RawImage, fit: Fit): number[] => {
  const out = new Uint8Array(fit.height * fit.width * fit.channels);
  fitInto(image, fit, out, 0);
  return [...out];
};
const noise = (seed: number, count: number) => {
  const stream = new Stream(seed, 'draw');
  return Uint8Array.from({ length: count }, () => stream.integer(256));
};

describe('fitting an image', () => {
  it('leaves an image of the right size as it is', () => {
    const pixels = noise(1, 5 * 7 * 3);
    for (const fit of ['fit', 'crop', 'stretch'] as const) expect(fitted(raw(pixels, 5, 7, 3), { height: 5, width: 7, fit, channels: 3 })).toEqual([...pixels]);
  });

  it('averages areas when shrinking: whole blocks, and parts of pixels', () => {
    const pixels = noise(2, 6 * 6);
    const block = (y: number, x: number) => Math.round([0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => pixels[(3 * y + i) * 6 + 3 * x + j]!)).reduce((a, b) => a + b) / 9);
    expect(fitted(raw(pixels, 6, 6, 1), { height: 2, width: 2, fit: 'stretch', channels: 1 })).toEqual([block(0, 0), block(0, 1), block(1, 0), block(1, 1)]);
    // 3 → 2: (1·a + ½·b) / 1.5
    expect(fitted(raw(Uint8Array.of(0, 90, 240), 1, 3, 1), { height: 1, width: 2, fit: 'stretch', channels: 1 })).toEqual([30, 190]);
  });

  it('keeps the mean of any image that shrinks', () => {
    const pixels = noise(3, 37 * 53);
    const mean = pixels.reduce((a, b) => a + b) / pixels.length;
    const out = fitted(raw(pixels, 37, 53, 1), { height: 8, width: 11, fit: 'stretch', channels: 1 });
    expect(out.reduce((a, b) => a + b) / out.length).toBeCloseTo(mean, 0);
  });

  it('interpolates between centres when growing', () => {
    expect(fitted(raw(Uint8Array.of(0, 100), 1, 2, 1), { height: 1, width: 4, fit: 'stretch', channels: 1 })).toEqual([0, 25, 75, 100]);
    expect(fitted(raw(Uint8Array.of(80), 1, 1, 1), { height: 2, width: 2, fit: 'stretch', channels: 1 })).toEqual([80, 80, 80, 80]);
  });

  it('fits with borders of the mean edge colour, crops the middle', () => {
    const wide = raw(Uint8Array.of(10, 20, 30, 40, 10, 20, 30, 40), 2, 4, 1);
    expect(fitted(wide, { height: 4, width: 4, fit: 'fit', channels: 1 })).toEqual([25, 25, 25, 25, 10, 20, 30, 40, 10, 20, 30, 40, 25, 25, 25, 25]);
    expect(fitted(wide, { height: 2, width: 2, fit: 'crop', channels: 1 })).toEqual([20, 30, 20, 30]);
    expect(fitted(wide, { height: 2, width: 2, fit: 'stretch', channels: 1 })).toEqual([15, 35, 15, 35]);
  });

  it('makes grey by luma, lays alpha over white, scales floats', () => {
    expect(fitted(raw(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255), 1, 3, 3), { height: 1, width: 3, fit: 'fit', channels: 1 })).toEqual([76, 150, 29]);
    expect(fitted(raw(Uint8Array.of(0, 0, 0, 0, 100, 0, 0, 51), 1, 2, 4), { height: 1, width: 2, fit: 'fit', channels: 3 })).toEqual([255, 255, 255, 224, 204, 204]);
    expect(fitted(raw(Uint8Array.of(100, 255, 100, 0), 1, 2, 2), { height: 1, width: 2, fit: 'fit', channels: 1 })).toEqual([100, 255]);
    expect(fitted(raw(Float32Array.of(0, 0.5, 1), 1, 3, 1), { height: 1, width: 3, fit: 'fit', channels: 3 })).toEqual([0, 0, 0, 128, 128, 128, 255, 255, 255]);
  });

  it('does every pair of sizes without leaving [0, 255]', () => {
    for (let h = 1; h < 9; h++) for (let w = 1; w < 9; w++) for (const side of [1, 2, 5, 8]) {
      for (const fit of ['fit', 'crop', 'stretch'] as const) {
        const out = fitted(raw(new Uint8Array(h * w).fill(200), h, w, 1), { height: side, width: 9 - side, fit, channels: 1 });
        expect(out.every((value) => value === 200), `${h} × ${w} → ${side} × ${9 - side}, ${fit}`).toBe(true);
      }
    }
  });

  it('tells grey, colour and alpha apart', () => {
    expect(contentOf(raw(Uint8Array.of(5, 5, 5, 255), 1, 1, 4))).toBe('grey');
    expect(contentOf(raw(Uint8Array.of(5, 6, 5, 255), 1, 1, 4))).toBe('colour');
    expect(contentOf(raw(Uint8Array.of(5, 5, 5, 254), 1, 1, 4))).toBe('alpha');
    expect(contentOf(raw(Float32Array.of(0.5), 1, 1, 1))).toBe('grey');
  });
});
