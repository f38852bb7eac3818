/** Images of a visitor's own in colour through a residual network: import, source, prior file, a task of their own under that prior; nothing but settings. */
import '@tensorflow/tfjs-backend-wasm';
import { setBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { decode, png } from '../data/import/testing.ts';
import { TypedEngine } from '../engine/tfjs/typed-engine.ts';
import type { LabEvent } from '../experiment/events.ts';
import { decodePrior } from '../prior/file.ts';
import { Session } from './session.ts';

/** A folder a class, each of its own hue, of noisy colour images. */
function folder(name: string, classes: readonly [number, number, number][], count: number) {
  const stream = new Stream(5, 'draw');
  return classes.flatMap((hue, c) => Array.from({ length: count }, (_, i) => ({
    path: `${name}/class ${c}/${i}.png`, blob: new Blob([png(Uint8Array.from({ length: 8 * 8 * 3 }, (__, j) => Math.min(255, hue[j % 3]! + stream.integer(60))), 8, 8, 3)]),
  })));
}

it('trains ResNet-8 on a folder of colour images, and uses its posterior on another', async () => {
  await setBackend('wasm');
  const events: LabEvent[] = [];
  const session = new Session({
    openEngine: async () => ({ engine: new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 }), note: 'For a test.' }),
    fetchBytes: () => Promise.reject(new Error('no glyphs here')), decode, postSettling: () => undefined, post: (event) => events.push(event), userAgent: 'test',
  });
  const add = async (name: string, classes: readonly [number, number, number][], count: number) => {
    const { ticket, understanding } = (await session.answer('examineData', { files: folder(name, classes, count) }))!;
    expect(understanding.choices.channels).toBe(3);
    await session.answer('settleData', { ticket, choices: { ...understanding.choices, name } });
  };
  await session.answer('open', { backend: 'auto', base: 'http://localhost/' });
  await add('fruit', [[190, 20, 20], [20, 180, 20], [180, 180, 20]], 30);
  await add('birds', [[20, 20, 190], [120, 120, 120]], 30);
  const config = {
    preset: 'smoke', 'source.data': 'fruit', 'downstream.data': 'birds', 'model.architecture': 'resnet-8', 'model.widths': [4, 4, 8], 'source.steps': 30, 'source.learningRate': 0.05, 'source.test': 20,
    'posterior.steps': 6, 'posterior.snapshots': 3, 'downstream.n': 10, 'downstream.test': 20, 'downstream.shift': 'none', arms: ['none', 'low-rank'], 'inference.steps': 4,
    'surface.resolution': 3, 'surface.linePoints': 5, 'surface.test': 10,
  };
  expect(await session.answer('run', { config })).toMatchObject({ finished: true });
  const { source, arms } = events.findLast((event) => event.kind === 'finished')!.result;
  expect(source.accuracy).toBeGreaterThan(0.6);
  expect(arms.every(({ test }) => Number.isFinite(test.nll))).toBe(true);
  const { bytes } = await session.answer('exportPrior', {});
  expect((await decodePrior(bytes)).architecture).toMatchObject({ name: 'resnet-8', widths: [4, 4, 8], input: { height: 8, width: 8, channels: 3 } });
  // The same under the prior file, without the source.
  await session.answer('importPrior', { bytes, name: 'fruit.safetensors' });
  expect(await session.answer('run', { config })).toMatchObject({ finished: true });
  expect(events.findLast((event) => event.kind === 'finished')!.result.arms).toEqual(arms);
}, 60_000);
