/** What every contestant trains: noise in the shape of the lab's images, ConvNet-S (or its segmentation network), or colour noise of 32×32 for ResNet-8; batch 32, heavy ball. */
import type { Gaussian } from '../../../core/gaussian.ts';
import { Stream } from '../../../core/philox.ts';
import type { Dataset } from '../../../data/dataset.ts';
import type { Views } from '../../../data/views.ts';
import type { ChainSpec, DataRef, PopulationSpec } from '../../../engine/contract.ts';
import type { Architecture } from '../../../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../../../model/build.ts';
import { initialise } from '../../../model/initialise.ts';
import { projectionOf } from '../../../model/projection.ts';
import { segmentationOf } from '../../../model/segmentation.ts';
import type { Contestant } from '../plan.ts';

export const SIDE = 28;
export const CLASSES = 10;
export const BATCH = 32;
export const MOMENTUM = 0.9;
/** Small, so that thousands of steps on noise stay finite and every step does the same work. */
export const LEARNING_RATE = 1e-3;
/** Rows of the data set: those of a chain and the evaluation rows of the surface. */
export const ROWS = 512;
export const NORMALISATION = { mean: 0.5, std: 0.29 };

export type Widths = readonly [number, number, number];
export const CONVNET_S: Widths = [16, 32, 64];

/** Of ResNet-8. */
const COLOUR = { height: 32, width: 32, channels: 3 };

export function network(widths: Widths, task?: Contestant['task']): Architecture {
  if (task === 'resnet-8') return buildArchitecture(task, { widths: [...widths], input: COLOUR, classes: CLASSES });
  const classifier = buildArchitecture('convnet-s', { widths: [...widths], input: { height: SIDE, width: SIDE, channels: 1 }, classes: CLASSES });
  switch (task) {
    case undefined: return classifier;
    case 'pixels': return segmentationOf(classifier, CLASSES);
    case 'simclr': return projectionOf(classifier, PROJECTION);
    default: return task satisfies never;
  }
}

/** Of SimCLR: the temperature, the projection's width and the views, which the project's engines make anew in every step. */
export const TEMPERATURE = 0.2;
export const PROJECTION = 64;
const VIEWS: Views = { affine: null, crop: 0.5, flip: true, jitter: 0.4, blur: 1, noise: 0.1, cutout: 0.3 };

export function noise(task?: Contestant['task']): Dataset {
  const stream = new Stream(1, 'shift');
  const { height, width, channels } = task === 'resnet-8' ? COLOUR : { height: SIDE, width: SIDE, channels: 1 };
  const pixels = ROWS * height * width;
  return {
    name: 'noise', images: Uint8Array.from({ length: pixels * channels }, () => stream.integer(256)), maps: Uint8Array.from({ length: pixels }, (_, p) => p % CLASSES),
    labels: Uint16Array.from({ length: ROWS }, (_, i) => i % CLASSES), count: ROWS, height, width, channels,
    classNames: Array.from({ length: CLASSES }, (_, i) => String(i)), sha256: '', licence: '',
  };
}

export const everyRow = (): Uint32Array => Uint32Array.from({ length: ROWS }, (_, i) => i);

/** A posterior of the usual size around a start: variances near 5e-5, `rank` directions. */
export function gaussianAround(mean: Float32Array, rank: number): Gaussian {
  const stream = new Stream(3, 'sampler');
  const factor = Float32Array.from({ length: rank * mean.length }, () => 1e-3 * stream.normal());
  return { mean, variance: Float32Array.from(mean, () => 5e-5 * (0.5 + stream.uniform())), factor, rank };
}

/** `rank` null: no prior at all; 0: a diagonal one. Every chain has batches of its own. */
export function populationOf(data: DataRef, { chains, widths, rank, task }: Pick<Contestant, 'chains' | 'widths' | 'rank' | 'task'>): PopulationSpec {
  const architecture = network(widths, task);
  const start = initialise(architecture, 1);
  const prior = rank === null ? null : { gaussian: 0, scale: 100, floor: 0 };
  return {
    architecture, data, batch: BATCH, augmentation: null, ...(task === 'simclr' ? { objective: { kind: 'nt-xent' as const, temperature: TEMPERATURE, views: VIEWS } } : {}), momentum: MOMENTUM, clip: 5, starts: [start],
    priors: rank === null ? [] : [gaussianAround(start.slice(0, parameterTable(architecture).extractor), rank)],
    chains: Array.from({ length: chains }, (_, seed): ChainSpec => ({
      start: 0, seed, indices: everyRow(), schedule: { start: LEARNING_RATE, end: LEARNING_RATE, steps: 10 }, frozen: false, prior, headStrength: prior ? 10 : 0, sampler: null,
    })),
  };
}
