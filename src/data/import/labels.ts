/** From the labels that a format gives to classes, and which rows are read when not all are. */
import type { Find, Part } from './contract.ts';
import { fault, MAX_CLASSES } from './limits.ts';
import { compareNames } from './paths.ts';

export interface Labelled {
  classNames: string[];
  /** [N] */
  labels: Uint16Array;
}

/**
 * Classes are the values that occur: whole numbers ≥ 0 in their order, or words in theirs. `names`: what a number means, by number.
 * Throws LabError('data') naming `where` on values that are no labels, too many classes or only one.
 */
export function labelled(values: ArrayLike<number | string>, where: string, names?: readonly string[]): Labelled {
  const indices = new Map<number | string, number>();
  const order = new Array<number>(0);
  const labels = new Uint16Array(values.length);
  const distinct: (number | string)[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    let index = indices.get(value);
    if (index === undefined) {
      if (typeof value === 'number') {
        if (!Number.isInteger(value)) throw fault(`${where} holds ${value} at row ${i + 1}; labels must be whole numbers or words.`);
        if (value < 0) throw fault(`${where} holds the label ${value} at row ${i + 1}; labels must be 0 or more: give unlabelled images no place in the file.`);
        if (names && names[value] === undefined) throw fault(`${where} holds the label ${value} at row ${i + 1}, but only ${names.length} classes are named.`);
      }
      index = distinct.length;
      if (index === MAX_CLASSES) throw fault(`${where} holds more than ${MAX_CLASSES} classes; is it the column of labels?`);
      indices.set(value, index);
      distinct.push(value);
    }
    labels[i] = index;
  }
  if (values.length === 0) throw fault(`${where} holds no labels; choose data with images in it.`);
  const named = distinct.map((value) => (typeof value === 'number' && names ? names[value]! : String(value)));
  const sorted = distinct.map((_, i) => i).sort((a, b) => {
    const [x, y] = [distinct[a]!, distinct[b]!];
    return typeof x === 'number' && typeof y === 'number' ? x - y : compareNames(String(x), String(y));
  });
  sorted.forEach((from, to) => { order[from] = to; });
  for (let i = 0; i < labels.length; i++) labels[i] = order[labels[i]!]!;
  const classNames = sorted.map((from) => named[from]!);
  atLeastTwo(classNames, where);
  return { classNames, labels };
}

export function atLeastTwo(classNames: readonly string[], where: string): void {
  if (classNames.length < 2) throw fault(`${where} holds only one class (“${classNames[0] ?? ''}”); at least two are needed to learn from.`);
}

/** Counts of a Find whose labels [N] and parts [N] (or none) are known. */
export function countsOf(labels: Uint16Array, classes: number, parts: readonly (Part | null)[] | ((row: number) => Part | null)): Find['counts'] {
  const byClass = new Array<number>(classes).fill(0);
  const byPart: Partial<Record<Part, number>> = {};
  for (let i = 0; i < labels.length; i++) {
    byClass[labels[i]!]!++;
    const part = typeof parts === 'function' ? parts(i) : parts[i]!;
    if (part) byPart[part] = (byPart[part] ?? 0) + 1;
  }
  return { byClass, byPart };
}

/** How many of each class when at most `most` are taken in all, as even as the classes allow; the first classes get what does not divide. */
export function shares(byClass: readonly number[], most: number): number[] {
  const out = byClass.map(() => 0);
  let left = most;
  let open = byClass.map((_, i) => i).filter((i) => byClass[i]! > 0);
  while (left > 0 && open.length > 0) {
    const each = Math.floor(left / open.length);
    if (each === 0) {
      for (const i of open.slice(0, left)) out[i]!++;
      break;
    }
    for (const i of open) {
      const step = Math.min(each, byClass[i]! - out[i]!);
      out[i]! += step;
      left -= step;
    }
    open = open.filter((i) => out[i]! < byClass[i]!);
  }
  return out;
}

/** A test of rows asked in their order, once each: whether a row of `label` is among those chosen. */
export function chooser(byClass: readonly number[], ask: { most?: number; keep?: readonly boolean[] }): (label: number) => boolean {
  const kept = byClass.map((count, i) => (ask.keep && !ask.keep[i] ? 0 : count));
  const share = ask.most ? shares(kept, ask.most) : kept;
  const seen = byClass.map(() => 0);
  return (label) => {
    const i = seen[label]!++;
    const [k, n] = [share[label]!, byClass[label]!];
    return Math.floor(((i + 1) * k) / n) > Math.floor((i * k) / n);
  };
}

/** ", given as 80 train and 20 test", or ''. */
export function partWords({ byPart }: Find['counts']): string {
  const words = (['train', 'validation', 'test'] as const).filter((part) => byPart[part]).map((part) => `${byPart[part]!.toLocaleString('en')} ${part}`);
  return words.length === 0 ? '' : `, given as ${words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`}`;
}

