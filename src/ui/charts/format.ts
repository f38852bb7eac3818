/** How numbers are written in charts: a true minus sign, fixed digits a column, powers of ten where zeros would be counted. */
import type { Interval } from '../../core/statistics.ts';

/** Fixed digits with a true minus; '–' for what is not finite. */
export function fixed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = value.toFixed(digits);
  // −0.000 is 0.000: a sign must mean something.
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
}

/** `fixed` with a sign before positive values too. */
export function signedFixed(value: number, digits: number): string {
  const text = fixed(value, digits);
  return Number.isFinite(value) && Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** Half width of an interval, null below two seeds. */
export function halfWidth({ ci95 }: Pick<Interval, 'ci95'>): number | null {
  return ci95 === null ? null : (ci95[1] - ci95[0]) / 2;
}

/** `1.766 ± 0.032`; the mean alone below two seeds. */
export function plusMinus(interval: Interval, digits: number): string {
  const half = halfWidth(interval);
  return half === null ? fixed(interval.mean, digits) : `${fixed(interval.mean, digits)} ± ${fixed(half, digits)}`;
}

/** About three significant figures, for a single value read off a chart. */
export function reading(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return scientific(value, 1);
  return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

/** A value among values that span so much: enough digits to tell them apart, two or more. */
export function within(value: number, span: number): string {
  if (Math.abs(value) >= 1000 || !(span > 0)) return reading(value);
  return fixed(value, Math.max(Math.abs(value) < 100 ? 2 : 0, Math.min(8, 1 - Math.floor(Math.log10(span)))));
}

/** `p = 0.012`, `p < 0.001`. */
export function pText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p < 0.1 ? p.toPrecision(2) : p.toFixed(2)}`;
}

/** A tick label: as few digits as the value needs. */
export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-4)) return scientific(value, 1);
  return String(Number(value.toPrecision(6))).replace('-', '−');
}

/** λ, κ or a learning rate: 300, 3000, 3×10⁵, 0.003. */
export function settingText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return size !== 0 && (size >= 1e5 || size < 1e-4) ? scientific(value, 2) : String(Number(value.toPrecision(3))).replace('-', '−');
}

/** 3×10⁵; 10⁵ when the mantissa is one. `digits` after the point of the mantissa at most. */
export function scientific(value: number, digits: number): string {
  const [mantissa, exponent] = value.toExponential(digits).split('e');
  const lead = Number(mantissa);
  const power = `10${superscript(Number(exponent))}`;
  if (lead === 1) return power;
  return `${String(lead).replace('-', '−')}×${power}`;
}

function superscript(n: number): string {
  return String(n).replace(/./g, (digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit))));
}
