/**
 * The prior term −log p(w) − log p(h) restricted to a plane or a line: a quadratic from a handful of inner products, so
 * that moving λ redraws a surface without touching the network. Up to the constants that do not depend on the place:
 *   −log p(w) = ½ (w − m)ᵀΣ⁻¹(w − m),  −log p(h) = κ/2·|h|²,  theta = (w [D], h [H]).
 */
import type { Gaussian } from '../core/gaussian.ts';
import { prepare } from '../core/lowrank.ts';
import type { Frame, Ray } from './plane.ts';

/** A prior whose scale λ is still free. */
export interface PriorTerm {
  /** Over w at λ = 1. */
  gaussian: Gaussian;
  /** ε of Σ = λ(…) + ε·I. */
  floor: number;
  /** κ of the head prior. */
  headStrength: number;
}

/**
 * A prior term restricted to a plane, in nats: −log p up to a constant =
 * c[0]·a² + c[1]·ab + c[2]·b² + c[3]·a + c[4]·b + c[5], for each λ of `scales` (so that a slider needs no GPU).
 */
export interface PlaneQuadratics {
  scales: number[];
  coefficients: number[][];
}

/** 20 values of λ a decade from 1 to 1e7, and the chosen one, ascending. */
export function scaleLadder(chosen: number): number[] {
  const ladder = Array.from({ length: 141 }, (_, i) => Number((10 ** (i / 20)).toPrecision(6)));
  return [...new Set([...ladder, chosen])].sort((a, b) => a - b);
}

/** For each λ the six coefficients [a², ab, b², a, b, 1]. */
export function quadraticsOnPlane(term: PriorTerm, frame: Frame, scales: readonly number[]): PlaneQuadratics {
  const head = headQuadratic(term, frame.origin, frame.u, frame.v);
  return { scales: [...scales], coefficients: extractorParts(term, frame.origin, frame.u, frame.v, scales).map((c) => c.map((x, i) => x + head[i]!)) };
}

/** For each λ the three coefficients [t², t, 1]. */
export function quadraticsOnLine(term: PriorTerm, ray: Ray, scales: readonly number[]): PlaneQuadratics {
  const none = new Float32Array(ray.u.length);
  const { coefficients } = quadraticsOnPlane(term, { origin: ray.origin, u: ray.u, v: none, degenerate: false }, scales);
  return { scales: [...scales], coefficients: coefficients.map((c) => [c[0]!, c[3]!, c[5]!]) };
}

/** Without a floor Σ is λ times one matrix, so every λ follows from λ = 1; with one, each λ is its own. */
function extractorParts(term: PriorTerm, origin: Float32Array, u: Float32Array, v: Float32Array, scales: readonly number[]): number[][] {
  const { gaussian, floor } = term;
  if (floor > 0) return scales.map((scale) => prepare({ gaussian, scale, floor }).quadraticOnPlane(origin, u, v));
  const unit = prepare({ gaussian, scale: 1, floor: 0 }).quadraticOnPlane(origin, u, v);
  return scales.map((scale) => unit.map((x) => x / scale));
}

/** Of κ/2·|h|². */
function headQuadratic(term: PriorTerm, origin: Float32Array, u: Float32Array, v: Float32Array): number[] {
  const { headStrength } = term;
  const inner = (x: Float32Array, y: Float32Array): number => {
    let sum = 0;
    for (let j = term.gaussian.mean.length; j < x.length; j++) sum += x[j]! * y[j]!;
    return headStrength * sum;
  };
  return [0.5 * inner(u, u), inner(u, v), 0.5 * inner(v, v), inner(origin, u), inner(origin, v), 0.5 * inner(origin, origin)];
}
