import { expect, it } from 'vitest';
import { binOf } from './bins.ts';

it('bins are closed above', () => {
  expect([0, 0.05, 1 / 15, 0.07, 0.5, 1].map((p) => binOf(p))).toEqual([0, 0, 0, 1, 7, 14]);
  expect([0.25, 0.2500001, 1].map((p) => binOf(p, 4))).toEqual([0, 1, 3]);
});
