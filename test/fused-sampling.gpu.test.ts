/**
 * Chains that sample on the fused engine: Philox against the published words, normals against core/philox.ts, and whole
 * populations against the contract's step in float64 with dense matrices and against the typed engine on wasm.
 */
import { describe, expect, it } from 'vitest';
import { philox4x32, Stream } from '../src/core/philox.ts';
import { cyclePosition, learningRate } from '../src/core/schedule.ts';
import type { Dataset } from '../src/data/dataset.ts';
import { BatchOrder } from '../src/engine/batches.ts';
import type { ChainSpec, DataRef, Engine, PopulationSpec, SamplerSpec } from '../src/engine/contract.ts';
import { Buffers, bytesOn, readBack } from '../src/engine/fused/buffers.ts';
import { CUTS, FusedEngine } from '../src/engine/fused/fused-engine.ts';
import { NORMALS } from '../src/engine/fused/kernels/philox.ts';
import { MAIN, THREAD } from '../src/engine/fused/kernels/wgsl.ts';
import { encode, Programs, workgroups } from '../src/engine/fused/program.ts';
import { everyArm, everySampler, gaussianAround, inSteps, largestGap, NORMALISATION, referenceNll, stripes } from '../src/engine/tfjs/testing.ts';
import type { Architecture } from '../src/model/architecture.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';
import { device, openBothEngines, typed } from './both-engines.ts';

const mlp = buildArchitecture('mlp', { widths: [9, 6], input: { height: 5, width: 5, channels: 1 }, classes: 4 });
const linear = buildArchitecture('linear', { widths: [], input: { height: 3, width: 3, channels: 1 }, classes: 3 });
const convnet = buildArchitecture('convnet-s', { widths: [5, 6, 7], input: { height: 13, width: 11, channels: 1 }, classes: 5 });

openBothEngines();

const SAMPLER: SamplerSpec = { friction: 0.2, temperature: 1, preconditioned: false, noiseFrom: 0, noiseSeed: 77 };

/** Every kind of sampler, with rates at which noise, gradient and prior all move the chain; twelve steps cross two blocks and, cyclical, two cycles. */
const SAMPLERS: Record<string, Partial<ChainSpec>> = {
  'SGHMC, no prior': { sampler: SAMPLER },
  'SGLD under a diagonal prior': { prior: { gaussian: 1, scale: 300, floor: 0 }, headStrength: 2, sampler: { ...SAMPLER, friction: 1, noiseSeed: 0xffff_fff0 } },
  'SGHMC under a low-rank prior': { prior: { gaussian: 0, scale: 30, floor: 1e-4 }, headStrength: 5, sampler: SAMPLER },
  'preconditioned, low-rank, floor': { start: 1, prior: { gaussian: 0, scale: 3, floor: 1e-3 }, headStrength: 5, sampler: { ...SAMPLER, preconditioned: true, temperature: 0.1, noiseSeed: 5 } },
  'preconditioned where only the head has a prior': { headStrength: 40, sampler: { ...SAMPLER, preconditioned: true } },
  'cyclical, noise in the last half': { prior: { gaussian: 0, scale: 30, floor: 0 }, schedule: { start: 0.02, end: 0.001, steps: 15, cycles: 2 }, sampler: { ...SAMPLER, noiseFrom: 0.5 } },
  'without noise': { prior: { gaussian: 1, scale: 300, floor: 0 }, headStrength: 2, sampler: { ...SAMPLER, temperature: 0 } },
};

/** The samplers above, MAP chains (one of them frozen) between and behind them. */
function mixed(architecture: Architecture, data: DataRef): PopulationSpec {
  const arms = everyArm(architecture, data);
  const { extractor } = parameterTable(architecture);
  const base: ChainSpec = { ...arms.chains[0]!, sampler: null, schedule: { start: 0.02, end: 0.002, steps: 25 } };
  const samplers = Object.values(SAMPLERS).map((more): ChainSpec => ({ ...base, ...more }));
  // Variances for which 1/(N·P) stays within what a step of 0.02 bears without a preconditioner.
  const priors = [gaussianAround(arms.starts[0]!.map((x, j) => 0.9 * x + 0.01 * Math.cos(j)).subarray(0, extractor), 3), gaussianAround(new Float32Array(extractor), 0)]
    .map((gaussian) => ({ ...gaussian, variance: gaussian.variance.map((x) => 20 * x) }));
  return { ...arms, priors, chains: [...samplers.slice(0, 2), ...arms.chains.slice(0, 5).map((chain) => ({ ...chain, sampler: null })), ...samplers.slice(2), base] };
}

/** x with A x = b, A [n, n] dense, by Gaussian elimination; both are used up. */
function solveDense(a: Float64Array[], b: Float64Array): Float64Array {
  const n = b.length;
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = a[i]![k]! / a[k]![k]!;
      for (let j = k; j < n; j++) a[i]![j]! -= factor * a[k]![j]!;
      b[i]! -= factor * b[k]!;
    }
  }
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k + 1; j < n; j++) b[k]! -= a[k]![j]! * b[j]!;
    b[k]! /= a[k]![k]!;
  }
  return b;
}

/** The contract's step of a chain that samples, in float64: gradients by central differences, Σ as a dense matrix. */
function reference(spec: PopulationSpec, chain: ChainSpec, dataset: Dataset, steps: number): Float64Array {
  const { architecture } = spec;
  const sampler = chain.sampler!;
  const n = chain.indices.length;
  const { extractor: d } = parameterTable(architecture);
  let theta = Float64Array.from(spec.starts[chain.start]!);
  let before = theta;
  const size = dataset.images.length / dataset.count;
  const rows = new Uint32Array(Math.min(spec.batch, n));
  const order = new BatchOrder(chain.seed, chain.indices);
  const gaussian = chain.prior && spec.priors[chain.prior.gaussian]!;
  const p = (j: number): number => (j < d ? (chain.prior ? chain.prior.scale * gaussian!.variance[j]! + chain.prior.floor : Infinity) : 1 / chain.headStrength);
  for (let step = 0; step < steps; step++) {
    order.rows(step, rows);
    const x = Float64Array.from({ length: rows.length * size }, (_, i) => (dataset.images[rows[Math.floor(i / size)]! * size + (i % size)]! - NORMALISATION.mean) / NORMALISATION.std);
    const labels = Array.from(rows, (row) => dataset.labels[row]!);
    const at = (j: number, h: number) => referenceNll(architecture, theta.map((value, i) => (i === j ? value + h : value)), x, labels, rows.length);
    const g = theta.map((_, j) => (at(j, 1e-6) - at(j, -1e-6)) / 2e-6);
    const norm = Math.hypot(...g);
    const slope = new Float64Array(theta.length);
    if (chain.prior && gaussian) {
      const { scale, floor } = chain.prior;
      const sigma = Array.from({ length: d }, (_, i) => Float64Array.from({ length: d }, (_, j) => {
        let sum = i === j ? scale * gaussian.variance[i]! + floor : 0;
        for (let k = 0; k < gaussian.rank; k++) sum += scale * gaussian.factor[k * d + i]! * gaussian.factor[k * d + j]!;
        return sum;
      }));
      slope.set(solveDense(sigma, theta.subarray(0, d).map((w, j) => w - gaussian.mean[j]!)));
    }
    for (let j = d; j < theta.length; j++) slope[j] = chain.headStrength * theta[j]!;
    const eta = learningRate(chain.schedule, 10 * Math.floor(step / 10));
    const stream = new Stream(sampler.noiseSeed, 'sampler', step);
    const loud = cyclePosition(chain.schedule, step) >= sampler.noiseFrom;
    const next = theta.map((value, j) => {
      const own = g[j]! * Math.min(1, spec.clip / norm) + slope[j]! / n;
      const m = sampler.preconditioned && p(j) < Infinity ? (n * p(j)) / (1 + n * p(j)) : 1;
      const noise = loud ? Math.sqrt((2 * sampler.friction * eta * sampler.temperature * m) / n) * stream.normal() : 0;
      return value + (1 - sampler.friction) * (value - before[j]!) - eta * m * own + noise;
    });
    before = theta;
    theta = next;
  }
  return theta;
}

async function train(engine: Engine, architecture: Architecture, pieces: (number | 'save')[], make: (architecture: Architecture, data: DataRef) => PopulationSpec = mixed) {
  const data = await engine.load(stripes(architecture, 60), NORMALISATION);
  const spec = make(architecture, data);
  const { population, progress } = await inSteps(engine, spec, pieces);
  const thetas = await population.parameters(spec.chains.map((_, i) => i));
  await population.dispose();
  await engine.unload(data);
  return { spec, thetas, progress: progress.at(-1)!, waves: population.waves };
}

/** |a − b| as a share of the way from the start to a (a frozen chain goes none). */
function gapOfWay(start: ArrayLike<number>, a: ArrayLike<number>, b: ArrayLike<number>): number {
  const distance = (x: ArrayLike<number>, y: ArrayLike<number>) => Math.hypot(...Array.from(x, (value, j) => value - y[j]!));
  return distance(a, b) / (distance(a, start) || 1);
}

describe('Philox and its normals in WGSL', () => {
  /** What `expression` gives for each i. */
  async function ask(expression: string, type: 'u32' | 'f32', count: number, input: Uint32Array): Promise<ArrayBuffer> {
    const buffers = new Buffers(device.gpu);
    const [from, to, staging] = [buffers.storage('in', input.length, input), buffers.storage('out', 4 * count), buffers.staging('read', 16 * count)];
    const code = `@group(0) @binding(0) var<storage, read> input: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4<${type}>>;
${THREAD}${NORMALS}
${MAIN} {
  let i = threadOf(id, lane, size);
  if (i < ${count}u) { out[i] = ${expression}; }
}`;
    const dispatch = new Programs(device.gpu).dispatch({ name: 'ask', access: ['read', 'write'], code }, [from, to], workgroups(count));
    const encoder = device.gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(pass, [dispatch], [0]);
    pass.end();
    encoder.copyBufferToBuffer(to, 0, staging, 0, 16 * count);
    device.gpu.queue.submit([encoder.finish()]);
    const read = await readBack(staging, 16 * count);
    buffers.destroy();
    return read;
  }

  it('gives the published words, and those of core/philox.ts for any counter and key', async () => {
    const f = 0xffffffff;
    const published = [[0, 0, 0, 0, 0, 0], [f, f, f, f, f, f], [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0]];
    const stream = new Stream(9, 'planted');
    const asked = [...published, ...Array.from({ length: 1000 }, () => Array.from({ length: 6 }, () => stream.uint32()))];
    const words = new Uint32Array(await ask('philox(input[2u * i], input[2u * i + 1u].xy)', 'u32', asked.length, Uint32Array.from(asked.flatMap((row) => [...row, 0, 0]))));
    expect(Array.from(words.subarray(0, 12), (word) => word.toString(16).padStart(8, '0'))).toEqual([
      '6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8', '408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd', 'd16cfe09', '94fdcceb', '5001e420', '24126ea1',
    ]);
    const own = new Uint32Array(4);
    asked.forEach(([c0, c1, c2, c3, k0, k1], i) => {
      philox4x32(c0!, c1!, c2!, c3!, k0!, k1!, own);
      expect(words.subarray(4 * i, 4 * i + 4)).toEqual(own);
    });
  });

  it('gives the normals of Stream to 2e-6, in their order', async () => {
    const blocks = 50_000;
    for (const [seed, step] of [[0, 0], [0xffff_ffff, 123_456]] as const) {
      const normals = new Float32Array(await ask(`normalsOf(i, input[0].x, input[0].y)`, 'f32', blocks, Uint32Array.of(step, seed, 0, 0)));
      const stream = new Stream(seed, 'sampler', step);
      let gap = 0;
      for (const value of normals) gap = Math.max(gap, Math.abs(value - stream.normal()));
      expect(gap).toBeLessThan(2e-6);
    }
  });

  it('is exact where uniforms are nearest to 0 and to 1 and at whole quarters of a turn', async () => {
    const odd = [1, 3, 5, 2 ** 23 - 1, 2 ** 23 + 1, 2 ** 24 - 1, 2 ** 24 + 1, 3 * 2 ** 23 + 1, 23_726_565, 23_726_567, 2 ** 25 - 3, 2 ** 25 - 1];
    const out = new Float32Array(await ask('vec4<f32>(minusLog(input[i].x), turn(input[i].x), 0.0)', 'f32', odd.length, Uint32Array.from(odd.flatMap((m) => [m, 0, 0, 0]))));
    odd.forEach((m, i) => {
      const log = -Math.log1p((m - 2 ** 25) / 2 ** 25);
      expect(Math.abs(out[4 * i]! / log - 1), `log of ${m}`).toBeLessThan(5e-7);
      const angle = (2 * Math.PI * m) / 2 ** 25;
      expect(Math.hypot(out[4 * i + 1]! - Math.cos(angle), out[4 * i + 2]! - Math.sin(angle)), `turn ${m}`).toBeLessThan(3e-7);
    });
  });
});

describe('a population with chains that sample', () => {
  it('makes the contract’s steps, written out in float64', async () => {
    const { spec, thetas } = await train(new FusedEngine(device, CUTS.software), mlp, [1, 11]);
    const dataset = stripes(mlp, 60);
    for (const [name, more] of Object.entries(SAMPLERS)) {
      const i = spec.chains.findIndex(({ sampler, prior }) => sampler === more.sampler && prior === (more.prior ?? null));
      const chain = spec.chains[i]!;
      expect(gapOfWay(spec.starts[chain.start]!, reference(spec, chain, dataset, 12), thetas[i]!), name).toBeLessThan(2e-5);
    }
  });

  it.each([['ConvNet 5-6-7 on 13×11', convnet], ['MLP 9-6', mlp], ['linear', linear]])('samples in both cuts what the typed engine samples: %s', async (_name, architecture) => {
    for (const make of [mixed, everySampler]) {
      const a = await train(typed, architecture, [1, 11], make);
      for (const cut of Object.values(CUTS)) {
        const b = await train(new FusedEngine(device, cut), architecture, [1, 11], make);
        a.thetas.forEach((theta, i) => {
          const gap = gapOfWay(a.spec.starts[a.spec.chains[i]!.start]!, theta, b.thetas[i]!);
          expect(gap, `chain ${i}`).toBeLessThan(5e-5);
        });
        expect(largestGap(a.progress.nll, b.progress.nll)).toBeLessThan(1e-4);
        expect(b.progress.divergedAt).toEqual(a.progress.divergedAt);
      }
    }
  });

  it('leaves MAP chains bit for bit as they are alone, and is the same in pieces and in waves', async () => {
    const cut = { ...CUTS.software, threads: 1 };
    const once = await train(new FusedEngine(device, cut), convnet, [12]);
    const pieces = await train(new FusedEngine(device, cut), convnet, [3, 8, 1]);
    expect((await train(new FusedEngine(device, cut), convnet, [3, 'save', 9])).thetas).toEqual(once.thetas);
    const waves = await train(new FusedEngine(device, { ...cut, budget: 1 }), convnet, [12]);
    expect(pieces.thetas).toEqual(once.thetas);
    expect(waves.thetas).toEqual(once.thetas);
    expect(waves.waves).toBeGreaterThan(10);
    const maps = once.spec.chains.flatMap(({ sampler }, i) => (sampler ? [] : [i]));
    const alone = await train(new FusedEngine(device, cut), convnet, [12], (architecture, data) => {
      const spec = mixed(architecture, data);
      return { ...spec, chains: maps.map((i) => spec.chains[i]!) };
    });
    expect(alone.thetas).toEqual(maps.map((i) => once.thetas[i]));
  });

  it('freezes a chain that diverges where it was, and no other', async () => {
    const some = await train(new FusedEngine(device, CUTS.gpu), convnet, [4], (architecture, data) => {
      const spec = mixed(architecture, data);
      const [first, second, third] = spec.chains.filter(({ sampler }) => sampler);
      return { ...spec, clip: 1e9, chains: [second!, { ...first!, schedule: { start: 3e38, end: 3e38, steps: 1 } }, third!] };
    });
    expect([some.progress.divergedAt[0], some.progress.divergedAt[2]]).toEqual([-1, -1]);
    expect(some.progress.divergedAt[1]).toBeGreaterThanOrEqual(0);
    expect(some.thetas[1]!.every(Number.isFinite)).toBe(true);
  });

  it('makes nothing anew in a step and leaves nothing behind', async () => {
    const engine = new FusedEngine(device, CUTS.software);
    const before = bytesOn(device.gpu);
    const data = await engine.load(stripes(linear, 60), NORMALISATION);
    const population = await engine.populate(mixed(linear, data));
    await population.advance(10);
    const [held, pipelines] = [bytesOn(device.gpu), engine.programs.count];
    for (let i = 0; i < 10; i++) await population.advance(50);
    expect([bytesOn(device.gpu), engine.programs.count]).toEqual([held, pipelines]);
    await population.dispose();
    await engine.unload(data);
    expect(bytesOn(device.gpu)).toBe(before);
  });

  it('refuses a chain that samples with a frozen part', async () => {
    const engine = new FusedEngine(device, CUTS.gpu);
    const data = await engine.load(stripes(mlp, 60), NORMALISATION);
    const spec = mixed(mlp, data);
    await expect(engine.populate({ ...spec, chains: [{ ...spec.chains[0]!, frozen: true }] })).rejects.toThrow(RangeError);
    await expect(engine.populate({ ...spec, chains: [{ ...spec.chains[0]!, frozenHead: true }] })).rejects.toThrow(RangeError);
    await engine.unload(data);
  });
});
