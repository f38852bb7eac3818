/**
 * Nearest neighbours by cosine similarity, exactly, and the classifier that is made of them: the k nearest vote with weights
 * exp(similarity/τ), τ = 0.07 (Wu et al. 2018, "Unsupervised feature learning via non-parametric instance discrimination").
 */

/** Neighbours that vote, or all where there are fewer. */
export const NEIGHBOURS = 20;
const TEMPERATURE = 0.07;

/** Rows on the unit sphere [N, F]; one that is zero stays so, and is similar to nothing. */
export function unitRows(features: ArrayLike<number>, dimensions: number): Float64Array {
  const out = Float64Array.from(features);
  for (let at = 0; at < out.length; at += dimensions) {
    let squares = 0;
    for (let f = 0; f < dimensions; f++) squares += out[at + f]! ** 2;
    if (squares > 0) for (let f = 0; f < dimensions; f++) out[at + f]! /= Math.sqrt(squares);
  }
  return out;
}

export interface Neighbours {
  /** Rows of the base, the most similar first; of equals the earlier row. */
  rows: Uint32Array;
  similarity: Float64Array;
}

/** The k rows of `base` [N, F] most similar to the vector at `query[from …]`, both of unit length. */
export function nearest(base: Float64Array, query: Float64Array, from: number, dimensions: number, k: number): Neighbours {
  const n = base.length / dimensions;
  const most = Math.min(k, n);
  const rows = new Uint32Array(most);
  const similarity = new Float64Array(most).fill(-Infinity);
  for (let r = 0; r < n; r++) {
    let sum = 0;
    for (let f = 0, at = r * dimensions; f < dimensions; f++) sum += base[at + f]! * query[from + f]!;
    if (!(sum > similarity[most - 1]!)) continue;
    let place = most - 1;
    for (; place > 0 && similarity[place - 1]! < sum; place--) {
      similarity[place] = similarity[place - 1]!;
      rows[place] = rows[place - 1]!;
    }
    similarity[place] = sum;
    rows[place] = r;
  }
  return { rows, similarity };
}

/** The class with most votes; of equals the smaller. `labels` [N] of the base. */
export function vote({ rows, similarity }: Neighbours, labels: ArrayLike<number>, classes: number): number {
  const votes = new Float64Array(classes);
  rows.forEach((row, i) => (votes[labels[row]!]! += Math.exp((similarity[i]! - 1) / TEMPERATURE)));
  return votes.indexOf(Math.max(...votes));
}
