/** Laplace's evidence where it is exact (a Gaussian likelihood), against quadrature where it is not (logistic regression), and what it is used for: choosing λ. */
import { determinant, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { ScaledGaussian } from '../core/gaussian.ts';
import { laplaceEvidence } from './evidence.ts';
import { denseCovariance, logisticMode, logisticRows, quadrature } from './testing.ts';

describe('Laplace evidence', () => {
  it.each([0, 1, 2])('is exact for a Gaussian likelihood, prior of rank %i', (rank) => {
    // y_j ~ N(w_j, v_j): the marginal is N(mean, Σ + diag(v)), the posterior mode is in closed form.
    const y = [0.7, -1.1];
    const noise = [0.3, 0.8];
    const prior: ScaledGaussian = { gaussian: { mean: Float32Array.of(0.25, -0.5), variance: Float32Array.of(0.5, 0.125), factor: Float32Array.of(1, 0.5, -0.25, 0.75).slice(0, 2 * rank), rank }, scale: 1.5, floor: 0.01 };
    const sigma = denseCovariance(prior);
    const marginal = Matrix.add(sigma, Matrix.diag(noise));
    const r = Matrix.columnVector(y.map((value, j) => value - prior.gaussian.mean[j]!));
    const quadratic = (a: Matrix, x: Matrix) => x.transpose().mmul(inverse(a)).mmul(x).get(0, 0);
    const exact = -0.5 * (quadratic(marginal, r) + Math.log(determinant(marginal)) + 2 * Math.log(2 * Math.PI));
    const shift = sigma.mmul(inverse(marginal)).mmul(r).to1DArray();
    const theta = Float32Array.from(prior.gaussian.mean, (mean, j) => mean + shift[j]!);
    const logLikelihood = y.reduce((sum, value, j) => sum - 0.5 * ((value - theta[j]!) ** 2 / noise[j]! + Math.log(2 * Math.PI * noise[j]!)), 0);
    const found = laplaceEvidence({ theta, curvature: Float64Array.from(noise, (v) => 1 / v), prior, headStrength: 0 }, logLikelihood);
    expect(found.logEvidence).toBeCloseTo(exact, 5);
    expect(found.logOccam).toBeCloseTo(exact - logLikelihood, 5);
  });

  it('takes the head for a Gaussian of variance 1/κ', () => {
    const half = { mean: Float32Array.of(0.5), variance: Float32Array.of(0.25), factor: new Float32Array(0), rank: 0 };
    const both = { mean: Float32Array.of(0.5, 0), variance: Float32Array.of(0.25, 0.2), factor: new Float32Array(0), rank: 0 };
    const [theta, curvature] = [Float32Array.of(0.75, -0.25), Float64Array.of(3, 7)];
    const asHead = laplaceEvidence({ theta, curvature, prior: { gaussian: half, scale: 1, floor: 0 }, headStrength: 5 }, -3);
    const asWeight = laplaceEvidence({ theta, curvature, prior: { gaussian: both, scale: 1, floor: 0 }, headStrength: 0 }, -3);
    expect(asHead.logEvidence).toBeCloseTo(asWeight.logEvidence, 6);
    expect(() => laplaceEvidence({ theta, curvature, prior: { gaussian: half, scale: 1, floor: 0 }, headStrength: 0 }, -3)).toThrow(/κ = 0/);
  });

  it.each([40, 400])('of a logistic regression on %i rows is that of quadrature', (n) => {
    const problem = logisticRows(n, 'one');
    const mode = logisticMode(problem);
    const found = laplaceEvidence(mode, problem.logLikelihood([mode.theta[0]!, mode.theta[1]!]));
    const { logEvidence } = quadrature(problem);
    expect(Math.abs(found.logEvidence - logEvidence)).toBeLessThan(n > 100 ? 0.01 : 0.05);
  });

  it('is largest near the prior variance that quadrature prefers', () => {
    const grid = [0.01, 0.1, 1, 10, 100];
    const of = (variance: number) => {
      const problem = logisticRows(60, 'one', variance);
      const mode = logisticMode(problem);
      return [laplaceEvidence(mode, problem.logLikelihood([mode.theta[0]!, mode.theta[1]!])).logEvidence, quadrature(problem).logEvidence] as const;
    };
    const values = grid.map(of);
    const best = (k: 0 | 1) => values.findIndex((value) => value[k] === Math.max(...values.map((one) => one[k])));
    expect(best(0)).toBe(best(1));
    expect(best(0)).toBeGreaterThan(0);
    expect(best(0)).toBeLessThan(grid.length - 1);
  });
});
