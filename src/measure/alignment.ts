/**
 * Alignment of two losses along a line (PTYL Figure 1, made measurable): how far apart their minimisers are, and what
 * that costs in test loss. Minimisers are refined by the parabola through the lowest point and its neighbours.
 */

export interface Minimum {
  t: number;
  value: number;
  /** The lowest point is the first or last: the true minimiser may lie beyond. */
  atBoundary: boolean;
}

/** Of y over ascending t; points that are not finite are passed over. Null when none is finite. */
export function minimum(t: readonly number[], y: readonly number[]): Minimum | null {
  let lowest = -1;
  y.forEach((value, i) => {
    if (Number.isFinite(value) && (lowest < 0 || value < y[lowest]!)) lowest = i;
  });
  if (lowest < 0) return null;
  const at = { t: t[lowest]!, value: y[lowest]!, atBoundary: lowest === 0 || lowest === y.length - 1 };
  if (at.atBoundary || !Number.isFinite(y[lowest - 1]!) || !Number.isFinite(y[lowest + 1]!)) return at;
  const { curvature, slope } = parabola(t, y, lowest);
  if (!(curvature > 0)) return at;
  const shift = -slope / (2 * curvature);
  return { ...at, t: at.t + shift, value: at.value + slope * shift + curvature * shift * shift };
}

/** y at any place, by the parabola through the three nearest points. */
export function valueAt(t: readonly number[], y: readonly number[], at: number): number {
  let nearest = 0;
  t.forEach((x, i) => {
    if (Math.abs(x - at) < Math.abs(t[nearest]! - at)) nearest = i;
  });
  const centre = Math.min(t.length - 2, Math.max(1, nearest));
  const { curvature, slope } = parabola(t, y, centre);
  const shift = at - t[centre]!;
  return y[centre]! + slope * shift + curvature * shift * shift;
}

/** y ≈ y_i + slope·s + curvature·s² with s = t − t_i, through points i − 1, i, i + 1. */
function parabola(t: readonly number[], y: readonly number[], i: number): { curvature: number; slope: number } {
  const left = t[i - 1]! - t[i]!;
  const right = t[i + 1]! - t[i]!;
  const toLeft = (y[i - 1]! - y[i]!) / left;
  const toRight = (y[i + 1]! - y[i]!) / right;
  const curvature = (toRight - toLeft) / (right - left);
  return { curvature, slope: toLeft - curvature * left };
}

export interface Alignment {
  /** Between the two minimisers, parameter units. */
  gap: number;
  /** Test loss at the objective's minimiser − lowest test loss, nats. */
  testCost: number;
  /** One of the two minimisers lies on the boundary: the gap is at least this. */
  atBoundary: boolean;
}

/** Of a training objective and a test loss over the same t [T]; null when one has no finite value. */
export function alignment(t: readonly number[], objective: readonly number[], test: readonly number[]): Alignment | null {
  const trained = minimum(t, objective);
  const best = minimum(t, test);
  if (!trained || !best) return null;
  const paid = trained.t === best.t ? 0 : valueAt(t, test, trained.t) - best.value;
  return { gap: Math.abs(trained.t - best.t), testCost: Math.max(0, paid), atBoundary: trained.atBoundary || best.atBoundary };
}
