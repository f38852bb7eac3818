/** What the values of label maps mean: which occur, how often, in which colour, under which name; and which mean that a pixel has no class. */
import type { Given } from './contract.ts';
import { whole } from './given.ts';
import { packed, type LabelMap } from './label-map.ts';
import { base, ending } from './paths.ts';

/** 255 is left for pixels without a class. */
export const MOST_MAP_CLASSES = 254;
const MOST_NAMES_BYTES = 2 ** 16;
const NAMES_FILE = /class|label|name|colou?r|code|palette/i;
const NO_CLASS = /^(void|unlabell?ed|ignored?|unknown|outlier|other|none)$/i;
/** The eleven classes that CamVid is usually cut down to (Badrinarayanan et al. 2017), then void. */
const CAMVID = ['Sky', 'Building', 'Pole', 'Road', 'Pavement', 'Tree', 'SignSymbol', 'Fence', 'Car', 'Pedestrian', 'Bicyclist', 'Void'];

export interface MapClasses {
  /** Whether a value is a number or a colour; indices become colours where palettes differ or some maps are in colour. */
  by: 'number' | 'colour';
  /** Values in the order of the classes. */
  values: number[];
  names: string[];
  /** Share of the pixels looked at, by class. */
  shares: number[];
  /** As '#rrggbb'; null where the maps give none. */
  colours: string[] | null;
  /** Classes that are proposed to be none. */
  void: boolean[];
}

/** Reads a list of names, one a line, with a number or three (a colour) before or behind or alone: by value, and in the order of the lines where no number is given. */
export function parseNames(text: string): { by: 'number' | 'colour'; names: Map<number, string> } | null {
  const rows = text.split(/\r?\n/).map((line) => line.replace(/#.*$/, '').trim()).filter((line) => line !== '').map((line) => {
    const tokens = line.split(/[\s,;:"]+/).filter((token) => token !== '');
    return { numbers: tokens.filter((token) => /^\d{1,3}$/.test(token)).map(Number), name: tokens.filter((token) => !/^\d{1,3}$/.test(token)).join(' ') };
  });
  const named = rows.filter(({ name }) => name !== '');
  // Whatever most lines are; a header is another kind of line.
  const counts = [0, 1, 3].map((length) => ({ length, rows: named.filter(({ numbers }) => numbers.length === length) })).sort((a, b) => b.rows.length - a.rows.length);
  const { length, rows: found } = counts[0]!;
  if (found.length < 2) return null;
  if (length === 3) return { by: 'colour', names: new Map(found.map(({ numbers: [r, g, b], name }) => [packed(r!, g!, b!), name])) };
  return { by: 'number', names: new Map(found.map(({ numbers, name }, i) => [numbers[0] ?? i, name])) };
}

/** The first file beside the maps that reads as names. */
export async function namesAmong(files: readonly Given[]): Promise<ReturnType<typeof parseNames>> {
  const lists = files.filter(({ path, size }) => ['txt', 'csv'].includes(ending(path)) && NAMES_FILE.test(base(path)) && size <= MOST_NAMES_BYTES);
  for (const list of lists) {
    const found = parseNames(new TextDecoder().decode(await whole(list)));
    if (found) return found;
  }
  return null;
}

/** Tallies of one map's values, which is all that is kept of it. */
export interface Tally {
  kind: LabelMap['kind'];
  palette: number[] | null;
  counts: Map<number, number>;
}

export function tallyOf({ kind, palette, values }: LabelMap): Tally {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return { kind, palette, counts };
}

const isGrey = (colour: number): boolean => colour >> 16 === (colour & 255) && ((colour >> 8) & 255) === (colour & 255);

/** How one value of a map reads as the classes do. */
export function valueAs(by: MapClasses['by'], kind: LabelMap['kind'], palette: readonly number[] | null, value: number): number {
  if (by === 'colour') return kind === 'colour' ? value : kind === 'indexed' ? palette![value] ?? -1 : packed(value & 255, value & 255, value & 255);
  // Numbers that were saved as grey colours.
  return kind === 'colour' ? value & 255 : value;
}

/** Classes of some maps. `title`: name of the data, by which CamVid is known. */
export function classesOf(tallies: readonly Tally[], names: ReturnType<typeof parseNames>, title: string): MapClasses {
  const by = inColour(tallies) || names?.by === 'colour' && tallies.every(({ kind }) => kind === 'indexed') ? 'colour' : 'number';
  const counts = new Map<number, number>();
  for (const { kind, palette, counts: own } of tallies) {
    for (const [value, count] of own) {
      const read = valueAs(by, kind, palette, value);
      counts.set(read, (counts.get(read) ?? 0) + count);
    }
  }
  const values = [...counts.keys()].sort((a, b) => a - b);
  const all = [...counts.values()].reduce((a, b) => a + b, 0);
  const camvid = /camvid/i.test(title) && by === 'number' && !names && values.at(-1)! < CAMVID.length;
  const nameOf = (value: number): string => (names?.by === by ? names.names.get(value) : camvid ? CAMVID[value] : undefined) ?? (by === 'colour' ? hex(value) : String(value));
  const palette = by === 'number' ? tallies.find((tally) => tally.kind === 'indexed')?.palette ?? null : null;
  const read = values.map(nameOf);
  return {
    by, values, names: read.map((name, i) => (read.indexOf(name) === i ? name : `${name} (${by === 'colour' ? hex(values[i]!) : values[i]!})`)),
    shares: values.map((value) => counts.get(value)! / all),
    colours: by === 'colour' ? values.map(hex) : palette ? values.map((value) => hex(palette[value] ?? 0)) : null,
    void: values.map((value, i) => (by === 'number' && value === 255) || NO_CLASS.test(read[i]!)),
  };
}

/** Some map has a true colour, or an index means different colours. */
function inColour(tallies: readonly Tally[]): boolean {
  const first = tallies.find(({ kind }) => kind === 'indexed')?.palette;
  return tallies.some(({ kind, palette, counts }) => (kind === 'colour' && [...counts.keys()].some((colour) => !isGrey(colour)))
    || (kind === 'indexed' && [...counts.keys()].some((index) => palette![index] !== first![index])));
}

const hex = (colour: number): string => `#${colour.toString(16).padStart(6, '0')}`;
