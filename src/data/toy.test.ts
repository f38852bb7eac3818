import { describe, expect, it } from 'vitest';
import { isPlanar, planePoints } from './preview.ts';
import { TOY_REACH, TOY_SHAPES, toyClasses, toyDownstream, toyLattice, toySource } from './toy.ts';

const STILL = { rotation: 0, shift: 0, stretch: 1, extraNoise: 0 };
const sizes = { seeds: [3, 4], n: 12, validation: 6, test: 30 };

describe('the toy', () => {
  it.each(TOY_SHAPES)('%s: balanced classes, points within the picture, named by its seed', async (shape) => {
    const one = await toySource({ shape, noise: 0.05, seed: 1, train: 120, test: 60 });
    const counts = toyClasses(shape).map((_, c) => one.train.filter((row) => one.dataset.labels[row] === c).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBe(0);
    expect(one.dataset.images.every((value) => Math.abs(value) < TOY_REACH)).toBe(true);
    expect((await toySource({ shape, noise: 0.05, seed: 1, train: 120, test: 60 })).dataset.sha256).toBe(one.dataset.sha256);
    expect((await toySource({ shape, noise: 0.05, seed: 2, train: 120, test: 60 })).dataset.sha256).not.toBe(one.dataset.sha256);
    expect(isPlanar(one.dataset)).toBe(true);
  });

  it('circles have their radii, and noise its standard deviation', async () => {
    const { dataset } = await toySource({ shape: 'circles', noise: 0, seed: 1, train: 50, test: 10 });
    const { x, y, labels } = planePoints(dataset, Uint32Array.from({ length: 60 }, (_, i) => i));
    labels.forEach((label, i) => expect(Math.hypot(x[i]!, y[i]!)).toBeCloseTo(label === 0 ? 0.4 : 1, 6));
    const noisy = await toySource({ shape: 'circles', noise: 0.2, seed: 1, train: 4000, test: 10 });
    const clean = await toySource({ shape: 'circles', noise: 0, seed: 1, train: 4000, test: 10 });
    const squares = Array.from({ length: 8000 }, (_, i) => (noisy.dataset.images[i]! - clean.dataset.images[i]!) ** 2).reduce((sum, square) => sum + square, 0) / 8000;
    expect(Math.sqrt(squares)).toBeCloseTo(0.2, 2);
  });

  it('every square of the checkerboard has the colour of its place', async () => {
    const { dataset } = await toySource({ shape: 'checkerboard', noise: 0, seed: 5, train: 400, test: 1 });
    for (let row = 0; row < 400; row++) {
      const [column, line] = [Math.floor(2 * (dataset.images[2 * row]! + 1)), Math.floor(2 * (dataset.images[2 * row + 1]! + 1))];
      expect((column + line) % 2).toBe(dataset.labels[row]);
    }
  });

  it('moves the downstream points by stretch, rotation and translation, in that order', async () => {
    const base = await toyDownstream({ shape: 'moons', noise: 0.1, move: STILL, ...sizes });
    const moved = await toyDownstream({ shape: 'moons', noise: 0.1, move: { rotation: 90, shift: 0.25, stretch: 1.5, extraNoise: 0 }, ...sizes });
    for (let row = 0; row < base.dataset.count; row++) {
      const [x, y] = [base.dataset.images[2 * row]!, base.dataset.images[2 * row + 1]!];
      expect(moved.dataset.images[2 * row]!).toBeCloseTo(0.25 - y, 5);
      expect(moved.dataset.images[2 * row + 1]!).toBeCloseTo(1.5 * x, 5);
    }
    expect(moved.dataset.labels).toEqual(base.dataset.labels);
  });

  it('splits are disjoint, and a larger n begins with the points of a smaller one', async () => {
    const { dataset, splits } = await toyDownstream({ shape: 'spirals', noise: 0.1, move: STILL, ...sizes });
    expect(new Set(splits.flatMap(({ train, validation, test }) => [...train, ...validation, ...test])).size).toBe(dataset.count);
    const more = await toyDownstream({ shape: 'spirals', noise: 0.1, move: STILL, ...sizes, n: 24 });
    const at = (made: typeof more, part: 'train' | 'test', i: number) => made.dataset.images[2 * made.splits[1]![part][i]!];
    for (let i = 0; i < 12; i++) expect(at(more, 'train', i)).toBe(at({ dataset, splits }, 'train', i));
    for (let i = 0; i < 30; i++) expect(at(more, 'test', i)).toBe(at({ dataset, splits }, 'test', i));
  });

  it('the lattice covers the picture, x fastest, rows upwards', async () => {
    const { images, count } = await toyLattice(['a', 'b'], 5);
    expect(count).toBe(25);
    expect([...images.slice(0, 4)]).toEqual([-TOY_REACH, -TOY_REACH, -TOY_REACH / 2, -TOY_REACH]);
    expect([...images.slice(-2)]).toEqual([TOY_REACH, TOY_REACH]);
  });
});
