/** Objectives of views on the fused engine: what the typed engine computes, views included, in both ways of cutting the work, in any pieces, with nothing made anew in a step. */
import { describe, expect, it } from 'vitest';
import type { Engine, PopulationSpec } from '../src/engine/contract.ts';
import { bytesOn } from '../src/engine/fused/buffers.ts';
import { CUTS, FusedEngine } from '../src/engine/fused/fused-engine.ts';
import { everyObjective, largestGap, NORMALISATION, OBJECTIVES, stripes } from '../src/engine/tfjs/testing.ts';
import { buildArchitecture } from '../src/model/build.ts';
import { device, openBothEngines, typed } from './both-engines.ts';

openBothEngines();

const small = buildArchitecture('convnet-s', { widths: [5, 6], input: { height: 11, width: 9, channels: 3 }, classes: 5 });
const bytes = stripes(small, 60);
bytes.images = Uint8Array.from(bytes.images, (x) => Math.max(0, Math.min(255, Math.round(255 * x))));

async function train(engine: Engine, kind: keyof typeof OBJECTIVES, pieces: number[], more: Partial<PopulationSpec> = {}) {
  const data = await engine.load(bytes, NORMALISATION);
  const population = await engine.populate(everyObjective(small, data, OBJECTIVES[kind], more));
  const progress = [];
  for (const steps of pieces) progress.push(await population.advance(steps));
  const thetas = await population.parameters(Array.from({ length: population.chains }, (_, i) => i));
  await population.dispose();
  await engine.unload(data);
  return { progress, thetas, waves: population.waves };
}

const CASES = [['nt-xent', CUTS.software], ['vicreg', CUTS.gpu]] as const;

describe.each(CASES)('%s', (kind, cut) => {
  it('computes what the typed engine computes, views and all', async () => {
    const a = await train(typed, kind, [1, 6]);
    const b = await train(new FusedEngine(device, cut), kind, [1, 6]);
    expect(largestGap(a.progress[0]!.nll, b.progress[0]!.nll)).toBeLessThan(1e-5);
    expect(largestGap(a.progress[1]!.nll, b.progress[1]!.nll)).toBeLessThan(1e-4);
    expect(largestGap(a.progress[0]!.accuracy, b.progress[0]!.accuracy)).toBeLessThan(1.5 / 14);
    expect([...b.progress[1]!.divergedAt]).toEqual([...a.progress[1]!.divergedAt]);
    a.thetas.forEach((theta, i) => expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(1e-4));
  });

  it('is bit for bit the same in pieces and in waves, makes nothing anew in a step, and freezes a chain that diverges', async () => {
    const engine = new FusedEngine(device, { ...cut, threads: 1 });
    const once = await train(engine, kind, [5]);
    const waves = await train(new FusedEngine(device, { ...cut, threads: 1, budget: 1 }), kind, [2, 3]);
    expect([once.waves, waves.waves]).toEqual([1, once.thetas.length]);
    expect(waves.thetas).toEqual(once.thetas);
    const data = await engine.load(bytes, NORMALISATION);
    const spec = everyObjective(small, data, OBJECTIVES[kind]);
    const broken = spec.starts[0]!.slice();
    broken[broken.length - 1] = NaN;
    const population = await engine.populate({ ...spec, starts: [...spec.starts, broken], chains: [spec.chains[0]!, { ...spec.chains[0]!, start: 2 }] });
    expect([...(await population.advance(2)).divergedAt]).toEqual([-1, 0]);
    const [held, pipelines] = [bytesOn(device.gpu), engine.programs.count];
    for (let i = 0; i < 3; i++) await population.advance(2);
    expect([bytesOn(device.gpu), engine.programs.count]).toEqual([held, pipelines]);
    await population.dispose();
    await engine.unload(data);
  });
});
