/** Engines as a browser's worker makes them; every backend is loaded only when it is used. */
import type { Engine } from '../engine/contract.ts';
import { remembered } from '../storage/remember.ts';
import type { ComputePort, FromCompute } from './compute-protocol.ts';
import type { EngineMakers } from './open-engine.ts';
import { Pool } from './pool.ts';
import { timeEngine } from './time-engine.ts';

/** More workers than this gain nothing: a population seldom has more than a few dozen chains. */
const MOST_WORKERS = 16;

export const browserMakers: EngineMakers = {
  fused: async (onFatal): Promise<Engine> => {
    const { openFused } = await import('../engine/fused/open-fused.ts');
    return openFused(onFatal, timedOnce);
  },
  autodiff: async (backend, onFatal): Promise<Engine> => {
    const { openAutodiff } = await import('../engine/tfjs/open-autodiff.ts');
    return openAutodiff({ backend, onFatal });
  },
  processor: (backend, onFatal) => Pool.open(Math.min(MOST_WORKERS, navigator.hardwareConcurrency || 1), backend, spawn, onFatal),
  time: timedOnce,
};

const MONTH = 30 * 24 * 3600 * 1000;

/** Timed on the first visit with this browser, adapter and number of workers, and remembered for a month: drivers and machines change. */
async function timedOnce(engine: Engine): Promise<number> {
  const key = JSON.stringify([engine.info, 'cut' in engine ? engine.cut : null, navigator.userAgent]);
  const { ms } = await remembered(key, isRecent, async () => ({ ms: await timeEngine(engine), at: Date.now() }));
  return ms;
}

function isRecent(value: unknown): value is { ms: number; at: number } {
  if (typeof value !== 'object' || value === null || !('ms' in value && 'at' in value)) return false;
  return typeof value.ms === 'number' && value.ms > 0 && typeof value.at === 'number' && Date.now() - value.at < MONTH;
}

function spawn(): ComputePort {
  const worker = new Worker(new URL('./compute.worker.ts', import.meta.url), { type: 'module', name: 'compute' });
  return {
    postMessage: (message) => worker.postMessage(message),
    onReply: (listener) => worker.addEventListener('message', (message: MessageEvent<FromCompute>) => listener(message.data)),
    onDeath: (listener) => worker.addEventListener('error', (event) => {
      event.preventDefault();
      listener(`A compute worker stopped (${event.message || 'it could not be loaded'}); run again, what is on the page stays.`);
    }),
    terminate: () => worker.terminate(),
  };
}
