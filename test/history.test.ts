/** The history of runs through the worker's own answers: what a run drew is drawn again, to the last digit, from its file, from a zip, and when index or files are damaged. */
import '@tensorflow/tfjs-backend-wasm';
import { readFileSync } from 'node:fs';
import { setBackend } from '@tensorflow/tfjs-core';
import { unzipSync, zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { TypedEngine } from '../src/engine/tfjs/typed-engine.ts';
import type { LabEvent } from '../src/experiment/events.ts';
import { eventsOf } from '../src/experiment/record/replay.ts';
import { decodePrior } from '../src/prior/file.ts';
import { migrated } from '../src/storage/runs/entry.ts';
import { memoryIndex } from '../src/storage/runs/index.ts';
import { type RunPorts, RunStore } from '../src/storage/runs/store.ts';
import { memoryFolder } from '../src/storage/testing.ts';
import { changesBetween, changesInWords } from '../src/ui/history/changes.ts';
import { rowsOf } from '../src/ui/history/compare.ts';
import { emptyPicture, type Picture, reduce } from '../src/ui/reduce.ts';
import { RunDesk } from '../src/worker/run-desk.ts';
import { Session } from '../src/worker/session.ts';

const TINY = {
  preset: 'smoke', arms: ['none', 'l2-sp'], 'downstream.test': 20, 'source.test': 20, 'source.steps': 6, 'posterior.steps': 6, 'posterior.snapshots': 3,
  'inference.steps': 2, 'surface.resolution': 3, 'surface.linePoints': 5, 'surface.test': 10, name: '=Tiny λ',
};

function disk() {
  const { folder, files, state } = memoryFolder();
  const clock = { now: new Date('2026-05-06T07:08:09.000Z') };
  const ports: RunPorts = { folder: async () => folder, index: memoryIndex(), estimate: async () => ({ usage: 1, quota: 100 }), now: () => clock.now };
  return { ports, files, state, clock, store: () => new RunStore(ports) };
}

function lab(store: RunStore) {
  const events: LabEvent[] = [];
  const session = new Session({
    openEngine: async () => ({ engine: new TypedEngine({ engine: 'tfjs', backend: 'wasm', adapter: null, software: false, workers: 1 }), note: 'For a test.' }),
    fetchBytes: async (url) => new Uint8Array(readFileSync(new URL(url))),
    decode: () => Promise.reject(new Error('none')), post: (event) => events.push(event), postSettling: () => undefined, userAgent: 'test',
  }, new RunDesk(store));
  return { session, events, open: () => session.answer('open', { backend: 'auto', base: new URL('../public/', import.meta.url).href }) };
}

/** How far a stage is says when it was drawn, not what. */
function still({ stages, ...rest }: Picture) {
  return { ...rest, sentences: Object.values(stages).map(({ state, sentence }) => [state, sentence]) };
}

describe('the history', () => {
  const kept = disk();
  let drawn: Picture;
  let id = '';

  beforeAll(async () => {
    await setBackend('wasm');
    const { session, events, open } = lab(kept.store());
    await open();
    const answer = await session.answer('run', { config: TINY, keep: { prior: true } });
    id = answer.kept!;
    drawn = events.reduce(reduce, emptyPicture());
  }, 60_000);

  it('draws a kept run as it was drawn', async () => {
    const { session } = lab(kept.store());
    const { runs } = await session.answer('listRuns', {});
    expect(runs).toMatchObject([{ id, name: '=Tiny λ', preset: 'smoke', prior: true, device: { backend: 'wasm' }, deleted: null }]);
    expect(runs[0]!.line).toMatch(/lowest mean test NLL/);
    expect(rowsOf(runs, 'nll').map(({ arm }) => arm)).toEqual(['none', 'l2-sp']);
    const { result } = await session.answer('openRun', { id });
    expect(still(eventsOf(result).reduce(reduce, emptyPicture()))).toEqual(still(drawn));
    expect(result.source.curve.length).toBeGreaterThan(1);
  });

  it('names, tags, deletes with a way back, and forgets after a week', async () => {
    const store = kept.store();
    await store.change(id, { name: 'Other', tags: ['a', 'b'] });
    expect((await store.list()).runs).toMatchObject([{ name: 'Other', tags: ['a', 'b'] }]);
    await expect(store.change(id, { name: '' })).rejects.toThrow(/not readable/);
    await store.remove(id);
    expect(await store.list()).toMatchObject({ runs: [], deleted: [{ id }] });
    await store.restore(id);
    expect((await store.list()).runs).toHaveLength(1);

    const other = disk();
    await other.store().add(await store.zip(id));
    await other.store().remove(id);
    other.clock.now = new Date(other.clock.now.getTime() + 8 * 24 * 3600 * 1000);
    expect(await other.store().list()).toMatchObject({ runs: [], deleted: [] });
    expect(other.files.size).toBe(0);
  });

  it('goes elsewhere as one zip of open formats and comes back whole; a damaged one is refused', async () => {
    const zip = await kept.store().zip(id);
    const files = unzipSync(zip);
    expect(Object.keys(files).sort()).toEqual(['embedding.csv', 'manifest.json', 'prior.safetensors', 'result.json', 'run.priorscape', 'runs.csv', 'surface.json']);
    expect((await decodePrior(files['prior.safetensors']!)).gaussian.rank).toBe(3);
    const there = disk();
    const entry = await there.store().add(zip);
    expect(entry).toMatchObject({ id, name: 'Other', tags: ['a', 'b'] });
    expect(still(eventsOf((await there.store().open(id)).result).reduce(reduce, emptyPicture())).arms).toEqual(drawn.arms);
    await expect(there.store().add(zip)).rejects.toThrow(/among the runs already/);

    const none = disk().store();
    const refused = (changed: Record<string, Uint8Array>) => expect(none.add(zipSync({ ...files, ...changed }))).rejects.toMatchObject({ kind: 'file', message: expect.stringMatching(/^[^\n]+\.$/) as string });
    await refused({ 'run.priorscape': files['run.priorscape']!.map((byte, i) => (i === 5000 ? byte ^ 1 : byte)) });
    await refused({ 'manifest.json': new TextEncoder().encode('{}') });
    await expect(none.add(zip.slice(0, -50))).rejects.toMatchObject({ kind: 'file' });
    await expect(none.add(new Uint8Array(10))).rejects.toMatchObject({ kind: 'file' });
    expect((await none.list()).runs).toEqual([]);
  });

  it('is made again from the files when the index is lost, and has no run whose file is lost', async () => {
    const there = disk();
    await there.store().add(await kept.store().zip(id));
    await there.ports.index.remove(id);
    expect((await there.store().list()).runs).toMatchObject([{ id, summaries: drawn.summaries }]);
    await there.ports.index.remove(id);
    for (const name of there.files.keys()) there.files.set(name, there.files.get(name)!.slice(0, 500));
    expect((await there.store().list()).runs).toEqual([]);
    there.files.clear();
    await there.ports.index.put((await kept.store().list()).runs[0]!);
    expect((await there.store().list()).runs).toEqual([]);
  });

  it('without room a run is a sentence and leaves nothing behind; without storage there is no history', async () => {
    const full = disk();
    full.state.quota = 2000;
    const { session, open } = lab(full.store());
    await open();
    expect(await session.answer('run', { config: TINY, keep: { prior: false } })).toMatchObject({ finished: true, kept: null, unkept: expect.stringMatching(/^There is no room/) as string });
    expect(full.files.size).toBe(0);
    const nowhere = new RunStore({ ...disk().ports, folder: async () => null });
    expect((await nowhere.list()).runs).toEqual([]);
    expect(await nowhere.keep(drawn.result!, null)).toBeNull();
  });

  it('leaves alone what a newer version wrote, and brings older ones up step by step', async () => {
    const there = disk();
    await there.store().add(await kept.store().zip(id));
    const [entry] = await there.ports.index.all();
    await there.ports.index.put({ ...entry as object, version: 99 } as never);
    expect((await there.store().list()).runs).toEqual([]);
    expect(there.files.size).toBeGreaterThan(0);
    expect(migrated({ version: 1, a: 1 }, 3, { 1: ({ a }) => ({ b: a }), 2: ({ b }) => ({ c: b }) }, 'It')).toEqual({ version: 3, c: 1 });
    expect(() => migrated({ version: 1 }, 3, {}, 'It')).toThrow(/cannot read any more/);
  });

  it('says what differs between two runs', async () => {
    const { config } = (await kept.store().list()).runs[0]!;
    expect(changesBetween(config, { ...config, name: 'x', 'sampling.steps': 7 })).toEqual([]);
    const changes = changesBetween({ ...config, 'downstream.n': 50, arms: ['none'] }, config);
    expect(changesInWords(changes)).toBe('Training images n 50 (20), Arms none (none, l2-sp)');
    expect(changesInWords([])).toBeNull();
  });
});
