/** Any engine of the project as a lane; what only the fused engine can tell is left out. */
import type { Engine } from '../../../engine/contract.ts';
import { parameterTable } from '../../../model/build.ts';
import { type Lane, type Running } from './running.ts';
import { network, noise, NORMALISATION, populationOf } from './task.ts';

export async function engineLane(engine: Engine, note: string | null): Promise<Lane> {
  const data = await engine.load(noise(), NORMALISATION);
  const { adapter, software } = engine.info;
  return {
    open: async (contestant): Promise<Running> => {
      const population = await engine.populate(populationOf(data, contestant));
      const steps = async (count: number): Promise<void> => void (await population.advance(count));
      return {
        steps,
        facts: { parameters: parameterTable(network(contestant.widths, contestant.task)).total, adapter, software, note, bytesPerChain: null },
        close: () => population.dispose(),
      };
    },
    close: () => engine.dispose(),
  };
}
