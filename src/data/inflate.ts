/**
 * Gunzip with a ceiling: a few kilobytes can inflate to gigabytes, so reading stops as soon as more comes out than the
 * caller allows. The platform's DecompressionStream (page, worker, Node ≥ 18) also checks the gzip checksum.
 */
import { joinedBytes } from '../core/bytes.ts';

export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Inflated bytes, at most `limit(head)` of them plus whatever the last block held, where `head` is the first block
 * that came out (at least `headLength` bytes unless the whole is shorter). Reading stops beyond that limit, which is
 * how a caller that knows the true length sees trailing bytes. Rejects with the platform's error on corrupt data.
 */
export async function gunzip(bytes: Uint8Array, headLength: number, limit: (head: Uint8Array) => number): Promise<Uint8Array> {
  const source = new ReadableStream<BufferSource>({
    start(controller) {
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
  const reader = source.pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let most = Infinity;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
    if (most === Infinity && length >= headLength) most = limit(whole(chunks));
    if (length > most) {
      await reader.cancel();
      break;
    }
  }
  return whole(chunks);
}

/** One piece is not copied. */
function whole(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : joinedBytes(chunks);
}
