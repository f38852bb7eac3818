/**
 * Gunzip with a ceiling: a few kilobytes can inflate to gigabytes, so reading stops as soon as more comes out than the
 * caller allows. The platform's DecompressionStream (page, worker, Node ≥ 18) also checks the gzip checksum.
 */

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
    if (most === Infinity && length >= headLength) most = limit(joined(chunks, length));
    if (length > most) {
      await reader.cancel();
      break;
    }
  }
  return joined(chunks, length);
}

function joined(chunks: Uint8Array[], length: number): Uint8Array {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
