/** The bootstrap's interval against the t interval of a mean, which it must agree with on many rows. */
import { expect, it } from 'vitest';
import { bootstrapMean } from './bootstrap.ts';
import { Stream } from './philox.ts';
import { interval95 } from './statistics.ts';

const hits = (n: number, p: number) => {
  const stream = new Stream(1, 'draw');
  return Float64Array.from({ length: n }, () => (stream.uniform() < p ? 1 : 0));
};

it('agrees with the t interval on many rows, and is the same for the same stream', () => {
  const values = hits(800, 0.7);
  const found = bootstrapMean(values, new Stream(3, 'subset'));
  const exact = interval95(values);
  expect(found.mean).toBe(exact.mean);
  expect(found.seeds).toBe(800);
  found.ci95!.forEach((end, i) => expect(Math.abs(end - exact.ci95![i]!)).toBeLessThan(0.006));
  expect(bootstrapMean(values, new Stream(3, 'subset'))).toEqual(found);
});

it('has no width where no row differs, and no interval of one row', () => {
  expect(bootstrapMean([1, 1, 1], new Stream(0, 'subset'))).toEqual({ mean: 1, ci95: [1, 1], seeds: 3 });
  expect(bootstrapMean([0.5], new Stream(0, 'subset')).ci95).toBeNull();
});
