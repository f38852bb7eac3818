/** An engine's sampling step is `inference/sghmc.ts`'s, chain by chain, on the gradient of the same batch and the noise of the same stream. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '../src/core/philox.ts';
import { BatchOrder } from '../src/engine/batches.ts';
import { readRows } from '../src/engine/input.ts';
import { TypedNetwork } from '../src/engine/tfjs/network.ts';
import { openTyped } from '../src/engine/tfjs/open-typed.ts';
import { everySampler, largestGap, NORMALISATION, stripes } from '../src/engine/tfjs/testing.ts';
import type { TypedEngine } from '../src/engine/tfjs/typed-engine.ts';
import { mobilityOf } from '../src/engine/sampling.ts';
import { build } from '../src/inference/sghmc.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';

const architecture = buildArchitecture('convnet-s', { widths: [3, 5], input: { height: 9, width: 7, channels: 1 }, classes: 3 });
const STEPS = 24;

describe('the engine\'s step', () => {
  let engine: TypedEngine;
  beforeAll(async () => {
    engine = await openTyped({ backend: 'wasm' });
  });

  it.each([5, 0.1])('is the sampler\'s update for every prior, friction, temperature and cycle, clip %f', async (clip) => {
    const dataset = stripes(architecture, 50);
    const data = await engine.load(dataset, NORMALISATION);
    const spec = everySampler(architecture, data, { clip });
    const population = await engine.populate(spec);
    await population.advance(STEPS);
    const thetas = await population.parameters(spec.chains.map((_, i) => i));

    const { extractor, total } = parameterTable(architecture);
    const network = new TypedNetwork(architecture, 'whole', spec.batch);
    const rows = new Uint32Array(spec.batch);
    const x = new Float32Array(spec.batch * 63);
    let compared = 0;
    spec.chains.forEach((chain, i) => {
      const { indices, schedule, headStrength, seed, sampler } = chain;
      if (!sampler) return;
      const prior = chain.prior && { gaussian: spec.priors[chain.prior.gaussian]!, scale: chain.prior.scale, floor: chain.prior.floor };
      const { init, update } = build({ extractor, n: indices.length, prior, headStrength, schedule, clip, ...sampler });
      const order = new BatchOrder(seed, indices);
      let state = init(spec.starts[chain.start]!);
      for (let step = 0; step < STEPS; step++) {
        order.rows(step, rows);
        readRows({ dataset, normalisation: NORMALISATION }, rows, 0, rows.length, x);
        const gradient = new Float32Array(total);
        network.lossAndGradient(state.theta, x, Uint16Array.from(rows, (row) => dataset.labels[row]!), rows.length, gradient, false);
        const stream = new Stream(sampler.noiseSeed, 'sampler', step);
        state = update(state, gradient, Float32Array.from({ length: total }, () => stream.normal()));
      }
      expect(largestGap(thetas[i]!, state.theta), `chain ${i}`).toBeLessThan(1e-5);
      expect(largestGap(state.theta, spec.starts[chain.start]!), `chain ${i} moves`).toBeGreaterThan(1e-2);
      compared++;
    });
    expect(compared).toBe(14);
    await population.dispose();
  });

  it.each([[1, 0.1, true], [0.1, 0.1, true], [1, 1, true], [1, 0.1, false]])('has the kinetic temperature T = %d at friction %d, preconditioned %s', async (temperature, friction, preconditioned) => {
    const data = await engine.load(stripes(architecture, 50), NORMALISATION);
    // The whole training set a batch: no noise but the sampler's.
    const spec = everySampler(architecture, data, { batch: 23, clip: 1e9 });
    const eta = 0.03;
    const chain = {
      ...spec.chains[3]!, schedule: { start: eta, end: eta, steps: 1 }, prior: { gaussian: 0, scale: preconditioned ? 30 : 1e4, floor: 0 },
      sampler: { ...spec.chains[3]!.sampler!, temperature, friction, preconditioned },
    };
    const { extractor, total } = parameterTable(architecture);
    const mobility = mobilityOf(chain, chain.sampler, spec.priors, extractor, total);
    const population = await engine.populate({ ...spec, chains: [chain] });
    await population.advance(200);
    let [previous] = await population.parameters([0]);
    let sum = 0;
    for (let step = 0; step < 300; step++) {
      await population.advance(1);
      const [theta] = await population.parameters([0]);
      // E[v²] = (ηTM/N)·2/(2 − α), up to the bias ηk/(4 − 2α) of a few per cent.
      theta!.forEach((x, j) => (sum += ((x - previous![j]!) ** 2 * 23 * (2 - friction)) / (2 * eta * mobility[j]!) / total / 300));
      previous = theta;
    }
    await population.dispose();
    expect(sum / temperature).toBeGreaterThan(0.95);
    expect(sum / temperature).toBeLessThan(1.1);
  });
});
