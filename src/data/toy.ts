/**
 * The toy: labelled points of the plane as images of 1×1×2 floats (x, y), so that what a network believes can be drawn
 * whole. The source is a shape with Gaussian noise; the downstream task is the same shape stretched along x, rotated,
 * moved to the right, and noisier. Everything follows from seeds.
 */
import { Stream } from '../core/philox.ts';
import type { Dataset, Normalisation, Split } from './dataset.ts';
import { sealed } from './hash.ts';
import { balancedLabels, range, splitsInTurn } from './splits.ts';

export const TOY_SHAPES = ['moons', 'circles', 'spirals', 'blobs', 'checkerboard'] as const;
export type ToyShape = (typeof TOY_SHAPES)[number];

/** Points lie around the origin, most of them within 1: they are seen as they are. */
export const TOY_NORMALISATION: Normalisation = { mean: 0, std: 1 };

/** The square [−TOY_REACH, TOY_REACH]² is what pictures show. */
export const TOY_REACH = 2;

const CLASSES: Record<ToyShape, readonly string[]> = {
  moons: ['upper', 'lower'],
  circles: ['inner', 'outer'],
  spirals: ['first arm', 'second arm', 'third arm'],
  blobs: ['top', 'left', 'right'],
  checkerboard: ['even', 'odd'],
};

export function toyClasses(shape: ToyShape): string[] {
  return [...CLASSES[shape]];
}

export interface ToyOptions {
  shape: ToyShape;
  /** Standard deviation of the noise on both coordinates. */
  noise: number;
}

/** What makes the downstream points differ: p ↦ R(rotation)·diag(stretch, 1)·p + (shift, 0) + N(0, extraNoise² I). */
export interface ToyShift {
  /** Degrees, counter-clockwise. */
  rotation: number;
  /** To the right. */
  shift: number;
  stretch: number;
  extraNoise: number;
}

const UNSHIFTED: ToyShift = { rotation: 0, shift: 0, stretch: 1, extraNoise: 0 };

/** Stream coordinates of the parts, so that they share no numbers. */
const PART = { train: 0, validation: 1, test: 2, source: 3, sourceTest: 4 } as const;

/** A point of a class without noise. */
function place(shape: ToyShape, label: number, stream: Stream): [number, number] {
  const u = stream.uniform();
  const v = stream.uniform();
  switch (shape) {
    case 'moons': {
      const angle = Math.PI * u;
      const sign = label === 0 ? 1 : -1;
      return [0.75 * (sign * Math.cos(angle) - sign * 0.5), 0.75 * (sign * Math.sin(angle) - sign * 0.25)];
    }
    case 'circles': {
      const radius = label === 0 ? 0.4 : 1;
      return [radius * Math.cos(2 * Math.PI * u), radius * Math.sin(2 * Math.PI * u)];
    }
    case 'spirals': {
      const angle = 2 * Math.PI * (label / CLASSES.spirals.length + 0.75 * u);
      const radius = 0.12 + 1.05 * u;
      return [radius * Math.cos(angle), radius * Math.sin(angle)];
    }
    case 'blobs': {
      const angle = 2 * Math.PI * (0.25 + label / CLASSES.blobs.length);
      const spread = 0.16 * Math.sqrt(-2 * Math.log(u));
      return [0.8 * Math.cos(angle) + spread * Math.cos(2 * Math.PI * v), 0.8 * Math.sin(angle) + spread * Math.sin(2 * Math.PI * v)];
    }
    case 'checkerboard': {
      // Four by four squares: eight of each colour.
      const square = stream.integer(8);
      const row = square >> 1;
      const column = 2 * (square & 1) + ((row + label) & 1);
      return [(column + u) / 2 - 1, (row + v) / 2 - 1];
    }
    default: return shape satisfies never;
  }
}

/** Writes labels.length points from row `first` on; point j depends on (seed, part, j) and its label alone. */
function scatter({ shape, noise }: ToyOptions, shift: ToyShift, seed: number, part: number, labels: Uint16Array, images: Float32Array, first: number): void {
  const angle = (shift.rotation * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  labels.forEach((label, j) => {
    const stream = new Stream(seed, 'toy', part, j);
    const [x, y] = place(shape, label, stream).map((value) => value + noise * stream.normal()) as [number, number];
    images[2 * (first + j)] = cos * shift.stretch * x - sin * y + shift.shift + shift.extraNoise * stream.normal();
    images[2 * (first + j) + 1] = sin * shift.stretch * x + cos * y + shift.extraNoise * stream.normal();
  });
}

function points(name: string, images: Float32Array, labels: Uint16Array, classNames: readonly string[]): Promise<Dataset> {
  return sealed({ name, images, labels, count: labels.length, height: 1, width: 1, channels: 2, classNames: [...classNames], licence: 'Made here from random numbers' });
}

/** `train` points to learn on and `test` held out, both class-balanced. */
export async function toySource(options: ToyOptions & { seed: number; train: number; test: number }): Promise<{ dataset: Dataset; train: Uint32Array; test: Uint32Array }> {
  const { shape, seed, train, test } = options;
  const images = new Float32Array(2 * (train + test));
  const labels = new Uint16Array(train + test);
  for (const [part, first, count] of [[PART.source, 0, train], [PART.sourceTest, train, test]] as const) {
    const own = balancedLabels(count, CLASSES[shape].length, seed, part);
    labels.set(own, first);
    scatter(options, UNSHIFTED, seed, part, own, images, first);
  }
  return { dataset: await points(`toy: ${shape}`, images, labels, CLASSES[shape]), train: range(0, train), test: range(train, test) };
}

/** One data set with the points of every seed, and one split a seed; training points of a smaller n are the first of a larger n. */
export async function toyDownstream(
  options: ToyOptions & { move: ToyShift; seeds: readonly number[]; n: number; validation: number; test: number },
): Promise<{ dataset: Dataset; splits: Split[] }> {
  const { shape, move, seeds, n, validation, test } = options;
  const count = seeds.length * (n + validation + test);
  const images = new Float32Array(2 * count);
  const labels = new Uint16Array(count);
  const splits = splitsInTurn(seeds, { train: n, validation, test }, (seed, part, amount, first) => {
    const own = balancedLabels(amount, CLASSES[shape].length, seed, PART[part]);
    labels.set(own, first);
    scatter(options, move, seed, PART[part], own, images, first);
  });
  return { dataset: await points(`toy: ${shape}, moved`, images, labels, CLASSES[shape]), splits };
}

/** A lattice of `side` × `side` points over the shown square, its rim included, as a data set: x fastest, rows upwards. Its labels say nothing. */
export async function toyLattice(classNames: readonly string[], side: number): Promise<Dataset> {
  const images = new Float32Array(2 * side * side);
  const at = (i: number) => TOY_REACH * ((2 * i) / (side - 1) - 1);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      images[2 * (row * side + column)] = at(column);
      images[2 * (row * side + column) + 1] = at(row);
    }
  }
  return points('the plane', images, new Uint16Array(side * side), classNames);
}
