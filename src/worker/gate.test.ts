import { describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';

/** Pulls numbers through the gate; every third moves the picture. */
async function pull(gate: Gate, seen: number[], until: number): Promise<void> {
  for (let i = 1; i <= until; i++) {
    if (!(await gate.pass())) return;
    seen.push(i);
    if (i % 3 === 0) gate.pictureMoved();
  }
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('Gate', () => {
  it('lets everything through while open', async () => {
    const seen: number[] = [];
    await pull(new Gate(), seen, 5);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('holds while paused, steps to the next picture, resumes', async () => {
    const gate = new Gate();
    const seen: number[] = [];
    gate.pause();
    const done = pull(gate, seen, 8);
    await settle();
    expect(seen).toEqual([]);
    gate.step();
    await settle();
    expect(seen).toEqual([1, 2, 3]);
    gate.step();
    await settle();
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    gate.resume();
    await done;
    expect(seen).toHaveLength(8);
  });

  it('a resume ends the step under way: the next pause holds at once', async () => {
    const gate = new Gate();
    gate.step();
    gate.resume();
    gate.pause();
    let passed = false;
    void gate.pass().then(() => (passed = true));
    await settle();
    expect(passed).toBe(false);
  });

  it('ends a paused loop when cancelled, for good', async () => {
    const gate = new Gate();
    const seen: number[] = [];
    gate.pause();
    const done = pull(gate, seen, 8);
    gate.cancel();
    await done;
    expect(seen).toEqual([]);
    gate.resume();
    expect(await gate.pass()).toBe(false);
  });
});
