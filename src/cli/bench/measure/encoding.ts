/** JavaScript of the fused engine's steps: what an advance does before it first waits. */
import type { FusedEngine } from '../../../engine/fused/fused-engine.ts';
import { type Summary, summarise } from '../figures.ts';
import { CONVNET_S, noise, NORMALISATION, populationOf } from './task.ts';

export interface Encoding {
  rank: number | null;
  chains: number;
  steps: number;
  /** Milliseconds a step. */
  ms: Summary;
}

/** Two blocks of learning rates, as a run advances. One chain: JavaScript does not depend on their number, waiting does. */
const STEPS = 20;
const CHAINS = 1;
const SAMPLES = 3;

/** An advance encodes and submits all of its steps before it first waits: until then it is JavaScript. */
export async function measureEncoding(engine: FusedEngine, ranks: (number | null)[]): Promise<Encoding[]> {
  const data = await engine.load(noise(), NORMALISATION);
  const list: Encoding[] = [];
  for (const rank of ranks) {
    const population = await engine.populate(populationOf(data, { chains: CHAINS, widths: CONVNET_S, rank }));
    await population.advance(STEPS); // compiles
    const samples: number[] = [];
    for (let i = 0; i < SAMPLES; i++) {
      const start = performance.now();
      const done = population.advance(STEPS);
      samples.push((performance.now() - start) / STEPS);
      await done;
    }
    list.push({ rank, chains: CHAINS, steps: STEPS, ms: summarise(samples) });
    await population.dispose();
  }
  await engine.unload(data);
  return list;
}
