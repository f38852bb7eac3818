/** What a path says: hidden or not, its parts, a split's name, a data set's name. */
import type { Part } from './contract.ts';

export const base = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Without the dot, lower case; '' for none. */
export function ending(path: string): string {
  const name = base(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Files that systems put beside what people put. */
export function isHidden(path: string): boolean {
  return path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX' || part === 'Thumbs.db' || part === 'desktop.ini' || part === '@eaDir');
}

const PARTS: Record<string, Part> = {
  train: 'train', training: 'train', val: 'validation', valid: 'validation', validation: 'validation', dev: 'validation', test: 'test', testing: 'test', t10k: 'test',
  publictest: 'validation', privatetest: 'test', // as FER2013 names them
};

/** The split that a word means, or null. */
export const partNamed = (word: string): Part | null => PARTS[word.toLowerCase()] ?? null;

/** The split that a file name has a word of: `x_train.npy`, `mnist-test.csv`, `train-00000-of-00001.parquet`. */
export function partOfFile(path: string): Part | null {
  const parts = new Set(base(path).split(/[^A-Za-z0-9]+/).map(partNamed).filter((part) => part !== null));
  return parts.size === 1 ? [...parts][0]! : null;
}

const ENDINGS = /\.(zip|tar|tgz|gz|npz|npy|csv|tsv|txt|parquet|bin|idx\d?|ubyte|png|jpe?g)$/i;

/** A data set's name from a file's: `dir/pets.tar.gz` → `pets`. */
export function nameOf(path: string): string {
  let name = base(path);
  while (ENDINGS.test(name)) name = name.replace(ENDINGS, '');
  return name.trim().slice(0, 60) || 'images';
}

/** Order of names: as numbers where both are whole numbers, by code unit otherwise. */
export function compareNames(a: string, b: string): number {
  if (/^\d{1,15}$/.test(a) && /^\d{1,15}$/.test(b)) return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `one image`, `7 images`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
