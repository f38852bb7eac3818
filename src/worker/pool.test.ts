/** A pool of in-process workers computes what one engine computes, deals work out evenly, and fails in one sentence. */
import '@tensorflow/tfjs-backend-cpu';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { smallDataset } from '../data/testing.ts';
import type { Engine, EngineInfo, PopulationSpec } from '../engine/contract.ts';
import { inSteps, largestGap } from '../engine/tfjs/testing.ts';
import { TypedEngine } from '../engine/tfjs/typed-engine.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import { initialise } from '../model/initialise.ts';
import { Compute } from './compute.ts';
import type { ComputePort, FromCompute } from './compute-protocol.ts';
import { Pool } from './pool.ts';
import { deal, shardSpec } from './shards.ts';

const INFO: EngineInfo = { engine: 'tfjs', backend: 'cpu', adapter: null, software: false, workers: 1 };
const newEngine = () => new TypedEngine(INFO);

interface Fake extends ComputePort {
  die(sentence: string): void;
  calls: string[];
}

function port(open: () => Promise<Engine>): Fake {
  const compute = new Compute(open);
  let reply: (message: FromCompute) => void = () => undefined;
  let death: (sentence: string) => void = () => undefined;
  const calls: string[] = [];
  return {
    calls,
    postMessage: (message) => {
      calls.push(message.call);
      void compute.answer(structuredClone(message)).then((answer) => reply(structuredClone(answer)));
    },
    onReply: (listener) => (reply = listener),
    onDeath: (listener) => (death = listener),
    terminate: () => undefined,
    die: (sentence) => death(sentence),
  };
}

function ports(count: number, onFatal?: (sentence: string) => void) {
  const made: Fake[] = [];
  const spawn = () => {
    const one = port(async () => newEngine());
    made.push(one);
    return one;
  };
  return { made, pool: Pool.open(count, 'cpu', spawn, onFatal) };
}

const architecture = buildArchitecture('convnet-s', { widths: [3, 4], input: { height: 6, width: 5, channels: 1 }, classes: 3 });
const { extractor } = parameterTable(architecture);

function dataset() {
  const stream = new Stream(2, 'shift');
  const labels = Array.from({ length: 24 }, (_, i) => i % 3);
  return smallDataset(Uint8Array.from({ length: 24 * 30 }, () => stream.integer(256)), labels, { height: 6, width: 5, channels: 1 });
}

function spec(): Omit<PopulationSpec, 'data'> {
  const starts = [1, 2, 3].map((seed) => initialise(architecture, seed));
  const prior = { mean: starts[0]!.slice(0, extractor), variance: new Float32Array(extractor).fill(0.01), factor: new Float32Array(0), rank: 0 };
  return {
    architecture, batch: 5, augmentation: null, momentum: 0.9, clip: 5, starts, priors: [prior, { ...prior, variance: new Float32Array(extractor).fill(1) }],
    chains: Array.from({ length: 7 }, (_, i) => ({
      start: i % 3, seed: i % 2, indices: Uint32Array.from({ length: 12 }, (_, k) => 2 * k + (i % 2)),
      schedule: { start: 0.05, end: 0, steps: 20 }, frozen: i === 3 || i === 4,
      prior: i % 3 === 1 ? { gaussian: i % 2, scale: 10, floor: 0 } : null, headStrength: 10,
      sampler: i === 1 || i === 5 ? { friction: 0.2, temperature: 1, preconditioned: true, noiseFrom: 0, noiseSeed: 30 + (i % 2) } : null,
    })),
  };
}

async function numbersOf(engine: Engine, pieces: (number | 'save')[] = [7, 4]) {
  const data = await engine.load(dataset(), { mean: 0.5, std: 0.5 });
  const { population, progress } = await inSteps(engine, { ...spec(), data }, pieces);
  const rows = [Uint32Array.of(0, 1, 2, 3), Uint32Array.of(9, 10)];
  const items = [6, 0, 3, 5, 5, 1].map((chain, i) => ({ chain, rows: i % 2 }));
  const evaluation = await population.evaluate({ data, indices: rows, items, logits: true });
  const parameters = await population.parameters([5, 2, 4, 0]);
  const [origin, u, v] = parameters;
  const points = await engine.evaluate({
    architecture, data, indices: rows[0]!, logits: false,
    points: { kind: 'plane', origin: origin!, u: u!, v: v!, coordinates: Float32Array.of(0, 0, 1, 0, 0, 1, 0.5, 0.5, -1, 2) },
  });
  await population.dispose();
  await engine.unload(data);
  return { progress, evaluation, parameters, points };
}

describe('Pool', () => {
  beforeAll(async () => {
    await setBackend('cpu');
  });

  it.each([1, 2, 3, 9])('with %i workers gives the numbers of one engine', async (count) => {
    const alone = await numbersOf(newEngine());
    const { pool } = ports(count);
    const together = await numbersOf(await pool);
    expect((await pool).info.workers).toBe(count);
    expect(together).toEqual(alone);
    expect(await numbersOf(await ports(count).pool, [7, 'save', 4])).toEqual(alone);
    expect(alone.progress[1]!.step).toBe(11);
    expect(new Set(alone.parameters.map((theta) => theta[0])).size).toBe(4);
  });

  it.each([1, 2, 3, 9])('with %i workers gives the squared gradients and features of one engine', async (count) => {
    const ask = async (engine: Engine) => {
      const data = await engine.load(dataset(), { mean: 0.5, std: 0.5 });
      const request = { architecture, data, indices: Uint32Array.of(0, 3, 4, 9, 20), thetas: spec().starts };
      return { squares: await engine.squaredGradients({ ...request, labels: 'model' }), features: await engine.features(request) };
    };
    const alone = await ask(newEngine());
    const together = await ask(await ports(count).pool);
    expect(together.features).toEqual(alone.features);
    expect(together.squares).toHaveLength(3);
    // Rows are added up in another order, their squares in float32 within a chunk.
    together.squares.forEach((squares, t) => expect(largestGap(squares, alone.squares[t]!)).toBeLessThan(1e-6));
    expect(alone.squares[0]).not.toEqual(alone.squares[1]);
  });

  it('says in one sentence what failed, and that a worker died', async () => {
    await expect(Pool.open(2, 'wasm', () => port(() => Promise.reject(new Error('no wasm here'))))).rejects.toThrow('no wasm here');
    const told: string[] = [];
    const { made, pool } = ports(2, (sentence) => told.push(sentence));
    const engine = await pool;
    await expect(engine.populate({ ...spec(), data: { id: 99 } })).rejects.toThrow(/no longer holds this data set/);
    const load = engine.load(dataset(), { mean: 0, std: 1 });
    made[1]!.die('A compute worker stopped.');
    await expect(load).rejects.toThrow('A compute worker stopped.');
    await expect(engine.load(dataset(), { mean: 0, std: 1 })).rejects.toMatchObject({ name: 'LabError', kind: 'device' });
    expect(told).toEqual(['A compute worker stopped.']);
    await engine.dispose();
    made[0]!.die('Too late.');
    expect(told).toHaveLength(1);
  });
});

describe('dealing', () => {
  it('gives every worker its share of moving and of frozen chains, each chain once', () => {
    const chains = Array.from({ length: 11 }, (_, i) => ({ frozen: i % 4 === 0 }));
    const shards = deal(chains, 3);
    expect(shards.flat().sort((a, b) => a - b)).toEqual(chains.map((_, i) => i));
    expect(shards.map((shard) => shard.filter((i) => !chains[i]!.frozen).length)).toEqual([3, 3, 2]);
    expect(shards.map((shard) => shard.filter((i) => chains[i]!.frozen).length)).toEqual([1, 1, 1]);
    expect(deal([{ frozen: false }], 4)).toEqual([[0]]);
  });

  it('sends only the starts and priors that a shard uses', () => {
    const whole = { ...spec(), data: { id: 1 } };
    const part = shardSpec(whole, [1, 4]);
    expect(part).not.toHaveProperty('data');
    expect(part.starts).toEqual([whole.starts[1]]);
    expect(part.chains.map((chain) => [chain.start, chain.prior?.gaussian])).toEqual([[0, 0], [0, 1]]);
    expect(part.priors).toEqual([whole.priors[1], whole.priors[0]]);
  });
});
