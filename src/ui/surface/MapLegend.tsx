/** The colour bar of a map: its bands side by side, the value at which some of them begin, with the unit at its end. */
import { memo } from 'react';
import { INK, TYPE } from '../charts/ink.ts';
import { bandColour, bandEdges, BANDS, type ColourScale } from './colour.ts';
import { edgeText, type Unit } from './unit.ts';

const BAR = 9;

export const MapLegend = memo(function MapLegend({ scale, unit, width, y }: { scale: ColourScale; unit: Unit; width: number; y: number }) {
  const edges = bandEdges(scale);
  const slot = width / BANDS;
  const text = (k: number) => edgeText(k < BANDS ? edges[k]! : scale.high, scale, unit);
  // The last band of a loss begins at `high`, the other scales end there.
  const end = scale.kind === 'loss' ? BANDS - 1 : BANDS;
  const first = `${scale.clipped && scale.kind === 'signed' ? '≤ ' : ''}${text(0)}`;
  const last = `${scale.clipped ? '≥ ' : ''}${text(end)}${unit === '%' ? '' : ` ${unit}`}`;
  const longest = Math.max(...edges.map((_, k) => text(k).length));
  const between = width > 46 * longest + 120 ? [4, 8, 12] : width > 28 * longest + 100 ? [8] : [];
  return (
    <g transform={`translate(0,${y})`} fontSize={TYPE.tick} fill={INK.muted} data-legend>
      {edges.map((_, k) => <rect key={k} x={k * slot} width={slot + (k < BANDS - 1 ? 0.4 : 0)} height={BAR} fill={bandColour(scale.kind, k)} />)}
      <Tick x={0} text={first} anchor="start" textX={0} />
      {between.map((k) => <Tick key={k} x={k * slot} text={text(k)} anchor="middle" textX={k * slot} />)}
      <Tick x={end * slot} text={last} anchor="end" textX={width} />
    </g>
  );
});

function Tick({ x, text, anchor, textX }: { x: number; text: string; anchor: 'start' | 'middle' | 'end'; textX: number }) {
  return (
    <>
      <line x1={x} x2={x} y1={BAR} y2={BAR + 4} stroke={INK.axis} />
      <text x={textX} y={BAR + 15} textAnchor={anchor}>{text}</text>
    </>
  );
}
