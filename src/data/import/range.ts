/** Images given as numbers without a word on their scale: it is read off the range of all of them, and said. */
import type { Note } from './contract.ts';

/** Values as a format holds them: bytes, or numbers of any other type. */
export type Values = Uint8Array | Float64Array;

/** Least and greatest of the finite values seen. */
export class Range {
  low = Infinity;
  high = -Infinity;
  whole = true;

  add(values: Values): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < this.low && value !== -Infinity) this.low = value;
      if (value > this.high && value !== Infinity) this.high = value;
      if (this.whole && !Number.isInteger(value)) this.whole = false;
    }
  }
}

export interface Scaling {
  /** Values → pixels: bytes, or floats in [0, 1]; null where a value is not finite. */
  pixels(values: Values): Uint8Array | Float32Array | null;
  /** What was decided; null where nothing had to be. */
  note: Note | null;
}

/** What can lie outside a range by rounding and resampling. */
const SLACK = 0.02;
/** Images of 8 bits have a pixel at least so bright somewhere; where none has, white is less than 255 (the digits of scikit-learn go to 16). */
const DARKEST = 64;

export function scalingOf({ low, high, whole }: Range): Scaling {
  const said = (text: string): Note => ({ text, count: 0, examples: [] });
  const linear = (from: number, to: number, note: string | null): Scaling => ({
    note: note === null ? null : said(note),
    pixels: (values) => {
      const out = new Float32Array(values.length);
      const span = to - from;
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (!Number.isFinite(value)) return null;
        out[i] = Math.min(1, Math.max(0, (value - from) / span));
      }
      return out;
    },
  });
  if (!(low < high)) return linear(Math.min(0, low), Math.max(1, high) === 1 ? 1 : Math.max(255, high), null);
  if (low >= -SLACK && high <= 1 + SLACK) return linear(0, 1, `Pixel values go from ${shown(low)} to ${shown(high)}: read as 0 = black and 1 = white.`);
  if (low >= 0 && high < DARKEST) return linear(0, high, `Pixel values go from ${shown(low)} to ${shown(high)}: read as 0 = black and ${shown(high)} = white.`);
  if (whole && low >= 0 && high <= 255) {
    return { note: null, pixels: (values) => (values instanceof Uint8Array ? values : bytesOf(values)) };
  }
  if (low >= -255 * SLACK && high >= DARKEST && high <= 255 * (1 + SLACK)) return linear(0, 255, `Pixel values go from ${shown(low)} to ${shown(high)}: read as 0 = black and 255 = white.`);
  if (low >= -1 - SLACK && high <= 1 + SLACK) return linear(-1, 1, `Pixel values go from ${shown(low)} to ${shown(high)}: read as −1 = black and 1 = white.`);
  if (whole && low >= -128 && high <= 127) return linear(-128, 127, `Pixel values go from ${shown(low)} to ${shown(high)}: read as −128 = black and 127 = white.`);
  return linear(low, high, `Pixel values go from ${shown(low)} to ${shown(high)}, which is no usual range: the least is shown as black, the greatest as white.`);
}

function bytesOf(values: Float64Array): Uint8Array | null {
  const out = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!)) return null;
    out[i] = values[i]!;
  }
  return out;
}

const shown = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');
