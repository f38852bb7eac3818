/**
 * The prior term −log p(w) − log p(h) restricted to a plane or a line, in closed form for every λ and ε, so that moving a
 * control redraws a surface without touching the network. Up to the constants that do not depend on the place:
 *   −log p(w) = ½ (w − m)ᵀΣ⁻¹(w − m),  −log p(h) = κ/2·|h|²,  theta = (w [D], h [H]).
 * Σ = λΣ₁ + εI = λ(Σ₁ + ρI) with ρ = ε/λ: one quadratic for each ρ of a ladder serves all λ and ε. At any one place it is
 * Σ_i c_i/(e_i + ρ) with c_i ≥ 0 and e_i the eigenvalues of Σ₁, which is smooth in log ρ on the scale of 1 whatever Σ₁ is.
 */
import { choleskyInPlace, choleskySolve } from '../core/cholesky.ts';
import type { Gaussian } from '../core/gaussian.ts';
import { Woodbury } from '../core/woodbury.ts';
import type { Frame, Ray } from './plane.ts';
import { cubicNodes, lagrange, type VarianceNodes } from '../core/nodes.ts';

/** A prior term on a plane, in coefficients of [a², ab, b², a, b, 1], or on a line, of [t², t, 1]; in nats. */
export interface PriorSection {
  /** Of −log p(w) at λ = 1 and ε = ρ, a row for each ρ of RATIOS. */
  extractor: number[][];
  /** Of κ/2·|h|². */
  head: number[];
}

/** Rungs a decade, and the decades they span. */
const DENSITY = 6;
const DECADES = [-13, 2] as const;
/** Rungs that an interpolation reads: with six a decade its relative error is below 1e-5 for any covariance. */
const STENCIL = 8;

/** ρ = ε/λ: 0, then six a decade from 1e-13 to 100. */
export const RATIOS: readonly number[] = [
  0, ...Array.from({ length: DENSITY * (DECADES[1] - DECADES[0]) + 1 }, (_, i) => 10 ** (DECADES[0] + i / DENSITY)),
];

/** Coefficients of the whole prior term at λ = `scale` and ε = `floor`. Throws RangeError on a scale ≤ 0 or a floor < 0. */
export function coefficientsAt(section: PriorSection, scale: number, floor: number): number[] {
  if (!(scale > 0 && scale < Infinity && floor >= 0 && floor < Infinity)) throw new RangeError(`A prior has no scale ${scale} with floor ${floor}.`);
  const { first, shares } = rungs(floor / scale);
  return section.head.map((head, i) => {
    let sum = 0;
    for (let r = 0; r < shares.length; r++) sum += shares[r]! * section.extractor[first + r]![i]!;
    return sum / scale + head;
  });
}

/**
 * Which rows to combine for this ρ, and how: linear between 0 and the first rung, Lagrange over log ρ above. The same
 * weights for every coefficient, so that the quadratic is interpolated at each place and never in differences of large numbers.
 */
function rungs(ratio: number): { first: number; shares: number[] } {
  const [lowest, highest] = [RATIOS[1]!, RATIOS.at(-1)!];
  if (ratio <= lowest) return { first: 0, shares: [1 - ratio / lowest, ratio / lowest] };
  if (ratio >= highest) return { first: RATIOS.length - 1, shares: [highest / ratio] };
  const at = DENSITY * (Math.log10(ratio) - DECADES[0]);
  const first = Math.max(0, Math.min(RATIOS.length - 1 - STENCIL, Math.floor(at) - STENCIL / 2 + 1));
  const shares = lagrange(STENCIL, at - first);
  // Towards the top, where stencils are one-sided, ρ times the quadratic is nearly constant, as the quadratic itself is at the bottom.
  return { first: first + 1, shares: ratio < 1 ? shares : shares.map((share, r) => (share * RATIOS[first + 1 + r]!) / ratio) };
}

type Vector = Float32Array | Float64Array;

/**
 * The sections of one Gaussian, any number of planes and lines. Above ρ = 0 a weight counts through 1/(variance + ρ)
 * interpolated between nodes of the variance, so that after one pass over the weights every ρ costs O(nodes·K²). That is
 * Woodbury's formula (core/woodbury.ts) for a diagonal off by 1e-6 relatively, so the quadratic is off by no more. ρ = 0 is exact.
 */
export class PriorSections {
  readonly #gaussian: Gaussian;
  readonly #unit: Woodbury;
  readonly #nodes: VarianceNodes;
  /** Lower Cholesky factor of I + F(diag(variance) + ρI)⁻¹Fᵀ [K, K] for each ρ above 0. */
  readonly #lower: Float64Array[];

  /** Throws RangeError on arrays whose lengths disagree. */
  constructor(gaussian: Gaussian) {
    this.#gaussian = gaussian;
    this.#unit = new Woodbury(gaussian, 1);
    this.#unit.prepare(0);
    this.#nodes = cubicNodes(gaussian.variance);
    this.#lower = this.#factorise();
  }

  onPlane({ origin, u, v }: Frame, headStrength: number): PriorSection {
    const extractor = this.#products([this.#residual(origin), u, v])
      .map(([rr, ru, uu, rv, uv, vv]) => [uu! / 2, uv!, vv! / 2, ru!, rv!, rr! / 2]);
    const inner = this.#headProduct(headStrength);
    return { extractor, head: [inner(u, u) / 2, inner(u, v), inner(v, v) / 2, inner(origin, u), inner(origin, v), inner(origin, origin) / 2] };
  }

  onLine({ origin, u }: Ray, headStrength: number): PriorSection {
    const extractor = this.#products([this.#residual(origin), u]).map(([rr, ru, uu]) => [uu! / 2, ru!, rr! / 2]);
    const inner = this.#headProduct(headStrength);
    return { extractor, head: [inner(u, u) / 2, inner(origin, u), inner(origin, origin) / 2] };
  }

  /** For each ρ the products x_iᵀ(Σ₁ + ρI)⁻¹x_j of vectors [D], i ≥ j, in rows: 00, 10, 11, 20, … */
  #products(vectors: readonly Vector[]): number[][] {
    const { rank } = this.#gaussian;
    const pairs = vectors.flatMap((_, i) => Array.from({ length: i + 1 }, (__, j) => [i, j] as const));
    const { values } = this.#nodes;
    const inner = pairs.map(([i, j]) => this.#gather(vectors[i]!, 0, vectors[j]!));
    const projected = vectors.map((x) => Array.from({ length: rank }, (_, k) => this.#gather(this.#gaussian.factor, k, x)));
    const inverse = new Float64Array(values.length);
    const rows = RATIOS.slice(1).map((ratio, r) => {
      for (let b = 0; b < values.length; b++) inverse[b] = 1 / (values[b]! + ratio);
      const z = projected.map((rowsOf) => Float64Array.from(rowsOf, (row) => dot(row, inverse)));
      const solved = z.map((row) => row.slice());
      for (const row of solved) choleskySolve(this.#lower[r]!, rank, row);
      return pairs.map(([i, j], p) => dot(inner[p]!, inverse) - dot(z[i]!, solved[j]!));
    });
    return [this.#exact(vectors, pairs), ...rows];
  }

  /** The same at ρ = 0, straight from the weights. */
  #exact(vectors: readonly Vector[], pairs: readonly (readonly [number, number])[]): number[] {
    const { rank, variance } = this.#gaussian;
    const z = vectors.map((x) => {
      const row = new Float64Array(rank);
      if (rank > 0) this.#unit.project(x, null, row);
      return row;
    });
    const solved = z.map((row) => row.slice());
    for (const row of solved) this.#unit.solve(row);
    return pairs.map(([i, j]) => {
      const [x, y] = [vectors[i]!, vectors[j]!];
      let sum = 0;
      for (let w = 0; w < variance.length; w++) sum += (x[w]! * y[w]!) / variance[w]!;
      return sum - dot(z[i]!, solved[j]!);
    });
  }

  /** Σ_j rows[row·D + j]·x_j, split over the nodes of variance_j: [nodes]. */
  #gather(rows: Vector, row: number, x: Vector): Float64Array {
    const { values, first, shares, width } = this.#nodes;
    const out = new Float64Array(values.length);
    const d = first.length;
    const from = row * d;
    if (width === 1) {
      for (let j = 0; j < d; j++) out[first[j]!]! += rows[from + j]! * x[j]!;
      return out;
    }
    for (let j = 0, s = 0; j < d; j++, s += 4) {
      const product = rows[from + j]! * x[j]!;
      const b = first[j]!;
      out[b]! += shares[s]! * product;
      out[b + 1]! += shares[s + 1]! * product;
      out[b + 2]! += shares[s + 2]! * product;
      out[b + 3]! += shares[s + 3]! * product;
    }
    return out;
  }

  #factorise(): Float64Array[] {
    const { rank, factor } = this.#gaussian;
    const { values, first } = this.#nodes;
    const lower = RATIOS.slice(1).map(() => new Float64Array(rank * rank));
    const inverses = RATIOS.slice(1).map((ratio) => values.map((value) => 1 / (value + ratio)));
    for (let k = 0; k < rank; k++) {
      const own = factor.subarray(k * first.length, (k + 1) * first.length);
      for (let l = 0; l <= k; l++) {
        const spread = this.#gather(factor, l, own);
        inverses.forEach((inverse, r) => (lower[r]![k * rank + l] = dot(spread, inverse) + (k === l ? 1 : 0)));
      }
    }
    for (const matrix of lower) choleskyInPlace(matrix, rank);
    return lower;
  }

  #residual(origin: Float32Array): Float64Array {
    return Float64Array.from(this.#gaussian.mean, (m, j) => origin[j]! - m);
  }

  /** κ·xᵀy over the head's part of theta [D + H]. */
  #headProduct(headStrength: number): (x: Float32Array, y: Float32Array) => number {
    return (x, y) => {
      let sum = 0;
      for (let j = this.#gaussian.mean.length; j < x.length; j++) sum += x[j]! * y[j]!;
      return headStrength * sum;
    };
  }
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}
