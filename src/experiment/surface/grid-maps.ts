/** The four maps of a plane as they fill up: which points to measure next, what was measured, a picture at any time. */
import { cubicAt, axisCubic } from '../../measure/lattice.ts';
import { Refinement } from '../../measure/refine.ts';
import type { Plane } from '../result.ts';
import type { Losses } from './studio.ts';

export type Maps = Pick<Plane, 'trainNll' | 'testNll' | 'trainAccuracy' | 'testAccuracy' | 'measured'>;

const NAMES = ['trainNll', 'testNll', 'trainAccuracy', 'testAccuracy'] as const;

export class GridMaps {
  readonly #a: readonly number[];
  readonly #b: readonly number[];
  readonly #maps: Maps;
  readonly #refinement: Refinement;

  /** Axes of equal length. */
  constructor(a: readonly number[], b: readonly number[]) {
    this.#a = a;
    this.#b = b;
    const size = a.length * b.length;
    const empty = () => new Float32Array(size).fill(NaN);
    this.#maps = { trainNll: empty(), testNll: empty(), trainAccuracy: empty(), testAccuracy: empty(), measured: new Uint8Array(size) };
    const { trainNll, testNll, trainAccuracy, testAccuracy, measured } = this.#maps;
    this.#refinement = new Refinement(a.length, [trainNll, testNll], [trainAccuracy, testAccuracy], measured);
  }

  /** Points measured so far. */
  get count(): number {
    return this.#maps.measured.reduce((sum, one) => sum + one, 0);
  }

  /** Takes over what another map of the same plane measured where its points are points of this one; before the first `next`. */
  adopt(other: Pick<Plane, 'a' | 'b'> & Maps): void {
    const n = this.#a.length;
    const [columns, rows] = [matches(this.#a, other.a), matches(this.#b, other.b)];
    rows.forEach((j, y) => columns.forEach((i, x) => {
      const from = j * other.a.length + i;
      if (i < 0 || j < 0 || other.measured[from] !== 1) return;
      for (const name of NAMES) this.#maps[name][y * n + x] = other[name][from]!;
      this.#maps.measured[y * n + x] = 1;
    }));
  }

  /** Grid indices to be measured next; none when the maps are complete. */
  next(): number[] {
    return [...this.#refinement.next()];
  }

  put(points: readonly number[], losses: Losses): void {
    points.forEach((point, i) => {
      for (const name of NAMES) this.#maps[name][point] = losses[name][i]!;
      this.#maps.measured[point] = 1;
    });
  }

  /** A copy, in which what is still to come is interpolated from the finest lattice that is complete. */
  picture(): Maps {
    const { measured } = this.#maps;
    const n = this.#a.length;
    const stride = this.#refinement.complete;
    const axis = stride === null || stride === 1 ? null : axisCubic(n, stride);
    const shown = (map: Float32Array) => (axis ? map.map((value, k) => (Number.isNaN(value) && measured[k] === 0 ? cubicAt(map, n, axis, k) : value)) : map.slice());
    const [trainNll, testNll, trainAccuracy, testAccuracy] = NAMES.map((name) => shown(this.#maps[name])) as [Float32Array, Float32Array, Float32Array, Float32Array];
    return { trainNll, testNll, trainAccuracy, testAccuracy, measured: measured.slice() };
  }
}

/** For each point of an axis the index of the same place on another, −1 where there is none. */
function matches(axis: readonly number[], other: readonly number[]): number[] {
  const near = 1e-6 * (axis.at(-1)! - axis[0]!);
  return axis.map((x) => other.findIndex((y) => Math.abs(x - y) < near));
}
