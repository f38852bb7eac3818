import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { augmentInto, bakeInto, DEFAULT_AUGMENTATION, pixelsInto, sampleAffine, warpInto } from './augment.ts';
import type { Augmentation, Dataset } from './dataset.ts';
import { smallDataset } from './testing.ts';

const STILL: Augmentation = { rotation: 0, scale: [1, 1], shift: 0, shear: 0 };

function random(height: number, width: number, channels: number, rows = 3): Dataset {
  const stream = new Stream(7, 'glyph');
  const images = Uint8Array.from({ length: rows * height * width * channels }, () => stream.integer(256));
  return smallDataset(images, Array.from({ length: rows }, (_, i) => i), { height, width, channels });
}

/** The definition, pixel by pixel, with zero outside. */
function reference(data: Dataset, row: number, affine: Float64Array): number[] {
  const { height, width, channels, images } = data;
  const at = (x: number, y: number, c: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : images[((row * height + y) * width + x) * channels + c]! / 255;
  const out: number[] = [];
  for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) for (let c = 0; c < channels; c++) {
    const u = i - (width - 1) / 2;
    const v = j - (height - 1) / 2;
    const x = affine[0]! * u + affine[1]! * v + affine[2]! + (width - 1) / 2;
    const y = affine[3]! * u + affine[4]! * v + affine[5]! + (height - 1) / 2;
    let sum = 0;
    for (const xi of [Math.floor(x), Math.floor(x) + 1]) for (const yi of [Math.floor(y), Math.floor(y) + 1]) {
      sum += Math.max(0, 1 - Math.abs(x - xi)) * Math.max(0, 1 - Math.abs(y - yi)) * at(xi, yi, c);
    }
    out.push(sum);
  }
  return out;
}

describe('augmentInto', () => {
  it('without any range is the image itself, at the row and offset asked for', () => {
    const data = random(5, 7, 2);
    const plain = new Float32Array(70);
    const out = new Float32Array(70 + 3).fill(9);
    pixelsInto(data, 1, plain, 0);
    augmentInto(data, 1, out, 3, STILL, new Stream(1, 'augment'));
    expect([...out.slice(0, 3)]).toEqual([9, 9, 9]);
    for (let i = 0; i < 70; i++) expect(out[3 + i]).toBeCloseTo(plain[i]!, 6);
    expect(plain[0]).toBeCloseTo(data.images[70]! / 255, 6);
  });

  it.each([[5, 7, 1], [6, 6, 3], [1, 1, 1], [28, 28, 1]])('agrees with the definition on %i × %i × %i', (height, width, channels) => {
    const data = random(height, width, channels);
    const out = new Float32Array(height * width * channels);
    const stream = new Stream(3, 'augment');
    for (let trial = 0; trial < 20; trial++) {
      const affine = sampleAffine({ rotation: 180, scale: [0.5, 2], shift: 4, shear: 0.5 }, stream);
      warpInto(data, 2, out, 0, affine);
      reference(data, 2, affine).forEach((value, i) => expect(out[i]).toBeCloseTo(value, 5));
    }
  });

  it('moves ink by whole pixels to the right and down for a positive shift, zero coming in', () => {
    const data = smallDataset(Uint8Array.from([255, 0, 0, 0, 0, 0, 0, 0, 0]), [0], { height: 3, width: 3, channels: 1 });
    const out = new Float32Array(9);
    warpInto(data, 0, out, 0, Float64Array.of(1, 0, -1, 0, 1, -2));
    expect([...out]).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0]);
  });

  it('reads float images as they are', () => {
    const data = smallDataset(Float32Array.from([0.25, 0.5, 0.75, 1]), [0], { height: 2, width: 2, channels: 1 });
    const out = new Float32Array(4);
    augmentInto(data, 0, out, 0, STILL, new Stream(1, 'augment'));
    expect([...out]).toEqual([0.25, 0.5, 0.75, 1]);
  });
});

describe('sampleAffine', () => {
  it('inverts R(rotation)·K(shear)·scale and the shift', () => {
    for (let trial = 0; trial < 50; trial++) {
      const [m00, m01, ox, m10, m11, oy] = sampleAffine(DEFAULT_AUGMENTATION, new Stream(5, 'augment', trial)) as unknown as number[];
      const twin = new Stream(5, 'augment', trial);
      const angle = (twin.between(-15, 15) * Math.PI) / 180;
      const scale = twin.between(0.8, 1.1);
      const shear = twin.between(-0.2, 0.2);
      const dx = twin.between(-3, 3);
      const dy = twin.between(-3, 3);
      // Forward image of (2, −1), then back.
      const kx = scale * (2 + shear * -1);
      const ky = scale * -1;
      const x = Math.cos(angle) * kx - Math.sin(angle) * ky + dx;
      const y = Math.sin(angle) * kx + Math.cos(angle) * ky + dy;
      expect(m00! * x + m01! * y + ox!).toBeCloseTo(2, 10);
      expect(m10! * x + m11! * y + oy!).toBeCloseTo(-1, 10);
    }
  });

  it('always takes five draws, so that rows stay aligned in a shared stream', () => {
    const stream = new Stream(1, 'augment');
    sampleAffine(STILL, stream);
    const twin = new Stream(1, 'augment');
    for (let i = 0; i < 5; i++) twin.uint32();
    expect(stream.uint32()).toBe(twin.uint32());
  });
});

describe('bakeInto', () => {
  it('clips and rounds, and undoes pixelsInto', () => {
    const data = random(4, 4, 1, 1);
    const pixels = new Float32Array(16);
    pixelsInto(data, 0, pixels, 0);
    const back = new Uint8Array(16);
    bakeInto(pixels, back, 0);
    expect([...back]).toEqual([...data.images]);
    bakeInto(Float32Array.of(-1, 2), back, 3);
    expect([...back.slice(3, 5)]).toEqual([0, 255]);
  });
});
