/** Entry of a compute worker: one typed-array engine on this thread. */
import { toFault } from '../core/errors.ts';
import { Compute, transferables } from './compute.ts';
import type { FromCompute, ToCompute } from './compute-protocol.ts';

const compute = new Compute(async (backend) => {
  const { openTyped } = await import('../engine/tfjs/open-typed.ts');
  return openTyped({ backend });
});

// One call at a time, in the order in which they came.
let last: Promise<unknown> = Promise.resolve();
addEventListener('message', ({ data }: MessageEvent<ToCompute>) => {
  last = last.then(async () => {
    const reply = await compute.answer(data);
    postMessage(reply, { transfer: transferables(reply) });
  }).catch((error: unknown) => postMessage({ id: data.id, fault: toFault(error) } satisfies FromCompute)); // a reply that cannot be sent must not stop the queue
});
