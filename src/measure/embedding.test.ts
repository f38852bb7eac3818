/** Alignment and uniformity against closed forms, and the jackknife of pairs against doing it row by row. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { mean } from '../core/statistics.ts';
import { classPairs, overPairs, pairDistances, pairInterval } from './embedding.ts';
import { unitRows } from './knn.ts';

/** Points spread evenly over a circle: the mean of exp(−2d²) over it is e⁻⁴·I₀(4). */
const circle = (n: number) => Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 ? Math.sin : Math.cos)((2 * Math.PI * (i >> 1)) / n));
/** I₀(4), Abramowitz & Stegun table 9.8. */
const BESSEL = 11.301921952136331;

describe('the embedding', () => {
  it('of a whole circle has the uniformity log(e⁻⁴·I₀(4)) and the spread 2; of one point 0 and 0', () => {
    const n = 400;
    const { uniformity, spread } = overPairs(circle(n), 2);
    // Pairs of a row with itself are left out, which the mean over the circle has.
    expect(Math.log((Math.exp(uniformity.whole) * (n - 1) + 1) / n)).toBeCloseTo(Math.log(Math.exp(-4) * BESSEL), 10);
    expect((spread.whole * (n - 1)) / n).toBeCloseTo(2, 10);
    const collapsed = overPairs(unitRows(new Float64Array(30).fill(1), 3), 3);
    expect([collapsed.uniformity.whole, collapsed.spread.whole]).toEqual([0, 0]);
  });

  it('leaves each row out as if it had never been there', () => {
    const stream = new Stream(1, 'draw');
    const unit = unitRows(Float64Array.from({ length: 36 }, () => stream.normal()), 3);
    const { uniformity, spread } = overPairs(unit, 3);
    for (let r = 0; r < 12; r++) {
      const rest = overPairs(unit.filter((_, i) => Math.floor(i / 3) !== r), 3);
      expect(uniformity.without[r]).toBeCloseTo(rest.uniformity.whole, 12);
      expect(spread.without[r]).toBeCloseTo(rest.spread.whole, 12);
    }
    const { mean: whole, ci95, seeds } = pairInterval(uniformity);
    expect([whole, seeds]).toEqual([uniformity.whole, 12]);
    expect(ci95![0]).toBeLessThan(whole);
    expect(pairInterval(uniformity, uniformity)).toMatchObject({ mean: 0, ci95: [0, 0] });
  });

  it('aligns pairs by their squared distance, 2 at right angles', () => {
    expect([...pairDistances(Float64Array.of(1, 0, 0, 1, -1, 0), 2, [0, 1, 0, 2, 1, 1])]).toEqual([2, 4, 0]);
    const pairs = classPairs([3, 1, 3, 3, 1, 0]);
    expect([...pairs]).toEqual([0, 2, 1, 4]);
    expect(mean(pairDistances(circle(4), 2, [0, 2]))).toBeCloseTo(4, 12);
  });
});
