/**
 * Cyclical stochastic-gradient MCMC (Zhang, Li, Zhang, Chen & Wilson 2020): the step size falls along half a cosine again and again
 * (`core/schedule.ts`). Large steps at the beginning of a cycle, without noise, find another mode; small ones with noise at its end sample
 * there. What is left to decide is when to take samples; a chain at a constant rate is one cycle whose part without noise is its burn-in.
 */
import { cycleLength, cyclePosition, type Schedule } from '../core/schedule.ts';

/**
 * Numbers of steps after which a sample is taken, ascending: `perCycle` a cycle, evenly within the part of the cycle that has noise, its last
 * step included. A cycle with fewer noisy steps than that (a short last one) gives one sample a noisy step.
 * Throws RangeError unless `perCycle` is a positive whole number and `noiseFrom` in [0, 1).
 */
export function sampleSteps(schedule: Schedule, noiseFrom: number, perCycle: number): number[] {
  if (!(Number.isInteger(perCycle) && perCycle > 0)) throw new RangeError(`The number of samples a cycle must be a positive whole number, not ${perCycle}.`);
  if (!(noiseFrom >= 0 && noiseFrom < 1)) throw new RangeError(`The share of a cycle without noise must lie in [0, 1), not ${noiseFrom}.`);
  const { steps } = schedule;
  const length = cycleLength(schedule);
  const taken: number[] = [];
  for (let from = 0; from < steps; from += length) {
    const to = Math.min(steps, from + length);
    let quiet = from;
    while (quiet < to && cyclePosition(schedule, quiet) < noiseFrom) quiet++;
    const count = Math.min(perCycle, to - quiet);
    for (let i = 1; i <= count; i++) taken.push(quiet + Math.round((i * (to - quiet)) / count));
  }
  return taken;
}
