/**
 * How an embedding lies on the unit sphere (Wang & Isola 2020, "Understanding contrastive representation learning through
 * alignment and uniformity on the hypersphere"), f(x) the features at unit length:
 *   alignment   mean of ‖f(x) − f(y)‖² over pairs that belong together (two views of an image, two images of a class)
 *   spread      the same over any two images: what alignment is to be held against, since a constant embedding aligns everything
 *   uniformity  log of the mean of exp(−2·‖f(x) − f(y)‖²) over any two images: 0 where all are one point, about −4 on a whole sphere
 */
import { type Interval, mean } from '../core/statistics.ts';
import { jackknife } from './beliefs.ts';

/** ‖a − b‖² for each pair [a0, b0, a1, b1, …] of rows of `unit` [N, F]. */
export function pairDistances(unit: Float64Array, dimensions: number, pairs: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: pairs.length / 2 }, (_, i) => squaredDistance(unit, pairs[2 * i]!, pairs[2 * i + 1]!, dimensions));
}

/** Two rows of one class, each row once: the first with the second, the third with the fourth. `labels` [N]. */
export function classPairs(labels: ArrayLike<number>): Uint32Array {
  const waiting = new Map<number, number>();
  const pairs: number[] = [];
  for (let r = 0; r < labels.length; r++) {
    const partner = waiting.get(labels[r]!);
    if (partner === undefined) waiting.set(labels[r]!, r);
    else {
      pairs.push(partner, r);
      waiting.delete(labels[r]!);
    }
  }
  return Uint32Array.from(pairs);
}

/** A function of all pairs of rows: the value, and what it is without each row [N]. */
export interface OverPairs {
  whole: number;
  without: Float64Array;
}

/** Uniformity and spread of `unit` [N, F]; NaN below three rows. */
export function overPairs(unit: Float64Array, dimensions: number): { uniformity: OverPairs; spread: OverPairs } {
  const n = unit.length / dimensions;
  const kernel = new Float64Array(n);
  const distance = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const square = squaredDistance(unit, i, j, dimensions);
      const near = Math.exp(-2 * square);
      kernel[i]! += near;
      kernel[j]! += near;
      distance[i]! += square;
      distance[j]! += square;
    }
  }
  return { uniformity: leftOut(kernel, Math.log), spread: leftOut(distance, (value) => value) };
}

/** From sums over the pairs of each row [N]: f(mean over pairs), and without each row. */
function leftOut(sums: Float64Array, f: (value: number) => number): OverPairs {
  const n = sums.length;
  const total = (n * mean(sums)) / 2;
  const rest = ((n - 1) * (n - 2)) / 2;
  return { whole: f(total / ((n * (n - 1)) / 2)), without: sums.map((sum) => f((total - sum) / rest)) };
}

/** With the jackknife's 95% interval over rows; of a − b where a second is given, on the same rows. */
export function pairInterval(a: OverPairs, b?: OverPairs): Interval {
  return jackknife(a.whole - (b?.whole ?? 0), Array.from(a.without, (value, i) => value - (b?.without[i] ?? 0)));
}

function squaredDistance(unit: Float64Array, a: number, b: number, dimensions: number): number {
  let sum = 0;
  for (let f = 0, i = a * dimensions, j = b * dimensions; f < dimensions; f++) sum += (unit[i + f]! - unit[j + f]!) ** 2;
  return sum;
}
