/** ResNets on the fused engine against the typed engine and finite differences in float64, in both ways of cutting the work. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../src/core/philox.ts';
import type { Engine, PopulationSpec } from '../src/engine/contract.ts';
import { bytesOn } from '../src/engine/fused/buffers.ts';
import { type Cut, CUTS, FusedEngine } from '../src/engine/fused/fused-engine.ts';
import { everyArm, everySampler, largestGap, NORMALISATION, range, referenceNll, stripes } from '../src/engine/tfjs/testing.ts';
import type { Architecture } from '../src/model/architecture.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';
import { initialise } from '../src/model/initialise.ts';
import { device, openBothEngines, typed } from './both-engines.ts';

/** Groups of one, two, three, four and eight channels, widths that are no multiple of four, blocks with and without a projection, a stride in the stem. */
const NETWORKS: Record<string, Architecture> = {
  'ResNet-8 of 3-4-16 on 9×7': buildArchitecture('resnet-8', { widths: [3, 4, 16], input: { height: 9, width: 7, channels: 1 }, classes: 3 }),
  'ResNet-8 of 6-9-64 on 9×10, colour, a stem of stride 2': buildArchitecture('resnet-8', { widths: [6, 9, 64], stem: 2, input: { height: 9, width: 10, channels: 3 }, classes: 4 }),
  'ResNet-14 of 4-6-10 on 6×7': buildArchitecture('resnet-14', { widths: [4, 6, 10], input: { height: 6, width: 7, channels: 4 }, classes: 3 }),
};
const small = NETWORKS['ResNet-8 of 3-4-16 on 9×7']!;

openBothEngines();

/** Three steps of some chains, then evaluations of them and of points of a plane. */
async function outcomeOf(engine: Engine, architecture: Architecture, chains: (spec: PopulationSpec) => PopulationSpec['chains'], every = everyArm) {
  const data = await engine.load(stripes(architecture, 60), NORMALISATION);
  const spec = every(architecture, data);
  const population = await engine.populate({ ...spec, chains: chains(spec) });
  const all = Array.from({ length: population.chains }, (_, i) => i);
  const progress = [await population.advance(1), await population.advance(2)];
  const thetas = await population.parameters(all);
  const own = await population.evaluate({ data, indices: [range(0, 60), range(10, 17)], items: all.map((chain) => ({ chain, rows: chain % 2 })), logits: true });
  const [origin, u, v] = [initialise(architecture, 1), initialise(architecture, 2), initialise(architecture, 3)];
  const plane = await engine.evaluate({
    architecture, data, indices: range(0, 30), logits: false,
    points: { kind: 'plane', origin, u, v, coordinates: Float32Array.of(0, 0, 0.3, -0.2, -0.1, 0.4) },
  });
  await population.dispose();
  await engine.unload(data);
  return { progress, thetas, own, plane, waves: population.waves };
}

type Outcome = Awaited<ReturnType<typeof outcomeOf>>;

function expectClose(a: Outcome, b: Outcome): void {
  a.progress.forEach(({ nll, accuracy, divergedAt }, k) => {
    expect(largestGap(nll, b.progress[k]!.nll)).toBeLessThan(1e-5);
    expect(largestGap(accuracy, b.progress[k]!.accuracy)).toBeLessThan(1e-6);
    expect(b.progress[k]!.divergedAt).toEqual(divergedAt);
  });
  a.thetas.forEach((theta, i) => expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(1e-5));
  a.own.logits!.forEach((logits, i) => expect(largestGap(logits, b.own.logits![i]!), `chain ${i}`).toBeLessThan(1e-4));
  expect(largestGap(a.own.nll, b.own.nll)).toBeLessThan(2e-5);
  expect(largestGap(a.plane.nll, b.plane.nll)).toBeLessThan(1e-5);
  expect([...b.plane.finite]).toEqual([...a.plane.finite]);
}

/** Plain, under a low-rank prior, with a frozen extractor; two that sample beside one that does not. */
const arms = ({ chains }: PopulationSpec) => [chains[0]!, chains[2]!, chains[3]!];
const samplers = ({ chains }: PopulationSpec) => [chains[3]!, chains[2]!, chains[1]!];

describe.each<[string, Cut]>(Object.entries(CUTS))('cut for %s', (_name, cut) => {
  it.each(Object.entries(NETWORKS))('%s computes what the typed engine computes', async (_network, architecture) => {
    expectClose(await outcomeOf(typed, architecture, arms), await outcomeOf(new FusedEngine(device, cut), architecture, arms));
  });

  it('samples what the typed engine samples', async () => {
    expectClose(await outcomeOf(typed, small, samplers, everySampler), await outcomeOf(new FusedEngine(device, cut), small, samplers, everySampler));
  });

  it('has the squared gradients and the features of the typed engine', async () => {
    const ask = async (engine: Engine) => {
      const data = await engine.load(stripes(small, 20), NORMALISATION);
      const request = { architecture: small, data, indices: range(3, 14), thetas: [initialise(small, 1)] };
      const found = { squares: (await engine.squaredGradients({ ...request, labels: 'model' }))[0]!, features: (await engine.features(request))[0]! };
      await engine.unload(data);
      return found;
    };
    const [a, b] = [await ask(typed), await ask(new FusedEngine(device, cut))];
    const size = Math.max(...a.squares);
    expect(Math.max(...a.squares.map((value, j) => Math.abs(value - b.squares[j]!))) / size).toBeLessThan(1e-5);
    expect(largestGap(a.features, b.features)).toBeLessThan(1e-5);
  });

  it('has the gradient of the loss, by central differences in float64', async () => {
    const engine = new FusedEngine(device, cut);
    const theta = initialise(small, 3);
    const { entries } = parameterTable(small);
    // Gains that differ, or an error in one would look like an error in another.
    for (const { gain, offset, size } of entries) if (gain) for (let j = 0; j < size; j++) theta[offset + j] = 0.7 + 0.6 * Math.sin(j);
    const dataset = stripes(small, 10);
    const data = await engine.load(dataset, { mean: 0, std: 1 });
    const eta = 2 ** -7;
    const population = await engine.populate({
      architecture: small, data, batch: 10, augmentation: null, momentum: 0, clip: 1e9, starts: [theta], priors: [],
      chains: [{ start: 0, seed: 1, indices: range(0, 10), schedule: { start: eta, end: eta, steps: 1 }, frozen: false, prior: null, headStrength: 0, sampler: null }],
    });
    await population.advance(1);
    const [after] = await population.parameters([0]);
    const stream = new Stream(1, 'sampler');
    for (const { name, offset, size } of entries) {
      const j = offset + stream.integer(size);
      const at = (h: number) => referenceNll(small, Float64Array.from(theta, (x, i) => (i === j ? x + h : x)), dataset.images, dataset.labels, 10);
      expect((theta[j]! - after![j]!) / eta, name).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 3);
    }
    await population.dispose();
  });
});

describe('a population of ResNets on the GPU', () => {
  it('is the same in waves that fit a small budget, and leaves nothing behind', async () => {
    const alone = { ...CUTS.software, threads: 1 };
    const before = bytesOn(device.gpu);
    const together = new FusedEngine(device, alone);
    const waves = new FusedEngine(device, { ...alone, budget: 1 });
    const [a, b] = [await outcomeOf(together, small, arms), await outcomeOf(waves, small, arms)];
    expect([a.waves, b.waves]).toEqual([1, 2]);
    expect(b.thetas).toEqual(a.thetas);
    expect(b.plane.nll).toEqual(a.plane.nll);
    expect(bytesOn(device.gpu)).toBe(before);
  });

  it('refuses in a sentence a network its kernels do not know', async () => {
    const engine = new FusedEngine(device, CUTS.software);
    const data = await engine.load(stripes(small, 20), NORMALISATION);
    const odd: Architecture = { ...small, name: 'resnet-14', extractor: small.extractor.map((layer) => (layer.kind === 'residual' ? { ...layer, body: layer.body.slice(0, 3) } : layer)) };
    const theta = new Float32Array(parameterTable(odd).total);
    await expect(engine.evaluate({ architecture: odd, data, indices: range(0, 9), points: { kind: 'list', thetas: [theta] }, logits: false })).rejects.toMatchObject({ kind: 'device' });
    await engine.unload(data);
  });
});
