/** Contours of a field as SVG paths (d3-contour), in pixels of a map whose first and last grid points lie on its edges. */
import { contours } from 'd3-contour';

export interface MapSize {
  width: number;
  height: number;
}

/** For each edge the region where the field is at least that high; '' where it is nowhere. `values` must be finite. */
export function contourPaths(values: readonly number[], columns: number, rows: number, edges: readonly number[], { width, height }: MapSize): string[] {
  const generator = contours().size([columns, rows]).smooth(true);
  const flat = [...values];
  // Grid point (i, j) is at (i + ½, j + ½) for d3-contour; rows run upwards on the map.
  const x = (gridX: number) => ((gridX - 0.5) / (columns - 1)) * width;
  const y = (gridY: number) => height - ((gridY - 0.5) / (rows - 1)) * height;
  return edges.map((edge) => {
    const { coordinates } = generator.contour(flat, edge);
    return coordinates.map((polygon) => polygon.map((ring) => `M${ring.map((point) => `${x(point[0]!).toFixed(1)},${y(point[1]!).toFixed(1)}`).join('L')}Z`).join('')).join('');
  });
}
