/** A bundle's files hang together: the config is the experiment's, the images are the splits', the card follows the Hub's rules, and equal contents are equal bytes. */
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { Stream } from '../../core/philox.ts';
import { KNOWN } from '../../data/hub/known.ts';
import { defaults, parseConfig } from '../../experiment/config/config.ts';
import { presetNames } from '../../experiment/config/presets.ts';
import type { Result } from '../../experiment/result.ts';
import type { DownstreamTask } from '../../experiment/tasks.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { decodePrior } from '../../prior/file.ts';
import { readSafetensors } from '../../prior/safetensors.ts';
import { bundleFiles, configFile, zipped } from './bundle.ts';
import { modelCard } from './card.ts';
import { imagesFile } from './images.ts';
import { cardLicence, HUB_LICENCES } from './licence.ts';

function posterior(dataset = 'letters: "print" | <b>', licence = ''): Posterior {
  const architecture = buildArchitecture('mlp', { widths: [3], input: { height: 2, width: 2, channels: 1 }, classes: 2 });
  const { extractor } = parameterTable(architecture);
  const stream = new Stream(1, 'planted');
  const values = (n: number) => Float32Array.from({ length: n }, () => stream.normal());
  return {
    architecture, normalisation: { mean: 0.5, std: 0.25 }, head: null, snapshots: 4,
    gaussian: { mean: values(extractor), variance: values(extractor).map((x) => Math.abs(x) + 1e-3), factor: values(2 * extractor), rank: 2 },
    provenance: {
      dataset, datasetSha256: '', classNames: ['A', 'B'], method: 'supervised', posterior: { method: 'swag', basins: null }, training: { steps: 30, schedule: 'cosine' },
      seed: 1, created: '2026-01-02T03:04:05.000Z', licence, sourceAccuracy: 0.75, sourceNll: null,
    },
  };
}

const task = (images: Uint8Array | Float32Array): DownstreamTask => ({
  dataset: { name: 'mine', images, labels: Uint16Array.of(0, 1, 0, 1, 1), count: 5, height: 1, width: 2, channels: 1, classNames: ['x', 'y'], sha256: 'ab', licence: 'MIT' },
  seeds: [7, 8],
  splits: [{ train: Uint32Array.of(4), validation: Uint32Array.of(1), test: Uint32Array.of(3) }, { train: Uint32Array.of(1), validation: Uint32Array.of(3), test: Uint32Array.of(4, 1) }],
});

/** A finished run as far as a card reads it. */
function finished(): Result {
  const summary = (arm: 'none' | 'low-rank', metric: 'nll' | 'accuracy', mean: number, ci95: [number, number] | null) => ({ arm, metric, mean, ci95, n: 20, seeds: 2 });
  const read: Pick<Result, 'config' | 'preset' | 'summaries' | 'downstream' | 'sentences' | 'surface' | 'inference' | 'runs' | 'arms'> = {
    config: defaults('smoke'), preset: 'smoke', runs: [], arms: [], inference: null, surface: { plane: null, lines: [], alignmentGap: [], directionTest: null },
    summaries: [summary('none', 'nll', 1.25, [1, 1.5]), summary('none', 'accuracy', NaN, null), summary('low-rank', 'nll', 1, null)],
    downstream: { dataset: 'digits', n: 20, classNames: ['0', '1'], seeds: [1, 2] }, sentences: { verdict: 'No *detectable* difference.', surface: 'Not told.' },
  };
  return read as Result;
}

const python = { 'priorscape.py': '# one', 'compare.py': '# two' };
const plain = { posterior: posterior(), config: defaults('smoke'), preset: 'smoke' as const, python, result: null, shift: null, task: null };

describe('a bundle', () => {
  it('holds the prior, a card that names every file, and the config', async () => {
    const files = await bundleFiles({ ...plain, result: finished(), task: task(new Uint8Array(10)), shift: posterior().gaussian });
    expect([...files.keys()]).toEqual(['README.md', 'prior.safetensors', 'priorscape.py', 'compare.py', 'config.json', 'result.json', 'runs.csv', 'shift-trajectory.safetensors', 'downstream.safetensors']);
    const back = unzipSync(zipped(files, 'mine'));
    expect(Object.keys(back)).toEqual([...files.keys()].map((name) => `mine/${name}`));
    for (const [name, bytes] of files) expect(back[`mine/${name}`]).toEqual(bytes);
    const card = new TextDecoder().decode(files.get('README.md'));
    for (const name of files.keys()) if (name !== 'README.md') expect(card).toContain(`\`${name}\``);
    expect((await decodePrior(files.get('prior.safetensors')!)).gaussian).toEqual(posterior().gaussian);
    expect(zipped(await bundleFiles(plain), 'x')).toEqual(zipped(await bundleFiles(plain), 'x'));
  });

  it.each(presetNames)('its config.json is the experiment: %s', (preset) => {
    const config = { ...defaults(preset), seeds: 7, 'grid.scales': defaults(preset)['grid.scales'].map((x) => 2 * x) };
    expect(parseConfig(JSON.parse(configFile(config, preset)))).toEqual({ preset, config });
  });

  it.each([['bytes', Uint8Array.from({ length: 10 }, (_, i) => i * 20)], ['floats', Float32Array.from({ length: 10 }, (_, i) => i / 7)]])('its images are the rows that splits read, numbered anew: %s', (_, images) => {
    const { tensors, metadata } = readSafetensors(imagesFile(task(images)));
    const read = (name: string) => new Int32Array(new Uint8Array(tensors.get(name)!.bytes).buffer);
    expect(tensors.get('images')!.shape).toEqual([3, 1, 2, 1]);
    const copy = new Uint8Array(tensors.get('images')!.bytes);
    const kept = images instanceof Uint8Array ? copy : new Float32Array(copy.buffer);
    expect([...kept]).toEqual([2, 3, 6, 7, 8, 9].map((i) => images[i]));
    expect([...read('labels')]).toEqual([1, 1, 1]);
    expect(['train.7', 'validation.7', 'test.7', 'train.8', 'test.8'].map((name) => [...read(name)])).toEqual([[2], [0], [1], [0], [2, 0]]);
    expect(JSON.parse(metadata.get('priorscape_data')!)).toMatchObject({ name: 'mine', classNames: ['x', 'y'], seeds: [7, 8] });
  });
});

/** The front matter's keys and scalars, by a reader of block YAML with JSON strings written apart from what is tested. */
function frontMatter(card: string): Record<string, unknown> {
  const [, head] = card.split('---\n');
  const lines = head!.trimEnd().split('\n').map((line) => ({ depth: /^ */.exec(line)![0].length, text: line.trim() }));
  let at = 0;
  function block(depth: number): unknown {
    const isList = lines[at]!.text.startsWith('- ');
    const out: Record<string, unknown> = {};
    const list: unknown[] = [];
    while (at < lines.length && lines[at]!.depth === depth) {
      const line = lines[at]!;
      if (isList) {
        const rest = line.text.slice(2);
        if (/^[\w-]+:/.test(rest)) {
          lines[at] = { depth: depth + 2, text: rest };
          list.push(block(depth + 2));
        } else {
          list.push(JSON.parse(rest));
          at++;
        }
        continue;
      }
      const [, key, value] = /^([\w-]+):(?: (.*))?$/.exec(line.text)!;
      at++;
      out[key!] = value === undefined ? block(lines[at]!.depth) : JSON.parse(value);
    }
    return isList ? list : out;
  }
  return block(0) as Record<string, unknown>;
}

/** The rules of github.com/huggingface/hub-docs/blob/main/modelcard.md; the first that is broken, in words. */
function brokenRule(metadata: Record<string, unknown>, files: readonly string[]): string | null {
  const texts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '');
  if (![...HUB_LICENCES, 'unknown', 'other'].some((one) => one === metadata['license'])) return 'license is no identifier of the Hub';
  if (metadata['license'] === 'other' && !(/^[a-z0-9-.]+$/.test(String(metadata['license_name'])) && files.includes(String(metadata['license_link'])))) return 'other needs license_name and a license_link that is there';
  if (typeof metadata['library_name'] !== 'string' || typeof metadata['pipeline_tag'] !== 'string') return 'library_name and pipeline_tag are texts';
  if (!texts(metadata['tags']) || !texts(metadata['metrics'])) return 'tags and metrics are lists of texts';
  if ('datasets' in metadata && !(texts(metadata['datasets']) && (metadata['datasets'] as string[]).every((id) => /^([\w-.]+\/)?[\w-.]+$/.test(id)))) return 'datasets are ids of the Hub';
  for (const model of (metadata['model-index'] ?? []) as Record<string, unknown>[]) {
    if (typeof model['name'] !== 'string' || !Array.isArray(model['results']) || model['results'].length === 0) return 'a model has a name and results';
    for (const result of model['results'] as Record<string, Record<string, unknown>>[]) {
      if (typeof result['task']?.['type'] !== 'string') return 'task.type is required';
      if (typeof result['dataset']?.['type'] !== 'string' || typeof result['dataset']['name'] !== 'string') return 'dataset.type and dataset.name are required';
      const metrics = result['metrics'] as unknown as Record<string, unknown>[];
      if (!metrics.every((metric) => typeof metric['type'] === 'string' && Number.isFinite(metric['value']))) return 'metrics have a type and a value';
    }
  }
  return null;
}

describe('a model card', () => {
  it('follows the Hub’s metadata, with intervals, and leaves out what does not exist', () => {
    const card = modelCard({ posterior: posterior(), config: { ...defaults('smoke'), name: 'Named: “so” # [x]' }, preset: 'smoke', result: { ...finished(), config: { ...defaults('smoke'), name: 'Named: “so” # [x]' } }, files: ['prior.safetensors'] });
    const metadata = frontMatter(card);
    expect(brokenRule(metadata, [])).toBeNull();
    expect(metadata).toMatchObject({ license: 'unknown', library_name: 'pytorch' });
    expect(metadata['model-index']).toEqual([{
      name: 'Named: “so” # [x]',
      results: [
        { task: { type: 'image-classification', name: 'Fine-tuning on 20 examples, arm none' }, dataset: { type: 'glyphs', name: 'digits', split: 'test' }, metrics: [{ type: 'nll', value: 1.25, name: 'NLL (nats), mean over 2 seeds, 95% t interval 1 to 1.5' }] },
        { task: { type: 'image-classification', name: 'Fine-tuning on 20 examples, arm low-rank' }, dataset: { type: 'glyphs', name: 'digits', split: 'test' }, metrics: [{ type: 'nll', value: 1, name: 'NLL (nats), mean over 2 seeds' }] },
      ],
    }]);
    expect(card).toContain('No \\*detectable\\* difference.');
    expect(card).not.toContain('Not told.');
    expect(card).not.toMatch(/NaN|undefined/);
  });

  it('tells of pixels what they were measured by', () => {
    const run = finished();
    const result = { ...run, segmentation: { classNames: [], classes: [] } as unknown as Result['segmentation'], summaries: run.summaries.map((one) => (one.metric === 'accuracy' ? { ...one, metric: 'meanIoU' as const, mean: 0.5 } : one)) };
    const card = modelCard({ posterior: posterior(), config: run.config, preset: 'smoke', result, files: [] });
    expect(card).toContain('"image-segmentation"');
    expect(card).toContain('| arm | Mean IoU | NLL (nats) |');
    expect(card).not.toContain('Brier');
  });

  it('names data of the Hub only where name and licence are those of a known set', () => {
    const [mnist] = KNOWN;
    const of = (dataset: string, licence: string) => frontMatter(modelCard({ posterior: posterior(dataset, licence), config: defaults(), preset: 'standard', result: null, files: [] }));
    expect(of(mnist!.name, mnist!.licence)['datasets']).toEqual([mnist!.address.id]);
    expect(of(mnist!.name, '')).not.toHaveProperty('datasets');
    for (const { name, licence } of KNOWN) expect(brokenRule(of(name, licence), ['LICENSE.md'])).toBeNull();
  });

  it.each([
    ['', 'unknown'], ['MIT', 'mit'], ['CC BY-SA 4.0', 'cc-by-sa-4.0'], ['MIT (Zalando SE)', 'mit'], ['CC BY-SA 3.0 (Y. LeCun, C. Cortes)', 'cc-by-sa-3.0'], ['apache-2.0', 'apache-2.0'],
    ['MIT; Copernicus Sentinel data', 'other'], ['For non-commercial use only', 'other'], ['206 open typefaces from Fontsource (OFL-1.1, Apache-2.0)', 'other'],
  ])('the licence “%s” is %s', (text, licence) => {
    expect(cardLicence(text).license).toBe(licence);
  });

  it('what the rules would say of broken cards', () => {
    const sound = frontMatter(modelCard({ posterior: posterior(), config: defaults(), preset: 'standard', result: null, files: [] }));
    expect(brokenRule({ ...sound, license: 'MIT' }, [])).toMatch(/identifier/);
    expect(brokenRule({ ...sound, license: 'other', license_name: 'x', license_link: 'LICENSE.md' }, [])).toMatch(/license_link/);
    expect(brokenRule({ ...sound, 'model-index': [{ name: 'x', results: [{ task: { type: 'x' }, dataset: { name: 'x' }, metrics: [] }] }] }, [])).toMatch(/dataset\.type/);
  });
});
