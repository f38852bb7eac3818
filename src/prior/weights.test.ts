/** Weights from elsewhere: what fits and what does not, every kind of number, names as training code wraps them, and hostile files. */
import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { Stream } from '../core/philox.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import { encodePrior } from './file.ts';
import { guessNetwork } from './network-guess.ts';
import { float32Tensor, numbersOf, type Tensor, writeSafetensors } from './safetensors.ts';
import { fitSentence, fitWeights, listingOf, readWeights, startFrom } from './weights.ts';

const architecture = buildArchitecture('convnet-s', { widths: [2, 3], input: { height: 8, width: 8, channels: 1 }, classes: 4 });
const table = parameterTable(architecture);
const theta = Float32Array.from({ length: table.total }, (_, j) => new Stream(3, 'planted', j).normal());
const fresh = new Float32Array(table.total).fill(9);

/** theta as a state dict. */
function tensors(rename = (name: string) => name): Map<string, Tensor> {
  return new Map(table.entries.map(({ name, shape, offset, size }) => [rename(name), float32Tensor(shape, theta.subarray(offset, offset + size))]));
}
const fileOf = (of: Map<string, Tensor>) => readWeights(writeSafetensors(of, new Map([['format', 'pt']])), 'some.safetensors');
const view = (dtype: Tensor['dtype'], shape: number[], values: Uint16Array | Float64Array | BigInt64Array): Tensor => ({ dtype, shape, bytes: new Uint8Array(values.buffer) });

describe('weights of the network itself', () => {
  it.each(['', 'module.', 'model.', 'module.encoder.', '_orig_mod.backbone.'])('fit whole under the prefix “%s”', async (prefix) => {
    const weights = await fileOf(tensors((name) => prefix + name));
    expect(weights.guess).toEqual({ name: 'convnet-s', widths: [2, 3] });
    const fit = fitWeights(listingOf(weights), table);
    expect(fit).toMatchObject({ used: 4, tensors: 4, head: true, extra: [] });
    expect(fitSentence(fit)).toBe('All 4 tensors of the extractor fit; the head fits too.');
    const { started, over } = startFrom(weights, table);
    expect(over(fresh)).toEqual(theta);
    expect(started).toMatchObject({ file: 'some.safetensors', used: 4, tensors: 4, head: true });
    expect(started.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect('numbers' in listingOf(weights)).toBe(false);
  });

  it('of a prior file are its mean and head, and its network is the one it names', async () => {
    const bytes = await encodePrior({
      gaussian: { mean: theta.slice(0, table.extractor), variance: new Float32Array(table.extractor).fill(1e-4), factor: new Float32Array(0), rank: 0 },
      architecture, normalisation: { mean: 0, std: 1 }, head: theta.slice(table.extractor), snapshots: 2,
      provenance: {
        dataset: 'glyphs', datasetSha256: '', classNames: ['A', 'B', 'C', 'D'], method: 'supervised', posterior: { method: 'swag', basins: null }, training: {}, seed: 1,
        created: '2026-01-02T03:04:05.678Z', licence: '', sourceAccuracy: null, sourceNll: null,
      },
    });
    const weights = await readWeights(bytes, 'prior.safetensors');
    expect(weights).toMatchObject({ prior: true, guess: { name: 'convnet-s', widths: [2, 3] } });
    expect(startFrom(weights, table).over(fresh)).toEqual(theta);
  });
});

describe('weights that fit in part', () => {
  it('are told tensor by tensor; the rest begins anew, a head of other classes as a whole', async () => {
    const other = tensors();
    other.set('conv2.weight', float32Tensor([5, 2, 3, 3], new Float32Array(90)));
    other.set('conv2.bias', view('I64', [3], new BigInt64Array(3)));
    other.delete('conv1.bias');
    other.set('head.weight', float32Tensor([7, 3], new Float32Array(21)));
    other.set('optimizer.step', float32Tensor([], new Float32Array(1)));
    const weights = await fileOf(other);
    const fit = fitWeights(weights, table);
    expect(fit.rows.map(({ state }) => state)).toEqual(['used', 'missing', 'shape', 'kind', 'shape', 'used']);
    expect(fit).toMatchObject({ used: 1, tensors: 4, head: false, extra: ['optimizer.step'] });
    expect(fitSentence(fit)).toBe('1 of 4 tensors of the extractor fit; conv2.weight has another shape; conv1.bias is not in the file; conv2.bias holds no floating-point numbers; the head begins anew; one tensor of the file has no place in this network.');
    const started = startFrom(weights, table).over(fresh);
    expect(started.subarray(0, 18)).toEqual(theta.subarray(0, 18));
    expect(new Set(started.subarray(18))).toEqual(new Set([9]));
  });

  it('are no start when nothing fits, when a name could be two tensors, or when values are not finite', async () => {
    const stranger = await fileOf(new Map([['blocks.0.weight', float32Tensor([2], new Float32Array(2))]]));
    expect(() => startFrom(stranger, table)).toThrow(/fit no tensor of this network/);
    const twice = await fileOf(new Map([...tensors((name) => `encoder.${name}`), ...tensors((name) => `module.${name}`)]));
    expect(() => fitWeights(twice, table)).toThrow(/conv1\.weight more than once \(.*\); save/);
    // The bare name is no riddle.
    expect(startFrom(await fileOf(new Map([...tensors(), ...tensors((name) => `module.${name}`)])), table).over(fresh)).toEqual(theta);
    const infinite = tensors();
    infinite.set('conv1.bias', float32Tensor([2], new Float32Array([0, Infinity])));
    const weights = await fileOf(infinite);
    expect(() => startFrom(weights, table)).toThrow(/conv1\.bias has values that are not finite/);
  });
});

it('reads half, brain and double floats', () => {
  expect([...numbersOf(view('F64', [2], new Float64Array([0.1, -3])))]).toEqual([Math.fround(0.1), -3]);
  expect([...numbersOf(view('BF16', [3], new Uint16Array([0x3f80, 0xc049, 0x7f80])))]).toEqual([1, -3.140625, Infinity]);
  // 1, −2, 65504 (largest), 2⁻²⁴ (smallest), 1/3 rounded, ∞, −0.
  expect([...numbersOf(view('F16', [7], new Uint16Array([0x3c00, 0xc000, 0x7bff, 1, 0x3555, 0x7c00, 0x8000])))]).toEqual([1, -2, 65504, 2 ** -24, 0.333251953125, Infinity, -0]);
  expect(numbersOf(view('F16', [1], new Uint16Array([0x7e00])))[0]).toBeNaN();
});

describe('the network that names tell of', () => {
  const shapesOf = (...[name, options]: Parameters<typeof buildArchitecture>) => new Map(parameterTable(buildArchitecture(name, options)).entries.map((entry) => [entry.name, entry.shape]));
  const input = { height: 32, width: 32, channels: 3 };

  it('is found again for every network of the lab', () => {
    for (const [name, widths] of [['convnet-s', [4, 8, 8]], ['resnet-8', [8, 16, 32]], ['resnet-14', [4, 8, 16]], ['mlp', [20, 10]]] as const) {
      expect(guessNetwork(shapesOf(name, { widths: [...widths], input, classes: 5 }))).toEqual({ name, widths });
    }
    expect(guessNetwork(new Map([['features.0.weight', [64, 3, 11, 11]]]))).toBeNull();
  });
});

it('refuses what is no sound file in one sentence, whatever bytes were changed', async () => {
  const sound = writeSafetensors(tensors(), new Map([['format', 'pt']]));
  const stream = new Stream(1, 'planted');
  let refused = 0;
  for (let i = 0; i < 1500; i++) {
    const bytes = sound.slice(0, i % 3 === 0 ? Math.floor(stream.uniform() * sound.length) : undefined);
    const length = Math.min(bytes.length, 500);
    for (let k = 0; k <= i % 3; k++) bytes[Math.floor(stream.uniform() * length)] = Math.floor(stream.uniform() * 256);
    try {
      startFrom(await readWeights(bytes, 'mutated'), table);
    } catch (error) {
      expect(error).toBeInstanceOf(LabError);
      expect((error as LabError).message).toMatch(/^[^\n]+\.$/);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(700);
  await expect(fileOf(new Map())).rejects.toThrow(/holds no tensors/);
});
