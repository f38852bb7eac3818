/** Every image lies in exactly one block, and the blocks in sight cover what is shown. */
import { expect, it } from 'vitest';
import { gridOf, inSight } from './grid.ts';

it.each([[60_000, 28], [17, 64], [1, 8], [3000, 224]])('%i images of %i pixels', (count, side) => {
  const grid = gridOf({ count, width: 900, tile: { height: side, width: side } })!;
  expect(grid.columns * (side + 1) * grid.scale - grid.scale).toBeLessThanOrEqual(900);
  expect(grid.blocks * grid.lines * grid.columns).toBeGreaterThanOrEqual(count);
  expect((grid.blocks - 1) * grid.lines * grid.columns).toBeLessThan(count);
  for (const top of [0, grid.height / 3, Math.max(0, grid.height - 400)]) {
    const blocks = inSight(grid, top, 400);
    const block = grid.line * grid.lines;
    expect(blocks[0]! * block).toBeLessThanOrEqual(top);
    expect((blocks.at(-1)! + 1) * block).toBeGreaterThanOrEqual(Math.min(grid.height, top + 400));
    expect(blocks.length).toBeLessThan(8);
  }
});

it('has no place without width, and keeps to what a browser can lay out', () => {
  expect(gridOf({ count: 5, width: 0, tile: { height: 8, width: 8 } })).toBeNull();
  expect(gridOf({ count: 50_000_000, width: 100, tile: { height: 8, width: 8 } })!.height).toBeLessThanOrEqual(8_000_000);
});
