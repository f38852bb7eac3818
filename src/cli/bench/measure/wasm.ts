/** The portable engine on WebAssembly as the lab runs it: a pool of compute workers, here of one and of two. Browsers only. */
import type { ComputePort, FromCompute } from '../../../worker/compute-protocol.ts';
import { Pool } from '../../../worker/pool.ts';
import { engineLane } from './engine-lane.ts';
import type { Lane } from './running.ts';

export function openPool(workers: number): Promise<Pool> {
  return Pool.open(workers, 'wasm', spawn);
}

export async function wasmLane(): Promise<Lane> {
  const lanes = new Map<number, Lane>();
  return {
    open: async (contestant) => {
      const { workers } = contestant;
      const lane = lanes.get(workers) ?? await engineLane(await openPool(workers), null);
      lanes.set(workers, lane);
      return lane.open(contestant);
    },
    close: async () => {
      for (const lane of lanes.values()) await lane.close();
    },
  };
}

function spawn(): ComputePort {
  const worker = new Worker(new URL('../../../worker/compute.worker.ts', import.meta.url), { type: 'module', name: 'compute' });
  return {
    postMessage: (message) => worker.postMessage(message),
    onReply: (listener) => worker.addEventListener('message', (message: MessageEvent<FromCompute>) => listener(message.data)),
    onDeath: (listener) => worker.addEventListener('error', (event) => listener(`A compute worker stopped (${event.message}).`)),
    terminate: () => worker.terminate(),
  };
}
