/** Flat tensors of the paper's code: there and back, every convention, the detector, and pickles that are more than a tensor. */
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import type { Posterior } from '../posterior/posterior.ts';
import { type AuthorsFiles, fromAuthors, looksDivided, PUBLISHED, toAuthors } from './authors.ts';
import { readTorchTensor, writeTorchTensor } from './torch-file.ts';

const architecture = buildArchitecture('mlp', { widths: [4], input: { height: 4, width: 4, channels: 1 }, classes: 2 });
const d = parameterTable(architecture).extractor;
const K = 8;
const stream = new Stream(2, 'planted');
/** Deviations of a walk and what SWAG makes of them: variance over all, the last K kept. */
const deviations = Float32Array.from({ length: K * d }, () => 0.01 * stream.normal());
const variance = Float32Array.from({ length: d }, (_, j) => Array.from({ length: K }, (_row, k) => deviations[k * d + j]! ** 2).reduce((sum, x) => sum + x, 0) / K);
const centre = Float32Array.from({ length: d }, () => stream.normal());

const like: Posterior = {
  architecture, normalisation: { mean: 0.5, std: 0.25 }, head: null, snapshots: 3, gaussian: { mean: centre, variance, factor: new Float32Array(0), rank: 0 },
  provenance: { dataset: 'x', datasetSha256: '', classNames: ['a', 'b'], method: 'supervised', posterior: { method: 'swag', basins: null }, training: {}, seed: 1, created: '2026-01-02T03:04:05.000Z', licence: 'MIT', sourceAccuracy: 0.9, sourceNll: 0.1 },
};
const files = (factor: Float32Array, shape = [K, d]): AuthorsFiles => ({ mean: { shape: [d], values: centre }, variance: { shape: [d], values: variance }, covmat: { shape, values: factor } });
const divided = deviations.map((x) => x / Math.sqrt(K - 1));
const close = (a: Float32Array, b: Float32Array) => a.forEach((x, i) => expect(x).toBeCloseTo(b[i]!, 8));

describe('conventions', () => {
  it('lead to one Gaussian, ½(diag + FᵀF/(K − 1)), whether the factor is divided or not, and in either orientation', () => {
    const transposed = Float32Array.from({ length: K * d }, (_, i) => divided[(i % K) * d + Math.floor(i / K)]!);
    for (const [given, is] of [[files(divided), true], [files(deviations), false], [files(transposed, [d, K]), true]] as const) {
      const { posterior: { gaussian }, divided: told } = fromAuthors(given, like, PUBLISHED);
      expect([told, gaussian.rank]).toEqual([is, K]);
      close(gaussian.mean, centre);
      close(gaussian.variance, variance.map((v) => v / 2));
      close(gaussian.factor, divided.map((x) => x * Math.SQRT1_2));
    }
  });

  it('scale the factor by √s or by s, and know no halves where there are none', () => {
    const made = (factorScale: 'root' | 'linear') => fromAuthors(files(divided), like, { half: false, divided: true, scale: 9, factorScale }).posterior.gaussian;
    close(made('root').factor, divided.map((x) => 3 * x));
    close(made('linear').factor, divided.map((x) => 9 * x));
    close(made('root').variance, variance.map((v) => 9 * v));
  });

  it('that the numbers do not tell must be said', () => {
    expect(looksDivided(divided, variance, K)).toBe(true);
    expect(looksDivided(deviations, variance, K)).toBe(false);
    expect(looksDivided(divided.map((x) => x * (K - 1) ** 0.25), variance, K)).toBeNull();
    expect(looksDivided(divided.subarray(0, 2 * d), variance, 2)).toBeNull();
    expect(() => fromAuthors(files(divided.map((x) => x * (K - 1) ** 0.25)), like, PUBLISHED)).toThrow(/--factor divided or undivided/);
  });

  it('return to the same Gaussian', () => {
    const { gaussian } = fromAuthors(files(divided), like, PUBLISHED).posterior;
    const back = fromAuthors(toAuthors(gaussian), like, { ...PUBLISHED, divided: true }).posterior.gaussian;
    close(back.variance, gaussian.variance);
    close(back.factor, gaussian.factor);
  });

  it('of another network or with impossible values are refused', () => {
    expect(() => fromAuthors({ ...files(divided), mean: { shape: [3], values: new Float32Array(3) } }, like, PUBLISHED)).toThrow(/the mean has 3 numbers, and its extractor has/);
    expect(() => fromAuthors(files(divided, [d * K]), like, PUBLISHED)).toThrow(/the covmat has shape/);
    expect(() => fromAuthors({ ...files(divided), variance: { shape: [d], values: variance.map((v, j) => (j === 5 ? -v : v)) } }, like, PUBLISHED)).toThrow(/not positive/);
  });
});

const text = (content: string) => new TextEncoder().encode(content);
const packed = (pickle: number[] | Uint8Array, more: Record<string, Uint8Array> = {}, level: 0 | 6 = 0) => zipSync({ 'archive/data.pkl': Uint8Array.from(pickle), ...more }, { level });
const global = (module: string, name: string) => [0x63, ...text(`${module}\n${name}\n`)];

describe('a file of torch.save', () => {
  it('is read bit for bit as it was written', () => {
    const values = Float32Array.of(-0, 1e-45, 3.4028234663852886e38, 0.1, 5, 6);
    const { shape, values: back } = readTorchTensor(writeTorchTensor({ shape: [2, 3], values }), 'x');
    expect(shape).toEqual([2, 3]);
    expect(new Uint32Array(back.buffer)).toEqual(new Uint32Array(values.buffer));
  });

  it.each([
    ['another name', packed([0x80, 2, ...global('os', 'system'), 0x58, 2, 0, 0, 0, ...text('ls'), 0x85, 0x52, 0x2e]), /asks for “os system”/],
    ['an allowed name called on what it is not for', packed([0x80, 2, ...global('torch', 'FloatStorage'), 0x29, 0x52, 0x2e]), /description is not sound/],
    ['an opcode of classes', packed([0x80, 2, ...global('collections', 'OrderedDict'), 0x29, 0x81, 0x2e]), /opcode 0x81/],
    ['a loop without end', packed([0x80, 2, ...Array<number>(20_000).fill(0x28)]), /longer than that of a tensor/],
    ['a pickle cut short', packed([0x80, 2, 0x58, 255, 0, 0, 0]), /cut short/],
    ['no tensor', packed([0x80, 2, 0x7d, 0x2e]), /something else than one tensor/],
    ['compression, and so a bomb', packed([0x80, 2, 0x7d, 0x2e], { 'archive/data/0': new Uint8Array(2 ** 22) }, 6), /compressed, which torch never does/],
    ['no zip', text('no zip at all'), /no zip file/],
    ['values that are none', writeTorchTensor({ shape: [1], values: Float32Array.of(NaN) }), /not finite/],
    ['a shape beyond its numbers', writeTorchTensor({ shape: [3], values: Float32Array.of(1, 2) }), /reaches beyond its numbers/],
  ])('with %s is refused', (_, bytes, sentence) => {
    expect(() => readTorchTensor(bytes, 'mean.pt')).toThrow(sentence);
    expect(() => readTorchTensor(bytes, 'mean.pt')).toThrow(/^The file “mean\.pt” cannot be read as a tensor of torch\.save: [^\n]+\.$/);
  });

  it('damaged anywhere ends in a sentence', () => {
    const sound = writeTorchTensor({ shape: [4], values: Float32Array.of(1, 2, 3, 4) });
    const random = new Stream(4, 'planted');
    for (let i = 0; i < 1000; i++) {
      const damaged = sound.slice();
      damaged[random.integer(damaged.length)] = random.integer(256);
      try {
        readTorchTensor(damaged, 'x');
      } catch (error) {
        expect(error).toMatchObject({ name: 'LabError', kind: 'file' });
      }
    }
  });
});
