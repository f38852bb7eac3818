/**
 * The autodiff engine on WebGPU (and WebGL) against the typed engine on wasm, in the browser. Everything on WebGPU runs
 * on a device that reports each error nobody waited for: `told` must stay empty.
 */
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LabError } from '../src/core/errors.ts';
import type { Engine, Evaluation, PopulationSpec, Progress } from '../src/engine/contract.ts';
import type { AutodiffEngine } from '../src/engine/tfjs/autodiff-engine.ts';
import { openAutodiff } from '../src/engine/tfjs/open-autodiff.ts';
import { openTyped } from '../src/engine/tfjs/open-typed.ts';
import { everyArm, everySampler, largestGap, NORMALISATION, range, stripes } from '../src/engine/tfjs/testing.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';
import { initialise } from '../src/model/initialise.ts';

const convnet = buildArchitecture('convnet-s', { widths: [4, 6], input: { height: 9, width: 7, channels: 1 }, classes: 3 });
const linear = buildArchitecture('linear', { widths: [], input: { height: 3, width: 3, channels: 1 }, classes: 3 });
const total = parameterTable(convnet).total;
const origin = initialise(convnet, 1);
const direction = (k: number): Float32Array => Float32Array.from({ length: total }, (_, j) => 0.1 * Math.sin(k * j));
const coordinates = Float32Array.from({ length: 72 }, (_, i) => Math.cos(i)); // 36 points: more than one readback

interface Outcome {
  thetas: Float32Array[];
  progress: Progress;
  own: Evaluation;
  plane: Evaluation;
}

/** A few steps of every arm and of two samplers, then evaluations of chains and of a plane. */
async function outcomeOf(engine: Engine): Promise<Outcome> {
  const data = await engine.load(stripes(convnet, 60), NORMALISATION);
  const spec = everyArm(convnet, data);
  const samplers = everySampler(convnet, data).chains; // 3: SGHMC under a low-rank prior, 7: cyclical
  const population = await engine.populate({ ...spec, chains: [...spec.chains.slice(0, 5), spec.chains[7]!, samplers[3]!, samplers[7]!] });
  await population.advance(2);
  const progress = await population.advance(10);
  const thetas = await population.parameters(Array.from({ length: population.chains }, (_, i) => i));
  const own = await population.evaluate({ data, indices: [range(0, 40), range(10, 60)], items: [{ chain: 2, rows: 0 }, { chain: 5, rows: 1 }], logits: true });
  const plane = await engine.evaluate({ architecture: convnet, data, indices: range(0, 50), points: { kind: 'plane', origin, u: direction(1), v: direction(2), coordinates }, logits: false });
  await population.dispose();
  await engine.unload(data);
  return { thetas, progress, own, plane };
}

function expectClose(a: Outcome, b: Outcome): void {
  // float32 in another order over twelve steps.
  a.thetas.forEach((theta, i) => {
    expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(5e-5);
  });
  expect(largestGap(a.progress.nll, b.progress.nll)).toBeLessThan(5e-5);
  expect(b.progress.divergedAt).toEqual(a.progress.divergedAt);
  expect(largestGap(a.own.nll, b.own.nll)).toBeLessThan(5e-5);
  expect(b.own.accuracy[0]).toBeCloseTo(a.own.accuracy[0]!, 6);
  a.own.logits!.forEach((logits, i) => {
    expect(largestGap(logits, b.own.logits![i]!)).toBeLessThan(1e-4);
  });
  expect(largestGap(a.plane.nll, b.plane.nll)).toBeLessThan(1e-5);
  expect([...b.plane.finite]).toEqual([...a.plane.finite]);
}

let reference: Outcome;
beforeAll(async () => {
  reference = await outcomeOf(await openTyped({ backend: 'wasm' }));
}, 60_000);

describe('WebGPU', () => {
  const told: string[] = [];
  let engine: AutodiffEngine;
  beforeAll(async () => {
    engine = await openAutodiff({ backend: 'webgpu', onFatal: (sentence) => told.push(sentence) });
  });
  afterAll(async () => {
    await engine.dispose();
    expect(told).toEqual([]);
  });

  it('does what the typed engine does, with no synchronous readback, and frees everything', async () => {
    expect(engine.info).toMatchObject({ backend: 'webgpu', workers: 1 });
    expect(engine.info.adapter).not.toBe('');
    const before = memory().numTensors;
    const warn = console.warn;
    const warned: unknown[] = [];
    console.warn = (...words) => warned.push(...words);
    const outcome = await outcomeOf(engine).finally(() => {
      console.warn = warn;
    });
    expect(warned).toEqual([]); // the backend warns of its first synchronous readback
    expectClose(reference, outcome);
    expect(memory().numTensors).toBe(before);
  });

  it('sees a divergence though comparisons with NaN lie there, and freezes that chain', async () => {
    const data = await engine.load(stripes(linear, 50), NORMALISATION);
    const { chains, ...rest } = everyArm(linear, data);
    const spec: PopulationSpec = { ...rest, chains: chains.slice(0, 2).map((chain, i) => (i === 0 ? { ...chain, schedule: { start: 3e37, end: 3e37, steps: 1 } } : chain)) };
    const population = await engine.populate(spec);
    const { divergedAt } = await population.advance(8);
    const at = divergedAt[0]!;
    expect([...divergedAt]).toEqual([at, -1]);
    expect(at).toBeGreaterThan(0);
    const [frozen] = await population.parameters([0]);
    const again = await engine.populate(spec);
    await again.advance(at);
    expect((await again.parameters([0]))[0]).toEqual(frozen);
    expect([...(await population.advance(3)).divergedAt]).toEqual([at, -1]);
    await Promise.all([population.dispose(), again.dispose()]);

    const thetas = [NaN, Infinity].map((value) => origin.map((x, j) => (j === 38 ? value : x)));
    const { finite, nll } = await engine.evaluate({ architecture: convnet, data: await engine.load(stripes(convnet, 20), NORMALISATION), indices: range(0, 20), points: { kind: 'list', thetas: [origin, ...thetas] }, logits: false });
    expect([...finite]).toEqual([1, 0, 0]);
    expect([...nll].map(Number.isFinite)).toEqual([true, false, false]);
  });

  it('keeps the number of tensors over steps and populations', async () => {
    const data = await engine.load(stripes(linear, 50), NORMALISATION);
    const counts: number[][] = [];
    for (let cycle = 0; cycle < 2; cycle++) {
      const before = memory().numTensors;
      const spec = everyArm(linear, data);
      const population = await engine.populate({ ...spec, chains: spec.chains.slice(1, 3) });
      await population.advance(1);
      const first = memory().numTensors;
      await population.advance(12);
      const last = memory().numTensors;
      await population.dispose();
      counts.push([last - first, memory().numTensors - before]);
    }
    expect(counts).toEqual([[0, 0], [0, 0]]);
  });

  it('a lost device rejects what is pending with the sentence that it tells', async () => {
    await engine.dispose();
    const sentences: string[] = [];
    let raw: GPUDevice | null = null;
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (descriptor) {
      raw = await request.call(this, descriptor);
      return raw;
    };
    const doomed = await openAutodiff({ backend: 'webgpu', onFatal: (sentence) => sentences.push(sentence) }).finally(() => {
      GPUAdapter.prototype.requestDevice = request;
    });
    const data = await doomed.load(stripes(linear, 50), NORMALISATION);
    const population = await doomed.populate(everyArm(linear, data));
    await population.advance(1);
    const pending = population.advance(5).then(() => null, (error: unknown) => error);
    raw!.destroy();
    const error = await pending;
    expect(error).toBeInstanceOf(LabError);
    expect(sentences).toHaveLength(1);
    expect((error as LabError).message).toBe(sentences[0]);
    expect(sentences[0]).toMatch(/^The GPU was lost .*; run again, or choose the wasm backend\.$/);
    await expect(population.advance(1)).rejects.toThrow(/was lost/);
    await population.dispose();
    await doomed.dispose();
    engine = await openAutodiff({ backend: 'webgpu', onFatal: (sentence) => told.push(sentence) });
    expect(engine.info.backend).toBe('webgpu');
    const alive = await engine.load(stripes(linear, 50), NORMALISATION);
    const { finite } = await engine.evaluate({ architecture: linear, data: alive, indices: range(0, 20), points: { kind: 'list', thetas: [initialise(linear, 1)] }, logits: false });
    expect([...finite]).toEqual([1]);
  });
});

describe('WebGL', () => {
  it('does what the typed engine does', async () => {
    const engine = await openAutodiff({ backend: 'webgl', onFatal: () => {} });
    expectClose(reference, await outcomeOf(engine));
    await engine.dispose();
    await setBackend('cpu').catch(() => false);
  });
});
