/** Objectives of views in the typed and the autodiff engine: the same step for step, in any pieces, and refused where they make no sense. */
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { projectionOf } from '../../model/projection.ts';
import type { Engine, PopulationSpec } from '../contract.ts';
import { readViews } from '../input.ts';
import { AutodiffNetwork } from './autodiff-network.ts';
import { openAutodiff } from './open-autodiff.ts';
import { openTyped } from './open-typed.ts';
import { TypedNetwork } from './network.ts';
import { referenceLogits, referenceViewLoss } from './reference.ts';
import { everyObjective, EVERY_VIEW, largestGap, NORMALISATION, OBJECTIVES, range, stripes } from './testing.ts';
import { initialise } from '../../model/initialise.ts';
import { lossOfViews } from '../view-losses.ts';

const convnet = buildArchitecture('convnet-s', { widths: [3, 5], input: { height: 9, width: 7, channels: 2 }, classes: 3 });
const engines: Record<'typed' | 'autodiff', Engine | null> = { typed: null, autodiff: null };

async function train(name: keyof typeof engines, kind: keyof typeof OBJECTIVES, pieces: number[], more: Partial<PopulationSpec> = {}) {
  const engine = engines[name]!;
  await setBackend(engine.info.backend);
  const data = await engine.load(stripes(convnet, 50), NORMALISATION);
  try {
    const population = await engine.populate(everyObjective(convnet, data, OBJECTIVES[kind], more));
    const progress = [];
    for (const steps of pieces) progress.push(await population.advance(steps));
    const thetas = await population.parameters(Array.from({ length: population.chains }, (_, i) => i));
    await population.dispose();
    return { thetas, progress };
  } finally {
    await engine.unload(data);
  }
}

beforeAll(async () => {
  engines.typed = await openTyped({ backend: 'wasm' });
  engines.autodiff = await openAutodiff({ backend: 'cpu', onFatal: () => {} });
}, 60_000);

describe.each(['nt-xent', 'vicreg'] as const)('%s', (kind) => {
  it('ends in the same parameters in both engines, and in other pieces', async () => {
    const a = await train('typed', kind, [1, 5]);
    const b = await train('autodiff', kind, [1, 5]);
    a.thetas.forEach((theta, i) => expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(5e-5));
    a.progress.forEach(({ nll, accuracy, divergedAt }, k) => {
      expect(largestGap(nll, b.progress[k]!.nll)).toBeLessThan(5e-5);
      // Views as near as the partner but for rounding count in one engine and not in the other.
      expect(largestGap(accuracy, b.progress[k]!.accuracy)).toBeLessThan(1 / 14);
      expect(divergedAt.every((at) => at === -1)).toBe(true);
    });
    expect((await train('typed', kind, [3, 2, 1])).thetas).toEqual(a.thetas);
  });

  it('has the gradient of the whole network, by central differences in float64', async () => {
    await setBackend('wasm');
    const network = projectionOf(convnet, 6);
    const [images, objective] = [8, OBJECTIVES[kind]];
    const x = new Float32Array(images * 9 * 7 * 2);
    readViews({ dataset: stripes(convnet, 50), normalisation: NORMALISATION }, range(3, 7), EVERY_VIEW, 4, 9, x);
    const theta = initialise(network, 2);
    for (const { bias, offset, size } of parameterTable(network).entries) if (bias) theta.fill(0.05, offset, offset + size);
    const gradient = new Float32Array(theta.length).fill(NaN);
    const { nll } = new TypedNetwork(network, 'whole', images).gradientOf(lossOfViews(objective, images, 6), theta, x, images, gradient, false);
    const exact = Float64Array.from(theta);
    const at = (): number => referenceViewLoss(objective, referenceLogits(network, exact, x, images), images).nll;
    expect(nll).toBeCloseTo(at(), 5);
    const difference = exact.map((value, j) => {
      exact[j] = value + 1e-5;
      const above = at();
      exact[j] = value - 1e-5;
      const below = at();
      exact[j] = value;
      return (above - below) / 2e-5;
    });
    const size = difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    gradient.forEach((value, j) => expect(Math.abs(value - difference[j]!) / size, `parameter ${j}`).toBeLessThan(2e-5));
  });

  it('is refused where a part is frozen or rows are augmented besides', async () => {
    const frozen = everyObjective(convnet, { id: 0 }, OBJECTIVES[kind]).chains.map((chain) => ({ ...chain, frozenHead: true }));
    for (const name of ['typed', 'autodiff'] as const) {
      await expect(train(name, kind, [1], { chains: frozen })).rejects.toThrow(/extractor and head/);
      await expect(train(name, kind, [1], { augmentation: EVERY_VIEW.affine })).rejects.toThrow(/place of augmentation/);
    }
  });
});

it('a projection head is h, behind the very extractor of the classifier', () => {
  const [plain, projected] = [parameterTable(convnet), parameterTable(projectionOf(convnet, 6))];
  const ofExtractor = ({ entries }: typeof plain) => entries.filter(({ part }) => part === 'extractor');
  expect(ofExtractor(projected)).toEqual(ofExtractor(plain));
  expect(projected.entries.slice(ofExtractor(plain).length).map(({ name, shape }) => [name, shape])).toEqual([
    ['projection.0.weight', [6, 5]], ['projection.0.bias', [6]], ['projection.2.weight', [6, 6]], ['projection.2.bias', [6]],
  ]);
  expect(new AutodiffNetwork(projectionOf(convnet, 6), 'head').input).toEqual([5]);
  expect(() => projectionOf(buildArchitecture('linear', { widths: [], input: convnet.input, classes: 3 }), 6)).toThrow(/no features/);
});
