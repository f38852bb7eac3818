/** What every contestant is once it runs, and what is asked of it besides speed. */
import type { Optimizer, Scalar } from '@tensorflow/tfjs';
import type { Contestant } from '../plan.ts';

export interface Facts {
  parameters: number;
  /** GPU bytes a chain; null where they are not the project's own. */
  bytesPerChain: number | null;
  /** The adapter in words; null off the GPU. */
  adapter: string | null;
  software: boolean;
  /** What a reader of the numbers should know. */
  note: string | null;
}

export interface Running {
  /** Runs so many steps of every chain, and resolves when the device has finished them. */
  steps(count: number): Promise<void>;
  facts: Facts;
  close(): Promise<void>;
}

/** Opens contestants of one kind on one device. */
export interface Lane {
  open(contestant: Contestant): Promise<Running>;
  close(): Promise<void>;
}

/** Dispatches encoded while `work` runs, whoever encodes them. */
export async function countDispatches(work: () => Promise<void>): Promise<number> {
  const encoder = GPUComputePassEncoder.prototype;
  const original = encoder.dispatchWorkgroups;
  let count = 0;
  encoder.dispatchWorkgroups = function (this: GPUComputePassEncoder, ...sizes: Parameters<typeof original>) {
    count++;
    return original.apply(this, sizes);
  };
  try {
    await work();
  } finally {
    encoder.dispatchWorkgroups = original;
  }
  return count;
}

/** Milliseconds of `work`, waiting included. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** `count` steps of a stock optimiser, waited for at the last. */
export async function minimised(optimizer: Optimizer, loss: () => Scalar, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const value = optimizer.minimize(loss, i === count - 1);
    if (!value) continue;
    await value.data();
    value.dispose();
  }
}
