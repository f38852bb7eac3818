/** Named starting points. `standard` is the list of settings as it stands; the others say what they change. */
import type { Config } from './config.ts';

export const presetNames = ['smoke', 'quick', 'standard'] as const;
export type PresetName = (typeof presetNames)[number];

export const PRESETS: Record<PresetName, Partial<Config>> = {
  /** Seconds: shows that everything runs, proves nothing. */
  smoke: {
    'model.widths': [4, 8, 16],
    'source.steps': 30,
    'posterior.steps': 20,
    'posterior.snapshots': 5,
    'posterior.rank': 3,
    'posterior.draws': 2,
    'source.batch': 16,
    'source.test': 100,
    'downstream.n': 20,
    'downstream.test': 100,
    seeds: 2,
    'inference.steps': 10,
    'inference.batch': 16,
    'grid.scales': [100, 1000],
    'grid.isotropicScales': [1e5, 1e6],
    'grid.learningRates': [0.01, 0.1],
    'grid.headStrengths': [10],
    'shift.runs': 4,
    'shift.steps': 5,
    'surface.resolution': 7,
    'surface.train': 20,
    'surface.test': 64,
    'surface.linePoints': 21,
    'sampling.chains': 2,
    'sampling.steps': 20,
    'sampling.samples': 4,
    'sampling.cycles': 2,
    'sampling.temperatures': [1],
    'sampling.batch': 16,
  },
  /** About two minutes on two cores without a GPU: what the page opens on. */
  quick: {
    'model.widths': [8, 16, 32],
    'source.steps': 600,
    'posterior.steps': 200,
    'posterior.snapshots': 20,
    'source.test': 1000,
    'downstream.test': 500,
    'inference.steps': 100,
    // A short source run leaves a wider posterior: its scales lie a decade below those of the standard preset.
    'grid.scales': [3, 30, 300],
    'grid.isotropicScales': [1e2, 1e3, 1e4],
    'grid.learningRates': [0.003, 0.01, 0.03],
    'grid.headStrengths': [10],
    'surface.resolution': 21,
    'surface.test': 256,
    'sampling.chains': 2,
    'sampling.steps': 200,
    'sampling.samples': 12,
    'sampling.temperatures': [1, 0.1],
    'sampling.batch': 50,
  },
  /** What is compared with the literature: half an hour on one core without a GPU. */
  standard: {},
};

export const PRESET_WORDS: Record<PresetName, string> = {
  smoke: 'Seconds. Everything runs once, small; the numbers mean nothing.',
  quick: 'About two minutes without a GPU. A small network, five seeds.',
  standard: 'The full comparison: half an hour without a GPU.',
};
