/** Lines on a map that do not follow its values: contours of the field before a drag, trajectories of training, ellipses of the prior. */
import { memo, useMemo } from 'react';
import type { Trail } from '../../experiment/result.ts';
import { ARM_STYLE, markerPath } from '../charts/arms.ts';
import { linearScale } from '../charts/scale.ts';
import { bandEdges, lossDomain } from './colour.ts';
import { contourPaths, type MapSize } from './contours.ts';
import { type Ellipse, ellipsePath, pointOn } from './ellipse.ts';
import { type Field, filled } from './field.ts';
import { DARK, Halo, isOnMap, MapText } from './MapMarks.tsx';

interface Frame {
  inner: MapSize;
  a: readonly [number, number];
  b: readonly [number, number];
}

/** Which edges of its own bands a ghost shows. */
const GHOST_EDGES = [2, 5, 8, 11];

/** A field as dashed contours. */
export const Ghost = memo(function Ghost({ field, inner }: { field: Field; inner: MapSize }) {
  const paths = useMemo(() => {
    const whole = filled(field);
    const domain = whole && lossDomain([whole]);
    if (!whole || !domain) return [];
    const edges = bandEdges(domain);
    return contourPaths(whole, field.a.length, field.b.length, GHOST_EDGES.map((k) => edges[k]!), inner);
  }, [field, inner]);
  return (
    <g pointerEvents="none" data-ghost>
      {paths.map((d, k) => (
        <g key={k} fill="none" strokeWidth={1.1}>
          <path d={d} stroke="#ffffff" strokeOpacity={0.75} />
          <path d={d} stroke={DARK} strokeOpacity={0.9} strokeDasharray="4 4" />
        </g>
      ))}
    </g>
  );
});

/** At most this many steps of a trajectory have a dot. */
const DOTS = 14;

/** Training runs as lines from their start, samples of a chain as small marks of their arm. */
export const Trails = memo(function Trails({ trails, inner, a, b }: Frame & { trails: readonly Trail[] }) {
  const [x, y] = [linearScale(a, [0, inner.width]), linearScale(b, [inner.height, 0])];
  return (
    <g pointerEvents="none">
      {trails.map((trail) => {
        const { hex, dash } = ARM_STYLE[trail.arm];
        const spots = trail.steps.map((_, i) => `${x(trail.a[i]!).toFixed(1)},${y(trail.b[i]!).toFixed(1)}`);
        const stride = Math.max(1, Math.ceil((spots.length - 1) / DOTS));
        if (trail.temperature !== null) {
          return (
            <g key={`samples ${trail.arm}`} data-samples={trail.arm}>
              {spots.map((spot, i) => <path key={trail.steps[i]} d={markerPath(ARM_STYLE[trail.arm].marker, 3)} transform={`translate(${spot})`} fill={hex.light} fillOpacity={0.85} stroke="#ffffff" strokeWidth={0.8} />)}
            </g>
          );
        }
        return (
          <g key={`${trail.arm} ${trail.seed}`} data-trail={trail.arm}>
            <Halo d={`M${spots.join('L')}`} width={2} colour={hex.light} dash={dash} />
            {spots.map((spot, i) => ((spots.length - 1 - i) % stride === 0 ? <circle key={trail.steps[i]} r={2.6} transform={`translate(${spot})`} fill={hex.light} stroke="#ffffff" strokeWidth={1} /> : null))}
          </g>
        );
      })}
    </g>
  );
});

export const Ellipses = memo(function Ellipses({ ellipses, inner, a, b }: Frame & { ellipses: readonly Ellipse[] }) {
  const [x, y] = [linearScale(a, [0, inner.width]), linearScale(b, [inner.height, 0])];
  return (
    <g pointerEvents="none">
      {ellipses.map((ellipse) => {
        const spot = labelPlace(ellipse, a, b);
        return (
          <g key={ellipse.label} data-ellipse={ellipse.label}>
            <Halo d={ellipsePath(ellipse, x, y)} width={1.4} dash="7 4" clear={0.7} />
            {spot && <MapText x={x(spot.a)} y={y(spot.b)} anchor="middle" text={ellipse.label} />}
          </g>
        );
      })}
    </g>
  );
});

/** The highest point of an ellipse that lies well inside the map; null when none does, or the ellipse is too small to be labelled. */
function labelPlace(ellipse: Ellipse, a: Frame['a'], b: Frame['b']) {
  const span = Math.max(a[1] - a[0], b[1] - b[0]);
  if (Math.hypot(ellipse.axes[0].a, ellipse.axes[0].b) < 0.04 * span) return null;
  const places = Array.from({ length: 72 }, (_, k) => pointOn(ellipse, (k * Math.PI) / 36)).filter((place) => isOnMap(place, a, b, -0.06));
  return places.reduce<{ a: number; b: number } | null>((top, place) => (top === null || place.b > top.b ? place : top), null);
}
