/** Measures losses along lines: each point one chain evaluated once, in pieces, an event after each. */
import type { Frame, Ray } from '../../measure/plane.ts';
import { type Cut, pointsOf, rangeAround, scanPoints } from './cuts.ts';
import type { LabEvent } from '../events.ts';
import type { Pace } from '../pace.ts';
import type { Line } from '../result.ts';
import type { Losses, Studio } from './studio.ts';

/** Points that a cut costs, its scan included. */
export function pointsIn(cut: Cut, linePoints: number): number {
  return linePoints + (cut.range === null ? scanPoints(1).length : 0);
}

export async function* measureLine(studio: Studio, cut: Cut, seed: number, pace: Pace): AsyncGenerator<LabEvent, Line> {
  const label = `Cutting along ${cut.cut}, seed ${seed}`;
  let range = cut.range;
  if (!range) {
    const t = scanPoints(cut.reach);
    const scan = yield* alongRay(studio, cut.ray, t, seed, pace, label);
    range = rangeAround(t, scan.trainNll, scan.testNll, cut.reach);
  }
  const t = pointsOf(range, studio.input.settings['surface.linePoints']);
  const { trainNll, testNll } = yield* alongRay(studio, cut.ray, t, seed, pace, label);
  return {
    cut: cut.cut, seed, from: cut.from, to: cut.to, length: cut.ray.length, ends: cut.ends, t, trainNll, testNll, n: studio.n(seed),
    priors: studio.priors(seed, (sections, headStrength) => sections.onLine(cut.ray, headStrength)),
  };
}

/** Losses at positions t of a ray. */
export async function* alongRay(studio: Studio, ray: Ray, t: readonly number[], seed: number, pace: Pace, label: string): AsyncGenerator<LabEvent, Losses> {
  const whole: Losses = { trainNll: [], testNll: [], trainAccuracy: [], testAccuracy: [] };
  for (let from = 0; from < t.length;) {
    const part = t.slice(from, from + studio.piece(pace, seed, t.length - from));
    const losses = await studio.evaluate(rayFrame(ray), Float32Array.from(part.flatMap((x) => [x, 0])), seed, pace);
    for (const name of ['trainNll', 'testNll', 'trainAccuracy', 'testAccuracy'] as const) whole[name].push(...losses[name]);
    from += part.length;
    yield pace.progress(label);
  }
  return whole;
}

/** A ray as a plane whose second coordinate is always 0. */
export function rayFrame({ origin, u }: Ray): Frame {
  return { origin, u, v: new Float32Array(u.length), degenerate: false };
}
