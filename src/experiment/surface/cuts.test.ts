import { describe, expect, it } from 'vitest';
import { cutAlong, cutBetween, cutFamilies, lineName, mapReach, rangeAround, scanPoints } from './cuts.ts';
import { directionWords, readLineSpec, readPlaneSpec } from './cut-spec.ts';

describe('cuts', () => {
  it('put the learned prior first and L2-SP and isotropic beside it', () => {
    expect(cutFamilies(['none', 'isotropic', 'diagonal', 'low-rank', 'l2-sp'])).toEqual(['low-rank', 'l2-sp', 'isotropic']);
    expect(cutFamilies(['none', 'layerwise', 'l2-sp'])).toEqual(['layerwise', 'l2-sp']);
    expect(cutFamilies(['none', 'scratch'])).toEqual([]);
  });

  it('between two solutions goes through both and half a length beyond', () => {
    const cut = cutBetween(Float32Array.of(0, 0), Float32Array.of(3, 4), { from: 'plain', to: 'L2-SP' })!;
    expect(cut).toMatchObject({ cut: 'plain → L2-SP', from: 'plain', to: 'L2-SP', ends: [0, 5], range: [-2.5, 7.5] });
    expect([...cut.ray.u].map((x) => x * 5)).toEqual([expect.closeTo(3, 5), expect.closeTo(4, 5)]);
    expect(cutBetween(Float32Array.of(1), Float32Array.of(1), { from: 'plain', to: 'L2-SP' })).toBeNull();
  });

  it('along a direction start at their point and are scanned', () => {
    const u = Float32Array.of(0, 1);
    expect(cutAlong('top', Float32Array.of(2, 3), 'mean + probe', { u, length: 0.5 }, 7)).toEqual({
      cut: 'top', from: 'mean + probe', to: null, ray: { origin: Float32Array.of(2, 3), u, length: 0.5 }, ends: [0, 0.5], range: null, reach: 7,
    });
  });

  it('scans finely near the middle and far out, then keeps both minimisers inside', () => {
    const t = scanPoints(512);
    expect(t).toHaveLength(21);
    expect([t[0], t[10], t[11], t[20]]).toEqual([-512, 0, 1, 512]);
    const at = (centre: number) => t.map((x) => (x - centre) ** 2);
    expect(rangeAround(t, at(4), at(-8), 512)[1]).toBeGreaterThanOrEqual(8 * 2);
    expect(rangeAround(t, at(0), at(0), 512)).toEqual([-2, 2]);
    expect(rangeAround(t, at(500), at(0), 512)).toEqual([-512, 512]);
  });

  it('a map along a direction reaches to where the training loss has risen by a nat', () => {
    const t = scanPoints(512);
    const bowl = (width: number) => t.map((x) => (x / width) ** 2);
    expect(mapReach(t, bowl(30), bowl(30), 512)).toBe(32);
    expect(mapReach(t, bowl(1000), bowl(1000), 512)).toBe(512);
  });
});

describe('names of cuts', () => {
  it('say what spans them', () => {
    expect(lineName({ kind: 'between', from: 'pre-trained', to: 'none' })).toBe('pre-trained → plain');
    expect(lineName({ kind: 'basin', direction: { kind: 'covariance', index: 1 }, arms: ['none'] })).toBe('basin: covariance direction 2');
    expect(directionWords({ kind: 'low-variance', draw: 0 })).toBe('low-variance direction');
  });

  it('are refused in one sentence when they name what does not exist', () => {
    const points = ['pre-trained', 'none', 'low-rank'];
    expect(readPlaneSpec({ kind: 'points', points })).toEqual({ kind: 'points', points });
    for (const bad of [null, {}, { kind: 'points', points: points.slice(1) }, { kind: 'trajectory', arm: 'pre-trained' }, { kind: 'points', points, extra: 1 }]) {
      expect(() => readPlaneSpec(bad)).toThrow(/^The plane .* cannot be understood/);
    }
    expect(() => readLineSpec({ kind: 'between', from: 'nowhere', to: 'none' })).toThrow(/^The line /);
  });
});
