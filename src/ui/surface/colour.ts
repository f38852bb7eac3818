/**
 * The maps' colours, the same for map, legend and 3-D view. Losses and shares are viridis (perceptually uniform, readable
 * with any colour vision): a low loss is bright, so that a basin glows, and so is a high accuracy. Signed differences go
 * from blue through white to orange, equally light at equal distances from zero. Colours come in bands: of a loss narrow
 * near the minimum and wide above (a square-root scale, cut off at a high quantile), otherwise equally wide.
 */
import { BANDS, CLIP } from '../../measure/refine.ts';

export interface ColourScale {
  kind: 'loss' | 'signed' | 'share';
  low: number;
  high: number;
  /** Some values lie beyond `high` (signed: beyond either end) and have the last colour. */
  clipped: boolean;
}

export { BANDS, CLIP };

/** The same for the size of a signed difference, which has no long tail by design. */
const SIGNED_CLIP = 0.98;

/** Viridis at 0, 1/16 … 1. */
const VIRIDIS = [
  '#440154', '#48186a', '#472d7b', '#424086', '#3b528b', '#33638d', '#2c728e', '#26828e', '#21918c', '#1fa088', '#28ae80', '#3fbc73', '#5ec962', '#84d44b', '#addc30', '#d8e219', '#fde725',
];

/** OKLCH: lightness 0.955 − 0.575·|s|, hue 250° below zero and 58° to 46° above; s = −1, −7/8 … 1. */
const DIVERGING = [
  '#024478', '#015899', '#026cbb', '#0f82db', '#4399ea', '#6db0f3', '#98c6f6', '#c3dbf5', '#f1f0ed', '#f0d2bd', '#edb38d', '#e5955f', '#d97732', '#c45d07', '#a74c04', '#8a3b03', '#6e2b01',
];

const LOOKUP: Record<ColourScale['kind'], Uint32Array> = {
  loss: table([...VIRIDIS].reverse()),
  signed: table(DIVERGING),
  share: table(VIRIDIS),
};

/** 256 colours at shares 0 … 1 of the way through the scale: 0xAABBGGRR, RGBA bytes of an ImageData on little-endian machines. */
export function lookup({ kind }: Pick<ColourScale, 'kind'>): Uint32Array {
  return LOOKUP[kind];
}

/** Over all given maps together; null while nothing is finite. */
export function lossDomain(maps: readonly ArrayLike<number>[], clip = CLIP): ColourScale | null {
  const values = finite(maps);
  if (values.length === 0) return null;
  const [low, top] = bounds(values);
  const high = Math.max(selected(values, clip), low + 1e-9 + 1e-6 * Math.abs(low));
  return { kind: 'loss', low, high, clipped: top > high };
}

/** Symmetric about zero, which is white. */
export function signedDomain(maps: readonly ArrayLike<number>[], clip = SIGNED_CLIP): ColourScale | null {
  const sizes = finite(maps).map(Math.abs);
  if (sizes.length === 0) return null;
  const top = bounds(sizes)[1];
  const high = Math.max(selected(sizes, clip), 1e-9);
  return { kind: 'signed', low: -high, high, clipped: top > high };
}

/** From the lowest to the highest value. */
export function shareDomain(maps: readonly ArrayLike<number>[]): ColourScale | null {
  const values = finite(maps);
  if (values.length === 0) return null;
  const [low, high] = bounds(values);
  return { kind: 'share', low, high: Math.max(high, low + 1e-9), clipped: false };
}

/** A scale with given ends, for maps that are to be compared. */
export function fixedDomain(kind: ColourScale['kind'], { low, high }: { low: number; high: number }, maps: readonly ArrayLike<number>[] = []): ColourScale {
  const values = finite(maps);
  const [least, most] = values.length > 0 ? bounds(values) : [low, high];
  return { kind, low, high: Math.max(high, low + 1e-9), clipped: most > high || (kind === 'signed' && least < low) };
}

/** Bands of a loss: the last begins at `high`. The others share the whole of [low, high]. */
export function bandSteps(kind: ColourScale['kind']): number {
  return kind === 'loss' ? BANDS - 1 : BANDS;
}

/** Lower edges of the bands; of a loss low + (high − low)·(k/(BANDS − 1))², k = 0…BANDS − 1. */
export function bandEdges({ kind, low, high }: ColourScale): number[] {
  const steps = bandSteps(kind);
  return Array.from({ length: BANDS }, (_, k) => low + (high - low) * (kind === 'loss' ? (k / steps) ** 2 : k / steps));
}

/** 0xAABBGGRR of band k. A signed band takes the colour of its middle, so that both sides of zero differ from white. */
export function bandPixel(kind: ColourScale['kind'], k: number): number {
  return LOOKUP[kind][Math.round(255 * (kind === 'signed' ? (k + 0.5) / BANDS : k / (BANDS - 1)))]!;
}

/** CSS colour of band k. */
export function bandColour(kind: ColourScale['kind'], k: number): string {
  return hexOf(bandPixel(kind, k));
}

function table(stops: readonly string[]): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (stops.length - 1);
    const j = Math.min(stops.length - 2, Math.floor(at));
    const [from, to] = [channels(stops[j]!), channels(stops[j + 1]!)];
    const [r, g, b] = from.map((c, k) => Math.round(c + (at - j) * (to[k]! - c)));
    return (255 << 24) | (b! << 16) | (g! << 8) | r!;
  });
}

function channels(hex: string): number[] {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function hexOf(pixel: number): string {
  return `#${[pixel, pixel >> 8, pixel >> 16].map((c) => (c & 255).toString(16).padStart(2, '0')).join('')}`;
}

function finite(maps: readonly ArrayLike<number>[]): Float64Array {
  const out = new Float64Array(maps.reduce((sum, map) => sum + map.length, 0));
  let count = 0;
  for (const map of maps) for (let k = 0; k < map.length; k++) if (Number.isFinite(map[k])) out[count++] = map[k]!;
  return out.subarray(0, count);
}

function bounds(values: Float64Array): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The q-quantile, interpolated as charts/scale.ts does, by selection: a drag asks for it at every frame. Reorders `values`. */
function selected(values: Float64Array, q: number): number {
  const at = q * (values.length - 1);
  const k = Math.floor(at);
  const lower = select(values, k);
  if (k + 1 >= values.length) return lower;
  // What lies right of k is at least as large.
  return lower + (at - k) * (bounds(values.subarray(k + 1))[0] - lower);
}

/** Hoare's selection: afterwards values[k] is the k-th smallest, with nothing larger on its left. */
function select(values: Float64Array, k: number): number {
  let [left, right] = [0, values.length - 1];
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let [i, j] = [left, right];
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      [values[i], values[j]] = [values[j]!, values[i]!];
      i++;
      j--;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return values[k]!;
}
