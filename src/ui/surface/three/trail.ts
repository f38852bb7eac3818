/** A training run's path laid on a sheet: as many segments as the path needs to follow the surface, whatever the sheet's values. */
import { type Frame, heightOver, type SheetArrays, worldA, worldB } from './mesh.ts';

/** World x, z of points along the path [2·points], no two further apart than half a cell. */
export function trailPath(trail: { a: readonly number[]; b: readonly number[] }, frame: Frame): Float32Array {
  const cell = Math.min((2 * frame.halfA) / (frame.a.length - 1), (2 * frame.halfB) / (frame.b.length - 1));
  const path: number[] = [];
  trail.a.forEach((a, k) => {
    const [x, z] = [worldA(frame, a), worldB(frame, trail.b[k]!)];
    if (!Number.isFinite(x + z)) return;
    const [fromX, fromZ] = [path.at(-2) ?? x, path.at(-1) ?? z];
    // At most 400 pieces: a path that leaves the box by far needs no more outside of it.
    const pieces = path.length === 0 ? 1 : Math.min(400, Math.max(1, Math.ceil(Math.hypot(x - fromX, z - fromZ) / (cell / 2))));
    for (let piece = 1; piece <= pieces; piece++) path.push(fromX + ((x - fromX) * piece) / pieces, fromZ + ((z - fromZ) * piece) / pieces);
  });
  return Float32Array.from(path);
}

const LIFT = 0.008;

/** Ends of a segment that is not to be drawn: beyond the far plane. One without length would have no direction for the shader. */
export const NOWHERE: readonly number[] = [0, -9000, 0, 0, -9001, 0];

/** Writes the path's segments on the sheet into `ends` [6·(points − 1)]; one off the grid, over a hole or above the box goes where no camera sees. */
export function layTrail(path: Float32Array, arrays: SheetArrays, frame: Frame, ends: Float32Array, at = 0): void {
  let before = NaN;
  for (let k = 0; 2 * k < path.length; k++) {
    const [x, z] = [path[2 * k]!, path[2 * k + 1]!];
    const over = heightOver(arrays, frame, x, z);
    const height = over <= frame.tall ? over + LIFT : NaN;
    if (k > 0) {
      const to = at + 6 * (k - 1);
      const shown = Number.isFinite(before + height);
      if (!shown) ends.set(NOWHERE, to);
      else {
        ends[to] = path[2 * k - 2]!;
        ends[to + 1] = before;
        ends[to + 2] = path[2 * k - 1]!;
        ends[to + 3] = x;
        ends[to + 4] = height;
        ends[to + 5] = z;
      }
    }
    before = height;
  }
}
