/** What the 3-D view is given, the inks it draws with and the words that say what is in it. */
import type { PlanePoint, Trail } from '../../../experiment/result.ts';
import type { Arm } from '../../../prior/prior.ts';
import { ARM_STYLE } from '../../charts/arms.ts';
import { fixed, reading } from '../../charts/format.ts';

export interface Sheet3D {
  name: string;
  /** [b][a], nats; NaN is a hole. May be the same array with new contents: it is read at every render. */
  values: ArrayLike<number>;
  /** Losses of the first and the last colour, spaced by square roots as on the maps. */
  scale: { low: number; high: number };
  /** 'loss': the maps' colours with contour lines; 'ink': one neutral ink, to be told apart from the coloured sheet. */
  colours: 'loss' | 'ink';
  /** 1 hides what is behind it. */
  opacity: number;
  /** Lines of constant a and b in place of contour lines. */
  wire?: boolean;
}

export interface SheetMinimum {
  /** Index of the sheet it lies on. */
  sheet: number;
  a: number;
  b: number;
  value: number;
}

export interface Content {
  a: readonly number[];
  b: readonly number[];
  sheets: readonly Sheet3D[];
  /** Top of the box, nats: a sheet is cut off where it rises above. */
  ceiling: number;
  /** Of the upward axis, with unit. */
  zTitle: string;
  /** Of a and b, without unit. */
  axes: readonly [string, string];
  /** Marked on every sheet, with a stem from the floor. */
  points: readonly PlanePoint[];
  /** Drawn on the first sheet. */
  trails: readonly Trail[];
  minima: readonly SheetMinimum[];
  dark: boolean;
}

export interface Inks {
  text: string;
  muted: string;
  axis: string;
  grid: string;
  page: string;
  /** Of an 'ink' sheet, its lines, and the contour lines on a coloured one. */
  sheet: string;
  wire: string;
  contour: string;
}

/** A canvas cannot follow CSS: the inks of charts/ink.css by value. */
export function inksOf(dark: boolean): Inks {
  return dark
    ? { text: '#eceff1', muted: '#a9b1b9', axis: '#6f777f', grid: '#3a4149', page: '#1a1f27', sheet: '#c9d2dc', wire: '#f4f7fa', contour: '#ffffff' }
    : { text: '#212529', muted: '#59616a', axis: '#8d959d', grid: '#d3d7db', page: '#ffffff', sheet: '#8b96a3', wire: '#20272e', contour: '#ffffff' };
}

export function armHex(arm: Arm | null, dark: boolean): string {
  return arm === null ? inksOf(dark).text : ARM_STYLE[arm].hex[dark ? 'dark' : 'light'];
}

export function pointText({ name, arm }: PlanePoint): string {
  return arm === null ? name : ARM_STYLE[arm].label;
}

export type LegendEntry =
  | { kind: 'sheet'; text: string; colours: Sheet3D['colours']; wire: boolean; low: string; high: string }
  | { kind: 'minimum'; text: string; sheet: number }
  | { kind: 'trail'; text: string; arm: Arm };

export function legendOf({ sheets, minima, trails }: Pick<Content, 'sheets' | 'minima' | 'trails'>): LegendEntry[] {
  const arms = [...new Set(trails.map((trail) => trail.arm))];
  return [
    ...sheets.map(({ name, colours, wire, scale }) => ({ kind: 'sheet' as const, text: name, colours, wire: wire ?? false, low: reading(scale.low), high: reading(scale.high) })),
    ...minima.map(({ sheet, value }) => ({ kind: 'minimum' as const, text: `lowest ${sheets[sheet]?.name ?? ''}: ${reading(value)}`, sheet })),
    ...arms.map((arm) => ({ kind: 'trail' as const, text: `path: ${ARM_STYLE[arm].label}`, arm })),
  ];
}

/** What the picture says, for those who do not see it. */
export function describe({ a, b, sheets, ceiling, axes, points, minima }: Content): string {
  const range = (axis: readonly number[]) => `${fixed(axis[0] ?? NaN, 2)} to ${fixed(axis.at(-1) ?? NaN, 2)}`;
  const place = (at: { a: number; b: number }) => `a = ${fixed(at.a, 2)}, b = ${fixed(at.b, 2)}`;
  return [
    `Heights are nats up to ${reading(ceiling)}; a (${axes[0]}) runs from ${range(a)} and b (${axes[1]}) from ${range(b)} parameter units.`,
    ...minima.map((minimum) => `${sheets[minimum.sheet]?.name ?? 'A sheet'} is lowest, ${reading(minimum.value)}, at ${place(minimum)}.`),
    ...points.map((point) => `${pointText(point)} is at ${place(point)}.`),
  ].join(' ');
}
