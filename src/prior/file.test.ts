/** The prior file: bit-exact round trips, a file made by hand, every malformed case, and ten thousand mutations. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import { Stream } from '../core/philox.ts';
import type { ArchitectureName, StemStride } from '../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import type { Posterior } from '../posterior/posterior.ts';
import { decodePrior, describePrior, encodePrior } from './file.ts';
import { float32Tensor, readSafetensors, tensorBytes, writeSafetensors } from './safetensors.ts';
import type { Tensor } from './safetensors.ts';

const sha = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

function example({
  rank = 3, name = 'convnet-s' as ArchitectureName, widths = [2, 3], stem = undefined as StemStride | undefined, head = true,
  made = { method: 'swag', basins: null } as Posterior['provenance']['posterior'],
} = {}): Posterior {
  const architecture = buildArchitecture(name, { widths, stem, input: { height: 8, width: 6, channels: 2 }, classes: 3 });
  const table = parameterTable(architecture);
  const d = table.extractor;
  const stream = new Stream(8, 'planted', rank);
  const gaussian = {
    mean: Float32Array.from({ length: d }, () => stream.normal()),
    variance: Float32Array.from({ length: d }, () => Math.exp(4 * stream.normal() - 10)),
    factor: Float32Array.from({ length: rank * d }, () => 0.01 * stream.normal()),
    rank,
  };
  // Values whose bits are easily lost.
  gaussian.mean.set([-0, 1e-45, 3.4028234663852886e38, 0.1]);
  gaussian.variance[0] = 1e-45;
  return {
    gaussian, architecture, normalisation: { mean: 0.2, std: 0.35 },
    head: head && table.head > 0 ? Float32Array.from({ length: table.head }, () => stream.normal()) : null,
    snapshots: 20,
    provenance: {
      dataset: 'letters “print” \u{1f170}', datasetSha256: sha('letters'), classNames: ['A', 'B', 'é"\\'], method: 'supervised', posterior: made,
      training: { steps: 600, rate: 0.1, note: 'cosine' }, seed: 4294967295, created: '2026-01-02T03:04:05.678Z', licence: 'OFL-1.1',
      sourceAccuracy: 0.985, sourceNll: null,
    },
  };
}

/** Typed arrays by their bits, so that −0 and 0 differ. */
function bits(posterior: Posterior): unknown {
  const raw = (a: Float32Array): Uint32Array => new Uint32Array(a.slice().buffer);
  const { mean, variance, factor, rank } = posterior.gaussian;
  return { ...posterior, gaussian: { mean: raw(mean), variance: raw(variance), factor: raw(factor), rank }, head: posterior.head && raw(posterior.head) };
}

/** The example's file taken apart, changed, and put together again with hashes that fit. */
async function reforge(change: (parts: { tensors: Map<string, Tensor>; description: Record<string, unknown>; metadata: Map<string, string> }) => void): Promise<Uint8Array> {
  const { tensors, metadata } = readSafetensors(await encodePrior(example()));
  const description = JSON.parse(metadata.get('priorscape')!) as Record<string, unknown>;
  metadata.delete('priorscape');
  metadata.delete('priorscape_sha256');
  description['sha256'] = null;
  change({ tensors, description, metadata });
  description['sha256'] ??= sha(tensorBytes(tensors));
  if (!metadata.has('priorscape')) metadata.set('priorscape', JSON.stringify(description));
  if (!metadata.has('priorscape_sha256')) metadata.set('priorscape_sha256', sha(metadata.get('priorscape')!));
  return writeSafetensors(tensors, metadata);
}

describe('round trip', () => {
  it.each([
    ['a low-rank posterior with a head', example()],
    ['rank 0', example({ rank: 0 })],
    ['rank 1, no head', example({ rank: 1, head: false })],
    ['an MLP', example({ name: 'mlp', widths: [4] })],
    ['a Fisher posterior', example({ rank: 0, made: { method: 'fisher', basins: null } })],
    ['a posterior of three basins', example({ made: { method: 'swag', basins: { start: 'independent', accuracy: [0.9, 0.8, null], nll: [0.1, 0.5, null], distances: [3.5, 0.1, 12] } } })],
    ['a ResNet-8', example({ name: 'resnet-8', widths: [2, 4, 16] })],
    ['a ResNet-14 with a stride in its stem', example({ name: 'resnet-14', widths: [2, 2, 32], stem: 2 })],
    ['a linear model', example({ name: 'linear', widths: [] })],
  ])('is bit-exact for %s', async (_, posterior) => {
    const bytes = await encodePrior(posterior);
    const back = await decodePrior(bytes);
    expect(bits(back)).toEqual(bits(posterior));
    expect(await encodePrior(back)).toEqual(bytes);
  });

  it('is refused where basins and what is said of them disagree', async () => {
    const basins = { start: 'shared' as const, accuracy: [0.9, 0.8], nll: [0.1, 0.5], distances: [3.5, 0.1] };
    await expect(encodePrior(example({ made: { method: 'swag', basins } }))).rejects.toThrow(/posterior\.basins.*disagree on the number of basins/);
  });

  it('reads a file that lies unaligned inside a larger buffer', async () => {
    const bytes = await encodePrior(example());
    const larger = new Uint8Array(bytes.length + 9);
    larger.set(bytes, 3);
    expect(bits(await decodePrior(larger.subarray(3, 3 + bytes.length)))).toEqual(bits(example()));
  });

  it('survives being put together again by another writer (the malformed cases below start from it)', async () => {
    expect(bits(await decodePrior(await reforge(() => undefined)))).toEqual(bits(example()));
  });
});

describe('layout', () => {
  it('names tensors as PyTorch would, in PyTorch’s shapes', async () => {
    const { tensors, metadata } = readSafetensors(await encodePrior(example()));
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]));
    expect(shapes).toEqual({
      'mean.conv1.weight': [2, 2, 3, 3], 'mean.conv1.bias': [2], 'mean.conv2.weight': [3, 2, 3, 3], 'mean.conv2.bias': [3],
      'variance.conv1.weight': [2, 2, 3, 3], 'variance.conv1.bias': [2], 'variance.conv2.weight': [3, 2, 3, 3], 'variance.conv2.bias': [3],
      'cov_factor.conv1.weight': [3, 2, 2, 3, 3], 'cov_factor.conv1.bias': [3, 2], 'cov_factor.conv2.weight': [3, 3, 2, 3, 3], 'cov_factor.conv2.bias': [3, 3],
      'head.weight': [3, 3], 'head.bias': [3],
    });
    expect([...metadata.keys()]).toEqual(['format', 'priorscape', 'priorscape_sha256']);
    expect(metadata.get('format')).toBe('pt');
    expect([...tensors.values()].every((tensor) => tensor.dtype === 'F32')).toBe(true);
  });

  it('is what a hand that follows the specification would write', async () => {
    // linear, 1×1×1 input, 2 classes: fc.weight [2, 1], fc.bias [2]; K = 1.
    const data: [string, number[], number[]][] = [
      ['cov_factor.fc.bias', [1, 2], [0.5, -0.5]], ['cov_factor.fc.weight', [1, 2, 1], [2, 4]],
      ['mean.fc.bias', [2], [0.25, -1]], ['mean.fc.weight', [2, 1], [1, -2]],
      ['variance.fc.bias', [2], [0.125, 8]], ['variance.fc.weight', [2, 1], [1, 3]],
    ];
    const floats = new Uint8Array(Float32Array.from(data.flatMap(([, , values]) => values)).buffer);
    const description = `{"version":1,"architecture":{"name":"linear","widths":[],"input":{"height":1,"width":1,"channels":1},"classes":2},`
      + `"normalisation":{"mean":0,"std":1},"parameters":["fc.weight","fc.bias"],"rank":1,"snapshots":5,`
      + `"source":{"dataset":"toy","sha256":"","method":"supervised","classNames":["no","yes"],"accuracy":0.5,"nll":0.7,"training":{"steps":10}},`
      + `"seed":3,"created":"2026-01-01T00:00:00Z","licence":"CC0-1.0","sha256":"${sha(floats)}"}`;
    const entries = data.map(([name, shape], i) => `"${name}":{"dtype":"F32","shape":${JSON.stringify(shape)},"data_offsets":[${8 * i},${8 * i + 8}]}`);
    const header = `{"__metadata__":{"format":"pt","priorscape":${JSON.stringify(description)},"priorscape_sha256":"${sha(description)}"},${entries.join(',')}}`;
    const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8, ' '));
    const bytes = Uint8Array.from([text.length & 255, text.length >> 8, 0, 0, 0, 0, 0, 0, ...text, ...floats]);

    const posterior = await decodePrior(bytes);
    expect([...posterior.gaussian.mean]).toEqual([1, -2, 0.25, -1]);
    expect([...posterior.gaussian.variance]).toEqual([1, 3, 0.125, 8]);
    expect([...posterior.gaussian.factor]).toEqual([2, 4, 0.5, -0.5]);
    expect(posterior).toMatchObject({ head: null, snapshots: 5, architecture: { name: 'linear', classes: 2 }, provenance: { dataset: 'toy', seed: 3, sourceNll: 0.7, posterior: { method: 'swag', basins: null } } });
    expect(await encodePrior(posterior)).toEqual(bytes);
  });
});

/** A tensor of the example with one number changed. */
function withValue(tensors: Map<string, Tensor>, name: string, at: number, value: number): void {
  const old = tensors.get(name)!;
  const values = new Float32Array(old.bytes.slice().buffer);
  values[at] = value;
  tensors.set(name, float32Tensor(old.shape, values));
}

describe('malformed files', () => {
  it.each<[string, Parameters<typeof reforge>[0], string]>([
    ['a file without a description', ({ metadata }) => metadata.set('priorscape', ''), 'is not JSON'],
    ['another format', ({ metadata }) => metadata.set('format', 'np'), '"format" is not "pt"'],
    ['a description that is not JSON', ({ metadata }) => metadata.set('priorscape', '{nope'), 'is not JSON'],
    ['a description that is a list', ({ metadata }) => metadata.set('priorscape', '[]'), 'not a JSON object'],
    ['a duplicate key', ({ metadata }) => metadata.set('priorscape', '{"version":1,"version":1}'), 'the key "version" twice'],
    ['__proto__', ({ metadata }) => metadata.set('priorscape', '{"version":1,"__proto__":{}}'), '__proto__'],
    ['a description of another hash', ({ metadata }) => metadata.set('priorscape_sha256', sha('')), 'description does not match its SHA-256'],
    ['a newer version', ({ description }) => { description['version'] = 2; }, 'version 2 of the format'],
    ['no version', ({ description }) => { delete description['version']; }, 'version unknown of the format'],
    ['an unknown architecture', ({ description }) => { (description['architecture'] as { name: string }).name = 'resnet18'; }, '"resnet18" is not one this lab knows'],
    ['another architecture', ({ description }) => { (description['architecture'] as { name: string }).name = 'mlp'; }, 'list of parameters is not that of its architecture'],
    ['other widths', ({ description }) => { (description['architecture'] as { widths: number[] }).widths = [2, 4]; }, 'and its architecture needs [4, 2, 3, 3]'],
    ['no widths', ({ description }) => { (description['architecture'] as { widths: number[] }).widths = []; }, 'describes no possible network'],
    ['absurd widths', ({ description }) => { (description['architecture'] as { widths: number[] }).widths = [60_000, 60_000]; }, 'more than 100000000'],
    ['an absurd width', ({ description }) => { (description['architecture'] as { widths: number[] }).widths = [1e300]; }, 'faulty at "architecture.widths.0"'],
    ['other parameters', ({ description }) => { description['parameters'] = ['conv1.weight']; }, 'list of parameters'],
    ['too few class names', ({ description }) => { (description['source'] as { classNames: string[] }).classNames.pop(); }, 'one class name a class'],
    ['a negative deviation', ({ description }) => { (description['normalisation'] as { std: number }).std = -1; }, 'faulty at "normalisation.std"'],
    ['a seed that is text', ({ description }) => { description['seed'] = 'one'; }, 'faulty at "seed"'],
    ['another rank', ({ description }) => { description['rank'] = 2; }, 'tensor "cov_factor.conv1.weight" has shape [3, 2, 2, 3, 3], and its architecture needs [2, 2, 2, 3, 3]'],
    ['rank 0 with a factor', ({ description }) => { description['rank'] = 0; }, 'does not belong'],
    ['a missing tensor', ({ tensors }) => tensors.delete('variance.conv2.bias'), 'tensor "variance.conv2.bias" is missing'],
    ['half a head', ({ tensors }) => tensors.delete('head.bias'), 'tensor "head.bias" is missing'],
    ['a tensor too many', ({ tensors }) => tensors.set('mean.conv3.bias', float32Tensor([1], Float32Array.of(0))), '"mean.conv3.bias" that does not belong'],
    ['a wrong dtype', ({ tensors }) => tensors.set('mean.conv1.bias', { dtype: 'I32', shape: [2], bytes: new Uint8Array(8) }), 'holds I32, not F32'],
    ['a transposed tensor', ({ tensors }) => tensors.set('mean.conv2.weight', float32Tensor([3, 3, 2, 3], new Float32Array(54))), 'has shape [3, 3, 2, 3]'],
    ['NaN in the mean', ({ tensors }) => withValue(tensors, 'mean.conv1.weight', 5, NaN), 'tensor "mean.conv1.weight" has values that are not finite'],
    ['infinity in the factor', ({ tensors }) => withValue(tensors, 'cov_factor.conv2.bias', 8, Infinity), 'tensor "cov_factor.conv2.bias" has values that are not finite'],
    ['NaN in the head', ({ tensors }) => withValue(tensors, 'head.bias', 2, NaN), 'tensor "head.bias" has values that are not finite'],
    ['NaN in a variance', ({ tensors }) => withValue(tensors, 'variance.conv1.bias', 0, NaN), 'not finite'],
    ['a negative variance', ({ tensors }) => withValue(tensors, 'variance.conv2.weight', 0, -1e-9), 'tensor "variance.conv2.weight" has variances that are not positive'],
    ['a variance of zero', ({ tensors }) => withValue(tensors, 'variance.conv1.bias', 1, 0), 'not positive'],
    ['tensors of another hash', ({ description }) => { description['sha256'] = sha('other'); }, 'tensors do not match their SHA-256'],
  ])('refuses %s', async (_, change, message) => {
    const outcome = await decodePrior(await reforge(change)).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(LabError);
    expect(outcome).toMatchObject({ kind: 'file', message: expect.stringContaining(message) as unknown });
    // One sentence.
    expect((outcome as LabError).message).toMatch(/^[^\n]*\.$/);
  });

  it('refuses any other safetensors file, and a file without the hash of its description', async () => {
    const plain = writeSafetensors(new Map([['weight', float32Tensor([1], Float32Array.of(1))]]), new Map([['format', 'pt']]));
    await expect(decodePrior(plain)).rejects.toThrow('without a "priorscape" description');
    const { tensors, metadata } = readSafetensors(await encodePrior(example()));
    metadata.delete('priorscape_sha256');
    await expect(decodePrior(writeSafetensors(tensors, metadata))).rejects.toThrow('no "priorscape_sha256"');
  });

  it('refuses every truncation', async () => {
    const bytes = await encodePrior(example());
    for (let length = 0; length < bytes.length; length += 41) {
      await expect(decodePrior(bytes.subarray(0, length))).rejects.toBeInstanceOf(LabError);
    }
  });
});

describe('ten thousand random mutations', () => {
  it('are refused in a sentence or change nothing', async () => {
    const original = await encodePrior(example());
    const want = JSON.stringify(bits(example()));
    const stream = new Stream(11, 'planted');
    let refused = 0;
    for (let i = 0; i < 10_000; i++) {
      const bytes = mutate(original, stream);
      try {
        const read = JSON.stringify(bits(await decodePrior(bytes)));
        if (read !== want) throw new Error(`Mutation ${i} was read as other values.`);
      } catch (error) {
        if (!(error instanceof LabError && error.kind === 'file')) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(9_900);
  }, 60_000);
});

/** Up to four bytes changed, or a piece cut out, put in, dropped from the end or appended. Half of the hits fall on the header. */
function mutate(original: Uint8Array, stream: Stream): Uint8Array {
  const headerEnd = 8 + new DataView(original.buffer, original.byteOffset).getUint32(0, true);
  const place = (): number => stream.integer(stream.uniform() < 0.5 ? headerEnd : original.length);
  const noise = (n: number): Uint8Array => Uint8Array.from({ length: n }, () => stream.integer(256));
  const join = (...pieces: Uint8Array[]): Uint8Array => Uint8Array.from(pieces.flatMap((piece) => [...piece]));
  const at = place();
  const size = 1 + stream.integer(16);
  switch (stream.integer(6)) {
    case 0: return original.subarray(0, at);
    case 1: return join(original, noise(size));
    case 2: return join(original.subarray(0, at), original.subarray(at + size));
    case 3: return join(original.subarray(0, at), noise(size), original.subarray(at));
    default: {
      const bytes = original.slice();
      for (let n = 1 + stream.integer(4); n > 0; n--) {
        const j = place();
        // A flipped bit, or a character that JSON might take.
        bytes[j] = stream.uniform() < 0.5 ? bytes[j]! ^ (1 << stream.integer(8)) : ' 0123456789"{}[],:abcABC\\'.charCodeAt(stream.integer(26));
      }
      return bytes;
    }
  }
}

describe('encoding', () => {
  it('refuses to write what could not be read', async () => {
    const faulty = (change: (posterior: Posterior) => void): Promise<unknown> => {
      const posterior = example();
      change(posterior);
      return encodePrior(posterior);
    };
    await expect(faulty((p) => { p.gaussian.mean[3] = NaN; })).rejects.toThrow('not finite');
    await expect(faulty((p) => { p.gaussian.variance[3] = 0; })).rejects.toThrow('not positive');
    await expect(faulty((p) => { p.head = new Float32Array(1); })).rejects.toThrow('other sizes');
    await expect(faulty((p) => { p.provenance.created = 'yesterday'; })).rejects.toThrow('faulty at "created"');
    await expect(faulty((p) => { p.provenance.training['rate'] = Infinity; })).rejects.toThrow('faulty at "source.training.rate"');
  });
});

describe('description', () => {
  it('tells what is in the file', () => {
    const lines = describePrior(example()).join('\n');
    for (const part of ['convnet-s, widths 2-3, 3 classes', '8 × 6 × 2', '95 in the extractor', 'rank 3, from 20 snapshots', 'accuracy 0.985, NLL unknown', 'OFL-1.1', 'conv2.weight [3, 2, 3, 3]']) {
      expect(lines).toContain(part);
    }
  });
});
