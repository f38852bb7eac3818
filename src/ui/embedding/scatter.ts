/** Places of many points on a plot, and what is drawn of them as one element a class. Pure. */
import { markerPath, type Shape } from '../charts/arms.ts';
import { linearScale, type Scale } from '../charts/scale.ts';

export interface Frame {
  x: Scale;
  y: Scale;
}

/** Scales that hold points [N, 2] with a little room, one unit as long across as up, in the box [left, right] × [top, bottom] px. */
export function frameOf(points: ArrayLike<number>, box: { left: number; right: number; top: number; bottom: number }): Frame {
  const [x, y] = [extent(points, 0), extent(points, 1)];
  const [wide, high] = [box.right - box.left, box.bottom - box.top];
  // Units a pixel.
  const unit = 1.06 * Math.max((x.high - x.low) / wide, (y.high - y.low) / high) || 1 / Math.min(wide, high);
  const around = ({ low, high: top }: { low: number; high: number }, pixels: number): [number, number] => {
    const centre = (low + top) / 2;
    return [centre - (unit * pixels) / 2, centre + (unit * pixels) / 2];
  };
  return { x: linearScale(around(x, wide), [box.left, box.right]), y: linearScale(around(y, high), [box.bottom, box.top]) };
}

function extent(points: ArrayLike<number>, axis: 0 | 1): { low: number; high: number } {
  let [low, high] = [Infinity, -Infinity];
  for (let i = axis; i < points.length; i += 2) {
    low = Math.min(low, points[i]!);
    high = Math.max(high, points[i]!);
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

/** The indices of each class's points. */
export function byClass(labels: ArrayLike<number>, classes: number): number[][] {
  const found = Array.from({ length: classes }, (): number[] => []);
  for (let i = 0; i < labels.length; i++) found[labels[i]!]!.push(i);
  return found;
}

/** One path of a marker at every place. */
export function placedMarkers(shape: Shape, r: number, places: readonly (readonly [number, number])[]): string {
  if (shape === 'circle') return places.map(([x, y]) => `M${(x - r).toFixed(1)},${y.toFixed(1)}a${r},${r} 0 1,1 ${2 * r},0a${r},${r} 0 1,1 ${-2 * r},0Z`).join('');
  const corners = markerPath(shape, r).slice(1, -1).split('L').map((corner) => corner.split(',').map(Number));
  const steps = corners.slice(1).map(([x, y], i) => `l${(x! - corners[i]![0]!).toFixed(2)},${(y! - corners[i]![1]!).toFixed(2)}`).join('');
  return places.map(([x, y]) => `M${(x + corners[0]![0]!).toFixed(1)},${(y + corners[0]![1]!).toFixed(1)}${steps}Z`).join('');
}

/** The point nearest to a place on the screen and at most `reach` px from it; −1 where there is none. `only`: points that count. */
export function nearestPoint(points: ArrayLike<number>, { x, y }: Frame, at: { x: number; y: number }, reach: number, only: (index: number) => boolean): number {
  let best = -1;
  let least = reach * reach;
  for (let i = 0; i < points.length / 2; i++) {
    const far = (x(points[2 * i]!) - at.x) ** 2 + (y(points[2 * i + 1]!) - at.y) ** 2;
    if (far > least || !only(i)) continue;
    least = far;
    best = i;
  }
  return best;
}

/** Points from left to right, in which the arrow keys go. */
export function leftToRight(points: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: points.length / 2 }, (_, i) => i).sort((a, b) => points[2 * a]! - points[2 * b]! || a - b);
}
