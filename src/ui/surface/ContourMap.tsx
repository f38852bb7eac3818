/**
 * One map of the plane: filled contours, the solutions and minimisers on it, its colour legend, a crosshair that is
 * linked to the other maps. The parts that do not follow the crosshair are memoised.
 */
import { type KeyboardEvent, memo, type PointerEvent, useId, useMemo } from 'react';
import type { PlanePoint } from '../../experiment/result.ts';
import { fixed, reading, tickText } from '../charts/format.ts';
import { INK, TYPE } from '../charts/ink.ts';
import { linearScale, niceTicks } from '../charts/scale.ts';
import { bandColour, bandEdges, type LossDomain } from './colour.ts';
import { contourPaths, type MapSize } from './contours.ts';
import { bilinear, type Field, fieldMinimum, filled, missingRuns } from './field.ts';
import { MapMarks, type TestMinimum } from './MapMarks.tsx';
import { MapLegend } from './MapLegend.tsx';

export interface Place {
  a: number;
  b: number;
}

interface ContourMapProps {
  title: string;
  subtitle: string;
  field: Field;
  domain: LossDomain;
  /** Of the whole picture; the map's height follows from `inner`. */
  width: number;
  inner: MapSize;
  points: readonly PlanePoint[];
  /** Where the test NLL is lowest, to be shown on the other maps too; null on its own. */
  testMinimum: TestMinimum | null;
  /** No cell is still to come: what is missing now was not finite. */
  done: boolean;
  cross: Place | null;
  onCross: (place: Place | null, by: 'pointer' | 'keyboard') => void;
}

export const MAP_MARGIN = { top: 40, right: 10, bottom: 84, left: 56 } as const;

export function mapHeight(inner: MapSize): number {
  return inner.height + MAP_MARGIN.top + MAP_MARGIN.bottom;
}

export function ContourMap({ title, subtitle, field, domain, width, inner, points, testMinimum, done, cross, onCross }: ContourMapProps) {
  const [x, y] = [linearScale(extent(field.a), [0, inner.width]), linearScale(extent(field.b), [inner.height, 0])];
  const value = cross ? bilinear(field, cross.a, cross.b) : NaN;
  const point = (event: PointerEvent<SVGRectElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    onCross({ a: x.invert(Math.max(0, Math.min(inner.width, px))), b: y.invert(Math.max(0, Math.min(inner.height, py))) }, 'pointer');
  };
  const press = (event: KeyboardEvent) => {
    const next = moved(field, cross, event);
    if (next === undefined) return;
    event.preventDefault();
    onCross(next, 'keyboard');
  };
  return (
    <svg
      width={width} height={mapHeight(inner)} tabIndex={0} role="img" onKeyDown={press} className="loss-map"
      aria-label={`${title}. Arrow keys move the crosshair, Escape removes it.`}
      style={{ display: 'block', fontVariantNumeric: 'tabular-nums', touchAction: 'pan-y' }}
    >
      <text x={MAP_MARGIN.left} y={14} fontSize={13} fontWeight={600} fill={INK.text}>{title}</text>
      <text x={MAP_MARGIN.left} y={30} fontSize={TYPE.tick} fill={INK.muted}>{subtitle}</text>
      <g transform={`translate(${MAP_MARGIN.left},${MAP_MARGIN.top})`}>
        <Layers field={field} domain={domain} inner={inner} done={done} />
        <Axes field={field} inner={inner} />
        <Marks field={field} inner={inner} points={points} testMinimum={testMinimum} />
        {cross && (
          <g data-transient pointerEvents="none">
            {['#ffffff', '#111111'].map((colour, k) => (
              <path key={colour} d={`M0,${y(cross.b)}H${inner.width}M${x(cross.a)},0V${inner.height}`} stroke={colour} strokeWidth={k === 0 ? 2.5 : 0.9} strokeOpacity={k === 0 ? 0.45 : 0.9} />
            ))}
            <Readout x={x(cross.a)} y={y(cross.b)} inner={inner} text={reading(value)} />
          </g>
        )}
        <rect width={inner.width} height={inner.height} fill="transparent" onPointerMove={point} onPointerDown={point} onPointerLeave={(event) => { if (event.pointerType === 'mouse') onCross(null, 'pointer'); }} style={{ cursor: 'crosshair' }} />
        <MapLegend domain={domain} width={inner.width} y={inner.height + 46} />
      </g>
    </svg>
  );
}

function Readout({ x, y, inner, text }: { x: number; y: number; inner: MapSize; text: string }) {
  const width = 12 + 7 * text.length;
  const [left, top] = [x + 8 + width > inner.width ? x - 8 - width : x + 8, y - 28 < 0 ? y + 8 : y - 28];
  return (
    <g transform={`translate(${left},${top})`}>
      <rect width={width} height={20} rx={4} fill="#111111" fillOpacity={0.86} />
      <text x={width / 2} y={14} textAnchor="middle" fontSize={12} fontWeight={600} fill="#ffffff">{text}</text>
    </g>
  );
}

const Layers = memo(function Layers({ field, domain, inner, done }: { field: Field; domain: LossDomain; inner: MapSize; done: boolean }) {
  const id = useId();
  const edges = bandEdges(domain);
  const paths = useMemo(() => {
    const whole = filled(field);
    return whole && contourPaths(whole, field.a.length, field.b.length, bandEdges(domain), inner);
  }, [field, domain, inner]);
  const veil = useMemo(() => {
    // Whole pixels: neighbouring rows must neither overlap nor leave a line between them.
    const x = (column: number) => Math.round((column * inner.width) / (field.a.length - 1));
    const y = (row: number) => Math.round(inner.height - (row * inner.height) / (field.b.length - 1));
    return missingRuns(field).map(([row, first, last]) => `M${x(first - 0.5)},${y(row + 0.5)}H${x(last + 0.5)}V${y(row - 0.5)}H${x(first - 0.5)}Z`).join('');
  }, [field, inner]);
  return (
    <g>
      <clipPath id={`${id}clip`}><rect width={inner.width} height={inner.height} /></clipPath>
      <pattern id={`${id}hatch`} width={7} height={7} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={7} height={7} fill={INK.page} /><line y2={7} stroke={INK.axis} strokeWidth={1.5} />
      </pattern>
      <g clipPath={`url(#${id}clip)`}>
        <rect width={inner.width} height={inner.height} fill={paths ? bandColour(0) : INK.shade} />
        {paths?.map((path, k) => (k === 0 || path === '' ? null : <path key={edges[k]} d={path} fill={bandColour(k)} stroke="#ffffff" strokeOpacity={0.22} strokeWidth={0.7} />))}
        {veil !== '' && <path d={veil} fill={done ? `url(#${id}hatch)` : INK.page} fillOpacity={done ? 1 : 0.42} shapeRendering="crispEdges" />}
      </g>
    </g>
  );
});

const Axes = memo(function Axes({ field, inner }: { field: Field; inner: MapSize }) {
  const [a, b] = [extent(field.a), extent(field.b)];
  const [x, y] = [linearScale(a, [0, inner.width]), linearScale(b, [inner.height, 0])];
  return (
    <g fontSize={TYPE.tick} fill={INK.muted}>
      <rect width={inner.width} height={inner.height} fill="none" stroke={INK.axis} />
      {niceTicks(...a, Math.max(3, inner.width / 70)).map((tick) => (
        <g key={tick} transform={`translate(${x(tick).toFixed(1)},${inner.height})`}><line y2={4} stroke={INK.axis} /><text y={15} textAnchor="middle">{tickText(tick)}</text></g>
      ))}
      {niceTicks(...b, Math.max(2, inner.height / 60)).map((tick) => (
        <g key={tick} transform={`translate(0,${y(tick).toFixed(1)})`}><line x2={-4} stroke={INK.axis} /><text x={-7} dy="0.33em" textAnchor="end">{tickText(tick)}</text></g>
      ))}
      <text x={inner.width / 2} y={inner.height + 31} textAnchor="middle" fontSize={TYPE.label} fill={INK.text}>a (parameter units)</text>
      <text transform={`translate(${11 - MAP_MARGIN.left},${inner.height / 2}) rotate(-90)`} textAnchor="middle" fontSize={TYPE.label} fill={INK.text}>b (parameter units)</text>
    </g>
  );
});

const Marks = memo(function Marks({ field, inner, points, testMinimum }: { field: Field; inner: MapSize; points: readonly PlanePoint[]; testMinimum: TestMinimum | null }) {
  const least = useMemo(() => fieldMinimum(field), [field]);
  return <MapMarks {...{ points, least, testMinimum, inner }} a={extent(field.a)} b={extent(field.b)} />;
});

function extent(axis: readonly number[]): [number, number] {
  return [axis[0]!, axis.at(-1)!];
}

/** Where a key takes the crosshair: undefined when the key means nothing here, null when it removes it. */
function moved(field: Field, cross: Place | null, event: KeyboardEvent): Place | null | undefined {
  if (event.key === 'Escape') return null;
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!direction) return undefined;
  const pace = event.shiftKey ? 5 : 1;
  const step = (axis: readonly number[], from: number, by: number) => {
    const [low, high] = extent(axis);
    return Math.max(low, Math.min(high, from + (by * pace * (high - low)) / (axis.length - 1)));
  };
  const from = cross ?? fieldMinimum(field)?.grid ?? { a: field.a[0]!, b: field.b[0]! };
  return cross ? { a: step(field.a, from.a, direction[0]!), b: step(field.b, from.b, direction[1]!) } : { a: from.a, b: from.b };
}

/** `a = 1.20, b = −0.40`. */
export function placeText({ a, b }: Place): string {
  return `a = ${fixed(a, 2)}, b = ${fixed(b, 2)}`;
}
