/** Disagreement against a count of every pair. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { disagreement } from './disagreement.ts';

describe('disagreement', () => {
  const stream = new Stream(2, 'planted');
  const row = (): number[] => {
    const p = [0, 0, 0, 0].map(() => Math.exp(2 * stream.normal()));
    const sum = p.reduce((a, b) => a + b);
    return p.map((x) => x / sum);
  };
  const samples = Array.from({ length: 7 }, () => Array.from({ length: 25 }, row).flat());

  it('is the mean over pairs and rows, counted one by one', () => {
    let [answers, variation, count] = [0, 0, 0];
    samples.forEach((p, i) => samples.slice(i + 1).forEach((q) => {
      for (let r = 0; r < 25; r++) {
        const [a, b] = [p.slice(4 * r, 4 * r + 4), q.slice(4 * r, 4 * r + 4)];
        if (a.indexOf(Math.max(...a)) !== b.indexOf(Math.max(...b))) answers++;
        variation += a.reduce((sum, x, c) => sum + Math.abs(x - b[c]!), 0) / 2;
        count++;
      }
    }));
    const found = disagreement(samples, 4);
    expect(found.answers).toBeCloseTo(answers / count, 12);
    expect(found.totalVariation).toBeCloseTo(variation / count, 12);
    expect(disagreement([...samples].reverse(), 4).totalVariation).toBeCloseTo(found.totalVariation, 12);
  });

  it('is 0 between equals, 1 between certain opposites', () => {
    expect(disagreement([samples[0]!, samples[0]!, samples[0]!], 4)).toEqual({ answers: 0, totalVariation: 0 });
    expect(disagreement([[1, 0], [0, 1]], 2)).toEqual({ answers: 1, totalVariation: 1 });
    // The same answer, less sure of it.
    expect(disagreement([[0.9, 0.1], [0.6, 0.4]], 2)).toEqual({ answers: 0, totalVariation: expect.closeTo(0.3, 12) as number });
  });

  it('has no value for one sample, no rows or NaN', () => {
    for (const none of [[samples[0]!], [], [[], []], [[NaN, 1], [1, 0]]]) expect(disagreement(none, 2)).toEqual({ answers: NaN, totalVariation: NaN });
    expect(() => disagreement([[1, 0], [1, 0, 0, 1]], 2)).toThrow(RangeError);
  });
});
