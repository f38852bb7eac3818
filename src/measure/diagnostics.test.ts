/**
 * Chain diagnostics against autoregressive chains of known effective size, cases worked by hand, and the formulas written a
 * second time in NumPy and SciPy (FFT autocovariance, rankdata, norm.ppf) on the same draws; temperature against the contract's own equation run on a known Gaussian.
 */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { mean, standardDeviation } from '../core/statistics.ts';
import { diagnose, type Draws, essBulk, essMean, essTail, kineticTemperature, mcse, rankRhat, splitRhat } from './diagnostics.ts';

/** Stationary AR(1) of variance 1, chain c shifted by c·shift, then scaled by 1 + c·scale. */
const autoregressive = (rho: number, chains: number, draws: number, shift = 0, scale = 0, seed = 7): Float64Array[] => Array.from({ length: chains }, (_, c) => {
  const stream = new Stream(seed, 'planted', c);
  let x = stream.normal();
  return Float64Array.from({ length: draws }, () => {
    const value = (x + shift * c) * (1 + scale * c);
    x = rho * x + Math.sqrt(1 - rho * rho) * stream.normal();
    return value;
  });
});
const each = (draws: Float64Array[], to: (x: number) => number): Float64Array[] => draws.map((chain) => chain.map(to));

describe('diagnostics', () => {
  // splitRhat, rank R̂, bulk, tail and mean ESS, Monte Carlo error, as NumPy computes them.
  it.each<[string, Float64Array[], number[]]>([
    ['independent', autoregressive(0, 4, 500), [1.00113385, 1.00117967, 1812.05752774, 1880.27543795, 1814.44601234, 0.0232972]],
    ['an odd number of draws', autoregressive(0.5, 4, 501), [1.00690427, 1.00679426, 622.42489608, 970.79374928, 622.97990198, 0.04078499]],
    ['slow', autoregressive(0.9, 2, 1000), [1.00860348, 1.0083916, 93.79772285, 200.64403528, 94.14700117, 0.1158876]],
    ['antithetic', autoregressive(-0.5, 4, 250), [0.99700673, 0.99988545, 3000, 937.82388875, 3000, 0.01792599]],
    ['shifted', autoregressive(0.3, 4, 200, 0.5), [1.15210005, 1.1516893, 19.84084462, 430.32055182, 19.82457031, 0.26396945]],
    ['one chain', autoregressive(0.7, 1, 300), [0.99748969, 0.99728997, 53.28300518, 114.96658470, 52.26874369, 0.15120123]],
    ['of different scale', autoregressive(0.2, 3, 300, 0, 0.5), [0.99940026, 1.05608012, 584.61838060, 390.8421448, 586.29794519, 0.0653307]],
    ['heavy tails', each(autoregressive(0.4, 4, 250), (x) => Math.tan(1.5 * Math.atan(x))), [1.00246893, 1.00011911, 869.06931056, 995.10219928, 1000.20960727, 1.06229113]],
    ['ties', each(autoregressive(0.6, 4, 300), (x) => Math.round(2 * x)), [1.00126566, 1.00141523, 330.6685901, 484.4012673, 330.90279638, 0.11437198]],
  ])('of chains that are %s are those of a second implementation', (_, draws, expected) => {
    const found = diagnose(draws);
    [found.splitRhat, found.rhat, found.essBulk, found.essTail, found.essMean, found.mcse].forEach((x, i) => expect(x / expected[i]!).toBeCloseTo(1, 6));
    expect([splitRhat, rankRhat, essBulk, essTail, essMean, mcse].map((one) => one(draws))).toEqual([found.splitRhat, found.rhat, found.essBulk, found.essTail, found.essMean, found.mcse]);
  });

  it('split-R̂ of eight draws is the one worked by hand', () => {
    // Halves [1 2] [3 4] [3 5] [2 6]: variances .5 .5 2 8, W = 2.75; means 1.5 3.5 4 4, their variance 4.25/3 = B/n.
    expect(splitRhat([[1, 2, 3, 4], [3, 5, 2, 6]])).toBeCloseTo(Math.sqrt(0.5 + 4.25 / 3 / 2.75), 12);
  });

  it('ESS of four draws is the one worked by hand', () => {
    // Halves [0 1] [10 11]: autocovariances .25, −.125, W = .5, V̂ = .25 + 50, ρ̂₁ = 1 − .625/50.25, τ̂ = 1 + 2ρ̂₁.
    expect(essMean([[0, 1, 10, 11]])).toBeCloseTo(4 / (1 + 2 * (1 - 0.625 / 50.25)), 12);
  });

  it.each([[0.3], [0.6], [0.8]])('ESS of AR(1) with ρ = %s is n(1 − ρ)/(1 + ρ)', (rho) => {
    // Estimated from one set of chains it is a few percent too low: the sum ends only where noise first makes a pair negative.
    const expected = (40_000 * (1 - rho)) / (1 + rho);
    for (const ess of [essMean, essBulk]) {
      const found = mean(Array.from({ length: 6 }, (_, seed) => ess(autoregressive(rho, 4, 10_000, 0, 0, seed))));
      expect(found / expected).toBeGreaterThan(0.92);
      expect(found / expected).toBeLessThan(1.03);
    }
  });

  it('Monte Carlo error is how far means really are from the truth', () => {
    const runs = Array.from({ length: 200 }, (_, seed) => autoregressive(0.7, 2, 200, 0, 0, seed));
    const spread = standardDeviation(runs.map((run) => mean(run.map((chain) => mean(chain)))));
    // 200 runs know a standard deviation to 5%.
    expect(Math.abs(mean(runs.map(mcse)) / spread - 1)).toBeLessThan(0.15);
  });

  it('know nothing of units, and rank statistics nothing of the scale’s shape', () => {
    const draws = autoregressive(0.5, 3, 200, 0.2);
    const [plain, moved, bent] = [draws, each(draws, (x) => 1e3 - 4 * x), each(draws, Math.exp)].map(diagnose) as [ReturnType<typeof diagnose>, ReturnType<typeof diagnose>, ReturnType<typeof diagnose>];
    expect(moved.splitRhat).toBeCloseTo(plain.splitRhat, 9);
    expect(moved.rhat).toBeCloseTo(plain.rhat, 9);
    expect(moved.essMean).toBeCloseTo(plain.essMean, 6);
    expect(moved.mcse).toBeCloseTo(4 * plain.mcse, 9);
    expect([bent.essBulk, bent.essTail]).toEqual([plain.essBulk, plain.essTail]);
  });

  it('see chains apart, chains that drift, and chains of different scale where plain R̂ does not', () => {
    expect(rankRhat(autoregressive(0, 4, 100, 1))).toBeGreaterThan(1.3);
    expect(rankRhat([Float64Array.from({ length: 100 }, (_, t) => t + Math.sin(t * t))])).toBeGreaterThan(1.5);
    const scaled = autoregressive(0, 4, 500, 0, 1);
    expect(splitRhat(scaled)).toBeLessThan(1.01);
    expect(rankRhat(scaled)).toBeGreaterThan(1.1);
  });

  it('give NaN where there is no answer', () => {
    const sound = autoregressive(0, 2, 20);
    const none: Draws[] = [[], [[1, 2, 3]], [[5, 5, 5, 5], [5, 5, 5, 5]], [sound[0]!, sound[1]!.map((x, i) => (i === 3 ? NaN : x))], [sound[0]!, sound[1]!.map((x, i) => (i === 3 ? Infinity : x))]];
    for (const draws of none) expect([splitRhat, rankRhat, essBulk, essTail, essMean, mcse].map((one) => one(draws))).toEqual([NaN, NaN, NaN, NaN, NaN, NaN]);
    expect(() => splitRhat([[1, 2, 3, 4], [1, 2, 3, 4, 5]])).toThrow(RangeError);
  });

  it('chains that stand still at different values never mix', () => {
    const stuck = [[1, 1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2]];
    expect(splitRhat(stuck)).toBe(Infinity);
    expect(rankRhat(stuck)).toBe(Infinity);
    // Each half is worth one draw.
    expect(essMean(stuck)).toBe(4);
    // One that stands still among sound ones is not forgiven either.
    expect(rankRhat([...autoregressive(0, 2, 100), new Float64Array(100).fill(3)])).toBeGreaterThan(1.5);
  });
});

describe('kinetic temperature', () => {
  /** SGHMC of `engine/contract.ts` on independent weights of curvature `k` per example; velocities every 20 steps after 400. */
  function velocities(k: number, T: number, eta: number, alpha: number, n: number, mass: Float64Array): Float64Array[] {
    const stream = new Stream(5, 'planted');
    const theta = mass.map(() => Math.sqrt(T / (n * k)) * stream.normal());
    let previous = theta.slice();
    const out: Float64Array[] = [];
    for (let step = 0; step < 2000; step++) {
      const before = theta.slice();
      theta.forEach((x, j) => {
        const m = mass[j]!;
        theta[j] = x + (1 - alpha) * (x - previous[j]!) - eta * m * k * x + Math.sqrt((2 * alpha * eta * T * m) / n) * stream.normal();
      });
      previous = before;
      if (step >= 400 && step % 20 === 19) out.push(theta.map((x, j) => x - before[j]!));
    }
    return out;
  }
  const mass = Float64Array.from({ length: 60 }, (_, j) => (j % 3 === 0 ? 1 : j % 3 === 1 ? 0.2 : 0.04));

  it.each([[1, 0.1, 0.01, 100], [0.25, 0.5, 0.02, 400], [1, 1, 0.01, 50]])('is T = %s at α = %s, η = %s, N = %s', (T, friction, learningRate, n) => {
    const found = kineticTemperature(velocities(1, T, learningRate, friction, n, mass), { learningRate, friction, n, mass });
    // 4,800 velocities: 2% apart at one standard deviation.
    expect(Math.abs(found / T - 1)).toBeLessThan(0.07);
  });

  it('rises with the step as the docstring says', () => {
    const [k, learningRate, friction, n] = [20, 0.08, 0.2, 100] as const;
    const ones = new Float64Array(60).fill(1);
    const found = kineticTemperature(velocities(k, 1, learningRate, friction, n, ones), { learningRate, friction, n, mass: null });
    // 1/(1 − 1.6/3.6) = 1.8.
    expect(Math.abs(found / 1.8 - 1)).toBeLessThan(0.07);
  });

  it('is exact arithmetic on one velocity, and leaves out what cannot move', () => {
    // N/η·mean(v²/M)·(2 − α)/2 = 10/.1 · (4 + 8)/2 · .75.
    expect(kineticTemperature([[2, 2, 0]], { learningRate: 0.1, friction: 0.5, n: 10, mass: [1, 0.5, 0] })).toBeCloseTo(450, 9);
    expect(kineticTemperature([[0]], { learningRate: 0.1, friction: 0.5, n: 10, mass: [0] })).toBeNaN();
    expect(kineticTemperature([[1, Infinity]], { learningRate: 0.1, friction: 0.5, n: 10, mass: null })).toBeNaN();
    expect(kineticTemperature([], { learningRate: 0.1, friction: 0.5, n: 10, mass: null })).toBeNaN();
  });
});
