import { expect, it } from 'vitest';
import { cellStore } from './cell-store.ts';
import { memoryFolder } from './testing.ts';

it('keeps cells between visits, does without a place or without room, and does not grow for ever', async () => {
  const { folder, state } = memoryFolder();
  const first = cellStore(async () => folder, 2);
  await first.write('a', '{"λ":1}');
  expect(await first.read('b')).toBeNull();
  expect(await cellStore(async () => folder, 2).read('a')).toBe('{"λ":1}');
  state.quota = 10;
  await first.write('c', 'too long for the room that is left');
  expect(await first.read('c')).toBeNull();
  state.quota = Infinity;
  await first.write('d', '{}');
  expect(await cellStore(async () => folder, 2).read('a')).toBeNull();
  const nowhere = cellStore(async () => null);
  await nowhere.write('a', '{}');
  expect(await nowhere.read('a')).toBeNull();
});
