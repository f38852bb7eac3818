import { describe, expect, it } from 'vitest';
import { linspace } from '../../measure/plane.ts';
import { bandEdges, BANDS, lossColour, lossDomain } from './colour.ts';
import { contourPaths, refined } from './contours.ts';
import { bilinear, type Field, fieldMinimum, filled, missingRuns } from './field.ts';
import { overlap, placeLabels } from './labels.ts';

const bowl = (at: { a: number; b: number }, n = 21): Field => {
  const [a, b] = [linspace(-2, 3, n), linspace(-1, 1, n)];
  return { a, b, values: b.flatMap((y) => a.map((x) => 0.5 + 2 * (x - at.a) ** 2 + (x - at.a) * (y - at.b) + 3 * (y - at.b) ** 2)) };
};

describe('a field', () => {
  it('is read between cells', () => {
    const field: Field = { a: [0, 1, 2], b: [10, 20], values: [0, 1, 2, 10, 11, NaN] };
    expect(bilinear(field, 0.5, 15)).toBe(5.5);
    expect(bilinear(field, 0, 20)).toBe(10);
    expect(bilinear(field, 1.5, 12)).toBeNaN();
    expect(bilinear(field, -0.1, 10)).toBeNaN();
  });

  it('has its minimum refined to that of a quadratic', () => {
    const least = fieldMinimum(bowl({ a: 0.613, b: 0.271 }))!;
    expect(least.atBoundary).toBe(false);
    expect(least.refined.a).toBeCloseTo(0.613, 9);
    expect(least.refined.b).toBeCloseTo(0.271, 9);
    expect(least.refined.value).toBeCloseTo(0.5, 9);
    expect(least.grid.value).toBeGreaterThan(0.5);
    expect(fieldMinimum(bowl({ a: 9, b: 0 }))).toMatchObject({ atBoundary: true, grid: { a: 3 } });
    expect(fieldMinimum({ a: [0, 1], b: [0, 1], values: [NaN, NaN, NaN, NaN] })).toBeNull();
  });

  it('keeps what is known and fills what is not from its neighbours', () => {
    const whole = bowl({ a: 0, b: 0 });
    const holes = { ...whole, values: whole.values.map((value, k) => (k % 3 === 0 ? value : NaN)) };
    const full = filled(holes)!;
    full.forEach((value, k) => (k % 3 === 0 ? expect(value).toBe(whole.values[k]) : expect(Number.isFinite(value)).toBe(true)));
    expect(Math.max(...full)).toBeLessThanOrEqual(Math.max(...whole.values));
    expect(filled({ ...whole, values: whole.values.map(() => NaN) })).toBeNull();
    expect(missingRuns({ a: [0, 1, 2], values: [NaN, NaN, 1, 1, NaN, NaN] })).toEqual([[0, 0, 1], [1, 1, 2]]);
  });
});

describe('contours', () => {
  it('of a round bowl are circles around its minimum', () => {
    const axis = linspace(-1, 1, 41);
    const values = axis.flatMap((y) => axis.map((x) => -(x * x + y * y)));
    const [path] = contourPaths(values, 41, 41, [-0.25], { width: 200, height: 200 });
    const numbers = path!.match(/-?[\d.]+/g)!.map(Number);
    const radii = Array.from({ length: numbers.length / 2 }, (_, i) => Math.hypot(numbers[2 * i]! - 100, numbers[2 * i + 1]! - 100));
    for (const r of radii) expect(Math.abs(r - 50)).toBeLessThan(0.7);
    expect(path!.match(/M/g)).toHaveLength(1);
  });

  it('of a coarse field follow a refined one that is exact for parabolas', () => {
    const f = (x: number, y: number) => 2 * x * x - x * y + 3 * y - 1;
    const fine = refined([0, 1, 2, 3].flatMap((y) => [0, 1, 2, 3, 4].map((x) => f(x, y))), 5, 4);
    fine.forEach((value, k) => expect(value).toBeCloseTo(f((k % 9) / 2, Math.floor(k / 9) / 2), 12));
  });

  it('put large b at the top', () => {
    const values = [0, 0, 0, 1, 1, 1, 2, 2, 2];
    const [path] = contourPaths(values, 3, 3, [1.5], { width: 100, height: 100 });
    const ys = path!.match(/-?[\d.]+/g)!.map(Number).filter((_, i) => i % 2 === 1);
    expect(Math.max(...ys)).toBeLessThan(30);
  });
});

describe('colours', () => {
  it('clip at a quantile and say so', () => {
    const values = [...Array.from({ length: 99 }, (_, i) => i), 1e6];
    const domain = lossDomain([values])!;
    expect(domain).toMatchObject({ low: 0, clipped: true });
    expect(domain.high).toBeLessThan(99);
    expect(lossDomain([[NaN]])).toBeNull();
    const edges = bandEdges(domain);
    expect([edges[0], edges[BANDS - 1]]).toEqual([domain.low, domain.high]);
    for (let k = 2; k < BANDS; k++) expect(edges[k]! - edges[k - 1]!).toBeGreaterThan(edges[k - 1]! - edges[k - 2]!);
  });

  it('darken evenly with the loss', () => {
    expect([lossColour(0), lossColour(1)]).toEqual(['#fde725', '#440154']);
    const brightness = Array.from({ length: 21 }, (_, i) => lossColour(i / 20)).map((hex) => [0.3, 0.59, 0.11].reduce((sum, weight, k) => sum + weight * parseInt(hex.slice(1 + 2 * k, 3 + 2 * k), 16), 0));
    for (let i = 1; i < brightness.length; i++) expect(brightness[i]!).toBeLessThan(brightness[i - 1]!);
  });
});

describe('labels', () => {
  it('of crowded points do not cover each other and stay inside', () => {
    const size = { width: 300, height: 200 };
    const placed = placeLabels([{ x: 290, y: 100, text: 'pre-trained' }, { x: 284, y: 106, text: 'plain' }, { x: 280, y: 96, text: 'low-rank' }, { x: 288, y: 110, text: 'min 1.02' }], size);
    const boxes = placed.map(({ text, at }) => {
      const width = 6.3 * text.length;
      const left = at.anchor === 'start' ? at.x : at.anchor === 'end' ? at.x - width : at.x - width / 2;
      return { left, right: left + width, top: at.y - 6, bottom: at.y + 6 };
    });
    boxes.forEach((box, i) => {
      expect(box.right).toBeLessThanOrEqual(size.width);
      for (const other of boxes.slice(i + 1)) expect(overlap(box, other)).toBe(0);
    });
  });
});
