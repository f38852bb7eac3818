/**
 * Curves with bands over one axis, and a cursor along it: the pointer or the arrow keys move it, a card shows every curve's
 * value there, and a live region says them for whoever moves it by keyboard.
 */
import { type CSSProperties, type KeyboardEvent, memo, type PointerEvent, type ReactNode, useId, useState } from 'react';
import type { Shape } from '../charts/arms.ts';
import { fixed, tickText } from '../charts/format.ts';
import { Marker } from '../charts/marks.tsx';
import { axisRoom, type Margin, PlotFrame } from '../charts/PlotFrame.tsx';
import { linearScale, logScale, logTicks, niceTicks, type Scale } from '../charts/scale.ts';
import type { Domain } from './cut.ts';
import styles from './evidence.module.css';

export interface Ink {
  colour: string;
  dash: string;
  weight: number;
  /** 0 to 1. */
  opacity?: number;
  /** At the points of the curve, for one that is measured at few. */
  marker?: Shape;
}

export interface PlotCurve {
  key: string;
  label: string;
  ink: Ink;
  y: readonly number[];
  band: readonly ([number, number] | null)[] | null;
}

interface CurvePlotProps {
  x: readonly number[];
  curves: readonly PlotCurve[];
  domain: Domain;
  width: number;
  height: number;
  /** Room above the plot, px. */
  top: number;
  label: string;
  xTitle: string;
  yTitle: string;
  /** The place in words: `t = 1.20 parameter units`. */
  place: (x: number) => string;
  logX?: boolean;
  /** Index into x; kept by the parent where several plots share a cursor. */
  cursor?: number | null;
  onCursor?: (index: number | null) => void;
  /** Further marks. */
  marks?: (x: Scale, y: Scale) => ReactNode;
}

/** About the width of the card, px. */
const CARD = 260;

export function CurvePlot(props: CurvePlotProps) {
  const [own, setOwn] = useState<number | null>(null);
  const [byKeys, setByKeys] = useState(false);
  const { x: places, curves, width, height, label, cursor = own, onCursor = setOwn, place } = props;
  const { x, margin } = scalesOf(props);
  const at = cursor !== null && cursor < places.length ? cursor : null;
  const move = (event: PointerEvent<HTMLDivElement>) => {
    setByKeys(false);
    onCursor(nearest(places, x.invert(event.clientX - event.currentTarget.getBoundingClientRect().left)));
  };
  const press = (event: KeyboardEvent) => {
    const next = stepped(event.key, at, places.length, event.shiftKey ? 10 : 1);
    if (next === undefined) return;
    event.preventDefault();
    setByKeys(true);
    onCursor(next);
  };
  const readings = at === null ? [] : curves.map((curve) => ({ ...curve, text: valueText(curve, at) }));
  return (
    <div className={styles.plot} style={{ height }}>
      <div
        className={styles.focus} style={{ width, height }} tabIndex={0} role="slider" aria-label={`${label}: position`} aria-valuemin={0} aria-valuemax={places.length - 1}
        aria-valuenow={at ?? 0} aria-valuetext={at === null ? 'no position; arrow keys choose one' : place(places[at]!)}
        onKeyDown={press} onPointerMove={move} onPointerDown={move} onPointerLeave={() => { if (!byKeys) onCursor(null); }} onBlur={() => { setByKeys(false); onCursor(null); }}
      >
        <Picture {...props} />
        {at !== null && <span aria-hidden data-transient className={styles.hair} style={{ left: x(places[at]!), top: margin.top, height: height - margin.top - margin.bottom }} />}
      </div>
      {at !== null && (
        <div className={styles.card} data-transient aria-hidden style={cardPlace(x(places[at]!), margin, width)}>
          <b>{place(places[at]!)}</b>
          {readings.map(({ key, label: name, ink, text }) => <span key={key}><InkKey ink={ink} /><span>{name}</span><i>{text}</i></span>)}
        </div>
      )}
      <span className={styles.hidden} role="status" aria-live="polite">
        {byKeys && at !== null ? `${place(places[at]!)}: ${readings.map(({ label: name, text }) => `${name} ${text}`).join('; ')}` : ''}
      </span>
    </div>
  );
}

/** Beside the cursor, where there is more room; a narrow plot keeps its card inside. */
function cardPlace(at: number, { left, top }: Margin, width: number): CSSProperties {
  if (at > (left + width) / 2) return { right: Math.max(0, Math.min(width - at + 12, width - CARD)), top: top + 4 };
  return { left: Math.max(0, Math.min(at + 12, width - CARD)), top: top + 4 };
}

/** A piece of the curve, as the legend and the card show it. */
export function InkKey({ ink }: { ink: Ink }) {
  return (
    <svg width={30} height={12} aria-hidden style={{ flex: 'none' }}>
      <line x1={0} x2={30} y1={6} y2={6} stroke={ink.colour} strokeWidth={ink.weight} strokeDasharray={ink.dash} strokeOpacity={ink.opacity} />
      {ink.marker && <Marker shape={ink.marker} x={15} y={6} r={3.5} fill={ink.colour} />}
    </svg>
  );
}

function scalesOf({ x: places, domain: { low, high }, width, height, top, logX }: CurvePlotProps): { x: Scale; y: Scale; xTicks: number[]; yTicks: number[]; margin: Margin } {
  const yTicks = niceTicks(low, high, 5);
  const margin = { top, right: 14, bottom: 38, left: axisRoom(yTicks, tickText) };
  const [from, to] = [places[0] ?? 0, places.at(-1) ?? 1];
  const range = [margin.left, width - margin.right] as const;
  const x = logX ? logScale([from, to], range) : linearScale([from, to], range);
  return { x, y: linearScale([low, high], [height - margin.bottom, margin.top]), xTicks: logX ? logTicks(from, to) : niceTicks(from, to, width > 420 ? 8 : 5), yTicks, margin };
}

const Picture = memo(function Picture(props: CurvePlotProps) {
  const { x: places, curves, width, height, label, xTitle, yTitle, marks } = props;
  const id = useId();
  const { x, y, xTicks, yTicks, margin } = scalesOf(props);
  return (
    <PlotFrame width={width} height={height} margin={margin} label={label} x={{ scale: x, ticks: xTicks, title: xTitle }} y={{ scale: y, ticks: yTicks, title: yTitle, text: tickText, grid: true }}>
      <clipPath id={`${id}plot`}><rect x={margin.left} y={margin.top} width={Math.max(0, width - margin.left - margin.right)} height={height - margin.top - margin.bottom} /></clipPath>
      <g clipPath={`url(#${id}plot)`}>
        {curves.map(({ key, band, ink }) => band && <path key={key} d={bandPath(places, band, x, y)} fill={ink.colour} fillOpacity={0.13 * (ink.opacity ?? 1)} />)}
        {curves.map(({ key, y: values, ink }) => (
          <path key={key} d={curvePath(places, values, x, y)} fill="none" stroke={ink.colour} strokeWidth={ink.weight} strokeDasharray={ink.dash} strokeOpacity={ink.opacity} strokeLinejoin="round" />
        ))}
      </g>
      {curves.map(({ key, y: values, ink: { marker, colour } }) => marker && values.map((value, i) => (
        value >= y.domain[0] && value <= y.domain[1] && <Marker key={`${key} ${i}`} shape={marker} x={x(places[i]!)} y={y(value)} r={3.5} fill={colour} />
      )))}
      {marks?.(x, y)}
    </PlotFrame>
  );
}, samePicture);

/** The cursor alone redraws nothing of the picture; `place` and the handlers are not drawn. */
function samePicture(before: CurvePlotProps, after: CurvePlotProps): boolean {
  const drawn = ['x', 'curves', 'width', 'height', 'top', 'label', 'xTitle', 'yTitle', 'logX', 'marks'] as const;
  return drawn.every((name) => before[name] === after[name]) && before.domain.low === after.domain.low && before.domain.high === after.domain.high;
}

function valueText({ y, band }: PlotCurve, i: number): string {
  const value = y[i]!;
  const bounds = band?.[i];
  const digits = Math.abs(value) >= 100 ? 1 : 3;
  if (!Number.isFinite(value)) return 'no value';
  return `${fixed(value, digits)}${bounds ? ` ± ${fixed((bounds[1] - bounds[0]) / 2, digits)}` : ''}`;
}

function nearest(places: readonly number[], at: number): number {
  return places.reduce((best, place, i) => (Math.abs(place - at) < Math.abs(places[best]! - at) ? i : best), 0);
}

/** Where a key moves the cursor; null takes it away, undefined: not one of its keys. */
function stepped(key: string, at: number | null, count: number, stride: number): number | null | undefined {
  const from = at ?? Math.floor((count - 1) / 2);
  switch (key) {
    case 'ArrowLeft': case 'ArrowDown': return at === null ? from : Math.max(0, from - stride);
    case 'ArrowRight': case 'ArrowUp': return at === null ? from : Math.min(count - 1, from + stride);
    case 'PageDown': return Math.max(0, from - 10);
    case 'PageUp': return Math.min(count - 1, from + 10);
    case 'Home': return 0;
    case 'End': return count - 1;
    case 'Escape': return null;
    default: return undefined;
  }
}

function curvePath(at: readonly number[], values: readonly number[], x: Scale, y: Scale): string {
  let pen = 'M';
  return at.map((t, i) => {
    const value = values[i]!;
    if (!Number.isFinite(value)) {
      pen = 'M';
      return '';
    }
    const piece = `${pen}${x(t).toFixed(1)},${within(y(value)).toFixed(1)}`;
    pen = 'L';
    return piece;
  }).join('');
}

function bandPath(at: readonly number[], band: readonly ([number, number] | null)[], x: Scale, y: Scale): string {
  const bounds = at.flatMap((t, i) => {
    const one = band[i];
    return one ? [[x(t), within(y(one[1])), within(y(one[0]))] as const] : [];
  });
  if (bounds.length === 0) return '';
  const top = bounds.map(([px, up]) => `${px.toFixed(1)},${up.toFixed(1)}`);
  const foot = bounds.map(([px, , down]) => `${px.toFixed(1)},${down.toFixed(1)}`).reverse();
  return `M${[...top, ...foot].join('L')}Z`;
}

/** Pixels far outside the picture confuse some renderers. */
function within(pixel: number): number {
  return Math.max(-1e4, Math.min(1e4, pixel));
}
