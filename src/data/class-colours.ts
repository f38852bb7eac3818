/**
 * Colours of pixel classes in pictures: the maps' own where they have some, else twenty that stay apart (after Sasha Trubetskoy's list of simple, distinct
 * colours), then again from the start. Pixels without a class are dark grey. No class is told by its colour alone: a legend names it.
 */
import { VOID } from './dataset.ts';

export type Rgb = readonly [number, number, number];

const COLOURS: readonly Rgb[] = [
  [60, 66, 82], [230, 159, 0], [86, 180, 233], [0, 158, 115], [204, 121, 167], [240, 228, 66], [213, 94, 0], [0, 114, 178], [170, 255, 195], [128, 0, 0],
  [145, 30, 180], [128, 128, 0], [250, 190, 212], [0, 0, 128], [188, 246, 12], [154, 99, 36], [255, 255, 255], [230, 25, 75], [70, 240, 240], [245, 130, 49],
];
const NONE: Rgb = [24, 24, 24];

/** Of class `label`; VOID, and a class whose name is empty, have none. `own`: '#rrggbb' by class. */
export function classColour(label: number, classNames: readonly string[], own: readonly string[] | null = null): Rgb {
  if (label === VOID || classNames[label]?.trim() === '') return NONE;
  const given = own?.[label];
  if (given === undefined) return COLOURS[label % COLOURS.length]!;
  const colour = Number.parseInt(given.slice(1), 16);
  return [colour >> 16, (colour >> 8) & 255, colour & 255];
}
