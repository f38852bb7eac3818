/** Entry of the lab worker: requests in, replies and events out; everything else is the session's. */
import { toFault } from '../core/errors.ts';
import { cellStore } from '../storage/cell-store.ts';
import { browserDecode } from './decode.ts';
import { browserMakers } from './makers.ts';
import { openEngine } from './open-engine.ts';
import type { FromWorker, RequestKind, Requests, ToWorker } from './protocol.ts';
import { Session } from './session.ts';

const post = (message: FromWorker): void => postMessage(message);

const session = new Session({
  openEngine: (choice, onFatal) => openEngine(choice, browserMakers, onFatal),
  fetchBytes: async (url) => {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
    return new Uint8Array(await response.arrayBuffer());
  },
  decode: browserDecode(),
  post: (event) => post({ event }),
  postSettling: (settling) => post({ settling }),
  userAgent: navigator.userAgent,
  cells: cellStore(),
});

async function answer<K extends RequestKind>(reply: number, kind: K, body: Requests[K]['in']): Promise<void> {
  try {
    // Kind and body belong together: both come from one request.
    post({ reply, kind, body: await session.answer(kind, body) } as FromWorker);
  } catch (error) {
    post({ reply, fault: toFault(error) });
  }
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  void answer(data.id, data.kind, data.body);
});
