/**
 * The paths that the chosen runs took. Runs are deterministic functions of their settings, so the chosen ones are
 * trained once more, alone, and read at some of their steps: cheaper than keeping every run's parameters as it trains.
 */
import { type Frame, distanceFrom, onPlane } from '../measure/plane.ts';
import { planComparison } from './arms.ts';
import type { LabEvent } from './events.ts';
import { type Pace, TRAINING_COST } from './pace.ts';
import type { Trail } from './result.ts';
import type { Path, Studio } from './studio.ts';

/** Steps at which a path is read, besides its start. */
const STOPS = 25;

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
  const population = await input.engine.populate({ ...spec, chains: chosen.map(({ chain }) => chain) });
  try {
    const all = chosen.map((_, i) => i);
    const steps = input.settings['inference.steps'];
    const stops = [...new Set(Array.from({ length: STOPS + 1 }, (_, i) => Math.round((i * steps) / STOPS)))];
    const paths: Path[] = chosen.map(({ arm }) => ({ arm, steps: stops, thetas: [] }));
    const cost = costOfPaths(studio, seed) / steps;
    let at = 0;
    for (const stop of stops) {
      while (at < stop) {
        const piece = pace.piece(cost, stop - at);
        await pace.work(piece * cost, () => population.advance(piece));
        at += piece;
        yield pace.progress('Following the training runs');
      }
      (await population.parameters(all)).forEach((theta, i) => paths[i]!.thetas.push(theta));
    }
    studio.paths.set(seed, paths);
    return paths;
  } finally {
    await population.dispose();
  }
}

/** Paths projected on a plane. */
export function trailsOn(frame: Frame, paths: readonly Path[], seed: number): Trail[] {
  return paths.map(({ arm, steps, thetas }) => {
    const places = thetas.map((theta) => onPlane(frame, theta));
    return { arm, seed, steps, a: places.map(({ a }) => a), b: places.map(({ b }) => b), off: thetas.map((theta) => distanceFrom(frame, theta)) };
  });
}
