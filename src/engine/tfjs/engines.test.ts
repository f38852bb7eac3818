/** The typed engine (wasm) and the autodiff engine (cpu) do the same, step for step; what the contract promises of both. */
import { memory, setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Stream } from '../../core/philox.ts';
import type { Architecture } from '../../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { initialise } from '../../model/initialise.ts';
import type { Engine, PopulationSpec, Progress } from '../contract.ts';
import type { AutodiffEngine } from './autodiff-engine.ts';
import { openAutodiff } from './open-autodiff.ts';
import { openTyped } from './open-typed.ts';
import type { TypedEngine } from './typed-engine.ts';
import { everyArm, everySampler, inSteps, largestGap, NORMALISATION, normals, range, stripes } from './testing.ts';

const input = { height: 9, width: 7, channels: 1 };
const convnet = buildArchitecture('convnet-s', { widths: [3, 5], input, classes: 3 });
const mlp = buildArchitecture('mlp', { widths: [6], input, classes: 3 });
const resnet = buildArchitecture('resnet-8', { widths: [3, 4, 16], input, classes: 3 });
const linear = buildArchitecture('linear', { widths: [], input, classes: 3 });

let typed: TypedEngine;
let autodiff: AutodiffEngine;

/** TensorFlow.js computes on its current backend, so each engine's has to be made current first. */
async function on<T>(engine: Engine, work: () => Promise<T>): Promise<T> {
  await setBackend(engine.info.backend);
  return work();
}

async function train(engine: Engine, architecture: Architecture, more: Partial<PopulationSpec>, pieces: (number | 'save')[], every = everyArm): Promise<{ thetas: Float32Array[]; progress: Progress[] }> {
  return on(engine, async () => {
    const data = await engine.load(stripes(architecture, 50), NORMALISATION);
    const { population, progress } = await inSteps(engine, every(architecture, data, more), pieces);
    const thetas = await population.parameters(Array.from({ length: population.chains }, (_, i) => i));
    await population.dispose();
    await engine.unload(data);
    return { thetas, progress };
  });
}

beforeAll(async () => {
  typed = await openTyped({ backend: 'wasm' });
  autodiff = await openAutodiff({ backend: 'cpu', onFatal: () => {} });
}, 60_000);

describe('thirty steps', () => {
  const augmentation = { rotation: 10, scale: [0.9, 1.1] as [number, number], shift: 1, shear: 0.1 };
  it.each([
    ['ConvNet-S', convnet, {}], ['ConvNet-S augmented', convnet, { augmentation }], ['MLP, clipped hard', mlp, { clip: 0.2 }],
    ['linear', linear, {}], ['a batch larger than n', mlp, { batch: 64 }],
  ])('%s: every arm ends in the same parameters', async (_name, architecture, more) => {
    const a = await train(typed, architecture, more, [7, 23]);
    const b = await train(autodiff, architecture, more, [7, 23]);
    a.thetas.forEach((theta, i) => {
      expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(3e-5);
    });
    a.progress.forEach(({ step, nll, accuracy, divergedAt }, k) => {
      const other = b.progress[k]!;
      expect(other.step).toBe(step);
      expect(largestGap(nll, other.nll)).toBeLessThan(3e-5);
      expect(largestGap(accuracy, other.accuracy)).toBeLessThan(1e-6);
      expect(other.divergedAt).toEqual(divergedAt);
    });
  }, 60_000);

  // Norms over few numbers bend the loss sharply: rounding grows faster than without them.
  it.each([['arm', everyArm], ['sampler', everySampler]])('ResNet-8: every %s ends in the same parameters, after six', async (_name, every) => {
    const { chains } = every(resnet, { id: 0 });
    const ofOneSeed = { chains: chains.slice(0, chains.length / 2) };
    const a = await train(typed, resnet, ofOneSeed, [1, 5], every);
    const b = await train(autodiff, resnet, ofOneSeed, [1, 5], every);
    a.thetas.forEach((theta, i) => expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(1e-5));
    a.progress.forEach(({ nll }, k) => expect(largestGap(nll, b.progress[k]!.nll)).toBeLessThan(1e-5));
  }, 60_000);

  it.each([['typed', () => typed], ['autodiff', () => autodiff]])('%s: pieces make no difference', async (_name, engine) => {
    const once = await train(engine(), convnet, {}, [13]);
    const pieces = await train(engine(), convnet, {}, [1, 4, 5, 3]);
    expect(pieces.thetas).toEqual(once.thetas);
    // Saved at the beginning, within a block of learning rates, at its end, and one step after.
    const saved = await train(engine(), convnet, {}, ['save', 4, 'save', 6, 'save', 1, 'save', 2]);
    expect(saved.thetas).toEqual(once.thetas);
    expect(saved.progress.at(-1)!.step).toBe(13);
  });

  it.each([['typed', () => typed], ['autodiff', () => autodiff]])('%s: a frozen extractor stays where it started, its head does not', async (_name, engine) => {
    const { thetas } = await train(engine(), convnet, {}, [5]);
    const { extractor } = parameterTable(convnet);
    const start = initialise(convnet, 7);
    expect(thetas[3]!.slice(0, extractor)).toEqual(start.slice(0, extractor));
    expect(largestGap(thetas[3]!.slice(extractor), start.slice(extractor))).toBeGreaterThan(1e-3);
  });

  it.each([['typed', () => typed], ['autodiff', () => autodiff]])('%s: a frozen head stays where it started, whatever its prior, and has no part in the clip', async (_name, engine) => {
    const { extractor } = parameterTable(convnet);
    const start = initialise(convnet, 7);
    const { chains } = everyArm(convnet, { id: 0 });
    const { thetas } = await train(engine(), convnet, {}, [5]);
    expect(thetas[5]!.slice(extractor)).toEqual(start.slice(extractor));
    expect(largestGap(thetas[5]!.slice(0, extractor), start.slice(0, extractor))).toBeGreaterThan(1e-3);
    // One plain step against a tiny clip has exactly its length η·clip, all of it in the extractor.
    const [held] = (await train(engine(), convnet, { clip: 0.01, chains: [{ ...chains[0]!, frozenHead: true }] }, [1])).thetas;
    expect(Math.hypot(...held!.map((x, j) => x - start[j]!))).toBeCloseTo(0.1 * 0.01, 7);
    expect(held!.slice(extractor)).toEqual(start.slice(extractor));
  });
});

describe('sampling', () => {
  it.each([['ConvNet-S', convnet, {}], ['MLP, clipped hard', mlp, { clip: 0.2 }], ['linear', linear, {}]])('%s: every sampler, beside MAP and a frozen chain, ends in the same parameters', async (_name, architecture, more) => {
    const { chains } = everySampler(architecture, { id: 0 });
    const a = await train(typed, architecture, more, [5, 7], everySampler);
    const b = await train(autodiff, architecture, more, [5, 7], everySampler);
    a.thetas.forEach((theta, i) => {
      expect(largestGap(theta, b.thetas[i]!), `chain ${i}`).toBeLessThan(1e-5);
      if (!chains[i]!.frozen) for (const other of a.thetas.slice(0, i)) expect(theta).not.toEqual(other);
    });
    a.progress.forEach(({ nll, divergedAt }, k) => {
      expect(largestGap(nll, b.progress[k]!.nll)).toBeLessThan(3e-5);
      expect(b.progress[k]!.divergedAt).toEqual(divergedAt);
      expect(divergedAt.every((at) => at === -1)).toBe(true);
    });
  });

  it.each([['typed', () => typed], ['autodiff', () => autodiff]])('%s: neither pieces nor the company of other chains make a difference', async (_name, engine) => {
    const { chains } = everySampler(mlp, { id: 0 });
    const once = await train(engine(), mlp, {}, [13], everySampler);
    const pieces = await train(engine(), mlp, {}, [1, 4, 5, 3], everySampler);
    expect(pieces.thetas).toEqual(once.thetas);
    expect((await train(engine(), mlp, {}, [4, 'save', 7, 'save', 2], everySampler)).thetas).toEqual(once.thetas);
    const places = chains.map((_, i) => i).filter((i) => i % 3 === 1).reverse();
    const shard = await train(engine(), mlp, { chains: places.map((i) => chains[i]!) }, [13], everySampler);
    expect(shard.thetas).toEqual(places.map((i) => once.thetas[i]));
  });

  it.each([['typed', () => typed], ['autodiff', () => autodiff]])('%s: MAP chains are what they are without samplers beside them', async (_name, engine) => {
    const { chains } = everySampler(mlp, { id: 0 });
    const mixed = await train(engine(), mlp, {}, [13], everySampler);
    const alone = await train(engine(), mlp, { chains: chains.filter((chain) => !chain.sampler) }, [13]);
    expect(alone.thetas).toEqual(mixed.thetas.filter((_, i) => !chains[i]!.sampler));
  });

  it.each([['typed', () => typed], ['autodiff', () => autodiff]])('%s: adds noise in its part of a cycle only', async (_name, engine) => {
    const { chains } = everySampler(mlp, { id: 0 });
    const cyclical = chains.find(({ schedule }) => schedule.cycles)!; // cycles of 6 steps, the last three noisy
    const cold: typeof cyclical = { ...cyclical, sampler: { ...cyclical.sampler!, temperature: 0 } };
    const quiet = await train(engine(), mlp, { chains: [cyclical, cold] }, [3], everySampler);
    expect(quiet.thetas[0]).toEqual(quiet.thetas[1]);
    const noisy = await train(engine(), mlp, { chains: [cyclical, cold] }, [4], everySampler);
    expect(largestGap(noisy.thetas[0]!, noisy.thetas[1]!)).toBeGreaterThan(1e-4);
  });

  it.each([['typed', () => typed], ['autodiff', () => autodiff]])('%s: a frozen chain cannot sample', async (_name, engine) => {
    const { chains } = everySampler(mlp, { id: 0 });
    const frozen = chains.map((chain) => ({ ...chain, frozen: true }));
    await expect(train(engine(), mlp, { chains: frozen }, [1], everySampler)).rejects.toThrow(/frozen extractor cannot sample/);
    const heads = chains.map((chain) => ({ ...chain, frozenHead: true }));
    await expect(train(engine(), mlp, { chains: heads }, [1], everySampler)).rejects.toThrow(/frozen head cannot sample/);
  });
});

describe.each([['typed', () => typed], ['autodiff', () => autodiff]])('divergence, %s', (_name, engine) => {
  it('freezes that chain where it was and leaves the others alone', async () => {
    const specOf = (rate: number): Partial<PopulationSpec> => {
      const { chains } = everyArm(linear, { id: 0 });
      // A rate that takes the logits over the largest float32 within a few steps.
      return { chains: [chains[2]!, chains[0]!, chains[1]!].map((chain, i) => (i === 1 ? { ...chain, schedule: { start: rate, end: rate, steps: 1 } } : chain)) };
    };
    const sound = await train(engine(), linear, specOf(0.1), [4, 4]);
    const { thetas, progress } = await train(engine(), linear, specOf(3e37), [4, 4]);
    const at = progress[1]!.divergedAt[1]!;
    expect(at).toBeGreaterThan(0);
    expect(at).toBeLessThan(8);
    expect([...progress[1]!.divergedAt]).toEqual([-1, at, -1]);
    expect(thetas[1]!.every(Number.isFinite)).toBe(true);
    expect([thetas[0], thetas[2]]).toEqual([sound.thetas[0], sound.thetas[2]]);
    expect(progress[1]!.nll.every(Number.isFinite)).toBe(true);
    const before = await train(engine(), linear, specOf(3e37), [at]);
    expect(thetas[1]).toEqual(before.thetas[1]);
  });
});

describe.each([['typed', () => typed], ['autodiff', () => autodiff]])('divergence of a sampler, %s', (_name, engine) => {
  it('freezes that chain where it was and leaves the others alone', async () => {
    // A tight prior without a preconditioner: its curvature 1/(N·P) is far beyond what the rate allows.
    const specOf = (scale: number): Partial<PopulationSpec> => {
      const { chains } = everySampler(linear, { id: 0 });
      const doomed = { ...chains[1]!, prior: { gaussian: 0, scale, floor: 0 }, start: 1 };
      return { chains: [chains[3]!, doomed, chains[0]!] };
    };
    const sound = await train(engine(), linear, specOf(1e4), [6, 6], everySampler);
    const { thetas, progress } = await train(engine(), linear, specOf(1e-3), [6, 6], everySampler);
    const at = progress[1]!.divergedAt[1]!;
    expect([...sound.progress[1]!.divergedAt]).toEqual([-1, -1, -1]);
    expect(at).toBeGreaterThan(0);
    expect([...progress[1]!.divergedAt]).toEqual([-1, at, -1]);
    expect(thetas[1]!.every(Number.isFinite)).toBe(true);
    expect([thetas[0], thetas[2]]).toEqual([sound.thetas[0], sound.thetas[2]]);
    expect(thetas[1]).toEqual((await train(engine(), linear, specOf(1e-3), [at], everySampler)).thetas[1]);
  });
});

describe.each([['typed', () => typed], ['autodiff', () => autodiff]])('evaluation, %s', (_name, engine) => {
  const stream = new Stream(6, 'sampler');
  const total = parameterTable(convnet).total;
  const origin = initialise(convnet, 1);
  const [u, v] = [normals(stream, total, 0.1), normals(stream, total, 0.1)] as const;
  const coordinates = Float32Array.from([0, 0, 1, 0, 0.5, -1, -2, 1.5]);
  const listed = Array.from({ length: 4 }, (_, i) => origin.map((x, j) => x + coordinates[2 * i]! * u[j]! + coordinates[2 * i + 1]! * v[j]!));

  it('points of a plane equal the same points of a list, and logits the metrics', async () => {
    await on(engine(), async () => {
      const dataset = stripes(convnet, 150);
      const data = await engine().load(dataset, NORMALISATION);
      const indices = range(3, 144);
      const ask = { architecture: convnet, data, indices };
      const plane = await engine().evaluate({ ...ask, points: { kind: 'plane', origin, u, v, coordinates }, logits: false });
      const list = await engine().evaluate({ ...ask, points: { kind: 'list', thetas: listed }, logits: true });
      expect(largestGap(plane.nll, list.nll)).toBeLessThan(1e-5);
      expect(largestGap(plane.accuracy, list.accuracy)).toBeLessThan(1.5 / indices.length);
      expect(plane.logits).toBeNull();
      list.logits!.forEach((logits, i) => {
        expect(logits).toHaveLength(indices.length * 3);
        let correct = 0;
        indices.forEach((row, r) => {
          const own = [...logits.subarray(3 * r, 3 * r + 3)];
          if (own.indexOf(Math.max(...own)) === dataset.labels[row]) correct++;
        });
        expect(list.accuracy[i]).toBeCloseTo(correct / indices.length, 6);
      });
      await engine().unload(data);
    });
  });

  it('says which points are not finite, also where a dead unit or the NLL hides it', async () => {
    await on(engine(), async () => {
      const data = await engine().load(stripes(mlp, 20), NORMALISATION);
      const { entries } = parameterTable(mlp);
      const bias = entries.find((entry) => entry.name === 'fc1.bias')!;
      const thetas = [NaN, Infinity, -Infinity].map((value) => {
        const theta = initialise(mlp, 1);
        theta[bias.offset] = value;
        return theta;
      });
      const { finite, nll } = await engine().evaluate({ architecture: mlp, data, indices: range(0, 20), points: { kind: 'list', thetas: [initialise(mlp, 1), ...thetas] }, logits: false });
      expect([...finite]).toEqual([1, 0, 0, 0]);
      expect([...nll].map(Number.isFinite)).toEqual([true, false, false, false]);
      await engine().unload(data);
    });
  });

  it('evaluates chains of a population on rows of their own', async () => {
    await on(engine(), async () => {
      const data = await engine().load(stripes(convnet, 50), NORMALISATION);
      const population = await engine().populate(everyArm(convnet, data));
      await population.advance(3);
      const [theta0, theta8] = await population.parameters([0, 8]);
      const sets = [range(0, 17), range(30, 50)];
      const own = await population.evaluate({ data, indices: sets, items: [{ chain: 8, rows: 1 }, { chain: 0, rows: 0 }, { chain: 8, rows: 0 }], logits: false });
      const expected = [];
      for (const [theta, rows] of [[theta8!, 1], [theta0!, 0], [theta8!, 0]] as const) {
        expected.push((await engine().evaluate({ architecture: convnet, data, indices: sets[rows]!, points: { kind: 'list', thetas: [theta] }, logits: false })).nll[0]!);
      }
      expect(largestGap(own.nll, expected)).toBeLessThan(1e-6);
      await population.dispose();
      await expect(population.evaluate({ data: { id: -1 }, indices: [], items: [], logits: false })).rejects.toThrow(/no longer holds/);
    });
  });
});

describe('memory of the autodiff engine', () => {
  it.each([['MAP', everyArm], ['samplers', everySampler]])('is flat over steps, evaluations and populations: %s', async (_name, every) => {
    await on(autodiff, async () => {
      const data = await autodiff.load(stripes(convnet, 50), NORMALISATION);
      const before = memory().numTensors;
      const ends: number[] = [];
      for (let cycle = 0; cycle < 2; cycle++) {
        const population = await autodiff.populate(every(convnet, data));
        await population.advance(1);
        const first = memory().numTensors;
        await population.advance(23);
        await population.evaluate({ data, indices: [range(0, 40)], items: [{ chain: 0, rows: 0 }, { chain: 3, rows: 0 }], logits: true });
        await population.parameters([0, 3]);
        expect(memory().numTensors).toBe(first);
        await population.dispose();
        await population.dispose();
        ends.push(memory().numTensors);
      }
      expect(ends).toEqual([before, before]);
    });
  });

  it('runs what is asked at once one after the other', async () => {
    await on(autodiff, async () => {
      const data = await autodiff.load(stripes(convnet, 50), NORMALISATION);
      const population = await autodiff.populate(everyArm(convnet, data));
      const [first, second, [theta]] = await Promise.all([population.advance(2), population.advance(3), population.parameters([2])]);
      expect([first.step, second.step]).toEqual([2, 5]);
      const { thetas } = await train(autodiff, convnet, {}, [5]);
      expect(theta).toEqual(thetas[2]);
      await population.dispose();
    });
  });
});
