/**
 * The paths that the chosen runs took. Runs are deterministic functions of their settings, so the chosen ones are
 * trained once more, alone, and read at some of their steps: cheaper than keeping every run's parameters as it trains.
 * Samples of a chain are drawn in the same way, to be shown on a plane.
 */
import { type Frame, distanceFrom, onPlane } from '../../measure/plane.ts';
import { LabError } from '../../core/errors.ts';
import type { PopulationSpec } from '../../engine/contract.ts';
import { planComparison } from '../comparison/arms.ts';
import type { LabEvent } from '../events.ts';
import { type Members, samplersOf, samplingSteps, type SamplingSettings } from '../inference/members.ts';
import { isSampler } from '../inference/methods.ts';
import { type Pace, TRAINING_COST } from '../pace.ts';
import type { Trail } from '../result.ts';
import { keepLatest, type Path, type Studio } from './studio.ts';

/** Steps at which a path is read, besides its start. */
const STOPS = 25;
/** Seeds whose paths are kept: of eight arms of 24,000 parameters 20 MB each. */
const MOST_SEEDS = 3;

/** Images passed forward in recording the paths of one seed. */
export function costOfPaths(studio: Studio, seed: number): number {
  if (studio.paths.has(seed)) return 0;
  const { settings } = studio.input;
  return TRAINING_COST * settings.arms.length * settings['inference.steps'] * Math.min(settings['inference.batch'], studio.n(seed));
}

/** The path of every arm that has a chosen run for this seed; from memory the second time. */
export async function* recordPaths(studio: Studio, seed: number, pace: Pace): AsyncGenerator<LabEvent, Path[]> {
  const known = studio.paths.get(seed);
  if (known) return known;
  const { input } = studio;
  const { spec, entries } = planComparison({ ...input, seeds: [seed], splits: [input.splits[studio.index(seed)]!] });
  const chosen = input.settings.arms.flatMap((arm) => {
    const result = studio.result(arm, seed);
    const chain = entries.findIndex(({ cell }) => cell.arm === arm && cell.scale === result?.scale && cell.headStrength === result?.headStrength && cell.learningRate === result?.learningRate);
    return result && chain >= 0 ? [{ arm, chain: spec.chains[chain]! }] : [];
  });
  const steps = input.settings['inference.steps'];
  const stops = [...new Set(Array.from({ length: STOPS + 1 }, (_, i) => Math.round((i * steps) / STOPS)))];
  const runs = chosen.map(({ arm }) => ({ arm, temperature: null }));
  const paths = yield* followed(studio, { ...spec, chains: chosen.map(({ chain }) => chain) }, runs, stops, costOfPaths(studio, seed) / steps, pace, 'Following the training runs');
  keepLatest(studio.paths, seed, paths, MOST_SEEDS);
  return paths;
}

/** What drawing samples to be shown depends on, and its cost in images passed forward. */
function samplersFor(studio: Studio, seed: number, settings: SamplingSettings): { made: Members; stops: number[]; cost: number } {
  const { input } = studio;
  const [temperature] = settings['sampling.temperatures'];
  const made = samplersOf({
    ...input, seeds: [seed], splits: [input.splits[studio.index(seed)]!], arms: input.outcome.arms,
    settings: { ...settings, arms: input.settings.arms, 'sampling.chains': 1, 'sampling.temperatures': [temperature!] },
  });
  return { made, stops: samplingSteps(settings).taken, cost: TRAINING_COST * made.members.length * Math.min(settings['sampling.batch'], studio.n(seed)) };
}

export function costOfSamples(studio: Studio, seed: number, settings: SamplingSettings): number {
  return samplersFor(studio, seed, settings).cost * settings['sampling.steps'];
}

/** Samples of one chain a prior at the first temperature of the settings; from memory while these stay. Throws LabError('config') when the method draws none. */
export async function* recordSamples(studio: Studio, seed: number, settings: SamplingSettings, pace: Pace): AsyncGenerator<LabEvent, Path[]> {
  if (!isSampler(settings['sampling.method'])) {
    throw new LabError('config', 'This method draws no samples along a chain; choose SGLD, SGHMC or cyclical SGHMC under Bayesian average, then show them.');
  }
  const key = JSON.stringify([seed, Object.entries(settings).filter(([name]) => name.startsWith('sampling.'))]);
  if (studio.samples?.key === key) return studio.samples.paths;
  const { made: { spec, members }, stops, cost } = samplersFor(studio, seed, settings);
  const runs = members.map(({ result, temperature }) => ({ arm: result.arm, temperature }));
  const paths = yield* followed(studio, spec, runs, stops, cost, pace, 'Drawing samples');
  studio.samples = { key, paths };
  return paths;
}

/** Runs a population and reads it after each of `stops`; `cost` is that of a step. */
async function* followed(
  studio: Studio, spec: PopulationSpec, runs: readonly Pick<Path, 'arm' | 'temperature'>[], stops: readonly number[], cost: number, pace: Pace, label: string,
): AsyncGenerator<LabEvent, Path[]> {
  const population = await studio.input.engine.populate(spec);
  try {
    const all = runs.map((_, i) => i);
    const paths = runs.map((run): Path => ({ ...run, steps: [...stops], thetas: [] }));
    let at = 0;
    for (const stop of stops) {
      while (at < stop) {
        const piece = pace.piece(cost, stop - at);
        await pace.work(piece * cost, () => population.advance(piece));
        at += piece;
        yield pace.progress(label);
      }
      (await population.parameters(all)).forEach((theta, i) => paths[i]!.thetas.push(theta));
    }
    return paths;
  } finally {
    await population.dispose();
  }
}

/** Paths projected on a plane. */
export function trailsOn(frame: Frame, paths: readonly Path[], seed: number): Trail[] {
  return paths.map(({ arm, temperature, steps, thetas }) => {
    const places = thetas.map((theta) => onPlane(frame, theta));
    return { arm, seed, temperature, steps, a: places.map(({ a }) => a), b: places.map(({ b }) => b), off: thetas.map((theta) => distanceFrom(frame, theta)) };
  });
}
