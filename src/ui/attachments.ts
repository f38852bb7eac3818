/** The visitor's files: the IDX pairs behind added data and the prior file, kept to be given to a fresh worker. */
import { LabError } from '../core/errors.ts';
import { stem } from '../data/idx.ts';
import type { LabClient } from '../worker/client.ts';
import type { DatasetSummary } from '../worker/protocol.ts';

export class Attachments {
  /** By data set. */
  readonly #data = new Map<string, File[]>();
  prior: File | null = null;

  keep(name: string, files: File[]): void {
    this.#data.set(name, files);
  }

  /** Another file of a name that is taken (every MNIST-like test set is `t10k`) gets a number; the same file replaces itself. */
  freeName(files: File[]): string | null {
    const taken = files.map((file) => stem(file.name)).find((name) => this.#data.has(name));
    if (taken === undefined) return null;
    for (let i = 1; ; i++) {
      const name = i === 1 ? taken : `${taken} ${i}`;
      const there = this.#data.get(name);
      if (!there || sameFiles(there, files)) return name;
    }
  }

  /**
   * To a fresh worker, as they were. A file that can no longer be read is forgotten, with a sentence in the answer;
   * rejects with anything else that goes wrong.
   */
  async giveTo(client: LabClient, datasets: readonly DatasetSummary[]): Promise<Forgotten> {
    const forgotten: Forgotten = { data: [], prior: false, sentence: null };
    const readable = async <T>(read: Promise<T>): Promise<T | null> => read.catch((error: unknown) => {
      if (!(error instanceof LabError && error.kind === 'file')) throw error;
      forgotten.sentence ??= error.message;
      return null;
    });
    for (const { name, classNames } of datasets) {
      const held = this.#data.get(name);
      if (!held) continue;
      const files = await readable(bytesOf(held));
      if (files) {
        await client.request('addData', { name, files });
        await client.request('renameClasses', { data: name, classNames });
      } else {
        this.#data.delete(name);
        forgotten.data.push(name);
      }
    }
    if (this.prior) {
      const bytes = await readable(readBytes(this.prior));
      if (bytes) await client.request('importPrior', { bytes, name: this.prior.name });
      else this.prior = null;
      forgotten.prior = bytes === null;
    }
    return forgotten;
  }
}

/** What could not be given to a fresh worker: names of data sets, the prior file, and why. */
export interface Forgotten {
  data: string[];
  prior: boolean;
  sentence: string | null;
}

/** Before a file dialog opens: without this the same file, chosen again after a fault or a change of mind, would be no change to the browser. */
export function forgetChoice({ currentTarget }: { currentTarget: HTMLInputElement }): void {
  currentTarget.value = '';
}

export async function bytesOf(files: File[]): Promise<{ name: string; bytes: Uint8Array }[]> {
  return Promise.all(files.map(async (file) => ({ name: file.name, bytes: await readBytes(file) })));
}

export async function readBytes(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new LabError('file', `The file “${file.name}” can no longer be read; choose it again.`, { cause });
  }
}

function sameFiles(a: File[], b: File[]): boolean {
  const named = (files: File[]) => files.map(({ name, size, lastModified }) => `${name} ${size} ${lastModified}`).sort().join('/');
  return named(a) === named(b);
}
