/** Where tiles of a long sheet lie, and which of its blocks are in sight. Pure. */

export interface Grid {
  count: number;
  columns: number;
  /** Height of a line of tiles with its gap, px. */
  line: number;
  /** Lines of one block. */
  lines: number;
  blocks: number;
  /** Of the whole sheet, px. */
  height: number;
  /** Screen pixels a pixel of the images. */
  scale: number;
}

/** Height of a tile on the screen, px, about. */
const TILE = 44;
const LINES = 8;
/** Browsers lay out nothing longer than this; what lies beyond is left out. */
const LONGEST = 8_000_000;

/** null where there is no room yet. */
export function gridOf({ count, width, tile }: { count: number; width: number; tile: { height: number; width: number } }): Grid | null {
  if (width <= 0) return null;
  // Whole pixels where images are small, so that all are equally sharp.
  const wanted = TILE / tile.height;
  const scale = wanted >= 1 ? Math.max(1, Math.round(2 * wanted) / 2) : wanted;
  const columns = Math.max(1, Math.floor((width + scale) / ((tile.width + 1) * scale)));
  const line = (tile.height + 1) * scale;
  const shown = Math.min(count, columns * Math.floor(LONGEST / line));
  const rows = Math.ceil(shown / columns);
  return { count: shown, columns, line, lines: LINES, blocks: Math.ceil(rows / LINES), height: rows * line, scale };
}

/** Blocks that reach into what is shown from `top` on, and one before and after. */
export function inSight({ line, lines, blocks }: Grid, top: number, height: number): number[] {
  const block = line * lines;
  const first = Math.max(0, Math.floor(top / block) - 1);
  const last = Math.min(blocks - 1, Math.floor((top + height) / block) + 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
