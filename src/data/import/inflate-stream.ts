/** Gzip as a stream, with a ceiling on what comes out and on how many times more it is than what went in. */
import type { Given } from './contract.ts';
import { streamOf } from './given.ts';
import { fault, isBomb, MAX_INFLATED, mib } from './limits.ts';
import { LabError } from '../../core/errors.ts';

/** Rejects with LabError('data') on damage, truncation and bombs. */
export function gunzipped(given: Given): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = (given.stream() as ReadableStream<BufferSource>).pipeThrough(new DecompressionStream('gzip')).getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  let out = 0;
  return streamOf(async () => {
    let chunk: Uint8Array<ArrayBuffer> | undefined;
    try {
      chunk = (await reader.read()).value;
    } catch (error) {
      if (error instanceof LabError) throw error;
      throw fault(`${given.path} is a damaged or truncated gzip file; fetch it again.`, error);
    }
    if (!chunk) return null;
    out += chunk.length;
    if (out > MAX_INFLATED || isBomb(out, given.size)) {
      await reader.cancel();
      throw fault(`${given.path} unpacks from ${mib(given.size)} to more than ${mib(out)}; it looks like a bomb and is not read.`);
    }
    return chunk;
  }, () => reader.cancel());
}
