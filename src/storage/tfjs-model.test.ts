/** A layers model, loaded by TensorFlow.js itself, answers what the network answers. */
import '@tensorflow/tfjs-backend-cpu';
import { io, setBackend, tensor4d, type Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { softmaxInto } from '../core/softmax.ts';
import { Stream } from '../core/philox.ts';
import { TypedEngine } from '../engine/tfjs/typed-engine.ts';
import type { ArchitectureName } from '../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import { tfjsModel } from './tfjs-model.ts';

const INPUT = { height: 9, width: 7, channels: 2 };

describe('a TensorFlow.js layers model', () => {
  beforeAll(async () => {
    await setBackend('cpu');
  });

  it.each([['convnet-s', [5, 6]], ['mlp', [6, 5]], ['linear', []]] as [ArchitectureName, number[]][])('of %s gives the engine’s probabilities from pixels', async (name, widths) => {
    const architecture = buildArchitecture(name, { widths, input: INPUT, classes: 3 });
    const stream = new Stream(3, 'planted');
    const theta = Float32Array.from({ length: parameterTable(architecture).total }, () => 0.3 * stream.normal());
    const images = Float32Array.from({ length: 4 * 9 * 7 * 2 }, () => stream.uniform());
    const normalisation = { mean: 0.3, std: 0.4 };
    const { json, weights } = tfjsModel(architecture, theta, normalisation, ['a', 'b', 'c']);
    const { modelTopology, weightsManifest, userDefinedMetadata } = JSON.parse(json) as io.ModelJSON;
    expect(userDefinedMetadata).toEqual({ classNames: ['a', 'b', 'c'] });
    const model = await loadLayersModel(io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0]!.weights, weightData: weights.buffer }));
    const found = await (model.predict(tensor4d(images, [4, 9, 7, 2])) as Tensor).data();

    const engine = new TypedEngine({ engine: 'tfjs', backend: 'cpu', adapter: null, software: false, workers: 1 });
    const data = await engine.load({ name: 'x', images, labels: new Uint16Array(4), count: 4, ...INPUT, classNames: ['a', 'b', 'c'], sha256: '', licence: '' }, normalisation);
    const { logits } = await engine.evaluate({ architecture, data, indices: Uint32Array.of(0, 1, 2, 3), points: { kind: 'list', thetas: [theta] }, logits: true });
    const expected = new Float64Array(3);
    for (let row = 0; row < 4; row++) {
      softmaxInto(logits![0]!, 3 * row, expected);
      expected.forEach((p, c) => expect(found[3 * row + c]).toBeCloseTo(p, 5));
    }
  });

  it('of a ResNet is refused in a sentence', () => {
    const architecture = buildArchitecture('resnet-8', { widths: [2, 4, 8], input: { height: 16, width: 16, channels: 1 }, classes: 3 });
    expect(() => tfjsModel(architecture, new Float32Array(parameterTable(architecture).total), { mean: 0, std: 1 }, [])).toThrow(/no group norm; save it as safetensors/);
  });
});
