/**
 * One map of the plane: bands of colour on a canvas, above it as SVG its axes, the marks and lines on it, its colour
 * legend and a crosshair that is linked to the other maps. What does not follow the values or the crosshair is memoised.
 */
import { type KeyboardEvent, memo, type MouseEvent, type PointerEvent, useId, useMemo } from 'react';
import type { PlanePoint, Trail } from '../../experiment/result.ts';
import { fixed, tickText } from '../charts/format.ts';
import { INK, TYPE } from '../charts/ink.ts';
import { linearScale, niceTicks } from '../charts/scale.ts';
import type { ColourScale } from './colour.ts';
import type { MapSize } from './contours.ts';
import type { Ellipse } from './ellipse.ts';
import { bilinear, type Field, fieldMinimum, hasGaps, missingRuns, sparse } from './field.ts';
import { MapCanvas } from './MapCanvas.tsx';
import { MapLegend } from './MapLegend.tsx';
import { MapMarks, type Place, type TestMinimum } from './MapMarks.tsx';
import { Ellipses, Ghost, Trails } from './MapPaths.tsx';
import { type Unit, valueText } from './unit.ts';

export type { Place } from './MapMarks.tsx';

interface ContourMapProps {
  title: string;
  subtitle: string;
  field: Field;
  scale: ColourScale;
  /** Of the values; `%` shows shares times a hundred. */
  unit?: Unit;
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
  /** Titles of the a and the b axis, without unit. */
  axes?: readonly [string, string];
  /** The field before a drag and its minimiser. */
  ghost?: { field: Field; least: Place | null } | null;
  /** A line from the minimiser to the test minimum, with its length. */
  link?: boolean;
  trails?: readonly Trail[];
  ellipses?: readonly Ellipse[];
  /** A click, or Enter at the crosshair. */
  onPick?: ((place: Place) => void) | null;
  picked?: Place | null;
}

export const MAP_MARGIN = { top: 40, right: 10, bottom: 84, left: 56 } as const;
const UNNAMED = ['a', 'b'] as const;
const NO_TRAILS: readonly Trail[] = [];
const NO_ELLIPSES: readonly Ellipse[] = [];

export function mapHeight(inner: MapSize): number {
  return inner.height + MAP_MARGIN.top + MAP_MARGIN.bottom;
}

export function ContourMap({
  title, subtitle, field, scale, unit = 'nats', width, inner, points, testMinimum, done, cross, onCross,
  axes = UNNAMED, ghost = null, link = false, trails = NO_TRAILS, ellipses = NO_ELLIPSES, onPick = null, picked = null,
}: ContourMapProps) {
  const { a, b, values } = field;
  const frame = useMemo(() => ({ a: extent(a), b: extent(b) }), [a, b]);
  const [x, y] = [linearScale(frame.a, [0, inner.width]), linearScale(frame.b, [inner.height, 0])];
  // A minimiser of a loss means something; of a share or a difference it is an accident of the grid.
  const least = useMemo(() => (scale.kind === 'loss' ? fieldMinimum({ a, b, values }) : null), [a, b, values, scale.kind]);
  const clip = `${useId()}clip`;
  const placeOf = (event: MouseEvent<SVGRectElement>): Place => {
    const box = event.currentTarget.getBoundingClientRect();
    const within = (pixel: number, size: number) => Math.max(0, Math.min(size, pixel));
    return { a: x.invert(within(event.clientX - box.left, inner.width)), b: y.invert(within(event.clientY - box.top, inner.height)) };
  };
  const point = (event: PointerEvent<SVGRectElement>) => onCross(placeOf(event), 'pointer');
  const press = (event: KeyboardEvent) => {
    const start = cross ?? least?.grid ?? { a: (frame.a[0] + frame.a[1]) / 2, b: (frame.b[0] + frame.b[1]) / 2 };
    if (event.key === 'Enter' && onPick) onPick({ a: start.a, b: start.b });
    else {
      const next = moved(field, cross, start, event);
      if (next === undefined) return;
      onCross(next, 'keyboard');
    }
    event.preventDefault();
  };
  const lowest = least ? ` Lowest ${least.atBoundary ? 'on the rim, ' : ''}${valueText(least.refined.value, scale.kind, unit)} ${unit} at ${placeText(least.refined)}.` : '';
  return (
    <div style={{ position: 'relative', width, height: mapHeight(inner) }}>
      <MapCanvas {...{ a, b, values, scale, inner }} left={MAP_MARGIN.left} top={MAP_MARGIN.top} />
      <svg
        width={width} height={mapHeight(inner)} tabIndex={0} role="img" onKeyDown={press} className="loss-map"
        aria-label={`${title}, ${subtitle}.${lowest} Arrow keys move the crosshair,${onPick ? ' Enter inspects its place,' : ''} Escape removes it.`}
        style={{ display: 'block', position: 'relative', fontVariantNumeric: 'tabular-nums', touchAction: 'pan-y' }}
      >
        <text x={MAP_MARGIN.left} y={14} fontSize={13} fontWeight={600} fill={INK.text}>{title}</text>
        <text x={MAP_MARGIN.left} y={30} fontSize={TYPE.tick} fill={INK.muted}>{subtitle}</text>
        <g transform={`translate(${MAP_MARGIN.left},${MAP_MARGIN.top})`}>
          <clipPath id={clip}><rect width={inner.width} height={inner.height} /></clipPath>
          <g clipPath={`url(#${clip})`}>
            <Veil {...{ a, b, values, inner, done }} />
            {ghost && <Ghost field={ghost.field} inner={inner} />}
            {ellipses.length > 0 && <Ellipses {...frame} ellipses={ellipses} inner={inner} />}
            {trails.length > 0 && <Trails {...frame} trails={trails} inner={inner} />}
          </g>
          <Axes {...frame} inner={inner} titles={axes} />
          <MapMarks {...frame} {...{ points, least, testMinimum, link, picked, inner }} named={scale.low !== 0} before={ghost?.least ?? null} />
          {cross && <Crosshair x={x(cross.a)} y={y(cross.b)} inner={inner} text={valueText(bilinear(field, cross.a, cross.b), scale.kind, unit)} />}
          <rect
            width={inner.width} height={inner.height} fill="transparent" style={{ cursor: 'crosshair' }} onPointerMove={point} onPointerDown={point}
            onPointerLeave={(event) => { if (event.pointerType === 'mouse') onCross(null, 'pointer'); }} onClick={(event) => onPick?.(placeOf(event))}
          />
          <MapLegend scale={scale} unit={unit} width={inner.width} y={inner.height + 46} />
        </g>
      </svg>
    </div>
  );
}

function Crosshair({ x, y, inner, text }: { x: number; y: number; inner: MapSize; text: string }) {
  const width = 12 + 7 * text.length;
  const [left, top] = [x + 8 + width > inner.width ? x - 8 - width : x + 8, y - 28 < 0 ? y + 8 : y - 28];
  return (
    <g data-transient pointerEvents="none">
      {['#ffffff', '#111111'].map((colour, k) => (
        <path key={colour} d={`M0,${y}H${inner.width}M${x},0V${inner.height}`} stroke={colour} strokeWidth={k === 0 ? 2.5 : 0.9} strokeOpacity={k === 0 ? 0.45 : 0.9} />
      ))}
      <g transform={`translate(${left},${top})`}>
        <rect width={width} height={20} rx={4} fill="#111111" fillOpacity={0.86} />
        <text x={width / 2} y={14} textAnchor="middle" fontSize={12} fontWeight={600} fill="#ffffff">{text}</text>
      </g>
    </g>
  );
}

/** Over what is not known: paler where most of it may still come, hatched where it was not finite. */
const Veil = memo(function Veil({ a, b, values, inner, done }: Field & { inner: MapSize; done: boolean }) {
  const id = useId();
  const path = useMemo(() => {
    if (!hasGaps(values)) return '';
    const veiled = done ? values : sparse({ a, b, values });
    // Whole pixels: neighbouring rows must neither overlap nor leave a line between them.
    const x = (column: number) => Math.round((column * inner.width) / (a.length - 1));
    const y = (row: number) => Math.round(inner.height - (row * inner.height) / (b.length - 1));
    return missingRuns({ a, values: veiled }).map(([row, first, last]) => `M${x(first - 0.5)},${y(row + 0.5)}H${x(last + 0.5)}V${y(row - 0.5)}H${x(first - 0.5)}Z`).join('');
  }, [a, b, values, inner, done]);
  if (path === '') return null;
  return (
    <>
      <pattern id={`${id}hatch`} width={7} height={7} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width={7} height={7} fill={INK.page} /><line y2={7} stroke={INK.axis} strokeWidth={1.5} />
      </pattern>
      <path d={path} fill={done ? `url(#${id}hatch)` : INK.page} fillOpacity={done ? 1 : 0.42} shapeRendering="crispEdges" />
    </>
  );
});

const Axes = memo(function Axes({ a, b, inner, titles }: { a: readonly [number, number]; b: readonly [number, number]; inner: MapSize; titles: readonly [string, string] }) {
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
      <g fontSize={TYPE.label} fill={INK.text} textAnchor="middle">
        <text x={inner.width / 2} y={inner.height + 31}>{axisTitle(titles[0], inner.width + 40)}</text>
        <text transform={`translate(${11 - MAP_MARGIN.left},${inner.height / 2}) rotate(-90)`}>{axisTitle(titles[1], inner.height + 40)}</text>
      </g>
    </g>
  );
});

/** Width of a character of an axis title, px, about. */
const CHARACTER = 6.4;

/** With its unit; shortened where there is no room for all of it. */
function axisTitle(title: string, room: number): string {
  const most = Math.floor(room / CHARACTER);
  const unit = ' (parameter units)';
  if (title.length + unit.length <= most) return title + unit;
  return title.length <= most ? title : `${title.slice(0, most - 1)}…`;
}

function extent(axis: readonly number[]): [number, number] {
  return [axis[0]!, axis.at(-1)!];
}

/** Where a key takes the crosshair: undefined when the key means nothing here, null when it removes it. */
function moved({ a, b }: Field, cross: Place | null, start: Place, event: KeyboardEvent): Place | null | undefined {
  if (event.key === 'Escape') return null;
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!direction) return undefined;
  const pace = event.shiftKey ? 5 : 1;
  const step = (axis: readonly number[], from: number, by: number) => {
    const [low, high] = extent(axis);
    return Math.max(low, Math.min(high, from + (by * pace * (high - low)) / (axis.length - 1)));
  };
  return cross ? { a: step(a, start.a, direction[0]!), b: step(b, start.b, direction[1]!) } : { a: start.a, b: start.b };
}

/** `a = 1.20, b = −0.40`. */
export function placeText({ a, b }: Place): string {
  return `a = ${fixed(a, 2)}, b = ${fixed(b, 2)}`;
}
