/** What a file is by its first bytes. */
import type { Given } from './contract.ts';
import { isNpy } from './npy.ts';

export type Kind = 'zip' | 'gzip' | 'tar' | 'npy' | 'parquet' | 'idx' | 'image' | 'pickle' | 'hdf5' | 'matlab' | 'sqlite' | 'rar' | '7z' | 'xz' | 'bzip2' | 'pdf' | 'text' | 'empty' | 'binary';

/** Enough for a tar's first header. */
export const HEAD = 512;

const MAGIC: [Kind, number, number[]][] = [
  ['zip', 0, [0x50, 0x4b, 3, 4]], ['zip', 0, [0x50, 0x4b, 5, 6]], ['gzip', 0, [0x1f, 0x8b]],
  ['tar', 257, [0x75, 0x73, 0x74, 0x61, 0x72]], ['parquet', 0, [0x50, 0x41, 0x52, 0x31]],
  ['image', 0, [0x89, 0x50, 0x4e, 0x47]], ['image', 0, [0xff, 0xd8, 0xff]], ['image', 0, [0x47, 0x49, 0x46, 0x38]], ['image', 8, [0x57, 0x45, 0x42, 0x50]],
  ['hdf5', 0, [0x89, 0x48, 0x44, 0x46]], ['matlab', 0, [...'MATLAB 5.0'].map((c) => c.charCodeAt(0))], ['sqlite', 0, [...'SQLite format 3'].map((c) => c.charCodeAt(0))],
  ['rar', 0, [0x52, 0x61, 0x72, 0x21]], ['7z', 0, [0x37, 0x7a, 0xbc, 0xaf]], ['xz', 0, [0xfd, 0x37, 0x7a, 0x58, 0x5a]], ['bzip2', 0, [0x42, 0x5a, 0x68]],
  ['pdf', 0, [0x25, 0x50, 0x44, 0x46]],
];
const IDX_TYPES = new Set([8, 9, 0x0b, 0x0c, 0x0d, 0x0e]);

export function kindOf(head: Uint8Array): Kind {
  if (head.length === 0) return 'empty';
  if (isNpy(head)) return 'npy';
  for (const [kind, at, bytes] of MAGIC) if (bytes.every((byte, i) => head[at + i] === byte)) return kind;
  if (head[0] === 0x42 && head[1] === 0x4d && head.length > 30 && head[6] === 0 && head[7] === 0) return 'image'; // BMP
  if (head[0] === 0 && head[1] === 0 && IDX_TYPES.has(head[2]!) && head[3]! >= 1 && head[3]! <= 4) return 'idx';
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) return 'pickle';
  return isText(head) ? 'text' : 'binary';
}

export const sniff = async (given: Given): Promise<Kind> => kindOf(await given.slice(0, Math.min(HEAD, given.size)));

/** UTF-8 without control characters; a character cut at the end is no fault. */
function isText(head: Uint8Array): boolean {
  for (const byte of head) if (byte < 9 || (byte > 13 && byte < 32)) return false;
  const text = new TextDecoder().decode(head);
  return !text.slice(0, -4).includes('\uFFFD');
}
