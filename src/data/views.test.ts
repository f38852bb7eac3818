/** How views are distributed, each change by itself, and the order in which they are made. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { mean, standardDeviation } from '../core/statistics.ts';
import { pixelsInto, sampleAffine } from './augment.ts';
import { smallDataset } from './testing.ts';
import { AT, sampleView, VIEW_NUMBERS, viewInto, type Views } from './views.ts';

const NONE: Views = { affine: null, crop: 1, flip: false, jitter: 0, blur: 0, noise: 0, cutout: 0 };
const SIZE = { height: 20, width: 30, channels: 2 };
const stream = new Stream(3, 'sampler');
const dataset = smallDataset(Uint8Array.from({ length: 20 * 30 * 2 }, () => stream.integer(256)), [0], SIZE);

const drawn = (views: Partial<Views>, i: number, seed = 1): Float64Array => sampleView({ ...NONE, ...views }, SIZE, new Stream(seed, 'view', 0, i), new Float64Array(VIEW_NUMBERS));
const many = (views: Partial<Views>): Float64Array[] => Array.from({ length: 2000 }, (_, i) => drawn(views, i));
function seen(numbers: Float64Array, of = dataset): Float32Array {
  const out = new Float32Array(of.height * of.width * of.channels + 1).fill(7);
  viewInto(of, 0, out, 1, numbers);
  expect(out[0]).toBe(7);
  return out.slice(1);
}

describe('drawing', () => {
  it('is a function of its stream, and no strength moves what another draws', () => {
    const all: Partial<Views> = { crop: 0.3, flip: true, jitter: 0.5, blur: 1, noise: 0.3, cutout: 0.5, affine: { rotation: 20, scale: [0.8, 1.2], shift: 2, shear: 0.2 } };
    expect(drawn(all, 4)).toEqual(drawn(all, 4));
    for (const other of [drawn(all, 5), drawn(all, 4, 2)]) expect(other).not.toEqual(drawn(all, 4));
    const without = drawn({ ...all, noise: 0 }, 4);
    expect(without.map((x, j) => (j === AT.amplitude ? 0 : x))).toEqual(drawn(all, 4).map((x, j) => (j === AT.amplitude ? 0 : x)));
  });

  it('crops inside the image, of areas and sides as asked, mirrored half of the time', () => {
    const views = many({ crop: 0.3, flip: true });
    for (const [m00, m01, ox, m10, m11, oy] of views.map((numbers) => [...numbers] as [number, number, number, number, number, number])) {
      const [w, h] = [Math.abs(m00), m11];
      expect([m01 === 0, m10 === 0]).toEqual([true, true]);
      expect(w * h).toBeGreaterThan(0.29);
      expect(Math.abs(ox)).toBeLessThanOrEqual(((1 - w) * 30) / 2 + 1e-9);
      expect(Math.abs(oy)).toBeLessThanOrEqual(((1 - h) * 20) / 2 + 1e-9);
      if (w < 1 && h < 1) expect(Math.abs(Math.log(w / h))).toBeLessThanOrEqual(Math.log(4 / 3) + 1e-9);
    }
    expect(mean(views.map(([m]) => (m! < 0 ? 1 : 0)))).toBeCloseTo(0.5, 1);
    expect(mean(views.map(([m, , , , n]) => Math.abs(m!) * n!))).toBeCloseTo(0.65, 1);
    expect(many({ crop: 0.3 }).every(([m]) => m! > 0)).toBe(true);
  });

  it('changes colours, blurs, adds noise and cuts as far as asked, the last three in half of the views', () => {
    const views = many({ jitter: 0.4, blur: 1, noise: 0.2, cutout: 0.5 });
    const share = (at: number): number => mean(views.map((numbers) => (numbers[at]! > 0 ? 1 : 0)));
    for (const at of [AT.blur, AT.amplitude]) expect(Math.abs(share(at) - 0.5)).toBeLessThan(0.04);
    for (const numbers of views) {
      for (let c = 0; c < 3; c++) {
        expect(numbers[AT.gains + c]).toBeGreaterThan(0.6 * 0.8);
        expect(numbers[AT.gains + c]).toBeLessThan(1.4 * 1.2);
      }
      expect(Math.abs(numbers[AT.lift]!)).toBeLessThan(0.2);
      expect(numbers[AT.blur]).toBeLessThan(Math.exp(-0.5) / (1 + 2 * Math.exp(-0.5)) + 1e-12);
      expect(numbers[AT.amplitude]).toBeLessThan(0.2 * Math.sqrt(6));
      const [x0, y0, x1, y1] = numbers.subarray(AT.square);
      expect(x1! - x0!).toBeCloseTo(y1! - y0!, 9);
      expect([x0! >= 0, y0! >= 0, x1! <= 30, y1! <= 20, x1! - x0! <= 10]).toEqual([true, true, true, true, true]);
      expect(Number.isInteger(numbers[AT.key]) && numbers[AT.key]! < 2 ** 24).toBe(true);
    }
  });

  it('crops the turned image', () => {
    const affine = { rotation: 25, scale: [0.7, 1.2] as [number, number], shift: 3, shear: 0.3 };
    const numbers = drawn({ crop: 0.4, flip: true, affine }, 6);
    const crop = drawn({ crop: 0.4, flip: true }, 6);
    // The affine's numbers come last of all: draw the view's own first.
    const own = new Stream(1, 'view', 0, 6);
    sampleView({ ...NONE, crop: 0.4, flip: true }, SIZE, own, new Float64Array(VIEW_NUMBERS));
    const [a, b, c, d, e, f] = sampleAffine(affine, own) as unknown as [number, number, number, number, number, number];
    const [x, y] = [4, -7];
    const [cx, cy] = [crop[0]! * x + crop[2]!, crop[4]! * y + crop[5]!];
    expect(numbers[0]! * x + numbers[1]! * y + numbers[2]!).toBeCloseTo(a * cx + b * cy + c, 9);
    expect(numbers[3]! * x + numbers[4]! * y + numbers[5]!).toBeCloseTo(d * cx + e * cy + f, 9);
  });
});

describe('a view', () => {
  const identity = drawn({}, 0);
  const withNumbers = (change: Record<number, number>): Float64Array => identity.map((x, j) => change[j] ?? x);
  const plain = new Float32Array(1200);
  pixelsInto(dataset, 0, plain, 0);

  it('of no strength is the image', () => {
    seen(identity).forEach((value, i) => expect(value).toBeCloseTo(plain[i]!, 6));
  });

  it('blurs by [a, 1 − 2a, a] both ways, and leaves an even image alone', () => {
    const point = smallDataset(new Float32Array(25).map((_, i) => (i === 12 ? 1 : 0)), [0], { height: 5, width: 5, channels: 1 });
    const a = 0.2;
    const out = seen(withNumbers({ [AT.blur]: a }), point);
    const line = [0, a, 1 - 2 * a, a, 0];
    out.forEach((value, i) => expect(value).toBeCloseTo(line[i % 5]! * line[Math.floor(i / 5)]!, 6));
    const even = smallDataset(new Float32Array(25).fill(0.3), [0], { height: 5, width: 5, channels: 1 });
    seen(withNumbers({ [AT.blur]: a }), even).forEach((value) => expect(value).toBeCloseTo(0.3, 6));
  });

  it('has gains by channel about the middle grey', () => {
    const out = seen(withNumbers({ [AT.gains]: 0.5, [AT.gains + 1]: 2, [AT.lift]: 0.1 }));
    out.forEach((value, i) => expect(value).toBeCloseTo((i % 2 === 0 ? 0.5 : 2) * (plain[i]! - 0.5) + 0.6, 5));
  });

  it('has noise of the deviation that was drawn, other noise under another key', () => {
    const noise = (key: number) => seen(withNumbers({ [AT.amplitude]: 0.1 * Math.sqrt(6), [AT.key]: key })).map((value, i) => value - plain[i]!);
    expect(standardDeviation(noise(9))).toBeCloseTo(0.1, 2);
    expect(Math.abs(mean(noise(9)))).toBeLessThan(0.01);
    expect(noise(9)).not.toEqual(noise(10));
  });

  it('is black inside the square and nowhere else', () => {
    const out = seen(withNumbers({ [AT.square]: 3.5, [AT.square + 1]: 2, [AT.square + 2]: 8, [AT.square + 3]: 6.2 }));
    out.forEach((value, i) => {
      const [x, y] = [Math.floor(i / 2) % 30, Math.floor(i / 60)];
      const inside = x >= 4 && x < 8 && y >= 2 && y <= 6;
      expect(value, `${x}, ${y}`).toBeCloseTo(inside ? 0 : plain[i]!, 6);
    });
  });
});
