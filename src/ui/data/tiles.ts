/** Cutting single images out of a contact sheet, to draw on canvases. */
import type { ContactSheet, DatasetPreview } from '../../data/preview.ts';

export interface Tile {
  width: number;
  height: number;
  /** [height·width·4] */
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** The sample in a row (class) and column; null where the class has fewer. Tiles stand one transparent pixel apart. */
export function tileAt(sheet: ContactSheet, size: { width: number; height: number }, row: number, column: number): Tile | null {
  if (row >= sheet.rows || column >= sheet.columns) return null;
  const { width, height } = size;
  const rgba = new Uint8ClampedArray(width * height * 4);
  const [top, left] = [row * (height + 1), column * (width + 1)];
  let seen = 0;
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * sheet.width + left) * 4;
    rgba.set(sheet.rgba.subarray(from, from + width * 4), y * width * 4);
    seen ||= sheet.rgba[from + 3]!;
  }
  return seen === 0 ? null : { width, height, rgba };
}

/** All images of a strip (one row of tiles), in order. */
export function tilesOf(strip: ContactSheet): (Tile | null)[] {
  const size = { width: Math.round((strip.width + 1) / strip.columns) - 1, height: strip.height };
  return Array.from({ length: strip.columns }, (_, i) => tileAt(strip, size, 0, i));
}

/** Tiles seen so far, by data set and class: a class that is left out keeps its face. */
const seen = new Map<string, Tile>();

/** The first sample of each class, from this sheet or, for classes that are not in it, as last seen. */
export function facesOf(preview: DatasetPreview, sheet: ContactSheet, classes: readonly string[]): Map<string, Tile> {
  preview.classNames.forEach((name, row) => {
    const tile = tileAt(sheet, preview, row, 0);
    if (tile) seen.set(`${preview.name}\n${name}`, tile);
  });
  return new Map(classes.flatMap((name) => {
    const tile = seen.get(`${preview.name}\n${name}`);
    return tile ? [[name, tile] as const] : [];
  }));
}
