/**
 * Sums Σ_j x_j·f(variance_j) for many smooth f from one pass over the weights: each weight is shared out over a few
 * nodes of the variance, so that afterwards such a sum is one over nodes. Also the Lagrange weights this rests on.
 */
export interface VarianceNodes {
  /** Variances at the nodes, ascending. */
  values: Float64Array;
  /** Lowest node of each weight [D]. */
  first: Uint32Array;
  /** Shares of each weight in the `width` nodes from its first [D·width]: f(variance_j) = Σ share·f(values[first + i]). */
  shares: Float64Array;
  width: 1 | 4;
}

/** In ln(variance): cubic interpolation of 1/(variance + ρ) is then off by 1e-6 of itself at most, for every ρ ≥ 0. */
const SPACING = 0.08;

/** Nodes for variances [D] > 0: their distinct values where these are few, else a grid in the logarithm with cubic shares, whose error goes as spacing⁴. */
export function cubicNodes(variance: Float32Array, spacing = SPACING): VarianceNodes {
  let [low, high] = [Infinity, -Infinity];
  for (const value of variance) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const bottom = Math.log(low);
  const count = variance.length === 0 ? 0 : Math.ceil((Math.log(high) - bottom) / spacing) + 4;
  const distinct = new Set<number>();
  for (const value of variance) {
    if (distinct.size > count) break;
    distinct.add(value);
  }
  if (distinct.size <= count) {
    const values = Float64Array.from(distinct).sort();
    const at = new Map(Array.from(values, (value, i) => [value, i]));
    return { values, first: Uint32Array.from(variance, (value) => at.get(value)!), shares: new Float64Array(variance.length).fill(1), width: 1 };
  }
  // A node more on either side, so that every weight lies between the second and the third of its four.
  const values = Float64Array.from({ length: count }, (_, i) => Math.exp(bottom + (i - 1) * spacing));
  const first = new Uint32Array(variance.length);
  const shares = new Float64Array(4 * variance.length);
  variance.forEach((value, j) => {
    const at = Math.max(0, (Math.log(value) - bottom) / spacing);
    first[j] = Math.floor(at);
    shares.set(lagrange(4, at - first[j]! + 1), 4 * j);
  });
  return { values, first, shares, width: 4 };
}

/** Weights of the values at 0, 1 … count − 1 in the polynomial through them, at `at`. */
export function lagrange(count: number, at: number): number[] {
  return lagrangeThrough(Array.from({ length: count }, (_, i) => i), at);
}

/** Weights of the values at `places` (all different) in the polynomial through them, at `at`. */
export function lagrangeThrough(places: readonly number[], at: number): number[] {
  return places.map((own, i) => places.reduce((weight, other, k) => (k === i ? weight : (weight * (at - other)) / (own - other)), 1));
}
