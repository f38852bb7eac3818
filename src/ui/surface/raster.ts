/**
 * A field as pixels: bands of colour with thin light lines between them, fast enough for every frame of a drag (a 101×101
 * grid at 330×280 pixels takes 1 to 2 ms). The grid is interpolated by cubic (Catmull–Rom) curves, first along its rows
 * and then up its columns; past the rim a row goes on along its last parabola. Pure: no DOM.
 */
import { bandPixel, BANDS, bandSteps, type ColourScale } from './colour.ts';

/** Width of a line between two bands in CSS pixels, and how much of white it is. */
const LINE = 0.7;
const LINE_SHARE = 0.22;
/** Where a signed field changes sign, the line is dark. */
const ZERO_LINE = 1.1;
const ZERO_SHARE = 0.6;

/** Far beyond the last band, and still an integer of 32 bits. */
const FAR = 1e6;

/** Reused between calls, grown when a larger picture comes. */
let grid = new Float32Array(0);
let across = new Float32Array(0);
let [above, current] = [new Float32Array(0), new Float32Array(0)];
let [taps, weights] = [new Int32Array(0), new Float32Array(0)];

/**
 * values [rows][columns], rows upwards, the first and last grid points on the rim → pixels [height][width], rows
 * downwards, 0xAABBGGRR; transparent where a value that the interpolation needs is not finite. `ratio`: pixels per CSS
 * pixel, for the width of lines.
 */
export function drawField(values: ArrayLike<number>, columns: number, rows: number, scale: ColourScale, pixels: Uint32Array, width: number, height: number, ratio = 1): void {
  if (grid.length < columns * rows + 4) grid = new Float32Array(columns * rows + 4);
  if (across.length < rows * width) across = new Float32Array(rows * width);
  if (above.length < width + 1) [above, current] = [new Float32Array(width + 1), new Float32Array(width + 1)];
  grid.set(values);
  grid.fill(0, columns * rows, columns * rows + 4);
  stretchRows(columns, rows, width);
  const steps = bandSteps(scale.kind);
  const low = scale.low;
  const share = 1 / (scale.high - low);
  const root = scale.kind === 'loss';
  // As signed integers: above 2³¹ unsigned ones would be handled as floating point.
  const palette = Int32Array.from({ length: BANDS }, (_, k) => bandPixel(scale.kind, k));
  const out = new Int32Array(pixels.buffer, pixels.byteOffset, pixels.length);
  const zero = scale.kind === 'signed' ? Math.round((-low * share) * steps) : -1;
  const w = new Float32Array(4);
  // One row beyond the top first: the slope of the first row needs the one above it.
  for (let y = -1; y < height; y++) {
    const base = cubicAt((1 - (y + 0.5) / height) * (rows - 1), rows, w, 0);
    const [w0, w1, w2, w3] = [w[0]!, w[1]!, w[2]!, w[3]!];
    const r0 = base * width;
    const r1 = Math.min(base + 1, rows - 1) * width;
    const r2 = Math.min(base + 2, rows - 1) * width;
    const r3 = Math.min(base + 3, rows - 1) * width;
    const [lines, row] = [across, current];
    for (let x = 0; x < width; x++) {
      const value = w0 * lines[r0 + x]! + w1 * lines[r1 + x]! + w2 * lines[r2 + x]! + w3 * lines[r3 + x]!;
      const part = (value - low) * share;
      // In bands: k … k + 1 is band k.
      const place = root ? Math.sqrt(part > 0 ? part : part * 0) : part;
      row[x] = Math.max(-FAR, Math.min(FAR, steps * place));
    }
    row[width] = 2 * row[width - 1]! - (width > 1 ? row[width - 2]! : row[width - 1]!);
    if (y >= 0) colourRow(row, above, out, y * width, width, palette, zero, ratio);
    [above, current] = [row, above];
  }
}

/** Colours a row of positions in bands [width + 1]; the row `above` it gives the slope. */
function colourRow(row: Float32Array, above: Float32Array, pixels: Int32Array, from: number, width: number, palette: Int32Array, zero: number, ratio: number): void {
  const reach2 = (0.5 + 0.5 * ratio * (zero > 0 ? ZERO_LINE : LINE)) ** 2;
  const last = palette.length - 1;
  for (let x = 0; x < width; x++) {
    const t = row[x]!;
    if (t !== t) {
      pixels[from + x] = 0;
      continue;
    }
    const edge = (t + 0.5) | 0;
    const away = t - edge;
    const gx = row[x + 1]! - t;
    const gy = t - above[x]!;
    const slope2 = gx * gx + gy * gy;
    // Most pixels are further from the next edge than a line reaches (and beside a gap the slope is NaN).
    if (!(away * away < reach2 * slope2) || edge < 1 || edge > last) {
      pixels[from + x] = palette[Math.max(0, Math.min(last, t | 0))]!;
      continue;
    }
    const slope = Math.sqrt(slope2);
    const distance = away / slope;
    const upper = distance < -0.5 ? 0 : distance > 0.5 ? 1 : distance + 0.5;
    const thick = ratio * (edge === zero ? ZERO_LINE : LINE);
    const covered = 0.5 + 0.5 * thick - Math.abs(distance);
    // Where edges are denser than lines can show, the lines would be a veil.
    const fade = slope < 0.25 ? 1 : slope > 0.75 ? 0 : 1.5 - 2 * slope;
    const line = (edge === zero ? ZERO_SHARE : LINE_SHARE) * fade * (covered < 0 ? 0 : Math.min(1, thick, covered));
    pixels[from + x] = mixed(palette[edge - 1]!, palette[edge]!, upper, edge === zero ? 20 : 255, line);
  }
}

/** `upper` of the second colour in the first, then `line` of a grey `tone` over both. */
function mixed(first: number, second: number, upper: number, tone: number, line: number): number {
  const one = (1 - upper) * (1 - line);
  const two = upper * (1 - line);
  const r = one * (first & 255) + two * (second & 255) + line * tone;
  const g = one * ((first >> 8) & 255) + two * ((second >> 8) & 255) + line * tone;
  const b = one * ((first >> 16) & 255) + two * ((second >> 16) & 255) + line * tone;
  return (255 << 24) | ((b + 0.5) << 16) | ((g + 0.5) << 8) | (r + 0.5);
}

/** grid [rows][columns] → across [rows][width]. */
function stretchRows(columns: number, rows: number, width: number): void {
  if (taps.length < width) [taps, weights] = [new Int32Array(width), new Float32Array(4 * width)];
  for (let x = 0; x < width; x++) taps[x] = cubicAt(((x + 0.5) / width) * (columns - 1), columns, weights, 4 * x);
  const [source, out, tap, w] = [grid, across, taps, weights];
  for (let x = 0; x < width; x++) {
    const [w0, w1, w2, w3] = [w[4 * x]!, w[4 * x + 1]!, w[4 * x + 2]!, w[4 * x + 3]!];
    for (let row = 0, at = tap[x]!, to = x; row < rows; row++, at += columns, to += width) {
      out[to] = w0 * source[at]! + w1 * source[at + 1]! + w2 * source[at + 2]! + w3 * source[at + 3]!;
    }
  }
}

/**
 * The four weights at `place` (in cells) of a line of n points, written from weights[k] on; returns the first point they
 * belong to. Weights of points that the line does not have are folded into those that continue it.
 */
export function cubicAt(place: number, n: number, weights: Float32Array, k: number): number {
  const i = Math.max(0, Math.min(n - 2, Math.floor(place)));
  const s = place - i;
  if (n < 4) {
    // Too short for a cubic: along the line through two points.
    [weights[k], weights[k + 1], weights[k + 2], weights[k + 3]] = [1 - s, n > 1 ? s : 0, 0, 0];
    return i;
  }
  const before = s * (-0.5 + s * (1 - 0.5 * s));
  const first = 1 + s * s * (-2.5 + 1.5 * s);
  const second = s * (0.5 + s * (2 - 1.5 * s));
  const after = s * s * (-0.5 + 0.5 * s);
  if (i === 0) {
    [weights[k], weights[k + 1], weights[k + 2], weights[k + 3]] = [first + 3 * before, second - 3 * before, after + before, 0];
    return 0;
  }
  if (i === n - 2) {
    [weights[k], weights[k + 1], weights[k + 2], weights[k + 3]] = [0, before + after, first - 3 * after, second + 3 * after];
    return n - 4;
  }
  [weights[k], weights[k + 1], weights[k + 2], weights[k + 3]] = [before, first, second, after];
  return i - 1;
}
