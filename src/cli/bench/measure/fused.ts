/** The fused engine: whole populations, with and without a prior. */
import type { DataRef } from '../../../engine/contract.ts';
import { parameterTable } from '../../../model/build.ts';
import { bytesOn } from '../../../engine/fused/buffers.ts';
import type { FusedEngine } from '../../../engine/fused/fused-engine.ts';
import { openFused } from '../../../engine/fused/open-fused.ts';
import { timeEngine } from '../../../worker/time-engine.ts';
import { type Lane, type Running } from './running.ts';
import { network, noise, NORMALISATION, populationOf } from './task.ts';

export async function fusedLane(): Promise<Lane> {
  const engine = await openFused(fail, timeEngine);
  const loaded = new Map<'colour' | 'grey', DataRef>();
  return {
    open: async (contestant): Promise<Running> => {
      const { gpu, adapter } = engine.device;
      const pixels = contestant.task === 'resnet-8' ? 'colour' : 'grey';
      const data = loaded.get(pixels) ?? await engine.load(noise(contestant.task), NORMALISATION);
      loaded.set(pixels, data);
      const before = bytesOn(gpu);
      const population = await engine.populate(populationOf(data, contestant));
      const bytesPerChain = (bytesOn(gpu) - before) / contestant.chains;
      const steps = async (count: number): Promise<void> => {
        const { divergedAt } = await population.advance(count);
        if (divergedAt.some((step) => step >= 0)) throw new Error('A chain diverged, so its steps were not whole.');
      };
      return {
        steps,
        facts: { parameters: parameterTable(network(contestant.widths, contestant.task)).total, adapter: adapter.name, software: adapter.software, note: tileNote(engine), bytesPerChain },
        close: () => population.dispose(),
      };
    },
    close: () => engine.dispose(),
  };
}

const tileNote = ({ cut: { tile } }: FusedEngine): string => `tiles of ${tile.positions}×${tile.channels}`;

export function fail(sentence: string): never {
  throw new Error(sentence);
}
