/** Values of a map in words: nats as they are, shares in per cent, differences with their sign. */
import { fixed, reading, within } from '../charts/format.ts';
import type { ColourScale } from './colour.ts';

/** `%` is for shares in [0, 1], shown times a hundred. */
export type Unit = 'nats' | '%' | (string & {});

/** A value that is read off: `1.66`, `83.5%`, `+0.120`. */
export function valueText(value: number, kind: ColourScale['kind'], unit: Unit): string {
  if (!Number.isFinite(value)) return '–';
  const text = unit === '%' ? `${fixed(100 * value, 1)}%` : reading(value);
  return kind === 'signed' && value > 0 ? `+${text}` : text;
}

/** An edge of the scale, with enough digits to tell it from the others; without unit but for `%`. */
export function edgeText(value: number, { kind, low, high }: ColourScale, unit: Unit): string {
  const size = unit === '%' ? 100 : 1;
  const span = size * (high - low);
  const text = unit === '%' && span > 8 ? `${fixed(100 * value, 0)}%` : `${within(size * value, span)}${unit === '%' ? '%' : ''}`;
  return kind === 'signed' && value > 1e-9 * (high - low) ? `+${text}` : kind === 'signed' && Math.abs(value) < 1e-9 * (high - low) ? '0' : text;
}
