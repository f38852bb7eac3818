/** A scalar field on the plane's grid, values row-major [b][a]: reading between cells, its minimum, and filling what is missing. */

export interface Field {
  a: readonly number[];
  b: readonly number[];
  values: ArrayLike<number>;
}

/** Bilinear between the four cells around (a, b); NaN outside the grid and where one of the four is not finite. */
export function bilinear({ a, b, values }: Field, x: number, y: number): number {
  const [i, s] = cellOf(a, x);
  const [j, t] = cellOf(b, y);
  if (Number.isNaN(s) || Number.isNaN(t)) return NaN;
  const at = (di: number, dj: number) => values[(j + dj) * a.length + i + di]!;
  return (1 - t) * ((1 - s) * at(0, 0) + s * at(1, 0)) + t * ((1 - s) * at(0, 1) + s * at(1, 1));
}

/** Index of the cell below x and the share of the way to the next; share NaN outside. */
function cellOf(axis: readonly number[], x: number): [number, number] {
  const last = axis.length - 1;
  const place = ((x - axis[0]!) / (axis[last]! - axis[0]!)) * last;
  if (!(place >= -1e-9 && place <= last + 1e-9)) return [0, NaN];
  const i = Math.max(0, Math.min(last - 1, Math.floor(place)));
  return [i, place - i];
}

export interface FieldMinimum {
  /** The lowest grid point. */
  grid: { a: number; b: number; value: number };
  /** Of the quadratic through it and its eight neighbours; the grid point itself where that has no minimum nearby. */
  refined: { a: number; b: number; value: number };
  /** On the rim of the map: the true minimiser may lie beyond. */
  atBoundary: boolean;
}

export function fieldMinimum({ a, b, values }: Field): FieldMinimum | null {
  let lowest = -1;
  for (let k = 0; k < values.length; k++) if (Number.isFinite(values[k]) && (lowest < 0 || values[k]! < values[lowest]!)) lowest = k;
  if (lowest < 0) return null;
  const i = lowest % a.length;
  const j = Math.floor(lowest / a.length);
  const grid = { a: a[i]!, b: b[j]!, value: values[lowest]! };
  if (i === 0 || j === 0 || i === a.length - 1 || j === b.length - 1) return { grid, refined: grid, atBoundary: true };
  const v = (di: number, dj: number) => values[(j + dj) * a.length + i + di]!;
  // Central differences in units of one cell.
  const gx = (v(1, 0) - v(-1, 0)) / 2;
  const gy = (v(0, 1) - v(0, -1)) / 2;
  const hxx = v(1, 0) - 2 * v(0, 0) + v(-1, 0);
  const hyy = v(0, 1) - 2 * v(0, 0) + v(0, -1);
  const hxy = (v(1, 1) - v(1, -1) - v(-1, 1) + v(-1, -1)) / 4;
  const det = hxx * hyy - hxy * hxy;
  if (!(hxx > 0 && det > 0)) return { grid, refined: grid, atBoundary: false };
  const sx = (hxy * gy - hyy * gx) / det;
  const sy = (hxy * gx - hxx * gy) / det;
  if (!(Math.abs(sx) <= 1 && Math.abs(sy) <= 1)) return { grid, refined: grid, atBoundary: false };
  const refined = { a: a[i]! + sx * (a[i + 1]! - a[i]!), b: b[j]! + sy * (b[j + 1]! - b[j]!), value: grid.value + (gx * sx + gy * sy) / 2 };
  return { grid, refined, atBoundary: false };
}

/**
 * Values with every gap filled from the nearest finite cells, so that a map can be drawn while it is still coming.
 * Rings of cells around what is known take the mean of their known neighbours, ring by ring; then the gaps are relaxed
 * towards the mean of their four neighbours, which leaves no steps. `values` itself where nothing is missing; null when
 * nothing is finite.
 */
export function filled({ a, b, values }: Field): ArrayLike<number> | null {
  const [nx, ny] = [a.length, b.length];
  const gaps = missing(values);
  if (gaps.length === 0) return values;
  if (gaps.length === values.length) return null;
  const out = Float64Array.from(values);
  for (const k of gaps) out[k] = NaN;
  const means = new Float64Array(gaps.length);
  for (let left = gaps; left.length > 0; left = left.filter((k) => Number.isNaN(out[k]))) {
    // All of a ring from what was known before it: the order of cells must not show.
    left.forEach((k, n) => (means[n] = meanAround(out, nx, ny, k)));
    left.forEach((k, n) => (out[k] = means[n]!));
  }
  for (let round = 0; round < RELAXATIONS; round++) {
    for (let n = 0; n < gaps.length; n++) {
      const k = gaps[n]!;
      const i = k % nx;
      out[k] = (out[i > 0 ? k - 1 : k]! + out[i < nx - 1 ? k + 1 : k]! + out[k >= nx ? k - nx : k]! + out[k < out.length - nx ? k + nx : k]!) / 4;
    }
  }
  return out;
}

const RELAXATIONS = 24;

function missing(values: ArrayLike<number>): Int32Array {
  let count = 0;
  for (let k = 0; k < values.length; k++) if (!Number.isFinite(values[k])) count++;
  const out = new Int32Array(count);
  for (let k = values.length - 1; count > 0; k--) if (!Number.isFinite(values[k])) out[--count] = k;
  return out;
}

/** Of the finite ones among a cell's eight neighbours; NaN when there is none. */
function meanAround(values: Float64Array, nx: number, ny: number, k: number): number {
  const [i, j] = [k % nx, Math.floor(k / nx)];
  let [sum, count] = [0, 0];
  for (let y = Math.max(0, j - 1); y <= Math.min(ny - 1, j + 1); y++) {
    for (let x = Math.max(0, i - 1); x <= Math.min(nx - 1, i + 1); x++) {
      const value = values[y * nx + x]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
  }
  return count > 0 ? sum / count : NaN;
}

/** Runs of cells that are not finite, as [row, first, last], for a veil over what is not known. */
export function missingRuns({ a, values }: Pick<Field, 'a' | 'values'>): [number, number, number][] {
  const runs: [number, number, number][] = [];
  for (const k of missing(values)) {
    const [row, column] = [Math.floor(k / a.length), k % a.length];
    const last = runs.at(-1);
    if (last && last[0] === row && last[2] === column - 1) last[2] = column;
    else runs.push([row, column, column]);
  }
  return runs;
}

/** Cells on either side of one that say whether much is known around it. */
const AROUND = 4;

/**
 * The field with NaN where fewer than half of the cells around are known, 0 elsewhere: a veil over it is even, whatever
 * the order in which cells come.
 */
export function sparse({ a, b, values }: Field): Float32Array {
  const [nx, ny] = [a.length, b.length];
  // Known cells below and left of each corner: sum[j][i] over rows < j and columns < i.
  const sum = new Int32Array((nx + 1) * (ny + 1));
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const k = (j + 1) * (nx + 1) + i + 1;
      sum[k] = sum[k - 1]! + sum[k - nx - 1]! - sum[k - nx - 2]! + (Number.isFinite(values[j * nx + i]) ? 1 : 0);
    }
  }
  const out = new Float32Array(nx * ny);
  for (let j = 0, k = 0; j < ny; j++) {
    const [low, high] = [Math.max(0, j - AROUND), Math.min(ny, j + AROUND + 1)];
    const [under, over] = [low * (nx + 1), high * (nx + 1)];
    for (let i = 0; i < nx; i++, k++) {
      const left = i > AROUND ? i - AROUND : 0;
      const right = i + AROUND + 1 < nx ? i + AROUND + 1 : nx;
      const known = sum[over + right]! - sum[over + left]! - sum[under + right]! + sum[under + left]!;
      if (2 * known < (right - left) * (high - low)) out[k] = NaN;
    }
  }
  return out;
}

export function hasGaps(values: ArrayLike<number>): boolean {
  for (let k = 0; k < values.length; k++) if (!Number.isFinite(values[k])) return true;
  return false;
}
