/** A scalar field on the plane's grid, values row-major [b][a]: reading between cells, its minimum, and filling what is missing. */

export interface Field {
  a: readonly number[];
  b: readonly number[];
  values: readonly number[];
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
  values.forEach((value, k) => {
    if (Number.isFinite(value) && (lowest < 0 || value < values[lowest]!)) lowest = k;
  });
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
 * Values with every gap filled from the nearest finite cells, so that contours can be drawn while a map is still coming.
 * Rings of cells around what is known take the mean of their known neighbours, ring by ring; then the gaps are relaxed
 * towards the mean of their four neighbours, which leaves no steps. Null when nothing is finite.
 */
export function filled({ a, b, values }: Field): number[] | null {
  const [nx, ny] = [a.length, b.length];
  const out = [...values];
  const gaps = out.flatMap((value, k) => (Number.isFinite(value) ? [] : [k]));
  let missing = gaps;
  if (missing.length === out.length) return null;
  while (missing.length > 0) {
    const found = missing.flatMap((k) => {
      const [i, j] = [k % nx, Math.floor(k / nx)];
      let [sum, count] = [0, 0];
      for (let dj = -1; dj <= 1; dj++) {
        for (let di = -1; di <= 1; di++) {
          const [x, y] = [i + di, j + dj];
          const value = x >= 0 && y >= 0 && x < nx && y < ny ? out[y * nx + x]! : NaN;
          if (!Number.isFinite(value)) continue;
          sum += value;
          count++;
        }
      }
      return count > 0 ? [[k, sum / count] as const] : [];
    });
    for (const [k, value] of found) out[k] = value;
    missing = missing.filter((k) => !Number.isFinite(out[k]!));
  }
  for (let round = 0; gaps.length > 0 && round < RELAXATIONS; round++) {
    for (const k of gaps) {
      const [i, j] = [k % nx, Math.floor(k / nx)];
      out[k] = (out[k - (i > 0 ? 1 : 0)]! + out[k + (i < nx - 1 ? 1 : 0)]! + out[k - (j > 0 ? nx : 0)]! + out[k + (j < ny - 1 ? nx : 0)]!) / 4;
    }
  }
  return out;
}

const RELAXATIONS = 24;

/** Runs of cells that are not finite, as [row, first, last], for a veil over what is not known. */
export function missingRuns({ a, values }: Pick<Field, 'a' | 'values'>): [number, number, number][] {
  const runs: [number, number, number][] = [];
  values.forEach((value, k) => {
    if (Number.isFinite(value)) return;
    const [row, column] = [Math.floor(k / a.length), k % a.length];
    const last = runs.at(-1);
    if (last && last[0] === row && last[2] === column - 1) last[2] = column;
    else runs.push([row, column, column]);
  });
  return runs;
}
