/**
 * Priorscape and PyTorch, number by number: forward passes, densities, gradients and the proximal step of a prior file; a prior made in PyTorch; and the whole
 * comparison of a bundle, done again. Skipped where Python (PRIORSCAPE_PYTHON, or python3) has no torch; the NumPy reader needs only NumPy.
 */
import '@tensorflow/tfjs-backend-wasm';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setBackend } from '@tensorflow/tfjs-core';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare, proximal } from '../src/core/lowrank.ts';
import { Stream } from '../src/core/philox.ts';
import { TypedEngine } from '../src/engine/tfjs/typed-engine.ts';
import type { LabEvent } from '../src/experiment/events.ts';
import type { Result } from '../src/experiment/result.ts';
import { joined } from '../src/experiment/source/source.ts';
import type { ArchitectureName, StemStride } from '../src/model/architecture.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';
import { initialise } from '../src/model/initialise.ts';
import type { Posterior } from '../src/posterior/posterior.ts';
import { type Covers, COVERS } from '../src/prior/coverage.ts';
import { build } from '../src/prior/families.ts';
import { decodePrior, encodePrior } from '../src/prior/file.ts';
import { SWAG_FAMILIES } from '../src/prior/prior.ts';
import { float32Tensor, writeSafetensors } from '../src/prior/safetensors.ts';
import { readTorchTensor, writeTorchTensor } from '../src/prior/torch-file.ts';
import { PYTHON } from '../src/worker/python.ts';
import { Session } from '../src/worker/session.ts';
import { askTorch, hasPython, runPython } from './python.ts';

const torch = hasPython('torch');
const numpy = hasPython('numpy');
if (!torch) console.log('Python has no torch here: the tests against PyTorch are skipped.');

const root = mkdtempSync(join(tmpdir(), 'priorscape-torch-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeAll(async () => {
  await setBackend('wasm');
});

function folder(name: string, files: Record<string, string | Uint8Array>): string {
  const path = join(root, name);
  for (const [file, content] of Object.entries({ 'priorscape.py': PYTHON['priorscape.py'], 'compare.py': PYTHON['compare.py'], ...files })) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), content);
  }
  return path;
}

const INPUT = { height: 12, width: 9, channels: 2 };

function planted(name: ArchitectureName, widths: number[], stem?: StemStride, rank = 3): Posterior {
  const architecture = buildArchitecture(name, { widths, stem, input: INPUT, classes: 4 });
  const { extractor, head } = parameterTable(architecture);
  const stream = new Stream(5, 'planted');
  const theta = initialise(architecture, 7);
  return {
    architecture, normalisation: { mean: 0.25, std: 0.5 }, snapshots: 5,
    head: head > 0 ? theta.slice(extractor) : null,
    gaussian: {
      // Norms and biases differ from ones and zeros, so that their places matter.
      mean: theta.slice(0, extractor).map((x) => x + 0.1 * stream.normal()), rank,
      variance: Float32Array.from({ length: extractor }, () => 1e-3 * Math.exp(stream.normal())),
      factor: Float32Array.from({ length: rank * extractor }, () => 0.02 * stream.normal()),
    },
    provenance: {
      dataset: 'planted', datasetSha256: '', classNames: ['a', 'b', 'c', 'd'], method: 'supervised', posterior: { method: 'swag', basins: null }, training: {},
      seed: 1, created: '2026-01-02T03:04:05.000Z', licence: '', sourceAccuracy: null, sourceNll: null,
    },
  };
}

const NETWORKS: [ArchitectureName, number[], StemStride?][] = [['convnet-s', [5, 7]], ['mlp', [6, 5]], ['linear', []], ['resnet-8', [3, 8, 16]], ['resnet-14', [4, 4, 16], 2]];

interface GaussianAnswer {
  logits: number[];
  families: Record<string, { log_prob: number; gradient: number[]; proximal: number[]; loss: number; dense: number | null }>;
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>, relative = 1) => {
  expect(a.length).toBe(b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i]! - b[i]!) / Math.max(relative, Math.abs(b[i]!)));
  return worst;
};

describe.skipIf(!torch)('a prior file in PyTorch', () => {
  it.each(NETWORKS)('%s %j: logits, densities, gradients and proximal steps are ours', async (name, widths, stem) => {
    const posterior = planted(name, widths, stem);
    const { gaussian, architecture, normalisation } = posterior;
    const table = parameterTable(architecture);
    const stream = new Stream(9, 'planted');
    const rows = 6;
    const size = INPUT.height * INPUT.width * INPUT.channels;
    const images = Float32Array.from({ length: rows * size }, () => stream.uniform());
    const w = gaussian.mean.map((x) => x + 0.05 * stream.normal());
    const x = images.map((pixel) => (pixel - normalisation.mean) / normalisation.std);
    const path = folder(name, {
      'prior.safetensors': await encodePrior(posterior),
      'given.safetensors': writeSafetensors(new Map([['x', float32Tensor([rows, INPUT.height, INPUT.width, INPUT.channels], x)], ['w', float32Tensor([w.length], w)]]), new Map([['format', 'pt']])),
    });
    const families = COVERS.flatMap((covers) => SWAG_FAMILIES.map((family, i): [typeof family, Covers, number, number] => [family, covers, [300, 2, 50, 0.5, 30][i]!, i === 4 ? 0 : 1e-4]));
    const c = 2e-3;
    const answer = askTorch<GaussianAnswer>(path, 'gaussian', { families, c, dense: 500 });

    const engine = new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 });
    const data = await engine.load({ name: 'x', images, labels: new Uint16Array(rows), count: rows, ...INPUT, classNames: posterior.provenance.classNames, sha256: '', licence: '' }, normalisation);
    const theta = joined(gaussian.mean, posterior.head ?? new Float32Array(0));
    const { logits } = await engine.evaluate({ architecture, data, indices: Uint32Array.from({ length: rows }, (_, i) => i), points: { kind: 'list', thetas: [theta] }, logits: true });
    await engine.dispose();
    expect(largest(answer.logits, logits![0]!)).toBeLessThan(1e-5);

    for (const [family, covers, scale, floor] of families) {
      const prior = { gaussian: build(family, gaussian, table.entries, covers), scale, floor };
      const ours = prepare(prior);
      const theirs = answer.families[`${family} ${covers}`]!;
      expect(theirs.log_prob / ours.logDensity(w)).toBeCloseTo(1, 9);
      if (theirs.dense !== null) expect(theirs.log_prob / theirs.dense).toBeCloseTo(1, 8);
      const gradient = new Float64Array(w.length);
      ours.gradient(w, gradient);
      expect(largest(theirs.gradient, gradient.map((g) => -g))).toBeLessThan(1e-5);
      const moved = new Float32Array(w.length);
      proximal(prior, c).apply(w, moved);
      expect(largest(theirs.proximal, moved)).toBeLessThan(1e-6);
      const r = w.map((value, j) => value - prior.gaussian.mean[j]!);
      expect(theirs.loss / (ours.innerProduct(r, r) / 20)).toBeCloseTo(1, 5);
    }
  });

  it('draws have the prior’s mean and variances', async () => {
    const path = folder('draws', { 'prior.safetensors': await encodePrior(planted('mlp', [2])) });
    const { mean, variance } = askTorch<{ mean: number; variance: number }>(path, 'samples', { draws: 4000 });
    expect(mean).toBeLessThan(4.5);
    expect(variance).toBeLessThan(4.5);
  });

  it.each([NETWORKS[0]!, NETWORKS[3]!])('a prior made there opens here, bit for bit: %s', async (name, widths) => {
    const path = folder(`made ${name}`, {});
    const architecture = { name, widths, input: INPUT, classes: 3 };
    const made = askTorch<Record<'mean' | 'variance' | 'factor' | 'head', number[]>>(path, 'make', { architecture, class_names: ['x', 'y', 'é"'] });
    const posterior = await decodePrior(new Uint8Array(readFileSync(join(path, 'made.safetensors'))));
    expect([...posterior.gaussian.mean]).toEqual(made.mean);
    expect([...posterior.gaussian.variance]).toEqual(made.variance);
    expect([...posterior.gaussian.factor]).toEqual(made.factor);
    expect([...posterior.head!]).toEqual(made.head);
    expect(posterior.provenance).toMatchObject({ dataset: 'made in “torch”', classNames: ['x', 'y', 'é"'] });
  });

  it('flat tensors go to torch.load and come from torch.save, bit for bit', () => {
    const values = Float32Array.of(-0, 1e-45, 3.5, 0.1, 5, 6);
    const path = folder('flat', { 'ours_mean.pt': writeTorchTensor({ shape: [6], values }), 'ours_covmat.pt': writeTorchTensor({ shape: [2, 3], values }) });
    const read = askTorch<Record<'mean' | 'covmat', { shape: number[]; values: number[] }>>(path, 'flat', {});
    expect([read.mean, read.covmat]).toEqual([{ shape: [6], values: [...values] }, { shape: [2, 3], values: [...values] }]);
    const theirs = (name: string) => readTorchTensor(new Uint8Array(readFileSync(join(path, name))), name);
    expect(theirs('theirs_covmat.pt')).toEqual({ shape: [2, 3], values: values.map((x) => 2 * x) });
    expect(theirs('double.pt')).toEqual({ shape: [5], values: values.slice(1) });
    expect(() => theirs('dict.pt')).toThrow(/opcode|something else than one tensor/);
  });

  it('damaged files are refused in a sentence', async () => {
    const sound = await encodePrior(planted('mlp', [2]));
    const path = folder('damaged', { 'cut': sound.slice(0, -4), 'longer': new Uint8Array([...sound, 0]), 'short': sound.slice(0, 5), 'plain': writeSafetensors(new Map([['x', float32Tensor([1], Float32Array.of(1))]]), new Map([['format', 'pt']])), 'nan': nan(sound) });
    const told = askTorch<(string | null)[]>(path, 'refuse', { files: ['cut', 'longer', 'short', 'plain', 'nan'] });
    [/does not fit/, /bytes follow its last tensor/, /not a safetensors file/, /no prior of Priorscape/, /not finite/].forEach((sentence, i) => expect(told[i]).toMatch(sentence));
  });
});

/** The last number of the file is none. */
function nan(bytes: Uint8Array): Uint8Array {
  const out = bytes.slice();
  new DataView(out.buffer).setFloat32(out.length - 4, NaN, true);
  return out;
}

describe.skipIf(!numpy)('a prior file in NumPy alone', () => {
  it('an independent reader finds the same numbers', async () => {
    const { gaussian, ...rest } = planted('convnet-s', [3, 4]);
    const path = folder('numpy', { 'prior.safetensors': await encodePrior({ gaussian, ...rest }) });
    const read = askTorch<Record<'mean' | 'variance' | 'factor', number[]>>(path, 'numbers', {});
    expect(read).toEqual({ mean: [...gaussian.mean], variance: [...gaussian.variance], factor: [...gaussian.factor] });
  });

  it('the module reads it without torch', async () => {
    const posterior = planted('convnet-s', [3, 4]);
    const path = folder('no torch', { 'prior.safetensors': await encodePrior(posterior) });
    const { sums, kinds, format } = askTorch<{ sums: Record<string, number>; kinds: string[]; format: string }>(path, 'fallback', {});
    expect([kinds, format]).toEqual([['numpy'], 'pt']);
    expect(sums['head.weight']).toBeCloseTo(posterior.head!.subarray(0, 16).reduce((sum, x) => sum + x, 0), 5);
  });
});

/** A tiny run, and its bundle unpacked; `session` still holds the run. */
async function bundled(name: string, config: object): Promise<{ path: string; result: Result; names: string[]; session: Session }> {
  const events: LabEvent[] = [];
  const pages = new URL('../public/', import.meta.url);
  const session = new Session({
    openEngine: async () => ({ engine: new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 }), note: '' }),
    fetchBytes: async (url) => new Uint8Array(readFileSync(new URL(url))),
    decode: async () => { throw new Error('No images are decoded here.'); },
    post: (event) => events.push(event), postSettling: () => undefined, userAgent: 'test',
  });
  await session.answer('open', { backend: 'auto', base: pages.href });
  await session.answer('run', { config });
  const { bytes } = await session.answer('exportBundle', { config, images: false });
  const files = Object.fromEntries(Object.entries(unzipSync(bytes)).map(([file, content]) => [file.replace('priorscape-bundle/', ''), content]));
  return { path: folder(name, files), result: events.findLast((event) => event.kind === 'finished')!.result, names: Object.keys(files), session };
}

type Score = Record<'nll' | 'accuracy' | 'ece' | 'brier', number>;

const TINY = {
  preset: 'smoke', arms: ['scratch', 'none', 'probe', 'isotropic', 'l2-sp', 'layerwise', 'diagonal', 'low-rank'], 'downstream.test': 60, 'source.test': 20, 'source.steps': 60, 'posterior.steps': 8,
  'model.architecture': 'mlp', 'model.widths': [8], 'posterior.snapshots': 4, 'inference.steps': 40, 'grid.scales': [1e4, 1e6], 'grid.isotropicScales': [1e4, 1e6], 'grid.learningRates': [0.01, 0.05], 'inference.learningRate': 0.05, 'grid.headStrengths': [0.1], 'downstream.shift': 'none', 'surface.resolution': 3, 'surface.linePoints': 5, 'surface.test': 10,
};

const csv = (text: string) => {
  const [header, ...rows] = text.trimEnd().split(/\r?\n/).map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(header!.map((column, i) => [column, row[i]!])));
};

describe.skipIf(!torch)('a bundle done again in PyTorch', () => {
  it('chooses the same runs and measures the same numbers, in one place and spread by Ray Tune', async () => {
    const { path, result, names, session } = await bundled('bundle', TINY);
    expect(names).toEqual(['README.md', 'prior.safetensors', 'priorscape.py', 'compare.py', 'config.json', 'result.json', 'runs.csv', 'downstream.safetensors', 'LICENSE.md']);
    const out = join(path, 'torch.csv');
    const printed = runPython([join(path, 'compare.py'), '--out', out]);
    const again = csv(readFileSync(out, 'utf8'));
    expect(again).toHaveLength(result.runs.length);
    // Networks that moved, so that equal numbers say something.
    expect(result.runs.filter(({ validation }) => Math.abs(validation.nll - Math.log(10)) > 0.1).length).toBeGreaterThan(10);
    for (const run of result.runs) {
      const theirs = again.find((row) => row['arm'] === run.arm && Number(row['seed']) === run.seed && (run.scale === null ? row['scale'] === '' : Number(row['scale']) === run.scale)
        && Number(row['learning_rate']) === run.learningRate && Number(row['head_strength']) === run.headStrength)!;
      expect(Number(theirs['validation_nll']), JSON.stringify(run)).toBeCloseTo(run.validation.nll, 3);
      expect(theirs['chosen']).toBe(run.chosen ? 'True' : 'False');
      if (!run.chosen) continue;
      const { test } = result.arms.find((one) => one.arm === run.arm && one.seed === run.seed)!;
      expect(Number(theirs['test_nll'])).toBeCloseTo(test.nll, 3);
      expect(Number(theirs['test_accuracy'])).toBeCloseTo(test.accuracy, 1);
      expect(Number(theirs['test_brier'])).toBeCloseTo(test.brier, 3);
      expect(Number(theirs['test_ece'])).toBeCloseTo(test.ece, 1);
    }
    expect(printed).toMatch(/^low-rank +[\d.]+ ± [\d.]+ +[\d.]+ ± [\d.]+ +[\d.]+$/m);

    // A tuned network leaves, is measured there, is changed there, and comes back to the same numbers.
    const { bytes } = (await session.answer('exportModel', { arm: 'low-rank', seed: 1, format: 'safetensors', samples: null }))!;
    writeFileSync(join(path, 'model.safetensors'), bytes);
    const there = askTorch<{ before: Score; after: Score }>(path, 'model', { seed: 1 });
    const { test } = result.arms.find(({ arm, seed }) => arm === 'low-rank' && seed === 1)!;
    expect(Math.abs(there.before.nll - test.nll)).toBeLessThan(1e-4);
    const back = await session.answer('scoreWeights', { bytes: new Uint8Array(readFileSync(join(path, 'changed.safetensors'))), file: 'changed', seed: 1 });
    expect(Math.abs(there.after.nll - there.before.nll)).toBeGreaterThan(0.01);
    for (const metric of ['nll', 'accuracy', 'ece', 'brier'] as const) expect(Math.abs(back.test[metric] - there.after[metric])).toBeLessThan(1e-4);

    // Where Ray is missing, a stand-in of the few names that are used, one trial after another.
    const stand = join(root, 'stand-in');
    folder('stand-in', { 'ray/__init__.py': STAND_IN, 'ray/tune.py': STAND_IN_TUNE });
    const spread = join(path, 'ray.csv');
    runPython([join(path, 'compare.py'), '--ray', '--arms', 'l2-sp', 'probe', '--out', spread], { PYTHONPATH: stand });
    expect(csv(readFileSync(spread, 'utf8'))).toEqual(again.filter((row) => row['arm'] === 'l2-sp' || row['arm'] === 'probe').sort((a, b) => a['arm']!.localeCompare(b['arm']!)));

    const { metadata } = askTorch<{ metadata: Record<string, unknown> | null }>(path, 'front_matter', {});
    if (metadata) expect(metadata).toMatchObject({ license: 'other', license_link: 'LICENSE.md', library_name: 'pytorch', 'model-index': [{ name: 'Noisy scans' }] });
  }, 240_000);

  it('works on the toy’s points', async () => {
    const config = { preset: 'toy', arms: ['none', 'low-rank'], seeds: 1, 'source.steps': 20, 'posterior.steps': 10, 'posterior.snapshots': 4, 'posterior.rank': 3, 'inference.steps': 10, 'downstream.test': 40, 'sampling.method': 'map', 'surface.resolution': 3, 'surface.linePoints': 5, 'surface.test': 10 };
    const { path, result } = await bundled('toy', config);
    const out = join(path, 'torch.csv');
    runPython([join(path, 'compare.py'), '--out', out]);
    const chosen = csv(readFileSync(out, 'utf8')).filter((row) => row['chosen'] === 'True');
    chosen.forEach((row) => expect(Number(row['test_nll'])).toBeCloseTo(result.arms.find(({ arm }) => arm === row['arm'])!.test.nll, 3));
  }, 60_000);
});

const STAND_IN = `
from . import tune
class cloudpickle:
    register_pickle_by_value = staticmethod(lambda module: None)
def init(address=None):
    assert address is None
`;
const STAND_IN_TUNE = `
from types import SimpleNamespace
grid_search = lambda values: {"grid_search": values}
with_parameters = lambda function, **fixed: lambda config: function(config, **fixed)
with_resources = lambda function, resources: function
class Tuner:
    def __init__(self, trial, param_space):
        self.trial, self.space = trial, param_space
    def fit(self):
        return [SimpleNamespace(metrics=self.trial({"run": run}), error=None) for run in self.space["run"]["grid_search"]]
`;
