/**
 * Convergence of chains, from draws [chains][draws] of one scalar: R̂, effective sample size, Monte Carlo error
 * (Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, "Rank-normalization, folding, and localization: an improved R̂";
 * Gelman et al. 2013, "Bayesian Data Analysis", 3rd edition, §11.4: BDA3); and the kinetic temperature of a sampler with velocities.
 *
 * All but the last two functions split each chain into halves first (the middle one of an odd number of draws is left out), so that one
 * chain alone is compared with itself. NaN says that there is no answer: a draw that is not finite, no chain, fewer than four
 * draws a chain, or draws that are all equal. R̂ is infinite when chains stand still at different values. Chains of
 * unequal length throw RangeError.
 */
import { normalScores, quantile } from '../core/ranks.ts';
import { mean, standardDeviation } from '../core/statistics.ts';

/** Draws of one scalar [chains][draws], warm-up left out. */
export type Draws = readonly ArrayLike<number>[];

/** Fewest draws a chain for which anything is said. */
export const FEWEST_DRAWS = 4;

export interface Diagnosis {
  /** Rank-normalised R̂: below 1.01 is what the paper asks for. */
  rhat: number;
  /** Plain split-R̂. */
  splitRhat: number;
  essBulk: number;
  essTail: number;
  essMean: number;
  /** Mean of all draws and its Monte Carlo standard error, in the scalar's units. */
  mean: number;
  mcse: number;
}

export function diagnose(draws: Draws): Diagnosis {
  return {
    rhat: rankRhat(draws), splitRhat: splitRhat(draws), essBulk: essBulk(draws), essTail: essTail(draws), essMean: essMean(draws),
    mean: mean(flat(draws)), mcse: mcse(draws),
  };
}

/** Split-R̂ = √(((n − 1)/n·W + B/n)/W) over half chains of n draws (BDA3, eq. 11.4). */
export function splitRhat(draws: Draws): number {
  return usable(draws) ? rhatOf(halves(draws)) : NaN;
}

/**
 * The larger of split-R̂ on normal scores (sensitive to location) and on normal scores of |x − median| (sensitive to scale);
 * sound where mean or variance are infinite (Vehtari et al., §3).
 */
export function rankRhat(draws: Draws): number {
  if (!usable(draws)) return NaN;
  const median = quantile(flat(draws).sort(), 0.5);
  const folded = draws.map((chain) => Float64Array.from(chain, (x) => Math.abs(x - median)));
  const [bulk, scale] = [rhatOf(scored(halves(draws))), rhatOf(scored(halves(folded)))];
  // Two values of equal frequency, say, fold to one: that says nothing about scale.
  return Number.isNaN(scale) ? bulk : Math.max(bulk, scale);
}

/** Effective sample size of normal scores: how well the centre of the distribution is known (Vehtari et al., §4.1). */
export function essBulk(draws: Draws): number {
  return usable(draws) ? essOf(scored(halves(draws))) : NaN;
}

/** The smaller effective sample size of the indicators x ≤ 5% quantile and x ≤ 95% quantile (Vehtari et al., §4.3); one that is the same for all draws says nothing. */
export function essTail(draws: Draws): number {
  if (!usable(draws)) return NaN;
  const sorted = flat(draws).sort();
  const ofIndicator = (p: number): number => {
    const bound = quantile(sorted, p);
    return essOf(halves(draws.map((chain) => Float64Array.from(chain, (x) => (x <= bound ? 1 : 0)))));
  };
  const found = [0.05, 0.95].map(ofIndicator).filter((ess) => !Number.isNaN(ess));
  return found.length === 0 ? NaN : Math.min(...found);
}

/** Effective sample size of the draws themselves, for their mean; needs a finite variance. */
export function essMean(draws: Draws): number {
  return usable(draws) ? essOf(halves(draws)) : NaN;
}

/** Monte Carlo standard error of the mean of all draws: sd/√essMean. */
export function mcse(draws: Draws): number {
  return usable(draws) ? standardDeviation(flat(draws)) / Math.sqrt(essMean(draws)) : NaN;
}

/** The sampler's constants; symbols as in `engine/contract.ts`. */
export interface Kinetics {
  /** η at the step the velocities were taken. */
  learningRate: number;
  /** α in (0, 1]. */
  friction: number;
  /** N: training rows. */
  n: number;
  /** M [P] where preconditioned; null: 1. Weights with M = 0 cannot move and are left out. */
  mass: ArrayLike<number> | null;
}

/**
 * Temperature that velocities theta − theta_prev [snapshots][P] of one chain have: T̂ = N/η·mean(v²/M)·(2 − α)/2, since
 * E[v²] = (ηTM/N)·2/(2 − α) for a small step; its standard deviation is T·√(2/(snapshots·P)) over independent velocities. A finite
 * step at curvature k raises it to T/(1 − ηMk/(4 − 2α)), and the variance of theta by the same factor; the noise of minibatches
 * raises it too. NaN when nothing could move or a velocity is not finite.
 */
export function kineticTemperature(velocities: readonly ArrayLike<number>[], { learningRate, friction, n, mass }: Kinetics): number {
  let sum = 0;
  let count = 0;
  for (const velocity of velocities) {
    for (let j = 0; j < velocity.length; j++) {
      const m = mass ? mass[j]! : 1;
      if (m === 0) continue;
      sum += velocity[j]! ** 2 / m;
      count++;
    }
  }
  const found = ((n / learningRate) * (sum / count) * (2 - friction)) / 2;
  return Number.isFinite(found) ? found : NaN;
}

/** Biased autocovariance of one chain, lag by lag: the ESS needs few lags, so none is computed before it is asked for. */
class Autocovariance {
  readonly mean: number;
  readonly #centred: Float64Array;

  constructor(chain: ArrayLike<number>) {
    this.mean = mean(chain);
    this.#centred = Float64Array.from(chain, (x) => x - this.mean);
  }

  at(lag: number): number {
    let sum = 0;
    for (let t = lag; t < this.#centred.length; t++) sum += this.#centred[t]! * this.#centred[t - lag]!;
    return sum / this.#centred.length;
  }
}

/** Of chains as they are, unsplit: NaN when all draws are equal. */
function rhatOf(chains: readonly Float64Array[]): number {
  if (standsStill(chains)) return NaN;
  const n = chains[0]!.length;
  const within = mean(chains.map((chain) => standardDeviation(chain) ** 2));
  const between = standardDeviation(chains.map(mean)) ** 2;
  return Math.sqrt((n - 1) / n + between / within);
}

/**
 * Of chains as they are: M·n/τ̂, τ̂ = −1 + 2Σρ̂_t over Geyer's initial monotone sequence of the combined autocorrelations
 * ρ̂_t = 1 − (W − mean autocovariance at t)/V̂ (Geyer 1992; Vehtari et al., eq. 10–13), as Stan does: the sum ends before the
 * first negative pair ρ̂_2k + ρ̂_2k+1, or where lags run out, and of that last pair a positive ρ̂_2k counts once (better
 * for antithetic chains). τ̂ is at least 1/log₁₀(M·n). In halves of four draws or fewer there is only one pair, and it counts
 * whole: Stan's rule would always answer M·n·log₁₀(M·n) there.
 */
function essOf(chains: readonly Float64Array[]): number {
  if (standsStill(chains)) return NaN;
  const n = chains[0]!.length;
  const all = chains.length * n;
  const covariances = chains.map((chain) => new Autocovariance(chain));
  const covariance = (lag: number): number => covariances.reduce((sum, one) => sum + one.at(lag), 0) / chains.length;
  const within = (covariance(0) * n) / (n - 1);
  const between = chains.length > 1 ? standardDeviation(covariances.map((one) => one.mean)) ** 2 : 0;
  const total = covariance(0) + between;
  const correlation = (lag: number): number => (lag === 0 ? 1 : 1 - (within - covariance(lag)) / total);
  let tau = -1;
  let before = Infinity;
  for (let lag = 0; ; lag += 2) {
    const even = correlation(lag);
    const pair = even + correlation(lag + 1);
    const last = pair <= 0 || (lag >= n - 4 && n > 4);
    if (last) {
      tau += Math.max(0, even);
      break;
    }
    before = Math.min(before, pair);
    tau += 2 * before;
    if (n <= 4) break;
  }
  return all / Math.max(tau, 1 / Math.log10(all));
}

function standsStill(chains: readonly Float64Array[]): boolean {
  const first = chains[0]![0];
  return chains.every((chain) => chain.every((x) => x === first));
}

function usable(draws: Draws): boolean {
  const n = draws[0]?.length ?? 0;
  if (draws.some((chain) => chain.length !== n)) throw new RangeError(`Chains are compared at equal length, not at ${draws.map((chain) => chain.length).join(', ')} draws.`);
  return n >= FEWEST_DRAWS && flat(draws).every(Number.isFinite);
}

/** All draws, chain after chain. */
function flat(draws: Draws): Float64Array {
  const out = new Float64Array(draws.reduce((sum, chain) => sum + chain.length, 0));
  let at = 0;
  for (const chain of draws) {
    out.set(chain, at);
    at += chain.length;
  }
  return out;
}

/** [2·chains][⌊draws/2⌋] */
function halves(draws: Draws): Float64Array[] {
  return draws.flatMap((chain) => {
    const whole = Float64Array.from(chain);
    const half = Math.floor(whole.length / 2);
    return [whole.slice(0, half), whole.slice(whole.length - half)];
  });
}

/** Normal scores of each draw among all. */
function scored(chains: readonly Float64Array[]): Float64Array[] {
  const n = chains[0]!.length;
  const scores = normalScores(flat(chains));
  return chains.map((_, c) => scores.subarray(c * n, (c + 1) * n));
}
