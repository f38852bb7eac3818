/**
 * Arrays of NumPy as images and labels: `.npz` (a zip of `.npy`), or `.npy` files beside each other. Which array is what is told by its name (x, images,
 * data; y, labels, targets), its shape and its length; x_train and x_test are parts of one. What stays unclear is asked.
 */
import type { Find, Format, Given, Note, Part, Question, RawImage } from './contract.ts';
import { chooser, countsOf, labelled, partWords } from './labels.ts';
import { fault, MAX_PIXELS, MAX_SIDE } from './limits.ts';
import { npyHeader, npyRows, npyValues, rowLength, type NpyArray } from './npy.ts';
import { compareNames, counted, partNamed } from './paths.ts';
import { Range, scalingOf } from './range.ts';

const IMAGE_WORDS = new Set(['x', 'images', 'image', 'imgs', 'img', 'data', 'pixels', 'inputs', 'samples', 'xs']);
const LABEL_WORDS = new Set(['y', 'labels', 'label', 'targets', 'target', 'classes', 'class', 'ys']);

/** Arrays of one meaning: `x_train` and `x_test` are the parts of `x`. */
interface Stem {
  name: string;
  words: string[];
  arrays: Map<Part | null, NpyArray>;
}

/** How the values of one item are laid out; `planes`: channels come first. */
interface Layout {
  height: number;
  width: number;
  channels: number;
  planes: boolean;
}

/** `files` are .npy, alone or in an npz. Throws LabError('data'). */
export async function findArrays(files: readonly Given[], format: Format & ('npy' | 'npz'), name: string): Promise<Find> {
  const notes: Note[] = [];
  const arrays: NpyArray[] = [];
  let refused: unknown = null;
  for (const file of files) {
    try {
      arrays.push(await npyHeader(file, file.path.replace(/\.npy$/i, '')));
    } catch (error) {
      // One array that cannot be read (objects, say) leaves the others as they are.
      refused ??= error;
      notes.push({ text: error instanceof Error ? error.message : String(error), count: 0, examples: [file.path] });
    }
  }
  const stems = stemsOf(arrays);
  const images = stems.filter(({ arrays: all }) => [...all.values()].every(imageLike));
  if (images.length === 0) {
    if (refused !== null && arrays.every((array) => !imageLike(array))) throw refused;
    throw fault(`${name} holds no array of images: one of count × height × width, with or without channels, is needed; there ${arrays.length === 1 ? 'is' : 'are'} ${arrays.map(({ name: array, shape }) => `${array} (${shape.join(' × ') || 'one value'})`).slice(0, 6).join(', ') || 'none'}.`);
  }
  return build({ stems, images, format, name, notes }, {});
}

interface Material {
  stems: Stem[];
  images: Stem[];
  format: Format;
  name: string;
  notes: Note[];
}

async function build(material: Material, answers: Record<string, string>): Promise<Find> {
  const { stems, format } = material;
  const notes = [...material.notes];
  const questions: Question[] = [];
  const image = choose(material.images, IMAGE_WORDS, { id: 'images', text: 'Which array holds the images?' }, answers, questions);
  const name = format === 'npy' ? image.name : material.name;
  const candidates = stems.filter((stem) => stem !== image && [...stem.arrays.values()].every(labelLike)
    && [...image.arrays].some(([part, { shape }]) => stem.arrays.get(part)?.shape[0] === shape[0]));
  if (candidates.length === 0) throw noLabels(image, stems);
  const label = choose(candidates, LABEL_WORDS, { id: 'labels', text: 'Which array holds the labels?' }, answers, questions);

  const pairs: { part: Part | null; pixels: NpyArray; labels: NpyArray }[] = [];
  for (const [part, pixels] of image.arrays) {
    const labels = label.arrays.get(part);
    if (!labels) notes.push({ text: `${pixels.name} has no labels and was left out.`, count: pixels.shape[0]!, examples: [pixels.name] });
    else if (labels.shape[0] !== pixels.shape[0]) {
      throw fault(`${pixels.name} holds ${counted(pixels.shape[0]!, 'image')}, but ${labels.name} holds ${counted(labels.shape[0]!, 'label')}; the two do not belong together.`);
    } else pairs.push({ part, pixels, labels });
  }
  const layout = layoutOf(pairs.map(({ pixels }) => pixels), answers, questions, notes);

  const values: (number | string)[] = [];
  for (const { labels } of pairs) {
    const row = rowLength(labels);
    for (const value of row === 1 ? await npyValues(labels) : oneHot(labels, await npyValues(labels), row)) values.push(value);
  }
  const { classNames, labels } = labelled(values, label.name);
  const range = new Range();
  for (const { pixels } of pairs) for await (const row of npyRows(pixels)) if (row) range.add(row);
  const scaling = scalingOf(range);
  if (scaling.note) notes.push(scaling.note);
  const starts = pairs.map((_, i) => pairs.slice(0, i).reduce((sum, { pixels }) => sum + pixels.shape[0]!, 0));
  const partOf = (row: number): Part | null => pairs[starts.findLastIndex((start) => start <= row)]!.part;
  const counts = countsOf(labels, classNames.length, partOf);

  return {
    format, name, classNames, counts, notes, questions, licence: '',
    words: `${counted(labels.length, 'image')} of ${layout.height} × ${layout.width}${layout.channels > 1 ? ` × ${layout.channels}` : ''} in ${pairs.length === 1 ? 'an array' : 'arrays'} of NumPy, ${counted(classNames.length, 'class', 'classes')}${partWords(counts)}.`,
    answered: (given) => build(material, given),
    async *images({ leaveOut, signal, ...ask }) {
      const chosen = chooser(counts.byClass, ask);
      for (const [p, { part, pixels }] of pairs.entries()) {
        let row = 0;
        for await (const item of npyRows(pixels, (r) => chosen(labels[starts[p]! + r]!))) {
          if (item) {
            signal?.throwIfAborted();
            const scaled = scaling.pixels(item);
            if (scaled) yield { ...image3(scaled, layout), label: labels[starts[p]! + row]!, part };
            else leaveOut(`${pixels.name}[${row}]`, 'values that are not finite');
          }
          row++;
        }
      }
    },
  };
}

/** `x_train` → stem `x`, part train. Two arrays that would be the same part of a stem keep their own names. */
function stemsOf(arrays: readonly NpyArray[]): Stem[] {
  const stems = new Map<string, Stem>();
  for (const array of arrays) {
    const words = array.name.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== '');
    const parts = words.map(partNamed).filter((part) => part !== null);
    const part = parts.length === 1 ? parts[0]! : null;
    const rest = part === null ? words : words.filter((word) => partNamed(word) === null);
    let key = rest.join('_');
    if (stems.get(key)?.arrays.has(part)) key = array.name;
    const stem = stems.get(key) ?? { name: part === null ? array.name : key || array.name, words: rest, arrays: new Map<Part | null, NpyArray>() };
    stem.arrays.set(part, array);
    stems.set(key, stem);
  }
  return [...stems.values()];
}

/** The one whose name says so; asked when several or none do. */
function choose(stems: readonly Stem[], words: ReadonlySet<string>, question: Pick<Question, 'id' | 'text'>, answers: Record<string, string>, questions: Question[]): Stem {
  const named = stems.filter((stem) => stem.words.some((word) => words.has(word)));
  const likely = named.length > 0 ? named : [...stems];
  const first = [...likely].sort((a, b) => values(b) - values(a) || compareNames(a.name, b.name))[0]!;
  if (likely.length > 1) {
    questions.push({ ...question, default: first.name, options: likely.map((stem) => ({ value: stem.name, label: `${stem.name} (${[...stem.arrays.values()].map(({ shape }) => shape.join(' × ')).join(', ')})` })) });
  }
  return likely.find((stem) => stem.name === answers[question.id]) ?? first;
}

const values = (stem: Stem): number => [...stem.arrays.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

const numeric = ({ kind }: NpyArray): boolean => kind !== 'U' && kind !== 'S';

function imageLike(array: NpyArray): boolean {
  const { shape } = array;
  if (!numeric(array) || shape.some((side) => side === 0) || rowLength(array) > 4 * MAX_PIXELS) return false;
  if (shape.length === 4) return channelsLast(shape) || channelsFirst(shape);
  if (shape.length === 3) return shape[1]! <= MAX_SIDE && shape[2]! <= MAX_SIDE;
  return shape.length === 2 && flat(shape[1]!) !== null && shape[1]! >= 4;
}

/** [N], [N, 1], or one-hot [N, K] by a name that says so. */
function labelLike(array: NpyArray): boolean {
  const { shape, kind } = array;
  if (shape.some((side) => side === 0)) return false;
  if (shape.length === 1 || (shape.length === 2 && shape[1] === 1)) return true;
  return shape.length === 2 && kind !== 'U' && kind !== 'S' && array.name.toLowerCase().split(/[^a-z0-9]+/).some((word) => LABEL_WORDS.has(word));
}

const few = (channels: number): boolean => channels >= 1 && channels <= 4;
const channelsLast = ([, height = 0, width = 0, channels = 0]: readonly number[]): boolean => few(channels) && height <= MAX_SIDE && width <= MAX_SIDE;
const channelsFirst = ([, channels = 0, height = 0, width = 0]: readonly number[]): boolean => few(channels) && height <= MAX_SIDE && width <= MAX_SIDE;

/** Sides of a flattened square image, grey or of three channels; null for other lengths. */
export function flat(length: number): { side: number; channels: 1 | 3 } | null {
  const side = Math.round(Math.sqrt(length));
  if (side * side === length) return { side, channels: 1 };
  const third = Math.round(Math.sqrt(length / 3));
  return 3 * third * third === length ? { side: third, channels: 3 } : null;
}

function layoutOf(arrays: readonly NpyArray[], answers: Record<string, string>, questions: Question[], notes: Note[]): Layout {
  const shape = arrays[0]!.shape;
  for (const array of arrays) {
    if (array.shape.slice(1).join() !== shape.slice(1).join()) {
      throw fault(`${arrays[0]!.name} holds items of ${shape.slice(1).join(' × ')}, but ${array.name} of ${array.shape.slice(1).join(' × ')}; the parts must have one size.`);
    }
  }
  const ask = (planes: string, mixed: string, standard: 'first' | 'last'): boolean => {
    questions.push({ id: 'channels', text: 'How are the channels laid out?', default: standard, options: [{ value: 'last', label: mixed }, { value: 'first', label: planes }] });
    return ['first', 'last'].includes(answers['channels'] ?? '') ? answers['channels'] === 'first' : standard === 'first';
  };
  const [, a = 1, b = 1, c = 1] = shape;
  if (shape.length === 3) return { height: a, width: b, channels: 1, planes: false };
  if (shape.length === 4) {
    const planes = channelsFirst(shape) && channelsLast(shape) && a !== 1 && c !== 1
      ? ask(`Channels first (${a} channels of ${b} × ${c})`, `Channels last (${a} × ${b} with ${c} channels)`, a === 3 && c !== 3 ? 'first' : 'last')
      : !channelsLast(shape) || (channelsFirst(shape) && a === 1 && c !== 1);
    if (planes && a > 1) notes.push({ text: `Channels come first (${a} × ${b} × ${c}).`, count: 0, examples: [] });
    return planes ? { channels: a, height: b, width: c, planes } : { height: a, width: b, channels: c, planes };
  }
  const { side, channels } = flat(a)!;
  const planes = channels === 3 && ask(`Three planes of ${side} × ${side}, red first`, `${side} × ${side} pixels of three values`, 'first');
  return { height: side, width: side, channels, planes };
}

/** Pixels of one item as [H, W, C]. */
export function image3(values: Uint8Array | Float32Array, { height, width, channels, planes }: Layout): Omit<RawImage, 'label' | 'part'> {
  if (!planes || channels === 1) return { pixels: values, height, width, channels };
  const pixels = values instanceof Uint8Array ? new Uint8Array(values.length) : new Float32Array(values.length);
  const plane = height * width;
  for (let c = 0; c < channels; c++) for (let i = 0; i < plane; i++) pixels[i * channels + c] = values[c * plane + i]!;
  return { pixels, height, width, channels };
}

/** Rows of one-hot labels as numbers. */
function oneHot(array: NpyArray, values: readonly (number | string)[], classes: number): number[] {
  const out: number[] = [];
  for (let at = 0; at < values.length; at += classes) {
    let label = -1;
    for (let k = 0; k < classes; k++) {
      if (values[at + k] === 0) continue;
      if (values[at + k] !== 1 || label >= 0) throw fault(`${array.name} (${array.shape.join(' × ')}) is not one-hot: row ${at / classes + 1} does not hold a single 1; give one label an image.`);
      label = k;
    }
    if (label < 0) throw fault(`${array.name} (${array.shape.join(' × ')}) is not one-hot: row ${at / classes + 1} does not hold a single 1; give one label an image.`);
    out.push(label);
  }
  return out;
}

function noLabels(image: Stem, stems: readonly Stem[]) {
  const [array] = [...image.arrays.values()];
  const near = stems.filter((stem) => stem !== image && [...stem.arrays.values()].every(labelLike)).flatMap((stem) => [...stem.arrays.values()]);
  return near.length === 0
    ? fault(`${array!.name} holds ${counted(array!.shape[0]!, 'image')}, but there is no array of labels beside it; add one with a label for each image.`)
    : fault(`${array!.name} holds ${counted(array!.shape[0]!, 'image')}, but ${near.map(({ name, shape }) => `${name} holds ${counted(shape[0]!, 'label')}`).slice(0, 4).join(' and ')}; the two do not belong together.`);
}
