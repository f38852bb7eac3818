import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { axisCubic, bilinear, cubicAt, nodesOf } from './lattice.ts';
import { bandsOf, missIn, Refinement, strides, TOLERANCE } from './refine.ts';

type Field = (x: number, y: number) => number;

/** On [−1, 1]². */
function sampled(n: number, field: Field): Float32Array {
  const at = (i: number): number => -1 + (2 * i) / (n - 1);
  return Float32Array.from({ length: n * n }, (_, point) => field(at(point % n), at(Math.floor(point / n))));
}

/** What a driver does. Errors in band widths of the true map. */
function refine(n: number, field: Field, other: Field = () => 0) {
  const truth = [sampled(n, field), sampled(n, other)] as const;
  const maps = truth.map((map) => new Float32Array(map.length).fill(NaN)) as [Float32Array, Float32Array];
  const share = new Float32Array(n * n).fill(NaN);
  const measured = new Uint8Array(n * n);
  const refinement = new Refinement(n, maps, [share], measured);
  const asked: number[] = [];
  for (let points = refinement.next(); points.length > 0; points = refinement.next()) {
    for (const point of points) {
      asked.push(point);
      maps.forEach((map, f) => (map[point] = truth[f]![point]!));
      share[point] = (point % n) / (n - 1);
      measured[point] = 1;
    }
  }
  const worst = Math.max(...truth.map((map, f) => {
    const bands = bandsOf(Array.from(map));
    return map.reduce((most, value, i) => Math.max(most, missIn(value, maps[f]![i]!, bands)), 0);
  }));
  return { truth, maps, share, measured, asked, complete: refinement.complete, worst, measuredShare: asked.length / n ** 2 };
}

/** Σ of eight cosines of random direction, on a bowl. */
function waves(frequency: number, seed: number): Field {
  const stream = new Stream(seed, 'planted');
  const terms = Array.from({ length: 8 }, () => [frequency * stream.normal(), frequency * stream.normal(), 2 * Math.PI * stream.uniform()] as const);
  return (x, y) => 3 + x * x + y * y + terms.reduce((sum, [a, b, phase]) => sum + 0.3 * Math.cos(a * x + b * y + phase), 0);
}

/** The mean NLL of a random two-layer ReLU network on 12 random examples, along two random directions of its weights. */
function network(seed: number): Field {
  const stream = new Stream(seed, 'planted', 1);
  const normals = (count: number): number[] => Array.from({ length: count }, () => stream.normal());
  const [inputs, hidden, classes, rows] = [10, 12, 4, 12];
  const size = hidden * (inputs + classes);
  const [w, u, v] = [normals(size), normals(size), normals(size)];
  const examples = Array.from({ length: rows }, () => normals(inputs));
  return (x, y) => {
    const theta = w.map((one, j) => 0.3 * one + x * u[j]! + y * v[j]!);
    let sum = 0;
    examples.forEach((example, row) => {
      const h = Array.from({ length: hidden }, (_, k) => Math.max(0, example.reduce((s, value, i) => s + value * theta[k * inputs + i]!, 0)));
      const logits = Array.from({ length: classes }, (_, c) => h.reduce((s, value, k) => s + value * theta[hidden * inputs + c * hidden + k]!, 0));
      const top = Math.max(...logits);
      sum += top - logits[row % classes]! + Math.log(logits.reduce((s, logit) => s + Math.exp(logit - top), 0));
    });
    return sum / rows;
  };
}

describe('strides', () => {
  it('of the resolutions in use', () => {
    expect(strides(201)).toEqual([40, 20, 10, 5, 1]);
    expect(strides(101)).toEqual([20, 10, 5, 1]);
    expect(strides(51)).toEqual([10, 5, 1]);
    expect(strides(41)).toEqual([8, 4, 2, 1]);
    expect(strides(21)).toEqual([4, 2, 1]);
    expect(strides(7)).toEqual([1]);
  });

  it('of every resolution begin with few points and are nested', () => {
    for (let n = 3; n <= 201; n++) {
      const found = strides(n);
      const counts = found.map((stride) => nodesOf(n, stride).length);
      expect(counts[0]).toBeLessThanOrEqual(10);
      expect(counts[0]).toBeGreaterThanOrEqual(Math.min(5, n));
      expect(found.at(-1)).toBe(1);
      found.slice(1).forEach((stride, i) => {
        expect(found[i]! % stride).toBe(0);
        expect(found[i]! / stride).toBeLessThanOrEqual(5);
        const finer = new Set(nodesOf(n, stride));
        expect(nodesOf(n, found[i]!).every((node) => finer.has(node))).toBe(true);
      });
    }
  });
});

describe('refinement', () => {
  const bowl: Field = (x, y) => 1 + 3 * (x - 0.2) ** 2 + x * y + 5 * (y + 0.1) ** 2;

  it('of a quadratic measures the first two lattices only', () => {
    for (const n of [101, 201]) {
      const { asked, worst, maps, complete } = refine(n, bowl, (x, y) => 0.5 + (x + 0.3) ** 2 + y * y);
      expect(asked).toHaveLength(11 * 11);
      expect(worst).toBeLessThan(1e-2);
      expect(complete).toBe(1);
      expect(maps.every((map) => map.every(Number.isFinite))).toBe(true);
    }
  });

  it('asks for no point twice and leaves measured values alone, at any resolution', () => {
    for (const n of [3, 5, 9, 20, 38, 54, 68, 83]) {
      const { asked, truth, maps, measured, worst } = refine(n, waves(3, 2), bowl);
      expect(new Set(asked).size).toBe(asked.length);
      for (const point of asked) expect([maps[0][point], maps[1][point]]).toEqual([truth[0][point], truth[1][point]]);
      expect(measured.reduce((sum, one) => sum + one, 0)).toBe(asked.length);
      expect(worst).toBeLessThan(TOLERANCE);
    }
  });

  it('of smooth random fields keeps the error below the tolerance at a small share of the points', () => {
    for (const seed of [1, 2, 3, 4]) {
      for (const [frequency, share] of [[1, 0.1], [2, 0.3], [8, 1.1]] as const) {
        const { worst, measuredShare } = refine(101, waves(frequency, seed), waves(frequency, seed + 10));
        expect(worst).toBeLessThan(TOLERANCE);
        expect(measuredShare).toBeLessThan(share);
      }
    }
  });

  it('of the loss of a network is true to a part of a band', () => {
    const { worst, measuredShare } = refine(101, network(1), network(2));
    expect(worst).toBeLessThan(0.5);
    expect(measuredShare).toBeLessThan(0.2);
  });

  it('measures a sharp ridge and not the slopes beside it', () => {
    const n = 101;
    const distance: Field = (x, y) => Math.abs(x - 0.3 * y - 0.05);
    const { measured, measuredShare, worst } = refine(n, (x, y) => distance(x, y) + 0.2 * x * x);
    const away = sampled(n, distance);
    const onRidge = Array.from(measured).filter((_, point) => away[point]! < 0.02);
    expect(onRidge.length).toBeGreaterThan(n);
    expect(onRidge.filter((one) => one === 1).length / onRidge.length).toBeGreaterThan(0.98);
    expect(measuredShare).toBeLessThan(0.3);
    expect(worst).toBeLessThan(TOLERANCE);
  });

  it('measures everything in and around a region that is not finite', () => {
    const n = 101;
    const hole: Field = (x, y) => ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.04 ? NaN : bowl(x, y));
    const { measured, maps, truth, measuredShare } = refine(n, hole);
    truth[0].forEach((value, point) => {
      const near = [0, 1, -1, n, -n].some((step) => Number.isNaN(truth[0][point + step] ?? 0));
      if (near) expect(measured[point]).toBe(1);
      expect(Number.isNaN(maps[0][point])).toBe(Number.isNaN(value));
    });
    expect(measuredShare).toBeLessThan(0.3);
  });

  it('measures nothing more far above the last band', () => {
    // A plain of height 0 … 1 over four fifths of the map, then rough mountains.
    const rough: Field = (x, y) => (x < 0.6 ? (x + 1) / 2 : 100 + 50 * Math.sin(40 * x) * Math.sin(40 * y));
    const n = 101;
    const { measured } = refine(n, rough);
    const inside = Array.from(measured).filter((_, point) => point % n > 92);
    expect(inside.filter((one) => one === 1).length / inside.length).toBeLessThan(0.06);
    const below = refine(n, (x, y) => (x < 0.6 ? (x + 1) / 2 : 0.7 + 0.3 * Math.sin(40 * x) * Math.sin(40 * y))).measured;
    const seen = Array.from(below).filter((_, point) => point % n > 92);
    expect(seen.filter((one) => one === 1).length / seen.length).toBeGreaterThan(0.9);
  });

  it('goes on from points that are there already', () => {
    const n = 51;
    const [field, measured, truth] = [new Float32Array(n * n).fill(NaN), new Uint8Array(n * n), sampled(n, waves(3, 5))];
    const run = (limit: number): number => {
      const refinement = new Refinement(n, [field], [], measured);
      let count = 0;
      for (let points = refinement.next(); points.length > 0; points = refinement.next()) {
        for (const point of points) {
          if (count === limit) return count;
          [field[point], measured[point]] = [truth[point]!, 1];
          count++;
        }
      }
      return count;
    };
    const whole = refine(n, waves(3, 5)).asked.length;
    expect(run(150)).toBe(150);
    expect(run(Infinity)).toBe(whole - 150);
    expect(run(Infinity)).toBe(0);
  });

  it('refuses maps of another size', () => {
    expect(() => new Refinement(5, [new Float32Array(24)], [], new Uint8Array(25))).toThrow(RangeError);
  });
});

describe('values between the points of a lattice', () => {
  it('are exact for cubics, also where the last interval is shorter', () => {
    const n = 38;
    const cubic: Field = (x, y) => 1 + x ** 3 - 2 * x * x * y + y ** 3 + x;
    const truth = sampled(n, cubic);
    const coarse = new Set(nodesOf(n, 8));
    const known = truth.map((value, point) => (coarse.has(point % n) && coarse.has(Math.floor(point / n)) ? value : NaN));
    const axis = axisCubic(n, 8);
    truth.forEach((value, point) => expect(cubicAt(known, n, axis, point)).toBeCloseTo(value, 4));
  });

  it('of an accuracy never leave its range', () => {
    const { share } = refine(101, (x, y) => x * x + y * y);
    share.forEach((value, point) => expect(value).toBeCloseTo((point % 101) / 100, 5));
    const steps = Float32Array.from({ length: 49 }, (_, point) => (point % 7 < 3 ? 0 : 1));
    for (let point = 0; point < 49; point++) expect([0, 1 / 3, 2 / 3, 1]).toContainEqual(expect.closeTo(bilinear(steps, 7, 3, point), 5));
  });
});
