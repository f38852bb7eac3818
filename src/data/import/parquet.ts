/**
 * Images in Parquet files as the Hugging Face Hub keeps them: a column of encoded images ({bytes, path}, or bytes) and one of labels, whose names are in the
 * file's `huggingface` metadata. Row groups are read one at a time, of them only the two columns; the file may be on another machine.
 */
import type { Ask, Find, Given, Note, Part, Question } from './contract.ts';
import { decoded } from './folder.ts';
import { bytesGiven, whole } from './given.ts';
import { chooser, countsOf, labelled, partWords } from './labels.ts';
import { fault, MAX_IMAGE_BYTES, mib, room } from './limits.ts';
import { column, featuresOf, type Group, type Leaf, openTable, type ParquetSource, type Table } from './parquet-table.ts';
import { base, counted, partOfFile } from './paths.ts';

export interface ParquetOptions {
  /** Proposed name of the data. */
  name: string;
  licence?: string;
  /** Rows at most, of row groups spread evenly over the files; 0 or absent: all. Others are not read, not even their labels. */
  rows?: number;
}

/** A preview looks into so many row groups at most, more only where classes are missing. */
const PREVIEW_GROUPS = 8;
const LABEL_WORDS = /^(label|labels|target|class|category|fine_label|y)$/i;

/** Parquet files of a visitor's own; inside a compressed archive they are unpacked first. */
export async function findParquet(files: readonly Given[], name: string): Promise<Find> {
  const sources: ParquetSource[] = [];
  for (const file of files) {
    if (file.packed) room(file.size, `Unpacking ${base(file.path)}`, 'unpack the archive and give the file');
    const { path, size, slice } = file.packed ? bytesGiven(file.path, await whole(file)) : file;
    sources.push({ name: base(path), part: partOfFile(path), byteLength: size, slice });
  }
  return findParquetIn(sources, { name });
}

/** Throws LabError('data'); whatever the sources' slices throw passes through. */
export async function findParquetIn(sources: readonly ParquetSource[], options: ParquetOptions): Promise<Find> {
  const tables: Table[] = [];
  for (const source of sources) tables.push(await openTable(source));
  const [first] = tables;
  if (!first) throw fault('There is no Parquet file to read; give one with a column of images and one of labels.');
  const other = tables.find(({ leaves }) => leaves.map(({ column }) => column).join() !== first.leaves.map(({ column }) => column).join());
  if (other) throw fault(`${other.source.name} has other columns than ${first.source.name}; give files of one table.`);
  return build({ tables, groups: chosenGroups(tables, options.rows ?? 0), options }, {});
}

interface Material {
  tables: Table[];
  groups: Group[];
  options: ParquetOptions;
}

async function build(material: Material, answers: Record<string, string>): Promise<Find> {
  const { tables, groups, options } = material;
  const { leaves, source, metadata } = tables[0]!;
  const features = featuresOf(metadata);
  const questions: Question[] = [];
  const notes: Note[] = [];
  const pictures = leaves.filter((leaf) => leaf.type === 'BYTE_ARRAY' && !leaf.text && (features.images.size === 0 || features.images.has(leaf.column)));
  const named = leaves.filter((leaf) => features.names.has(leaf.column));
  const possible = leaves.filter((leaf) => ['INT32', 'INT64', 'BOOLEAN'].includes(leaf.type) || leaf.text);
  const spoken = possible.filter(({ column }) => LABEL_WORDS.test(column));
  const columns = leaves.map(({ column }) => column).slice(0, 8).join(', ');
  if (pictures.length === 0) throw fault(`${source.name} has no column of images (its columns are ${columns}); image files as bytes are needed.`);
  const candidates = named.length > 0 ? named : spoken.length > 0 ? spoken : possible;
  if (candidates.length === 0) throw fault(`${source.name} has no column of labels (its columns are ${columns}); whole numbers or words are needed.`);
  const picture = pick('images', 'Which column holds the images?', pictures, answers, questions);
  const label = pick('labels', 'Which column holds the labels?', candidates, answers, questions);

  const taken = groups.reduce((sum, { rows }) => sum + rows, 0);
  const all = tables.reduce((sum, table) => sum + table.metadata.row_groups.reduce((rows, group) => rows + Number(group.num_rows), 0), 0);
  const limit = options.rows && options.rows < taken ? options.rows : taken;
  if (limit < all) notes.push({ text: `Of ${counted(all, 'row')} ${limit.toLocaleString('en')} are read, spread over the files.`, count: 0, examples: [] });

  const values: (number | string)[] = [];
  /** Row of `values`, or −1 where a label is missing. */
  const rowOf = new Int32Array(limit).fill(-1);
  const parts: (Part | null)[] = [];
  const text = new TextDecoder();
  let row = 0;
  for (const group of groups) {
    for await (const cell of column(group, label)) {
      if (row === limit) break;
      const missing = cell === null || (label.type.startsWith('INT') && cell === -1 && features.names.has(label.column));
      if (!missing) {
        rowOf[row] = values.length;
        values.push(typeof cell === 'number' ? cell : text.decode(cell));
        parts.push(group.table.source.part);
      }
      row++;
    }
  }
  if (limit > values.length) notes.push({ text: `${counted(limit - values.length, 'row has', 'rows have')} no label and ${limit - values.length === 1 ? 'was' : 'were'} left out.`, count: limit - values.length, examples: [] });
  const { classNames, labels } = labelled(values, `The column “${label.column}” of ${source.name}`, features.names.get(label.column));
  const counts = countsOf(labels, classNames.length, parts);
  const labelOf = (at: number): number => (rowOf[at]! < 0 ? -1 : labels[rowOf[at]!]!);

  return {
    format: 'parquet', name: options.name, classNames, counts, notes, questions, licence: options.licence ?? '',
    words: `${counted(labels.length, 'image')} in ${counted(tables.length, 'Parquet file')}, ${counted(classNames.length, 'class', 'classes')}${partWords(counts)}.`,
    answered: (given) => build(material, given),
    async *images({ decode, leaveOut, signal, ...ask }) {
      const wanted = plan(groups, limit, labelOf, counts.byClass, ask);
      let start = 0;
      for (const [g, group] of groups.entries()) {
        let at = start;
        start += group.rows;
        if (!wanted.groups[g]) continue;
        for await (const cell of column(group, picture)) {
          signal?.throwIfAborted();
          const now = at++;
          if (now >= limit) break;
          if (!wanted.rows[now]) continue;
          const name = `${group.table.source.name} row ${now + 1}`;
          if (!(cell instanceof Uint8Array) || cell.length > MAX_IMAGE_BYTES) {
            leaveOut(name, cell === null ? 'missing' : `larger than ${mib(MAX_IMAGE_BYTES)}`);
            continue;
          }
          const raw = await decoded(name, () => Promise.resolve(new Uint8Array(cell)), decode, leaveOut);
          if (raw) yield { ...raw, label: labelOf(now), part: group.table.source.part };
        }
      }
    },
  };
}

function pick(id: string, text: string, leaves: readonly Leaf[], answers: Record<string, string>, questions: Question[]): Leaf {
  if (leaves.length > 1) questions.push({ id, text, default: leaves[0]!.column, options: leaves.map(({ column }) => ({ value: column, label: column })) });
  return leaves.find(({ column }) => column === answers[id]) ?? leaves[0]!;
}

/** All row groups, or so many spread evenly that they hold `rows`. */
function chosenGroups(tables: readonly Table[], rows: number): Group[] {
  const all = tables.flatMap((table) => table.metadata.row_groups.map((group, index) => ({ table, index, rows: Number(group.num_rows) }))).filter((group) => group.rows > 0);
  const total = all.reduce((sum, group) => sum + group.rows, 0);
  if (rows <= 0 || rows >= total) return all;
  let count = Math.max(1, Math.ceil((rows / total) * all.length));
  for (;; count++) {
    const chosen = Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)]!);
    if (count >= all.length) return all;
    if (chosen.reduce((sum, group) => sum + group.rows, 0) >= rows) return chosen;
  }
}

/** Which rows are read and in which groups: for a preview of few rows, few groups, but all classes. */
function plan(groups: readonly Group[], limit: number, labelOf: (row: number) => number, byClass: readonly number[], ask: Pick<Ask, 'most' | 'keep'>): { groups: boolean[]; rows: Uint8Array } {
  const starts: number[] = [];
  let start = 0;
  for (const group of groups) {
    starts.push(start);
    start = Math.min(limit, start + group.rows);
  }
  const few = ask.most !== undefined && ask.most > 0 && ask.most <= 1000 && groups.length > PREVIEW_GROUPS;
  const open = groups.map((_, g) => !few || Math.floor(((g + 1) * PREVIEW_GROUPS) / groups.length) > Math.floor((g * PREVIEW_GROUPS) / groups.length));
  const within = byClass.map(() => 0);
  const count = (g: number): void => {
    for (let row = starts[g]!; row < (starts[g + 1] ?? limit); row++) if (labelOf(row) >= 0) within[labelOf(row)]!++;
  };
  groups.forEach((_, g) => { if (open[g]) count(g); });
  if (few) {
    groups.forEach((_, g) => {
      if (open[g]) return;
      for (let row = starts[g]!; row < (starts[g + 1] ?? limit); row++) {
        const label = labelOf(row);
        if (label < 0 || within[label]! > 0 || byClass[label] === 0) continue;
        open[g] = true;
        count(g);
        break;
      }
    });
  }
  const chosen = chooser(within, ask);
  const rows = new Uint8Array(limit);
  const used = groups.map(() => false);
  groups.forEach((_, g) => {
    if (!open[g]) return;
    for (let row = starts[g]!; row < (starts[g + 1] ?? limit); row++) {
      const label = labelOf(row);
      if (label < 0 || !chosen(label)) continue;
      rows[row] = 1;
      used[g] = true;
    }
  });
  return { groups: used, rows };
}
