/**
 * Planes and lines in parameter space, theta [D + H]: an orthonormal frame through three points (Gram–Schmidt, Li et
 * al. 2018 as in PTYL Figure 1) or along two directions, so that a distance on the picture is a distance between parameter vectors.
 */
import { Stream } from '../core/philox.ts';

/** theta(a, b) = origin + a·u + b·v with |u| = |v| = 1, u ⟂ v. */
export interface Frame {
  origin: Float32Array;
  u: Float32Array;
  v: Float32Array;
  /** What was given spans no plane; the missing direction was drawn at random from the seed. */
  degenerate: boolean;
}

/** A line theta(t) = origin + t·u, |u| = 1. */
export interface Ray {
  origin: Float32Array;
  u: Float32Array;
  /** Distance to the point that gave the direction, parameter units. */
  length: number;
}

/** Residual below this share of a difference's length counts as no direction of its own. */
const TINY = 1e-5;

/** u points from origin to first, v to second with what lies along u removed. All [P]. */
export function planeThrough(origin: Float32Array, first: Float32Array, second: Float32Array, seed: number): Frame {
  const toFirst = difference(first, origin);
  const toSecond = difference(second, origin);
  return spanned(origin, toFirst, toSecond, Math.max(norm(toFirst), norm(toSecond)), seed);
}

/** u along the first direction, v along the second with what lies along u removed; their lengths do not matter. All [P]. */
export function frameAlong(origin: Float32Array, first: Float32Array, second: Float32Array, seed: number): Frame {
  const unit = (x: Float32Array): Float64Array => direction(Float64Array.from(x), [], 0) ?? new Float64Array(x.length);
  return spanned(origin, unit(first), unit(second), 1, seed);
}

/** Gram–Schmidt; what is shorter than TINY of `reach` is replaced by a random direction. */
function spanned(origin: Float32Array, first: Float64Array, second: Float64Array, reach: number, seed: number): Frame {
  const u = direction(first, [], TINY * reach);
  const along = u ?? randomDirection(origin.length, [], seed, 0);
  const v = direction(second, [along], TINY * reach);
  const across = v ?? randomDirection(origin.length, [along], seed, 1);
  return { origin, u: Float32Array.from(along), v: Float32Array.from(across), degenerate: !(reach > 0 && u && v) };
}

/** Coordinates of theta projected on the plane. */
export function onPlane(frame: Frame, theta: Float32Array): { a: number; b: number } {
  const r = difference(theta, frame.origin);
  return { a: dot(r, frame.u), b: dot(r, frame.v) };
}

/** Distance of theta from the plane, parameter units. */
export function distanceFrom(frame: Frame, theta: Float32Array): number {
  return norm(without(difference(theta, frame.origin), [Float64Array.from(frame.u), Float64Array.from(frame.v)]));
}

/** Axes [resolution] that hold every point, with `margin` of the span on either side; a flat axis takes the other's span. */
export function axesAround(points: readonly { a: number; b: number }[], resolution: number, margin = 0.25): { a: number[]; b: number[] } {
  const bounds = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  const a = bounds(points.map((point) => point.a));
  const b = bounds(points.map((point) => point.b));
  const span = Math.max(a[1] - a[0], b[1] - b[0]) || 1;
  const axis = ([low, high]: [number, number]): number[] => {
    const flat = high - low < 1e-3 * span;
    const reach = flat ? span / 2 : margin * (high - low);
    return linspace(low - reach, high + reach, resolution);
  };
  return { a: axis(a), b: axis(b) };
}

/** The line from one point through another; null when they coincide. */
export function rayThrough(from: Float32Array, to: Float32Array): Ray | null {
  const r = difference(to, from);
  const length = norm(r);
  if (!(length > 0 && Number.isFinite(length))) return null;
  return { origin: from, u: Float32Array.from(r, (x) => x / length), length };
}

/** `count` numbers from low to high, both included. */
export function linspace(low: number, high: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

function difference(a: Float32Array, b: Float32Array): Float64Array {
  return Float64Array.from(a, (x, j) => x - b[j]!);
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

function norm(a: ArrayLike<number>): number {
  return Math.sqrt(dot(a, a));
}

/** r minus its parts along unit vectors; twice, so that rounding leaves nothing behind. */
function without(r: Float64Array, units: Float64Array[]): Float64Array {
  const out = r.slice();
  for (const unit of [...units, ...units]) {
    const along = dot(out, unit);
    for (let j = 0; j < out.length; j++) out[j]! -= along * unit[j]!;
  }
  return out;
}

/** The unit vector of what is left of r, null when that is not longer than `least`. */
function direction(r: Float64Array, units: Float64Array[], least: number): Float64Array | null {
  const rest = without(r, units);
  const length = norm(rest);
  return length > least ? rest.map((x) => x / length) : null;
}

function randomDirection(size: number, units: Float64Array[], seed: number, which: number): Float64Array {
  const stream = new Stream(seed, 'plane', which);
  const drawn = Float64Array.from({ length: size }, () => stream.normal());
  return direction(drawn, units, 0) ?? drawn;
}
