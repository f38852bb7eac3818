/**
 * Ranks and what is made of them: average ranks of tied values, normal scores of ranks (Blom 1958, as used by Vehtari et al. 2021),
 * sample quantiles, the standard normal quantile.
 */
import { tQuantile } from './student.ts';

/** Few enough that the library's t quantile is still exact (from 1e10 on it is wrong near p = ½ by cancellation). */
const DEGREES = 1e7;

/** Φ⁻¹(p), to 1e-11: normalQuantile(0.975) = 1.959964. NaN outside (0, 1). */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return NaN;
  const t = tQuantile(p, DEGREES);
  // t = z + (z³ + z)/4ν + O(ν⁻²) (Abramowitz & Stegun 26.7.5).
  return t - (t ** 3 + t) / (4 * DEGREES);
}

/** Indices of the values from lowest to highest, equal ones in their order [n]. No NaN. */
export function ascending(values: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[i]! - values[j]! || i - j);
}

/** Calls `visit(from, to)` for every run [from, to) of equal values in an ascending order of them. */
export function eachTie(values: ArrayLike<number>, order: Uint32Array, visit: (from: number, to: number) => void): void {
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    visit(from, to);
    from = to;
  }
}

/** Ranks 1…n; equal values share the mean of theirs. No NaN. */
export function averageRanks(values: ArrayLike<number>): Float64Array {
  const order = ascending(values);
  const ranks = new Float64Array(values.length);
  eachTie(values, order, (from, to) => {
    for (let i = from; i < to; i++) ranks[order[i]!] = (from + to + 1) / 2;
  });
  return ranks;
}

/** Φ⁻¹((rank − 3/8)/(n + 1/4)) of every value among all n. No NaN. */
export function normalScores(values: ArrayLike<number>): Float64Array {
  return averageRanks(values).map((rank) => normalQuantile((rank - 3 / 8) / (values.length + 1 / 4)));
}

/** The p quantile of an ascending list by linear interpolation, 1 + p(n − 1) (type 7 of Hyndman & Fan 1996); NaN of nothing. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const place = p * (sorted.length - 1);
  const whole = Math.round(place);
  // 0.95·60 must be 57, not a hair below it: a value that is a quantile is counted as ≤ it.
  if (Math.abs(place - whole) < 1e-9) return sorted[whole] ?? NaN;
  const below = sorted[Math.floor(place)] ?? NaN;
  return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] ?? NaN) - below);
}
