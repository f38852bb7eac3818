/** The benchmark's own arithmetic: counted FLOPs and bytes, medians and ratios, rounds, and the report's shape. */
import { defaultDevice, init, numpy as np } from '@jax-js/jax';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTyped } from '../src/engine/tfjs/open-typed.ts';
import { initialise } from '../src/model/initialise.ts';
import { netOf } from '../src/engine/fused/net.ts';
import { buildArchitecture, parameterTable } from '../src/model/build.ts';
import { jaxLogits } from '../src/cli/bench/measure/jax-network.ts';
import { stockLogits, stockVariables } from '../src/cli/bench/measure/stock-network.ts';
import { parseBench } from '../src/cli/bench/arguments.ts';
import { leastSeconds, stepCounts } from '../src/cli/bench/counts.ts';
import { pairedRatio, stepsFor, summarise } from '../src/cli/bench/figures.ts';
import { CONVNET_S, network } from '../src/cli/bench/measure/task.ts';
import { nameOf, planOf } from '../src/cli/bench/plan.ts';
import type { Place } from '../src/cli/bench/port.ts';
import { race } from '../src/cli/bench/race.ts';
import { reportOf } from '../src/cli/bench/report.ts';
import type { Measured } from '../src/cli/bench/run.ts';
import { asMarkdown, asText, captionOf, figure, tablesOf } from '../src/cli/bench/table.ts';

const net = netOf(network(CONVNET_S), 'whole');

describe('counted work of ConvNet-S at batch 32', () => {
  const counts = stepCounts(net, { batch: 32, chains: 1, groups: 1, rank: 20, pixel: 1 });
  const of = (name: string) => counts.find((count) => count.name === name)!;

  it('has the FLOPs worked out by hand', () => {
    // 2 · batch · positions · taps · inputs · outputs
    expect(of('conv1 forward').flops).toBe(2 * 32 * 14 * 14 * 9 * 1 * 16);
    expect(of('conv1 forward').flops).toBe(1_806_336);
    expect(of('conv2 forward').flops).toBe(14_450_688);
    expect(of('conv3 forward').flops).toBe(18_874_368);
    expect(of('head forward').flops).toBe(40_960);
    expect(of('conv3 weight gradient').flops).toBe(18_874_368 + 32 * 16 * 64);
    // Along 14 positions at stride 2, seven have one tap and seven two: 21² = 441, as 7²·9 forward. Along 7: 4·1 + 3·2 = 10.
    expect(of('conv2 input gradient').flops).toBe(14_450_688);
    expect(of('conv3 input gradient').flops).toBe(2 * 32 * 10 * 10 * 32 * 64);
    const convolutions = counts.filter(({ name }) => /conv|head/.test(name)).reduce((sum, { flops }) => sum + flops, 0);
    expect(convolutions / 1e6).toBeCloseTo(98.1, 0);
  });

  it('has the bytes worked out by hand', () => {
    expect(of('gather').bytes).toBe(32 * 784 * (1 + 4));
    expect(of('conv2 forward').bytes).toBe(4 * (32 * 14 * 14 * 16 + (9 * 16 + 1) * 32 + 32 * 7 * 7 * 32));
    expect(of('conv2 input gradient').bytes).toBe(4 * (32 * 7 * 7 * 32 + (9 * 16 + 1) * 32 + 2 * 32 * 14 * 14 * 16)); // masked by its input
    expect(of('momentum').bytes).toBe(4 * 5 * 23_946);
    expect(of('project').bytes).toBe(4 * 23_296 * (1 + 2 + 20));
  });

  it('shares what chains share', () => {
    const many = stepCounts(net, { batch: 32, chains: 8, groups: 1, rank: 20, pixel: 1 });
    const at = (name: string) => many.find((count) => count.name === name)!;
    expect(at('gather')).toEqual(of('gather'));
    expect(at('conv2 forward').bytes).toBe(8 * of('conv2 forward').bytes);
    expect(at('conv1 forward').bytes).toBeLessThan(8 * of('conv1 forward').bytes);
    expect(at('project').bytes).toBe(4 * 23_296 * (8 + 2 + 20));
  });

  it('takes the longer of computing and moving', () => {
    expect(leastSeconds({ flops: 10, bytes: 1 }, { flops: 5, bytes: 1 })).toBe(2);
    expect(leastSeconds({ flops: 10, bytes: 9 }, { flops: 5, bytes: 3 })).toBe(3);
  });
});

describe('counted work of ResNet-8', () => {
  const resnet = netOf(buildArchitecture('resnet-8', { widths: [16, 32, 64], input: { height: 32, width: 32, channels: 3 }, classes: 10 }), 'whole');
  const counts = stepCounts(resnet, { batch: 10, chains: 1, groups: 1, rank: 20, pixel: 1 });
  const of = (name: string) => counts.find((count) => count.name === name)!;

  it('has an entry a dispatch, a sum within its norm', () => {
    // Gather; ten convolutions, nine norms of two dispatches, pool; loss; all of them backwards but the image's gradient; the update of a MAP chain.
    expect(counts).toHaveLength(1 + 10 + 18 + 1 + 1 + (10 + 9) + 18 + 1 + 7);
    expect(of('layer1.0.norm2 forward').bytes).toBe(3 * 4 * 10 * 32 * 32 * 16);
    expect(of('layer1.0.norm1 forward').bytes).toBe(2 * 4 * 10 * 32 * 32 * 16);
  });

  it('has the FLOPs worked out by hand, and the bytes of a gradient that is added on the way', () => {
    expect(of('layer2.0.shortcut.0 forward').flops).toBe(2 * 10 * 16 * 16 * 16 * 32);
    expect(of('stem forward').bytes).toBe(4 * (10 * 32 * 32 * 3 + 9 * 3 * 16 + 10 * 32 * 32 * 16));
    // Reads its own gradient, the weights, what it was given (for the ReLU) and what the shortcut adds; writes.
    expect(of('layer1.0.conv1 input gradient').bytes).toBe(4 * (10 * 32 * 32 * 16 + 9 * 16 * 16 + 3 * 10 * 32 * 32 * 16));
    expect(of('layer1.0.conv2 input gradient').bytes).toBe(4 * (10 * 32 * 32 * 16 + 9 * 16 * 16 + 2 * 10 * 32 * 32 * 16));
  });
});

describe('counted work of the segmentation network of ConvNet-S', () => {
  const counts = stepCounts(netOf(network(CONVNET_S, 'pixels'), 'whole'), { batch: 32, chains: 1, groups: 1, rank: 20, pixel: 1 });
  const of = (name: string) => counts.filter((count) => count.name === name);

  it('has an entry a dispatch, and the work worked out by hand', () => {
    // Gather; nine convolutions and three upsamplings; two of the loss; all of them backwards but the image's gradient; the update of a MAP chain.
    expect(counts).toHaveLength(1 + 9 + 3 + 2 + (9 + 8) + 3 + 7);
    // A sum is one operation more for each number, and that number read.
    expect(of('decoder.branches.1 forward')[0]!.flops).toBe(32 * 4 * 4 * 16 * (2 * 9 * 64 + 1));
    // Along four positions with taps two apart, all nine taps count when borders do.
    expect(of('decoder.branches.1 input gradient')[0]!.flops).toBe(2 * 32 * 12 * 12 * 64 * 16);
    expect(of('upsample').map(({ flops }) => flops)).toEqual([6 * 32 * 7 * 7 * 16, 6 * 32 * 14 * 14 * 16, 6 * 32 * 28 * 28 * 10]);
    expect(of('pixel loss')[0]!.bytes).toBe(4 * 2 * 32 * 28 * 28 * 10 + 16 * 32 * 28 + 32 * 28 * 28);
  });
});

describe('ResNet-8 as its rivals have it', () => {
  const architecture = buildArchitecture('resnet-8', { widths: [4, 4, 8], input: { height: 12, width: 12, channels: 3 }, classes: 4 });
  const theta = initialise(architecture, 2).map((x, j) => x + 0.05 * Math.sin(j));
  const count = 6;
  const images = Uint8Array.from({ length: count * 12 * 12 * 3 }, (_, i) => (i * 97) % 251);
  let expected: Float32Array;

  beforeAll(async () => {
    const engine = await openTyped({ backend: 'wasm' });
    const dataset = { name: 'some', images, labels: new Uint16Array(count), count, height: 12, width: 12, channels: 3, classNames: ['a', 'b', 'c', 'd'], sha256: '', licence: '' };
    const data = await engine.load(dataset, { mean: 0, std: 1 });
    expected = (await engine.evaluate({ architecture, data, indices: Uint32Array.from({ length: count }, (_, i) => i), points: { kind: 'list', thetas: [theta] }, logits: true })).logits![0]!;
  });

  it('computes in TensorFlow.js what the lab computes', async () => {
    const logits = stockLogits(architecture, stockVariables(architecture, theta), tf.tensor4d(Float32Array.from(images, (x) => x / 255), [count, 12, 12, 3]));
    (await logits.data()).forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, 3));
  });

  it('computes in jax-js what the lab computes', async () => {
    await init('wasm');
    defaultDevice('wasm');
    const parameters = parameterTable(architecture).entries.map(({ shape, offset, size }) => np.reshape(np.array(theta.slice(offset, offset + size)), shape));
    const x = np.transpose(np.reshape(np.array(Float32Array.from(images, (one) => one / 255)), [count, 12, 12, 3]), [0, 3, 1, 2]);
    const found = await jaxLogits(architecture, parameters, x).data();
    expect(found).toHaveLength(expected.length);
    expected.forEach((y, i) => expect(found[i]).toBeCloseTo(y, 3));
  });
});

describe('medians and ratios', () => {
  it('is not moved by one pause', () => {
    expect(summarise([3, 100, 1])).toEqual({ median: 3, min: 1, max: 100, samples: 3 });
    expect(summarise([4, 1, 2, 3]).median).toBe(2.5);
    expect(() => summarise([])).toThrow(RangeError);
  });

  it('divides round by round', () => {
    // The whole machine was ten times slower in the second round: the ratio does not see it.
    expect(pairedRatio([6, 60, 6], [2, 20, 2])).toEqual({ median: 3, min: 3, max: 3, samples: 3 });
    expect(pairedRatio([6], [])).toBeNull();
  });

  it('chooses how many steps make a sample', () => {
    expect(stepsFor(300, 100)).toBe(3);
    expect(stepsFor(300, 5000)).toBe(1);
    expect(stepsFor(300, 0)).toBe(500);
  });

  it.each([[0.123456, '0.123'], [12.34, '12.3'], [1234.5, '1235'], [-0.5, '−0.500'], [0, '0']])('writes %f as %s', (x, text) => {
    expect(figure(x)).toBe(text);
  });
});

/** Times a chain-step per kind, ms; jax-js fails at its second contestant. */
const COST = { fused: 2, stock: 30, tfjs: 40, jax: 10, wasm: 4 } as const;
function places(clock: { now: number }, closed: string[]): () => Promise<Place> {
  return async () => {
    let kind = 'none';
    return {
      async call(name, input) {
        const { contestant } = input as { contestant?: ReturnType<typeof planOf>['contestants'][number] };
        if (!contestant) throw new Error('not raced');
        kind = contestant.kind;
        if (kind === 'jax' && contestant.chains > 1) throw new Error('vmap does not work\nstack');
        clock.now += 10_000;
        const factor = contestant.rank === 20 ? 1.1 : 1;
        const value = name === 'open'
          ? { facts: { parameters: 23_946, bytesPerChain: kind === 'fused' ? 2 ** 20 : null, adapter: kind === 'wasm' ? null : 'Example', software: true, note: null }, dispatches: contestant.rank === 20 ? 22 : 20 }
          : factor * COST[contestant.kind];
        return value as never; // the answer to the call that was made
      },
      close: async () => void closed.push(kind),
    };
  };
}

describe('a run', () => {
  it('samples all in rounds, goes on without what fails, and closes every place', async () => {
    const clock = { now: 0 };
    const closed: string[] = [];
    const said: string[] = [];
    const plan = { ...planOf(true), rounds: { least: 2, most: 50 }, raceMs: 900_000 };
    const { timed, missing } = await race({ plan, open: places(clock, closed), say: (line) => said.push(line), now: () => clock.now });
    expect(closed.sort()).toEqual(['fused', 'jax', 'stock', 'tfjs', 'wasm']);
    expect(missing).toEqual([{ what: 'jax, 4 chains', why: 'vmap does not work' }]);
    // 21 contestants of 10 s: 210 s to open, then two rounds of 210 s; without ResNet-8's four, who sit out from then on, one more, and the fourth would end too late.
    const rounds = (resnet: boolean) => new Set(timed.filter(({ contestant }) => (contestant.task === 'resnet-8') === resnet).map(({ samples }) => samples.length));
    expect([...rounds(true)]).toEqual([2]);
    expect([...rounds(false)]).toEqual([3]);
  });

  it('makes a report with everything that is promised', async () => {
    const clock = { now: 0 };
    const { timed, missing } = await race({ plan: planOf(true), open: places(clock, []), say: () => undefined, now: () => clock.now });
    const flat = (median: number) => ({ median, min: median, max: median, samples: 1 });
    const counts = stepCounts(net, { batch: 32, chains: 4, groups: 4, rank: 20, pixel: 1 });
    const measured: Measured = {
      timed, missing, redraw: flat(0.05), encoding: [{ rank: null, chains: 1, steps: 20, ms: flat(0.1) }, { rank: 20, chains: 1, steps: 20, ms: flat(0.4) }],
      roofline: { products: [{ variant: 'registers 8×8', size: 512, gflops: 2 }], copies: [{ variant: 'kernel', gigabytesPerSecond: 4 }], gflops: 2, gigabytesPerSecond: 4 },
      // Every kernel takes twice what the roof allows, the step a little longer than all of them.
      kernels: { chains: 4, rank: 20, kernels: counts.map((count) => ({ ...count, ms: flat(2e3 * leastSeconds(count, { flops: 2e9, bytes: 4e9 })) })), step: flat(2.5e3 * counts.reduce((sum, count) => sum + leastSeconds(count, { flops: 2e9, bytes: 4e9 }), 0)) },
      surface: { auto: { engine: 'tfjs on wasm (2 workers)', pointsPerSecond: flat(20) }, fused: { engine: 'fused', pointsPerSecond: flat(3) }, wasm: null },
    };
    const report = reportOf(measured, { host: 'chromium', quick: true, date: '2026-01-02T00:00:00.000Z', versions: { node: '20' } });
    expect(report.adapter).toBe('Example');
    expect(report.ratios.stockTfjs).toEqual({ 1: 15, 4: 15, 16: 15, 64: 15 });
    expect(report.ratios.jaxJs['16']).toBe(5);
    expect(report.simclr['1']?.median).toBe(15);
    expect(report.resnet).toMatchObject({ stockTfjs: { 1: { median: 15, samples: 2 }, 4: { median: 15 } }, jaxJs: { 1: { median: 5 } } });
    expect(report.segmentation).toEqual({ 1: { median: 15, min: 15, max: 15, samples: 3 } });
    expect(report.ratios.tfjsEngine['1']).toBe(20);
    expect(report.rank20Overhead).toBeCloseTo(0.1, 10);
    expect(report.rooflineFraction).toBeCloseTo(0.4, 10);
    expect(report).toMatchObject({ dispatchesPerStep: 22, jsMsPerStep: 0.1, jsMsPerStepRank20: 0.4, bytesPerChain: 2 ** 20, chains64Over4: 1 });
    expect(report.surface).toMatchObject({ gridPointsPerSecond: 20, redrawMs: 0.05, wasm: null });
    expect(report.targets.filter(({ met }) => met === false).map(({ what }) => what)).toEqual(['ms of JavaScript a step with a rank-20 prior', 'share of the roofline, whole step']);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    const tables = tablesOf(report);
    expect(captionOf(report)).toBe('Example (software), Chromium, 2026-01-02, quick; node 20.');
    expect(tables.map(asMarkdown).join('\n')).toContain('| 16 chains | 15.0 (15.0–15.0) |');
    expect(tables.map(asText).join('\n')).toContain('vmap does not work');
    for (const { head, rows } of tables) for (const row of rows) expect(row).toHaveLength(head.length);
  });
});

describe('the command line and the plan', () => {
  it('reads options and refuses what it does not know', () => {
    expect(parseBench(['--quick', '--json', 'a.json'])).toEqual({ quick: true, json: 'a.json', markdown: false, from: null, gpu: 'auto', help: false });
    expect(() => parseBench(['--quick', '--full'])).toThrow(/either --quick or --full/);
    expect(() => parseBench(['--gpu', 'fast'])).toThrow(/--gpu is “fast”/);
    expect(() => parseBench(['--quik'])).toThrow(/--help` lists/);
  });

  it('names every contestant once, with all chains and ranks', () => {
    for (const quick of [true, false]) {
      const names = planOf(quick).contestants.map(nameOf);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toEqual(expect.arrayContaining(['fused, 1 chain', 'fused, 64 chains', 'fused, 16 chains, rank 20', 'wasm, 16 chains, 2 workers']));
    }
    expect(planOf(false).contestants.map(nameOf)).toEqual(expect.arrayContaining(['fused, 16 chains, rank 64', 'jax, 16 chains']));
  });
});
