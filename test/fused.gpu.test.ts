/**
 * The fused engine on WebGPU against the typed engine on wasm, against finite differences in float64 and against
 * itself, in both ways of cutting the work. The device reports each error nobody waited for, and must have told of none.
 */
import { describe, expect, it } from 'vitest';
import { Stream } from '../src/core/philox.ts';
import type { Dataset } from '../src/data/dataset.ts';
import type { Engine, PopulationSpec } from '../src/engine/contract.ts';
import { openDevice } from '../src/engine/device.ts';
import { bytesOn } from '../src/engine/fused/buffers.ts';
import { type Cut, CUTS, FusedEngine } from '../src/engine/fused/fused-engine.ts';
import { everyArm, inSteps, largestGap, NORMALISATION, range, referenceNll, stripes } from '../src/engine/tfjs/testing.ts';
import type { Architecture } from '../src/model/architecture.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';
import { initialise } from '../src/model/initialise.ts';
import { device, openBothEngines, typed } from './both-engines.ts';

/** Odd sizes, channels that are no multiple of four, colour, dense layers, one layer only. */
const NETWORKS: Record<string, Architecture> = {
  'ConvNet 5-6-7 on 13×11': buildArchitecture('convnet-s', { widths: [5, 6, 7], input: { height: 13, width: 11, channels: 1 }, classes: 5 }),
  'ConvNet 8-16 on 8×8, colour': buildArchitecture('convnet-s', { widths: [8, 16], input: { height: 8, width: 8, channels: 3 }, classes: 3 }),
  'ConvNet 3 on 5×6, four channels': buildArchitecture('convnet-s', { widths: [3], input: { height: 5, width: 6, channels: 4 }, classes: 2 }),
  'MLP 9-6': buildArchitecture('mlp', { widths: [9, 6], input: { height: 5, width: 5, channels: 1 }, classes: 4 }),
  linear: buildArchitecture('linear', { widths: [], input: { height: 3, width: 3, channels: 1 }, classes: 3 }),
};
const small = NETWORKS['ConvNet 5-6-7 on 13×11']!;

openBothEngines();

/** Bytes, so that the data set is read as the glyphs are. */
function bytes(dataset: Dataset): Dataset {
  const { images } = dataset;
  return { ...dataset, images: Uint8Array.from(images, (x) => Math.max(0, Math.min(255, Math.round(255 * x)))) };
}

/** Twelve steps of every arm and what can be asked of a population. */
async function outcomeOf(engine: Engine, architecture: Architecture, more: Partial<PopulationSpec> = {}, pieces: (number | 'save')[] = [1, 11], dataset = stripes(architecture, 60)) {
  const data = await engine.load(dataset, NORMALISATION);
  const { population, progress } = await inSteps(engine, { ...everyArm(architecture, data), ...more, data }, pieces);
  const all = Array.from({ length: population.chains }, (_, i) => i);
  const thetas = await population.parameters(all);
  const own = await population.evaluate({ data, indices: [range(0, 60), range(10, 17)], items: all.map((chain) => ({ chain, rows: chain % 2 })), logits: true });
  const [origin, u, v] = thetas;
  const points = await engine.evaluate({
    architecture, data, indices: range(0, 50), logits: false,
    points: { kind: 'plane', origin: origin!, u: u!, v: v!, coordinates: Float32Array.from({ length: 2 * 70 }, (_, i) => 0.3 * Math.cos(i)) },
  });
  await population.dispose();
  await engine.unload(data);
  return { progress, thetas, own, points, waves: population.waves };
}

async function expectEqualEngines(architecture: Architecture, cut: Cut, more: Partial<PopulationSpec> = {}, dataset?: Dataset): Promise<void> {
  const a = await outcomeOf(typed, architecture, more, [1, 11], dataset);
  const b = await outcomeOf(new FusedEngine(device, cut), architecture, more, [1, 11], dataset);
  // float32 sums in another order: one step to 1e-6, twelve to 5e-5.
  expect(largestGap(a.progress[0]!.nll, b.progress[0]!.nll)).toBeLessThan(1e-5);
  expect(largestGap(a.progress[1]!.nll, b.progress[1]!.nll)).toBeLessThan(5e-5);
  expect(largestGap(a.progress[1]!.accuracy, b.progress[1]!.accuracy)).toBeLessThan(1e-5);
  expect([...b.progress[1]!.divergedAt]).toEqual([...a.progress[1]!.divergedAt]);
  expect(b.progress[1]!.step).toBe(12);
  a.thetas.forEach((theta, i) => expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(5e-5));
  a.own.logits!.forEach((logits, i) => expect(largestGap(logits, b.own.logits![i]!), `chain ${i}`).toBeLessThan(2e-4));
  expect(largestGap(a.own.nll, b.own.nll)).toBeLessThan(5e-5);
  expect(largestGap(a.own.accuracy, b.own.accuracy)).toBeLessThan(1e-6);
  expect(largestGap(a.points.nll, b.points.nll)).toBeLessThan(1e-5);
  expect([...b.points.finite]).toEqual([...a.points.finite]);
}

describe.each(Object.entries(CUTS))('cut for %s', (_name, cut) => {
  it.each(Object.entries(NETWORKS))('%s computes what the typed engine computes', async (_network, architecture) => {
    await expectEqualEngines(architecture, cut);
  });

  it('augments, reads bytes and fills up a short batch alike', async () => {
    const augmentation = { rotation: 20, scale: [0.8, 1.2] as [number, number], shift: 2, shear: 0.3 };
    await expectEqualEngines(small, cut, { augmentation }, bytes(stripes(small, 60)));
    await expectEqualEngines(small, cut, { batch: 100 }, bytes(stripes(small, 61)));
  });

  it('has the gradient of the loss, by central differences in float64', async () => {
    const engine = new FusedEngine(device, cut);
    for (const architecture of [small, NETWORKS['MLP 9-6']!]) {
      const theta = initialise(architecture, 3);
      const dataset = stripes(architecture, 10);
      const data = await engine.load(dataset, { mean: 0, std: 1 });
      const eta = 2 ** -7;
      const population = await engine.populate({
        architecture, data, batch: 10, augmentation: null, momentum: 0, clip: 1e9, starts: [theta], priors: [],
        chains: [{ start: 0, seed: 1, indices: range(0, 10), schedule: { start: eta, end: eta, steps: 1 }, frozen: false, prior: null, headStrength: 0, sampler: null }],
      });
      await population.advance(1);
      const [after] = await population.parameters([0]);
      const stream = new Stream(1, 'sampler');
      for (let trial = 0; trial < 12; trial++) {
        const j = stream.integer(theta.length);
        const at = (h: number) => referenceNll(architecture, Float64Array.from(theta, (x, i) => (i === j ? x + h : x)), dataset.images, dataset.labels, 10);
        const expected = (at(1e-5) - at(-1e-5)) / 2e-5;
        expect((theta[j]! - after![j]!) / eta, `parameter ${j}`).toBeCloseTo(expected, 3);
      }
      await population.dispose();
    }
  });
});

describe('a population on the GPU', () => {
  it('is bit for bit the same again, in other pieces, and in waves that fit a small budget', async () => {
    const once = await outcomeOf(new FusedEngine(device, CUTS.software), small, {}, [12]);
    expect(await outcomeOf(new FusedEngine(device, CUTS.software), small, {}, [12])).toEqual(once);
    const pieces = await outcomeOf(new FusedEngine(device, CUTS.software), small, {}, [3, 8, 1]);
    expect(pieces.thetas).toEqual(once.thetas);
    const saved = await outcomeOf(new FusedEngine(device, CUTS.software), small, {}, ['save', 3, 'save', 8, 'save', 1]);
    expect(saved.thetas).toEqual(once.thetas);
    // The share of a weight gradient depends on how many chains run together; with one share nothing does.
    const alone = { ...CUTS.software, threads: 1 };
    const together = await outcomeOf(new FusedEngine(device, alone), small, {}, [12]);
    const waves = await outcomeOf(new FusedEngine(device, { ...alone, budget: 1 }), small, {}, [12]);
    expect([together.waves, waves.waves]).toEqual([1, 10]);
    expect(waves.thetas).toEqual(together.thetas);
    expect(waves.points.nll).toEqual(together.points.nll);
  });

  it('is still with the typed engine after 200 steps', async () => {
    const chains = (spec: PopulationSpec) => spec.chains.map((chain) => ({ ...chain, schedule: { start: 0.05, end: 0, steps: 200 } }));
    const outcome = async (engine: Engine) => {
      const data = await engine.load(stripes(small, 60), NORMALISATION);
      const spec = everyArm(small, data);
      const population = await engine.populate({ ...spec, chains: chains(spec) });
      const { nll } = await population.advance(200);
      const thetas = await population.parameters(Array.from({ length: population.chains }, (_, i) => i));
      await population.dispose();
      await engine.unload(data);
      return { nll, thetas };
    };
    const [a, b] = [await outcome(typed), await outcome(new FusedEngine(device, CUTS.software))];
    // Rounding grows where the loss surface bends; what is learned does not differ.
    expect(largestGap(a.nll, b.nll)).toBeLessThan(1e-3);
    a.thetas.forEach((theta, i) => expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(1e-2));
  });

  it('freezes a chain that diverges, by its parameters or by its gradient, where it was, and no other', async () => {
    const engine = new FusedEngine(device, CUTS.gpu);
    const data = await engine.load(stripes(small, 60), NORMALISATION);
    const spec = everyArm(small, data);
    const base = { ...spec.chains[0]!, schedule: { start: 0.1, end: 0.1, steps: 1 } };
    const poisoned = Float32Array.from(spec.starts[0]!);
    poisoned[parameterTable(small).extractor] = NaN;
    const huge = { ...base, schedule: { start: 3e38, end: 3e38, steps: 1 } };
    const population = await engine.populate({ ...spec, clip: 1e9, starts: [...spec.starts, poisoned], chains: [base, huge, { ...base, start: 2 }, base] });
    const { divergedAt } = await population.advance(4);
    const thetas = await population.parameters([0, 1, 2, 3]);
    expect([divergedAt[0], divergedAt[2], divergedAt[3]]).toEqual([-1, 0, -1]);
    expect(divergedAt[1]).toBeGreaterThanOrEqual(0);
    expect(divergedAt[1]).toBeLessThan(3);
    expect(thetas[0]).toEqual(thetas[3]);
    expect(thetas[1]!.every(Number.isFinite)).toBe(true);
    expect(Number.isNaN(thetas[2]![parameterTable(small).extractor])).toBe(true);
    const { finite } = await population.evaluate({ data, indices: [range(0, 20)], items: [0, 2].map((chain) => ({ chain, rows: 0 })), logits: false });
    expect([...finite]).toEqual([1, 0]);
    // A unit that is always off hides an infinite weight from the logits.
    const hidden = spec.starts[0]!.slice();
    hidden[parameterTable(small).entries[1]!.offset] = -Infinity;
    const list = await engine.evaluate({ architecture: small, data, indices: range(0, 20), points: { kind: 'list', thetas: [hidden, spec.starts[0]!] }, logits: false });
    expect([...list.finite]).toEqual([0, 1]);
    expect(list.nll[0]).toBeNaN();
    const later = await population.advance(3);
    expect([...later.divergedAt]).toEqual([...divergedAt]);
    expect(await population.parameters([1])).toEqual([thetas[1]]);
    await population.dispose();
  });

  it('makes nothing anew in a step and leaves nothing behind', async () => {
    const engine = new FusedEngine(device, CUTS.software);
    const tiny = NETWORKS.linear!;
    const before = bytesOn(device.gpu);
    const data = await engine.load(stripes(tiny, 60), NORMALISATION);
    const population = await engine.populate(everyArm(tiny, data));
    await population.advance(10);
    const [held, pipelines] = [bytesOn(device.gpu), engine.programs.count];
    for (let i = 0; i < 20; i++) await population.advance(100);
    expect([bytesOn(device.gpu), engine.programs.count]).toEqual([held, pipelines]);
    await population.dispose();
    for (let i = 0; i < 20; i++) {
      const again = await engine.populate(everyArm(tiny, data));
      await again.advance(1);
      await again.dispose();
    }
    expect(engine.programs.count).toBe(pipelines);
    await engine.unload(data);
    expect(bytesOn(device.gpu)).toBe(before);
  });

  it('refuses in a sentence what does not fit, and tells of a device that is lost', async () => {
    const engine = new FusedEngine(device, CUTS.software);
    const data = await engine.load(stripes(small, 20), NORMALISATION);
    const wide = buildArchitecture('convnet-s', { widths: [512, 512], input: { height: 900, width: 900, channels: 1 }, classes: 3 });
    await expect(engine.evaluate({ architecture: wide, data, indices: range(0, 64), points: { kind: 'list', thetas: [new Float32Array(parameterTable(wide).total)] }, logits: false }))
      .rejects.toMatchObject({ kind: 'memory' });
    await engine.unload(data);
    const losing = await openDevice(() => undefined);
    const doomed = new FusedEngine(losing, CUTS.software);
    const there = await doomed.load(stripes(small, 60), NORMALISATION);
    const population = await doomed.populate(everyArm(small, there));
    losing.gpu.destroy();
    await expect(population.advance(5)).rejects.toMatchObject({ kind: 'device' });
  });
});
