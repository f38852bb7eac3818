/**
 * Lattices inside a square grid [n·n], row-major: every stride-th row and column, and the last ones. Interpolation of
 * a map from the points of a lattice to any point of the grid.
 */
import { lagrangeThrough } from '../core/nodes.ts';

/** Grid coordinates of a lattice along an axis: multiples of the stride, and the last point. */
export function nodesOf(n: number, stride: number): number[] {
  const nodes = Array.from({ length: Math.floor((n - 1) / stride) + 1 }, (_, i) => i * stride);
  if (nodes.at(-1) !== n - 1) nodes.push(n - 1);
  return nodes;
}

/** Cubic interpolation along one axis from a lattice to each of the n grid coordinates. */
export interface AxisCubic {
  /** Nodes read for a coordinate: at most four, fewer on a lattice that has fewer. */
  stencil: number[][];
  /** Their weights. */
  weights: number[][];
  /** The nodes on either side of a coordinate; on a node it and its two neighbours. */
  around(x: number): number[];
}

export function axisCubic(n: number, stride: number): AxisCubic {
  const nodes = nodesOf(n, stride);
  const width = Math.min(4, nodes.length);
  const stencil = Array.from({ length: n }, (_, x) => {
    const below = Math.min(Math.floor(x / stride), nodes.length - 2);
    const first = Math.max(0, Math.min(nodes.length - width, below - 1));
    return nodes.slice(first, first + width);
  });
  const weights = stencil.map((own, x) => lagrangeThrough(own, x));
  const around = (x: number): number[] => {
    const i = Math.floor(x / stride);
    return nodes[i] === x ? nodes.slice(Math.max(0, i - 1), i + 2) : nodes.slice(i, i + 2);
  };
  return { stencil, weights, around };
}

/** The interpolated value at a point; NaN where one that counts is not finite. */
export function cubicAt(field: Float32Array, n: number, { stencil, weights }: AxisCubic, point: number): number {
  const [x, y] = [point % n, Math.floor(point / n)];
  const [columns, rows] = [stencil[x]!, stencil[y]!];
  let sum = 0;
  for (let j = 0; j < rows.length; j++) {
    for (let i = 0; i < columns.length; i++) {
      const weight = weights[y]![j]! * weights[x]![i]!;
      if (weight !== 0) sum += weight * field[rows[j]! * n + columns[i]!]!;
    }
  }
  return Number.isFinite(sum) ? sum : NaN;
}

/** All values of the stencil are finite, those of no weight too. */
export function sound(field: Float32Array, n: number, { stencil }: AxisCubic, point: number): boolean {
  const columns = stencil[point % n]!;
  return stencil[Math.floor(point / n)]!.every((y) => columns.every((x) => Number.isFinite(field[y * n + x]!)));
}

/** Between the four points of the lattice around a point: never beyond their values, as suits an accuracy. */
export function bilinear(field: Float32Array, n: number, stride: number, point: number): number {
  const place = (x: number): [number, number, number] => {
    const low = x - (x % stride);
    const high = Math.min(low + stride, n - 1);
    return [low, high, high > low ? (x - low) / (high - low) : 0];
  };
  const [[left, right, s], [down, up, t]] = [place(point % n), place(Math.floor(point / n))];
  const mix = (from: number, to: number, share: number): number => (share === 0 ? from : from + share * (to - from));
  const row = (y: number): number => mix(field[y * n + left]!, field[y * n + right]!, s);
  return mix(row(down), t === 0 ? NaN : row(up), t);
}
