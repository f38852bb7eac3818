/**
 * Lines through parameter space. For the evidence, per seed: from the plain solution to the solutions of the learned
 * prior, L2-SP and isotropic, and two cuts that are built from no fine-tuned extractor, through (mean, the probe's
 * head): along the posterior's top covariance direction and along a random one. A line that ends in a solution is partly
 * circular: that solution minimises what is plotted.
 */
import { minimum } from '../../measure/alignment.ts';
import { linspace, type Ray, rayThrough } from '../../measure/plane.ts';
import type { Arm, Family } from '../../prior/prior.ts';
import { directionWords, type LineSpec, type PointName, pointWords } from './cut-spec.ts';
import { BASIN } from './evidence.ts';
import type { Direction, Studio } from './studio.ts';

/** Families with a learned covariance, the most telling first. */
export const LEARNED = ['low-rank', 'diagonal', 'layerwise'] as const satisfies readonly Family[];

export const INDEPENDENT_CUT = 'top covariance direction';
export const RANDOM_CUT = 'random direction';

export interface Cut {
  cut: string;
  from: string;
  to: string | null;
  ray: Ray;
  /** Position of `from` and `to`. */
  ends: [number, number];
  /** Lowest and highest t; null: to be found by a scan up to ±`reach`. */
  range: [number, number] | null;
  reach: number;
}

/** The priors shown first on every cut: the learned one and, beside it, L2-SP and isotropic, as far as they took part. */
export function cutFamilies(arms: readonly Arm[]): Family[] {
  const learned = LEARNED.find((family) => arms.includes(family));
  return [...(learned ? [learned] : []), ...(['l2-sp', 'isotropic'] as const).filter((family) => arms.includes(family))];
}

/** The line between two points, half its length beyond on either side; null when the two are one point. */
export function cutBetween(from: Float32Array, to: Float32Array, names: { from: string; to: string }): Cut | null {
  const ray = rayThrough(from, to);
  if (!ray) return null;
  const { length } = ray;
  return { cut: `${names.from} → ${names.to}`, ...names, ray, ends: [0, length], range: [-0.5 * length, 1.5 * length], reach: length };
}

/** The line through a point along a direction; how far it goes is found by a scan up to ±`reach`. */
export function cutAlong(cut: string, origin: Float32Array, from: string, { u, length }: Direction, reach: number): Cut {
  return { cut, from, to: null, ray: { origin, u, length }, ends: [0, length], range: null, reach };
}

/** The cuts of the evidence for one seed, as far as its solutions exist. */
export function evidenceCuts(studio: Studio, seed: number): Cut[] {
  const { arms } = studio.input.settings;
  const families = cutFamilies(arms);
  const between = families.flatMap((family) => cutOf(studio, { kind: 'between', from: 'none', to: family }, seed));
  const origin = studio.point('mean + probe', seed);
  if (!origin || families.length === 0) return between;
  const scale = families.map((family) => studio.result(family, seed)?.scale).find((found) => found != null) ?? 1;
  const top = studio.direction({ kind: 'covariance', index: 0 }, origin, seed);
  const random = studio.direction({ kind: 'random', draw: 0 }, origin, seed);
  return [
    ...between,
    // Three standard deviations of the prior.
    ...(top ? [cutAlong(INDEPENDENT_CUT, origin, 'mean + probe', top, 3 * top.length * Math.sqrt(scale))] : []),
    ...(random ? [cutAlong(RANDOM_CUT, origin, 'mean + probe', random, random.length)] : []),
  ];
}

/** What lines of a spec are called. */
export function lineName(spec: LineSpec): string {
  return spec.kind === 'between' ? `${pointWords(spec.from)} → ${pointWords(spec.to)}` : `${BASIN}${directionWords(spec.direction)}`;
}

/** The lines of a spec for one seed; none where a point is missing or two are one. */
export function cutOf(studio: Studio, spec: LineSpec, seed: number): Cut[] {
  if (spec.kind === 'between') {
    const [from, to] = [studio.point(spec.from, seed), studio.point(spec.to, seed)];
    const cut = from && to && cutBetween(from, to, { from: pointWords(spec.from), to: pointWords(spec.to) });
    return cut ? [cut] : [];
  }
  return spec.arms.flatMap((arm) => {
    const origin = studio.point(arm, seed);
    const direction = origin && studio.direction(spec.direction, origin, seed);
    return direction ? [cutAlong(lineName(spec), origin, arm, direction, reachAround(studio, origin))] : [];
  });
}

/** How far a scan along any direction goes: the norm of the extractor's weights, where every network is another one. */
export function reachAround(studio: Studio, origin: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < studio.table.extractor; j++) sum += origin[j]! ** 2;
  return Math.sqrt(sum);
}

/** Every point that a visitor may choose for this seed. */
export function pointsThere(studio: Studio, seed: number): PointName[] {
  const names: PointName[] = ['pre-trained', ...(studio.point('mean + probe', seed) ? ['mean + probe' as const] : []), ...studio.input.settings.arms];
  return names.filter((name) => studio.point(name, seed) !== null);
}

/** Where a scan looks: 0 and ± reach, halved nine times. Ascending. */
export function scanPoints(reach: number): number[] {
  const positive = Array.from({ length: 10 }, (_, k) => reach / 2 ** (9 - k));
  return [...positive.map((t) => -t).reverse(), 0, ...positive];
}

/** A symmetric range that holds both minimisers of a scan with room to spare. */
export function rangeAround(t: readonly number[], trainNll: readonly number[], testNll: readonly number[], reach: number): [number, number] {
  const far = Math.max(...[trainNll, testNll].map((nll) => Math.abs(minimum(t, nll)?.t ?? 0)));
  const half = Math.min(reach, Math.max(2.5 * far, reach / 256));
  return [-half, half];
}

/** Half the width of a map along a direction: as `rangeAround`, and far enough that the training loss has risen by RISE on one side. */
export function mapReach(t: readonly number[], trainNll: readonly number[], testNll: readonly number[], reach: number): number {
  const [, half] = rangeAround(t, trainNll, testNll, reach);
  const low = minimum(t, trainNll)?.value ?? NaN;
  const risen = t.filter((x, i) => x !== 0 && trainNll[i]! >= low + RISE).map(Math.abs);
  return Math.max(half, risen.length > 0 ? Math.min(...risen) : reach);
}

/** Nats. */
const RISE = 1;

export function pointsOf(range: [number, number], count: number): number[] {
  return linspace(range[0], range[1], count);
}
