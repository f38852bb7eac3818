import { describe, expect, it } from 'vitest';
import { remembered } from './remember.ts';

/** As much of Cache storage as is used. */
function storage(fails = false): CacheStorage {
  const held = new Map<string, Response>();
  const cache = {
    match: async (address: string) => held.get(address)?.clone(),
    put: async (address: string, response: Response) => void held.set(address, response),
  };
  return { open: async () => (fails ? Promise.reject(new Error('blocked')) : cache) } as unknown as CacheStorage;
}
const isNumber = (value: unknown): value is number => typeof value === 'number';

describe('remembered', () => {
  it('makes a value once a key', async () => {
    const kept = storage();
    expect(await remembered('a b/c?', isNumber, async () => 1, kept)).toBe(1);
    expect(await remembered('a b/c?', isNumber, async () => 2, kept)).toBe(1);
    expect(await remembered('a b/d', isNumber, async () => 3, kept)).toBe(3);
  });

  it('makes it anew when what is kept is of another kind, and keeps nothing of a failure', async () => {
    const kept = storage();
    await remembered('k', (value): value is string => typeof value === 'string', async () => 'text', kept);
    expect(await remembered('k', isNumber, async () => 4, kept)).toBe(4);
    await expect(remembered('l', isNumber, () => Promise.reject(new Error('no')), kept)).rejects.toThrow('no');
    expect(await remembered('l', isNumber, async () => 5, kept)).toBe(5);
  });

  it('works without any storage', async () => {
    expect(await remembered('k', isNumber, async () => 6, storage(true))).toBe(6);
    expect(await remembered('k', isNumber, async () => 7)).toBe(7);
  });
});
