import { expect, it } from 'vitest';
import { previewDataset } from '../../data/preview.ts';
import { smallDataset } from '../../data/testing.ts';
import { facesOf, tileAt } from './tiles.ts';

it('cuts the image of a class and a sample out of a sheet, and nothing where there is none', () => {
  const size = { height: 1, width: 2, channels: 1 };
  // Two images of class a, one of class b.
  const { sheet } = previewDataset(smallDataset(Uint8Array.of(10, 11, 20, 21, 30, 31), [0, 1, 0], size));
  const greys = (row: number, column: number) => {
    const tile = tileAt(sheet, size, row, column);
    return tile && [tile.rgba[0], tile.rgba[4]];
  };
  expect([greys(0, 0), greys(0, 1)].sort()).toEqual([[10, 11], [30, 31]]);
  expect(greys(1, 0)).toEqual([20, 21]);
  expect(greys(1, 1)).toBeNull();
  expect(greys(2, 0)).toBeNull();
});

it('keeps the face of a class that is left out of the preview', () => {
  const data = smallDataset(Uint8Array.of(10, 20), [0, 1], { height: 1, width: 1, channels: 1 });
  const both = previewDataset(data);
  expect(facesOf(both, both.sheet, ['a', 'b']).size).toBe(2);
  const one = previewDataset({ ...data, classNames: ['b'], labels: Uint16Array.of(0), images: Uint8Array.of(20), count: 1 });
  const faces = facesOf(one, one.sheet, ['a', 'b']);
  expect([faces.get('a')?.rgba[0], faces.get('b')?.rgba[0]]).toEqual([10, 20]);
});
