import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Gaussian } from '../core/gaussian.ts';
import { Stream } from '../core/philox.ts';
import { build, mapChain } from './map.ts';

const D = 12;
const H = 3;
const N = 40;
const stream = new Stream(2, 'sampler');
const normals = (size: number, sd = 1): Float32Array => Float32Array.from({ length: size }, () => sd * stream.normal());
const gaussian: Gaussian = { mean: normals(D), variance: normals(D).map((x) => 1e-4 * (0.1 + x * x)), factor: normals(2 * D, 0.02), rank: 2 };
const target = normals(D + H, 2);
const curvature = normals(D + H).map((x) => 0.3 + x * x);

/** ∇ of the mean NLL ½Σ k_j (θ_j − target_j)². */
const gradientAt = (theta: Float32Array): Float32Array => theta.map((x, j) => curvature[j]! * (x - target[j]!));

/** ∇e = 0 for this NLL, by dense algebra: (NΣK + I)·w = NΣK·target + mean. */
function exactMap(scale: number): number[] {
  const sigma = Array.from({ length: D }, (_, i) => Array.from({ length: D }, (_, j) => scale * ((i === j ? gaussian.variance[i]! : 0)
    + gaussian.factor[i]! * gaussian.factor[j]! + gaussian.factor[D + i]! * gaussian.factor[D + j]!)));
  const pull = new Matrix(sigma).mmul(Matrix.diag(Array.from(curvature.subarray(0, D)))).mul(N);
  const right = pull.mmul(Matrix.columnVector(Array.from(target.subarray(0, D)))).add(Matrix.columnVector(Array.from(gaussian.mean)));
  return solve(pull.add(Matrix.eye(D)), right).to1DArray();
}

describe('MAP', () => {
  // Ten decades of λ, one learning rate.
  for (const scale of [1e-3, 1, 1e3, 1e5, 1e7]) {
    it(`rests where the gradient of the energy is zero, λ = ${scale}`, () => {
      const { init, update } = build({
        extractor: D, n: N, prior: { gaussian, scale, floor: 0 }, headStrength: 5, momentum: 0.9, clip: 1e9, schedule: { start: 0.05, end: 0.05, steps: 1 },
      });
      let state = init(new Float32Array(D + H));
      for (let k = 0; k < 2000; k++) state = update(state, gradientAt(state.theta));
      const expected = exactMap(scale);
      for (let j = 0; j < D; j++) expect(Math.abs(state.theta[j]! - expected[j]!)).toBeLessThan(1e-5 * (1 + Math.abs(expected[j]!)));
      const nll = gradientAt(state.theta);
      for (let j = D; j < D + H; j++) expect(nll[j]! + (5 * state.theta[j]!) / N).toBeCloseTo(0, 4);
    });
  }

  it('clips the joint norm of the gradient', () => {
    const { init, update } = build({ extractor: D, n: N, prior: null, headStrength: 0, momentum: 0, clip: 2, schedule: { start: 1, end: 1, steps: 1 } });
    const state = update(init(new Float32Array(D + H)), new Float32Array(D + H).fill(100));
    expect(Math.hypot(...state.theta)).toBeCloseTo(2, 5);
  });

  it('holds the learning rate for ten steps', () => {
    const { init, update } = build({ extractor: 1, n: N, prior: null, headStrength: 0, momentum: 0, clip: 1e9, schedule: { start: 1, end: 0, steps: 20 } });
    let state = init(Float32Array.of(0));
    const seen: number[] = [];
    for (let k = 0; k < 21; k++) {
      const before = state.theta[0]!;
      state = update(state, Float32Array.of(1));
      seen.push(before - state.theta[0]!);
    }
    expect(seen[9]).toBeCloseTo(1, 5);
    expect(seen[10]).toBeCloseTo(0.5, 5);
    expect(seen[20]).toBeCloseTo(0, 5);
  });

  it('a chain follows half a cosine to zero', () => {
    const chain = mapChain({ start: 0, seed: 1, indices: Uint32Array.of(1), frozen: false, prior: null, headStrength: 1, learningRate: 0.1, steps: 300 });
    expect(chain.schedule).toEqual({ start: 0.1, end: 0, steps: 300 });
    expect(chain.sampler).toBeNull();
    expect(chain).not.toHaveProperty('steps');
  });
});
