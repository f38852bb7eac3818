/** Statistics against published examples, cases worked by hand, and simulation of what intervals and verdicts promise. */
import { describe, expect, it } from 'vitest';
import { Stream } from './philox.ts';
import { holm, interval95, judgeTable, judging, mean, pairedDifference, standardDeviation } from './statistics.ts';

describe('interval over seeds', () => {
  it('is the hand-computed one', () => {
    // 1…5: mean 3, sd √2.5, half width 2.7764·√2.5/√5 = 1.9632.
    const { mean: centre, ci95, seeds, dropped } = interval95([1, 2, 3, 4, 5]);
    expect([centre, seeds, dropped]).toEqual([3, 5, 0]);
    expect(ci95![0]).toBeCloseTo(1.0368, 4);
    expect(ci95![1]).toBeCloseTo(4.9632, 4);
  });
  it('has no width below two values and no mean of nothing', () => {
    expect(interval95([4])).toEqual({ mean: 4, ci95: null, seeds: 1, dropped: 0 });
    expect(interval95([NaN, Infinity])).toEqual({ mean: NaN, ci95: null, seeds: 0, dropped: 2 });
  });
  it('leaves non-finite values out and counts them', () => {
    expect(interval95([1, NaN, 2, 3, -Infinity, 4, 5])).toEqual({ ...interval95([1, 2, 3, 4, 5]), dropped: 2 });
  });
});

describe('mean and standard deviation', () => {
  it('are exact far from zero', () => {
    const values = [4, 7, 13, 16].map((x) => x + 1e9);
    expect(mean(values)).toBe(1e9 + 10);
    expect(standardDeviation(values)).toBeCloseTo(Math.sqrt(30), 12);
    expect(standardDeviation([1])).toBeNaN();
  });
});

describe('paired difference', () => {
  const base = [1.0, 2.0, 3.0, 4.0, 5.0];
  const lower = base.map((x, i) => x - 0.5 - 0.01 * i);
  it('is paired: a spread between seeds that both share does not hide the difference', () => {
    const { mean: difference, ci95 } = pairedDifference(lower, base);
    // Differences −.50, −.51, …, −.54: sd .015811, half width 2.7764·.015811/√5 = .019632.
    expect(difference).toBeCloseTo(-0.52, 12);
    expect(ci95![0]).toBeCloseTo(-0.539632, 6);
    expect(ci95![1]).toBeCloseTo(-0.500368, 6);
  });
  it('has the p of the published example: sleep under two drugs (Student 1908), t = −4.0621, p = 0.002833', () => {
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
    const { mean: difference, ci95, p } = pairedDifference(first, second);
    expect(difference).toBeCloseTo(-1.58, 12);
    expect(ci95![0]).toBeCloseTo(-2.4598858, 6);
    expect(ci95![1]).toBeCloseTo(-0.7001142, 6);
    expect(p).toBeCloseTo(0.00283289, 7);
  });
  it('knows differences without any spread, and no p below two pairs', () => {
    expect(pairedDifference(base, base)).toEqual({ mean: 0, ci95: [0, 0], seeds: 5, dropped: 0, p: 1 });
    expect(pairedDifference([2, 3, 4], [1, 2, 3]).p).toBe(0);
    expect(pairedDifference([1, NaN], [2, 3])).toMatchObject({ seeds: 1, dropped: 1, p: NaN });
  });
  it('refuses lists that do not pair', () => {
    expect(() => pairedDifference([1], [1, 2])).toThrow(RangeError);
  });
});

describe('Holm’s adjustment', () => {
  // Values of R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm") and of a list out of order with a tie.
  it.each([
    [[0.01, 0.02, 0.03, 0.04, 0.05], [0.05, 0.08, 0.09, 0.09, 0.09]],
    [[0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]],
    [[0.2, 0.001, 0.001], [0.2, 0.003, 0.003]],
    [[0.6, 0.7], [1, 1]],
    [[0.03], [0.03]],
    [[], []],
  ])('of %j is %j', (p, adjusted) => {
    const found = holm(p);
    expect(found).toHaveLength(adjusted.length);
    found.forEach((one, i) => expect(one).toBeCloseTo(adjusted[i]!, 12));
  });
});

describe('verdicts of a table', () => {
  const lowerIsBetter = () => true;
  const of = (...values: number[]) => pairedDifference(values, values.map(() => 0));
  const clear = of(-0.5, -0.51, -0.52, -0.53, -0.54);
  /** Excludes 0 by itself: p about 0.03. */
  const slight = of(-1, -3, -2, -0.5, -3.5);
  it('say better or worse by the direction of the metric', () => {
    expect(judgeTable([clear], lowerIsBetter)[0]).toMatchObject({ verdict: 'better', seeds: 5 });
    expect(judgeTable([clear], () => false)[0]!.verdict).toBe('worse');
    expect(judging([clear], false)(clear)!.verdict).toBe('worse');
    expect(judging([clear], false)(null)).toBeNull();
  });
  it('ask more of a difference the more there are beside it', () => {
    expect(slight.ci95![1]).toBeLessThan(0);
    expect(judgeTable([slight], lowerIsBetter)[0]!.verdict).toBe('better');
    const beside = judgeTable([slight, of(1, -1, 2, -2, 0.5), of(1, 2, -3, 1, -0.5)], lowerIsBetter);
    expect(beside.map(({ verdict }) => verdict)).toEqual(['no detectable difference', 'no detectable difference', 'no detectable difference']);
    expect(beside[0]!.holm).toBeCloseTo(3 * slight.p, 12);
  });
  it('count a question that stands twice once', () => {
    const other = of(1, 3, 2, 0.5, 3.5);
    const judged = judgeTable([slight, other], lowerIsBetter, () => 'a to b');
    expect(judged.map(({ verdict, holm: p }) => [verdict, p])).toEqual([['better', other.p], ['worse', other.p]]);
  });
  it('are not given, and cost the others nothing, below five pairs', () => {
    const few = of(-0.5, -0.51, -0.52, -0.53);
    expect(judgeTable([few, slight], lowerIsBetter)).toMatchObject([{ verdict: 'too few seeds', holm: null }, { verdict: 'better', holm: slight.p }]);
    expect(judgeTable([pairedDifference([NaN, ...[1, 2, 3, 4]], [0, 0.5, 1.5, 2.5, 3.5])], lowerIsBetter)[0]).toMatchObject({ verdict: 'too few seeds', seeds: 4 });
  });
});

describe('by simulation', () => {
  const SEEDS = 5;
  const normals = (repeat: number, part: number, count: number, offset = 0) => {
    const stream = new Stream(repeat, 'planted', part, offset);
    return Array.from({ length: count }, () => stream.normal());
  };

  it('the 95% interval holds the true mean in 95% of 4,000 repetitions', () => {
    let held = 0;
    for (let i = 0; i < 4000; i++) {
      const [low, high] = interval95(normals(i, 0, SEEDS).map((z) => 3 + 2 * z)).ci95!;
      if (low <= 3 && 3 <= high) held++;
    }
    // Standard error 0.0034.
    expect(Math.abs(held / 4000 - 0.95)).toBeLessThan(0.0105);
  });

  it('a table of arms that do not differ, each to two rivals, holds any “better” or “worse” in at most 5% of 2,000 studies', () => {
    const ARMS = 8;
    const verdicts = (repeat: number, gain: number) => {
      // Seeds differ far more than arms; every difference to one rival shares that rival's noise.
      const seeds = normals(repeat, 1, SEEDS);
      const arms = Array.from({ length: ARMS }, (_, a) => normals(repeat, 2, SEEDS, a).map((z, s) => 5 * seeds[s]! + z - (a === 2 ? gain : 0)));
      const table = [0, 1].flatMap((rival) => arms.flatMap((arm, a) => (a === rival ? [] : [{ question: [a, rival].sort().join(), arm: a, ...pairedDifference(arm, arms[rival]!) }])));
      return judgeTable(table, () => true, ({ question }) => question);
    };
    let [wrong, uncorrected] = [0, 0];
    for (let i = 0; i < 2000; i++) {
      const table = verdicts(i, 0);
      if (table.some(({ verdict }) => verdict !== 'no detectable difference')) wrong++;
      if (table.some(({ p }) => p < 0.05)) uncorrected++;
    }
    expect(wrong).toBeLessThanOrEqual(100);
    // Without the correction every third such study would have found something: the test sees what it guards against.
    expect(uncorrected).toBeGreaterThan(500);
    // And a real difference is found all the same.
    expect(Array.from({ length: 100 }, (_, i) => verdicts(i, 12)).filter((table) => table.some(({ arm, verdict }) => arm === 2 && verdict === 'better')).length).toBeGreaterThan(90);
  });
});
