/** Files as they are given: from a Blob (a File is one) or from bytes, and a reader that takes exact lengths off a stream. */
import { LabError } from '../../core/errors.ts';
import type { Given } from './contract.ts';
import { fault } from './limits.ts';

export function blobGiven(path: string, blob: Blob): Given {
  const gone = (error: unknown): LabError => new LabError('file', `${path} cannot be read any more; it was moved, changed or deleted: choose it again.`, { cause: error });
  return {
    path: path.replaceAll('\\', '/').replace(/^\/+/, ''),
    size: blob.size,
    slice: async (from, to) => {
      try {
        return new Uint8Array(await blob.slice(from, Math.max(from, to)).arrayBuffer());
      } catch (error) {
        throw gone(error);
      }
    },
    stream: () => {
      const reader = (blob.stream() as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
      return streamOf(async () => {
        try {
          return (await reader.read()).value ?? null;
        } catch (error) {
          throw gone(error);
        }
      }, () => reader.cancel());
    },
  };
}

export const bytesGiven = (path: string, bytes: Uint8Array<ArrayBuffer>): Given => blobGiven(path, new Blob([bytes]));

/** A stream of what `next` gives until null. */
export function streamOf(next: () => Promise<Uint8Array<ArrayBuffer> | null>, cancel?: () => unknown): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const chunk = await next();
      if (chunk === null) controller.close();
      else controller.enqueue(chunk);
    },
    async cancel() {
      await cancel?.();
    },
    // Nothing is read ahead: what a stream reads may have another reader after it.
  }, { highWaterMark: 0 });
}

/** Takes bytes off a stream in order; holds one chunk beside what is asked for. */
export class Flow {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  readonly #name: string;
  #chunk = new Uint8Array(0);
  #at = 0;
  /** Bytes taken so far. */
  position = 0;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>, name: string) {
    this.#reader = stream.getReader();
    this.#name = name;
  }

  /** Exactly `length` bytes, a copy. Throws LabError('data') where the stream ends before. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const out = new Uint8Array(length);
    if (await this.takeInto(out) < length) throw fault(`${this.#name} is truncated: it ends after ${this.position} bytes, within what its header promises; fetch it again.`);
    return out;
  }

  /** Fills `out` as far as the stream goes; how many bytes that were. */
  async takeInto(out: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < out.length && await this.#more()) {
      const part = this.#chunk.subarray(this.#at, this.#at + out.length - filled);
      out.set(part, filled);
      filled += part.length;
      this.#at += part.length;
      this.position += part.length;
    }
    return filled;
  }

  /** Passes over bytes; throws like `take`. */
  async skip(length: number): Promise<void> {
    let left = length;
    while (left > 0) {
      if (!await this.#more()) throw fault(`${this.#name} is truncated: it ends after ${this.position} bytes, within what its header promises; fetch it again.`);
      const step = Math.min(left, this.#chunk.length - this.#at);
      this.#at += step;
      this.position += step;
      left -= step;
    }
  }

  async ended(): Promise<boolean> {
    return !await this.#more();
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  async #more(): Promise<boolean> {
    while (this.#at >= this.#chunk.length) {
      const { done, value } = await this.#reader.read();
      if (done) return false;
      this.#chunk = value;
      this.#at = 0;
    }
    return true;
  }
}

/** The whole of a small file. */
export async function whole(given: Given): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await given.slice(0, given.size);
  if (bytes.length < given.size) throw fault(`${given.path} is truncated: it ends after ${bytes.length} of ${given.size} bytes; fetch it again.`);
  return bytes;
}
