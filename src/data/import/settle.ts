/** A Find and the choices made for it → a Dataset. Holds the output and one image; what it needs is asked for before anything is read. */
import { LabError } from '../../core/errors.ts';
import { VOID } from '../dataset.ts';
import { sealed } from '../hash.ts';
import type { Choices, Find, Note, Part, Settle } from './contract.ts';
import { answeredBy } from './answers.ts';
import { fitInto, fitMapInto } from './fit.ts';
import { leftOut } from './left-out.ts';
import { shares } from './labels.ts';
import { fault, room } from './limits.ts';
import { counted } from './paths.ts';

const CODES: Record<Part, number> = { train: 0, validation: 1, test: 2 };

/** Images that are listed. */
export function countIn(find: Find): number {
  return find.maps?.count ?? find.counts.byClass.reduce((a, b) => a + b, 0);
}

/** Images that the choices keep. */
function keptOf(find: Find, choices: Pick<Choices, 'classNames' | 'limit'>): number {
  if (find.maps) return choices.limit > 0 ? Math.min(choices.limit, find.maps.count) : find.maps.count;
  const kept = find.counts.byClass.map((count, i) => (choices.classNames[i]?.trim() ? count : 0));
  return (choices.limit > 0 ? shares(kept, choices.limit) : kept).reduce((a, b) => a + b, 0);
}

/** Bytes of the images, and their label maps, by the choices. */
export function bytesBy(find: Find, choices: Choices): number {
  return keptOf(find, choices) * choices.height * choices.width * (choices.channels + (find.maps ? 1 : 0));
}

export const settle: Settle = async (given, choices, { decode, progress, signal }) => {
  const find = await answeredBy(given, choices.answers);
  check(find, choices);
  const total = keptOf(find, choices);
  const area = choices.height * choices.width;
  const size = area * choices.channels;
  room(bytesBy(find, choices), `${counted(total, 'image')} of ${choices.height} × ${choices.width}${choices.channels === 3 ? ' in colour' : ''}`, 'choose a smaller size or fewer images');
  const { images, labels, parts, maps } = allocated(total * size, total, find.maps ? total * area : 0);
  const left = leftOut();
  const found = new Array<number>(find.classNames.length).fill(0);
  const partsFound = new Set<Part | null>();
  const unknown = unknownValues();
  let count = 0;
  const keep = choices.classNames.map((name) => name.trim() !== '');
  progress(0, total);
  for await (const image of find.images({ decode, most: choices.limit, keep, leaveOut: left.add, signal })) {
    signal?.throwIfAborted();
    if (count === total) break;
    fitInto(image, choices, images, count * size);
    labels[count] = image.label;
    parts[count] = image.part === null ? 0 : CODES[image.part];
    partsFound.add(image.part);
    if (image.map) {
      fitMapInto(image.map.labels, image, choices, maps, count * area);
      unknown.add(image.map.unknown);
      for (let i = count * area; i < (count + 1) * area; i++) if (maps[i] !== VOID) found[maps[i]!]!++;
    } else {
      found[image.label]!++;
    }
    progress(++count + left.count, total);
  }
  const notes = [...find.notes, ...left.notes(), ...unknown.notes()];
  const classes = classesFound(find, choices, found, notes);
  const order = new Map(classes.map((label, i) => [label, i]));
  const dataset = await sealed({
    name: choices.name.trim() || find.name,
    images: count === total ? images : images.slice(0, count * size),
    labels: find.maps ? labels.slice(0, count) : labels.slice(0, count).map((label) => order.get(label)!),
    ...(find.maps ? { maps: maps.subarray(0, count * area).map((label) => order.get(label) ?? VOID) } : {}),
    count, height: choices.height, width: choices.width, channels: choices.channels,
    classNames: classes.map((label) => choices.classNames[label]!.trim()),
    licence: find.licence,
    // One part alone is no split.
    ...(partsFound.size > 1 && !partsFound.has(null) ? { parts: parts.slice(0, count) } : {}),
  });
  return { dataset, notes };
};

function check(find: Find, choices: Choices): void {
  const { height, width, channels, classNames } = choices;
  if (![height, width].every((side) => Number.isInteger(side) && side >= 1 && side <= 1024) || (channels !== 1 && channels !== 3)) {
    throw fault(`Images of ${height} × ${width} with ${channels} channels cannot be made; sides are 1 to 1024 pixels, channels 1 or 3.`);
  }
  if (classNames.length !== find.classNames.length) {
    throw fault(`${find.name} has ${find.classNames.length} classes, but ${classNames.length} names are given; give one name a class (an empty one leaves it out).`);
  }
  const names = classNames.map((name) => name.trim()).filter((name) => name !== '');
  if (names.length < 2) throw fault('At least two classes are needed to learn from; keep more.');
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw fault(`The class name “${repeated}” is used twice; names must differ.`);
}

function allocated(bytes: number, count: number, mapBytes: number): { images: Uint8Array<ArrayBuffer>; labels: Uint16Array; parts: Uint8Array; maps: Uint8Array } {
  try {
    return { images: new Uint8Array(bytes), labels: new Uint16Array(count), parts: new Uint8Array(count), maps: new Uint8Array(mapBytes) };
  } catch (error) {
    throw new LabError('memory', `There is no room for ${counted(count, 'image')} of this size; choose a smaller size or fewer images.`, { cause: error });
  }
}

/** Maps with values that none of the sampled ones had. */
function unknownValues() {
  const names: string[] = [];
  let pixels = 0;
  return {
    add(one: { name: string; pixels: number } | null): void {
      if (!one) return;
      names.push(one.name);
      pixels += one.pixels;
    },
    notes: (): Note[] => (names.length === 0 ? [] : [{
      text: `${counted(pixels, 'pixel', 'pixels')} in ${counted(names.length, 'label map')} had a value that none of the maps looked at first has; ${pixels === 1 ? 'it counts' : 'they count'} as void.`, count: names.length, examples: names.slice(0, 5),
    }]),
  };
}

/** Classes of which something was read; the others are noted. */
function classesFound(find: Find, choices: Choices, found: readonly number[], notes: Note[]): number[] {
  const kept = found.map((_, i) => i).filter((i) => choices.classNames[i]!.trim() !== '');
  const empty = kept.filter((i) => found[i] === 0);
  if (empty.length > 0) {
    notes.push({ text: `${counted(empty.length, 'class has', 'classes have')} no ${find.maps ? 'pixel in what was read' : 'image that could be read'} and ${empty.length === 1 ? 'was' : 'were'} left out.`, count: 0, examples: empty.slice(0, 5).map((i) => choices.classNames[i]!) });
  }
  const classes = kept.filter((i) => found[i]! > 0);
  if (classes.length < 2) {
    throw fault(`${classes.length === 0 ? 'No image' : `Only ${find.maps ? 'pixels' : 'images'} of “${choices.classNames[classes[0]!]!}”`} of ${find.name} could be read; ${find.maps ? 'pixels' : 'images'} of at least two classes are needed.`);
  }
  return classes;
}
