import { describe, expect, it } from 'vitest';
import { cumulativeShare, decadesAround, tightDecades } from './posterior.ts';

describe('log domains', () => {
  it('hold every positive value', () => {
    expect(decadesAround([3e-4, 2e-2])).toEqual([expect.closeTo(1e-4, 12), expect.closeTo(0.1, 12)]);
    expect(decadesAround([1e-3])).toEqual([expect.closeTo(1e-3, 12), expect.closeTo(1e-2, 12)]);
    expect(decadesAround([0, NaN])).toEqual([0.1, 1]);
    const [low, high] = tightDecades([0.4, 0.003]);
    expect(low).toBeCloseTo(10 ** -3, 9);
    expect(high).toBeCloseTo(10 ** 0, 9);
  });

  it('the spectrum adds up to its trace', () => {
    expect(cumulativeShare([6, 3, 1])).toEqual([0.6, 0.9, 1]);
  });
});
