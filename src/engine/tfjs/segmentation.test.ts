/** Segmentation in the typed engine (wasm) and the autodiff engine (cpu): kernels against numbers of PyTorch, gradients against float64 differences, training against each other. */
import { memory, setBackend, tensor, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Architecture } from '../../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { headStart, initialise } from '../../model/initialise.ts';
import { segmentationOf } from '../../model/segmentation.ts';
import type { Engine, PopulationSpec } from '../contract.ts';
import { readRows } from '../input.ts';
import { uploadMaps } from './autodiff-batches.ts';
import type { AutodiffEngine } from './autodiff-engine.ts';
import { AutodiffNetwork } from './autodiff-network.ts';
import { labelCriterion, lossAndGradient } from './autodiff-update.ts';
import { convShape, im2col, col2im } from './im2col.ts';
import { Upsample } from './merge.ts';
import { TypedNetwork } from './network.ts';
import { openAutodiff } from './open-autodiff.ts';
import { openTyped } from './open-typed.ts';
import { pixelCrossEntropy } from './pixel-loss.ts';
import { everyArm, largestGap, NORMALISATION, patches, range, referenceNll, referencePixelNll, stripes } from './testing.ts';
import type { TypedEngine } from './typed-engine.ts';

const convnet = segmentationOf(buildArchitecture('convnet-s', { widths: [3, 5], input: { height: 9, width: 11, channels: 1 }, classes: 2 }), 3);

let typed: TypedEngine;
let autodiff: AutodiffEngine;
beforeAll(async () => {
  typed = await openTyped({ backend: 'wasm' });
  autodiff = await openAutodiff({ backend: 'cpu', onFatal: () => {} });
});

/** PyTorch 1.13 on the same numbers, in float32. */
describe('as PyTorch does', () => {
  it('upsamples 2×3 to 3×5 and back', () => {
    const layer = new Upsample({ kind: 'upsample', height: 3, width: 5 }, { height: 2, width: 3, channels: 1 }, 1);
    const none = new Float32Array(0);
    const y = layer.forward(none, Float32Array.of(1, 4, -2, 0.5, 3, 8), 1);
    expect(largestGap(y, [1, 2.2, 4, 0.4, -2, 0.75, 1.85, 3.5, 3.2, 3, 0.5, 1.5, 3, 6, 8])).toBeLessThan(1e-6);
    const dx = layer.backward(none, Float32Array.from({ length: 15 }, (_, i) => i), 1, none, true)!;
    expect(largestGap(dx, [4.9, 9.9, 12.7, 20.9, 27.9, 28.7])).toBeLessThan(1e-6);
  });

  it('lays the taps of a kernel dilated by 2 over 5×5', () => {
    const shape = convShape({ height: 5, width: 5, channels: 1 }, { outputs: 1, kernel: 3, stride: 1, padding: 2, dilation: 2 });
    const patchesOf = new Float32Array(25 * 9);
    im2col(Float32Array.from({ length: 25 }, (_, i) => ((i + 1) * 7) % 11), 1, shape, patchesOf);
    const w = [1, -2, 0.5, 3, 0, -1, 2, 1, -0.5];
    const y = Array.from({ length: 25 }, (_, p) => w.reduce((sum, weight, t) => sum + weight * patchesOf[9 * p + t]!, 0));
    expect(y).toEqual([-11.5, -4, 19, 33, 42, -1.5, 0.5, 28, 34, 21, -11.5, -14.5, -8, 15, 39, -22.5, -7, 7, 16, 8, -5.5, -12, -1, -13, 12]);
    const dy = Array.from({ length: 25 }, (_, i) => (i % 4) - 1);
    expect(w.map((_, t) => dy.reduce((sum, g, p) => sum + g * patchesOf[9 * p + t]!, 0))).toEqual([21, 51, 17, 35, 40, 37, 9, 42, 23]);
    const dx = new Float32Array(25);
    col2im(Float32Array.from({ length: 225 }, (_, i) => dy[Math.floor(i / 9)]! * w[i % 9]!), 1, shape, dx);
    expect([...dx]).toEqual([0, 2, 1.5, 1, -3.5, 2, 0, 3, -3.5, -6, 1, 6, -2, -4, 2, 4, 2, 6, -0.5, -1, 2, 8, -1.5, -1, 0.5]);
  });

  it('takes the (weighted) mean over pixels that are not void', () => {
    const logits = Float32Array.of(0.2, 1.5, 0, 1, -1, 0, -0.3, 0, 0.7, 2, 0.5, 0.1);
    const maps = Uint8Array.of(1, 255, 2, 0);
    const task = { pixels: 4, classes: 3, weights: null };
    expect(pixelCrossEntropy(logits, maps, 1, task, null, null).nll).toBeCloseTo(0.4474405, 6);
    const dLogits = new Float32Array(12).fill(NaN);
    expect(pixelCrossEntropy(logits, maps, 1, { ...task, weights: Float32Array.of(0.5, 2, 1) }, dLogits, null)).toMatchObject({ nll: expect.closeTo(0.453286, 6) as number, accuracy: expect.closeTo(1, 6) as number, images: 1 });
    expect(largestGap(dLogits, [0.1041228, -0.1893713, 0.0852485, 0, 0, 0, 0.0563746, 0.0760977, -0.1324723, -0.0387869, 0.0232212, 0.0155656])).toBeLessThan(1e-6);
  });
});

const BATCH = 5;
const CASES: [string, Architecture][] = [
  ['ConvNet-S of two layers on 9×11', convnet],
  ['ConvNet-S of three on 7×12, colour', segmentationOf(buildArchitecture('convnet-s', { widths: [4, 3, 6], input: { height: 7, width: 12, channels: 3 }, classes: 2 }), 4)],
  ['ResNet-8 on 7×9', segmentationOf(buildArchitecture('resnet-8', { widths: [3, 4, 16], input: { height: 7, width: 9, channels: 1 }, classes: 2 }), 3)],
];

describe.each(CASES)('the gradient of %s', (_name, architecture) => {
  const dataset = patches(architecture, BATCH);
  const weights = Float32Array.from({ length: architecture.classes }, (_, c) => 0.5 + c);
  const x = new Float32Array(BATCH * dataset.images.length / dataset.count);
  readRows({ dataset, normalisation: NORMALISATION }, range(0, BATCH), 0, BATCH, x);
  const { entries, extractor } = parameterTable(architecture);
  const theta = initialise(architecture, 2);
  for (const { bias, offset, size } of entries) if (bias) theta.fill(0.05, offset, offset + size);
  const exact = Float64Array.from(theta);
  const nllAt = () => referencePixelNll(architecture, exact, x, dataset.maps!, BATCH, weights);
  // Every third parameter: the reference is slow.
  const probed = Array.from({ length: Math.ceil(theta.length / 3) }, (_, k) => 3 * k);
  const difference = probed.map((j) => {
    const at = (shift: number): number => {
      exact[j] = theta[j]! + shift;
      const nll = nllAt();
      exact[j] = theta[j]!;
      return nll;
    };
    return (at(1e-6) - at(-1e-6)) / 2e-6;
  });
  const error = (gradient: Float32Array, from = 0): number => {
    const size = Math.max(...difference.map(Math.abs));
    return Math.max(...probed.map((j, k) => (j < from ? 0 : Math.abs(gradient[j]! - difference[k]!) / size)));
  };

  it('typed, with a workspace larger than the batch; frozen, that of the decoder alone', async () => {
    await setBackend('wasm');
    const network = new TypedNetwork(architecture, 'whole', BATCH + 2, weights);
    const gradient = new Float32Array(theta.length).fill(NaN);
    const loss = network.pixelLossAndGradient(theta, x, dataset.maps!, BATCH, gradient, { sameInput: false, frozen: false });
    expect(loss.nll).toBeCloseTo(nllAt(), 5);
    expect(error(gradient)).toBeLessThan(2e-5);
    const frozen = new Float32Array(theta.length).fill(NaN);
    network.pixelLossAndGradient(theta, x, dataset.maps!, BATCH, frozen, { sameInput: true, frozen: true });
    expect(frozen.subarray(0, extractor).every(Number.isNaN)).toBe(true);
    expect(error(frozen, extractor)).toBeLessThan(2e-5);
  });

  it('autodiff', async () => {
    await setBackend('cpu');
    const before = memory().numTensors;
    const network = new AutodiffNetwork(architecture, 'whole');
    const gradient = tidy(() => {
      const input = tensor(x, [BATCH, ...network.input]);
      const labelled = uploadMaps({ dataset, normalisation: NORMALISATION }, range(0, BATCH), BATCH, architecture.classes, BATCH, weights);
      return lossAndGradient(tensor1d(theta), (w) => network.apply(network.bind(w!), input), labelCriterion(labelled)).gradient!.dataSync<'float32'>();
    });
    expect(error(gradient)).toBeLessThan(2e-5);
    expect(memory().numTensors).toBe(before);
  });
});

async function on<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  await setBackend(engine.info.backend);
  return work();
}

/** More than a chunk of either engine. */
const ROWS = 18;

async function train(engine: Engine, architecture: Architecture, more: Partial<PopulationSpec>, steps: number) {
  return on(engine, async () => {
    const data = await engine.load(patches(architecture, 50), NORMALISATION);
    // Every arm of the first seed, and one of the second.
    const spec = everyArm(architecture, data, { batch: 4, ...more });
    const population = await engine.populate({ ...spec, chains: spec.chains.slice(0, 7) });
    const progress = await population.advance(steps);
    const evaluation = await population.evaluate({ data, indices: [range(0, ROWS)], items: [{ chain: 2, rows: 0 }, { chain: 6, rows: 0 }], logits: true });
    const thetas = await population.parameters(Array.from({ length: population.chains }, (_, i) => i));
    await population.dispose();
    await engine.unload(data);
    return { progress, evaluation, thetas };
  });
}

describe('a population', () => {
  it.each([['with class weights, clipped', { classWeights: Float32Array.of(1, 0.25, 3), clip: 0.3 }]])('%s: every arm of both engines ends in the same parameters, evaluated alike', async (_name, more) => {
    const a = await train(typed, convnet, more, 4);
    const b = await train(autodiff, convnet, more, 4);
    a.thetas.forEach((theta, i) => expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(3e-5));
    for (const key of ['nll', 'accuracy'] as const) {
      expect(largestGap(a.progress[key], b.progress[key])).toBeLessThan(key === 'nll' ? 1e-5 : 5e-3);
      expect(largestGap(a.evaluation[key], b.evaluation[key])).toBeLessThan(key === 'nll' ? 1e-5 : 2e-3);
    }
    a.evaluation.logits!.forEach((logits, i) => {
      expect(logits).toHaveLength(ROWS * 99 * 3);
      expect(largestGap(logits, b.evaluation.logits![i]!)).toBeLessThan(1e-4);
    });
    // The frozen extractor stays, its decoder learns.
    const { extractor } = parameterTable(convnet);
    expect(a.thetas[3]!.subarray(0, extractor)).toEqual(initialise(convnet, 7).subarray(0, extractor));
    expect(largestGap(a.thetas[3]!.subarray(extractor), initialise(convnet, 7).subarray(extractor))).toBeGreaterThan(0.01);
  });

  it('counts what its logits say, by image and by pixel', async () => {
    const dataset = patches(convnet, 50);
    for (const { evaluation } of [await train(typed, convnet, {}, 1), await train(autodiff, convnet, {}, 1)]) {
      evaluation.pixels!.forEach(({ confusion, bins }, i) => {
        const expected = new Float64Array(9);
        let [images, nll] = [0, 0];
        for (let row = 0; row < ROWS; row++) {
          let [pixels, sum] = [0, 0];
          for (let p = 99 * row; p < 99 * (row + 1); p++) {
            const own = [...evaluation.logits![i]!.subarray(3 * p, 3 * p + 3)];
            const label = dataset.maps![p]!;
            if (label === 255) continue;
            expected[3 * label + own.indexOf(Math.max(...own))]!++;
            sum += Math.log(own.reduce((total, value) => total + Math.exp(value), 0)) - own[label]!;
            pixels++;
          }
          if (pixels > 0) nll += sum / pixels;
          if (pixels > 0) images++;
        }
        expect(images).toBe(ROWS - 1);
        expect([...confusion]).toEqual([...expected]);
        expect(evaluation.nll[i]).toBeCloseTo(nll / images, 5);
        const right = expected[0]! + expected[4]! + expected[8]!;
        const total = expected.reduce((sum, count) => sum + count, 0);
        expect(evaluation.accuracy[i]).toBeCloseTo(right / total, 12);
        const column = (k: number) => bins.filter((_, j) => j % 3 === k).reduce((sum, value) => sum + value, 0);
        expect([column(0), column(2)]).toEqual([total, right]);
        expect(column(1) / total).toBeGreaterThan(1 / 3);
      });
    }
  });

  it('of one chain learns a small task from the head start, and cannot learn from voids', async () => {
    await on(typed, async () => {
      const { extractor } = parameterTable(convnet);
      const start = initialise(convnet, 1);
      start.set(headStart(convnet, 1), extractor);
      const data = await typed.load(patches(convnet, 40), NORMALISATION);
      const every = everyArm(convnet, data);
      const spec = { ...every, starts: [start], batch: 8 };
      const learning = { ...every.chains[0]!, indices: range(5, 40), schedule: { start: 0.1, end: 0.01, steps: 120 } };
      const population = await typed.populate({ ...spec, chains: [learning, { ...learning, indices: Uint32Array.of(4) }] });
      const first = await population.advance(1);
      expect(first.nll[0]).toBeCloseTo(Math.log(3), 1);
      await population.advance(109);
      const last = await population.advance(10);
      expect(last.nll[0]).toBeLessThan(0.6);
      expect(last.nll[1]).toBe(0);
      expect((await population.parameters([1]))[0]).toEqual(start);
      const { nll, accuracy, finite } = await population.evaluate({ data, indices: [Uint32Array.of(4)], items: [{ chain: 1, rows: 0 }], logits: false });
      expect([nll[0], accuracy[0], finite[0]]).toEqual([NaN, NaN, 1]);
    });
  });

  it('refuses what it cannot do in one sentence', async () => {
    for (const engine of [typed, autodiff]) {
      await on(engine, async () => {
        const data = await engine.load(patches(convnet, 5), NORMALISATION);
        const flat = await engine.load(stripes(convnet, 5), NORMALISATION);
        const points = { architecture: convnet, data, indices: range(0, 2), thetas: [initialise(convnet, 1)] };
        await expect(engine.features(points)).rejects.toThrow(/no features of an image/);
        await expect(engine.squaredGradients({ ...points, labels: 'data' })).rejects.toThrow(/curvature/);
        await expect(engine.evaluate({ ...points, data: flat, points: { kind: 'list', thetas: points.thetas }, logits: false })).rejects.toThrow(/needs one a pixel/);
        await expect(engine.populate(everyArm(convnet, flat))).rejects.toThrow(/needs one a pixel/);
        await expect(engine.populate(everyArm(convnet, data, { augmentation: { rotation: 1, scale: [1, 1], shift: 0, shear: 0 } }))).rejects.toThrow(/not augmented/);
        await expect(engine.populate(everyArm(convnet, data, { classWeights: Float32Array.of(1, -1, 1) }))).rejects.toThrow(/none below 0/);
      });
    }
  });

  it('means what a classifier means where an image is one pixel’s worth of labels', () => {
    // One class a whole image: the pixel loss of constant logits is the loss of a row.
    const logits = Float32Array.from({ length: 2 * 6 * 3 }, (_, i) => [0.3, -1, 2][i % 3]!);
    const { nll } = pixelCrossEntropy(logits, new Uint8Array(12).fill(2), 2, { pixels: 6, classes: 3, weights: null }, null, null);
    const linear = buildArchitecture('linear', { widths: [], input: { height: 1, width: 1, channels: 1 }, classes: 3 });
    expect(nll / 2).toBeCloseTo(referenceNll(linear, Float64Array.of(0, 0, 0, 0.3, -1, 2), [0], [2], 1), 6);
  });
});
