/** The lab worker without a browser: requests, faults that change nothing, the gate, and a device that is lost mid-run. */
import '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { LabError } from '../core/errors.ts';
import { decode, png } from '../data/import/testing.ts';
import { idxBytes } from '../data/testing.ts';
import { TypedEngine } from '../engine/tfjs/typed-engine.ts';
import type { LabEvent } from '../experiment/events.ts';
import type { DataProgress } from './protocol.ts';
import { Session } from './session.ts';

const TINY = {
  preset: 'smoke', arms: ['none', 'l2-sp'], 'downstream.test': 20, 'source.test': 20, 'source.steps': 6, 'posterior.steps': 6, 'posterior.snapshots': 3,
  'inference.steps': 2, 'surface.resolution': 3, 'surface.linePoints': 5, 'surface.test': 10,
};
const pages = new URL('../../public/', import.meta.url);

function lab() {
  const events: LabEvent[] = [];
  const opened: TypedEngine[] = [];
  const settling: DataProgress[] = [];
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
    decode,
    postSettling: (progress) => settling.push(progress),
    post: (event) => {
      events.push(event);
      onEvent(event);
    },
    userAgent: 'test',
  });
  return {
    session, events, opened, settling,
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

const pair = (labelled = 40) => [
  { path: 'mine-images-idx3-ubyte', blob: new Blob([new Uint8Array(images(40))]) }, { path: 'mine-labels-idx1-ubyte', blob: new Blob([new Uint8Array(labels(labelled))]) },
];

describe('Session', () => {
  beforeAll(async () => {
    await setBackend('wasm');
  });

  it('runs, exports the prior, takes it back in its own place and gives the same numbers', async () => {
    const { session, events, open, run } = lab();
    expect(await open()).toMatchObject({ info: { backend: 'wasm' }, note: 'For a test.' });
    await expect(session.answer('exportPrior', {})).rejects.toThrow(/There is no prior yet/);
    expect(await run()).toMatchObject({ finished: true });
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

  it('starts the source from weights when they are used, learns again because of them, and from nothing when they are forgotten', async () => {
    const { session, events, open, run } = lab();
    const result = () => events.findLast((event) => event.kind === 'finished')!.result;
    await open();
    await run();
    expect(result().source.start).toBeNull();
    const { nll } = result().source;
    const { bytes } = await session.answer('exportPrior', {});
    const blob = new Blob([new Uint8Array(bytes)]);
    expect(await session.answer('readWeights', { blob, name: 'first.safetensors' })).toMatchObject({ prior: true, guess: { name: 'convnet-s' } });
    await expect(session.answer('readWeights', { blob: blob.slice(0, 900), name: 'cut' })).rejects.toMatchObject({ kind: 'file' });
    events.length = 0;
    await run();
    expect(stages(events)[0]).toBe('source again');
    await session.answer('readWeights', { blob, name: 'first.safetensors' });
    await session.answer('useWeights', {});
    events.length = 0;
    await run({ ...TINY, 'source.steps': 0 });
    expect(stages(events)[0]).toBe('source');
    expect(result().source).toMatchObject({ steps: 6, start: { file: 'first.safetensors', used: 6, tensors: 6, head: true } });
    expect(result().source.nll).not.toBe(nll);
    expect(result().sentences.source).toMatch(/^Started from first\.safetensors \(the whole extractor and the head\), and after 6 steps/);
    await session.answer('forgetWeights', {});
    await expect(run({ ...TINY, 'source.steps': 0 })).rejects.toThrow(/0 training steps/);
    await run();
    expect(result().source).toMatchObject({ start: null, nll });
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
    expect(await running).toMatchObject({ finished: true });
    events.length = 0;
    const again = run({ ...TINY, 'downstream.n': 10 });
    await session.answer('cancel', {});
    expect(await again).toMatchObject({ finished: false });
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
    expect(await run()).toMatchObject({ finished: true });
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
    expect(await running).toMatchObject({ finished: true });
    await refused;
    await expect(session.answer('inspect', { key: plane.key, a: 0, b: 0 })).rejects.toThrow(/earlier run/);
  }, 60_000);

  it('examines, settles, renames, shows and forgets data; a fault changes nothing', async () => {
    const { session, settling, open } = lab();
    await open();
    const examined = await session.answer('examineData', { files: pair() });
    expect(examined!.understanding).toMatchObject({ format: 'idx', count: 40, classNames: ['0', '1'], choices: { name: 'mine', height: 4, channels: 1 } });
    const { ticket, understanding: { choices } } = examined!;
    const redrawn = await session.answer('redrawData', { ticket, choices: { ...choices, height: 8, width: 8 } });
    expect(redrawn).toMatchObject({ sheet: { height: 2 * 8 }, bytes: 40 * 64 });
    for (const [name, sentence] of [['glyphs', /built-in/], [' ', /needs a name/]] as const) {
      await expect(session.answer('settleData', { ticket, choices: { ...choices, name } })).rejects.toThrow(sentence);
    }
    expect(await session.answer('settleData', { ticket, choices })).toMatchObject({ summary: { name: 'mine', count: 40, height: 4, classNames: ['0', '1'], counts: [20, 20], parts: null }, notes: [] });
    expect(settling.every((progress) => progress.ticket === ticket && progress.total === 40)).toBe(true);
    // The ticket is used up; other data of that name get another, and may not take its place.
    await expect(session.answer('settleData', { ticket, choices })).rejects.toThrow(/This import is over/);
    const again = await session.answer('examineData', { files: pair() });
    expect(again!.understanding.choices.name).not.toBe('mine');
    await expect(session.answer('settleData', { ticket: again!.ticket, choices })).rejects.toThrow(/“mine” already/);
    await expect(session.answer('examineData', { files: pair(39) })).rejects.toThrow(/39 labels/);
    await expect(session.answer('settleData', { ticket: again!.ticket, choices: again!.understanding.choices })).rejects.toThrow(/This import is over/);
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
    await session.answer('forgetData', { data: 'mine' });
    await expect(session.answer('preview', { role: 'downstream', config })).rejects.toThrow(/no data set “mine”/);
    await expect(session.answer('forgetData', { data: 'mine' })).rejects.toThrow(/no added data set “mine”/);
  });

  it('a cancelled or newer import answers the older one with nothing, and its ticket is refused', async () => {
    const { session, open } = lab();
    await open();
    const older = session.answer('examineData', { files: pair() });
    const newer = await session.answer('examineData', { files: pair() });
    expect(await older).toBeNull();
    const { ticket, understanding: { choices } } = newer!;
    await expect(session.answer('redrawData', { ticket: ticket - 1, choices })).rejects.toThrow(/another has taken its place/);
    const settled = session.answer('settleData', { ticket, choices });
    await session.answer('cancelData', {});
    expect(await settled).toBeNull();
    await expect(session.answer('forgetData', { data: 'mine' })).rejects.toThrow(/no added data set/);
  });

  it('names the images of a folder that were damaged, and settles the others in the parts they came in', async () => {
    const { session, open } = lab();
    await open();
    const image = (value: number) => new Blob([png(new Uint8Array(36).fill(value), 6, 6)]);
    const files = ['train', 'test'].flatMap((part) => ['cat', 'dog'].flatMap((name, label) => Array.from({ length: 12 }, (_, i) => ({
      path: `pets/${part}/${name}/${i}.png`, blob: part === 'train' && name === 'dog' && i === 3 ? new Blob(['no image']) : image(100 * label + i),
    }))));
    const { ticket, understanding } = (await session.answer('examineData', { files }))!;
    expect(understanding).toMatchObject({ format: 'folder', classNames: ['cat', 'dog'], counts: { byPart: { train: 24, test: 24 } } });
    const { summary, notes } = (await session.answer('settleData', { ticket, choices: { ...understanding.choices, name: 'pets' } }))!;
    expect(summary).toMatchObject({ count: 47, counts: [24, 23], parts: [23, 0, 24] });
    expect(notes.flatMap(({ count, examples }) => [count, ...examples])).toEqual([1, expect.stringContaining('train/dog/3.png')]);
    const config = { preset: 'smoke', 'downstream.data': 'pets', 'downstream.n': 10, 'downstream.validation': 10, 'downstream.test': 25, seeds: 1 };
    await expect(session.answer('preview', { role: 'downstream', config })).rejects.toThrow(/24 test images in the splits it came with, but 25/);
    // Too few for the sizes asked for, they are shown all the same.
    expect(await session.answer('wholePreview', { role: 'downstream', config })).toMatchObject({ name: 'pets', counts: [24, 23], shifted: null });
    expect(await session.answer('preview', { role: 'downstream', config: { ...config, 'downstream.split': 'random' } })).toMatchObject({ counts: [5, 5] });
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
