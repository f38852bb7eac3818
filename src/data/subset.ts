/** Parts and new names of a data set: a choice of classes (source = some, downstream = the others), renamed classes. */
import { LabError } from '../core/errors.ts';
import { type Dataset, VOID } from './dataset.ts';
import { sealed } from './hash.ts';

/**
 * The rows of the given classes, relabelled 0 … in the order given, names and parts kept; of label maps all rows, in which pixels of other classes become VOID. Throws LabError('data') when a class
 * is repeated or does not exist, or when fewer than two are given.
 */
export async function selectClasses(dataset: Dataset, classes: readonly number[]): Promise<Dataset> {
  if (classes.length < 2) throw new LabError('data', `At least two classes of ${dataset.name} are needed to learn from; choose more.`);
  const relabel = new Map<number, number>();
  for (const label of classes) {
    if (!(label in dataset.classNames)) throw new LabError('data', `${dataset.name} has ${dataset.classNames.length} classes; there is no class number ${label}.`);
    if (relabel.has(label)) throw new LabError('data', `Class “${dataset.classNames[label]!}” of ${dataset.name} is chosen twice; name it once.`);
    relabel.set(label, relabel.size);
  }
  if (classes.length === dataset.classNames.length && classes.every((label, i) => label === i)) return dataset;
  const classNames = classes.map((label) => dataset.classNames[label]!);
  if (dataset.maps) return sealed({ ...dataset, classNames, maps: dataset.maps.map((label) => relabel.get(label) ?? VOID) });
  const size = dataset.height * dataset.width * dataset.channels;
  const rows: number[] = [];
  for (let row = 0; row < dataset.count; row++) if (relabel.has(dataset.labels[row]!)) rows.push(row);
  const images = dataset.images instanceof Uint8Array ? new Uint8Array(rows.length * size) : new Float32Array(rows.length * size);
  const labels = new Uint16Array(rows.length);
  const parts = dataset.parts && Uint8Array.from(rows, (row) => dataset.parts![row]!);
  rows.forEach((row, i) => {
    images.set(dataset.images.subarray(row * size, (row + 1) * size), i * size);
    labels[i] = relabel.get(dataset.labels[row]!)!;
  });
  return sealed({ ...dataset, images, labels, count: rows.length, classNames, ...(parts ? { parts } : {}) });
}

/** Class numbers of class names; no names means all classes. Throws LabError('data') naming an unknown one. */
export function classesNamed(dataset: Dataset, names: readonly string[]): number[] {
  if (names.length === 0) return dataset.classNames.map((_, i) => i);
  return names.map((name) => {
    const label = dataset.classNames.indexOf(name);
    if (label < 0) throw new LabError('data', `${dataset.name} has no class “${name}”; its classes are ${listed(dataset.classNames)}.`);
    return label;
  });
}

/** The same data under other class names. Throws LabError('data') on a wrong number, an empty name or a repeated one. */
export function renameClasses(dataset: Dataset, classNames: readonly string[]): Dataset {
  const names = classNames.map((name) => name.trim());
  if (names.length !== dataset.classNames.length) {
    throw new LabError('data', `${dataset.name} has ${dataset.classNames.length} classes, but ${names.length} names are given; give one name a class.`);
  }
  if (names.includes('')) throw new LabError('data', 'A class name is empty; give every class a name.');
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw new LabError('data', `The class name “${repeated}” is used twice; names must differ.`);
  return { ...dataset, classNames: names };
}

function listed(names: readonly string[]): string {
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`;
}
