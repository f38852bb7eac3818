import { describe, expect, it } from 'vitest';
import { alignment, minimum, valueAt } from './alignment.ts';
import { linspace } from './plane.ts';

const t = linspace(-5, 15, 101);
const bowl = (centre: number, depth = 0, curvature = 1) => t.map((x) => depth + curvature * (x - centre) ** 2);

describe('minimisers', () => {
  it('of a parabola are exact between the points', () => {
    const found = minimum(t, bowl(3.333, 0.7, 2))!;
    expect(found.t).toBeCloseTo(3.333, 9);
    expect(found.value).toBeCloseTo(0.7, 9);
    expect(found.atBoundary).toBe(false);
  });

  it('at the end of the line say so', () => {
    expect(minimum(t, bowl(-8))).toEqual({ t: -5, value: 9, atBoundary: true });
    expect(minimum(t, bowl(20))!.atBoundary).toBe(true);
  });

  it('pass over points that are not finite', () => {
    const y = bowl(2);
    y[0] = NaN;
    y[100] = Infinity;
    expect(minimum(t, y)!.t).toBeCloseTo(2, 9);
    expect(minimum([0, 1], [NaN, NaN])).toBeNull();
  });

  it('values between points follow the parabola', () => {
    expect(valueAt(t, bowl(2, 1), 7.77)).toBeCloseTo(1 + 5.77 ** 2, 9);
    expect(valueAt(t, bowl(2, 1), 15)).toBeCloseTo(170, 9);
  });
});

describe('alignment', () => {
  it('is the distance and its price', () => {
    const found = alignment(t, bowl(1, 0, 3), bowl(4.5, 0.2, 0.5))!;
    expect(found.gap).toBeCloseTo(3.5, 9);
    expect(found.testCost).toBeCloseTo(0.5 * 3.5 ** 2, 9);
    expect(found.atBoundary).toBe(false);
  });

  it('costs nothing when the two agree', () => {
    expect(alignment(t, bowl(4.5), bowl(4.5))).toEqual({ gap: 0, testCost: 0, atBoundary: false });
  });

  it('flags either end', () => {
    expect(alignment(t, bowl(-9), bowl(4))!.atBoundary).toBe(true);
    expect(alignment(t, bowl(4), bowl(-9))!.atBoundary).toBe(true);
    expect(alignment(t, t.map(() => NaN), bowl(0))).toBeNull();
  });
});
