/** Where each setting stands on the page: the ones most worth turning in sight, the rest folded away. */
import type { SettingKey } from '../../experiment/config/settings.ts';

export interface Group {
  /** In sight. */
  first: readonly SettingKey[];
  /** Under “More settings”. */
  more: readonly SettingKey[];
}

export const GROUPS = {
  source: {
    first: ['toy.shape', 'toy.noise', 'source.steps', 'model.architecture'],
    more: [
      'model.widths', 'model.stem', 'source.batch', 'source.learningRate', 'source.weightDecay', 'inference.momentum', 'inference.clip',
      'source.rotation', 'source.shift', 'source.scaleLow', 'source.scaleHigh', 'source.shear', 'source.method', 'source.temperature', 'source.varianceWeight', 'source.covarianceWeight', 'source.projection',
      'source.crop', 'source.flip', 'source.jitter', 'source.blur', 'source.noise', 'source.cutout', 'source.normalisation', 'source.testShare', 'source.test', 'embedding.images', 'toy.points', 'seed',
      'shift.runs', 'shift.steps', 'shift.learningRate', 'shift.families', 'shift.leaveOut', 'shift.variant',
    ],
  },
  posterior: {
    first: ['posterior.snapshots', 'posterior.rank'],
    more: ['posterior.method', 'posterior.basins', 'posterior.basinStart', 'posterior.steps', 'source.swaLearningRate', 'posterior.draws', 'predictive.draws'],
  },
  downstream: {
    first: ['downstream.n', 'downstream.shift', 'downstream.severity', 'scenes.difficulty', 'toy.rotation', 'toy.shift', 'toy.stretch', 'toy.extraNoise', 'inference.steps'],
    more: [
      'arms', 'grid.scales', 'grid.isotropicScales', 'grid.learningRates', 'grid.headStrengths', 'inference.learningRate', 'inference.batch',
      'prior.covers', 'prior.floor', 'prior.scaling', 'downstream.validation', 'downstream.validationFaces', 'downstream.test', 'downstream.split', 'scenes.objects', 'scenes.size',
    ],
  },
  inference: {
    first: ['sampling.method', 'sampling.chains', 'sampling.steps', 'sampling.temperatures'],
    more: [
      'sampling.samples', 'sampling.learningRate', 'sampling.friction', 'sampling.cycles', 'sampling.burnIn', 'sampling.preconditioner', 'sampling.batch',
      'sampling.swagRate', 'sampling.snapshots',
      'robustness.images', 'robustness.corruptions', 'robustness.outside',
    ],
  },
  surface: {
    first: [],
    more: ['surface.resolution', 'surface.linePoints', 'surface.train', 'surface.test'],
  },
} as const satisfies Record<string, Group>;

export type GroupName = keyof typeof GROUPS;

/** Set in the run bar, on the data panels and on the study's instead. */
export const ELSEWHERE: readonly SettingKey[] = [
  'study.axis', 'study.values', 'study.minutes', 'study.halfWidth', 'study.mostSeeds', 'study.halving',
  'name', 'seeds', 'source.data', 'source.classes', 'downstream.data', 'downstream.classes',
];
