/** Pictures of pixels as RGBA: an image under its label map, what an arm answers, where it is wrong, how unsure it is. Pure. */
import { classColour } from '../../data/class-colours.ts';
import { VOID } from '../../data/dataset.ts';
import type { Tile } from '../data/tiles.ts';

export const VIEWS = { answers: 'Answers', errors: 'Errors', entropy: 'Entropy' } as const;
export type View = keyof typeof VIEWS;

type Colour = readonly [number, number, number];

const WRONG: Colour = [213, 94, 0];
const RIGHT: Colour = [40, 60, 70];
/** From sure to unsure: black, purple, orange, near white, as lightness grows evenly. */
const SURE: readonly Colour[] = [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]];

/** Mixes colours into an image by `opacity`; where `colourAt` is null the image stays, darker. */
function mixed(image: Tile, opacity: number, colourAt: (pixel: number) => Colour | null): Tile {
  const rgba = new Uint8ClampedArray(image.rgba.length);
  for (let p = 0; 4 * p < rgba.length; p++) {
    const colour = colourAt(p);
    for (let c = 0; c < 3; c++) rgba[4 * p + c] = colour ? (1 - opacity) * image.rgba[4 * p + c]! + opacity * colour[c]! : 0.5 * image.rgba[4 * p + c]!;
    rgba[4 * p + 3] = 255;
  }
  return { width: image.width, height: image.height, rgba };
}

export function labelled(image: Tile, labels: Uint8Array, classNames: readonly string[], opacity: number): Tile {
  return mixed(image, opacity, (p) => (labels[p] === VOID ? null : classColour(labels[p]!, classNames)));
}

export function wrongAt(image: Tile, answers: Uint8Array, truth: Uint8Array, opacity: number): Tile {
  return mixed(image, opacity, (p) => (truth[p] === VOID ? null : answers[p] === truth[p] ? RIGHT : WRONG));
}

export function unsureAt(image: Tile, entropy: Uint8Array, opacity: number): Tile {
  return mixed(image, opacity, (p) => ramp(entropy[p]! / 255));
}

/** Share of the pixels with a class that are answered right; NaN where none has one. */
export function rightShare(answers: Uint8Array, truth: Uint8Array): number {
  let [right, all] = [0, 0];
  truth.forEach((label, p) => {
    if (label === VOID) return;
    all++;
    if (answers[p] === label) right++;
  });
  return right / all;
}

function ramp(share: number): Colour {
  const at = Math.min(SURE.length - 1.001, Math.max(0, share * (SURE.length - 1)));
  const [low, high] = [SURE[Math.floor(at)]!, SURE[Math.floor(at) + 1]!];
  return [0, 1, 2].map((c) => low[c]! + (at % 1) * (high[c]! - low[c]!)) as unknown as Colour;
}
