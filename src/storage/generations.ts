/**
 * Named values in a folder, two generations of each: a write makes a new file, and only when that is whole does the one before the last go. A file is
 * `<name>.<generation>.kept`: magic, SHA-256 of the rest as hex, the rest. Damage (a flipped byte, a file cut short by a crash) is noticed when a
 * value is read, and the generation before it answers.
 */
import { joinedBytes } from '../core/bytes.ts';
import { sha256Hex } from '../data/hash.ts';
import type { Folder } from './folder.ts';


const MAGIC = 'PRIORKP1';
const PREAMBLE = MAGIC.length + 64;
const FILE = /^([\w-]+)\.(\d{8})\.kept$/;
const GENERATIONS = 2;

export class Generations {
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** `name` of letters, digits, - and _. Throws what the folder throws, and then the older generations stay. */
  async keep(name: string, pieces: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    const older = await this.#files(name);
    const rest = joinedBytes(pieces);
    const file = `${name}.${String((older[0]?.generation ?? 0) + 1).padStart(8, '0')}.kept`;
    try {
      await this.#folder.write(file, [new TextEncoder().encode(MAGIC + await sha256Hex(rest)), rest]);
    } catch (error) {
      // A new file is there, empty, from the moment it is named.
      await this.#folder.remove(file);
      throw error;
    }
    for (const { file: gone } of older.slice(GENERATIONS - 1)) await this.#folder.remove(gone);
  }

  /** The newest generation that is whole; null when there is none. */
  async load(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
    for (const { file } of await this.#files(name)) {
      const bytes = await this.#folder.read(file).then((blob) => blob?.arrayBuffer()).then((buffer) => buffer && new Uint8Array(buffer), () => undefined);
      if (!bytes || bytes.byteLength < PREAMBLE) continue;
      const preamble = new TextDecoder().decode(bytes.subarray(0, PREAMBLE));
      const rest = bytes.slice(PREAMBLE);
      if (preamble === MAGIC + await sha256Hex(rest)) return rest;
    }
    return null;
  }

  async remove(name: string): Promise<void> {
    for (const { file } of await this.#files(name)) await this.#folder.remove(file);
  }

  /** Every name that has a file, whole or not. */
  async names(): Promise<string[]> {
    return [...new Set((await this.#folder.names()).flatMap((file) => FILE.exec(file)?.[1] ?? []))];
  }

  /** Newest first. */
  async #files(name: string): Promise<{ file: string; generation: number }[]> {
    return (await this.#folder.names()).flatMap((file) => {
      const [, own, generation] = FILE.exec(file) ?? [];
      return own === name ? [{ file, generation: Number(generation) }] : [];
    }).sort((a, b) => b.generation - a.generation);
  }
}
