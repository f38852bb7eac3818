/** How classes look on a map of many of them: a class named by one character is that character, others have a colour and a marker; 72 are told apart. */
import type { Shape } from '../charts/arms.ts';

/** Okabe and Ito's and two more, at 3:1 against the page of each scheme. */
const COLOURS = [
  'light-dark(#0063a6, #5fb0ea)', 'light-dark(#c75000, #f47d2a)', 'light-dark(#00805d, #18b88a)', 'light-dark(#b0357d, #e58fc0)',
  'light-dark(#8a6400, #e9ad1f)', 'light-dark(#5b2a9d, #b39af5)', 'light-dark(#1f2328, #f1f3f5)', 'light-dark(#a1261b, #ff8d80)',
] as const;

const MARKERS: readonly Shape[] = ['circle', 'triangle', 'square', 'diamond', 'plus', 'triangle-down', 'star', 'cross', 'hexagon'];

export interface ClassMark {
  colour: string;
  /** The character that stands for the class; null: the marker does. */
  letter: string | null;
  marker: Shape;
}

export function classMarks(classNames: readonly string[]): ClassMark[] {
  const letters = classNames.every((name) => [...name].length === 1);
  return classNames.map((name, c): ClassMark => ({
    colour: COLOURS[c % COLOURS.length]!, letter: letters ? name : null,
    // Nine markers against eight colours: neighbours differ in both.
    marker: MARKERS[(c + Math.floor(c / (COLOURS.length * MARKERS.length))) % MARKERS.length]!,
  }));
}
