import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { type Corruption, CORRUPTION_WORDS, CORRUPTIONS, corruptInto, SEVERITIES, type Severity } from './corrupt.ts';
import { damaged, smallDataset } from './testing.ts';

const shape = { height: 28, width: 28, channels: 1 };

/** A ring and a bar: a glyph of sorts, the same in every channel but for its brightness. */
function glyph({ height, width, channels }: typeof shape): Float32Array {
  return Float32Array.from({ length: height * width * channels }, (_, i) => {
    const p = Math.floor(i / channels);
    const x = (p % width) / width - 0.5;
    const y = Math.floor(p / width) / height - 0.45;
    const ink = Math.abs(Math.hypot(x, y) - 0.26) < 0.06 || (Math.abs(x - 0.1) < 0.05 && y > 0) ? 1 : 0;
    return ink * (1 - 0.2 * (i % channels));
  });
}

function corrupted(family: Corruption, severity: Severity, row = 0, of = shape): Float32Array {
  const pixels = glyph(of);
  corruptInto(pixels, of, family, severity, new Stream(3, 'shift', 1, row));
  return pixels;
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0) / a.length);
}

describe.each(CORRUPTIONS)('%s', (family) => {
  it('moves images further from the clean ones with every severity', () => {
    const clean = glyph(shape);
    const means = SEVERITIES.map((severity) => {
      const rows = Array.from({ length: 60 }, (_, row) => distance(corrupted(family, severity, row), clean));
      return rows.reduce((sum, x) => sum + x, 0) / rows.length;
    });
    expect(means[0]!).toBeGreaterThan(0.01);
    for (let i = 1; i < means.length; i++) expect(means[i]!).toBeGreaterThan(means[i - 1]!);
  });

  it('stays in [0, 1], is the same for the same stream, and leaves inputs of other sizes and channels whole', () => {
    for (const of of [shape, { height: 9, width: 14, channels: 3 }]) for (const severity of SEVERITIES) {
      const image = corrupted(family, severity, 5, of);
      expect(image.every((x) => x >= 0 && x <= 1)).toBe(true);
      expect(corrupted(family, severity, 5, of)).toEqual(image);
      expect(image).not.toEqual(glyph(of));
    }
  });

  it('treats the channels alike but for noise and the ink of clutter', () => {
    const of = { height: 28, width: 28, channels: 3 };
    const grey = Float32Array.from({ length: 28 * 28 * 3 }, (_, i) => glyph(shape)[Math.floor(i / 3)]!);
    corruptInto(grey, of, family, 3, new Stream(3, 'shift', 1, 8));
    const alike = grey.every((x, i) => x === grey[i - (i % 3)]);
    expect(alike).toBe(family !== 'noise' && family !== 'clutter');
  });

  it('has words', () => {
    expect(CORRUPTION_WORDS[family].sentence).toMatch(/^[A-Z].*\.$/);
  });
});

describe('what severities mean', () => {
  it('noise at 3 has the σ of the downstream shift at severity 1', () => {
    const pixels = new Float32Array(40_000).fill(0.5);
    corruptInto(pixels, { height: 200, width: 200, channels: 1 }, 'noise', 1, new Stream(1, 'shift'));
    expect(Math.sqrt(pixels.reduce((sum, x) => sum + (x - 0.5) ** 2, 0) / pixels.length)).toBeCloseTo(0.1, 2);
  });

  it('inversion turns severity/5 of the image, all of it at 5', () => {
    for (const severity of SEVERITIES) {
      const pixels = new Float32Array(784);
      corruptInto(pixels, shape, 'inversion', severity, new Stream(2, 'shift'));
      expect(pixels.reduce((sum, x) => sum + x, 0) / 784).toBeCloseTo(severity / 5, 2);
    }
  });

  it('blur keeps the mean brightness and rotation the shape of a disc', () => {
    const clean = glyph(shape);
    const sum = (pixels: Float32Array): number => pixels.reduce((a, x) => a + x, 0);
    expect(sum(corrupted('blur', 2)) / sum(clean)).toBeCloseTo(1, 2);
    const disc = Float32Array.from({ length: 784 }, (_, p) => (Math.hypot((p % 28) - 13.5, Math.floor(p / 28) - 13.5) < 9 ? 1 : 0));
    const turned = disc.slice();
    corruptInto(turned, shape, 'rotation', 5, new Stream(1, 'shift'));
    expect(distance(turned, disc)).toBeLessThan(0.15);
  });
});

describe('corruptRows', () => {
  const images = new Uint8Array(6 * 784);
  for (let row = 0; row < 6; row++) images.set(glyph(shape).map((x) => x * (100 + 20 * row)), row * 784);
  const data = smallDataset(images, [0, 1, 2, 0, 1, 2], shape);

  const OCCLUSION = { family: 'occlusion', severity: 3 } as const;

  it('corrupts a row in the same way beside any others', () => {
    const some = damaged(data, [4, 1], OCCLUSION, 7);
    const one = damaged(data, [1], OCCLUSION, 7);
    expect(some.images.subarray(784)).toEqual(one.images);
    expect(some.images.subarray(0, 784)).not.toEqual(one.images);
    expect(damaged(data, [1], OCCLUSION, 8).images).not.toEqual(one.images);
  });
});
