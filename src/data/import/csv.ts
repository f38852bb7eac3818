/**
 * Images in CSV tables: a row an image, a column a label, the others pixels in rows from the top left (a square, grey or of three planes), or one column of
 * pixels with spaces between. With a header or without. Read as a stream, twice: for labels and range, then for images.
 */
import Papa from 'papaparse';
import type { Find, Given, Note, Part, Question } from './contract.ts';
import { Flow } from './given.ts';
import { chooser, countsOf, labelled, partWords } from './labels.ts';
import { fault, mib, MIB } from './limits.ts';
import { flat, image3 } from './npz.ts';
import { base, counted, partNamed, partOfFile } from './paths.ts';
import { Range, scalingOf } from './range.ts';

const LABEL_WORDS = /^(label|labels|class|classes|target|y|category|emotion|digit|letter)$/i;
const PART_WORDS = /^(split|usage|part|set|subset)$/i;
const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/;
const PIECE = 256 * 1024;
/** A row at most: pixels of a large image in colour. */
const MAX_ROW = 8 * MIB;
const MAX_COLUMNS = 1_000_000;

interface Layout {
  delimiter: string;
  header: boolean;
  columns: number;
  label: number;
  /** Column of the split, or −1. */
  part: number;
  /** Columns of pixels, or the one of pixels with spaces between. */
  pixels: number[];
  spaced: boolean;
  questions: Question[];
}

type Row = { label: string; part: Part | null; values: Float64Array } | { reason: string };

/** Throws LabError('data'). Several files are parts of one table. */
export async function findCsv(files: readonly Given[], name: string): Promise<Find> {
  return build(files, name, {});
}

async function build(files: readonly Given[], name: string, answers: Record<string, string>): Promise<Find> {
  const layout = await layoutOf(files[0]!, answers);
  const texts: string[] = [];
  const parts: (Part | null)[] = [];
  const range = new Range();
  const reasons = new Map<string, { count: number; examples: string[] }>();
  let pixels = layout.spaced ? 0 : layout.pixels.length;
  for (const file of files) {
    for await (const { row, number } of rowsOf(file, layout)) {
      if (!('reason' in row) && pixels === 0) pixels = row.values.length;
      const reason = 'reason' in row ? row.reason : row.values.length === pixels ? null : 'another number of pixels than the first';
      if (reason !== null) {
        const entry = reasons.get(reason) ?? { count: 0, examples: [] };
        entry.count++;
        if (entry.examples.length < 5) entry.examples.push(`${base(file.path)} row ${number}`);
        reasons.set(reason, entry);
      } else if (!('reason' in row)) {
        texts.push(row.label);
        parts.push(row.part ?? partOfFile(file.path));
        range.add(row.values);
      }
    }
  }
  const shape = flat(pixels);
  if (texts.length === 0 || !shape) {
    const [first] = [...reasons];
    throw fault(`${base(files[0]!.path)} holds no images in rows${first ? `: of ${counted(first[1].count, 'row')} it is said “${first[0]}”` : ''}; a label and the pixels of a square image in each row can be read.`);
  }
  const questions = [...layout.questions];
  const planes = shape.channels === 3 && answers['channels'] !== 'last';
  if (shape.channels === 3) {
    questions.push({ id: 'channels', text: 'How are the channels laid out?', default: 'first', options: [
      { value: 'first', label: `Three planes of ${shape.side} × ${shape.side}, red first` }, { value: 'last', label: `${shape.side} × ${shape.side} pixels of three values` }] });
  }
  const numbered = texts.every((text) => NUMBER.test(text));
  const { classNames, labels } = labelled(numbered ? texts.map(Number) : texts, `The column of labels of ${base(files[0]!.path)}`);
  const scaling = scalingOf(range);
  const notes: Note[] = [...reasons].map(([reason, entry]) => ({ text: `${counted(entry.count, 'row was', 'rows were')} left out: ${reason}.`, ...entry }));
  if (scaling.note) notes.push(scaling.note);
  const complete = parts.every((part) => part !== null);
  const counts = countsOf(labels, classNames.length, complete ? parts : () => null);
  return {
    format: 'csv', name, classNames, counts, notes, questions, licence: '',
    words: `${counted(labels.length, 'image')} of ${shape.side} × ${shape.side}${shape.channels === 3 ? ' in colour' : ''} in ${counted(files.length, 'CSV table')}, ${counted(classNames.length, 'class', 'classes')}${partWords(counts)}.`,
    answered: (given) => build(files, name, given),
    async *images({ signal, ...ask }) {
      const chosen = chooser(counts.byClass, ask);
      let at = 0;
      for (const file of files) {
        for await (const { row } of rowsOf(file, layout)) {
          if ('reason' in row || row.values.length !== pixels) continue;
          const i = at++;
          if (!chosen(labels[i]!)) continue;
          signal?.throwIfAborted();
          yield { ...image3(scaling.pixels(row.values)!, { height: shape.side, width: shape.side, channels: shape.channels, planes }), label: labels[i]!, part: complete ? parts[i]! : null };
        }
      }
    },
  };
}

/** What the first rows say of the table. */
async function layoutOf(file: Given, answers: Record<string, string>): Promise<Layout> {
  const name = base(file.path);
  const text = new TextDecoder().decode(await file.slice(0, Math.min(file.size, MAX_ROW))).replace(/^\uFEFF/, '');
  const { data, meta } = Papa.parse<string[]>(text, { preview: 3, skipEmptyLines: 'greedy' });
  const [first, second] = data;
  if (!first || first.length > MAX_COLUMNS) throw fault(`${name} holds no table of images: ${first ? 'its rows are too long' : 'it has no rows'}.`);
  const columns = first.length;
  const numbers = first.filter((cell) => NUMBER.test(cell)).length;
  const header = second !== undefined && numbers < columns - 1 && second.filter((cell) => NUMBER.test(cell)).length >= numbers && !first.some(isSpaced);
  const sample = header ? second : first;
  const base_ = { delimiter: meta.delimiter, header, columns };
  const titles = header ? first.map((cell) => cell.trim()) : first.map(() => '');
  const part = titles.findIndex((title) => PART_WORDS.test(title));
  const questions: Question[] = [];
  const spaced = sample.findIndex(isSpaced);
  let label = titles.findIndex((title) => LABEL_WORDS.test(title));
  if (label < 0) {
    const standard = spaced >= 0 ? (spaced === 0 ? 1 : 0) : sample.findIndex((cell) => !NUMBER.test(cell));
    const choices = [0, columns - 1].filter((column) => column !== spaced && column !== part);
    label = standard >= 0 && standard < columns && spaced >= 0 ? standard : choices.includes(standard) ? standard : choices[0] ?? 0;
    if (choices.length > 1 && spaced < 0) {
      questions.push({ id: 'labels', text: 'Which column holds the labels?', default: String(label), options: choices.map((column) => ({ value: String(column), label: titles[column] || (column === 0 ? 'The first' : 'The last') })) });
    }
    if (choices.map(String).includes(answers['labels'] ?? '')) label = Number(answers['labels']);
  }
  if (spaced >= 0) return { ...base_, label, part, pixels: [spaced], spaced: true, questions };
  const rest = first.map((_, i) => i).filter((i) => i !== label && i !== part);
  const numbered = rest.filter((i) => /\d/.test(titles[i]!));
  const pixels = [rest, numbered, rest.filter((i) => !/^(id|index|)$/i.test(titles[i]!))].find((list) => list.length >= 4 && flat(list.length) !== null);
  if (!pixels) throw fault(`${name} has ${counted(columns, 'column')}; beside the label, as many pixels as a square image has are needed (784 for 28 × 28).`);
  return { ...base_, label, part, pixels, spaced: false, questions };
}

const isSpaced = (cell: string): boolean => /^\s*\d+(\.\d+)?(\s+\d+(\.\d+)?){3}/.test(cell.slice(0, 200));

/** Rows of a table in order, by number from 1, the header not counted. Empty lines are passed over. */
async function* rowsOf(file: Given, layout: Layout): AsyncGenerator<{ row: Row; number: number }, void> {
  const flow = new Flow(file.stream(), file.path);
  const decoder = new TextDecoder();
  let text = '';
  let number = layout.header ? -1 : 0;
  try {
    for (let last = false; !last;) {
      const bytes = new Uint8Array(PIECE);
      const got = await flow.takeInto(bytes);
      last = got < PIECE;
      text += decoder.decode(bytes.subarray(0, got), { stream: !last });
      const parser = new Papa.Parser({ delimiter: layout.delimiter });
      const { data, meta } = parser.parse(text, 0, !last) as { data: string[][]; meta: { cursor: number } };
      text = text.slice(meta.cursor);
      if (text.length > MAX_ROW) throw fault(`${base(file.path)} has a row of more than ${mib(MAX_ROW)} (a quotation mark that is not closed?); correct the table.`);
      for (const cells of data) {
        if (cells.length === 1 && cells[0]!.trim() === '') continue;
        number++;
        if (number > 0) yield { row: rowOf(cells, layout), number };
      }
    }
  } finally {
    await flow.close();
  }
}

function rowOf(cells: readonly string[], { columns, label, part, pixels, spaced }: Layout): Row {
  if (cells.length !== columns) return { reason: 'another number of columns than the first' };
  const name = cells[label]!.trim();
  if (name === '') return { reason: 'no label' };
  const words = spaced ? cells[pixels[0]!]!.trim().split(/\s+/) : null;
  const values = new Float64Array(words ? words.length : pixels.length);
  for (let i = 0; i < values.length; i++) {
    const cell = words ? words[i]! : cells[pixels[i]!]!;
    values[i] = NUMBER.test(cell) ? Number(cell) : NaN;
    if (!Number.isFinite(values[i])) return { reason: 'a pixel that is no number' };
  }
  return { label: name.slice(0, 200), part: part < 0 ? null : partNamed(cells[part]!.trim()), values };
}
