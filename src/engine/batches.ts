/**
 * Which rows a step trains on: the chain's indices in a fresh order each epoch, read without gaps, so that a batch is a
 * pure function of (seed, step) and chains with equal seed and equal indices see equal rows whatever engine they run on.
 */
import { Stream } from '../core/philox.ts';

export class BatchOrder {
  readonly #seed: number;
  readonly #indices: Uint32Array;
  readonly #order: Uint32Array;
  #epoch = -1;

  constructor(seed: number, indices: Uint32Array) {
    this.#seed = seed;
    this.#indices = indices;
    this.#order = new Uint32Array(indices.length);
  }

  /** Fills out [B] with positions in `indices` (not rows of the data set) for step k = 0, 1, … */
  positions(step: number, out: Uint32Array): void {
    const n = this.#indices.length;
    for (let i = 0; i < out.length; i++) {
      const read = step * out.length + i;
      const epoch = Math.floor(read / n);
      if (epoch !== this.#epoch) this.#shuffle(epoch);
      out[i] = this.#order[read - epoch * n]!;
    }
  }

  /** Fills out [B] with rows of the data set for step k. */
  rows(step: number, out: Uint32Array): void {
    this.positions(step, out);
    for (let i = 0; i < out.length; i++) out[i] = this.#indices[out[i]!]!;
  }

  #shuffle(epoch: number): void {
    for (let i = 0; i < this.#order.length; i++) this.#order[i] = i;
    new Stream(this.#seed, 'batch', epoch).shuffle(this.#order);
    this.#epoch = epoch;
  }
}

/** Learning rates are held for blocks of this many steps, and with them c = η/N and the prior's K×K inverse. */
export const BLOCK = 10;

/** Chains that see the same batches: equal seed, equal indices. Lists chain numbers, in chain order. */
export function groupBySeed(chains: { seed: number; indices: Uint32Array; frozen: boolean; start: number }[]): number[][] {
  const groups: number[][] = [];
  chains.forEach((chain, i) => {
    const group = groups.find((members) => {
      const first = chains[members[0]!]!;
      return first.seed === chain.seed && first.frozen === chain.frozen && (!chain.frozen || first.start === chain.start)
        && first.indices.length === chain.indices.length
        && first.indices.every((row, j) => row === chain.indices[j]);
    });
    if (group) group.push(i);
    else groups.push([i]);
  });
  return groups;
}
