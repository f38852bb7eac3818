/**
 * The chains of Bayesian inference: for every arm with a proper prior and every seed, at the λ and κ that were tuned, the
 * members of a deep ensemble (independent MAP chains) and, for a sampling method, chains at each temperature. Members
 * of one place share rows, batches and head starts whatever the arm, as in the comparison.
 */
import type { Gaussian } from '../../core/gaussian.ts';
import type { Schedule } from '../../core/schedule.ts';
import type { Split } from '../../data/dataset.ts';
import type { ChainSpec, DataRef, PopulationSpec } from '../../engine/contract.ts';
import { sampleSteps } from '../../inference/cyclical.ts';
import { mapChain } from '../../inference/map.ts';
import { samplerChain } from '../../inference/sghmc.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { headStart } from '../../model/initialise.ts';
import { build } from '../../prior/families.ts';
import { type Family, isFamily } from '../../prior/prior.ts';
import type { ComparisonSettings } from '../comparison/arms.ts';
import type { Config } from '../config/config.ts';
import type { ArmResult } from '../result.ts';
import { joined } from '../source/source.ts';

export type SamplingSettings = ComparisonSettings & Pick<Config,
  | 'sampling.method' | 'sampling.chains' | 'sampling.steps' | 'sampling.samples' | 'sampling.temperatures' | 'sampling.learningRate' | 'sampling.friction'
  | 'sampling.cycles' | 'sampling.burnIn' | 'sampling.preconditioner' | 'sampling.batch' | 'sampling.swagRate' | 'sampling.snapshots'>;

export interface MembersInput {
  architecture: Architecture;
  posterior: Gaussian;
  /** The prior of the arm shift-trajectory at λ = 1, where that takes part. */
  shift?: Gaussian | null;
  data: DataRef;
  seeds: number[];
  splits: Split[];
  /** Tuned values by arm and seed. */
  arms: readonly ArmResult[];
  settings: SamplingSettings;
}

/** What a chain is: an arm's result (tuned λ and κ), which of its members, and T of a sampler. */
export interface Member {
  result: ArmResult & { arm: Family; scale: number };
  /** Index into `seeds`. */
  seed: number;
  member: number;
  temperature: number | null;
}

export interface Members {
  spec: PopulationSpec;
  members: Member[];
}

/** Batch order, head start and noise of a member: far from those of the comparison's own seeds. */
export function memberSeed(seed: number, member: number): number {
  return (seed + 0x9e3779b1 * (member + 1)) >>> 0;
}

/** Arms with a proper prior that have a sound result, in the order of the settings, seed by seed. */
export function tuned({ seeds, arms, settings }: MembersInput): { result: Member['result']; seed: number }[] {
  return seeds.flatMap((seed, s) => settings.arms.filter(isFamily).flatMap((family) => {
    const result = arms.find((one) => one.arm === family && one.seed === seed);
    return result?.scale != null && Number.isFinite(result.test.nll) ? [{ result: { ...result, arm: family, scale: result.scale }, seed: s }] : [];
  }));
}

/** The deep ensemble: MAP chains trained as in the comparison, from head starts and batch orders of their own. */
export function ensembleOf(input: MembersInput): Members {
  const { settings } = input;
  return members(input, [null], settings['inference.batch'], ({ chain, result }) => mapChain({ ...chain, frozen: false, learningRate: result.learningRate, steps: settings['inference.steps'] }));
}

/** One chain a member and temperature. */
export function samplersOf(input: MembersInput): Members {
  const { settings } = input;
  const { method, cycles } = shapeOf(settings);
  return members(input, settings['sampling.temperatures'], settings['sampling.batch'], ({ chain, temperature, noiseSeed }) => samplerChain({
    ...chain, learningRate: settings['sampling.learningRate'], steps: settings['sampling.steps'], cycles,
    sampler: {
      friction: method === 'sgld' ? 1 : settings['sampling.friction'], temperature: temperature!, preconditioned: settings['sampling.preconditioner'] === 'prior',
      noiseFrom: settings['sampling.burnIn'], noiseSeed,
    },
  }));
}

/** Steps after which samples are taken; the same for every chain. */
export function samplingSteps(settings: SamplingSettings): { schedule: Schedule; taken: number[] } {
  const { cycles } = shapeOf(settings);
  const start = settings['sampling.learningRate'];
  const steps = settings['sampling.steps'];
  const schedule: Schedule = cycles === null ? { start, end: start, steps } : { start, end: 0, steps, cycles };
  return { schedule, taken: sampleSteps(schedule, settings['sampling.burnIn'], Math.max(1, Math.round(settings['sampling.samples'] / (cycles ?? 1)))) };
}

function shapeOf(settings: SamplingSettings): { method: SamplingSettings['sampling.method']; cycles: number | null } {
  const method = settings['sampling.method'];
  return { method, cycles: method === 'cyclical' ? settings['sampling.cycles'] : null };
}

type Bare = Omit<ChainSpec, 'schedule' | 'frozen' | 'sampler'>;

function members(
  input: MembersInput, temperatures: readonly (number | null)[], batch: number,
  make: (of: { chain: Bare; result: Member['result']; temperature: number | null; noiseSeed: number }) => ChainSpec,
): Members {
  const { architecture, posterior, shift, data, seeds, splits, settings } = input;
  const families = settings.arms.filter(isFamily);
  const { entries } = parameterTable(architecture);
  const count = settings['sampling.chains'];
  const starts: Float32Array[] = [];
  const startOf = seeds.map((seed) => Array.from({ length: count }, (_, member) => starts.push(joined(posterior.mean, headStart(architecture, memberSeed(seed, member)))) - 1));
  const found: Member[] = [];
  const chains: ChainSpec[] = [];
  // Seed by seed and member by member, so that neighbours share batches.
  for (const [s, seed] of seeds.entries()) {
    const own = tuned(input).filter((one) => one.seed === s);
    for (let member = 0; member < count; member++) {
      for (const { result } of own) {
        for (const temperature of temperatures) {
          const own = memberSeed(seed, member);
          const chain: Bare = {
            start: startOf[s]![member]!, seed: own, indices: splits[s]!.train,
            prior: { gaussian: families.indexOf(result.arm), scale: result.scale, floor: settings['prior.floor'] }, headStrength: result.headStrength,
          };
          found.push({ result, seed: s, member, temperature });
          // Arms and temperatures share no noise: equal noise would tie their differences to it.
          chains.push(make({ chain, result, temperature, noiseSeed: (own + 0x85ebca6b * chains.length) >>> 0 }));
        }
      }
    }
  }
  const spec: PopulationSpec = {
    architecture, data, batch, augmentation: null, momentum: settings['inference.momentum'], clip: settings['inference.clip'],
    starts, priors: families.map((family) => build(family, posterior, entries, settings['prior.covers'], shift)), chains,
  };
  return { spec, members: found };
}
