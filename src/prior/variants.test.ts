import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { marginalVariances } from '../core/marginals.ts';
import { Stream } from '../core/philox.ts';
import { SHIFT_VARIANTS, shiftVariant } from './variants.ts';

const D = 60;
const stream = new Stream(2, 'planted');
const whole: Gaussian = {
  mean: Float32Array.from({ length: D }, () => stream.normal()),
  variance: Float32Array.from({ length: D }, (_, j) => (j < 20 ? 4e-5 : 1e-5)),
  factor: Float32Array.from({ length: 3 * D }, () => 1e-3 * stream.normal()),
  rank: 3,
};
const centre = new Float32Array(D).fill(0.5);
const of = (variant: (typeof SHIFT_VARIANTS)[number], seed = 1): Gaussian => shiftVariant(variant, whole, centre, seed);
const trace = (gaussian: Gaussian): number => marginalVariances(gaussian).reduce((sum, x) => sum + x, 0);

describe('variants of the shift-trajectory prior', () => {
  it.each(SHIFT_VARIANTS)('%s has the trace of the whole', (variant) => {
    expect(trace(of(variant)) / trace(whole)).toBeCloseTo(1, 5);
  });

  it('keep what their names say', () => {
    expect(of('whole')).toBe(whole);
    expect(of('mean')).toMatchObject({ mean: whole.mean, rank: 0 });
    expect(new Set(of('mean').variance).size).toBe(1);
    expect(of('variances').mean).toBe(centre);
    expect(of('variances').variance[0]! / of('variances').variance[30]!).toBeCloseTo(4, 4);
    expect(of('permuted').mean).toBe(whole.mean);
    expect(of('permuted').variance).not.toEqual(whole.variance);
    expect([...of('permuted').variance].sort()).toEqual([...whole.variance].sort());
    expect(of('permuted', 2).factor).not.toEqual(of('permuted').factor);
  });
});
