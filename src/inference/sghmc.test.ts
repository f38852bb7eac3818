/** Samplers recover Gaussians they are known to draw from, to Monte-Carlo error: bias of the step, temperature and gradient noise included. */
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { ScaledGaussian } from '../core/gaussian.ts';
import { Stream } from '../core/philox.ts';
import { build, samplerChain, type Sampler, type SghmcConfig } from './sghmc.ts';
import { build as buildSgld } from './sgld.ts';
import { comparison, drawnBy, type GaussianTask, momentsOf } from './testing.ts';

const D = 5;
const H = 2;
const N = 50;
const stream = new Stream(4, 'planted');
const normals = (size: number, sd = 1): number[] => Array.from({ length: size }, () => sd * stream.normal());

/** A symmetric A with these eigenvalues and random eigenvectors. */
function withEigenvalues(values: number[]): Matrix {
  const size = values.length;
  let rotation = Matrix.eye(size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      const turn = Matrix.eye(size);
      const angle = 6 * stream.uniform();
      turn.set(i, i, Math.cos(angle));
      turn.set(j, j, Math.cos(angle));
      turn.set(i, j, Math.sin(angle));
      turn.set(j, i, -Math.sin(angle));
      rotation = rotation.mmul(turn);
    }
  }
  return rotation.mmul(Matrix.diag(values)).mmul(rotation.transpose());
}

const centre = Float64Array.from(normals(D + H));
const isotropic: GaussianTask = { extractor: D, n: N, curvature: Matrix.eye(D + H), centre, prior: null, headStrength: 0 };
const illConditioned: GaussianTask = { ...isotropic, curvature: withEigenvalues([0.15, 0.3, 0.6, 1, 2, 4, 8]), headStrength: 10 };
/** SWAG's own size of variances, and a factor with most of the trace. */
const lowRankPrior = (scale: number, floor = 0): ScaledGaussian => ({
  gaussian: { mean: Float32Array.from({ length: D }, (_, j) => Math.cos(j)), variance: Float32Array.of(2e-5, 5e-5, 1e-4, 2e-5, 6e-5), factor: lowRankFactor, rank: 2 },
  scale, floor,
});
const lowRankFactor = Float32Array.from(normals(2 * D, 7e-3));
const lowRank = (scale: number, floor = 0): GaussianTask => ({ ...illConditioned, curvature: withEigenvalues([0.1, 0.2, 0.3, 0.5, 1, 1.5, 2]), prior: lowRankPrior(scale, floor) });

const configOf = (task: GaussianTask, eta: number, more: Partial<SghmcConfig> = {}): SghmcConfig => ({
  extractor: task.extractor, n: task.n, prior: task.prior, headStrength: task.headStrength, clip: 1e9, schedule: { start: eta, end: eta, steps: 1 },
  friction: 0.1, temperature: 1, preconditioned: false, noiseFrom: 0, ...more,
});
const sgldOf = ({ friction: _, ...config }: SghmcConfig): Sampler => buildSgld(config);

/** `steps` of a chain have the moments that the sampler is known to have, and tell variances to `within` (relative, one standard error). */
function expectRecovered(sampler: Sampler, config: SghmcConfig, task: GaussianTask, { steps = 150_000, within = 0.04, gradientVariance = 0 } = {}): void {
  const { mean, covariance, velocity, precision } = comparison(momentsOf(sampler, task, steps, 17, gradientVariance), drawnBy(config, task, gradientVariance));
  expect(precision).toBeLessThan(within);
  // Batch means of 40 batches: t with 39 degrees of freedom, the largest of 100 numbers.
  expect(mean, 'mean').toBeLessThan(5.5);
  expect(covariance, 'covariance').toBeLessThan(5.5);
  expect(velocity, 'velocity').toBeLessThan(5.5);
}

describe.each([1, 0.1])('at T = %d', (temperature) => {
  const tasks: [string, GaussianTask, number, boolean][] = [
    ['an isotropic Gaussian', isotropic, 0.3, false],
    ['an ill-conditioned Gaussian', illConditioned, 0.15, false],
    ['an ill-conditioned Gaussian, preconditioned', illConditioned, 0.15, true],
    ['a low-rank prior', lowRank(500), 0.15, false],
    ['a low-rank prior with a floor, preconditioned', lowRank(30, 1e-3), 0.3, true],
  ];
  it.each(tasks)('SGHMC recovers %s', (_name, task, eta, preconditioned) => {
    const config = configOf(task, eta, { temperature, preconditioned });
    expectRecovered(build(config), config, task);
  });
  it.each(tasks)('SGLD recovers %s', (_name, task, eta, preconditioned) => {
    const config = configOf(task, eta, { temperature, preconditioned, friction: 1 });
    expectRecovered(sgldOf(config), config, task, { within: 0.1 });
  });
});

describe('one η for every λ', () => {
  it.each([1e-1, 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6])('SGHMC with the prior\'s preconditioner recovers the posterior at λ = %d', (scale) => {
    const task = lowRank(scale);
    const config = configOf(task, 0.4, { preconditioned: true });
    expectRecovered(build(config), config, task, { within: 0.06 });
  });

  it('without it, a tight prior makes the chain diverge', () => {
    const task = lowRank(1e-1);
    const { moments } = momentsOf(build(configOf(task, 0.4)), task, 1000, 1);
    expect(moments.mean.every(Number.isFinite)).toBe(false);
  });
});

describe('what is known of the bias', () => {
  it('is seen by these tests: a chain is not the target itself, nor without its gradient noise', () => {
    const config = configOf(isotropic, 0.6, { friction: 0.5 });
    const found = momentsOf(build(config), isotropic, 150_000, 17);
    const target = drawnBy({ ...config, schedule: { start: 0, end: 0, steps: 1 } }, isotropic);
    expect(comparison(found, target).covariance).toBeGreaterThan(8);
    const noisy = momentsOf(build(config), isotropic, 150_000, 17, 0.02);
    expect(comparison(noisy, drawnBy(config, isotropic)).covariance).toBeGreaterThan(8);
  });

  it('has the closed forms of the docstring', () => {
    // Independently of `drawnBy`, in one dimension: variance (T/N)/k, times 1/(1 − ηk/(4 − 2α)), times 1 + ηNV/(2αT).
    const [eta, alpha, t, k, v] = [0.3, 0.2, 0.5, 1, 0.004];
    const { covariance, velocity } = drawnBy(configOf(isotropic, eta, { friction: alpha, temperature: t }), isotropic, v);
    const factor = (1 / (1 - (eta * k) / (4 - 2 * alpha))) * (1 + (eta * N * v) / (2 * alpha * t));
    expect(covariance[0]).toBeCloseTo((t / N / k) * factor, 12);
    expect(velocity[0]).toBeCloseTo(((eta * t) / N) * (2 / (2 - alpha)) * factor, 12);
    const sgld = drawnBy(configOf(isotropic, eta, { friction: 1 }), isotropic);
    expect(sgld.covariance[0]).toBeCloseTo(1 / N / (1 - eta / 2), 12);
  });

  it.each([[0.1, 0.02], [1, 0.1]])('friction %d: gradient noise of variance V = %d adds ηNV/(2αT)', (friction, gradientVariance) => {
    const config = configOf(isotropic, 0.3, { friction });
    expectRecovered(build(config), config, isotropic, { gradientVariance });
  });
});

describe('the step', () => {
  const noise = Float32Array.from(normals(D + H));
  const zero = new Float32Array(D + H);

  it('at T = 0 comes to rest where ∇e is 0, preconditioned or not', () => {
    const task = lowRank(1e4);
    const { mean } = drawnBy(configOf(task, 0.1), task);
    for (const preconditioned of [false, true]) {
      const { init, update } = build(configOf(task, 0.1, { temperature: 0, preconditioned }));
      let state = init(zero);
      const residual = (): number[] => task.curvature.mmul(Matrix.columnVector(Array.from(state.theta, (x, j) => x - centre[j]!))).to1DArray();
      for (let k = 0; k < 3000; k++) state = update(state, Float32Array.from(residual()), noise);
      for (let j = 0; j < D + H; j++) expect(state.theta[j]).toBeCloseTo(mean[j]!, 4);
    }
  });

  it('adds noise in the last part of each cycle, of the size of the held η', () => {
    const { init, update } = build(configOf(isotropic, 0.4, { schedule: { start: 0.4, end: 0, steps: 40, cycles: 2 }, noiseFrom: 0.75, friction: 1 }));
    let state = init(zero);
    const moved: number[] = [];
    for (let k = 0; k < 45; k++) {
      state = update(state, zero, noise);
      moved.push((state.theta[0]! - state.previous[0]!) / noise[0]!);
    }
    const noisy = moved.flatMap((x, k) => (x === 0 ? [] : [k]));
    expect(noisy).toEqual([15, 16, 17, 18, 19, 35, 36, 37, 38, 39]); // after step 40 η is 0
    // η at step 10 of a cycle of 20 is half of 0.4.
    for (const k of noisy) expect(moved[k]).toBeCloseTo(Math.sqrt((2 * 0.2) / N), 5);
  });

  it('clips the gradient of the batch, not the prior\'s', () => {
    const task = lowRank(1);
    const { init, update } = build(configOf(task, 0.1, { clip: 2, temperature: 0 }));
    const at = update(init(zero), zero, zero).theta;
    const clipped = update(init(zero), new Float32Array(D + H).fill(100), zero).theta;
    expect(Math.hypot(...clipped.map((x, j) => x - at[j]!))).toBeCloseTo(0.2, 4);
    expect(Math.hypot(...at)).toBeGreaterThan(1);
  });
});

describe('a chain of a population', () => {
  const chain = {
    start: 0, seed: 1, indices: Uint32Array.of(1), prior: null, headStrength: 1, learningRate: 0.1, steps: 300,
    sampler: { friction: 0.1, temperature: 1, preconditioned: true, noiseFrom: 0, noiseSeed: 5 },
  };
  it('keeps its rate, or goes through cycles', () => {
    expect(samplerChain({ ...chain, cycles: null }).schedule).toEqual({ start: 0.1, end: 0.1, steps: 300 });
    expect(samplerChain({ ...chain, cycles: 4 }).schedule).toEqual({ start: 0.1, end: 0, steps: 300, cycles: 4 });
    expect(samplerChain({ ...chain, cycles: 4 })).toMatchObject({ frozen: false, sampler: chain.sampler });
    expect(samplerChain({ ...chain, cycles: 4 })).not.toHaveProperty('steps');
  });
});
