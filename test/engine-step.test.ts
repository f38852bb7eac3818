/** An engine's step is `inference/map.ts`'s and `inference/sghmc.ts`'s, chain by chain, on the gradient of the same batch and the noise of the same stream. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '../src/core/philox.ts';
import type { ScaledGaussian } from '../src/core/gaussian.ts';
import { BatchOrder } from '../src/engine/batches.ts';
import type { ChainSpec, PopulationSpec } from '../src/engine/contract.ts';
import { readRows } from '../src/engine/input.ts';
import { mobilityOf } from '../src/engine/sampling.ts';
import { TypedNetwork } from '../src/engine/tfjs/network.ts';
import { openTyped } from '../src/engine/tfjs/open-typed.ts';
import { everyArm, everySampler, largestGap, NORMALISATION, stripes } from '../src/engine/tfjs/testing.ts';
import type { TypedEngine } from '../src/engine/tfjs/typed-engine.ts';
import { build as buildMap } from '../src/inference/map.ts';
import { build as buildSampler } from '../src/inference/sghmc.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';

const architecture = buildArchitecture('convnet-s', { widths: [3, 5], input: { height: 9, width: 7, channels: 1 }, classes: 3 });
const { extractor, total } = parameterTable(architecture);
const STEPS = 24;

/** The reference of one chain: theta [D + H] after each step, from the gradient at the last one. */
type Reference = (chain: ChainSpec, prior: ScaledGaussian | null) => (gradient: Float32Array, step: number) => Float32Array;

describe('the engine\'s step', () => {
  let engine: TypedEngine;
  beforeAll(async () => {
    engine = await openTyped({ backend: 'wasm' });
  });

  /** Every chain on the engine and by the reference; the largest gap between the two, and how far the chain went, each. */
  async function replayed(make: (data: PopulationSpec['data']) => PopulationSpec, reference: Reference): Promise<{ gap: number; way: number }[]> {
    const dataset = stripes(architecture, 50);
    const spec = make(await engine.load(dataset, NORMALISATION));
    const population = await engine.populate(spec);
    await population.advance(STEPS);
    const thetas = await population.parameters(spec.chains.map((_, i) => i));
    await population.dispose();
    const network = new TypedNetwork(architecture, 'whole', spec.batch);
    const rows = new Uint32Array(spec.batch);
    const x = new Float32Array(spec.batch * 63);
    return spec.chains.map((chain, i) => {
      const next = reference(chain, chain.prior && { gaussian: spec.priors[chain.prior.gaussian]!, scale: chain.prior.scale, floor: chain.prior.floor });
      const order = new BatchOrder(chain.seed, chain.indices);
      const start = spec.starts[chain.start]!;
      let theta = start;
      for (let step = 0; step < STEPS; step++) {
        order.rows(step, rows);
        readRows({ dataset, normalisation: NORMALISATION }, rows, 0, rows.length, x);
        const gradient = new Float32Array(total);
        network.lossAndGradient(theta, x, Uint16Array.from(rows, (row) => dataset.labels[row]!), rows.length, gradient, false);
        theta = next(gradient, step);
      }
      return { gap: largestGap(thetas[i]!, theta), way: largestGap(theta, start) };
    });
  }

  it.each([5, 0.1])('is MAP\'s update for every prior, clip %f', async (clip) => {
    let spec: PopulationSpec;
    const found = await replayed((data) => {
      spec = everyArm(architecture, data, { clip });
      return (spec = { ...spec, chains: spec.chains.filter((chain) => !chain.frozen) });
    }, ({ indices, schedule, headStrength: asked, frozenHead = false, start }, prior) => {
      const headStrength = frozenHead ? 0 : asked;
      const { init, update } = buildMap({ extractor, n: indices.length, prior, headStrength, schedule, momentum: spec.momentum, clip });
      let state = init(spec.starts[start]!);
      return (gradient) => (state = update(state, frozenHead ? gradient.fill(0, extractor) : gradient)).theta;
    });
    expect(found.length).toBe(10);
    found.forEach(({ gap }, i) => expect(gap, `chain ${i}`).toBeLessThan(1e-5));
  });

  it.each([5, 0.1])('is the sampler\'s update for every prior, friction, temperature and cycle, clip %f', async (clip) => {
    let spec: PopulationSpec;
    const found = await replayed((data) => {
      spec = everySampler(architecture, data, { clip });
      return (spec = { ...spec, chains: spec.chains.filter((chain) => chain.sampler !== null) });
    }, ({ indices, schedule, headStrength, sampler, start }, prior) => {
      const { init, update } = buildSampler({ extractor, n: indices.length, prior, headStrength, schedule, clip, ...sampler! });
      let state = init(spec.starts[start]!);
      return (gradient, step) => {
        const stream = new Stream(sampler!.noiseSeed, 'sampler', step);
        return (state = update(state, gradient, Float32Array.from({ length: total }, () => stream.normal()))).theta;
      };
    });
    expect(found.length).toBe(14);
    found.forEach(({ gap, way }, i) => {
      expect(gap, `chain ${i}`).toBeLessThan(1e-5);
      expect(way, `chain ${i} moves`).toBeGreaterThan(1e-2);
    });
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
