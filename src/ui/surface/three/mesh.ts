/**
 * A field on the plane's grid as a mesh: pure arithmetic into arrays that are made once and filled again whenever the
 * values change. World axes: x to the right is a, y upwards is the loss, z towards the viewer is −b.
 */
import { lookup } from '../colour.ts';

/** World coordinates: a in [−halfA, halfA], b in [halfB, −halfB], the loss from `floor` at 0 to `ceiling` at `tall`. */
export interface Frame {
  a: readonly number[];
  b: readonly number[];
  floor: number;
  ceiling: number;
  halfA: number;
  halfB: number;
  tall: number;
}

/** [b][a] vertices of a sheet. */
export interface SheetArrays {
  /** x, y, z of a vertex. */
  positions: Float32Array;
  /** Unit normals, pointing up. */
  normals: Float32Array;
  /** 255 where the value is known, 0 in a hole. */
  known: Uint8Array;
  /** Two triangles a cell; they never change. */
  indices: Uint32Array;
}

export function makeSheet(columns: number, rows: number): SheetArrays {
  const size = columns * rows;
  const indices = new Uint32Array(6 * (columns - 1) * (rows - 1));
  let at = 0;
  for (let j = 0; j + 1 < rows; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const k = j * columns + i;
      // Counter-clockwise from above: b grows away from the viewer.
      for (const vertex of [k, k + 1, k + columns + 1, k, k + columns + 1, k + columns]) indices[at++] = vertex;
    }
  }
  return { positions: new Float32Array(3 * size), normals: new Float32Array(3 * size), known: new Uint8Array(size), indices };
}

export function worldA({ a, halfA }: Frame, value: number): number {
  return halfA * (2 * ((value - a[0]!) / (a[a.length - 1]! - a[0]!)) - 1);
}

export function worldB({ b, halfB }: Frame, value: number): number {
  return halfB * (1 - 2 * ((value - b[0]!) / (b[b.length - 1]! - b[0]!)));
}

export function worldHeight({ floor, ceiling, tall }: Frame, value: number): number {
  return (tall * (value - floor)) / (ceiling - floor);
}

/** Far above the ceiling a height says nothing more and would cost the shader its precision. */
const TALLEST = 200;

/** Fills the arrays from `values` [b][a] in place. Vertices without a finite value lie on the floor and are marked unknown. */
export function fillSheet({ positions, normals, known }: SheetArrays, values: ArrayLike<number>, frame: Frame): void {
  const [columns, rows] = [frame.a.length, frame.b.length];
  const unit = frame.tall / (frame.ceiling - frame.floor);
  for (let j = 0, k = 0; j < rows; j++) {
    const z = worldB(frame, frame.b[j]!);
    for (let i = 0; i < columns; i++, k++) {
      const value = values[k]!;
      const finite = Number.isFinite(value);
      positions[3 * k] = worldA(frame, frame.a[i]!);
      positions[3 * k + 1] = finite ? Math.min(TALLEST, (value - frame.floor) * unit) : 0;
      positions[3 * k + 2] = z;
      known[k] = finite ? 255 : 0;
    }
  }
  for (let j = 0, k = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++, k++) {
      const [left, right] = [i > 0 && known[k - 1]! > 0 ? k - 1 : k, i + 1 < columns && known[k + 1]! > 0 ? k + 1 : k];
      const [near, far] = [j > 0 && known[k - columns]! > 0 ? k - columns : k, j + 1 < rows && known[k + columns]! > 0 ? k + columns : k];
      const nx = known[k] === 0 || left === right ? 0 : -slope(positions, left, right, 0);
      const nz = known[k] === 0 || near === far ? 0 : -slope(positions, near, far, 2);
      const length = Math.sqrt(nx * nx + 1 + nz * nz);
      normals[3 * k] = nx / length;
      normals[3 * k + 1] = 1 / length;
      normals[3 * k + 2] = nz / length;
    }
  }
}

function slope(positions: Float32Array, from: number, to: number, axis: 0 | 2): number {
  return (positions[3 * to + 1]! - positions[3 * from + 1]!) / (positions[3 * to + axis]! - positions[3 * from + axis]!);
}

/** World height of the sheet over world (x, z), bilinear; NaN outside the grid and over holes. */
export function heightOver({ positions, known }: SheetArrays, frame: Frame, x: number, z: number): number {
  const [columns, rows] = [frame.a.length, frame.b.length];
  const p = ((x / frame.halfA + 1) / 2) * (columns - 1);
  const q = ((1 - z / frame.halfB) / 2) * (rows - 1);
  if (!(p >= -1e-6 && p <= columns - 1 + 1e-6 && q >= -1e-6 && q <= rows - 1 + 1e-6)) return NaN;
  const [i, j] = [Math.max(0, Math.min(columns - 2, Math.floor(p))), Math.max(0, Math.min(rows - 2, Math.floor(q)))];
  const [s, t] = [p - i, q - j];
  const k = j * columns + i;
  if (known[k] === 0 || known[k + 1] === 0 || known[k + columns] === 0 || known[k + columns + 1] === 0) return NaN;
  const y = (vertex: number) => positions[3 * vertex + 1]!;
  return (1 - t) * ((1 - s) * y(k) + s * y(k + 1)) + t * ((1 - s) * y(k + columns) + s * y(k + columns + 1));
}

export interface Vector {
  x: number;
  y: number;
  z: number;
}

/** Whether the sheet stands between the eye and a point in the box, seen in steps of 1/90 of the way through the box. */
export function isHidden(arrays: SheetArrays, frame: Frame, eye: Vector, point: Vector): boolean {
  const away = Math.hypot(eye.x - point.x, eye.y - point.y, eye.z - point.z);
  const reach = 2 * Math.hypot(frame.halfA, frame.halfB) + frame.tall;
  let side = 0;
  // From just off the point, which itself lies on a sheet.
  for (let step = 2; step <= 90; step++) {
    const share = ((step / 90) * reach) / away;
    const [x, y, z] = [point.x + share * (eye.x - point.x), point.y + share * (eye.y - point.y), point.z + share * (eye.z - point.z)];
    const surface = heightOver(arrays, frame, x, z);
    if (share >= 1 || Number.isNaN(surface) || y > frame.tall) return false;
    const now = surface > frame.tall ? 0 : Math.sign(y - surface);
    if (now !== 0 && side !== 0 && now !== side) return true;
    if (now !== 0) side = now;
  }
  return false;
}

/** RGBA of 256 shares of the loss scale, lowest first: the maps' own colours. */
export function lossTable(): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(256 * 4);
  lookup({ kind: 'loss' }).forEach((pixel, k) => table.set([pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255, 255], 4 * k));
  return table;
}

/** The same table in one colour, `#rrggbb`. */
export function plainTable(hex: string): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(256 * 4);
  for (let k = 0; k < 256; k++) table.set([...rgb(hex), 255], 4 * k);
  return table;
}

function rgb(hex: string): number[] {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
