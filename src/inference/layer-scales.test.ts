/** The evidence's fixed point: on the equation it claims to solve, and on planted layer variances in a linear-Gaussian model. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { LEAST_FACTOR, MOST_FACTOR, stationaryFactors } from './layer-scales.ts';

const groups = [{ name: 'a', from: 0, to: 3000 }, { name: 'b', from: 3000, to: 4000 }, { name: 'c', from: 4000, to: 9000 }];
const D = 9000;
const layerOf = (j: number) => groups.findIndex(({ to }) => j < to);

/** w ~ N(mean, a·s), seen once a weight through noise of variance 1/H: a linear model with a diagonal design. */
function planted(factors: readonly number[], seed: number) {
  const stream = new Stream(seed, 'planted');
  const spread = Float64Array.from({ length: D }, () => 0.1 + stream.uniform());
  const curvature = Float64Array.from({ length: D }, () => 0.5 + 20 * stream.uniform());
  const seen = Float64Array.from({ length: D }, (_, j) => Math.sqrt(factors[layerOf(j)]! * spread[j]!) * stream.normal() + stream.normal() / Math.sqrt(curvature[j]!));
  /** Residual of the mode under other factors. */
  const mode = (guess: readonly number[]) => seen.map((y, j) => {
    const ratio = guess[layerOf(j)]! * curvature[j]! * spread[j]!;
    return (ratio / (1 + ratio)) * y;
  });
  return { spread, curvature, seen, mode };
}

describe('factors by evidence', () => {
  it('recover the variances that layers were drawn with', () => {
    const truth = [0.05, 4, 1];
    const { spread, curvature, mode } = planted(truth, 5);
    let factors = [1, 1, 1];
    const path = [factors];
    for (let refit = 0; refit < 40; refit++) path.push((factors = stationaryFactors({ residual: mode(factors), curvature, spread, floor: 0, groups })));
    // Thousands of weights a layer: a standard error of 2 to 5%, more where the noise drowns the layer.
    expect(Math.abs(factors[0]! / truth[0]! - 1)).toBeLessThan(0.25);
    expect(Math.abs(factors[1]! / truth[1]! - 1)).toBeLessThan(0.12);
    expect(Math.abs(factors[2]! / truth[2]! - 1)).toBeLessThan(0.08);
    // Three refits already go most of the way.
    expect(path[3]![0]).toBeLessThan(0.35);
    expect(path[3]![1]).toBeGreaterThan(2.5);
  });

  it('maximise the evidence of the linear model, which is known in closed form', () => {
    const { spread, curvature, seen, mode } = planted([0.3, 2, 1], 6);
    let factors = [1, 1, 1];
    for (let refit = 0; refit < 200; refit++) factors = stationaryFactors({ residual: mode(factors), curvature, spread, floor: 0, groups });
    // y_j ~ N(0, a·s_j + 1/H_j).
    const evidence = (guess: readonly number[]) => seen.reduce((sum, y, j) => {
      const variance = guess[layerOf(j)]! * spread[j]! + 1 / curvature[j]!;
      return sum - 0.5 * (Math.log(2 * Math.PI * variance) + (y * y) / variance);
    }, 0);
    const best = evidence(factors);
    for (let l = 0; l < 3; l++) for (const change of [0.9, 1.1]) expect(evidence(factors.map((a, i) => (i === l ? change * a : a)))).toBeLessThan(best);
  });

  it('solve a = mean of (r² + v)/s for the given mode', () => {
    const { spread, curvature, mode } = planted([0.5, 1, 3], 7);
    const residual = mode([1, 1, 1]);
    const factors = stationaryFactors({ residual, curvature, spread, floor: 0, groups });
    groups.forEach(({ from, to }, l) => {
      const a = factors[l]!;
      let sum = 0;
      for (let j = from; j < to; j++) sum += (residual[j]! ** 2 + 1 / (curvature[j]! + 1 / (a * spread[j]!))) / spread[j]!;
      expect(sum / (to - from) / a).toBeCloseTo(1, 8);
    });
  });

  it('maximise the evidence beside a floor too', () => {
    const floor = 0.2;
    const { spread, curvature, mode } = planted([0.5, 1, 3], 8);
    const residual = mode([1, 1, 1]);
    const factors = stationaryFactors({ residual, curvature, spread, floor, groups });
    groups.forEach(({ from, to }, l) => {
      /** log p(w) − ½ log|Λ| of one layer, up to a constant. */
      const evidence = (a: number) => {
        let sum = 0;
        for (let j = from; j < to; j++) {
          const q = a * spread[j]! + floor;
          sum -= 0.5 * (residual[j]! ** 2 / q + Math.log(q) + Math.log(curvature[j]! + 1 / q));
        }
        return sum;
      };
      for (const change of [0.97, 1.03]) expect(evidence(change * factors[l]!)).toBeLessThan(evidence(factors[l]!));
    });
  });

  it('stay within limits where there is nothing to follow', () => {
    const one = [{ name: 'a', from: 0, to: 2 }];
    const of = (residual: number, curvature: number) => stationaryFactors({ residual: Float64Array.of(residual, residual), curvature: Float64Array.of(curvature, curvature), spread: Float64Array.of(1, 1), floor: 0, groups: one })[0];
    expect(of(0, 0)).toBe(1);
    expect(of(0, 5)).toBeCloseTo(LEAST_FACTOR, 6);
    expect(of(3, 0)! / MOST_FACTOR).toBeCloseTo(1, 6);
  });
});
