/**
 * Pixels at which averages of networks are read: every pixel of every image would be gigabytes once arms, seeds and temperatures are kept side by side, and
 * neighbours say much the same. At most MOST_IMAGES images and MOST_SITES pixels in all, evenly taken, none of them void.
 */
import { type Dataset, VOID } from '../../data/dataset.ts';
import { Stream } from '../../core/philox.ts';

const MOST_IMAGES = 64;
const MOST_SITES = 8192;

export interface Sites {
  /** Images that are evaluated, rows of the data set. */
  images: Uint32Array;
  /** Positions among the pixels [images · H · W] of those, ascending, and their classes. */
  places: Uint32Array;
  labels: Uint16Array;
}

/** Of the first images of `rows`. In every image the pixels are as many, drawn by the seed. Empty where all is void. */
export function sitesOf({ maps, height, width }: Dataset, rows: Uint32Array, seed: number): Sites {
  const images = rows.slice(0, MOST_IMAGES);
  const area = height * width;
  const each = Math.min(area, Math.floor(MOST_SITES / Math.max(1, images.length)));
  const places: number[] = [];
  const labels: number[] = [];
  images.forEach((row, i) => {
    const classed = Uint32Array.from({ length: area }, (_, p) => p).filter((p) => maps![row * area + p] !== VOID);
    for (const p of new Stream(seed, 'subset', 1, i).shuffle(classed).subarray(0, each).sort()) {
      places.push(i * area + p);
      labels.push(maps![row * area + p]!);
    }
  });
  return { images, places: Uint32Array.from(places), labels: Uint16Array.from(labels) };
}

/** Logits [images · H · W, classes] → [sites, classes]. */
export function atSites(logits: Float32Array, { places }: Sites, classes: number): Float32Array {
  const out = new Float32Array(places.length * classes);
  places.forEach((place, i) => out.set(logits.subarray(place * classes, (place + 1) * classes), i * classes));
  return out;
}
