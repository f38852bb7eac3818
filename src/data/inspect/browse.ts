/** All images of a data set, a block of a grid at a time: tiles in the order of the data, of one class or of all. Pure. */
import { pixelsInto } from '../augment.ts';
import type { Dataset } from '../dataset.ts';
import { type ContactSheet, drawSheet } from '../preview.ts';

/** Tiles of one block at most. */
export const MOST_TILES = 2000;

export interface Block {
  /** [tile rows][columns]; what lies beyond the last image is transparent. */
  sheet: ContactSheet;
  /** Class of every tile. */
  labels: number[];
}

/** Rows of one class, or all (null); of label maps, rows in which the class occurs. */
export function rowsOfClass(dataset: Dataset, label: number | null): Uint32Array {
  const rows = Uint32Array.from({ length: dataset.count }, (_, row) => row);
  const { maps, labels, height, width } = dataset;
  if (label === null) return rows;
  return rows.filter((row) => (maps ? maps.subarray(row * height * width, (row + 1) * height * width).includes(label) : labels[row] === label));
}

/** Images from … to − 1 of `rows`, so many across; fewer at the end. */
export function blockOf(dataset: Dataset, rows: Uint32Array, from: number, to: number, columns: number): Block {
  const shown = [...rows.subarray(from, Math.min(to, from + MOST_TILES))];
  const lines = Array.from({ length: Math.ceil(shown.length / columns) }, (_, line) => shown.slice(line * columns, (line + 1) * columns));
  return { sheet: drawSheet(dataset, lines, columns, (row, pixels) => pixelsInto(dataset, row, pixels, 0)), labels: shown.map((row) => dataset.labels[row]!) };
}
