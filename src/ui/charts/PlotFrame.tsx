/** The frame of a hand-drawn plot: grid, ticks and axis titles in SVG, the plot's own marks inside. Sizes in px. */
import type { ReactNode } from 'react';
import { INK, TYPE } from './ink.ts';
import { tickText } from './format.ts';
import type { Scale } from './scale.ts';

export interface Margin {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface AxisSpec {
  scale: Scale;
  ticks: readonly number[];
  title: string;
  text?: (tick: number) => string;
  grid?: boolean;
}

interface PlotFrameProps {
  width: number;
  height: number;
  margin: Margin;
  x?: AxisSpec;
  y?: AxisSpec;
  /** Drawn above the grid and below the axes. */
  children: ReactNode;
  label: string;
}

/** Left margin that holds these tick labels and the axis title, px. */
export function axisRoom(ticks: readonly number[], text: (tick: number) => string): number {
  return Math.max(54, 28 + 6.6 * Math.max(0, ...ticks.map((tick) => text(tick).length)));
}

export function PlotFrame({ width, height, margin, x, y, children, label }: PlotFrameProps) {
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: 'block', fontVariantNumeric: 'tabular-nums' }}>
      {x?.grid && x.ticks.map((tick) => <line key={tick} x1={x.scale(tick)} x2={x.scale(tick)} y1={margin.top} y2={bottom} stroke={INK.grid} />)}
      {y?.grid && y.ticks.map((tick) => <line key={tick} x1={margin.left} x2={right} y1={y.scale(tick)} y2={y.scale(tick)} stroke={INK.grid} />)}
      {children}
      {x && <BottomAxis {...x} from={margin.left} to={right} y={bottom} titleY={height - 4} />}
      {y && <LeftAxis {...y} x={margin.left} from={margin.top} to={bottom} />}
    </svg>
  );
}

function BottomAxis({ scale, ticks, title, text = tickText, from, to, y, titleY }: AxisSpec & { from: number; to: number; y: number; titleY: number }) {
  return (
    <g>
      <line x1={from} x2={to} y1={y} y2={y} stroke={INK.axis} />
      {ticks.map((tick) => (
        <g key={tick} transform={`translate(${scale(tick).toFixed(2)},${y})`}>
          <line y2={4} stroke={INK.axis} />
          <text y={15} textAnchor="middle" fontSize={TYPE.tick} fill={INK.muted}>{text(tick)}</text>
        </g>
      ))}
      <text x={(from + to) / 2} y={titleY} textAnchor="middle" fontSize={TYPE.label} fill={INK.text}>{title}</text>
    </g>
  );
}

function LeftAxis({ scale, ticks, title, text = tickText, x, from, to }: AxisSpec & { x: number; from: number; to: number }) {
  return (
    <g>
      <line x1={x} x2={x} y1={from} y2={to} stroke={INK.axis} />
      {ticks.map((tick) => (
        <g key={tick} transform={`translate(${x},${scale(tick).toFixed(2)})`}>
          <line x2={-4} stroke={INK.axis} />
          <text x={-7} dy="0.33em" textAnchor="end" fontSize={TYPE.tick} fill={INK.muted}>{text(tick)}</text>
        </g>
      ))}
      <text transform={`translate(12,${(from + to) / 2}) rotate(-90)`} textAnchor="middle" fontSize={TYPE.label} fill={INK.text}>{title}</text>
    </g>
  );
}
