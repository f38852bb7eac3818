import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { axesAround, distanceFrom, frameAlong, onPlane, planeThrough, rayThrough } from './plane.ts';

const random = (size: number, seed: number): Float32Array => {
  const stream = new Stream(seed, 'plane');
  return Float32Array.from({ length: size }, () => stream.normal());
};
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, j) => sum + x * b[j]!, 0);

describe('planes', () => {
  const [origin, first, second] = [random(500, 1), random(500, 2), random(500, 3)];

  it('are orthonormal and hold their three points', () => {
    const frame = planeThrough(origin, first, second, 0);
    expect(frame.degenerate).toBe(false);
    expect(dot(frame.u, frame.u)).toBeCloseTo(1, 5);
    expect(dot(frame.v, frame.v)).toBeCloseTo(1, 5);
    expect(dot(frame.u, frame.v)).toBeCloseTo(0, 5);
    for (const theta of [first, second]) {
      const { a, b } = onPlane(frame, theta);
      const back = origin.map((x, j) => x + a * frame.u[j]! + b * frame.v[j]!);
      back.forEach((x, j) => expect(x).toBeCloseTo(theta[j]!, 4));
    }
    expect(onPlane(frame, first).b).toBeCloseTo(0, 4);
  });

  it('points on one line get a second direction drawn from the seed, and say so', () => {
    const beyond = origin.map((x, j) => x + 2 * (first[j]! - x));
    const frame = planeThrough(origin, first, beyond, 7);
    expect(frame.degenerate).toBe(true);
    expect(dot(frame.u, frame.v)).toBeCloseTo(0, 5);
    expect(dot(frame.v, frame.v)).toBeCloseTo(1, 5);
    expect(planeThrough(origin, first, beyond, 7)).toEqual(frame);
    const point = planeThrough(origin, origin, origin, 7);
    expect(point.degenerate).toBe(true);
    expect(dot(point.u, point.u)).toBeCloseTo(1, 5);
  });

  it('along two directions are orthonormal, whatever the lengths of these', () => {
    const frame = frameAlong(origin, first.map((x) => 1e-6 * x), second.map((x) => 1e4 * x), 0);
    expect(frame.degenerate).toBe(false);
    expect(dot(frame.u, first) / Math.sqrt(dot(first, first))).toBeCloseTo(1, 5);
    expect(dot(frame.u, frame.v)).toBeCloseTo(0, 5);
    const rest = second.map((x, j) => x - dot(frame.u, second) * frame.u[j]! - dot(frame.v, second) * frame.v[j]!);
    expect(Math.sqrt(dot(rest, rest))).toBeLessThan(1e-3);
  });

  it('along parallel directions, or none, say so', () => {
    const parallel = frameAlong(origin, first, first.map((x) => -3 * x), 7);
    expect(parallel.degenerate).toBe(true);
    expect(dot(parallel.u, parallel.v)).toBeCloseTo(0, 5);
    expect(frameAlong(origin, first, new Float32Array(500), 7)).toMatchObject({ degenerate: true, u: parallel.u });
  });

  it('know how far a point is from them', () => {
    const frame = frameAlong(Float32Array.of(1, 1, 1), Float32Array.of(1, 0, 0), Float32Array.of(1, 1, 0), 0);
    expect(distanceFrom(frame, Float32Array.of(9, -4, 3.5))).toBeCloseTo(2.5, 6);
    expect(distanceFrom(frame, Float32Array.of(9, -4, 1))).toBeCloseTo(0, 6);
  });

  it('axes hold all points with a margin, and a flat axis is opened', () => {
    const { a, b } = axesAround([{ a: 0, b: 0 }, { a: 8, b: 0 }, { a: 2, b: 4 }], 5);
    expect(a).toEqual([-2, 1, 4, 7, 10]);
    expect([b[0], b[4]]).toEqual([-1, 5]);
    const flat = axesAround([{ a: 0, b: 0 }, { a: 8, b: 0 }], 3);
    expect(flat.b).toEqual([-4, 0, 4]);
  });

  it('a ray has the length between its points', () => {
    const ray = rayThrough(Float32Array.of(1, 1), Float32Array.of(4, 5));
    expect(ray?.length).toBeCloseTo(5, 6);
    expect(ray?.u[0]).toBeCloseTo(0.6, 6);
    expect(rayThrough(origin, origin)).toBeNull();
  });
});
