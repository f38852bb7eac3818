/** The forest plot's scale: intervals of paired differences around zero, with far-off arms drawn as arrows at the edge. */
import type { Comparison } from '../../experiment/result.ts';

export interface ForestDomain {
  low: number;
  high: number;
}

/** Beyond this many times the median reach from zero an interval does not stretch the scale. */
const FAR = 2.5;

/** From the furthest interval below zero to the furthest above, zero always inside with room on either side. */
export function forestDomain(differences: readonly Comparison[]): ForestDomain {
  const bounds = differences.flatMap(({ mean, ci95 }): [number, number][] => (Number.isFinite(mean) ? [ci95 ?? [mean, mean]] : []));
  const reachOf = ([low, high]: [number, number]) => Math.max(Math.abs(low), Math.abs(high));
  const reach = bounds.map(reachOf).sort((a, b) => a - b);
  if (reach.length === 0) return { low: -1, high: 1 };
  const limit = FAR * reach[Math.floor((reach.length - 1) / 2)]! || 1;
  const near = bounds.filter((bound) => reachOf(bound) <= limit);
  const low = Math.min(0, ...near.map((bound) => bound[0]));
  const high = Math.max(0, ...near.map((bound) => bound[1]));
  const least = 0.25 * Math.max(-low, high) || 1;
  const room = 0.06 * (Math.max(high, least) - Math.min(low, -least));
  return { low: Math.min(low, -least) - room, high: Math.max(high, least) + room };
}

export interface Whisker {
  from: number;
  to: number;
  /** null when the mean itself lies outside. */
  mean: number | null;
  /** Which ends are cut off by the picture. */
  cut: { low: boolean; high: boolean };
}

/** What of an interval the picture shows; null when nothing finite is there. */
export function whisker({ mean, ci95 }: Comparison, { low, high }: ForestDomain): Whisker | null {
  if (!Number.isFinite(mean)) return null;
  const [from, to] = ci95 ?? [mean, mean];
  const inside = (value: number) => Math.max(low, Math.min(high, value));
  return { from: inside(from), to: inside(to), mean: mean >= low && mean <= high ? mean : null, cut: { low: from < low, high: to > high } };
}
