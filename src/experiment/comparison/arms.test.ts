import { describe, expect, it } from 'vitest';
import { buildArchitecture, parameterTable } from '../../model/build.ts';
import { ARMS, DEFAULT_ARMS, isFamily } from '../../prior/prior.ts';
import { cellsOf, planComparison } from './arms.ts';
import { defaults } from '../config/config.ts';

const settings = defaults('standard');
const architecture = buildArchitecture('convnet-s', { widths: [2, 3], input: { height: 8, width: 8, channels: 1 }, classes: 4 });
const { extractor } = parameterTable(architecture);
const posterior = { mean: Float32Array.from({ length: extractor }, (_, j) => Math.sin(j)), variance: new Float32Array(extractor).fill(1e-3), factor: new Float32Array(2 * extractor).fill(0.01), rank: 2 };
const splits = [0, 1].map((s) => ({ train: Uint32Array.of(3 * s, 3 * s + 1), validation: Uint32Array.of(3 * s + 2), test: Uint32Array.of(9) }));
const plan = () => planComparison({ architecture, posterior, data: { id: 1 }, seeds: [7, 8], splits, settings });

describe('cells of an arm', () => {
  it('every arm is tuned with the same number of runs', () => {
    expect(new Set(ARMS.map((arm) => cellsOf(arm, settings).length))).toEqual(new Set([10]));
  });

  it('arms with a scale tune it at one learning rate, the others tune the learning rate', () => {
    expect(cellsOf('diagonal', settings).map((cell) => cell.scale)).toEqual([30, 30, 100, 100, 300, 300, 1000, 1000, 3000, 3000]);
    expect(new Set(cellsOf('diagonal', settings).map((cell) => cell.learningRate))).toEqual(new Set([0.1]));
    expect(cellsOf('isotropic', settings)[0]!.scale).toBe(1e4);
    expect(cellsOf('probe', settings).map((cell) => cell.scale)).toEqual(new Array(10).fill(null));
    expect(new Set(cellsOf('none', settings).map((cell) => cell.learningRate))).toEqual(new Set(settings['grid.learningRates']));
  });

  it('marks the ends of a grid, wherever they stand in it, and none in a grid of one', () => {
    expect(cellsOf('l2-sp', { ...settings, 'grid.scales': [300, 30, 100], 'grid.headStrengths': [1] }).map((cell) => cell.edge)).toEqual(['high', 'low', null]);
    expect(cellsOf('l2-sp', { ...settings, 'grid.scales': [30], 'grid.headStrengths': [1] }).map((cell) => cell.edge)).toEqual([null]);
  });
});

describe('the population of a comparison', () => {
  it('is arms × cells × seeds', () => {
    const { spec, entries } = plan();
    expect(spec.chains).toHaveLength(DEFAULT_ARMS.length * 10 * 2);
    expect(entries).toHaveLength(spec.chains.length);
  });

  it('gives every chain of a seed the same rows, batch order and head start', () => {
    const { spec, entries } = plan();
    for (const s of [0, 1]) {
      const own = spec.chains.filter((_, i) => entries[i]!.seed === s);
      expect(new Set(own.map((chain) => chain.indices))).toEqual(new Set([splits[s]!.train]));
      expect(new Set(own.map((chain) => chain.seed))).toEqual(new Set([[7, 8][s]]));
      const heads = own.map((chain) => spec.starts[chain.start]!.slice(extractor).join());
      expect(new Set(heads).size).toBe(1);
    }
    expect(spec.starts[0]!.slice(extractor)).not.toEqual(spec.starts[2]!.slice(extractor));
  });

  it('starts every arm but scratch at the posterior mean, and freezes the probe alone', () => {
    const { spec, entries } = plan();
    spec.chains.forEach((chain, i) => {
      const { arm, scale } = entries[i]!.cell;
      const atMean = spec.starts[chain.start]!.subarray(0, extractor).every((w, j) => w === posterior.mean[j]);
      expect(atMean).toBe(arm !== 'scratch');
      expect(chain.frozen).toBe(arm === 'probe');
      expect(chain.prior === null).toBe(!isFamily(arm));
      expect(chain.prior?.scale ?? null).toBe(scale);
    });
  });

  it('hands each family its own Gaussian', () => {
    const { spec, entries } = plan();
    const of = (arm: string) => spec.priors[spec.chains[entries.findIndex((entry) => entry.cell.arm === arm)]!.prior!.gaussian]!;
    expect(of('isotropic').mean.every((w) => w === 0)).toBe(true);
    expect(of('l2-sp').mean).toEqual(posterior.mean);
    expect(of('low-rank').rank).toBe(2);
    expect(of('diagonal').rank).toBe(0);
  });

  it('starts the shift-trajectory arm where the others start, under a prior that is centred elsewhere', () => {
    const shift = { ...posterior, mean: posterior.mean.map((w) => w + 1) };
    const arms = ['l2-sp', 'shift-trajectory'] as const;
    const { spec, entries } = planComparison({ architecture, posterior, shift, data: { id: 1 }, seeds: [7, 8], splits, settings: { ...settings, arms } });
    const first = (arm: string) => spec.chains[entries.findIndex((entry) => entry.cell.arm === arm)]!;
    expect(first('shift-trajectory').start).toBe(first('l2-sp').start);
    expect(spec.priors[first('shift-trajectory').prior!.gaussian]).toBe(shift);
    expect(() => planComparison({ architecture, posterior, data: { id: 1 }, seeds: [7, 8], splits, settings: { ...settings, arms } })).toThrow(RangeError);
  });
});
