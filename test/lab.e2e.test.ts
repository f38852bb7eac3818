/**
 * The headless lab as it is run from a shell: a browser, the worker, five files. Also the one test in which the whole
 * experiment goes through WebGPU, on a software adapter where there is no GPU.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Result } from '../src/experiment/result.ts';
import { DEFAULT_ARMS } from '../src/prior/prior.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'priorscape-lab-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const lab = (...args: string[]): Promise<Ended> => interruptedLab(null, ...args);

/** Sends SIGINT, as Ctrl-C does, once stderr holds `at`. */
function interruptedLab(at: string | null, ...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    let sent = at === null;
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/lab.ts', ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended: Ended = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => { ended.stdout += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => {
      ended.stderr += chunk.toString();
      if (sent || at === null || !ended.stderr.includes(at)) return;
      sent = true;
      child.kill('SIGINT');
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...ended, code }));
  });
}

function configFile(name: string, content: unknown): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Runs a config to its five files. */
async function run(name: string, config: object, ...options: string[]) {
  const out = join(folder, name);
  const ended = await lab('run', configFile(name, config), '--out', out, ...options);
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  expect(readdirSync(out).sort()).toEqual(['embedding.csv', 'prior.safetensors', 'result.json', 'runs.csv', 'surface.json']);
  const read = (file: string) => readFileSync(join(out, file), 'utf8');
  const [header, ...rows] = read('runs.csv').trimEnd().split('\r\n').map((line) => line.split(','));
  const runs = rows.map((row) => Object.fromEntries(header!.map((column, i) => [column, row[i]!])));
  return {
    out, runs, stderr: ended.stderr,
    result: JSON.parse(read('result.json')) as Result,
    surface: JSON.parse(read('surface.json')) as Result['surface'],
  };
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('lab run', () => {
  it('runs the smoke preset to five files whose numbers hang together', async () => {
    const { out, runs, result, surface, stderr } = await run('smoke', { preset: 'smoke' }, '--backend', 'wasm');
    expect(result).toMatchObject({ version: 1, preset: 'smoke', device: { backend: 'wasm' }, source: { dataset: expect.stringContaining('glyphs') } });

    // 8 arms × 2 settings × 2 seeds, one of the two settings chosen.
    expect(runs).toHaveLength(DEFAULT_ARMS.length * 2 * 2);
    const chosen = runs.filter((row) => row['chosen'] === 'true');
    expect(chosen.map((row) => `${row['arm']} ${row['seed']}`).sort()).toEqual(DEFAULT_ARMS.flatMap((arm) => [`${arm} 1`, `${arm} 2`]).sort());
    for (const row of chosen) {
      const rivals = runs.filter((other) => other['arm'] === row['arm'] && other['seed'] === row['seed']);
      expect(Number(row['validation_nll'])).toBe(Math.min(...rivals.map((other) => Number(other['validation_nll']))));
    }
    for (const arm of DEFAULT_ARMS) {
      const summary = result.summaries.find((one) => one.arm === arm && one.metric === 'nll')!;
      expect(summary.mean).toBeCloseTo(mean(chosen.filter((row) => row['arm'] === arm).map((row) => Number(row['test_nll']))), 10);
    }
    const { embedding } = result;
    expect(embedding).toMatchObject({ rows: { train: 100, test: 51 }, neighbours: 20, map: { planes: { source: { shares: { length: 2 } } } } });
    expect(readFileSync(join(out, 'embedding.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(52);
    const { alignmentGap, directionTest } = surface;
    expect(result.surface).toEqual({ alignmentGap, directionTest });
    expect(directionTest!.radii).toHaveLength(5);
    expect(surface.plane).toMatchObject({ trainNll: { length: 49 }, testNll: { length: 49 } });
    expect(surface.lines).toHaveLength(5 * 2);
    for (const stage of ['source', 'posterior', 'downstream', 'surface', 'verdict'] as const) expect(stderr).toContain(`${stage}: ${result.sentences[stage]!}`);

    const inspected = await lab('inspect', join(out, 'prior.safetensors'));
    expect(inspected.code).toBe(0);
    expect(inspected.stdout).toContain(`${result.posterior.params} in the extractor`);
    expect(inspected.stdout).toContain('rank 3, from 5 snapshots');
  });

  it('runs the same experiment on WebGPU to the same numbers, by the fused engine and by TensorFlow.js', async () => {
    const config = {
      preset: 'smoke', arms: ['none', 'l2-sp', 'low-rank'], seeds: 1, source: { steps: 10, test: 40 },
      posterior: { steps: 6, snapshots: 3, rank: 2, draws: 1 }, downstream: { test: 40 }, inference: { steps: 5 },
      surface: { resolution: 3, linePoints: 5, test: 20 },
    };
    const onProcessor = await run('wasm', config, '--backend', 'wasm');
    expect(onProcessor.result.device.backend).toBe('wasm');
    for (const engine of ['fused', 'tfjs'] as const) {
      const onGpu = await run(engine, config, '--backend', 'webgpu', '--engine', engine);
      expect(onGpu.result.device).toMatchObject({ backend: 'webgpu', engine });
      expect(onGpu.result.source.nll).toBeCloseTo(onProcessor.result.source.nll!, 3);
      expect(onGpu.runs).toHaveLength(3 * 2);
      onGpu.runs.forEach((row, i) => {
        expect([row['arm'], row['scale'], row['learning_rate']]).toEqual(['arm', 'scale', 'learning_rate'].map((column) => onProcessor.runs[i]![column]));
        expect(Number(row['validation_nll'])).toBeCloseTo(Number(onProcessor.runs[i]!['validation_nll']), 2);
      });
      onGpu.surface.plane!.testNll.forEach((nll, i) => expect(nll).toBeCloseTo(onProcessor.surface.plane!.testNll[i]!, 1));
    }
  });

  it('runs the whole smoke preset on the fused engine', async () => {
    const { result, runs } = await run('smoke on webgpu', { preset: 'smoke' }, '--backend', 'webgpu');
    expect(result.device).toMatchObject({ engine: 'fused', backend: 'webgpu' });
    expect(runs).toHaveLength(DEFAULT_ARMS.length * 2 * 2);
    expect(result.arms.every((arm) => Number.isFinite(arm.test.nll))).toBe(true);
  });
});

describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it('stops the run, says what was finished and keeps the prior', async () => {
    const out = join(folder, 'stopped');
    const config = configFile('long', { preset: 'smoke', inference: { steps: 20_000 } });
    const { code, stdout, stderr } = await interruptedLab('\nposterior: ', 'run', config, '--out', out, '--backend', 'wasm');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('The run was cancelled.\nFinished until then: source, posterior. The prior was kept in ');
    expect(readdirSync(out)).toEqual(['prior.safetensors']);
    expect((await lab('inspect', join(out, 'prior.safetensors'))).code).toBe(0);
  });
});

describe('faults', () => {
  it.each([
    ['a setting out of bounds', { downstream: { n: 0 } }, [], /"downstream\.n" is 0/],
    ['an unknown setting', { wat: 1 }, [], /"wat" is unknown/],
    ['no JSON', '{"preset": ', [], /is not JSON/],
    ['data that was not named', { preset: 'smoke', downstream: { data: 'mnist' } }, [], /“mnist”, which is not there; name its files with --data/],
    ['an unknown option', {}, ['--fast'], /no option --fast/],
    ['files that are not there', {}, ['--data', 'mnist=none,neither'], /data file none cannot be read/],
  ])('%s: exit code 1 and one sentence', async (name, config, options, sentence) => {
    const { code, stdout, stderr } = await lab('run', configFile(name, config), '--out', join(folder, 'unused'), ...options);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(/^[^\n]+\.\n$/);
  });

  it('faulty data is refused before anything is trained', async () => {
    const path = configFile('idx', 'this is no IDX file');
    const { code, stderr } = await lab('run', configFile('own', { preset: 'smoke', source: { data: 'own' } }), '--out', join(folder, 'unused'), '--data', `own=${path},${path}`, '--backend', 'wasm');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The 2 files are in no format that can be read here; give [^\n]*\.\n$/m);
    expect(stderr).not.toMatch(/source {2}/);
  });

  it('a file that is no prior is refused', async () => {
    const { code, stdout, stderr } = await lab('inspect', join(root, 'package.json'));
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^This is not a sound safetensors file[^\n]+\.\n$/);
  });
});

describe('lab schema', () => {
  it('prints a JSON Schema', async () => {
    const { code, stdout } = await lab('schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { downstream: { properties: { n: { type: 'integer', minimum: 1 } } } } });
  });
});
