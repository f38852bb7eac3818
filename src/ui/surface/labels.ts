/**
 * Where labels go beside their points: several places are tried, the one that covers least of what is there wins. Labels
 * of points that stay are placed first and alone, so that they do not jump when a minimiser moves past them.
 */

export interface LabelRequest {
  x: number;
  y: number;
  text: string;
  /** Nothing is drawn at its point (a label beside a line). */
  bare?: boolean;
  /** Follows the values: placed after what stays, which takes no notice of it. */
  moves?: boolean;
  /** Left out where it would cover others; the key names its mark too. */
  optional?: boolean;
}

export interface PlacedLabel extends LabelRequest {
  /** Where the text is drawn: its anchor point, vertically centred. */
  at: { x: number; y: number; anchor: 'start' | 'middle' | 'end' };
}

type Segment = readonly [readonly [number, number], readonly [number, number]];

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const LINE = 15;
/** Width of a character of 11.5 px text, about. */
const CHARACTER = 6.3;
const OFFSET = 9;
/** Between two labels on one line. */
const APART = 5;
/** An optional label may have this share of it covered, or outside the map. */
const COVERED = 0.12;

/**
 * `size`: of the map; labels stay inside it where they can. Marks are taken as squares of 14 px; `lines` from one pixel to
 * another are kept free by what moves. Labels come back in the order of drawing, without those that were left out.
 */
export function placeLabels(requests: readonly LabelRequest[], size: { width: number; height: number }, lines: readonly Segment[] = []): PlacedLabel[] {
  const still = requests.filter(({ moves }) => !moves);
  const moving = requests.filter(({ moves }) => moves);
  const taken = still.map(markBox);
  const placed = still.flatMap((request) => place(request, size, taken));
  taken.push(...moving.map(markBox), ...lines.flatMap(alongLine));
  return [...placed, ...moving.flatMap((request) => place(request, size, taken))];
}

/** Adds the label's box to what is taken. */
function place(request: LabelRequest, size: { width: number; height: number }, taken: Box[]): [PlacedLabel] | [] {
  const width = CHARACTER * request.text.length;
  let best: { at: PlacedLabel['at']; box: Box; cost: number; lost: number } | null = null;
  for (const [rank, [dx, dy]] of PLACES.slice(0, request.optional ? NEAR : PLACES.length).entries()) {
    const x = request.x + dx * OFFSET;
    const y = request.y + dy * (dx === 0 ? OFFSET + 6 : OFFSET);
    const left = dx > 0 ? x : dx < 0 ? x - width : x - width / 2;
    const box = { left, right: left + width, top: y - LINE / 2, bottom: y + LINE / 2 };
    const outside = Math.max(0, -box.left) + Math.max(0, box.right - size.width) + Math.max(0, -box.top) + Math.max(0, box.bottom - size.height);
    const lost = taken.reduce((sum, other) => sum + overlap(box, other), 0) + LINE * outside;
    const cost = lost + 25 * outside + rank;
    if (!best || cost < best.cost) best = { at: { x, y, anchor: dx > 0 ? 'start' : dx < 0 ? 'end' : 'middle' }, box, cost, lost };
  }
  if (request.optional && best!.lost > COVERED * width * LINE) return [];
  taken.push({ ...best!.box, left: best!.box.left - APART, right: best!.box.right + APART });
  return [{ ...request, at: best!.at }];
}

function markBox({ x, y, bare }: LabelRequest): Box {
  return around(x, y, bare ? 1 : 7);
}

function around(x: number, y: number, r: number): Box {
  return { left: x - r, right: x + r, top: y - r, bottom: y + r };
}

/** Small boxes, 6 px apart. */
function alongLine([[x0, y0], [x1, y1]]: Segment): Box[] {
  const count = Math.max(1, Math.round(Math.hypot(x1 - x0, y1 - y0) / 6));
  return Array.from({ length: count + 1 }, (_, k) => around(x0 + ((x1 - x0) * k) / count, y0 + ((y1 - y0) * k) / count, 2.5));
}

const PLACES: [number, number][] = [
  [1, 0], [-1, 0], [0, -1], [0, 1], [1, -1.2], [-1, -1.2], [1, 1.2], [-1, 1.2],
  [0, -2.4], [0, 2.4], [1, -2.6], [1, 2.6], [-1, -2.6], [-1, 2.6],
];
/** So many places from the first are so near that nobody takes the label for another point's: an optional one goes no further. */
const NEAR = 8;

/** Area of the overlap of two boxes. */
export function overlap(a: Box, b: Box): number {
  return Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
}
