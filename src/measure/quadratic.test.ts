import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { prepare, proximal } from '../core/lowrank.ts';
import { Stream } from '../core/philox.ts';
import { type Frame, planeThrough, rayThrough } from './plane.ts';
import { coefficientsAt, type PriorSection, PriorSections, RATIOS } from './quadratic.ts';

const D = 700;
const H = 8;
const stream = new Stream(5, 'plane', 9);
const normals = (size: number, sd = 1): Float32Array => Float32Array.from({ length: size }, () => sd * stream.normal());
const [origin, first, second] = [normals(D + H), normals(D + H), normals(D + H)];
const frame = planeThrough(origin, first, second, 0);
const ray = rayThrough(first, second)!;
const SCALES = [1, 7, 300, 1e4, 1e7];
const FLOORS = [0, 1e-9, 1e-6, 1e-4, 1e-2, 0.1, 1];

/** Variances spread over 1e-8 … 1e-2, or two values only; a factor whose first row carries most of the trace. */
function gaussian(rank: number, variances: 'spread' | 'two' = 'spread'): Gaussian {
  const variance = Float32Array.from({ length: D }, (_, j) => (variances === 'two' ? (j % 3 === 0 ? 1e-6 : 3e-4) : 10 ** stream.between(-8, -2)));
  const factor = Float32Array.from({ length: rank * D }, (_, i) => (i < D ? 0.1 : 0.01) * stream.normal());
  return { mean: normals(D), variance, factor, rank };
}

/** −log p up to what does not depend on theta, straight from the density. */
function direct(prior: Gaussian, kappa: number, scale: number, floor: number): (theta: ArrayLike<number>) => number {
  const prepared = prepare({ gaussian: prior, scale, floor });
  return (theta) => {
    const r = Float64Array.from(prior.mean, (m, j) => theta[j]! - m);
    let h = 0;
    for (let j = D; j < D + H; j++) h += theta[j]! ** 2;
    return prepared.innerProduct(r, r) / 2 + (kappa / 2) * h;
  };
}

const valueOn = ([aa, ab, bb, a1, b1, one]: number[], a: number, b: number): number => aa! * a * a + ab! * a * b + bb! * b * b + a1! * a + b1! * b + one!;
const place = ({ origin: o, u, v }: Frame, a: number, b: number): Float64Array => Float64Array.from(o, (x, j) => x + a * u[j]! + b * v[j]!);

/** Worst relative error over scales, floors and places. */
function worstOnPlane(prior: Gaussian, section: PriorSection, on: Frame, kappa: number): number {
  let worst = 0;
  for (const scale of SCALES) {
    for (const floor of FLOORS) {
      const value = direct(prior, kappa, scale, floor);
      const coefficients = coefficientsAt(section, scale, floor);
      for (const [a, b] of [[0, 0], [3, -2], [-27, 25], [0.4, 31]] as const) {
        const expected = value(place(on, a, b));
        worst = Math.max(worst, Math.abs(valueOn(coefficients, a, b) - expected) / expected);
      }
    }
  }
  return worst;
}

describe('prior terms in closed form', () => {
  for (const rank of [0, 1, 5, 20]) {
    it(`agree with the density on a plane for every λ and ε, rank ${rank}`, () => {
      const prior = gaussian(rank);
      expect(worstOnPlane(prior, new PriorSections(prior).onPlane(frame, 10), frame, 10)).toBeLessThan(1e-5);
    });
  }

  it('agree where two distinct variances make the nodes', () => {
    const prior = gaussian(5, 'two');
    expect(worstOnPlane(prior, new PriorSections(prior).onPlane(frame, 0), frame, 0)).toBeLessThan(1e-5);
  });

  it('agree along the direction in which the factor takes away nearly everything', () => {
    const prior = gaussian(5);
    const towards = origin.map((x, j) => x + (j < D ? prior.factor[j]! : 0));
    const on = planeThrough(origin, towards, second, 0);
    const prepared = prepare({ gaussian: prior, scale: 1, floor: 0 });
    const whole = prepared.innerProduct(on.u, on.u);
    const diagonal = on.u.reduce((sum, x, j) => sum + (j < D ? (x * x) / prior.variance[j]! : 0), 0);
    expect(diagonal / whole).toBeGreaterThan(1e4);
    const section = new PriorSections(prior).onPlane(on, 0);
    for (const floor of FLOORS) {
      const expected = prepare({ gaussian: prior, scale: 20, floor }).innerProduct(on.u, on.u) / 2;
      expect(Math.abs(coefficientsAt(section, 20, floor)[0]! / expected - 1)).toBeLessThan(1e-5);
    }
  });

  it('agree with the density on a line', () => {
    const prior = gaussian(5);
    const section = new PriorSections(prior).onLine(ray, 3);
    expect(section.extractor.map((row) => row.length)).toEqual(RATIOS.map(() => 3));
    for (const floor of FLOORS) {
      const value = direct(prior, 3, 100, floor);
      const [c2, c1, c0] = coefficientsAt(section, 100, floor) as [number, number, number];
      for (const t of [-4, 0, 6, 40]) {
        const expected = value(Float64Array.from(ray.origin, (x, j) => x + t * ray.u[j]!));
        expect(Math.abs(c2 * t * t + c1 * t + c0 - expected)).toBeLessThan(1e-5 * expected);
      }
    }
  });

  it('without a floor are the density itself, not an interpolation', () => {
    const prior = gaussian(5);
    const section = new PriorSections(prior).onPlane(frame, 0);
    const expected = prepare({ gaussian: prior, scale: 50, floor: 0 }).quadraticOnPlane(frame.origin, frame.u, frame.v);
    coefficientsAt(section, 50, 0).forEach((c, i) => expect(Math.abs(c / expected[i]! - 1)).toBeLessThan(1e-10));
  });

  // The engines hold no prior value: the prior acts through the implicit step of core/lowrank.ts, whose pull is its gradient.
  for (const floor of [0, 1e-3]) {
    it(`slope as the training step pulls, floor ${floor}`, () => {
      const prior = gaussian(5);
      const c = 0.01;
      const y = prior.mean.map((m) => m + stream.normal());
      const after = new Float32Array(D);
      proximal({ gaussian: prior, scale: 100, floor }, c).apply(y, after);
      const u = normals(D).map((x) => x / Math.sqrt(D));
      const pull = u.reduce((sum, x, j) => sum + (x * (y[j]! - after[j]!)) / c, 0);
      const [, slope] = coefficientsAt(new PriorSections(prior).onLine({ origin: after, u, length: 1 }, 0), 100, floor);
      expect(Math.abs(slope! / pull - 1)).toBeLessThan(1e-3);
    });
  }

  it('refuse a scale or a floor that no prior has', () => {
    const section = new PriorSections(gaussian(0)).onPlane(frame, 1);
    for (const [scale, floor] of [[0, 0], [-1, 0], [1, -1], [NaN, 0], [1, Infinity]] as const) {
      expect(() => coefficientsAt(section, scale, floor)).toThrow(RangeError);
    }
  });
});
