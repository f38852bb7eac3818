/** Where the eye stands: on a sphere around the middle of the box. Angles in radians, distances in world units. */
import type { Frame, Vector } from './mesh.ts';

export interface View {
  /** Around the upright axis; 0 looks along −z, positive moves the eye to the right. */
  azimuth: number;
  /** From straight above (0) to level with the floor (π/2). */
  polar: number;
  /** Distance ÷ the distance at which the box fits. */
  zoom: number;
}

export const HOME: View = { azimuth: 0.6, polar: 0.82, zoom: 1 };
export const LIMITS = { polar: [0.05, 1.5], zoom: [0.35, 2] } as const;
/** Vertical field of view, degrees: narrow, so that heights far and near compare. */
export const FIELD = 26;

export function centreOf({ tall }: Frame): Vector {
  return { x: 0, y: 0.3 * tall, z: 0 };
}

/** Distance at which the box with its labels fits a picture `aspect` times as wide as high. */
export function fitDistance({ halfA, halfB, tall }: Frame, aspect: number): number {
  const radius = Math.hypot(halfA, halfB, tall / 2);
  const half = (FIELD * Math.PI) / 360;
  const upright = (0.92 * radius) / Math.sin(half);
  const across = (1.14 * radius) / Math.sin(Math.atan(Math.tan(half) * aspect));
  return Math.max(upright, across);
}

export function eyeOf(view: View, frame: Frame, aspect: number): Vector {
  const centre = centreOf(frame);
  const distance = view.zoom * fitDistance(frame, aspect);
  return {
    x: centre.x + distance * Math.sin(view.polar) * Math.sin(view.azimuth),
    y: centre.y + distance * Math.cos(view.polar),
    z: centre.z + distance * Math.sin(view.polar) * Math.cos(view.azimuth),
  };
}

export function viewFrom(eye: Vector, frame: Frame, aspect: number): View {
  const centre = centreOf(frame);
  const [x, y, z] = [eye.x - centre.x, eye.y - centre.y, eye.z - centre.z];
  const distance = Math.hypot(x, y, z);
  return { azimuth: Math.atan2(x, z), polar: Math.acos(Math.max(-1, Math.min(1, y / distance))), zoom: distance / fitDistance(frame, aspect) };
}

const TURN = Math.PI / 36;

/** The view after a key; null when the key means nothing here. */
export function turned(view: View, key: string): View | null {
  const within = (value: number, [low, high]: readonly [number, number]) => Math.max(low, Math.min(high, value));
  switch (key) {
    case 'ArrowLeft': return { ...view, azimuth: view.azimuth - TURN };
    case 'ArrowRight': return { ...view, azimuth: view.azimuth + TURN };
    case 'ArrowUp': return { ...view, polar: within(view.polar - TURN, LIMITS.polar) };
    case 'ArrowDown': return { ...view, polar: within(view.polar + TURN, LIMITS.polar) };
    case '+': case '=': return { ...view, zoom: within(view.zoom / 1.12, LIMITS.zoom) };
    case '-': case '−': case '_': return { ...view, zoom: within(view.zoom * 1.12, LIMITS.zoom) };
    case 'Home': return HOME;
    default: return null;
  }
}
