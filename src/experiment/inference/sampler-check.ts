/**
 * The sampler put to a test whose answer is known: the chosen method, on the engine that trains, draws from a prior
 * itself, N(mean, T·Σ), and its means and standard deviations along a few directions are held to the exact ones. The
 * likelihood is silenced by clipping its gradient to nothing; everything else is the very code that samples posteriors.
 */
import type { Gaussian } from '../../core/gaussian.ts';
import { marginalVariances } from '../../core/marginals.ts';
import { cyclePosition } from '../../core/schedule.ts';
import { standardDeviation, mean } from '../../core/statistics.ts';
import type { Engine, PopulationSpec } from '../../engine/contract.ts';
import { diagnose } from '../../measure/diagnostics.ts';
import { covarianceDirection, randomUnit } from '../../measure/directions.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { along, coveredBy, type Covers } from '../../prior/coverage.ts';
import { build } from '../../prior/families.ts';
import type { Family } from '../../prior/prior.ts';
import type { LabEvent } from '../events.ts';
import { type MembersInput, memberSeed, samplersOf } from './members.ts';
import { isSampler } from './methods.ts';
import { Pace } from '../pace.ts';
import { LabError } from '../../core/errors.ts';

/** Steps at least, whatever the settings ask for: a standard deviation needs many independent draws. */
const STEPS = 2000;
const SAMPLES = 200;
const CHAINS = 4;
/** A clip that leaves no gradient of the likelihood. */
const SILENCE = 1e-20;

export interface CheckedDirection {
  name: string;
  /** Exact standard deviation √(T·uᵀΣu), parameter units. */
  exact: number;
  /** Of the draws, and its standard error by the effective sample size. */
  found: number;
  error: number;
  /** Mean of the draws − exact mean, and its Monte Carlo standard error. */
  offset: number;
  offsetError: number;
  rhat: number;
  ess: number;
}

export interface SamplerCheck {
  family: Family;
  scale: number;
  temperature: number;
  method: string;
  steps: number;
  chains: number;
  /** Chains that became non-finite. */
  diverged: number;
  directions: CheckedDirection[];
}

/** Yields progress. Throws LabError('config') when the method draws nothing. */
export async function* checkSampler(input: MembersInput & { engine: Engine }, family: Family, temperature: number): AsyncGenerator<LabEvent, SamplerCheck> {
  const { engine, settings, posterior, architecture, seeds } = input;
  const method = settings['sampling.method'];
  if (!isSampler(method)) throw new LabError('config', 'This method runs no chains; choose SGLD, SGHMC or cyclical SGHMC, then check it.');
  if (!(temperature > 0)) throw new LabError('config', 'At T = 0 nothing is sampled; check the sampler at a temperature above 0.');
  const steps = Math.max(STEPS, settings['sampling.steps']);
  const asked = { ...settings, 'sampling.temperatures': [temperature], 'sampling.chains': CHAINS, 'sampling.steps': steps, 'sampling.batch': 1 };
  const made = samplersOf({ ...input, settings: asked });
  const own = made.members.flatMap(({ result, seed }, i) => (result.arm === family && seed === 0 ? [i] : []));
  const first = own[0];
  if (first === undefined) throw new LabError('config', 'This prior took no part in the last comparison; choose another.');
  const chain = made.spec.chains[first]!;
  const gaussian = made.spec.priors[chain.prior!.gaussian]!;
  // One start for all: a check of sampling, not of finding the way.
  const spec: PopulationSpec = { ...made.spec, clip: SILENCE, chains: own.map((i, c) => ({ ...made.spec.chains[i]!, seed: memberSeed(seeds[0]!, c) })) };
  const followed = directionsOf(gaussian, posterior, architecture, settings['prior.covers'], seeds[0]!);
  const draws = followed.map(() => own.map((): number[] => []));
  const population = await engine.populate(spec);
  const pace = new Pace('inference', steps, 'Checking the sampler');
  let diverged = 0;
  try {
    const quiet = Math.round(steps * Math.max(0.2, settings['sampling.burnIn']));
    const every = Math.max(1, Math.floor((steps - quiet) / SAMPLES));
    for (let at = 0; at < steps;) {
      const to = at < quiet ? Math.min(quiet, at + Math.max(1, pace.piece(1, quiet - at))) : Math.min(steps, at + every);
      const { divergedAt } = await pace.work(to - at, () => population.advance(to - at));
      at = to;
      diverged = divergedAt.filter((step) => step >= 0).length;
      // A cycle begins without noise: there a chain descends, it does not sample.
      if (at > quiet && cyclePosition(chain.schedule, at - 1) >= settings['sampling.burnIn']) {
        (await population.parameters(own.map((_, c) => c))).forEach((theta, c) => followed.forEach(({ u }, k) => draws[k]![c]!.push(projection(u, theta, gaussian.mean))));
      }
      yield pace.progress(`Checking the sampler, step ${at} of ${steps}`);
    }
  } finally {
    await population.dispose();
  }
  const { scale, floor } = chain.prior!;
  return {
    family, scale, temperature, method, steps, chains: own.length, diverged,
    directions: followed.map(({ name, variance }, k) => checked(name, Math.sqrt(temperature * (scale * variance + floor)), draws[k]!)),
  };
}

/** Unit vectors over what the prior covers, and its variance along them at λ = 1. */
function directionsOf(gaussian: Gaussian, posterior: Gaussian, architecture: Architecture, covers: Covers, seed: number): { name: string; u: Float32Array; variance: number }[] {
  const { entries, extractor } = parameterTable(architecture);
  const covered = coveredBy(covers, entries);
  const own = covered ?? entries.filter(({ part }) => part === 'extractor');
  const variance = (u: Float32Array) => {
    let sum = 0;
    for (let j = 0; j < u.length; j++) sum += u[j]! ** 2 * gaussian.variance[j]!;
    for (let k = 0; k < gaussian.rank; k++) {
      let z = 0;
      for (let j = 0; j < u.length; j++) z += u[j]! * gaussian.factor[k * u.length + j]!;
      sum += z * z;
    }
    return sum;
  };
  const s = marginalVariances(gaussian);
  const weights = [0, 1].map((end) => {
    let best = own[0]!.offset;
    for (const { offset, size } of own) for (let j = offset; j < offset + size; j++) if (end === 0 ? s[j]! < s[best]! : s[j]! > s[best]!) best = j;
    return best;
  });
  const single = (j: number) => {
    const u = new Float32Array(extractor);
    u[j] = 1;
    return u;
  };
  const top = [0, 1].flatMap((index) => {
    const found = covarianceDirection(build('low-rank', posterior, entries, covers), index, extractor);
    return found ? [{ name: index === 0 ? 'top covariance direction' : 'covariance direction 2', u: found.u }] : [];
  });
  return [
    ...top, ...[0, 1].map((draw) => ({ name: `random direction ${draw + 1}`, u: along(randomUnit(extractor, seed, draw, extractor), covered) })),
    { name: 'tightest weight', u: single(weights[0]!) }, { name: 'loosest weight', u: single(weights[1]!) },
  ].map(({ name, u }) => ({ name, u, variance: variance(u) }));
}

function projection(u: Float32Array, theta: Float32Array, centre: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < u.length; j++) sum += u[j]! * (theta[j]! - centre[j]!);
  return sum;
}

function checked(name: string, exact: number, draws: number[][]): CheckedDirection {
  const all = draws.flat();
  const { rhat, essMean, mcse } = diagnose(draws);
  // Squares forget twice as fast as values: their effective size decides how well a deviation is known.
  const squares = diagnose(draws.map((chain) => chain.map((x) => x * x)));
  const found = standardDeviation(all);
  return { name, exact, found, error: found / Math.sqrt(2 * Math.max(1, squares.essMean)), offset: mean(all), offsetError: mcse, rhat, ess: essMean };
}

/** Whether nothing speaks against the sampler: every direction within four standard errors, and 5% for what is known of a finite step. */
export function isSound({ diverged, directions }: SamplerCheck): boolean {
  return diverged === 0 && directions.every(({ exact, found, error, offset, offsetError }) => Math.abs(found - exact) <= 4 * error + 0.05 * exact && Math.abs(offset) <= 4 * offsetError + 0.05 * exact);
}

/** R̂ above which chains are not of one mind, so that neither are their standard errors. */
const MIXED = 1.1;

/** Whether the draws along a direction say enough for `isSound` to mean that it was recovered. */
export function isSettled({ rhat }: CheckedDirection): boolean {
  return rhat <= MIXED;
}
