/** Principal components of a tilted ellipse, and of too little to vary. */
import { expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { standardDeviation } from '../core/statistics.ts';
import { principalPlane } from './pca.ts';

it('finds the axes of an ellipse tilted in space, longest first', () => {
  const stream = new Stream(2, 'draw');
  // Along (0, 3, 4)/5 with σ 3 and (1, 0, 0) with σ 1, far from the origin.
  const drawn = Array.from({ length: 500 }, () => [3 * stream.normal(), stream.normal()] as const);
  const { points, shares } = principalPlane(Float64Array.from(drawn.flatMap(([long, short]) => [7 + short, 0.6 * long - 2, 0.8 * long + 9])), 3);
  expect(shares[0]).toBeCloseTo(0.9, 1);
  expect(shares[0] + shares[1]).toBeCloseTo(1, 10);
  const along = drawn.map((_, i) => points[2 * i]!);
  expect(standardDeviation(along)).toBeCloseTo(standardDeviation(drawn.map(([long]) => long)), 1);
  // The largest entry of the first axis, 0.8, is positive: the sign is that of `long`.
  expect(Math.sign(along[0]!)).toBe(Math.sign(drawn[0]![0]));
});

it('has one axis in one dimension, and none where all rows are equal', () => {
  const { points, shares } = principalPlane([1, 2, 6], 1);
  expect([...points]).toEqual([-2, 0, -1, 0, 3, 0]);
  expect(shares).toEqual([1, 0]);
  expect(principalPlane([4, 4, 4, 4], 2).shares).toEqual([0, 0]);
});
