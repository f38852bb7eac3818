/** The box around the sheets: its proportions, round ticks on its axes, the lines on its floor and its far walls, and where its labels stand. */
import { niceTicks } from '../../charts/scale.ts';
import { type Frame, type Vector, worldA, worldB, worldHeight } from './mesh.ts';

/** The loss axis starts at a round number at or below every sheet's lowest value, so that it stands still while a prior is dragged. */
export function frameOf(a: readonly number[], b: readonly number[], lowest: number, ceiling: number): Frame {
  const [wide, deep] = [a.at(-1)! - a[0]!, b.at(-1)! - b[0]!];
  // True proportions of the plane, up to 2 : 1.
  const ratio = Math.max(0.5, Math.min(2, wide / deep || 1));
  const top = Number.isFinite(ceiling) ? ceiling : 1;
  const bottom = Number.isFinite(lowest) && lowest < top ? lowest : top - Math.max(1e-6, Math.abs(top) * 1e-3);
  const step = stepOf(niceTicks(bottom, top, 5)) / 2;
  const floor = Math.min(bottom, Number((Math.floor(bottom / step + 1e-9) * step).toPrecision(12)));
  return { a, b, floor, ceiling: top, halfA: ratio >= 1 ? 1 : ratio, halfB: ratio >= 1 ? 1 / ratio : 1, tall: 0.95 };
}

function stepOf(ticks: readonly number[]): number {
  return ticks.length > 1 ? ticks[1]! - ticks[0]! : 1;
}

/** Lowest finite value of the sheets at or below the ceiling; Infinity when there is none. */
export function lowestOf(sheets: readonly { values: ArrayLike<number> }[]): number {
  let low = Infinity;
  for (const { values } of sheets) {
    for (let k = 0; k < values.length; k++) if (values[k]! < low && values[k]! > -Infinity) low = values[k]!;
  }
  return low;
}

export interface BoxTicks {
  a: number[];
  b: number[];
  loss: number[];
}

export function ticksOf(frame: Frame, count: number): BoxTicks {
  return {
    a: niceTicks(frame.a[0]!, frame.a.at(-1)!, count),
    b: niceTicks(frame.b[0]!, frame.b.at(-1)!, count),
    loss: niceTicks(frame.floor, frame.ceiling, count),
  };
}

/** The faces that carry lines; a wall is shown when it is on the far side. */
export const FACES = ['floor', 'left', 'right', 'back', 'front'] as const;
export type Face = (typeof FACES)[number];

/** Line segments of a face: x, y, z of one end and of the other, one after another. */
export function faceLines(frame: Frame, ticks: BoxTicks, face: Face): Float32Array {
  const { halfA, halfB, tall } = frame;
  const as = [-halfA, halfA, ...ticks.a.map((tick) => worldA(frame, tick))];
  const bs = [-halfB, halfB, ...ticks.b.map((tick) => worldB(frame, tick))];
  const heights = [0, tall, ...ticks.loss.map((tick) => worldHeight(frame, tick))];
  switch (face) {
    case 'floor': return Float32Array.from([...as.flatMap((x) => [x, 0, -halfB, x, 0, halfB]), ...bs.flatMap((z) => [-halfA, 0, z, halfA, 0, z])]);
    case 'left': case 'right': {
      const x = face === 'left' ? -halfA : halfA;
      return Float32Array.from([...bs.flatMap((z) => [x, 0, z, x, tall, z]), ...heights.flatMap((y) => [x, y, -halfB, x, y, halfB])]);
    }
    case 'back': case 'front': {
      const z = face === 'back' ? -halfB : halfB;
      return Float32Array.from([...as.flatMap((x) => [x, 0, z, x, tall, z]), ...heights.flatMap((y) => [-halfA, y, z, halfA, y, z])]);
    }
    default: throw new TypeError(`No face ${face satisfies never}.`);
  }
}

/** Seen from the eye the face is behind what is in the box. */
export function isFar({ halfA, halfB }: Frame, face: Face, eye: Vector): boolean {
  switch (face) {
    case 'floor': return true;
    case 'left': return eye.x > -halfA;
    case 'right': return eye.x < halfA;
    case 'back': return eye.z > -halfB;
    case 'front': return eye.z < halfB;
    default: throw new TypeError(`No face ${face satisfies never}.`);
  }
}

/** An axis of the box as it is labelled: where its ticks are and, in the same order, points a little outside of them. */
export interface LabelledEdge {
  axis: 'a' | 'b' | 'loss';
  ticks: { value: number; at: Vector; outside: Vector }[];
  /** Ends of the edge, for the title's direction, and the middle, away from the box. */
  ends: [Vector, Vector];
  middle: { at: Vector; outside: Vector };
}

const OUT = 0.1;

/** The a and b axes are labelled on the floor's near edges, the loss on the upright edge that `leftmost` says is furthest left on screen. */
export function labelledEdges(frame: Frame, ticks: BoxTicks, eye: Vector, leftOf: (point: Vector) => number): LabelledEdge[] {
  const { halfA, halfB, tall } = frame;
  const [sx, sz] = [eye.x < 0 ? -1 : 1, eye.z < 0 ? -1 : 1];
  const [nearX, nearZ] = [sx * halfA, sz * halfB];
  const upright = [{ x: nearX, z: -nearZ }, { x: -nearX, z: nearZ }].reduce((best, corner) => (leftOf({ ...corner, y: tall / 2 }) < leftOf({ ...best, y: tall / 2 }) ? corner : best));
  const onA = (x: number) => ({ at: { x, y: 0, z: nearZ }, outside: { x, y: 0, z: nearZ + sz * OUT } });
  const onB = (z: number) => ({ at: { x: nearX, y: 0, z }, outside: { x: nearX + sx * OUT, y: 0, z } });
  // Away from the middle of the face that the upright edge belongs to, so along the face's own plane.
  const onLoss = (y: number) => ({ at: { ...upright, y }, outside: { x: upright.x * (1 + OUT), y, z: upright.z * (1 + OUT) } });
  return [
    { axis: 'a', ticks: ticks.a.map((value) => ({ value, ...onA(worldA(frame, value)) })), ends: [onA(-halfA).at, onA(halfA).at], middle: onA(0) },
    { axis: 'b', ticks: ticks.b.map((value) => ({ value, ...onB(worldB(frame, value)) })), ends: [onB(halfB).at, onB(-halfB).at], middle: onB(0) },
    { axis: 'loss', ticks: ticks.loss.map((value) => ({ value, ...onLoss(worldHeight(frame, value)) })), ends: [onLoss(0).at, onLoss(tall).at], middle: onLoss(tall / 2) },
  ];
}
