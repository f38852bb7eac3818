/** Squared gradients and features of the fused engine on WebGPU against the typed engine on wasm, in both ways of cutting the work. */
import { describe, expect, it } from 'vitest';
import type { Engine } from '../src/engine/contract.ts';
import { bytesOn } from '../src/engine/fused/buffers.ts';
import { CUTS, FusedEngine } from '../src/engine/fused/fused-engine.ts';
import { largestGap, NORMALISATION, range, stripes } from '../src/engine/tfjs/testing.ts';
import type { Architecture } from '../src/model/architecture.ts';
import { buildArchitecture } from '../src/model/build.ts';
import { initialise } from '../src/model/initialise.ts';
import { device, openBothEngines, typed } from './both-engines.ts';

const NETWORKS: Record<string, Architecture> = {
  'ConvNet 5-6-7 on 13×11': buildArchitecture('convnet-s', { widths: [5, 6, 7], input: { height: 13, width: 11, channels: 1 }, classes: 5 }),
  'ConvNet 8-16 on 8×8, colour': buildArchitecture('convnet-s', { widths: [8, 16], input: { height: 8, width: 8, channels: 3 }, classes: 3 }),
  'MLP 9-6': buildArchitecture('mlp', { widths: [9, 6], input: { height: 5, width: 5, channels: 1 }, classes: 4 }),
  linear: buildArchitecture('linear', { widths: [], input: { height: 3, width: 3, channels: 1 }, classes: 3 }),
};

openBothEngines();

describe.each(Object.entries(CUTS))('cut for %s', (_name, cut) => {
  // A budget of a few rows makes several chunks with a tail.
  it.each(Object.entries(NETWORKS).flatMap(([name, network]) => [[name, network, cut], [`${name}, in chunks`, network, { ...cut, budget: 150_000 }]] as const))('%s', async (_network, architecture, own) => {
    const ask = async (engine: Engine) => {
      const data = await engine.load(stripes(architecture, 60), NORMALISATION);
      const request = { architecture, data, indices: range(3, 50), thetas: [initialise(architecture, 1), initialise(architecture, 2)] };
      const squares = [...await engine.squaredGradients({ ...request, labels: 'data' }), ...await engine.squaredGradients({ ...request, labels: 'model' })];
      const features = architecture.head ? await engine.features(request) : [];
      await engine.unload(data);
      return { squares, features };
    };
    const before = bytesOn(device.gpu);
    const [a, b] = [await ask(typed), await ask(new FusedEngine(device, own))];
    expect(bytesOn(device.gpu)).toBe(before);
    a.squares.forEach((squares, t) => {
      const size = Math.max(...squares);
      expect(Math.max(...squares.map((value, j) => Math.abs(value - b.squares[t]![j]!))) / size).toBeLessThan(1e-5);
    });
    expect(a.squares[0]).not.toEqual(a.squares[2]);
    a.features.forEach((features, t) => expect(largestGap(features, b.features[t]!)).toBeLessThan(1e-5));
    expect(b.features).toHaveLength(a.features.length);
  });
});
