/** Laplace posteriors against dense algebra, against exact posteriors of small logistic regressions by quadrature, and their draws against the covariance claimed. */
import { determinant, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { Gaussian, ScaledGaussian } from '../core/gaussian.ts';
import { prepare } from '../core/lowrank.ts';
import { Stream } from '../core/philox.ts';
import { HeadPosterior, headPrecision, laplacePosterior, MOST_HEAD } from './laplace.ts';
import { denseCovariance, logisticMode, logisticRows, quadrature } from './testing.ts';

function planted(d: number, rank: number): Gaussian {
  const stream = new Stream(3, 'planted', d, rank);
  return {
    mean: Float32Array.from({ length: d }, () => stream.normal()), variance: Float32Array.from({ length: d }, () => 0.1 + stream.uniform()),
    factor: Float32Array.from({ length: rank * d }, () => stream.normal()), rank,
  };
}

/** diag(variance) + FᵀF, dense. */
const denseOf = (gaussian: Gaussian): Matrix => denseCovariance({ gaussian, scale: 1, floor: 0 });

describe('the diagonal Laplace posterior', () => {
  it.each([0, 1, 3, 6].flatMap((rank) => [[rank, 1, 0], [rank, 300, 0], [rank, 0.01, 0.2]]))('of rank %i at λ = %d, ε = %d is the inverse of diag(H) + Σ⁻¹', (rank, scale, floor) => {
    const [d, h] = [9, 3];
    const prior: ScaledGaussian = { gaussian: planted(d, rank), scale, floor };
    const stream = new Stream(5, 'planted', rank);
    // Directions the data say nothing of, little of, and much of.
    const curvature = Float64Array.from({ length: d + h }, (_, j) => (j % 3 === 0 ? 0 : j % 3 === 1 ? 1e-3 : 200) * stream.uniform());
    const theta = Float32Array.from({ length: d + h }, () => stream.normal());
    const posterior = laplacePosterior({ theta, curvature, prior, headStrength: 4 });
    expect(posterior.mean).toBe(theta);
    const precision = Matrix.zeros(d + h, d + h);
    precision.setSubMatrix(inverse(denseCovariance(prior)), 0, 0);
    for (let j = 0; j < d + h; j++) precision.set(j, j, precision.get(j, j) + curvature[j]! + (j < d ? 0 : 4));
    const want = inverse(precision);
    const found = denseOf(posterior);
    const size = Math.max(...want.diagonal());
    for (let i = 0; i < d + h; i++) for (let j = 0; j < d + h; j++) expect(Math.abs(found.get(i, j) - want.get(i, j)) / size).toBeLessThan(2e-6);
    expect(prepare({ gaussian: posterior, scale: 1, floor: 0 }).logDeterminant).toBeCloseTo(Math.log(determinant(want)), 4);
  });

  it('refuses a head that nothing holds', () => {
    const mode = { theta: new Float32Array(3), curvature: Float64Array.of(1, 0, 1), prior: { gaussian: planted(1, 0), scale: 1, floor: 0 }, headStrength: 0 };
    expect(() => laplacePosterior(mode)).toThrow(/κ above 0|values above 0/);
  });

  it('is the exact posterior of a logistic regression with many rows, mean and variance', () => {
    // Rows look at one weight each, so that the exact Hessian is diagonal.
    const problem = logisticRows(400, 'one');
    const mode = logisticMode(problem);
    const { variance, mean } = laplacePosterior(mode);
    const exact = quadrature(problem);
    for (const j of [0, 1]) {
      expect(Math.abs(mean[j]! - exact.mean[j]!)).toBeLessThan(0.3 * Math.sqrt(exact.covariance[j]![j]!));
      expect(variance[j]! / exact.covariance[j]![j]!).toBeGreaterThan(0.93);
      expect(variance[j]! / exact.covariance[j]![j]!).toBeLessThan(1.07);
    }
  });
});

/** Moments of draws: mean and covariance. */
function momentsOf(draws: readonly ArrayLike<number>[]): { mean: number[]; covariance: number[][] } {
  const size = draws[0]!.length;
  const mean = Array.from({ length: size }, (_, j) => draws.reduce((sum, draw) => sum + draw[j]!, 0) / draws.length);
  const covariance = mean.map((a, i) => mean.map((b, j) => draws.reduce((sum, draw) => sum + (draw[i]! - a) * (draw[j]! - b), 0) / (draws.length - 1)));
  return { mean, covariance };
}

/** Each entry of a covariance of S draws has a standard error of at most √(2/S) of the variances around it. */
function expectCovariance(found: number[][], want: (i: number, j: number) => number, draws: number): void {
  found.forEach((row, i) => row.forEach((value, j) => {
    expect(Math.abs(value - want(i, j)) / Math.sqrt(want(i, i) * want(j, j)), `${i} ${j}`).toBeLessThan(5 * Math.sqrt(2 / draws));
  }));
}

describe.each([1, 0.1])('draws at T = %d', (temperature) => {
  const DRAWS = 8000;

  it('of the diagonal posterior have T times its covariance', () => {
    const stream = new Stream(7, 'planted');
    const theta = Float32Array.from({ length: 7 }, () => stream.normal());
    const posterior = laplacePosterior({ theta, curvature: Float64Array.from({ length: 7 }, () => 20 * stream.uniform()), prior: { gaussian: planted(5, 2), scale: 2, floor: 0 }, headStrength: 3 });
    const dense = denseOf(posterior);
    const prepared = prepare({ gaussian: posterior, scale: temperature, floor: 0 });
    const draws = Array.from({ length: DRAWS }, (_, s) => prepared.draw(new Stream(9, 'draw', s)));
    const { mean, covariance } = momentsOf(draws);
    expectCovariance(covariance, (i, j) => temperature * dense.get(i, j), DRAWS);
    mean.forEach((value, j) => expect(Math.abs(value - theta[j]!)).toBeLessThan(5 * Math.sqrt((temperature * dense.get(j, j)) / DRAWS)));
  });

  it('of the head have T times the inverse of its whole precision', () => {
    const [n, width, classes] = [30, 2, 3];
    const stream = new Stream(8, 'planted');
    const features = Float32Array.from({ length: n * width }, () => stream.normal());
    const head = Float32Array.from({ length: classes * (width + 1) }, () => stream.normal());
    const precision = headGgn(features, head, classes);
    for (let i = 0; i < head.length; i++) precision.set(i, i, precision.get(i, i) + 2);
    const want = inverse(precision);
    const posterior = new HeadPosterior({ features, head, classes, headStrength: 2, weight: 1 });
    const draws = Array.from({ length: DRAWS }, (_, s) => posterior.draw(new Stream(9, 'draw', s), temperature));
    const { mean, covariance } = momentsOf(draws);
    expectCovariance(covariance, (i, j) => temperature * want.get(i, j), DRAWS);
    mean.forEach((value, j) => expect(Math.abs(value - head[j]!)).toBeLessThan(5 * Math.sqrt((temperature * want.get(j, j)) / DRAWS)));
  });
});

/** Σ_n JᵀΛJ by its definition, J [C, H] the Jacobian of the logits in h. */
function headGgn(features: Float32Array, head: Float32Array, classes: number): Matrix {
  const width = head.length / classes - 1;
  const out = Matrix.zeros(head.length, head.length);
  for (let row = 0; row * width < features.length; row++) {
    const jacobian = Matrix.zeros(classes, head.length);
    for (let c = 0; c < classes; c++) {
      for (let i = 0; i < width; i++) jacobian.set(c, c * width + i, features[row * width + i]!);
      jacobian.set(c, classes * width + c, 1);
    }
    const logits = jacobian.mmul(Matrix.columnVector([...head])).to1DArray();
    const sum = logits.reduce((total, x) => total + Math.exp(x), 0);
    const p = logits.map((x) => Math.exp(x) / sum);
    const curvature = Matrix.diag(p).sub(Matrix.columnVector(p).mmul(Matrix.rowVector(p)));
    out.add(jacobian.transpose().mmul(curvature).mmul(jacobian));
  }
  return out;
}

describe('the posterior of the head', () => {
  it('has the Gauss–Newton matrix of its logits, times what a row counts for', () => {
    const stream = new Stream(4, 'planted');
    const [width, classes] = [3, 4];
    const features = Float32Array.from({ length: 12 * width }, () => stream.normal());
    const head = Float32Array.from({ length: classes * (width + 1) }, () => stream.normal());
    const want = headGgn(features, head, classes);
    const found = headPrecision(features, head, classes, 2.5);
    for (let i = 0; i < head.length; i++) for (let j = 0; j <= i; j++) expect(found[i * head.length + j]).toBeCloseTo(2.5 * want.get(i, j), 9);
  });

  it('is that of a logistic regression with correlated weights: exact mean, variance and correlation', () => {
    const problem = logisticRows(300, 'both');
    const exact = quadrature(problem);
    const { theta } = logisticMode(problem);
    // Two classes: logits (0, x·w₀ + w₁) are those of a head with ±half of it in either class, of prior variance half each.
    const head = Float32Array.of(-theta[0]! / 2, theta[0]! / 2, -theta[1]! / 2, theta[1]! / 2);
    const features = Float32Array.from(problem.rows, ({ x }) => x[0]!);
    const posterior = new HeadPosterior({ features, head, classes: 2, headStrength: 2 / problem.variance, weight: 1 });
    const draws = Array.from({ length: 6000 }, (_, s) => posterior.draw(new Stream(1, 'draw', s), 1));
    const { mean, covariance } = momentsOf(draws.map((h) => [h[1]! - h[0]!, h[3]! - h[2]!]));
    for (const i of [0, 1]) {
      expect(Math.abs(mean[i]! - exact.mean[i]!)).toBeLessThan(0.3 * Math.sqrt(exact.covariance[i]![i]!));
      expect(Math.abs(covariance[i]![i]! / exact.covariance[i]![i]! - 1)).toBeLessThan(0.12);
    }
    const correlation = (c: number[][]) => c[0]![1]! / Math.sqrt(c[0]![0]! * c[1]![1]!);
    expect(Math.abs(correlation(exact.covariance))).toBeGreaterThan(0.3);
    expect(Math.abs(correlation(covariance) - correlation(exact.covariance))).toBeLessThan(0.08);
  });

  it('refuses what is too large before it is made, and what nothing holds', () => {
    const classes = 10;
    const width = Math.ceil(MOST_HEAD / classes);
    const large = { features: new Float32Array(width), head: new Float32Array(classes * (width + 1)), classes, headStrength: 1, weight: 1 };
    expect(() => new HeadPosterior(large)).toThrow(/too large/);
    // The same number added to every class changes no prediction: without a prior nothing holds it.
    expect(() => new HeadPosterior({ features: Float32Array.of(1, 2), head: new Float32Array(4), classes: 2, headStrength: 0, weight: 1 })).toThrow(/κ = 0/);
  });
});
