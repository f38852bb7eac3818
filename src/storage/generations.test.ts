import { describe, expect, it } from 'vitest';
import { Generations } from './generations.ts';
import { memoryFolder } from './testing.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => value && new TextDecoder().decode(value);

describe('Generations', () => {
  it('answers with the newest of two, and names apart', async () => {
    const { folder, files } = memoryFolder();
    const kept = new Generations(folder);
    for (const value of ['one', 'two', 'three']) await kept.keep('a', [bytes(value)]);
    await kept.keep('a-prior', [bytes('other')]);
    expect(text(await kept.load('a'))).toBe('three');
    expect(files.size).toBe(3);
    expect((await kept.names()).sort()).toEqual(['a', 'a-prior']);
    await kept.remove('a');
    expect(await kept.load('a')).toBeNull();
    expect(text(await kept.load('a-prior'))).toBe('other');
  });

  it('answers with the one before when any byte of the newest is damaged or it is cut', async () => {
    const { folder, files } = memoryFolder();
    const kept = new Generations(folder);
    await kept.keep('a', [bytes('old')]);
    await kept.keep('a', [bytes('newer')]);
    const newest = [...files.keys()].sort().at(-1)!;
    const whole = files.get(newest)!;
    for (let at = 0; at < whole.byteLength; at++) {
      files.set(newest, whole.map((byte, i) => (i === at ? byte ^ 4 : byte)));
      expect(text(await kept.load('a')), `byte ${at}`).toBe('old');
      files.set(newest, whole.slice(0, at));
      expect(text(await kept.load('a')), `length ${at}`).toBe('old');
    }
  });

  it('a full disk leaves what was there', async () => {
    const { folder, files, state } = memoryFolder();
    const kept = new Generations(folder);
    await kept.keep('a', [bytes('old')]);
    state.quota = 80;
    await expect(kept.keep('a', [bytes('newer')])).rejects.toThrow('full');
    expect(text(await kept.load('a'))).toBe('old');
    expect(files.size).toBe(1);
  });
});
