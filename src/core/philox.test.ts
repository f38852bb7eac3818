/** Philox against the known answers published with Random123 (kat_vectors, philox4x32 10), and the streams built on it. */
import { describe, expect, it } from 'vitest';
import { normalsInto, philox4x32, PURPOSES, Stream } from './philox.ts';

function block(counter: [number, number, number, number], key: [number, number]): string[] {
  const out = new Uint32Array(4);
  philox4x32(...counter, ...key, out);
  return [...out].map((word) => word.toString(16).padStart(8, '0'));
}

describe('philox4x32-10', () => {
  it('gives the published words for zeros', () => {
    expect(block([0, 0, 0, 0], [0, 0])).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']);
  });
  it('gives the published words for all ones', () => {
    const f = 0xffffffff;
    expect(block([f, f, f, f], [f, f])).toEqual(['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd']);
  });
  it('gives the published words for the digits of pi', () => {
    expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))
      .toEqual(['d16cfe09', '94fdcceb', '5001e420', '24126ea1']);
  });
});

function moments(values: number[]): { mean: number; variance: number; skew: number; kurtosis: number } {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const power = (p: number): number => values.reduce((a, b) => a + (b - mean) ** p, 0) / n;
  const variance = power(2);
  return { mean, variance, skew: power(3) / variance ** 1.5, kurtosis: power(4) / variance ** 2 };
}

function correlation(a: number[], b: number[]): number {
  const ma = moments(a);
  const mb = moments(b);
  return a.reduce((sum, x, i) => sum + (x - ma.mean) * (b[i]! - mb.mean), 0) / a.length / Math.sqrt(ma.variance * mb.variance);
}

function take(stream: Stream, n: number, what: 'uniform' | 'normal' = 'normal'): number[] {
  return Array.from({ length: n }, () => stream[what]());
}

describe('Stream', () => {
  const n = 100_000;

  it('draws uniforms on the open unit interval with the right moments', () => {
    const values = take(new Stream(7, 'init'), n, 'uniform');
    const { mean, variance, kurtosis } = moments(values);
    // Five standard errors of each estimate.
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    expect(Math.abs(kurtosis - 1.8)).toBeLessThan(0.03);
    expect(values.every((u) => u > 0 && u < 1)).toBe(true);
  });

  it('draws standard normals', () => {
    const { mean, variance, skew, kurtosis } = moments(take(new Stream(7, 'init'), n));
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(skew)).toBeLessThan(5 * Math.sqrt(6 / n));
    expect(Math.abs(kurtosis - 3)).toBeLessThan(5 * Math.sqrt(24 / n));
  });

  it('is the same for the same coordinates and unrelated for any other', () => {
    const base = take(new Stream(1, 'batch', 2, 3), 20_000);
    expect(take(new Stream(1, 'batch', 2, 3), 20_000)).toEqual(base);
    const others = [new Stream(2, 'batch', 2, 3), new Stream(1, 'augment', 2, 3), new Stream(1, 'batch', 3, 3), new Stream(1, 'batch', 2, 4), new Stream(1, 'batch', 3, 2)];
    for (const other of others) expect(Math.abs(correlation(base, take(other, 20_000)))).toBeLessThan(5 / Math.sqrt(20_000));
  });

  it('gives every purpose numbers of its own', () => {
    const firsts = PURPOSES.map((purpose) => new Stream(0, purpose).uint32());
    expect(new Set(firsts).size).toBe(PURPOSES.length);
  });

  it('draws integers evenly and shuffles every order equally often', () => {
    const stream = new Stream(3, 'split');
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = stream.shuffle([0, 1, 2, 3]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const chi2 = [...counts.values()].reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0);
    expect(counts.size).toBe(24);
    expect(chi2).toBeLessThan(49.7); // χ²₂₃ at 0.999
  });
});

describe('normalsInto', () => {
  it.each([0, 1, 2, 3, 4, 5, 1023])('fills %i numbers with exactly those of the stream, whatever the seed and step', (n) => {
    for (const [seed, step] of [[0, 0], [7, 12], [0xffffffff, 0xffffffff], [-3, 2 ** 31]] as const) {
      const expected = take(new Stream(seed, 'sampler', step), n);
      const exact = new Float64Array(n);
      normalsInto(seed, 'sampler', step, exact);
      expect([...exact]).toEqual(expected);
      const rounded = new Float32Array(n + 1).fill(9);
      normalsInto(seed, 'sampler', step, rounded.subarray(0, n));
      expect([...rounded]).toEqual([...expected.map(Math.fround), 9]);
    }
  });
});
