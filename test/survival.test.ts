/** Runs that are cut off, in the worker and without a browser: a fresh worker goes on from what was kept, and ends with the numbers of a run that was not cut off. */
import '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';
import { setBackend } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { TypedEngine } from '../src/engine/tfjs/typed-engine.ts';
import type { LabEvent } from '../src/experiment/events.ts';
import { digestOf } from '../src/experiment/record/digest.ts';
import { memoryIndex } from '../src/storage/runs/index.ts';
import { RunStore } from '../src/storage/runs/store.ts';
import { UnfinishedStore } from '../src/storage/runs/unfinished.ts';
import { memoryFolder } from '../src/storage/testing.ts';
import { RunDesk } from '../src/worker/run-desk.ts';
import { Session } from '../src/worker/session.ts';
import { Survival } from '../src/worker/survival.ts';

const TINY = {
  preset: 'smoke', arms: ['probe', 'low-rank'], seeds: 1, 'downstream.test': 20, 'source.test': 20, 'source.steps': 12, 'posterior.steps': 12, 'posterior.snapshots': 4,
  'inference.steps': 20, 'surface.resolution': 3, 'surface.linePoints': 5, 'surface.test': 10,
};

function lab(disk = memoryFolder()) {
  const events: LabEvent[] = [];
  let onEvent: (event: LabEvent) => void = () => undefined;
  const engine = new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 });
  const history = memoryFolder().folder;
  const runs = new RunStore({ folder: async () => history, index: memoryIndex(), estimate: async () => ({}), now: () => new Date() });
  const session = new Session({
    openEngine: async () => ({ engine, note: 'For a test.' }), fetchBytes: async (url) => new Uint8Array(readFileSync(new URL(url))),
    decode: () => Promise.reject(new Error('none')), postSettling: () => undefined, userAgent: 'test',
    post: (event) => {
      events.push(event);
      onEvent(event);
    },
  }, new RunDesk(runs), new Survival(new UnfinishedStore(async () => disk.folder), { pause: 0, sparing: 0 }));
  return {
    disk, session, events, engine,
    on: (listener: (event: LabEvent) => void) => (onEvent = listener),
    open: () => session.answer('open', { backend: 'auto', base: new URL('../public/', import.meta.url).href }),
  };
}

const resultOf = (events: LabEvent[]) => events.findLast((event) => event.kind === 'finished')!.result;
const reused = (events: LabEvent[]) => events.flatMap((event) => (event.kind === 'stage' && event.state === 'done' && event.reused ? [event.stage] : []));

/** Begins a run and stops pulling it for good at an event, as a worker that is killed would. */
async function cutOff(config: object, at: (event: LabEvent) => boolean) {
  const { disk, session, on, open } = lab();
  await open();
  await new Promise<void>((resolve) => {
    on((event) => {
      if (!at(event)) return;
      void session.answer('pause', {});
      on(() => undefined);
      // What is written with this event is still written.
      setTimeout(resolve, 100);
    });
    void session.answer('run', { config, keep: { prior: false } });
  });
  return disk;
}

async function goOn(disk: ReturnType<typeof memoryFolder>, config: object) {
  const { session, events, engine, open } = lab(disk);
  await open();
  const [unfinished] = await session.answer('unfinishedRuns', {});
  const trained: (number | null)[] = [];
  const populate = engine.populate.bind(engine);
  engine.populate = (spec, from) => {
    trained.push(from?.step ?? null);
    return populate(spec, from);
  };
  await session.answer('run', { config, keep: { prior: false }, goOn: unfinished!.id });
  expect(await session.answer('unfinishedRuns', {})).toEqual([]);
  expect(disk.files.size).toBe(0);
  return { events, unfinished: unfinished!, trained };
}

describe('a run that is cut off', () => {
  const digests = new Map<string, string>();

  async function whole(config: object): Promise<string> {
    const key = JSON.stringify(config);
    if (!digests.has(key)) {
      const { session, events, open } = lab();
      await open();
      await session.answer('run', { config });
      digests.set(key, await digestOf(resultOf(events)));
    }
    return digests.get(key)!;
  }

  beforeAll(async () => {
    await setBackend('wasm');
  });

  it.each([
    ['in the source', TINY, (event: LabEvent) => event.kind === 'source' && event.point.step >= 10, 'source', []],
    ['while snapshots are collected in branches', { ...TINY, 'posterior.basins': 2 }, (event: LabEvent) => event.kind === 'source' && event.point.step >= 18, 'source', []],
    ['in the downstream stage', TINY, (event: LabEvent) => event.kind === 'race' && event.point.step >= 8, 'downstream', ['source', 'posterior']],
  ] as const)('%s goes on from there to the same numbers', async (_name, config, at, stage, kept) => {
    const disk = await cutOff(config, at);
    const { events, unfinished, trained } = await goOn(disk, config);
    expect(unfinished).toMatchObject({ stage, preset: 'smoke' });
    expect(unfinished.share).toBeGreaterThan(0);
    expect(reused(events)).toEqual(kept);
    expect(trained[0]).toBeGreaterThan(1);
    const { source, race } = resultOf(events);
    expect(source.curve.map(({ step }) => step)).toEqual([...new Set(source.curve.map(({ step }) => step))]);
    expect(race[0]!.step).toBe(0);
    expect(await digestOf(resultOf(events))).toBe(await whole(config));
  });

  it('goes on from the checkpoint before when the last one is damaged', async () => {
    const disk = await cutOff(TINY, (event) => event.kind === 'race' && event.point.step >= 8);
    const courses = [...disk.files.keys()].filter((name) => name.includes('-course')).sort();
    expect(courses).toHaveLength(2);
    disk.files.set(courses[1]!, disk.files.get(courses[1]!)!.slice(0, -9));
    const one = await goOn(disk, TINY);
    expect(one.trained[0]).toBeGreaterThan(0);
    expect(await digestOf(resultOf(one.events))).toBe(await whole(TINY));
  });

  it('is refused on another device in one sentence; under other settings nothing of it is used', async () => {
    const disk = await cutOff(TINY, (event) => event.kind === 'source' && event.point.step >= 6);
    const other = lab(disk);
    Object.assign(other.engine, { info: { ...other.engine.info, backend: 'cpu' } });
    await other.open();
    const [{ id } = { id: '' }] = await other.session.answer('unfinishedRuns', {});
    await expect(other.session.answer('run', { config: TINY, keep: { prior: false }, goOn: id })).rejects.toMatchObject({ kind: 'device' });
    await other.session.answer('dropUnfinished', { id });
    await expect(other.session.answer('run', { config: TINY, keep: { prior: false }, goOn: id })).rejects.toMatchObject({ kind: 'file' });
    expect(disk.files.size).toBe(0);
  });

  it('without room runs on all the same', async () => {
    const disk = memoryFolder(200);
    const { session, events, open } = lab(disk);
    await open();
    expect(await session.answer('run', { config: TINY, keep: { prior: false } })).toMatchObject({ finished: true });
    expect(await digestOf(resultOf(events))).toBe(await whole(TINY));
  });
});
