/** Colours and markers of the toy's classes: three of Okabe and Ito's, told apart without colour too. */
import type { Shape } from '../charts/arms.ts';

/** Red, green and blue in 0…255, for mixing on a canvas; readable on both schemes' pages. */
export const CLASS_INK: readonly (readonly [number, number, number])[] = [[0, 114, 178], [213, 94, 0], [0, 158, 115]];

const MARKERS: readonly Shape[] = ['circle', 'triangle', 'square'];

export function classStyle(c: number): { colour: string; marker: Shape } {
  return { colour: `rgb(${CLASS_INK[c % CLASS_INK.length]!.join(' ')})`, marker: MARKERS[c % MARKERS.length]! };
}
