/**
 * CIFAR-10 and CIFAR-100 in their binary version (A. Krizhevsky): records of one label (CIFAR-100: a coarse, then a fine one) and 32 × 32 pixels in three
 * planes, red first. Names of the classes come from the files beside them or are CIFAR-10's own.
 */
import type { Find, Given, Note, Part, Question } from './contract.ts';
import { Flow, whole } from './given.ts';
import { chooser, countsOf, labelled, partWords } from './labels.ts';
import { fault } from './limits.ts';
import { image3 } from './npz.ts';
import { base, compareNames, counted, partOfFile } from './paths.ts';

const PIXELS = 3072;
const TEN = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const LAYOUT = { height: 32, width: 32, channels: 3, planes: true };

/** Whether a file is a whole number of records by its size, and is named as binaries are. */
export const isCifar = ({ path, size }: Given): boolean => path.toLowerCase().endsWith('.bin') && size > 0 && (size % (1 + PIXELS) === 0 || size % (2 + PIXELS) === 0);

/** `files`: the binaries; `beside`: text files that may name the classes. Throws LabError('data'). */
export async function findCifar(files: readonly Given[], beside: readonly Given[], name: string | null): Promise<Find> {
  const batches = [...files].sort((a, b) => (files.some(({ sequential }) => sequential) ? 0 : compareNames(a.path, b.path)));
  // A file of both record lengths (3073 × 3074 bytes or a multiple) is CIFAR-100 only by its name.
  const hundred = batches.every(({ size }) => size % (2 + PIXELS) === 0) && !batches.every(({ path, size }) => size % (1 + PIXELS) === 0 && !/^(train|test)\.bin$/i.test(base(path)));
  const labelBytes = hundred ? 2 : 1;
  const odd = batches.find(({ size }) => size % (labelBytes + PIXELS) !== 0);
  if (odd) throw fault(`${base(odd.path)} (${odd.size} bytes) is no whole number of records as ${base(batches[0]!.path)} has; give the files of CIFAR-10 or of CIFAR-100.`);
  const named = {
    fine: await namesIn(beside, hundred ? /fine_label_names\.txt$/i : /batches\.meta\.txt$/i) ?? (hundred ? null : TEN),
    coarse: hundred ? await namesIn(beside, /coarse_label_names\.txt$/i) : null,
  };
  const bytes: number[][] = Array.from({ length: labelBytes }, () => []);
  const parts: (Part | null)[] = [];
  for (const batch of batches) {
    const part = partOfFile(batch.path) ?? (/^data_batch/i.test(base(batch.path)) ? 'train' : null);
    const flow = new Flow(batch.stream(), base(batch.path));
    for (let left = batch.size; left > 0; left -= labelBytes + PIXELS) {
      const head = await flow.take(labelBytes);
      await flow.skip(PIXELS);
      head.forEach((label, i) => bytes[i]!.push(label));
      parts.push(part);
      const most = hundred ? [20, 100] : [10];
      const wrong = head.findIndex((label, i) => label >= most[i]!);
      if (wrong >= 0) throw fault(`${base(batch.path)} holds the label ${head[wrong]!} in record ${(batch.size - left) / (labelBytes + PIXELS) + 1}; CIFAR-${hundred ? 100 : 10} has labels below ${most[wrong]!}: is it another format?`);
    }
  }
  const material: Material = { batches, hundred, named, bytes, parts, name: name ?? (hundred ? 'cifar-100' : 'cifar-10') };
  return build(material, {});
}

interface Material {
  batches: Given[];
  hundred: boolean;
  named: { fine: string[] | null; coarse: string[] | null };
  /** Label bytes of each record: [coarse, fine] or [label], each [N]. */
  bytes: number[][];
  parts: (Part | null)[];
  name: string;
}

function build(material: Material, answers: Record<string, string>): Find {
  const { batches, hundred, named, bytes, parts, name } = material;
  const coarse = hundred && answers['labels'] === 'coarse';
  const questions: Question[] = hundred ? [{
    id: 'labels', text: 'Which labels are to be learned?', default: 'fine', options: [{ value: 'fine', label: '100 fine classes' }, { value: 'coarse', label: '20 coarse classes' }],
  }] : [];
  const names = coarse ? named.coarse : named.fine;
  const { classNames, labels } = labelled(bytes[hundred && !coarse ? 1 : 0]!, name, names ?? undefined);
  const counts = countsOf(labels, classNames.length, parts);
  const notes: Note[] = names ? [] : [{ text: 'The file that names the classes was not given: they are numbers.', count: 0, examples: [] }];
  const length = bytes.length + PIXELS;
  return {
    format: 'cifar', name, classNames, counts, notes, questions, licence: '',
    words: `${counted(labels.length, 'image')} of 32 × 32 in colour in ${counted(batches.length, 'binary file')} of CIFAR-${hundred ? 100 : 10}${partWords(counts)}.`,
    answered: (given) => Promise.resolve(build(material, given)),
    async *images({ signal, ...ask }) {
      const chosen = chooser(counts.byClass, ask);
      let row = 0;
      for (const batch of batches) {
        const flow = new Flow(batch.stream(), base(batch.path));
        for (let left = batch.size; left > 0; left -= length, row++) {
          const label = labels[row]!;
          if (!chosen(label)) {
            await flow.skip(length);
            continue;
          }
          signal?.throwIfAborted();
          yield { ...image3((await flow.take(length)).subarray(bytes.length), LAYOUT), label, part: parts[row]! };
        }
        await flow.close();
      }
    },
  };
}

/** Lines of the file that names classes. */
async function namesIn(beside: readonly Given[], pattern: RegExp): Promise<string[] | null> {
  const file = beside.find(({ path, size }) => pattern.test(path) && size < 65536);
  if (!file) return null;
  const names = new TextDecoder().decode(await whole(file)).split('\n').map((line) => line.trim()).filter((line) => line !== '');
  return names.length > 1 ? names : null;
}
