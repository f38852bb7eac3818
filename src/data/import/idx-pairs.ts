/** IDX files as they are given for MNIST and its kin: one pair of images and labels, or a pair to train and one to test on. `../idx.ts` reads a pair. */
import type { Dataset } from '../dataset.ts';
import { readIdxPair, stem } from '../idx.ts';
import type { Find, Given, Part } from './contract.ts';
import { whole } from './given.ts';
import { chooser, countsOf, labelled, partWords } from './labels.ts';
import { fault, mib, MIB } from './limits.ts';
import { base, counted, partOfFile } from './paths.ts';

const MAX_FILE = 1024 * MIB;

/** Throws what `readIdxPair` throws. Both files of a pair are held whole. */
export async function findIdx(files: readonly Given[], name: string | null): Promise<Find> {
  const groups = new Map<Part | null, Given[]>();
  for (const file of files) {
    if (file.size > MAX_FILE) throw fault(`${base(file.path)} takes ${mib(file.size)}; at most ${mib(MAX_FILE)} can be read.`);
    const part = files.length > 2 ? partOfFile(file.path) : null;
    groups.set(part, [...(groups.get(part) ?? []), file]);
  }
  const pairs: { part: Part | null; data: Dataset }[] = [];
  for (const [part, pair] of groups) {
    pairs.push({ part, data: await readIdxPair(await Promise.all(pair.map(async (file) => ({ name: base(file.path), bytes: await whole(file) })))) });
  }
  const values: number[] = [];
  for (const { data } of pairs) for (let i = 0; i < data.count; i++) values.push(Number(data.classNames[data.labels[i]!]!));
  const title = name ?? stem(pairs[0]!.data.name);
  const { classNames, labels } = labelled(values, title);
  const starts = pairs.map((_, i) => pairs.slice(0, i).reduce((sum, { data }) => sum + data.count, 0));
  const counts = countsOf(labels, classNames.length, (row) => pairs[starts.findLastIndex((start) => start <= row)]!.part);
  const find: Find = {
    format: 'idx', name: title, classNames, counts, notes: [], questions: [], licence: '',
    words: `${counted(labels.length, 'image')} in IDX files, ${counted(classNames.length, 'class', 'classes')}${partWords(counts)}.`,
    answered: () => Promise.resolve(find),
    async *images({ signal, ...ask }) {
      const chosen = chooser(counts.byClass, ask);
      for (const [p, { part, data }] of pairs.entries()) {
        const size = data.height * data.width * data.channels;
        for (let i = 0; i < data.count; i++) {
          const label = labels[starts[p]! + i]!;
          if (!chosen(label)) continue;
          signal?.throwIfAborted();
          yield { pixels: data.images.subarray(i * size, (i + 1) * size), height: data.height, width: data.width, channels: data.channels, label, part };
        }
      }
    },
  };
  return find;
}
