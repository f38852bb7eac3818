/** Contours of a field as SVG paths (d3-contour), in pixels of a map whose first and last grid points lie on its edges. */
import { contours } from 'd3-contour';

export interface MapSize {
  width: number;
  height: number;
}

/**
 * For each edge the region where the field is at least that high; '' where it is nowhere. `values` must be finite. The
 * field is continued by one cell on every side, so that what d3-contour does at its rim stays outside the picture.
 * A coarse field is refined by cubic interpolation first: its contours would have kinks that the loss has not.
 */
export function contourPaths(values: ArrayLike<number>, columns: number, rows: number, edges: readonly number[], size: MapSize): string[] {
  if (Math.max(columns, rows) < FINE && Math.min(columns, rows) >= 3) return contourPaths(refined(values, columns, rows), 2 * columns - 1, 2 * rows - 1, edges, size);
  const { width, height } = size;
  const generator = contours().size([columns + 2, rows + 2]).smooth(true);
  const wide = continued(values, columns, rows);
  // Grid point (i, j) of the wide field is at (i + ½, j + ½) for d3-contour; rows run upwards on the map.
  const x = (gridX: number) => ((gridX - 1.5) / (columns - 1)) * width;
  const y = (gridY: number) => height - ((gridY - 1.5) / (rows - 1)) * height;
  return edges.map((edge) => {
    const { coordinates } = generator.contour(wide, edge);
    return coordinates.map((polygon) => polygon.map((ring) => smoothRing(ring.map((point) => [x(point[0]!), y(point[1]!)]))).join('')).join('');
  });
}

/** Points along an axis below which a field is refined. */
const FINE = 32;

/** The field at its own points and halfway between them: [2·rows − 1][2·columns − 1]. */
export function refined(values: ArrayLike<number>, columns: number, rows: number): number[] {
  const across = rowsOf(values, columns, rows).map(between);
  const down = Array.from({ length: 2 * columns - 1 }, (_, i) => between(across.map((row) => row[i]!)));
  return Array.from({ length: 2 * rows - 1 }, (_, j) => down.map((column) => column[j]!)).flat();
}

/** A row with the cubic through the four nearest points put between each two; past its ends the row goes on along its last parabola. */
function between(row: readonly number[]): number[] {
  const end = (a: number, b: number, c: number) => 3 * a - 3 * b + c;
  const n = row.length;
  const wide = [end(row[0]!, row[1]!, row[2]!), ...row, end(row[n - 1]!, row[n - 2]!, row[n - 3]!)];
  return row.flatMap((value, i) => (i === n - 1 ? [value] : [value, (9 * (wide[i + 1]! + wide[i + 2]!) - wide[i]! - wide[i + 3]!) / 16]));
}

/** A closed curve through the middles of a ring's edges, its corners as control points: a coarse grid's contours without kinks. */
function smoothRing(ring: readonly (readonly [number, number])[]): string {
  // d3-contour repeats the first point at the end.
  const last = ring.length - 1;
  const middle = (i: number) => {
    const [p, q] = [ring[i % last]!, ring[(i + 1) % last]!];
    return `${((p[0] + q[0]) / 2).toFixed(1)},${((p[1] + q[1]) / 2).toFixed(1)}`;
  };
  let path = `M${middle(0)}`;
  for (let i = 1; i <= last; i++) path += `Q${ring[i % last]![0].toFixed(1)},${ring[i % last]![1].toFixed(1)} ${middle(i)}`;
  return `${path}Z`;
}

/** The field with one more cell on every side, continued linearly. */
function continued(values: ArrayLike<number>, columns: number, rows: number): number[] {
  const beyond = (line: readonly number[]) => [2 * line[0]! - (line[1] ?? line[0]!), ...line, 2 * line.at(-1)! - (line.at(-2) ?? line.at(-1)!)];
  const table = rowsOf(values, columns, rows).map(beyond);
  const across = Array.from({ length: columns + 2 }, (_, i) => beyond(table.map((row) => row[i]!)));
  return Array.from({ length: rows + 2 }, (_, j) => across.map((column) => column[j]!)).flat();
}

function rowsOf(values: ArrayLike<number>, columns: number, rows: number): number[][] {
  return Array.from({ length: rows }, (_, j) => Array.from({ length: columns }, (_, i) => values[j * columns + i]!));
}
