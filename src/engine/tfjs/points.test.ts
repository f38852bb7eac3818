/** Squared gradients of single rows against central differences of a float64 network, engine against engine; features against the head that reads them. */
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { softmaxInto } from '../../core/softmax.ts';
import type { Architecture } from '../../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { initialise } from '../../model/initialise.ts';
import type { Engine, GradientLabels } from '../contract.ts';
import { readRows } from '../input.ts';
import { openAutodiff } from './open-autodiff.ts';
import { openTyped } from './open-typed.ts';
import { largestGap, NORMALISATION, range, referenceNll, stripes } from './testing.ts';

const CASES: [string, Architecture][] = [
  ['ConvNet-S 9×7', buildArchitecture('convnet-s', { widths: [3, 5], input: { height: 9, width: 7, channels: 1 }, classes: 3 })],
  ['MLP', buildArchitecture('mlp', { widths: [7, 5], input: { height: 3, width: 5, channels: 1 }, classes: 3 })],
  ['linear', buildArchitecture('linear', { widths: [], input: { height: 3, width: 3, channels: 2 }, classes: 3 })],
  ['ResNet-8 6×5', buildArchitecture('resnet-8', { widths: [2, 3, 4], input: { height: 6, width: 5, channels: 1 }, classes: 3 })],
];
const engines: Engine[] = [];
const NAMES = ['typed', 'autodiff'];

beforeAll(async () => {
  engines.push(await openTyped({ backend: 'wasm' }), await openAutodiff({ backend: 'cpu', onFatal: () => {} }));
});

function thetaOf(architecture: Architecture, seed: number): Float32Array {
  const theta = initialise(architecture, seed);
  // Zero biases would hide errors and put units on the kink of the ReLU.
  for (const entry of parameterTable(architecture).entries) if (entry.bias) theta.fill(0.05, entry.offset, entry.offset + entry.size);
  return theta;
}

/** By differences of the NLL of one row at each label: Σ over rows of Σ_c weight_c·(∂ NLL_c)². */
function differences(architecture: Architecture, theta: Float32Array, labels: GradientLabels, rows: Uint32Array): Float64Array {
  const dataset = stripes(architecture, 50);
  const { height, width, channels } = architecture.input;
  const exact = Float64Array.from(theta);
  const out = new Float64Array(theta.length);
  const x = new Float32Array(height * width * channels);
  for (const row of rows) {
    readRows({ dataset, normalisation: NORMALISATION }, Uint32Array.of(row), 0, 1, x);
    const classes = Array.from({ length: architecture.classes }, (_, c) => c);
    for (const c of labels === 'data' ? [dataset.labels[row]!] : classes) {
      const nll = () => referenceNll(architecture, exact, x, [c], 1);
      const weight = labels === 'data' ? 1 : Math.exp(-nll());
      theta.forEach((_, j) => {
        const value = exact[j]!;
        exact[j] = value + 1e-5;
        const up = nll();
        exact[j] = value - 1e-5;
        out[j]! += weight * ((up - nll()) / 2e-5) ** 2;
        exact[j] = value;
      });
    }
  }
  return out;
}

describe.each(CASES)('squared gradients of %s', (_name, architecture) => {
  const thetas = [thetaOf(architecture, 2), thetaOf(architecture, 3)];

  it.each(['data', 'model'] as const)('at labels of the %s are those of differences, in both engines', async (labels) => {
    const indices = Uint32Array.of(4, 17, 9, 30);
    const expected = thetas.map((theta) => differences(architecture, theta, labels, indices));
    for (const [e, engine] of engines.entries()) {
      await setBackend(engine.info.backend);
      const data = await engine.load(stripes(architecture, 50), NORMALISATION);
      const before = memory().numTensors;
      const found = await engine.squaredGradients({ architecture, data, indices, thetas, labels });
      expect(memory().numTensors, NAMES[e]).toBe(before);
      found.forEach((squares, t) => {
        const size = Math.max(...expected[t]!);
        expect(size).toBeGreaterThan(1e-2);
        expect(Math.max(...squares.map((value, j) => Math.abs(value - expected[t]![j]!))) / size, NAMES[e]).toBeLessThan(1e-5);
      });
      await engine.unload(data);
    }
  });

  it('are the same from engine to engine over more rows than a chunk, and add up over parts of the rows', async () => {
    const found = [];
    for (const engine of engines) {
      await setBackend(engine.info.backend);
      const data = await engine.load(stripes(architecture, 50), NORMALISATION);
      const ask = (indices: Uint32Array) => engine.squaredGradients({ architecture, data, indices, thetas: [thetas[0]!], labels: 'model' });
      const [whole] = await ask(range(3, 48));
      const [[a], [b]] = [await ask(range(3, 20)), await ask(range(20, 48))];
      expect(largestGap(a!.map((value, j) => value + b![j]!), whole!)).toBeLessThan(1e-5);
      found.push(whole!);
    }
    expect(largestGap(found[0]!, found[1]!)).toBeLessThan(2e-5);
  });
});

describe('features', () => {
  it.each(CASES.filter(([, { head }]) => head))('of %s are what the head reads', async (_name, architecture) => {
    const theta = thetaOf(architecture, 4);
    const { extractor, total } = parameterTable(architecture);
    const { inputs, outputs } = architecture.head!;
    for (const [e, engine] of engines.entries()) {
      await setBackend(engine.info.backend);
      const data = await engine.load(stripes(architecture, 50), NORMALISATION);
      const request = { architecture, data, indices: range(2, 49) };
      const [features, other] = await engine.features({ ...request, thetas: [theta, thetaOf(architecture, 5)] });
      const { logits } = await engine.evaluate({ ...request, points: { kind: 'list', thetas: [theta] }, logits: true });
      const answers = Float32Array.from({ length: 47 * outputs }, (_, i) => {
        const [row, o] = [Math.floor(i / outputs), i % outputs];
        let sum = theta[total - outputs + o]!;
        for (let k = 0; k < inputs; k++) sum += theta[extractor + o * inputs + k]! * features![row * inputs + k]!;
        return sum;
      });
      expect(largestGap(answers, logits![0]!), NAMES[e]).toBeLessThan(1e-5);
      expect(other).not.toEqual(features);
    }
  });

  it('are refused in a sentence where there is no head', async () => {
    const [, linear] = CASES[2]!;
    for (const engine of engines) {
      const data = await engine.load(stripes(linear, 50), NORMALISATION);
      await expect(engine.features({ architecture: linear, data, indices: range(0, 2), thetas: [initialise(linear, 1)] })).rejects.toMatchObject({ kind: 'config' });
    }
  });
});

describe('the generalised Gauss–Newton matrix of a linear network', () => {
  it('has the diagonal Σ p(1 − p)x² in closed form', async () => {
    const [, linear] = CASES[2]!;
    const theta = thetaOf(linear, 6);
    const engine = engines[0]!;
    await setBackend(engine.info.backend);
    const dataset = stripes(linear, 50);
    const data = await engine.load(dataset, NORMALISATION);
    const request = { architecture: linear, data, indices: range(0, 50) };
    const [found] = await engine.squaredGradients({ ...request, thetas: [theta], labels: 'model' });
    const { logits } = await engine.evaluate({ ...request, points: { kind: 'list', thetas: [theta] }, logits: true });
    const inputs = 18;
    const expected = new Float64Array(theta.length);
    const [x, p] = [new Float32Array(50 * inputs), new Float64Array(3)];
    readRows({ dataset, normalisation: NORMALISATION }, request.indices, 0, 50, x);
    for (let row = 0; row < 50; row++) {
      softmaxInto(logits![0]!, 3 * row, p);
      p.forEach((share, c) => {
        for (let k = 0; k < inputs; k++) expected[c * inputs + k]! += share * (1 - share) * x[row * inputs + k]! ** 2;
        expected[3 * inputs + c]! += share * (1 - share);
      });
    }
    expect(largestGap(found!, expected)).toBeLessThan(1e-5);
  });
});
