import { describe, expect, it } from 'vitest';
import { linspace } from '../../measure/plane.ts';
import { bandColour, bandEdges, BANDS, lookup, lossDomain, shareDomain, signedDomain } from './colour.ts';
import { contourPaths, refined } from './contours.ts';
import { quantile } from '../charts/scale.ts';
import { levelSet, pointOn, priorEllipses } from './ellipse.ts';
import { bilinear, type Field, fieldMinimum, filled, missingRuns, sparse } from './field.ts';
import { overlap, placeLabels } from './labels.ts';

const bowl = (at: { a: number; b: number }, n = 21) => {
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
    expect(full).toHaveLength(whole.values.length);
    Array.from(full).forEach((value, k) => (k % 3 === 0 ? expect(value).toBe(whole.values[k]) : expect(Number.isFinite(value)).toBe(true)));
    expect(Math.max(...Array.from(full))).toBeLessThanOrEqual(Math.max(...whole.values));
    expect(filled(whole)).toBe(whole.values);
    expect(filled({ ...whole, values: whole.values.map(() => NaN) })).toBeNull();
    expect(missingRuns({ a: [0, 1, 2], values: [NaN, NaN, 1, 1, NaN, NaN] })).toEqual([[0, 0, 1], [1, 1, 2]]);
  });
});

describe('a veil', () => {
  it('lies evenly over a coarse grid of known cells and not over single gaps', () => {
    const axis = linspace(0, 1, 40);
    const values = axis.flatMap((_, j) => axis.map((_, i) => (i < 20 ? (i === 7 && j === 9 ? NaN : 1) : i % 4 === 0 && j % 4 === 0 ? 1 : NaN)));
    const veil = sparse({ a: axis, b: axis, values });
    for (let j = 0; j < 40; j++) {
      for (let i = 0; i < 16; i++) expect(veil[j * 40 + i]).toBe(0);
      for (let i = 25; i < 40; i++) expect(veil[j * 40 + i]).toBeNaN();
    }
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

  it('of a loss clip at the quantile that sorting gives', () => {
    const values = Float32Array.from({ length: 1234 }, (_, i) => ((i * 7919) % 1234) ** 1.5);
    for (const q of [0.5, 0.75, 0.98]) expect(lossDomain([values], q)!.high).toBeCloseTo(quantile([...values], q), 3);
  });

  it('darken evenly with the loss', () => {
    expect([bandColour('loss', 0), bandColour('loss', BANDS - 1)]).toEqual(['#fde725', '#440154']);
    const light = Array.from({ length: BANDS }, (_, k) => brightness(bandColour('loss', k)));
    for (let k = 1; k < BANDS; k++) expect(light[k]!).toBeLessThan(light[k - 1]!);
  });

  it('of differences are white at zero and equally light on both sides', () => {
    const scale = signedDomain([[-3, 1, NaN, 2]], 1)!;
    expect(scale).toEqual({ kind: 'signed', low: -3, high: 3, clipped: false });
    expect(signedDomain([Array.from({ length: 101 }, (_, i) => i - 100)], 0.9)).toMatchObject({ low: -90, high: 90, clipped: true });
    for (let k = 0; k < BANDS / 2; k++) expect(Math.abs(brightness(bandColour('signed', k)) - brightness(bandColour('signed', BANDS - 1 - k)))).toBeLessThan(30);
    expect(brightness(`#${(lookup(scale)[128]! & 0xffffff).toString(16)}`)).toBeGreaterThan(230);
    expect(bandEdges(scale)[BANDS / 2]).toBe(0);
  });

  it('of shares are bright above', () => {
    const scale = shareDomain([[0.2, 0.7, NaN], [0.9]])!;
    expect(scale).toEqual({ kind: 'share', low: 0.2, high: 0.9, clipped: false });
    expect([bandColour('share', BANDS - 1), bandColour('share', 0)]).toEqual(['#fde725', '#440154']);
    expect(lookup(scale)[255]! >>> 0).toBe(0xff25e7fd);
  });
});

describe('a prior’s ellipse', () => {
  // ½(x − m)ᵀA(x − m) with A = [[3, 1], [1, 0.5]], m = (2, −1), and a constant.
  const coefficients = [1.5, 1, 0.25, -5, -1.5, 7];
  const f = ({ a, b }: { a: number; b: number }) => 1.5 * a * a + a * b + 0.25 * b * b - 5 * a - 1.5 * b;

  it('is where −log p has risen by ½ and by 2', () => {
    const [one, two] = priorEllipses(coefficients) as [NonNullable<ReturnType<typeof levelSet>>, NonNullable<ReturnType<typeof levelSet>>];
    expect([one.label, two.label]).toEqual(['1σ', '2σ']);
    expect(one.centre).toEqual({ a: expect.closeTo(2, 12), b: expect.closeTo(-1, 12) });
    for (let k = 0; k < 16; k++) {
      expect(f(pointOn(one, k)) - f(one.centre)).toBeCloseTo(0.5, 10);
      expect(f(pointOn(two, k)) - f(two.centre)).toBeCloseTo(2, 10);
    }
    const [long, short] = one.axes;
    expect(long.a * short.a + long.b * short.b).toBeCloseTo(0, 12);
    expect(Math.hypot(long.a, long.b)).toBeGreaterThan(Math.hypot(short.a, short.b));
  });

  it('is there for a round and for an upright prior, and not for a flat one', () => {
    expect(levelSet([2, 0, 2, 0, 0, 0], 2, '')!.axes.map(({ a, b }) => Math.hypot(a, b))).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
    expect(levelSet([8, 0, 2, 0, 0, 0], 2, '')!.axes[0]).toEqual({ a: expect.closeTo(0, 12), b: expect.closeTo(1, 12) });
    expect(levelSet([2, 0, 8, 0, 0, 0], 2, '')!.axes[0].b).toBeCloseTo(0, 12);
    expect(levelSet([1, 2, 1, 0, 0, 0], 0.5, '')).toBeNull();
    expect(levelSet([0, 0, 1, 1, 0, 0], 0.5, '')).toBeNull();
  });
});

function brightness(hex: string): number {
  return [0.3, 0.59, 0.11].reduce((sum, weight, k) => sum + weight * parseInt(hex.slice(1 + 2 * k, 3 + 2 * k), 16), 0);
}

describe('labels', () => {
  it('leave a line free', () => {
    const [label] = placeLabels([{ x: 100, y: 100, text: 'min 1.02', moves: true }], { width: 300, height: 200 }, [[[109, 100], [200, 100]]]);
    expect(label!.at.anchor).toBe('end');
  });

  it('that stay do not jump when another moves, and optional ones give way', () => {
    const size = { width: 300, height: 200 };
    const still = [{ x: 60, y: 60, text: 'plain' }, { x: 62, y: 63, text: 'low-rank', optional: true }, ...[58, 61, 64, 67].map((y) => ({ x: y, y, text: 'mean + probe, 3.1 off', optional: true }))];
    const [one, other] = [80, 110].map((x) => placeLabels([...still, { x, y: 60, text: 'min 1.02', moves: true }], size));
    expect(one!.filter(({ moves }) => !moves)).toEqual(other!.filter(({ moves }) => !moves));
    expect(one!.length).toBeLessThan(still.length + 1);
    expect(one!.map(({ text }) => text)).toEqual(expect.arrayContaining(['plain', 'min 1.02']));
  });

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
