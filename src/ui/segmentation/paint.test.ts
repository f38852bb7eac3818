import { expect, it } from 'vitest';
import { VOID } from '../../data/dataset.ts';
import { labelled, rightShare, unsureAt, wrongAt } from './paint.ts';

const image = { width: 3, height: 1, rgba: new Uint8ClampedArray(12).fill(100) };
const rgb = ({ rgba }: typeof image, p: number) => [...rgba.subarray(4 * p, 4 * p + 3)];
const truth = Uint8Array.of(0, 1, VOID);

it('paints labels over images, void as the image darkened', () => {
  const drawn = labelled(image, truth, ['a', 'b'], 1);
  expect([rgb(drawn, 1), rgb(drawn, 2)]).toEqual([[230, 159, 0], [50, 50, 50]]);
  expect(rgb(labelled(image, truth, ['a', 'b'], 0), 1)).toEqual([100, 100, 100]);
});

it('marks errors apart from what is right, and void as neither', () => {
  const drawn = wrongAt(image, Uint8Array.of(0, 0, 0), truth, 1);
  expect(rgb(drawn, 0)).not.toEqual(rgb(drawn, 1));
  expect(rgb(drawn, 2)).toEqual([50, 50, 50]);
  expect(rightShare(Uint8Array.of(0, 0, 0), truth)).toBe(0.5);
});

it('grows lighter with the entropy', () => {
  const drawn = unsureAt(image, Uint8Array.of(0, 128, 255), 1);
  const light = [0, 1, 2].map((p) => rgb(drawn, p).reduce((a, b) => a + b, 0));
  expect(light).toEqual([...light].sort((a, b) => a - b));
  expect(rgb(drawn, 0)).toEqual([0, 0, 4]);
});
