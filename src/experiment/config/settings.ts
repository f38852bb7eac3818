/**
 * The one list of settings: it makes the config, its validation, its JSON Schema, the form, the URL, the defaults and
 * the help. Keys are dotted paths; the defaults are the `standard` preset. `stage` is the first stage that a change
 * makes stale: everything from that stage on is computed again, nothing before it.
 */
import { CORRUPTIONS } from '../../data/corrupt.ts';
import { NORMALISATIONS } from '../../data/normalise.ts';
import { TOY_SHAPES } from '../../data/toy.ts';
import { BASIN_STARTS, POSTERIOR_METHODS, SOURCE_METHODS } from '../../posterior/posterior.ts';
import { COVERS } from '../../prior/coverage.ts';
import { ARMS, DEFAULT_ARMS } from '../../prior/prior.ts';
import { SHIFT_VARIANTS } from '../../prior/variants.ts';
import { METHODS } from '../inference/methods.ts';
import { SCALINGS } from '../scaling/scaling-result.ts';
import { choice, choices, integer, integers, names, number, numbers, text } from './setting-kinds.ts';

export const STAGES = ['source', 'posterior', 'downstream', 'surface', 'inference', 'verdict'] as const;
export type Stage = (typeof STAGES)[number];

export const SETTINGS = {
  name: text('verdict', 'Name', 'A name for this experiment; it appears on exports.', 'Noisy scans'),
  seed: integer('source', 'Base seed', 'Everything random follows from this number.', 1, { min: 0, max: 0xffffffff }),

  'source.data': text('source', 'Source data', 'The data set the posterior is learned on: glyphs or toy (built in), or one you added.', 'glyphs'),
  'source.classes': names('source', 'Source classes', 'Class names to learn on; empty means all (for glyphs: A–Z).'),
  'source.normalisation': choice('source', 'Normalisation', 'How networks see pixels of your own source data, and then those of the downstream data: measured (minus the mean, over the standard deviation of the source’s training images), centred (0–1 becomes −1–1) or none.', 'measured', NORMALISATIONS),
  'source.testShare': number('source', 'Source test share', 'Share of the source (for glyphs: of its typefaces) held out to measure source accuracy.', 0.2, { min: 0.05, max: 0.5 }),
  'source.test': integer('source', 'Source test images', 'Held-out source images used to measure accuracy.', 2000, { min: 20, max: 20000, unit: 'images' }),
  'model.architecture': choice('source', 'Network', 'ConvNet-S: 3×3 stride-2 convolutions, global average pool, linear head. ResNet-8 and ResNet-14: three stages of one or two residual blocks with group norm; several times the work. MLP: dense layers on flat pixels.', 'convnet-s', ['convnet-s', 'resnet-8', 'resnet-14', 'mlp']),
  'model.widths': integers('source', 'Widths', 'Channels of each convolution (ConvNet-S) or of each of the three stages (ResNets), or units of each dense layer (MLP).', [16, 32, 64], { min: 1, max: 512 }),
  'model.stem': choice('source', 'Stem stride', 'ResNets: stride of the first convolution. 2 quarters the work of every layer behind it; meant for images of 64×64 pixels or more.', '1', ['1', '2']),
  'source.steps': integer('source', 'Training steps', 'SGD steps on the cosine part of the source schedule. 0, when training starts from weights: straight to SWAG at the SWA rate.', 2000, { min: 0, max: 100000, unit: 'steps' }),
  'source.batch': integer('source', 'Batch', 'Source images in one SGD step.', 64, { min: 1, max: 1024, unit: 'images' }),
  'source.learningRate': number('source', 'Learning rate', 'Source learning rate at the start of the cosine.', 0.1, { min: 1e-6, max: 10 }),
  'source.swaLearningRate': number('source', 'SWA rate', 'Constant learning rate while snapshots are collected; the cosine ends here.', 0.03, { min: 1e-6, max: 10 }),
  'source.weightDecay': number('source', 'Weight decay', 'Strength of the zero-mean Gaussian prior in source training, per example.', 5e-4, { min: 0, max: 1 }),
  'source.rotation': number('source', 'Rotation', 'Augmentation: random rotation up to this angle either way.', 15, { min: 0, max: 180, unit: '°' }),
  'source.scaleLow': number('source', 'Smallest scale', 'Augmentation: random size factor, lower end.', 0.8, { min: 0.2, max: 1 }),
  'source.scaleHigh': number('source', 'Largest scale', 'Augmentation: random size factor, upper end.', 1.1, { min: 1, max: 3 }),
  'source.shift': number('source', 'Translation', 'Augmentation: random shift up to this many pixels either way.', 3, { min: 0, max: 14, unit: 'px' }),
  'source.shear': number('source', 'Shear', 'Augmentation: random horizontal shear up to this factor either way.', 0.2, { min: 0, max: 1 }),

  'source.method': choice('source', 'Learns from', 'Supervised: the labels. SimCLR and VICReg: two random views of each image and no label; the source’s head is then a linear probe, fitted to the labels on the finished features. Rotation, translation, scales and shear turn the views too.', 'supervised', SOURCE_METHODS),
  'source.temperature': number('source', 'Temperature τ', 'SimCLR: divides the cosine between two projections; small values weigh the most similar images most.', 0.2, { min: 0.05, max: 10 }),
  'source.projection': integer('source', 'Projection width', 'SimCLR and VICReg: units of the projection head’s hidden layer and of its output; the head is dropped after training.', 64, { min: 2, max: 512 }),
  'source.varianceWeight': number('source', 'Variance weight', 'VICReg: weight of the term that keeps every output’s standard deviation at 1, beside 1 for the distance of two views (the paper’s 25 to 25).', 1, { min: 0, max: 1000 }),
  'source.covarianceWeight': number('source', 'Covariance weight', 'VICReg: weight of the term that keeps outputs uncorrelated (the paper’s 1 to 25).', 0.04, { min: 0, max: 1000 }),
  'source.crop': number('source', 'Smallest crop', 'Views: smallest share of the image’s area that is cut out and resized to the whole.', 0.5, { min: 0.05, max: 1 }),
  'source.flip': choice('source', 'Mirroring', 'Views: mirror half of them left to right, where that leaves an image what it is (photographs, not letters).', 'none', ['none', 'horizontal']),
  'source.jitter': number('source', 'Colour jitter', 'Views: contrast, brightness and, in colour, each channel change by up to about this share.', 0.4, { min: 0, max: 1 }),
  'source.blur': number('source', 'Blur', 'Views: half of them are blurred, by a standard deviation of up to this.', 1, { min: 0, max: 2, unit: 'px' }),
  'source.noise': number('source', 'Noise of views', 'Views: half of them are noisy, with a standard deviation of up to this.', 0.1, { min: 0, max: 1 }),
  'source.cutout': number('source', 'Cutout', 'Views: half of them lose a square of up to this share of the image’s side.', 0.3, { min: 0, max: 1 }),

  'posterior.steps': integer('source', 'SWAG steps', 'Steps at the SWA rate during which snapshots are collected.', 1600, { min: 2, max: 100000, unit: 'steps' }),
  'posterior.snapshots': integer('source', 'Snapshots', 'Snapshots collected, evenly spaced over the SWAG steps.', 40, { min: 2, max: 1000 }),
  'posterior.rank': integer('source', 'Rank K', 'Last deviations kept as the low-rank covariance factor.', 10, { min: 2, max: 100 }),
  'posterior.method': choice('source', 'Posterior', 'SWAG: moments of the snapshots. Fisher: SWAG’s mean with variances from squared gradients on 2,000 source images (diagonal Laplace), rescaled to SWAG’s total variance so that the same λ grid serves both; it has no low-rank factor, so Low-rank and Diagonal are then the same prior.', 'swag', POSTERIOR_METHODS),
  'posterior.basins': integer('source', 'Basins', 'Solutions around which snapshots are collected; their posteriors are merged into one Gaussian with the moments of the mixture (multi-basin SWAG).', 1, { min: 1, max: 10 }),
  'posterior.basinStart': choice('source', 'Basins start', 'Shared: every basin branches from one trained network where the cosine ends, with batches of its own. Independent: from an initialisation of its own; the mean of such networks is often no network that works, and the page says so.', 'shared', BASIN_STARTS),
  'posterior.draws': integer('posterior', 'Posterior draws', 'Networks drawn from the posterior whose source accuracy is shown.', 5, { min: 0, max: 50 }),
  'embedding.images': integer('verdict', 'Embedding images', 'Training images of the source that a linear probe and nearest neighbours read the network’s features with, beside a random encoder; half as many held-out images are tested. 0 leaves this out.', 2000, { min: 0, max: 10000, unit: 'images' }),

  'toy.shape': choice('source', 'Shape', 'Toy data: the classes in the plane.', 'moons', TOY_SHAPES),
  'toy.noise': number('source', 'Noise', 'Toy data: standard deviation of the noise on both coordinates; the shapes are about 1 in radius.', 0.15, { min: 0, max: 1 }),
  'toy.points': integer('source', 'Source points', 'Toy data: points the source is learned on.', 1000, { min: 10, max: 20000, unit: 'points' }),
  'toy.rotation': number('downstream', 'Rotation', 'Toy data: the downstream points are turned by this angle, counter-clockwise.', 30, { min: -180, max: 180, unit: '°' }),
  'toy.shift': number('downstream', 'Translation', 'Toy data: the downstream points are moved this far to the right.', 0.3, { min: -1, max: 1 }),
  'toy.stretch': number('downstream', 'Stretch', 'Toy data: the downstream points are stretched along x by this factor, before they are turned.', 1.2, { min: 0.25, max: 2 }),
  'toy.extraNoise': number('downstream', 'Added noise', 'Toy data: standard deviation of further noise on the downstream points.', 0.1, { min: 0, max: 1 }),

  'scenes.difficulty': number('downstream', 'Difficulty', 'Scenes: 0 is bright glyphs on black, 1 dim ones on grounds as bright and busy.', 0.5, { min: 0, max: 1 }),
  'scenes.objects': integer('downstream', 'Glyphs in a scene', 'Scenes: at most so many, at least half as many; later ones cover earlier ones.', 4, { min: 1, max: 12 }),
  'scenes.size': integer('downstream', 'Size', 'Scenes: height and width. The glyphs stay as large as those of the source.', 48, { min: 28, max: 128, unit: 'px' }),

  'downstream.data': text('downstream', 'Downstream data', 'The data set to fine-tune on: glyphs, scenes (glyphs with a class at every pixel) or toy (built in), or one you added.', 'glyphs'),
  'downstream.classes': names('downstream', 'Downstream classes', 'Class names to learn; empty means all (for glyphs: the digits; for scenes: the digits in three kinds, or each character named a class of its own). Of label maps the pixels of other classes count for nothing.'),
  'downstream.n': integer('downstream', 'Training images n', 'Labelled images each arm is fine-tuned on, balanced over classes.', 100, { min: 1, max: 50000, unit: 'images' }),
  'downstream.validation': integer('downstream', 'Validation images', 'Images that choose λ, κ and learning rate; 0 means as many as n.', 0, { min: 0, max: 50000, unit: 'images' }),
  'downstream.test': integer('downstream', 'Test images', 'Images the verdict is measured on, never used for tuning.', 2000, { min: 10, max: 50000, unit: 'images' }),
  'downstream.split': choice('downstream', 'Splits', 'Own data that came with training and test splits: keep to them (given), or draw training, validation and test images from all of them (random). Data without splits are always split at random.', 'given', ['given', 'random']),
  'downstream.shift': choice('downstream', 'Shift', 'What makes downstream inputs harder than the source: pixel noise, low contrast, clutter, or nothing.', 'noise', ['none', 'noise', 'low-contrast', 'clutter']),
  'downstream.severity': number('downstream', 'Shift severity', 'Multiplies the shift; 1 is noise of σ = 0.3.', 1, { min: 0, max: 3 }),
  'downstream.validationFaces': choice('downstream', 'Validation typefaces', 'Glyphs only: validation from typefaces of its own (disjoint) or from the training typefaces.', 'disjoint', ['disjoint', 'training']),

  arms: choices('downstream', 'Arms', 'Which ways of fine-tuning compete. Shift-trajectory learns the source again under corruptions first.', [...DEFAULT_ARMS], ARMS),
  seeds: integer('downstream', 'Seeds', 'Repetitions: each is a new split, new batches and a new head start. Below five there is no verdict.', 5, { min: 1, max: 100 }),
  'inference.steps': integer('downstream', 'Fine-tuning steps', 'SGD steps of every arm.', 300, { min: 1, max: 100000, unit: 'steps' }),
  'inference.batch': integer('downstream', 'Batch', 'Downstream images in one SGD step.', 50, { min: 1, max: 1024, unit: 'images' }),
  'inference.learningRate': number('downstream', 'Learning rate', 'Peak of the cosine for arms with a prior; arms without one tune it.', 0.1, { min: 1e-6, max: 10 }),
  'inference.momentum': number('source', 'Momentum', 'Heavy-ball momentum, source and downstream.', 0.9, { min: 0, max: 0.999 }),
  'inference.clip': number('source', 'Gradient clip', 'Largest joint norm of one chain’s NLL gradient, source and downstream.', 5, { min: 1e-3, max: 1e6 }),

  'grid.scales': numbers('downstream', 'λ grid', 'Prior scales tried for each arm with a learned centre.', [30, 100, 300, 1000, 3000], { min: 1e-6, max: 1e12 }),
  'grid.isotropicScales': numbers('downstream', 'λ grid, isotropic', 'Prior scales tried for the zero-mean prior; as many as the λ grid.', [1e4, 3e4, 1e5, 3e5, 1e6], { min: 1e-6, max: 1e12 }),
  'grid.learningRates': numbers('downstream', 'Learning-rate grid', 'Learning rates tried for arms without a scale; as many as the λ grid.', [0.001, 0.003, 0.01, 0.03, 0.1], { min: 1e-6, max: 10 }),
  'grid.headStrengths': numbers('downstream', 'Head strengths κ', 'Strengths of the head prior N(0, I/κ), crossed with every grid above.', [10, 100], { min: 0, max: 1e6 }),
  'prior.floor': number('downstream', 'Floor ε', 'Variance added to every weight of the prior.', 0, { min: 0, max: 1e3 }),

  'prior.covers': choice('downstream', 'Priors cover', 'Weights of the extractor that every prior covers: all; all but norms and biases (weights); or the last layer or residual block (last-block). The others start from the posterior mean and have no prior.', 'all', COVERS),

  'prior.scaling': choice('verdict', 'λ by layer', 'After the single λ is tuned, one factor a layer on top of it, for every prior with a learned centre: by validation NLL (each layer in turn at 0.1, 1 and 10 times its scale), or by the evidence of a diagonal Laplace posterior (empirical Bayes, three refits; it asks no validation images and ignores the directions of a low-rank prior).', 'single', SCALINGS),

  'shift.families': choices('downstream', 'Corruptions', 'Arm Shift-trajectory: families of corruption under which the source is learned again. The one under test is left out all the same, see “Leave out”.', [...CORRUPTIONS], CORRUPTIONS),
  'shift.leaveOut': choice('downstream', 'Leave out', 'Arm Shift-trajectory: leave out the corruption that the downstream shift is of (noise, contrast for low contrast, clutter), so that the arm has never seen what it is tested on; or nothing.', 'tested', ['tested', 'nothing']),
  'shift.runs': integer('downstream', 'Runs under corruption', 'Arm Shift-trajectory: runs, spread evenly over families and five severities. Few (4) lose the gain.', 15, { min: 2, max: 200 }),
  'shift.steps': integer('downstream', 'Steps under corruption', 'Arm Shift-trajectory: SGD steps of each run from the source mean, the source head held.', 120, { min: 1, max: 100000, unit: 'steps' }),
  'shift.learningRate': number('downstream', 'Rate under corruption', 'Arm Shift-trajectory: peak of the cosine of those runs.', 0.03, { min: 1e-6, max: 10 }),
  'shift.variant': choice('downstream', 'Variant', 'Arm Shift-trajectory: the whole posterior; its mean alone with one width for all weights; its layer variances alone around SWAG’s mean; or its covariance attached to the wrong weights (a placebo).', 'whole', SHIFT_VARIANTS),

  'surface.resolution': integer('surface', 'Map resolution', 'Grid points along each axis of the loss maps.', 41, { min: 3, max: 201 }),
  'surface.train': integer('surface', 'Train images on the map', 'Training images each grid point is evaluated on.', 100, { min: 1, max: 20000, unit: 'images' }),
  'surface.test': integer('surface', 'Test images on the map', 'Test images each grid point is evaluated on.', 512, { min: 1, max: 20000, unit: 'images' }),
  'sampling.method': choice('inference', 'Method', 'What follows the MAP solution: nothing; a deep ensemble of MAP chains; or, with the ensemble beside them, draws of a Gaussian around each solution (SWAG; Laplace over all weights or over the last layer) or samples of the posterior by SGLD, SGHMC or cyclical SGHMC.', 'map', METHODS),
  'sampling.chains': integer('inference', 'Chains', 'Members of the ensemble, and independent chains of a sampler, for each arm and seed.', 4, { min: 1, max: 64 }),
  'sampling.steps': integer('inference', 'Sampling steps', 'Of samplers and SWAG: steps of every chain, burn-in included. Laplace takes none.', 600, { min: 10, max: 100000, unit: 'steps' }),
  'sampling.samples': integer('inference', 'Samples', 'Of samplers: networks taken from each chain, evenly over the part of it (or of its cycles) that has noise. Of SWAG and Laplace: draws around each solution.', 20, { min: 1, max: 1000 }),
  'sampling.temperatures': numbers('inference', 'Temperatures T', 'T = 1 is the Bayes posterior; below 1 it is colder, nearer to the MAP solution.', [1, 0.1], { min: 0, max: 100 }),
  'sampling.learningRate': number('inference', 'Step size η', 'Of samplers: constant, or at the start of each cycle. With the preconditioner one value serves all λ.', 0.05, { min: 1e-6, max: 1 }),
  'sampling.friction': number('inference', 'Friction α', 'Of SGHMC, cyclical or not: the share of the velocity lost in a step. SGLD has 1.', 0.1, { min: 0.001, max: 1 }),
  'sampling.cycles': integer('inference', 'Cycles', 'Of cyclical SGHMC: how often the step size starts again.', 4, { min: 1, max: 100 }),
  'sampling.burnIn': number('inference', 'Quiet share', 'Of samplers: share of the run (of each cycle) that goes by without noise and without samples.', 0.4, { min: 0, max: 0.95 }),
  'sampling.preconditioner': choice('inference', 'Preconditioner', 'Of samplers: step sizes by the prior’s variance, so that a tight prior does not make the posterior stiff; or the same for all weights.', 'prior', ['prior', 'none']),
  'sampling.batch': integer('inference', 'Batch', 'Of samplers: downstream images in one step; small batches add noise of their own, which heats the chain.', 100, { min: 1, max: 1024, unit: 'images' }),
  'sampling.swagRate': number('inference', 'SWAG rate', 'Of SWAG: its constant learning rate, as a share of the peak that the solution was trained with.', 0.3, { min: 1e-4, max: 10 }),
  'sampling.snapshots': integer('inference', 'SWAG snapshots', 'Of SWAG: snapshots collected from each solution on, evenly over the sampling steps; the last ten deviations make the low-rank part.', 20, { min: 2, max: 1000 }),
  'robustness.images': integer('inference', 'Corrupted test images', 'Test images of each seed that are damaged in every way and severity to see how predictions hold up; 0 leaves this out, 100 is quick.', 0, { min: 0, max: 2000, unit: 'images' }),
  'robustness.corruptions': choices('inference', 'Corruptions', 'Ways in which those images are damaged, in five severities each.', ['noise', 'blur', 'contrast', 'brightness', 'rotation', 'translation', 'occlusion', 'pixelation'], CORRUPTIONS),
  'robustness.outside': choice('inference', 'Unknown inputs', 'Images of no downstream class, to see whether uncertainty tells them: those of the source’s classes, or none.', 'source', ['source', 'none']),

  'predictive.draws': integer('verdict', 'Draws from each prior', 'Networks drawn from every prior to say what it believes before it sees an image (result.json: priorPredictive). 0 leaves this out of the run; the page then draws 20 when it is asked.', 0, { min: 0, max: 200 }),

  'study.axis': text('verdict', 'x axis', 'Study: the numeric setting that is varied, such as downstream.n (training images), grid.scales (λ, every grid then cut to one value), posterior.rank, posterior.snapshots, model.widths (its first width, the others in proportion), inference.steps, downstream.severity or sampling.temperatures.', 'downstream.n'),
  'study.values': numbers('verdict', 'Values', 'Study: values of the x axis, each a whole comparison with as many seeds as set above. For downstream.n, 0 stands for all images that added data have.', [10, 30, 100, 300], { min: 0, max: 1e12 }),
  'study.minutes': number('verdict', 'Time budget', 'Study: no further part begins after so many minutes of work; what was left out is said. 0 is no limit.', 0, { min: 0, max: 1e5, unit: 'min' }),
  'study.halfWidth': number('verdict', 'Target half width', 'Study: seeds are added, for all arms alike, until every 95% interval of ΔNLL is at most ± this wide; 0 adds none.', 0, { min: 0, max: 10, unit: 'nats' }),
  'study.mostSeeds': integer('verdict', 'Most seeds', 'Study: seeds are added up to so many.', 20, { min: 1, max: 200 }),
  'study.halving': choice('verdict', 'Grid', 'Study: every setting of the grid is trained to its end (full), or at an eighth and a quarter of the steps the better half goes on by validation NLL, for every arm alike (halving).', 'full', ['full', 'halving']),

  'surface.linePoints': integer('surface', 'Line points', 'Points along each line on which the alignment gap is measured.', 101, { min: 5, max: 1001 }),
} as const;

export type SettingKey = keyof typeof SETTINGS;
