import { describe, expect, it } from 'vitest';
import { bandEdges, bandPixel, BANDS, fixedDomain } from './colour.ts';
import { cubicAt, drawField } from './raster.ts';

const WIDTH = 240;
const HEIGHT = 160;

function drawn(values: ArrayLike<number>, columns: number, rows: number, scale = fixedDomain('loss', { low: 0, high: 4 })): Uint32Array {
  const pixels = new Uint32Array(WIDTH * HEIGHT);
  drawField(values, columns, rows, scale, pixels, WIDTH, HEIGHT);
  return pixels;
}

const grid = (columns: number, rows: number, f: (x: number, y: number) => number) => Array.from({ length: columns * rows }, (_, k) => f((k % columns) / (columns - 1), Math.floor(k / columns) / (rows - 1)));

describe('a drawn field', () => {
  it('has every band where the values say, exactly for a parabola', () => {
    const f = (x: number, y: number) => 4 * (x - 0.4) ** 2 + 3 * (y - 0.3) ** 2 + x * y;
    const scale = fixedDomain('loss', { low: 0, high: 4 });
    const pixels = drawn(grid(9, 7, f), 9, 7, scale);
    const edges = bandEdges(scale);
    let sure = 0;
    pixels.forEach((pixel, k) => {
      const [x, y] = [((k % WIDTH) + 0.5) / WIDTH, 1 - (Math.floor(k / WIDTH) + 0.5) / HEIGHT];
      const band = edges.findLastIndex((edge) => f(x, y) >= edge);
      // Whoever has an edge within two pixels may be mixed with a line.
      const near = [-2, 0, 2].flatMap((dx) => [-2, 0, 2].map((dy) => edges.findLastIndex((edge) => f(x + dx / WIDTH, y + dy / HEIGHT) >= edge)));
      if (near.some((other) => other !== band)) return;
      sure++;
      expect(pixel).toBe(bandPixel('loss', Math.max(0, band)) >>> 0);
    });
    expect(sure).toBeGreaterThan(0.4 * pixels.length);
  });

  it('has large b at the top and lighter lines between bands', () => {
    const pixels = drawn(grid(12, 12, (_, y) => 4.5 * y * y), 12, 12);
    expect(pixels[0]).toBe(bandPixel('loss', BANDS - 1) >>> 0);
    expect(pixels[(HEIGHT - 1) * WIDTH]).toBe(bandPixel('loss', 0) >>> 0);
    const column = Array.from({ length: HEIGHT }, (_, y) => pixels[y * WIDTH]!);
    const flat = new Set(Array.from({ length: BANDS }, (_, k) => bandPixel('loss', k) >>> 0));
    expect(column.filter((pixel) => !flat.has(pixel)).length).toBeGreaterThanOrEqual(BANDS - 2);
  });

  it('is transparent where a value is missing, opaque elsewhere, and survives values beyond any scale', () => {
    const values = grid(20, 20, (x) => x);
    values[10 * 20 + 10] = NaN;
    const pixels = drawn(values, 20, 20);
    const clear = pixels.filter((pixel) => pixel === 0).length;
    expect(clear).toBeGreaterThan(0);
    expect(clear).toBeLessThan(0.06 * pixels.length);
    expect(pixels.every((pixel) => pixel === 0 || pixel >>> 24 === 255)).toBe(true);
    const wild = drawn(grid(20, 20, (x) => 1e30 * x), 20, 20);
    expect(wild[WIDTH - 1]).toBe(bandPixel('loss', BANDS - 1) >>> 0);
    const low = drawn(grid(20, 20, () => -1e30), 20, 20, fixedDomain('signed', { low: -1, high: 1 }));
    expect(new Set(low)).toEqual(new Set([bandPixel('signed', 0) >>> 0]));
  });

  it('takes weights that give a parabola back everywhere, past the ends too', () => {
    const f = (x: number) => 2 * x * x - 3 * x + 1;
    const weights = new Float32Array(8);
    for (const place of [-0.3, 0, 0.4, 1, 2.5, 4.7, 5, 5.2]) {
      const first = cubicAt(place, 6, weights, 4);
      const value = [0, 1, 2, 3].reduce((sum, k) => sum + weights[4 + k]! * f(first + k), 0);
      expect(value).toBeCloseTo(f(place), 4);
    }
  });

  it('of two or three points a side is a bilinear one', () => {
    const pixels = drawn([0, 4, 0, 4], 2, 2, fixedDomain('share', { low: 0, high: 4 }));
    expect([pixels[0], pixels[WIDTH - 1]]).toEqual([bandPixel('share', 0) >>> 0, bandPixel('share', BANDS - 1) >>> 0]);
  });
});
