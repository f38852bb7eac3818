/**
 * On a map: the solutions, the minimisers (grid and refined) and where the test NLL is lowest, how far they are apart, and
 * where the minimiser was before a drag; with labels that do not overlap.
 */
import { memo } from 'react';
import type { PlanePoint } from '../../experiment/result.ts';
import { ARM_STYLE, markerPath } from '../charts/arms.ts';
import { fixed, reading } from '../charts/format.ts';
import { linearScale } from '../charts/scale.ts';
import type { MapSize } from './contours.ts';
import type { FieldMinimum } from './field.ts';
import { type LabelRequest, type PlacedLabel, placeLabels } from './labels.ts';

export interface Place {
  a: number;
  b: number;
}

export type TestMinimum = Place;

interface MapMarksProps {
  points: readonly PlanePoint[];
  least: FieldMinimum | null;
  /** The minimum's value stands beside it; not where it is 0 by construction. */
  named: boolean;
  testMinimum: TestMinimum | null;
  /** A line from the minimiser to the test minimum, labelled with its length. */
  link: boolean;
  /** The minimiser before the drag. */
  before: Place | null;
  picked: Place | null;
  inner: MapSize;
  a: readonly [number, number];
  b: readonly [number, number];
}

/** The maps have the same colours in both schemes, and so have their marks. */
export const DARK = '#14171a';
const LIGHT = '#ffffff';

/** Off the plane by more than this share of the map's longer side, a point is marked so. */
const OFF = 0.01;
/** A point whose centre lies further outside the map than this (px) is not on it. */
const RIM = 3;
/** Marks that are closer than this (px) need no line between them. */
const APART = 18;

export const MapMarks = memo(function MapMarks({ points, least, named, testMinimum, link, before, picked, inner, a, b }: MapMarksProps) {
  const x = linearScale(a, [0, inner.width]);
  const y = linearScale(b, [inner.height, 0]);
  const seen = points.filter((point) => isOnMap(point, a, b, RIM / inner.width, RIM / inner.height));
  const minimum = least?.refined ?? null;
  const line = link && minimum && testMinimum ? segment([x(minimum.a), y(minimum.b)], [x(testMinimum.a), y(testMinimum.b)], 5, 9) : null;
  const arrow = before && minimum ? segment([x(before.a), y(before.b)], [x(minimum.a), y(minimum.b)], 8, 9) : null;
  const label = ({ a: ca, b: cb }: Place, text: string): LabelRequest => ({ x: x(ca), y: y(cb), text });
  const onPlane = seen.filter((point) => !isOff(point, a, b));
  const labels = placeLabels([
    ...(testMinimum ? [label(testMinimum, 'test min')] : []),
    ...[...onPlane, ...seen.filter((point) => !onPlane.includes(point))].map((point) => ({ ...label(point, pointLabel(point, a, b)), optional: true })),
    ...(least && minimum ? [{ ...label(minimum, named ? `min ${least.atBoundary ? '≤ ' : ''}${reading(minimum.value)}` : least.atBoundary ? 'min, on the rim' : 'min'), moves: true }] : []),
    ...(line && least && minimum && testMinimum ? [{ x: (line[0][0] + line[1][0]) / 2, y: (line[0][1] + line[1][1]) / 2, text: gapText(least, testMinimum), bare: true, moves: true }] : []),
  ], inner, [...(line ? [line] : []), ...(arrow ? [arrow] : [])]);
  const drawn = ({ text, at: { x: lx, y: ly, anchor } }: PlacedLabel, i: number) => <MapText key={`${i} ${text}`} x={lx} y={ly} anchor={anchor} text={text} />;
  return (
    <g pointerEvents="none">
      {line && <Halo d={`M${at(line[0])}L${at(line[1])}`} width={1.4} />}
      {before && <path d={markerPath('plus', 6)} transform={`translate(${x(before.a).toFixed(1)},${y(before.b).toFixed(1)})`} fill={LIGHT} fillOpacity={0.55} stroke={DARK} strokeOpacity={0.75} strokeWidth={1} />}
      {arrow && <Halo d={arrowPath(arrow)} width={1.5} />}
      {testMinimum && <circle cx={x(testMinimum.a)} cy={y(testMinimum.b)} r={8} fill="none" stroke={DARK} strokeWidth={4} strokeOpacity={0.45} />}
      {testMinimum && <circle cx={x(testMinimum.a)} cy={y(testMinimum.b)} r={8} fill="none" stroke={LIGHT} strokeWidth={2} strokeDasharray="3 2.3" />}
      {seen.map((point) => {
        const style = point.arm ? ARM_STYLE[point.arm] : null;
        const away = isOff(point, a, b);
        return (
          <path
            key={point.name} transform={`translate(${x(point.a).toFixed(1)},${y(point.b).toFixed(1)})`} d={pointPath(point, 5.5)}
            fill={away ? LIGHT : (style?.hex.light ?? LIGHT)} fillOpacity={away ? 0.75 : 1} stroke={away ? (style?.hex.light ?? DARK) : style ? LIGHT : DARK} strokeWidth={1.6}
          />
        );
      })}
      {labels.filter(({ moves }) => !moves).map(drawn)}
      {least && minimum && (
        <g>
          <circle cx={x(least.grid.a)} cy={y(least.grid.b)} r={3.2} fill="none" stroke={LIGHT} strokeWidth={3} />
          <circle cx={x(least.grid.a)} cy={y(least.grid.b)} r={3.2} fill="none" stroke={DARK} strokeWidth={1.3} />
          <Halo d={`M${x(minimum.a) - 6},${y(minimum.b)}h12m-6,-6v12`} width={1.8} />
        </g>
      )}
      {picked && (
        <g transform={`translate(${x(picked.a).toFixed(1)},${y(picked.b).toFixed(1)})`}>
          <Halo d="M-11,-5V-11H-5M5,-11H11V-5M11,5V11H5M-5,11H-11V5" width={2} />
          <circle r={2} fill={DARK} stroke={LIGHT} strokeWidth={1.2} />
        </g>
      )}
      {labels.filter(({ moves }) => moves).map(drawn)}
    </g>
  );
});

/** A dark line on a light one, so that it shows on every colour. */
export function Halo({ d, width, colour = DARK, dash, clear = 0.85 }: { d: string; width: number; colour?: string; dash?: string; clear?: number }) {
  return (
    <>
      <path d={d} fill="none" stroke={LIGHT} strokeOpacity={clear} strokeWidth={width + 1.8} strokeLinecap="round" strokeLinejoin="round" />
      <path d={d} fill="none" stroke={colour} strokeWidth={width} strokeDasharray={dash} strokeLinejoin="round" />
    </>
  );
}

/** A label on a map. */
export function MapText({ x, y, anchor, text }: { x: number; y: number; anchor: 'start' | 'middle' | 'end'; text: string }) {
  return (
    <text x={x} y={y} dy="0.33em" textAnchor={anchor} fontSize={11.5} fontWeight={600} fill={DARK} stroke={LIGHT} strokeWidth={3.2} strokeLinejoin="round" paintOrder="stroke">
      {text}
    </text>
  );
}

/** Inside the map, or beyond its rim by at most these shares of its width and height. */
export function isOnMap(place: Place, [a0, a1]: readonly [number, number], [b0, b1]: readonly [number, number], rimA = 0, rimB = rimA): boolean {
  const [da, db] = [rimA * (a1 - a0), rimB * (b1 - b0)];
  return place.a >= a0 - da && place.a <= a1 + da && place.b >= b0 - db && place.b <= b1 + db;
}

function isOff({ off }: PlanePoint, [a0, a1]: readonly [number, number], [b0, b1]: readonly [number, number]): boolean {
  return off > OFF * Math.max(a1 - a0, b1 - b0);
}

function pointLabel(point: PlanePoint, a: readonly [number, number], b: readonly [number, number]): string {
  const { name, arm, off } = point;
  const own = arm === null ? name : arm === 'none' ? 'plain' : ARM_STYLE[arm].label.toLowerCase().replace('l2-sp', 'L2-SP');
  return isOff(point, a, b) ? `${own}, ${off >= 1 ? fixed(off, off >= 10 ? 0 : 1) : reading(off)} off` : own;
}

/** `gap 1.92`; u and v are orthonormal, so distances on the plane are distances between parameters. */
function gapText({ refined, atBoundary }: FieldMinimum, test: Place): string {
  return `gap ${atBoundary ? '≥ ' : ''}${reading(Math.hypot(refined.a - test.a, refined.b - test.b))}`;
}

type Pixel = readonly [number, number];

const at = ([px, py]: Pixel) => `${px.toFixed(1)},${py.toFixed(1)}`;

/** From one mark to another, without the marks themselves; null when they touch. */
function segment(from: Pixel, to: Pixel, startsAfter: number, endsBefore: number): [Pixel, Pixel] | null {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (!(length > APART)) return null;
  const [ux, uy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  return [[from[0] + ux * startsAfter, from[1] + uy * startsAfter], [to[0] - ux * endsBefore, to[1] - uy * endsBefore]];
}

function arrowPath([from, to]: [Pixel, Pixel]): string {
  const angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
  const barb = (turn: number): Pixel => [to[0] - 6 * Math.cos(angle + turn), to[1] - 6 * Math.sin(angle + turn)];
  return `M${at(from)}L${at(to)}M${at(barb(0.5))}L${at(to)}L${at(barb(-0.5))}`;
}

/** Points that belong to no arm are stars: the pre-trained one of five points, others of four. */
export function pointPath({ name, arm }: Pick<PlanePoint, 'name' | 'arm'>, r: number): string {
  return arm ? markerPath(ARM_STYLE[arm].marker, r) : name === 'pre-trained' ? starPath(5, 7.5, 3.2) : starPath(4, 8, 2.8);
}

function starPath(tips: number, outer: number, waist: number): string {
  return `M${Array.from({ length: 2 * tips }, (_, k) => {
    const [radius, angle] = [k % 2 === 0 ? outer : waist, (k * Math.PI) / tips];
    return `${(radius * Math.sin(angle)).toFixed(2)},${(-radius * Math.cos(angle)).toFixed(2)}`;
  }).join('L')}Z`;
}
