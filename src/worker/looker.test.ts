/** Looking at data through the session: the built-in glyphs and data of one's own, blocks of all images, and what is no image. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { loadSprite } from '../data/sprite.ts';
import { smallDataset, syntheticSheet } from '../data/testing.ts';
import type { Library } from '../experiment/tasks.ts';
import { Looker } from './looker.ts';

const CONFIG = { preset: 'smoke', 'source.data': 'mine', 'downstream.data': 'mine', 'source.test': 20, 'downstream.n': 10, 'downstream.validation': 10, 'downstream.test': 10 };

function library() {
  const stream = new Stream(4, 'subset');
  const images = Uint8Array.from({ length: 60 * 36 }, () => stream.integer(256));
  images.copyWithin(50 * 36, 5 * 36, 6 * 36);
  const data = { ...smallDataset(images, Array.from({ length: 60 }, (_, i) => (i % 5 === 0 ? 1 : 0)), { height: 6, width: 6, channels: 1 }), name: 'mine' };
  const { index, png } = syntheticSheet(3, 3);
  const datasets = new Map([['mine', data]]);
  const value: Library = { sprite: async () => loadSprite(png, index), datasets };
  return { value, data, datasets };
}

describe('Looker', () => {
  it('tells counts, balance and statistics of both roles, and draws a tile a class', async () => {
    const { value, data } = library();
    const look = await new Looker(() => value).look({ role: 'downstream', config: CONFIG });
    expect(look).toMatchObject({ name: 'mine', count: 60, counts: [48, 12], trainCounts: [5, 5], classNames: ['a', 'b'] });
    expect(look.balance).toBe('Classes are not balanced: “a” has 4 times as many images as “b”. Training sets are drawn evenly over classes all the same; validation and test sets keep these shares.');
    expect(look.classes.mean.columns).toBe(2);
    const mean = Array.from(data.images).reduce((sum, v) => sum + v, 0) / data.images.length / 255;
    expect(look.statistics!.downstream.spreads.brightness.mean).toBeCloseTo(mean, 4);
    expect(look.shift).toMatch(/look much like the source's/);
  });

  it('finds the pair that was planted, and gives blocks of a class', async () => {
    const { value } = library();
    const looker = new Looker(() => value);
    expect(await looker.duplicates({ role: 'source', config: CONFIG })).toMatchObject({ count: 1, pairs: [{ difference: 0, first: 'b', second: 'b' }] });
    const { sheet, labels } = await looker.block({ role: 'source', config: CONFIG, label: 1, from: 10, to: 30, columns: 4 });
    expect(labels).toEqual([1, 1]);
    expect([sheet.columns, sheet.rows]).toEqual([4, 1]);
  });

  it('pauses in a search for near-duplicates, so that others are answered; asked twice it searches once, and other data end it', async () => {
    const stream = new Stream(5, 'subset');
    const images = Uint8Array.from({ length: 12_000 * 64 }, () => 100 + stream.integer(30));
    const data = { ...smallDataset(images, Array.from({ length: 12_000 }, (_, i) => i % 2), { height: 8, width: 8, channels: 1 }), name: 'mine' };
    const { value, datasets } = library();
    datasets.set('mine', data);
    const looker = new Looker(() => value);
    let over = false;
    const search = looker.duplicates({ role: 'source', config: CONFIG }).finally(() => {
      over = true;
    });
    const again = looker.duplicates({ role: 'source', config: CONFIG });
    await looker.block({ role: 'source', config: CONFIG, label: null, from: 0, to: 10, columns: 5 });
    await new Promise((resolve) => setTimeout(resolve));
    expect(over).toBe(false);
    datasets.set('mine', { ...data, sha256: 'f'.repeat(64) });
    await looker.block({ role: 'source', config: CONFIG, label: null, from: 0, to: 10, columns: 5 });
    expect([await search, await again]).toEqual([null, null]);
  });

  it('makes data once, and again when they were replaced; a fault of the other role is a sentence', async () => {
    const { value, data, datasets } = library();
    const looker = new Looker(() => value);
    const glyphs = { preset: 'smoke', 'source.data': 'gone', 'downstream.n': 10, 'downstream.validation': 10, 'downstream.test': 10 };
    await expect(looker.look({ role: 'source', config: glyphs })).rejects.toThrow(/no data set “gone”/);
    expect((await looker.look({ role: 'downstream', config: { ...glyphs, 'downstream.data': 'mine' } })).shift).toMatch(/nothing to compare with: There is no data set “gone”/);
    const first = await looker.look({ role: 'downstream', config: CONFIG });
    datasets.set('mine', { ...data, classNames: ['x', 'y'] });
    expect([first.classNames, (await looker.look({ role: 'downstream', config: CONFIG })).classNames]).toEqual([['a', 'b'], ['x', 'y']]);
  });

  it('has nothing to show of points', async () => {
    const { value } = library();
    await expect(new Looker(() => value).look({ role: 'source', config: { preset: 'toy' } })).rejects.toThrow(/no images to look at/);
  });
});
