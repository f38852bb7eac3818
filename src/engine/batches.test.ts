import { describe, expect, it } from 'vitest';
import { BatchOrder, groupBySeed } from './batches.ts';

const indices = Uint32Array.from({ length: 23 }, (_, i) => 100 + 3 * i);

function rowsOf(order: BatchOrder, step: number, batch: number): number[] {
  const out = new Uint32Array(batch);
  order.rows(step, out);
  return [...out];
}

describe('batch order', () => {
  it('reads every row once an epoch, without gaps across batches', () => {
    const order = new BatchOrder(4, indices);
    const read = Array.from({ length: 23 }, (_, step) => rowsOf(order, step, 10)).flat();
    const epochs = Array.from({ length: 10 }, (_, epoch) => read.slice(23 * epoch, 23 * (epoch + 1)));
    for (const epoch of epochs) expect([...epoch].sort((a, b) => a - b)).toEqual([...indices]);
    expect(new Set(epochs.map(String)).size).toBe(10);
  });

  it('is a function of seed and step, in whatever order steps are asked for', () => {
    const straight = new BatchOrder(4, indices);
    const expected = Array.from({ length: 12 }, (_, step) => rowsOf(straight, step, 7));
    const jumping = new BatchOrder(4, indices);
    for (const step of [11, 0, 5, 6, 2, 11]) expect(rowsOf(jumping, step, 7)).toEqual(expected[step]);
    expect(rowsOf(new BatchOrder(5, indices), 0, 7)).not.toEqual(expected[0]);
  });

  it('positions name places in the indices', () => {
    const order = new BatchOrder(9, indices);
    const positions = new Uint32Array(8);
    order.positions(3, positions);
    expect([...positions].map((place) => indices[place])).toEqual(rowsOf(order, 3, 8));
  });
});

describe('grouping', () => {
  const chain = { seed: 1, indices, frozen: false, start: 0 };

  it('puts chains of one seed and equal rows together, whatever their start', () => {
    expect(groupBySeed([chain, { ...chain, seed: 2 }, { ...chain, start: 1 }, { ...chain, indices: indices.slice() }])).toEqual([[0, 2, 3], [1]]);
  });

  it('keeps other rows apart, and frozen chains by their start', () => {
    const frozen = { ...chain, frozen: true };
    expect(groupBySeed([chain, { ...chain, indices: indices.slice(1) }, frozen, { ...frozen, start: 1 }, frozen])).toEqual([[0], [1], [2, 4], [3]]);
    const other = indices.slice();
    other[5] = 0;
    expect(groupBySeed([chain, { ...chain, indices: other }])).toEqual([[0], [1]]);
  });
});
