/**
 * The maps' colours: viridis (perceptually uniform, readable with any colour vision), low loss bright, so that a basin
 * glows. Bands are a square-root scale: narrow near the minimum, wide above, cut off at a high quantile.
 */
import { quantile } from '../charts/scale.ts';

/** Viridis at 0, 1/16 … 1. */
const VIRIDIS = [
  '#440154', '#48186a', '#472d7b', '#424086', '#3b528b', '#33638d', '#2c728e', '#26828e', '#21918c', '#1fa088', '#28ae80', '#3fbc73', '#5ec962', '#84d44b', '#addc30', '#d8e219', '#fde725',
];

/** Colour of a share of the way from the lowest (0) to the highest (1) loss shown. */
export function lossColour(share: number): string {
  const at = (1 - Math.max(0, Math.min(1, share))) * (VIRIDIS.length - 1);
  const i = Math.min(VIRIDIS.length - 2, Math.floor(at));
  const [from, to] = [channels(VIRIDIS[i]!), channels(VIRIDIS[i + 1]!)];
  return `#${from.map((c, k) => Math.round(c + (at - i) * (to[k]! - c)).toString(16).padStart(2, '0')).join('')}`;
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

export const BANDS = 16;

export interface LossDomain {
  low: number;
  high: number;
  /** Some values lie above `high`. */
  clipped: boolean;
}

/** Everything above this quantile is drawn in the last colour. */
export const CLIP = 0.75;

/** Over all given maps together; null while nothing is finite. */
export function lossDomain(maps: readonly (readonly number[])[], clip = CLIP): LossDomain | null {
  const values = maps.flat().filter(Number.isFinite);
  if (values.length === 0) return null;
  let [low, top] = [Infinity, -Infinity];
  for (const value of values) [low, top] = [Math.min(low, value), Math.max(top, value)];
  const high = Math.max(quantile(values, clip), low + 1e-9 + 1e-6 * Math.abs(low));
  return { low, high, clipped: top > high };
}

/** Lower edges of the bands: low + (high − low)·(k/(BANDS − 1))², k = 0…BANDS − 1. */
export function bandEdges({ low, high }: LossDomain): number[] {
  return Array.from({ length: BANDS }, (_, k) => low + (high - low) * (k / (BANDS - 1)) ** 2);
}

/** Colour of band k. */
export function bandColour(k: number): string {
  return lossColour(k / (BANDS - 1));
}
