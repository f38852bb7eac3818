/**
 * The comparison as one population: arms × grid cells × seeds. Every arm has the same number of cells, every chain of a
 * seed the same rows, batch order and head start; arms differ in nothing but start, prior and what they tune.
 */
import type { Gaussian } from '../../core/gaussian.ts';
import type { Split } from '../../data/dataset.ts';
import type { ChainSpec, DataRef, PopulationSpec } from '../../engine/contract.ts';
import { mapChain } from '../../inference/map.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { headStart, initialise } from '../../model/initialise.ts';
import { build } from '../../prior/families.ts';
import { type Arm, type Family, isFamily } from '../../prior/prior.ts';
import type { Config } from '../config/config.ts';
import { joined } from '../source/source.ts';

/** The part of a config that a comparison depends on, besides its data. */
export type ComparisonSettings = Pick<Config,
  | 'arms' | 'inference.steps' | 'inference.batch' | 'inference.learningRate' | 'inference.momentum' | 'inference.clip'
  | 'grid.scales' | 'grid.isotropicScales' | 'grid.learningRates' | 'grid.headStrengths' | 'prior.covers' | 'prior.floor'>;

/** One setting that is tried for an arm. */
export interface Cell {
  arm: Arm;
  /** λ; null for arms without a scale, which tune their learning rate instead. */
  scale: number | null;
  headStrength: number;
  learningRate: number;
  /** The scale (or learning rate) is the smallest or largest of its grid; null inside, and in a grid of one. */
  edge: 'low' | 'high' | null;
}

/** Cells of an arm: its grid crossed with the head strengths. */
export function cellsOf(arm: Arm, settings: ComparisonSettings): Cell[] {
  const grid = isFamily(arm) ? settings[arm === 'isotropic' ? 'grid.isotropicScales' : 'grid.scales'] : settings['grid.learningRates'];
  const [low, high] = [Math.min(...grid), Math.max(...grid)];
  const edgeOf = (value: number): Cell['edge'] => (low === high ? null : value === low ? 'low' : value === high ? 'high' : null);
  return grid.flatMap((value) => settings['grid.headStrengths'].map((headStrength): Cell => ({
    arm, headStrength, edge: edgeOf(value),
    ...(isFamily(arm) ? { scale: value, learningRate: settings['inference.learningRate'] } : { scale: null, learningRate: value }),
  })));
}

/** A chain of the comparison: what it tries, for which seed (an index into `seeds`). */
export interface Entry {
  cell: Cell;
  seed: number;
}

/** Names an entry within its comparison. */
export function cellName({ cell: { arm, scale, headStrength, learningRate }, seed }: Entry): string {
  return [arm, scale, headStrength, learningRate, seed].join(' ');
}

export interface PlanInput {
  architecture: Architecture;
  /** Over the extractor's w [D]. */
  posterior: Gaussian;
  /** The prior of the arm shift-trajectory at λ = 1, where that takes part. */
  shift?: Gaussian | null;
  data: DataRef;
  seeds: number[];
  splits: Split[];
  settings: ComparisonSettings;
  /** Trains these alone (`cellName`); absent or null: all. */
  only?: ReadonlySet<string> | null;
}

/** Chains seed by seed (so that neighbours share batches), within a seed arm by arm; `entries[i]` says what chain i is. */
export function planComparison(input: PlanInput): { spec: PopulationSpec; entries: Entry[] } {
  const { architecture, posterior, shift, data, seeds, splits, settings, only } = input;
  const { entries: parameters, extractor } = parameterTable(architecture);
  const families = settings.arms.filter(isFamily);
  const cells = settings.arms.flatMap((arm) => cellsOf(arm, settings));
  const starts: Float32Array[] = [];
  const chains: ChainSpec[] = [];
  const entries: Entry[] = [];
  seeds.forEach((seed, s) => {
    const h = headStart(architecture, seed);
    const pretrained = starts.push(joined(posterior.mean, h)) - 1;
    const scratch = settings.arms.includes('scratch') ? starts.push(joined(initialise(architecture, seed).subarray(0, extractor), h)) - 1 : -1;
    for (const cell of cells) {
      if (only && !only.has(cellName({ cell, seed: s }))) continue;
      entries.push({ cell, seed: s });
      chains.push(mapChain({
        start: cell.arm === 'scratch' ? scratch : pretrained,
        seed, indices: splits[s]!.train, frozen: cell.arm === 'probe',
        prior: isFamily(cell.arm) ? { gaussian: families.indexOf(cell.arm), scale: cell.scale!, floor: settings['prior.floor'] } : null,
        headStrength: cell.headStrength, learningRate: cell.learningRate, steps: settings['inference.steps'],
      }));
    }
  });
  const priors = families.map((family: Family) => build(family, posterior, parameters, settings['prior.covers'], shift));
  const spec: PopulationSpec = {
    architecture, data, batch: settings['inference.batch'], augmentation: null,
    momentum: settings['inference.momentum'], clip: settings['inference.clip'], starts, priors, chains,
  };
  return { spec, entries };
}
