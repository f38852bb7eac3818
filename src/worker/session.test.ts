/** The lab worker without a browser: requests, faults that change nothing, the gate, and a device that is lost mid-run. */
import '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { LabError } from '../core/errors.ts';
import { idxBytes } from '../data/testing.ts';
import { TypedEngine } from '../engine/tfjs/typed-engine.ts';
import type { LabEvent } from '../experiment/events.ts';
import { Session } from './session.ts';

const TINY = {
  preset: 'smoke', arms: ['none', 'l2-sp'], 'downstream.test': 20, 'source.test': 20, 'source.steps': 6, 'posterior.steps': 6, 'posterior.snapshots': 3,
  'inference.steps': 2, 'surface.resolution': 3, 'surface.linePoints': 5, 'surface.test': 10,
};
const pages = new URL('../../public/', import.meta.url);

function lab() {
  const events: LabEvent[] = [];
  const opened: TypedEngine[] = [];
  let lose: (sentence: string) => void = () => undefined;
  let onEvent: (event: LabEvent) => void = () => undefined;
  const session = new Session({
    openEngine: async (_choice, onFatal) => {
      lose = onFatal;
      const engine = new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 });
      opened.push(engine);
      return { engine, note: 'For a test.' };
    },
    fetchBytes: async (url) => new Uint8Array(readFileSync(new URL(url))),
    post: (event) => {
      events.push(event);
      onEvent(event);
    },
    userAgent: 'test',
  });
  return {
    session, events, opened,
    lose: (sentence: string) => lose(sentence),
    on: (listener: (event: LabEvent) => void) => (onEvent = listener),
    open: () => session.answer('open', { backend: 'auto', base: pages.href }),
    run: (config: object = TINY) => session.answer('run', { config }),
  };
}

const stages = (events: LabEvent[]) => events.flatMap((event) => (event.kind === 'stage' && event.state === 'done' ? [`${event.stage}${event.reused ? ' again' : ''}`] : []));
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
const images = (count: number) => idxBytes(8, [count, 4, 4], Array.from({ length: count * 16 }, (_, i) => (i * 37) % 256));
const labels = (count: number) => idxBytes(8, [count], Array.from({ length: count }, (_, i) => i % 2));

describe('Session', () => {
  beforeAll(async () => {
    await setBackend('wasm');
  });

  it('runs, exports the prior, takes it back in its own place and gives the same numbers', async () => {
    const { session, events, open, run } = lab();
    expect(await open()).toMatchObject({ info: { backend: 'wasm' }, note: 'For a test.' });
    await expect(session.answer('exportPrior', {})).rejects.toThrow(/There is no prior yet/);
    expect(await run()).toEqual({ finished: true });
    const learned = events.findLast((event) => event.kind === 'finished')!.result;
    const { bytes } = await session.answer('exportPrior', {});
    await expect(session.answer('importPrior', { bytes: bytes.slice(0, -4), name: 'cut.safetensors' })).rejects.toMatchObject({ kind: 'file' });
    expect(await session.answer('importPrior', { bytes, name: 'mine.safetensors' })).toMatchObject({ rank: 3, snapshots: 3 });
    await run();
    const imported = events.findLast((event) => event.kind === 'finished')!.result;
    expect(imported.source.imported).toBe(true);
    expect(imported.arms).toEqual(learned.arms);
    expect((await session.answer('exportPrior', {})).bytes).toEqual(bytes);
    await session.answer('forgetPrior', {});
    events.length = 0;
    await run();
    expect(stages(events)).toEqual(['source again', 'posterior', 'downstream', 'surface', 'inference', 'verdict']);
  }, 60_000);

  it('reads damaged images and source images without any sampling; with an imported prior it says that there are none', async () => {
    const { session, events, open, run } = lab();
    const damaged = { ...TINY, 'robustness.images': 5, 'robustness.corruptions': ['blur'] };
    const last = () => events.findLast((event) => event.kind === 'finished')!.result.inference!.robustness!;
    await open();
    await run();
    events.length = 0;
    await run(damaged);
    expect(stages(events)).toEqual(['source again', 'posterior again', 'downstream again', 'surface again', 'inference', 'verdict']);
    expect(last()).toMatchObject({ images: 5, corruptions: ['blur'], outside: { images: 5 }, outsideMissing: null });
    const { curves } = last();
    await session.answer('importPrior', { bytes: (await session.answer('exportPrior', {})).bytes, name: 'mine.safetensors' });
    await run(damaged);
    expect(last()).toMatchObject({ outside: null, detection: [], outsideMissing: expect.stringMatching(/imported/) as string });
    expect(last().curves).toEqual(curves);
  }, 60_000);

  it('pauses before work, steps from picture to picture, resumes, cancels and keeps what was finished', async () => {
    const { session, events, open, run } = lab();
    await open();
    const running = run();
    await session.answer('pause', {});
    await expect(run()).rejects.toThrow(/An experiment is running/);
    await expect(open()).rejects.toThrow(/An experiment is running/);
    await settle();
    expect(events.some((event) => event.kind === 'source')).toBe(false);
    await session.answer('step', {});
    await vi.waitFor(() => expect(events.at(-1)!.kind).toBe('source'), 10_000);
    await settle();
    const seen = events.length;
    expect(events.at(-1)!.kind).toBe('source');
    await settle();
    expect(events).toHaveLength(seen);
    await session.answer('resume', {});
    expect(await running).toEqual({ finished: true });
    events.length = 0;
    const again = run({ ...TINY, 'downstream.n': 10 });
    await session.answer('cancel', {});
    expect(await again).toEqual({ finished: false });
    await run({ ...TINY, 'downstream.n': 10 });
    expect(stages(events)[0]).toBe('source again');
  }, 60_000);

  it('a lost device ends the run in its own sentence; the next run opens another and goes on from what was finished', async () => {
    const { events, opened, open, run, lose, on } = lab();
    await open();
    on((event) => {
      if (event.kind !== 'race') return;
      lose('The GPU went away.');
      opened[0]!.evaluate = () => Promise.reject(new Error('used after loss'));
      throw new Error('used after loss');
    });
    await expect(run()).rejects.toMatchObject({ kind: 'device', message: 'The GPU went away.' });
    on(() => undefined);
    events.length = 0;
    expect(await run()).toEqual({ finished: true });
    expect(opened).toHaveLength(2);
    expect(stages(events)).toEqual(['source again', 'posterior again', 'downstream', 'surface', 'inference', 'verdict']);
  }, 60_000);

  it('cuts through the surface of a finished run, one cut at a time, and never beside a run', async () => {
    const { session, events, open, run, on } = lab();
    await open();
    const spec = { kind: 'points', points: ['pre-trained', 'none', 'l2-sp'] };
    const map = (resolution: number) => session.answer('measurePlane', { spec, seed: 2, resolution });
    await expect(map(5)).rejects.toThrow(/run the experiment first/);
    await run();
    expect(await session.answer('cutPoints', {})).toEqual([1, 2].map((seed) => ({ seed, points: ['pre-trained', 'none', 'l2-sp'] })));
    events.length = 0;
    expect(await map(5)).toEqual({ done: true });
    const plane = events.findLast((event) => event.kind === 'plane')!.plane;
    expect(plane).toMatchObject({ seed: 2, a: { length: 5 } });
    expect(events.map(({ kind }) => kind)).toContain('cutting');

    // A newer wish takes the place of the one under way.
    let newer: Promise<unknown> | null = null;
    on((event) => {
      if (event.kind === 'cutting') newer ??= map(7);
    });
    expect(await map(21)).toEqual({ done: false });
    expect(await newer).toEqual({ done: true });
    on(() => undefined);
    expect(events.findLast((event) => event.kind === 'plane')!.plane.a).toHaveLength(7);
    on((event) => {
      if (event.kind === 'cutting') void session.answer('stopCut', {});
    });
    expect(await map(41)).toEqual({ done: false });
    on(() => undefined);

    const trails = await session.answer('trails', { key: plane.key });
    expect(trails!.map(({ arm, seed }) => [arm, seed])).toEqual([['none', 2], ['l2-sp', 2]]);
    const inspected = await session.answer('inspect', { key: plane.key, a: plane.points[1]!.a, b: plane.points[1]!.b });
    expect(inspected.images.length).toBeGreaterThan(0);
    expect((await session.answer('truncatePrior', { key: plane.key, rank: 1 })).lines).toHaveLength(events.findLast((event) => event.kind === 'lines')?.lines.length ?? 2);
    expect(await session.answer('measureLines', { spec: { kind: 'between', from: 'pre-trained', to: 'none' } })).toEqual({ done: true });
    expect(events.findLast((event) => event.kind === 'lines')!.lines.filter(({ cut }) => cut === 'pre-trained → plain')).toHaveLength(2);
    await expect(session.answer('measurePlane', { spec: { kind: 'nothing' }, seed: 1, resolution: 5 })).rejects.toThrow(/cannot be understood/);
    await expect(session.answer('measurePlane', { spec, seed: 9, resolution: 5 })).rejects.toThrow(/no seed 9/);
    await expect(map(500)).rejects.toThrow(/3 to 201 points/);

    // A run takes the place of a cut, and a cut waits for no run.
    let [refused, running]: (Promise<unknown> | null)[] = [null, null];
    on((event) => {
      if (event.kind === 'cutting') running ??= run({ ...TINY, 'downstream.n': 10 });
      if (event.kind === 'race') refused ??= expect(map(5)).rejects.toThrow(/An experiment is running/);
    });
    expect(await map(101)).toEqual({ done: false });
    expect(await running).toEqual({ finished: true });
    await refused;
    await expect(session.answer('inspect', { key: plane.key, a: 0, b: 0 })).rejects.toThrow(/earlier run/);
  }, 60_000);

  it('adds, renames and shows data; a fault changes nothing', async () => {
    const { session, open } = lab();
    await open();
    const files = [{ name: 'mine-images-idx3-ubyte', bytes: images(40) }, { name: 'mine-labels-idx1-ubyte', bytes: labels(40) }];
    expect(await session.answer('addData', { name: null, files })).toMatchObject({ name: 'mine', count: 40, height: 4, classNames: ['0', '1'] });
    await expect(session.answer('addData', { name: 'mine', files: [files[0]!, { name: 'short', bytes: labels(39) }] })).rejects.toThrow(/39 labels/);
    await expect(session.answer('addData', { name: 'glyphs', files })).rejects.toThrow(/built-in/);
    await expect(session.answer('renameClasses', { data: 'mine', classNames: ['a', 'a'] })).rejects.toThrow(/used twice/);
    expect(await session.answer('renameClasses', { data: 'mine', classNames: ['even', 'odd'] })).toMatchObject({ classNames: ['even', 'odd'] });
    const config = { preset: 'smoke', 'downstream.data': 'mine', 'downstream.n': 10, 'downstream.test': 10, seeds: 1 };
    const own = await session.answer('preview', { role: 'downstream', config });
    expect(own).toMatchObject({ name: 'mine', count: 10, counts: [5, 5], classNames: ['even', 'odd'] });
    expect(own.shifted).not.toBeNull();
    expect(own.shifted!.rgba).not.toEqual(own.sheet.rgba);
    const glyphs = await session.answer('preview', { role: 'source', config: { preset: 'smoke' } });
    expect(glyphs).toMatchObject({ height: 28, width: 28, shifted: null });
    expect(glyphs.classNames.join('')).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    expect(glyphs.augmented).not.toBeNull();
    await expect(session.answer('preview', { role: 'source', config: { 'source.data': 'nowhere' } })).rejects.toThrow(/no data set “nowhere”/);
  });

  it('says that the glyphs could not be loaded, and tries again the next time', async () => {
    const { session } = lab();
    await session.answer('open', { backend: 'auto', base: new URL('nowhere/', pages).href });
    const ask = () => session.answer('preview', { role: 'source', config: {} });
    await expect(ask()).rejects.toBeInstanceOf(LabError);
    await expect(ask()).rejects.toThrow(/glyphs could not be loaded/);
    await session.answer('open', { backend: 'auto', base: pages.href });
    expect((await ask()).counts).toHaveLength(26);
  });
});
