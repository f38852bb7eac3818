/** Segmentation on the fused engine against the typed engine and finite differences in float64, in both ways of cutting the work. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../src/core/philox.ts';
import type { Engine, PopulationSpec } from '../src/engine/contract.ts';
import { bytesOn } from '../src/engine/fused/buffers.ts';
import { type Cut, CUTS, FusedEngine } from '../src/engine/fused/fused-engine.ts';
import { everyArm, everySampler, largestGap, NORMALISATION, patches, range, referencePixelNll, stripes } from '../src/engine/tfjs/testing.ts';
import type { Architecture } from '../src/model/architecture.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';
import { initialise } from '../src/model/initialise.ts';
import { segmentationOf } from '../src/model/segmentation.ts';
import { device, openBothEngines, typed } from './both-engines.ts';

/** Odd sizes, one to three maps joined, no to two dilations, channels that are no multiple of four. */
const NETWORKS: Record<string, Architecture> = {
  'ConvNet-S of 3-5 on 9×11': segmentationOf(buildArchitecture('convnet-s', { widths: [3, 5], input: { height: 9, width: 11, channels: 1 }, classes: 2 }), 3),
  'ConvNet-S of 10-6-9 on 21×10, colour': segmentationOf(buildArchitecture('convnet-s', { widths: [10, 6, 9], input: { height: 21, width: 10, channels: 3 }, classes: 2 }), 5),
  'ConvNet-S of 4 on 6×5': segmentationOf(buildArchitecture('convnet-s', { widths: [4], input: { height: 6, width: 5, channels: 4 }, classes: 2 }), 4),
  'ResNet-8 of 4-6-10, a stem of stride 2, on 13×14': segmentationOf(buildArchitecture('resnet-8', { widths: [4, 6, 10], stem: 2, input: { height: 13, width: 14, channels: 1 }, classes: 2 }), 3),
};
const small = NETWORKS['ConvNet-S of 3-5 on 9×11']!;

openBothEngines();

/** Two steps of some chains, then evaluations of them and of points of a plane. */
async function outcomeOf(engine: Engine, architecture: Architecture, chains: (spec: PopulationSpec) => PopulationSpec['chains'], more: Partial<PopulationSpec> = {}, every = everyArm) {
  const data = await engine.load(patches(architecture, 43), NORMALISATION);
  const spec = every(architecture, data, { batch: 3, ...more });
  const population = await engine.populate({ ...spec, chains: chains(spec) });
  const all = Array.from({ length: population.chains }, (_, i) => i);
  const progress = [await population.advance(1), await population.advance(1)];
  const thetas = await population.parameters(all);
  const own = await population.evaluate({ data, indices: [range(0, 10), range(4, 5)], items: [...all.map((chain) => ({ chain, rows: 0 })), { chain: 0, rows: 1 }], logits: true });
  const [origin, u, v] = [initialise(architecture, 1), initialise(architecture, 2), initialise(architecture, 3)];
  const plane = await engine.evaluate({
    architecture, data, indices: range(0, 9), logits: false, points: { kind: 'plane', origin, u, v, coordinates: Float32Array.of(0, 0, 0.3, -0.2, NaN, 0.4) },
  });
  await population.dispose();
  await engine.unload(data);
  return { progress, thetas, own, plane, waves: population.waves };
}

type Outcome = Awaited<ReturnType<typeof outcomeOf>>;

function expectClose(a: Outcome, b: Outcome): void {
  a.progress.forEach(({ nll, accuracy, divergedAt }, k) => {
    expect(largestGap(nll, b.progress[k]!.nll)).toBeLessThan(2e-5);
    // A pixel between two answers may be given either.
    expect(largestGap(accuracy, b.progress[k]!.accuracy)).toBeLessThan(5e-3);
    expect(b.progress[k]!.divergedAt).toEqual(divergedAt);
  });
  a.thetas.forEach((theta, i) => expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(2e-5));
  a.own.logits!.forEach((logits, i) => expect(largestGap(logits, b.own.logits![i]!), `chain ${i}`).toBeLessThan(1e-4));
  for (const [one, other] of [[a.own, b.own], [a.plane, b.plane]] as const) {
    expect([...other.finite]).toEqual([...one.finite]);
    one.nll.forEach((nll, i) => {
      if (Number.isNaN(nll)) return void expect(other.nll[i]).toBeNaN();
      expect(Math.abs(nll - other.nll[i]!) / (1 + nll)).toBeLessThan(2e-5);
      const [mine, its] = [one.pixels![i]!, other.pixels![i]!];
      const all = mine.confusion.reduce((sum, count) => sum + count, 0);
      expect(its.confusion.reduce((sum, count) => sum + count, 0)).toBe(all);
      expect(mine.confusion.reduce((sum, count, k) => sum + Math.abs(count - its.confusion[k]!), 0)).toBeLessThan(2 + all / 200);
      const column = (bins: Float64Array, k: number) => bins.filter((_, j) => j % 3 === k).reduce((sum, value) => sum + value, 0);
      expect(column(its.bins, 0)).toBe(all);
      expect(Math.abs(column(mine.bins, 1) - column(its.bins, 1)) / all).toBeLessThan(1e-5);
      expect(column(its.bins, 2) / all).toBeCloseTo(other.accuracy[i]!, 12);
    });
  }
}

/** Plain, under a low-rank prior, with a frozen extractor, with a frozen decoder; two that sample beside one that does not. */
const arms = ({ chains }: PopulationSpec) => [chains[0]!, chains[2]!, chains[3]!, chains[5]!];
const two = ({ chains }: PopulationSpec) => [chains[2]!, chains[3]!];
const samplers = ({ chains }: PopulationSpec) => [chains[3]!, chains[2]!, chains[1]!];

describe.each<[string, Cut]>(Object.entries(CUTS))('cut for %s', (_name, cut) => {
  // Kernels are compiled anew for each network, which takes a software adapter longest: the second cut is held to two of them.
  it.each(Object.entries(NETWORKS).slice(0, cut === CUTS.software ? 4 : 1))('%s computes what the typed engine computes', async (_network, architecture) => {
    expectClose(await outcomeOf(typed, architecture, arms), await outcomeOf(new FusedEngine(device, cut), architecture, arms));
  });

  it('weighs classes and samples as the typed engine does', async () => {
    const weights = { classWeights: Float32Array.of(1, 0, 2.5) };
    expectClose(await outcomeOf(typed, small, samplers, weights, everySampler), await outcomeOf(new FusedEngine(device, cut), small, samplers, weights, everySampler));
  });

  it('has the gradient of the loss, by central differences in float64', async () => {
    const engine = new FusedEngine(device, cut);
    const theta = initialise(small, 3);
    // Where nothing reaches a unit, a bias of 0 would lie on the kink of its ReLU.
    for (const { bias, offset, size } of parameterTable(small).entries) if (bias) theta.fill(0.05, offset, offset + size);
    const dataset = patches(small, 6);
    const data = await engine.load(dataset, { mean: 0, std: 1 });
    const eta = 2 ** -7;
    const population = await engine.populate({
      architecture: small, data, batch: 6, augmentation: null, momentum: 0, clip: 1e9, starts: [theta], priors: [],
      chains: [{ start: 0, seed: 1, indices: range(0, 6), schedule: { start: eta, end: eta, steps: 1 }, frozen: false, prior: null, headStrength: 0, sampler: null }],
    });
    await population.advance(1);
    const [after] = await population.parameters([0]);
    const stream = new Stream(1, 'sampler');
    for (const { name, offset, size } of parameterTable(small).entries) {
      const j = offset + stream.integer(size);
      const at = (h: number) => referencePixelNll(small, Float64Array.from(theta, (x, i) => (i === j ? x + h : x)), dataset.images, dataset.maps!, 6);
      expect((theta[j]! - after![j]!) / eta, name).toBeCloseTo((at(1e-6) - at(-1e-6)) / 2e-6, 3);
    }
    await population.dispose();
  });
});

describe('a population of segmentation networks on the GPU', () => {
  it('is the same in waves that fit a small budget, and leaves nothing behind', async () => {
    const alone = { ...CUTS.software, threads: 1 };
    const before = bytesOn(device.gpu);
    const [a, b] = [await outcomeOf(new FusedEngine(device, alone), small, two), await outcomeOf(new FusedEngine(device, { ...alone, budget: 1 }), small, two)];
    expect([a.waves, b.waves]).toEqual([1, 2]);
    expect(b.thetas).toEqual(a.thetas);
    expect(b.own.pixels).toEqual(a.own.pixels);
    expect(bytesOn(device.gpu)).toBe(before);
  });

  it('refuses data without label maps, features and curvature in a sentence', async () => {
    const engine = new FusedEngine(device, CUTS.software);
    const data = await engine.load(stripes(small, 5), NORMALISATION);
    const points = { architecture: small, data, indices: range(0, 2), thetas: [initialise(small, 1)] };
    await expect(engine.populate(everyArm(small, data))).rejects.toMatchObject({ kind: 'data' });
    await expect(engine.features(points)).rejects.toMatchObject({ kind: 'config' });
    await expect(engine.squaredGradients({ ...points, labels: 'data' })).rejects.toMatchObject({ kind: 'config' });
    await engine.unload(data);
  });
});
