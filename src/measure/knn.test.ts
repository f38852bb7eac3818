/** Nearest neighbours against a full sort of all cosines, and their votes by hand. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { nearest, unitRows, vote } from './knn.ts';

const stream = new Stream(4, 'draw');
const normals = (n: number) => Float32Array.from({ length: n }, () => stream.normal());

function bruteForce(base: Float32Array, query: Float32Array, from: number, f: number, k: number) {
  const cosine = (at: number) => {
    let [ab, aa, bb] = [0, 0, 0];
    for (let j = 0; j < f; j++) {
      ab += base[at + j]! * query[from + j]!;
      aa += base[at + j]! ** 2;
      bb += query[from + j]! ** 2;
    }
    return ab / Math.sqrt(aa * bb);
  };
  return Array.from({ length: base.length / f }, (_, row) => ({ row, similarity: cosine(row * f) })).sort((a, b) => b.similarity - a.similarity || a.row - b.row).slice(0, k);
}

describe('nearest neighbours', () => {
  it.each([[1, 7], [5, 7], [20, 3], [60, 7]])('of %i among 40 rows of %i numbers are those of a full sort', (k, f) => {
    const base = normals(40 * f);
    const query = normals(6 * f);
    const [unitBase, unitQuery] = [unitRows(base, f), unitRows(query, f)];
    for (let q = 0; q < 6; q++) {
      const found = nearest(unitBase, unitQuery, q * f, f, k);
      const all = bruteForce(base, query, q * f, f, k);
      expect([...found.rows]).toEqual(all.map(({ row }) => row));
      found.similarity.forEach((one, i) => expect(one).toBeCloseTo(all[i]!.similarity, 10));
    }
  });

  it('takes the earlier of equals, and finds a row that is zero similar to nothing', () => {
    const base = unitRows([1, 0, 0, 0, 2, 0, 0, 3], 2);
    expect([...nearest(base, unitRows([5, 0], 2), 0, 2, 3).rows]).toEqual([0, 2, 1]);
    expect([...base.subarray(2, 4)]).toEqual([0, 0]);
  });

  it('votes by exp(similarity/0.07): one close row outweighs two far ones', () => {
    const labels = [2, 0, 0];
    const rows = Uint32Array.of(0, 1, 2);
    expect(vote({ rows, similarity: Float64Array.of(0.9, 0.84, 0.84) }, labels, 3)).toBe(2);
    expect(vote({ rows, similarity: Float64Array.of(0.9, 0.87, 0.87) }, labels, 3)).toBe(0);
  });
});
