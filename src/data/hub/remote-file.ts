/**
 * A file on the Hub, read in pieces by HTTP range requests. What is read one piece after another is asked for in growing windows, so that a whole
 * file takes few requests; a server that knows no ranges is read whole, once.
 */
import { LabError } from '../../core/errors.ts';
import type { Given } from '../import/contract.ts';
import { ask, bodyOf, type Network } from './ask.ts';
import { type Asked, hostOf } from './faults.ts';

/** A file that cannot be read in pieces is read whole up to this size. */
const MOST_WHOLE = 1.5 * 2 ** 30;
/** Smallest and largest window that is asked for beyond what is needed, when pieces follow each other. */
const WINDOW = { first: 2 ** 18, most: 8 * 2 ** 20 };
/** A gap that is read along: so many bytes cost less than another request. */
const GAP = 2 ** 20;
/** Bytes kept of what was read: labels, a preview and the images themselves are read one after another from the same places. */
const KEPT = 192 * 2 ** 20;

export interface RemoteOptions {
  network: Network;
  asked: Asked;
  /** Bytes as they come in. */
  read(bytes: number): void;
  signal?: AbortSignal;
}

interface Window {
  from: number;
  to: number;
  bytes: Promise<Uint8Array<ArrayBuffer>>;
}

/** The file at `url` as a reader of data takes it. Throws LabError('data') with one sentence, or the signal's reason. */
export async function openRemoteFile(path: string, url: string, { network, asked, read, signal }: RemoteOptions): Promise<Given> {
  const stop = signal ? { signal } : {};
  const first = await ask(network, asked, url, { headers: { Range: 'bytes=0-0' }, ...stop });
  let whole: Promise<Uint8Array<ArrayBuffer>> | null = null;
  let size: number;
  if (first.status === 206) {
    await first.body?.cancel().catch(() => undefined);
    // A mirror may hide the header that tells the size of the whole; the one of a HEAD request is always shown.
    const total = /\/(\d+)$/.exec(first.headers.get('Content-Range') ?? '')?.[1] ?? (await ask(network, asked, url, { method: 'HEAD', ...stop })).headers.get('Content-Length');
    size = total === null || total === undefined ? NaN : Number(total);
    if (!Number.isSafeInteger(size)) throw new LabError('data', `${hostOf(asked.hub)} does not say how large the files of ${asked.id} are; use another Hub, or download the Parquet files and drop them here.`);
  } else {
    const bytes = await bodyOf(first, asked, { most: MOST_WHOLE, read, ...stop });
    whole = Promise.resolve(bytes);
    size = bytes.byteLength;
  }

  const fetchRange = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
    const response = await ask(network, asked, url, { headers: { Range: `bytes=${from}-${to - 1}` }, ...stop });
    if (response.status !== 206) {
      whole = bodyOf(response, asked, { most: MOST_WHOLE, read, ...stop });
      return (await whole).slice(from, to);
    }
    const bytes = await bodyOf(response, asked, { most: to - from, read, ...stop });
    if (bytes.byteLength !== to - from) throw new LabError('data', `${hostOf(asked.hub)} sent less of ${path} than it has; try again.`);
    return bytes;
  };

  const windows: Window[] = [];
  let end = -1;
  let ahead = 0;
  let held = 0;
  const slice = async (from: number, wanted: number): Promise<Uint8Array<ArrayBuffer>> => {
    signal?.throwIfAborted();
    const to = Math.min(wanted, size);
    if (from >= to) return new Uint8Array(0);
    if (whole) return (await whole).slice(from, to);
    const kept = windows.find((one) => one.from <= from && to <= one.to);
    if (kept) {
      if (to >= end) end = to;
      return (await kept.bytes).slice(from - kept.from, to - kept.from);
    }
    const follows = end >= 0 && from >= end && from - end <= GAP;
    ahead = follows ? Math.min(WINDOW.most, Math.max(WINDOW.first, 2 * ahead)) : 0;
    end = to;
    const until = Math.min(size, Math.max(to, from + ahead));
    const bytes = fetchRange(from, until);
    const window = { from, to: until, bytes };
    windows.push(window);
    for (held += until - from; held > KEPT && windows.length > 1;) {
      const oldest = windows.shift()!;
      held -= oldest.to - oldest.from;
    }
    // A piece that failed may be asked for again.
    bytes.catch(() => {
      const at = windows.indexOf(window);
      if (at < 0) return;
      windows.splice(at, 1);
      held -= until - from;
    });
    return (await bytes).slice(0, to - from);
  };

  return {
    path, size, slice,
    stream: () => {
      let at = 0;
      return new ReadableStream<Uint8Array<ArrayBuffer>>({
        async pull(controller) {
          if (at >= size) return controller.close();
          const bytes = await slice(at, at + WINDOW.most);
          at += bytes.byteLength;
          controller.enqueue(bytes);
        },
      });
    },
  };
}
