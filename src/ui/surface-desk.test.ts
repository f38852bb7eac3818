import { describe, expect, it, vi } from 'vitest';
import type { Plane, Result, SectionPrior } from '../experiment/result.ts';
import type { LabClient } from '../worker/client.ts';
import { FROM_HISTORY } from './stale.ts';
import { createLabStore, NOT_HERE } from './store.ts';
import { SurfaceDesk } from './surface-desk.ts';
import { TUNED } from './surface/view.ts';

const prior = (rank: number) => ({ family: 'low-rank', rank }) as SectionPrior;
const planeOf = (key: string) => ({ key, priors: [prior(3)] }) as unknown as Plane;
const result = { surface: { plane: { spec: {}, seed: 1, a: [0, 1, 2] } }, downstream: { seeds: [1] }, config: {} } as unknown as Result;
const ARM = { kind: 'trajectory', arm: 'none' } as const;
const LINE = { kind: 'between', from: 'pre-trained', to: 'none' } as const;

/** A desk whose worker answers when the test says so; its events wait, as on the page, until they are drawn. */
function desk() {
  const store = createLabStore();
  store.setState(({ picture }) => ({ picture: { ...picture, plane: planeOf('opening'), result } }));
  const asked: { kind: string; body: Record<string, unknown>; answer: (body: unknown) => void; refuse: (error: Error) => void }[] = [];
  let waiting: Plane | null = null;
  const client = {
    request: (kind: string, body: Record<string, unknown>) => new Promise((answer, refuse) => asked.push({ kind, body, answer, refuse })),
  } as unknown as LabClient;
  const made = new SurfaceDesk(store, () => client, () => {
    const plane = waiting;
    if (plane) store.setState(({ picture }) => ({ picture: { ...picture, plane } }));
    waiting = null;
  });
  const next = async (kind: string) => {
    await vi.waitFor(() => expect(asked[0]?.kind).toBe(kind));
    return asked.shift()!;
  };
  return { store, desk: made, asked, next, send: (plane: Plane) => (waiting = plane) };
}

describe('SurfaceDesk', () => {
  it('measures plane and line of a link one after the other, and leaves the line when another plane is chosen', async () => {
    const { desk: own, next, asked } = desk();
    own.choose({ plane: ARM, line: LINE });
    const plane = await next('measurePlane');
    expect(asked).toEqual([]);
    plane.answer({ done: true });
    (await next('measureLines')).answer({ done: true });
    own.choose({ plane: { kind: 'trajectory', arm: 'l2-sp' }, line: { ...LINE, to: 'l2-sp' } });
    const first = await next('measurePlane');
    own.choose({ plane: { kind: 'trajectory', arm: 'probe' } });
    const second = await next('measurePlane');
    first.answer({ done: false });
    second.answer({ done: true });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(asked).toEqual([]);
  });

  it('asks nothing of the worker, which may hold another run, while one of the history is shown', async () => {
    const { desk: own, asked, store } = desk();
    store.setState({ worker: 1, shown: { config: store.getState().settings.config, data: { source: '', downstream: '' }, imported: null, weights: null, worker: FROM_HISTORY } });
    own.choose({ setting: { ...TUNED, rank: null } });
    expect(store.getState().surface.fault).toBeNull();
    own.choose({ plane: ARM, setting: { ...TUNED, rank: 1 } });
    await own.inspect({ a: 0, b: 0 });
    await own.afterRun();
    expect(asked).toEqual([]);
    expect(store.getState().surface).toMatchObject({ fault: NOT_HERE, picked: null });
  });

  it('asks for the rank on the map that the answer belongs to, though it is not drawn yet', async () => {
    const { desk: own, next, send, store } = desk();
    own.choose({ setting: { ...TUNED, rank: 1 } });
    (await next('truncatePrior')).answer({ plane: [prior(1)], lines: [] });
    own.choose({ plane: ARM, trails: true });
    const cut = await next('measurePlane');
    send(planeOf('path'));
    cut.answer({ done: true });
    const truncated = await next('truncatePrior');
    expect(truncated.body).toEqual({ key: 'path', rank: 1 });
    truncated.answer({ plane: [prior(1)], lines: [] });
    const trails = await next('trails');
    expect(trails.body).toEqual({ key: 'path' });
    trails.answer([]);
    await vi.waitFor(() => expect(store.getState().surface.trails).toEqual({ key: 'path', trails: [] }));
    expect(store.getState().picture.plane!.priors).toEqual([prior(3), prior(1)]);
  });

  it('keeps the fault of a plane, and says that a map was stopped', async () => {
    const { desk: own, next, send, store, asked } = desk();
    own.choose({ plane: ARM, line: LINE });
    (await next('measurePlane')).refuse(new Error('There is no such point.'));
    await vi.waitFor(() => expect(store.getState().surface).toMatchObject({ fault: 'There is no such point.', busy: null }));
    expect(asked).toEqual([]);
    own.choose({ resolution: 41 });
    const cut = await next('measurePlane');
    own.stop();
    await next('stopCut');
    send(planeOf('rough'));
    cut.answer({ done: false });
    await vi.waitFor(() => expect(store.getState().surface).toMatchObject({ unfinished: 'rough', fault: null }));
    own.beforeRun();
    expect(store.getState().surface).toMatchObject({ unfinished: null, picked: null, trails: null });
  });

  it('forgets a place that could not be looked at', async () => {
    const { desk: own, next, store } = desk();
    void own.inspect({ a: 1, b: 2 });
    (await next('inspect')).refuse(new Error('This map belongs to an earlier run.'));
    await vi.waitFor(() => expect(store.getState().surface).toMatchObject({ picked: null, fault: 'This map belongs to an earlier run.' }));
    store.setState({ phase: 'running' });
    void own.inspect({ a: 1, b: 2 });
    expect(store.getState().surface.picked).toBeNull();
  });
});
