import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inPieces, Pace } from './pace.ts';

describe('Pace', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const takes = (ms: number) => async () => {
    vi.setSystemTime(Date.now() + ms);
    vi.advanceTimersByTime(ms);
  };

  it('tells the time left from the work itself: neither a pause nor the first, compiling piece counts', async () => {
    const pace = new Pace('downstream', 100, 'Training');
    await pace.work(10, takes(5000));
    expect(pace.secondsLeft).toBeNull();
    await takes(60_000)();
    await pace.work(10, takes(1000));
    expect(pace.secondsLeft).toBeCloseTo(8, 1);
    await pace.work(40, takes(2000));
    expect(pace.secondsLeft).toBeCloseTo(40 * (3 / 50), 1);
    expect(pace.progress('Now')).toMatchObject({ done: 60, total: 100, label: 'Now' });
  });

  it('never promises less than nothing nor shows more than all', async () => {
    const pace = new Pace('surface', 10, '');
    await pace.work(8, takes(10));
    await pace.work(8, takes(10));
    expect(pace.progress()).toMatchObject({ done: 10, total: 10, secondsLeft: 0 });
  });

  it('makes pieces of a pleasant length, at least the least and at most what is left', async () => {
    const pace = new Pace('surface', 1000, '');
    expect(pace.piece(1, 50, 4)).toBe(4);
    await pace.work(4, takes(390));
    expect(pace.piece(1, 50, 4)).toBe(7);
    expect(pace.piece(1, 5, 4)).toBe(5);
    expect(pace.piece(100, 50, 4)).toBe(4);
  });

  it('evaluates in pieces and joins the answers in order', async () => {
    const pace = new Pace('surface', 10, '');
    const seen: [number, number][] = [];
    const walk = inPieces(pace, 10, 1, 3, async (from, to) => {
      seen.push([from, to]);
      await takes(300)();
      const values = Float64Array.from({ length: to - from }, (_, i) => from + i);
      return { nll: values, accuracy: values, finite: new Uint8Array(to - from).fill(1), logits: [...values].map((x) => Float32Array.of(x)), pixels: null };
    });
    for (;;) {
      const step = await walk.next();
      if (!step.done) continue;
      expect([...step.value.nll]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(step.value.logits!.map((x) => x[0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      break;
    }
    expect(seen[0]).toEqual([0, 3]);
    expect(seen.length).toBeGreaterThan(1);
  });
});
