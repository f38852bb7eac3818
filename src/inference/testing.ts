/**
 * For tests of inference: logistic regressions in two weights, whose posterior quadrature knows; and posteriors that are exactly Gaussian, what a sampler with a known bias draws from them, and the
 * moments of a long chain with their Monte-Carlo errors (Geyer 1992, batch means).
 */
import { EigenvalueDecomposition, inverse, Matrix, solve } from 'ml-matrix';
import type { ScaledGaussian } from '../core/gaussian.ts';
import { normalsInto, Stream } from '../core/philox.ts';
import type { Mode } from './laplace.ts';
import type { Sampler, SghmcConfig } from './sghmc.ts';

/** A mean NLL ½(θ − centre)ᵀA(θ − centre) of n rows under a prior on w [D] and N(0, I/κ) on the head. */
export interface GaussianTask {
  extractor: number;
  n: number;
  /** A [D + H, D + H] and its minimum [D + H]. */
  curvature: Matrix;
  centre: Float64Array;
  prior: ScaledGaussian | null;
  headStrength: number;
}

export interface Moments {
  mean: Float64Array;
  /** Of theta and of the velocity, [D + H, D + H] row-major. */
  covariance: Float64Array;
  velocity: Float64Array;
}

/** Σ [D, D] of a prior, dense. */
export function denseCovariance({ gaussian: { variance, factor, rank }, scale, floor }: ScaledGaussian): Matrix {
  const d = variance.length;
  const f = rank > 0 ? Matrix.from1DArray(rank, d, Array.from(factor)) : Matrix.zeros(1, d);
  return Matrix.diag(Array.from(variance, (v) => scale * v + floor)).add(f.transpose().mmul(f).mul(scale));
}

/**
 * What SGHMC draws: mean H⁻¹(A·centre + Σ⁻¹mean/N), H = ∇²e, and, with M^½HM^½ = Q diag(k) Qᵀ, b = 1/(1 − ηk/(4 − 2α)) and s = 1 + ηNV M/(2αT)
 * (V: variance of the gradient's noise; only where M = 1), covariance (T/N)·s·M^½Q diag(b/k) QᵀM^½ and velocity (ηT/N)(2/(2 − α))·s·M^½Q diag(b) QᵀM^½.
 */
export function drawnBy(config: SghmcConfig, task: GaussianTask, gradientVariance = 0): Moments {
  const { extractor, n, prior, headStrength, curvature, centre } = task;
  const { friction, temperature, preconditioned, schedule: { start: eta } } = config;
  const size = centre.length;
  const hessian = curvature.clone();
  const pull = curvature.mmul(Matrix.columnVector(Array.from(centre)));
  const root = new Float64Array(size).fill(1);
  if (preconditioned) root.fill(Math.sqrt(n / (n + headStrength)), extractor);
  for (let j = extractor; j < size; j++) hessian.set(j, j, hessian.get(j, j) + headStrength / n);
  if (prior) {
    const precision = inverse(denseCovariance(prior)).div(n);
    const pulled = precision.mmul(Matrix.columnVector(Array.from(prior.gaussian.mean)));
    for (let i = 0; i < extractor; i++) {
      for (let j = 0; j < extractor; j++) hessian.set(i, j, hessian.get(i, j) + precision.get(i, j));
      pull.set(i, 0, pull.get(i, 0) + pulled.get(i, 0));
      const p = n * (prior.scale * prior.gaussian.variance[i]! + prior.floor);
      if (preconditioned) root[i] = Math.sqrt(p / (1 + p));
    }
  }
  const scaling = Matrix.diag(Array.from(root));
  const { realEigenvalues: k, eigenvectorMatrix: q } = new EigenvalueDecomposition(scaling.mmul(hessian).mmul(scaling), { assumeSymmetric: true });
  const within = (of: (k: number) => number): Float64Array => {
    const half = scaling.mmul(q);
    return Float64Array.from(half.mmul(Matrix.diag(k.map(of))).mmul(half.transpose()).to1DArray());
  };
  const noise = 1 + (eta * n * gradientVariance) / (2 * friction * temperature);
  const bias = (x: number): number => noise / (1 - (eta * x) / (4 - 2 * friction));
  return {
    mean: Float64Array.from(solve(hessian, pull).to1DArray()),
    covariance: within((x) => (temperature / n) * (bias(x) / x)),
    velocity: within((x) => ((eta * temperature) / n) * (2 / (2 - friction)) * bias(x)),
  };
}

/** Batches of a chain whose means are taken for independent. */
const BATCHES = 40;

/** Moments of a chain from theta = 0 after a tenth of `steps`, each with its standard error. `gradientVariance` is that of noise on every gradient. */
export function momentsOf({ init, update }: Sampler, task: GaussianTask, steps: number, seed: number, gradientVariance = 0): { moments: Moments; errors: Moments } {
  const { curvature, centre } = task;
  const size = centre.length;
  const rows = curvature.to1DArray();
  const noise = new Float32Array(size);
  const gradientNoise = new Float32Array(size);
  const gradient = new Float32Array(size);
  const about = new Float64Array(size);
  const burn = Math.floor(steps / 10);
  const each = Math.floor((steps - burn) / BATCHES);
  // Row b: sums over batch b of theta, of (theta − about)(theta − about)ᵀ and of vvᵀ.
  const width = size + 2 * size * size;
  const batches = Array.from({ length: BATCHES }, () => new Float64Array(width));
  let state = init(new Float32Array(size));
  for (let step = 0; step < burn + BATCHES * each; step++) {
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += rows[i * size + j]! * (state.theta[j]! - centre[j]!);
      gradient[i] = sum;
    }
    if (gradientVariance > 0) {
      normalsInto(seed, 'batch', step, gradientNoise);
      for (let i = 0; i < size; i++) gradient[i]! += Math.sqrt(gradientVariance) * gradientNoise[i]!;
    }
    normalsInto(seed, 'sampler', step, noise);
    state = update(state, gradient, noise);
    if (step < burn) {
      for (let i = 0; i < size; i++) about[i]! += (state.theta[i]! - about[i]!) / (1 + Math.min(step, burn / 2));
      continue;
    }
    const { theta, previous } = state;
    const batch = batches[Math.floor((step - burn) / each)]!;
    for (let i = 0; i < size; i++) {
      const r = theta[i]! - about[i]!;
      const v = theta[i]! - previous[i]!;
      batch[i]! += r / each;
      for (let j = 0; j < size; j++) {
        batch[size + i * size + j]! += (r * (theta[j]! - about[j]!)) / each;
        batch[size + size * size + i * size + j]! += (v * (theta[j]! - previous[j]!)) / each;
      }
    }
  }
  const mean = Float64Array.from({ length: width }, (_, c) => batches.reduce((sum, batch) => sum + batch[c]!, 0) / BATCHES);
  const error = mean.map((m, c) => Math.sqrt(batches.reduce((sum, batch) => sum + (batch[c]! - m) ** 2, 0) / (BATCHES * (BATCHES - 1))));
  const split = (all: Float64Array): Moments => ({ mean: all.slice(0, size), covariance: all.slice(size, size + size * size), velocity: all.slice(size + size * size) });
  const moments = split(mean);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) moments.covariance[i * size + j]! -= moments.mean[i]! * moments.mean[j]!;
  moments.mean.forEach((m, i) => (moments.mean[i] = m + about[i]!));
  return { moments, errors: split(error) };
}

/** The largest |found − expected| in standard errors, and the largest standard error of a variance, relative to the variance. */
export function comparison(found: { moments: Moments; errors: Moments }, expected: Moments): { mean: number; covariance: number; velocity: number; precision: number } {
  const worst = (key: keyof Moments): number => found.moments[key].reduce((most, x, i) => Math.max(most, Math.abs(x - expected[key][i]!) / found.errors[key][i]!), 0);
  const size = expected.mean.length;
  let precision = 0;
  for (let i = 0; i < size; i++) precision = Math.max(precision, found.errors.covariance[i * size + i]! / expected.covariance[i * size + i]!);
  return { mean: worst('mean'), covariance: worst('covariance'), velocity: worst('velocity'), precision };
}

/** A logistic regression p(y = 1) = σ(x·w), w ~ N(0, variance·I) in two dimensions. */
export interface LogisticProblem {
  rows: { x: [number, number]; y: number }[];
  variance: number;
  logLikelihood(w: readonly [number, number]): number;
}

/** Rows that look at one weight each ('one'), or at both, the second being an intercept ('both'). */
export function logisticRows(n: number, look: 'one' | 'both', variance = 2): LogisticProblem {
  const stream = new Stream(2, 'planted', n);
  const truth = [1.2, -0.6] as const;
  const rows = Array.from({ length: n }, (_, i) => {
    const value = look === 'one' ? stream.normal() : 1 + stream.normal();
    const x: [number, number] = look === 'both' ? [value, 1] : i % 2 === 0 ? [value, 0] : [0, value];
    return { x, y: stream.uniform() < 1 / (1 + Math.exp(-(x[0] * truth[0] + x[1] * truth[1]))) ? 1 : 0 };
  });
  return {
    rows, variance,
    logLikelihood: (w) => rows.reduce((sum, { x, y }) => {
      const t = (y === 1 ? 1 : -1) * (x[0] * w[0] + x[1] * w[1]);
      return sum - Math.log1p(Math.exp(-Math.abs(t))) - Math.max(0, -t);
    }, 0),
  };
}

/** Its mode by Newton's method, with the diagonal of the Hessian of the NLL (for a logistic regression that is Gauss–Newton's). */
export function logisticMode({ rows, variance }: LogisticProblem): Mode {
  let w: [number, number] = [0, 0];
  let diagonal = [0, 0];
  for (let step = 0; step < 30; step++) {
    const g = [w[0] / variance, w[1] / variance];
    const h = [[1 / variance, 0], [0, 1 / variance]];
    for (const { x, y } of rows) {
      const p = 1 / (1 + Math.exp(-(x[0] * w[0] + x[1] * w[1])));
      for (const i of [0, 1] as const) {
        g[i]! += (p - y) * x[i];
        for (const j of [0, 1] as const) h[i]![j]! += p * (1 - p) * x[i] * x[j];
      }
    }
    const [[a, b], [, c]] = h as [[number, number], [number, number]];
    const determinant = a * c - b * b;
    w = [w[0] - (c * g[0]! - b * g[1]!) / determinant, w[1] - (a * g[1]! - b * g[0]!) / determinant];
    diagonal = [a - 1 / variance, c - 1 / variance];
  }
  const gaussian = { mean: new Float32Array(2), variance: new Float32Array(2).fill(variance), factor: new Float32Array(0), rank: 0 };
  return { theta: Float32Array.from(w), curvature: Float64Array.from(diagonal), prior: { gaussian, scale: 1, floor: 0 }, headStrength: 0 };
}

/** Its posterior by the trapezoidal rule on a grid of ±12 standard deviations around the mode. */
export function quadrature(problem: LogisticProblem): { mean: number[]; covariance: number[][]; logEvidence: number } {
  const { theta, curvature } = logisticMode(problem);
  const POINTS = 241;
  const at = (axis: 0 | 1, i: number) => theta[axis]! + (24 * (i / (POINTS - 1)) - 12) / Math.sqrt(curvature[axis]! + 1 / problem.variance);
  const cell = (at(0, 1) - at(0, 0)) * (at(1, 1) - at(1, 0));
  const density = (w: readonly [number, number]) => problem.logLikelihood(w) - (w[0] ** 2 + w[1] ** 2) / (2 * problem.variance) - Math.log(2 * Math.PI * problem.variance);
  const top = density([theta[0]!, theta[1]!]);
  let mass = 0;
  const first = [0, 0];
  const second = [[0, 0], [0, 0]];
  for (let i = 0; i < POINTS; i++) {
    for (let k = 0; k < POINTS; k++) {
      const w = [at(0, i), at(1, k)] as const;
      const p = Math.exp(density(w) - top);
      mass += p;
      for (const a of [0, 1] as const) {
        first[a]! += p * w[a];
        for (const b of [0, 1] as const) second[a]![b]! += p * w[a] * w[b];
      }
    }
  }
  const mean = first.map((sum) => sum / mass);
  return { mean, covariance: second.map((row, a) => row.map((sum, b) => sum / mass - mean[a]! * mean[b]!)), logEvidence: top + Math.log(mass * cell) };
}
