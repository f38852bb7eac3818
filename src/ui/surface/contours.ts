/** Contours of a field as SVG paths (d3-contour), in pixels of a map whose first and last grid points lie on its edges. */
import { contours } from 'd3-contour';

export interface MapSize {
  width: number;
  height: number;
}

/**
 * For each edge the region where the field is at least that high; '' where it is nowhere. `values` must be finite. The
 * field is continued by one cell on every side, so that what d3-contour does at its rim stays outside the picture.
 */
export function contourPaths(values: readonly number[], columns: number, rows: number, edges: readonly number[], { width, height }: MapSize): string[] {
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
function continued(values: readonly number[], columns: number, rows: number): number[] {
  const beyond = (line: readonly number[]) => [2 * line[0]! - (line[1] ?? line[0]!), ...line, 2 * line.at(-1)! - (line.at(-2) ?? line.at(-1)!)];
  const table = Array.from({ length: rows }, (_, j) => beyond(values.slice(j * columns, (j + 1) * columns)));
  const across = Array.from({ length: columns + 2 }, (_, i) => beyond(table.map((row) => row[i]!)));
  return Array.from({ length: rows + 2 }, (_, j) => across.map((column) => column[j]!)).flat();
}
