/**
 * How a population is dealt out to workers. Chains never talk to each other, so any dealing gives the same numbers; this
 * one gives every worker the same share of the chains that move and of the frozen ones, which cost next to nothing.
 */
import type { ChainSpec, PopulationSpec, PopulationState } from '../engine/contract.ts';

/** Chain numbers of each worker, ascending; fewer shards than workers when there are fewer chains. */
export function deal(chains: readonly Pick<ChainSpec, 'frozen'>[], workers: number): number[][] {
  const shards: number[][] = Array.from({ length: workers }, () => []);
  let moving = 0;
  let frozen = 0;
  chains.forEach((chain, i) => shards[(chain.frozen ? frozen++ : moving++) % workers]!.push(i));
  return shards.filter((shard) => shard.length > 0);
}

/** The spec of some chains, with only the starts and priors they use. */
export function shardSpec(spec: PopulationSpec, chains: readonly number[]): Omit<PopulationSpec, 'data'> {
  const { data: _data, ...rest } = spec;
  const starts = new Renumbered(spec.starts);
  const priors = new Renumbered(spec.priors);
  const own = chains.map((i): ChainSpec => {
    const chain = spec.chains[i]!;
    return {
      ...chain, start: starts.number(chain.start),
      prior: chain.prior && { ...chain.prior, gaussian: priors.number(chain.prior.gaussian) },
    };
  });
  return { ...rest, chains: own, starts: starts.used, priors: priors.used };
}

/** Where some chains of a population stand. */
export function shardState({ step, theta, previous, divergedAt }: PopulationState, chains: readonly number[]): PopulationState {
  return { step, theta: chains.map((i) => theta[i]!), previous: chains.map((i) => previous[i]!), divergedAt: Int32Array.from(chains, (i) => divergedAt[i]!) };
}

/** Those of a list that are asked for, numbered anew in the order of asking. */
class Renumbered<T> {
  readonly used: T[] = [];
  readonly #all: readonly T[];
  readonly #numbers = new Map<number, number>();

  constructor(all: readonly T[]) {
    this.#all = all;
  }

  number(old: number): number {
    let fresh = this.#numbers.get(old);
    if (fresh === undefined) this.#numbers.set(old, (fresh = this.used.push(this.#all[old]!) - 1));
    return fresh;
  }
}
