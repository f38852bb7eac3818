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

  /** To a fresh worker, as they were. Rejects with LabError when a file can no longer be read. */
  async giveTo(client: LabClient, datasets: readonly DatasetSummary[]): Promise<void> {
    for (const { name, classNames } of datasets) {
      const files = this.#data.get(name);
      if (!files) continue;
      await client.request('addData', { name, files: await bytesOf(files) });
      await client.request('renameClasses', { data: name, classNames });
    }
    if (this.prior) await client.request('importPrior', { bytes: await readBytes(this.prior), name: this.prior.name });
  }
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
