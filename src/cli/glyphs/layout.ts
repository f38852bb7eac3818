/**
 * Where a face's characters lie in their tiles. A face has one scale, so that its characters keep their sizes against
 * each other; only one that would leave its tile (a long j, a wide W) is made smaller by itself. Each is centred by its
 * bounding box, as MNIST centres its digits.
 */
export const TILE = 28;
export const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Heights that the median capital or digit may have, in pixels: the larger if all characters then fit, else down to the smaller. */
const TALL = 20;
const SHORT = 18;
/** The largest width or height of a character, in pixels; it leaves one pixel of ground on each side. */
const ROOM = TILE - 2;

/** y points down. */
export interface Box { x1: number; y1: number; x2: number; y2: number }

/** x ↦ scale · x + x0, y ↦ scale · y + y0 takes outline units to pixels of the tile. */
export interface Placement { scale: number; x0: number; y0: number }

const extent = (box: Box): number => Math.max(box.x2 - box.x1, box.y2 - box.y1);

/** boxes in outline units, in the order of CHARACTERS; one placement each. */
export function place(boxes: Box[]): Placement[] {
  const heights = boxes.filter((_, i) => /[A-Z0-9]/.test(CHARACTERS[i] ?? '')).map((box) => box.y2 - box.y1).sort((a, b) => a - b);
  const height = heights[heights.length >> 1] ?? NaN;
  const fits = ROOM / Math.max(...boxes.map(extent));
  const faceScale = Math.max(SHORT / height, Math.min(TALL / height, fits));
  return boxes.map((box) => {
    const scale = Math.min(faceScale, ROOM / extent(box));
    return { scale, x0: TILE / 2 - scale * (box.x1 + box.x2) / 2, y0: TILE / 2 - scale * (box.y1 + box.y2) / 2 };
  });
}
