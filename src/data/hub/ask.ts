/** Requests to a Hub: refusals become one sentence, passing ones are tried again a little later. */
import { joinedBytes } from '../../core/bytes.ts';
import { LabError } from '../../core/errors.ts';
import { type Asked, isPassing, refusalOf, refused, secondsToWait, unreachable } from './faults.ts';

/** What this part needs of the world. */
export interface Network {
  fetch: typeof fetch;
  /** Resolves after so many milliseconds; rejects when the signal says so. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const browserNetwork: Network = {
  fetch: (...request) => fetch(...request),
  wait: (ms, signal) => new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', stop, { once: true });
  }),
};

/** Pauses before a request is tried again, ms. */
const PAUSES = [400, 1500];
/** A Hub that wants a longer pause than this is left alone, s. */
const LONGEST_PAUSE = 10;

/** The answer, with a status of success. Throws LabError('data'), or the signal's reason when it was stopped. */
export async function ask(network: Network, asked: Asked, url: string, init: RequestInit & { signal?: AbortSignal } = {}): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    init.signal?.throwIfAborted();
    let pause: number | null = PAUSES[attempt] ?? null;
    let fault: LabError;
    try {
      const response = await network.fetch(url, { credentials: 'omit', ...init });
      if (response.ok) return response;
      const refusal = refusalOf(response);
      // What is in a refusal is not read.
      await response.body?.cancel().catch(() => undefined);
      fault = refused(asked, refusal);
      const wanted = refusal.status === 429 ? secondsToWait(refusal.retryAfter, Date.now()) : null;
      if (!isPassing(refusal) || (wanted ?? 0) > LONGEST_PAUSE) pause = null;
      else if (pause !== null && wanted !== null) pause = Math.max(pause, 1000 * wanted);
    } catch (error) {
      init.signal?.throwIfAborted();
      fault = unreachable(asked, error);
    }
    if (pause === null) throw fault;
    await network.wait(pause, init.signal);
  }
}

/** JSON of at most `most` bytes. Throws LabError('data'). */
export async function askJson(network: Network, asked: Asked, url: string, most: number, signal?: AbortSignal): Promise<unknown> {
  const response = await ask(network, asked, url, signal ? { signal } : {});
  const bytes = await bodyOf(response, asked, { most, ...(signal ? { signal } : {}) });
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new LabError('data', `What answers at ${asked.hub} is not a Hub: it sent no list of files for ${asked.id}; check the Hub's address.`, { cause });
  }
}

/** The body of an answer, `read(bytes)` as it comes in. Throws LabError('data') when it holds more than `most` bytes or breaks off. */
export async function bodyOf(response: Response, asked: Asked, { most, read, signal }: { most: number; read?: (bytes: number) => void; signal?: AbortSignal }): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    const reader = response.body?.getReader();
    if (!reader) return new Uint8Array(await response.arrayBuffer());
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.byteLength;
      if (length > most) {
        await reader.cancel().catch(() => undefined);
        throw new LabError('data', `What ${asked.hub} sends for ${asked.id} is larger than the ${inMegabytes(most)} that are read at once; ask for fewer rows, or choose another split.`);
      }
      chunks.push(value);
      read?.(value.byteLength);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof LabError ? error : unreachable(asked, error);
  }
  return joinedBytes(chunks);
}

export function inMegabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toLocaleString('en-GB', { maximumFractionDigits: bytes < 1e7 ? 1 : 0 })} MB`;
}
