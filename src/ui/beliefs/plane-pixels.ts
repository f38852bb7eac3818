/** A map of class probabilities as pixels. Pure: no DOM. */
import { CLASS_INK } from '../data/class-ink.ts';

const PAPER = { light: [255, 255, 255], dark: [30, 36, 45] } as const;
/** Share of the class colour where the network is certain, and where it knows nothing. */
const [SURE, OPEN] = [0.72, 0.1];

/** map [side][side][classes] in bytes, rows upwards → RGBA [side][side], rows downwards. */
export function planePixels(map: Uint8Array, side: number, classes: number, dark: boolean): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(side * side * 4);
  const paper = PAPER[dark ? 'dark' : 'light'];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const from = (row * side + column) * classes;
      const to = ((side - 1 - row) * side + column) * 4;
      let top = 0;
      const mixed = [0, 0, 0];
      for (let c = 0; c < classes; c++) {
        const p = map[from + c]! / 255;
        top = Math.max(top, p);
        for (let k = 0; k < 3; k++) mixed[k]! += p * CLASS_INK[c % CLASS_INK.length]![k]!;
      }
      const share = OPEN + (SURE - OPEN) * Math.max(0, (top - 1 / classes) / (1 - 1 / classes));
      for (let k = 0; k < 3; k++) out[to + k] = share * mixed[k]! + (1 - share) * paper[k]!;
      out[to + 3] = 255;
    }
  }
  return out;
}
