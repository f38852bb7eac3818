/**
 * Tar archives, gzip or not, read as a stream from their beginning: the files come in the order of the archive, and whoever reads them in that order reads the
 * archive once. The headers are modern-tar's (ustar, pax, GNU long names); their checksums are held against them.
 */
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { LabError } from '../../core/errors.ts';
import type { Given } from './contract.ts';
import { Flow, streamOf } from './given.ts';
import { gunzipped } from './inflate-stream.ts';
import { fault, MAX_FILES, MAX_INFLATED, mib, room } from './limits.ts';
import { isHidden } from './paths.ts';

/** Of the first files their beginnings are kept, so that looking what they are does not begin the archive anew. */
const HEADS = 64;
const HEAD = 4096;

type Entries = ReadableStreamDefaultReader<ParsedTarEntry>;

/** The files of a tar, hidden ones and folders left out. Throws LabError('data'). */
export async function tarFiles(archive: Given, gzip: boolean): Promise<Given[]> {
  const place = new Place(archive, gzip);
  const files: Given[] = [];
  let bytes = 0;
  for (let index = 0; ; index++) {
    const entry = await place.next();
    if (!entry) break;
    const { name, size, type } = entry.header;
    bytes += size;
    if (index >= MAX_FILES) throw fault(`${archive.path} holds more than the ${MAX_FILES.toLocaleString('en')} files that can be read.`);
    if (bytes > MAX_INFLATED) throw fault(`${archive.path} claims to unpack to more than ${mib(MAX_INFLATED)}; unpack it and give part of it.`);
    const path = name.replaceAll('\\', '/').replace(/^(\.?\/)+/, '');
    if ((type !== undefined && type !== 'file') || path === '' || path.endsWith('/') || isHidden(path)) continue;
    const head = new Uint8Array(files.length < HEADS ? Math.min(HEAD, size) : 0);
    if (head.length > 0) await new Flow(place.body(), path).takeInto(head);
    files.push(fileAt(place, index, path, size, head));
  }
  await place.close();
  return files;
}

function fileAt(place: Place, index: number, path: string, size: number, head: Uint8Array<ArrayBuffer>): Given {
  const stream = (): ReadableStream<Uint8Array<ArrayBuffer>> => {
    let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | null = null;
    return streamOf(async () => {
      reader ??= (await place.at(index)).getReader();
      return (await reader.read()).value ?? null;
    });
  };
  return {
    path, size, stream, sequential: true, packed: true,
    async slice(from, to) {
      const [low, high] = [Math.min(from, size), Math.min(Math.max(from, to), size)];
      if (high <= head.length) return head.slice(low, high);
      const flow = new Flow(stream(), path);
      await flow.skip(low);
      return flow.take(room(high - low, `Reading ${path} as a whole`, 'unpack the archive and give the file'));
    },
  };
}

/** Where in the archive reading is; going back begins it anew. */
class Place {
  readonly #archive: Given;
  readonly #gzip: boolean;
  #entries: Entries | null = null;
  #current: ParsedTarEntry | null = null;
  /** Of the current entry's body, once somebody reads it. */
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #index = -1;

  constructor(archive: Given, gzip: boolean) {
    this.#archive = archive;
    this.#gzip = gzip;
  }

  /** The next entry; what is left of the one before is passed over. */
  async next(): Promise<ParsedTarEntry | null> {
    try {
      // Read to its end, never cancelled: where the decoder is already within the entry after it, cancelling would take that one's body.
      if (this.#current) for (const reader = this.#reader ?? this.#current.body.getReader(); !(await reader.read()).done;);
      this.#entries ??= (this.#gzip ? gunzipped(this.#archive) : this.#archive.stream()).pipeThrough(createTarDecoder({ strict: true })).getReader();
      this.#current = (await this.#entries.read()).value ?? null;
      this.#reader = null;
      this.#index++;
      return this.#current;
    } catch (error) {
      throw this.#damaged(error);
    }
  }

  /** What the current entry holds. */
  body(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const reader = this.#current!.body.getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
    this.#reader = reader;
    return streamOf(async () => {
      try {
        return (await reader.read()).value ?? null;
      } catch (error) {
        throw this.#damaged(error);
      }
    });
  }

  async at(index: number): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    if (index <= this.#index) await this.close();
    while (this.#index < index) if (!await this.next()) throw fault(`${this.#archive.path} ended before its file number ${index + 1}; fetch it again.`);
    return this.body();
  }

  async close(): Promise<void> {
    await this.#entries?.cancel().catch(() => undefined);
    this.#entries = null;
    this.#current = null;
    this.#reader = null;
    this.#index = -1;
  }

  #damaged(error: unknown): LabError {
    return error instanceof LabError ? error : fault(`${this.#archive.path} is a damaged or truncated tar file; fetch it again.`, error);
  }
}
