/** Pairs of tasks that ask something of a prior, as a list: each says what it needs, and what choosing it does. */
import type { DatasetSummary } from '../../worker/protocol.ts';
import { KNOWN } from '../../data/hub/known.ts';
import { GLYPHS } from '../../experiment/config/config.ts';
import type { Edits } from '../settings/edit.ts';
import type { Role } from '../store.ts';
import { split } from './classes.ts';

/** What is there to ask about. */
export interface Situation {
  datasets: readonly DatasetSummary[];
  /** The data that each role has now. */
  chosen: Readonly<Record<Role, string>>;
}

/** What choosing a question does: settings change, or files are chosen for a role, to be made like the other role's data; or what is missing, in a sentence, and the role that it can be added for. */
export type Step =
  | { kind: 'settings'; edits: Edits }
  | { kind: 'import'; role: Role; edits: Edits }
  | { kind: 'missing'; role: Role; sentence: string };

export interface Question {
  id: string;
  title: string;
  about: string;
  ask(situation: Situation): Step;
}

const glyphs = (role: Role): Edits => ({ [`${role}.data`]: GLYPHS, [`${role}.classes`]: [] });

/** The data sets, those in use first. */
function inUse({ datasets, chosen }: Situation): DatasetSummary[] {
  const used = ({ name }: DatasetSummary) => (name === chosen.downstream ? 2 : name === chosen.source ? 1 : 0);
  return [...datasets].sort((a, b) => used(b) - used(a));
}

export const QUESTIONS: readonly Question[] = [
  {
    id: 'handwriting', title: 'Print → handwriting', about: 'Letters in print, then digits by hand. Built in; what the lab opens on.',
    ask: () => ({ kind: 'settings', edits: { ...glyphs('source'), ...glyphs('downstream') } }),
  },
  {
    id: 'own', title: 'Letters in print → your data', about: 'Do built-in letters help images of your own? They are made grey and of the letters’ size.',
    ask: (situation) => {
      const fits = inUse(situation).find(({ name, height, width, channels }) => name === situation.chosen.downstream && height === 28 && width === 28 && channels === 1);
      return fits ? { kind: 'settings', edits: { ...glyphs('source'), 'downstream.data': fits.name, 'downstream.classes': [] } } : { kind: 'import', role: 'downstream', edits: glyphs('source') };
    },
  },
  {
    id: 'halves', title: 'Your data → its other classes', about: 'Learn on the first half of the classes, fine-tune on the second.',
    ask: (situation) => {
      const set = inUse(situation).find(({ classNames }) => classNames.length >= 4);
      if (!set) return { kind: 'missing', role: 'source', sentence: 'Needs data of yours with at least four classes: add them first.' };
      const half = Math.ceil(set.classNames.length / 2);
      return { kind: 'settings', edits: split('source', set.name, set.classNames, set.classNames.slice(0, half)) };
    },
  },
  {
    id: 'letters-digits', title: 'Letters → digits of one set', about: 'From data with both, such as EMNIST by class.',
    ask: (situation) => {
      const named = (names: readonly string[], pattern: RegExp) => names.filter((name) => pattern.test(name));
      for (const { name, classNames } of inUse(situation)) {
        const letters = named(classNames, /^\p{L}$/u);
        const digits = named(classNames, /^\d$/);
        if (letters.length < 2 || digits.length < 2) continue;
        return { kind: 'settings', edits: { 'source.data': name, 'source.classes': letters, 'downstream.data': name, 'downstream.classes': digits } };
      }
      return { kind: 'missing', role: 'source', sentence: 'Needs data with classes named by letters and by digits: add them first.' };
    },
  },
  ...between('notmnist', 'notMNIST', 'MNIST', 'Letters in many typefaces, then digits by hand: a shift of content and of style.'),
  ...between('fashion', 'MNIST', 'Fashion-MNIST', 'Digits, then clothes: does a prior of strokes help where there are none?'),
  {
    id: 'cifar', title: 'CIFAR-10: five classes → the other five', about: 'Photographs; well-tuned baselines leave little of the gain here.',
    ask: ({ datasets }) => {
      const set = find(datasets, 'CIFAR-10');
      return set ? { kind: 'settings', edits: split('source', set.name, set.classNames, set.classNames.slice(0, 5)) } : { kind: 'missing', role: 'source', sentence: 'Needs CIFAR-10: add it first, one click from the Hugging Face Hub.' };
    },
  },
];

/** A set by the name it is usually given, whatever its case and dashes. */
function find(datasets: readonly DatasetSummary[], name: string): DatasetSummary | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return datasets.find((set) => plain(set.name) === plain(name));
}

/** From one known set to another, when both are there. */
function between(id: string, from: string, to: string, about: string): Question[] {
  return [{
    id, title: `${from} → ${to}`, about,
    ask: ({ datasets }) => {
      const [source, downstream] = [find(datasets, from), find(datasets, to)];
      if (source && downstream) return { kind: 'settings', edits: { 'source.data': source.name, 'source.classes': [], 'downstream.data': downstream.name, 'downstream.classes': [] } };
      const missing = [source ? null : from, downstream ? null : to].filter((name) => name !== null).join(' and ');
      const onHub = [source ? null : from, downstream ? null : to].every((name) => name === null || KNOWN.some((known) => known.name === name));
      return { kind: 'missing', role: source ? 'downstream' : 'source', sentence: `Needs ${missing}: add ${source || downstream ? 'it' : 'both'} first${onHub ? `, one click${source || downstream ? '' : ' each'} from the Hugging Face Hub` : ''}.` };
    },
  }];
}
