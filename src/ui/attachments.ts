/** The visitor's files: what is behind added data, with the choices made when it was added, the prior file and weights; kept to be given to a fresh worker. */
import { LabError } from '../core/errors.ts';
import type { Choices } from '../data/import/contract.ts';
import type { LabClient } from '../worker/client.ts';
import type { DatasetSummary, Origin } from '../worker/protocol.ts';

/** What an added data set was made of: files or a set of the Hub under choices, or a copy kept on this machine. */
export type Attached = { origin: Origin; choices: Choices } | { kept: string };

export class Attachments {
  /** By data set. */
  readonly #data = new Map<string, Attached>();
  prior: File | null = null;
  /** Weights that source training starts from. */
  weights: File | null = null;

  keep(name: string, attached: Attached): void {
    this.#data.set(name, attached);
  }

  forget(name: string): void {
    this.#data.delete(name);
  }

  /**
   * To a fresh worker, as they were. A file that can no longer be read is forgotten, with a sentence in the answer;
   * rejects with anything else that goes wrong.
   */
  async giveTo(client: LabClient, datasets: readonly DatasetSummary[]): Promise<Forgotten> {
    const forgotten: Forgotten = { data: [], prior: false, weights: false, sentence: null };
    const readable = async <T>(read: Promise<T>): Promise<T | null> => read.catch((error: unknown) => {
      if (!(error instanceof LabError && (error.kind === 'file' || error.kind === 'data'))) throw error;
      forgotten.sentence ??= error.message;
      return null;
    });
    for (const { name, classNames } of datasets) {
      const held = this.#data.get(name);
      if (!held) continue;
      const given = await readable(settledAgain(client, held));
      if (given) {
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
    if (this.weights) {
      const { weights } = this;
      const listing = await readable(client.request('readWeights', { blob: weights, name: weights.name }));
      if (listing) await client.request('useWeights', {});
      else this.weights = null;
      forgotten.weights = listing === null;
    }
    return forgotten;
  }
}

/** What could not be given to a fresh worker: names of data sets, the prior file, the weights, and why. */
export interface Forgotten {
  data: string[];
  prior: boolean;
  weights: boolean;
  sentence: string | null;
}

/** Before a file dialog opens: without this the same file, chosen again after a fault or a change of mind, would be no change to the browser. */
export function forgetChoice({ currentTarget }: { currentTarget: HTMLInputElement }): void {
  currentTarget.value = '';
}

/** The same again: read under the same choices, or taken from what is kept. */
async function settledAgain(client: LabClient, attached: Attached): Promise<object | null> {
  if ('kept' in attached) return client.request('useKept', { data: attached.kept });
  const { origin, choices } = attached;
  const examined = await client.request('examineData', { ...origin, choices });
  return examined && client.request('settleData', { ticket: examined.ticket, choices });
}

export async function readBytes(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new LabError('file', `The file “${file.name}” can no longer be read; choose it again.`, { cause });
  }
}
