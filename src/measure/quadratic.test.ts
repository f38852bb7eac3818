import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { prepare } from '../core/lowrank.ts';
import { Stream } from '../core/philox.ts';
import { planeThrough, rayThrough } from './plane.ts';
import { quadraticsOnLine, quadraticsOnPlane, scaleLadder } from './quadratic.ts';

const D = 60;
const H = 8;
const stream = new Stream(5, 'plane', 9);
const normals = (size: number, sd = 1): Float32Array => Float32Array.from({ length: size }, () => sd * stream.normal());
const gaussian: Gaussian = { mean: normals(D), variance: normals(D).map((x) => 0.01 + x * x), factor: normals(3 * D, 0.3), rank: 3 };
const [origin, first, second] = [normals(D + H), normals(D + H), normals(D + H)];

/** −log p up to what does not depend on theta, straight from the density. */
function direct(theta: Float32Array, scale: number, floor: number, kappa: number): number {
  const prior = prepare({ gaussian, scale, floor });
  const constant = prior.logDensity(gaussian.mean);
  const h = theta.subarray(D).reduce((sum, x) => sum + x * x, 0);
  return constant - prior.logDensity(theta) + (kappa / 2) * h;
}

describe('prior terms in closed form', () => {
  for (const floor of [0, 0.05]) {
    it(`agree with the density on a plane, floor ${floor}`, () => {
      const frame = planeThrough(origin, first, second, 0);
      const { scales, coefficients } = quadraticsOnPlane({ gaussian, floor, headStrength: 10 }, frame, [0.5, 30, 1e4]);
      scales.forEach((scale, s) => {
        const c = coefficients[s]!;
        for (const [a, b] of [[0, 0], [3, -2], [-7, 5]] as const) {
          const theta = origin.map((x, j) => x + a * frame.u[j]! + b * frame.v[j]!);
          const value = c[0]! * a * a + c[1]! * a * b + c[2]! * b * b + c[3]! * a + c[4]! * b + c[5]!;
          const expected = direct(theta, scale, floor, 10);
          expect(Math.abs(value - expected)).toBeLessThan(1e-4 * Math.abs(expected) + 1e-6);
        }
      });
    });
  }

  it('agree with the density on a line', () => {
    const ray = rayThrough(first, second)!;
    const { coefficients } = quadraticsOnLine({ gaussian, floor: 0, headStrength: 3 }, ray, [100]);
    const [c2, c1, c0] = coefficients[0]!;
    for (const t of [-4, 0, 6]) {
      const theta = first.map((x, j) => x + t * ray.u[j]!);
      const expected = direct(theta, 100, 0, 3);
      expect(Math.abs(c2! * t * t + c1! * t + c0! - expected)).toBeLessThan(1e-4 * expected);
    }
  });

  it('the ladder spans seven decades and holds the chosen λ', () => {
    const ladder = scaleLadder(333);
    expect(ladder).toHaveLength(142);
    expect(ladder).toContain(333);
    expect(ladder[0]).toBe(1);
    expect(ladder.at(-1)).toBe(1e7);
    expect(scaleLadder(1000)).toHaveLength(141);
    expect([...ladder].sort((a, b) => a - b)).toEqual(ladder);
  });
});
