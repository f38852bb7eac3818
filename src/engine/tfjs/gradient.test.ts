/** Both gradients against central differences of a float64 network: odd sizes, channels not divisible by 4. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { memory, setBackend, tensor, tensor1d, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { initialise } from '../../model/initialise.ts';
import { readRows } from '../input.ts';
import { AutodiffNetwork } from './autodiff-network.ts';
import { labelCriterion, lossAndGradient } from './autodiff-update.ts';
import { TypedNetwork } from './network.ts';
import { NORMALISATION, range, referenceNll, stripes } from './testing.ts';

const BATCH = 5;
const CASES: [string, Architecture][] = [
  ['ConvNet-S 9×7', buildArchitecture('convnet-s', { widths: [3, 5], input: { height: 9, width: 7, channels: 1 }, classes: 3 })],
  ['ConvNet-S 5×6×2', buildArchitecture('convnet-s', { widths: [2, 3, 3], input: { height: 5, width: 6, channels: 2 }, classes: 4 })],
  ['MLP', buildArchitecture('mlp', { widths: [7, 5], input: { height: 3, width: 5, channels: 1 }, classes: 3 })],
  ['ResNet-8 on 6×5, groups of one and of two channels', buildArchitecture('resnet-8', { widths: [3, 4, 16], input: { height: 6, width: 5, channels: 1 }, classes: 3 })],
  ['ResNet-8 with a stride in the stem, colour', buildArchitecture('resnet-8', { widths: [4, 4, 10], stem: 2, input: { height: 9, width: 8, channels: 3 }, classes: 4 })],
  ['ResNet-14 on 6×7', buildArchitecture('resnet-14', { widths: [2, 3, 9], input: { height: 6, width: 7, channels: 2 }, classes: 3 })],
  ['a norm of one group, a block whose shortcut is a convolution alone', odd()],
  ['linear', buildArchitecture('linear', { widths: [], input: { height: 3, width: 3, channels: 2 }, classes: 3 })],
];

/** Layers that no network of the lab has, in kinds that it has. */
function odd(): Architecture {
  const base = buildArchitecture('convnet-s', { widths: [6], input: { height: 5, width: 4, channels: 2 }, classes: 3 });
  const conv = { kind: 'conv' as const, inputs: 6, outputs: 6, kernel: 3, stride: 1, padding: 1, relu: false, bias: true };
  return {
    ...base,
    extractor: [
      { ...conv, name: 'a', inputs: 2, relu: true, bias: false },
      { kind: 'group-norm', name: 'b', channels: 6, groups: 1, relu: false },
      { kind: 'residual', body: [{ ...conv, name: 'c', relu: true }, { kind: 'group-norm', name: 'd', channels: 6, groups: 6, relu: true }], shortcut: [{ ...conv, name: 'e', kernel: 1, padding: 0 }] },
      { kind: 'residual', body: [{ ...conv, name: 'f' }], shortcut: [] },
      { kind: 'global-average-pool' },
    ],
  };
}

function example(architecture: Architecture) {
  const dataset = stripes(architecture, BATCH, 4);
  const { height, width, channels } = architecture.input;
  const x = new Float32Array(BATCH * height * width * channels);
  readRows({ dataset, normalisation: NORMALISATION }, range(0, BATCH), 0, BATCH, x);
  const theta = initialise(architecture, 2);
  // Zero biases would hide errors and put units on the kink of the ReLU; equal gains would hide which is whose.
  for (const { bias, gain, offset, size } of parameterTable(architecture).entries) {
    if (bias) theta.fill(0.05, offset, offset + size);
    if (gain) for (let j = 0; j < size; j++) theta[offset + j] = 0.7 + 0.6 * Math.sin(j);
  }
  const exact = Float64Array.from(theta);
  const difference = exact.map((value, j) => {
    const at = (shift: number): number => {
      exact[j] = value + shift;
      const nll = referenceNll(architecture, exact, x, dataset.labels, BATCH);
      exact[j] = value;
      return nll;
    };
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
  return { labels: dataset.labels, x, theta, difference, nll: referenceNll(architecture, exact, x, dataset.labels, BATCH) };
}

/** Largest error relative to the largest entry. */
function relativeError(gradient: Float32Array, difference: Float64Array): number {
  const size = difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return gradient.reduce((most, value, j) => Math.max(most, Math.abs(value - difference[j]!) / size), 0);
}

describe.each(CASES)('the gradient of %s', (_name, architecture) => {
  const { labels, x, theta, difference, nll } = example(architecture);

  it.each(['wasm', 'cpu'])('typed, on %s, with a workspace larger than the batch', async (backend) => {
    await setBackend(backend);
    const gradient = new Float32Array(theta.length).fill(NaN);
    const loss = new TypedNetwork(architecture, 'whole', BATCH + 3).lossAndGradient(theta, x, labels, BATCH, gradient, false);
    expect(Math.abs(loss.nll - nll)).toBeLessThan(2e-6 * (1 + nll));
    expect(relativeError(gradient, difference)).toBeLessThan(1e-5);
  });

  it('autodiff', async () => {
    await setBackend('cpu');
    const before = memory().numTensors;
    const network = new AutodiffNetwork(architecture, 'whole');
    const targets = new Float32Array(BATCH * network.outputs);
    for (let b = 0; b < BATCH; b++) targets[b * network.outputs + labels[b]!] = -1 / BATCH;
    const [value, gradient] = tidy(() => {
      const input = tensor(x, [BATCH, ...network.input]);
      const loss = lossAndGradient(tensor1d(theta), (w) => network.apply(network.bind(w!), input), labelCriterion({
        targets: tensor2d(targets, [BATCH, network.outputs]), labels: tensor1d(Int32Array.from(labels), 'int32'),
      }));
      return [loss.nll.dataSync<'float32'>()[0]!, loss.gradient!.dataSync<'float32'>()] as const;
    });
    expect(Math.abs(value - nll)).toBeLessThan(2e-6 * (1 + nll));
    expect(relativeError(gradient, difference)).toBeLessThan(1e-5);
    expect(memory().numTensors).toBe(before);
  });
});
