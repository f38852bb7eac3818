/** A Find and the choices made for it → a Dataset. Holds the output and one image; what it needs is asked for before anything is read. */
import { LabError } from '../../core/errors.ts';
import { sealed } from '../hash.ts';
import type { Choices, Find, Note, Part, Settle } from './contract.ts';
import { answeredBy } from './answers.ts';
import { fitInto } from './fit.ts';
import { leftOut } from './left-out.ts';
import { shares } from './labels.ts';
import { fault, room } from './limits.ts';
import { counted } from './paths.ts';

const CODES: Record<Part, number> = { train: 0, validation: 1, test: 2 };

/** Images that the choices keep, by class of the Find. */
export function keptByClass(find: Find, choices: Pick<Choices, 'classNames' | 'limit'>): number[] {
  const kept = find.counts.byClass.map((count, i) => (choices.classNames[i]?.trim() ? count : 0));
  return choices.limit > 0 ? shares(kept, choices.limit) : kept;
}

/** Bytes of the images by the choices. */
export function bytesBy(find: Find, choices: Choices): number {
  return keptByClass(find, choices).reduce((a, b) => a + b, 0) * choices.height * choices.width * choices.channels;
}

export const settle: Settle = async (given, choices, { decode, progress, signal }) => {
  const find = await answeredBy(given, choices.answers);
  check(find, choices);
  const total = keptByClass(find, choices).reduce((a, b) => a + b, 0);
  const size = choices.height * choices.width * choices.channels;
  const bytes = room(total * size, `${counted(total, 'image')} of ${choices.height} × ${choices.width}${choices.channels === 3 ? ' in colour' : ''}`, 'choose a smaller size or fewer images');
  const { images, labels, parts } = allocated(bytes, total);
  const left = leftOut();
  const found = new Array<number>(find.classNames.length).fill(0);
  const partsFound = new Set<Part | null>();
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
    found[image.label]!++;
    progress(++count + left.count, total);
  }
  const notes = [...find.notes, ...left.notes()];
  const classes = classesFound(find, choices, found, notes);
  const order = new Map(classes.map((label, i) => [label, i]));
  const dataset = await sealed({
    name: choices.name.trim() || find.name,
    images: count === total ? images : images.slice(0, count * size),
    labels: labels.slice(0, count).map((label) => order.get(label)!),
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

function allocated(bytes: number, count: number): { images: Uint8Array<ArrayBuffer>; labels: Uint16Array; parts: Uint8Array } {
  try {
    return { images: new Uint8Array(bytes), labels: new Uint16Array(count), parts: new Uint8Array(count) };
  } catch (error) {
    throw new LabError('memory', `There is no room for ${counted(count, 'image')} of this size; choose a smaller size or fewer images.`, { cause: error });
  }
}

/** Classes of which something was read; the others are noted. */
function classesFound(find: Find, choices: Choices, found: readonly number[], notes: Note[]): number[] {
  const kept = found.map((_, i) => i).filter((i) => choices.classNames[i]!.trim() !== '');
  const empty = kept.filter((i) => found[i] === 0);
  if (empty.length > 0) {
    notes.push({ text: `${counted(empty.length, 'class has', 'classes have')} no image that could be read and ${empty.length === 1 ? 'was' : 'were'} left out.`, count: 0, examples: empty.slice(0, 5).map((i) => choices.classNames[i]!) });
  }
  const classes = kept.filter((i) => found[i]! > 0);
  if (classes.length < 2) {
    throw fault(`${classes.length === 0 ? 'No image' : `Only images of “${choices.classNames[classes[0]!]!}”`} of ${find.name} could be read; images of at least two classes are needed.`);
  }
  return classes;
}
