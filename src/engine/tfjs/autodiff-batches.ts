/**
 * The batches of a group of chains on the device. Without augmentation the group's training rows are uploaded once and
 * gathered by position; augmented (or very many) rows are read on the CPU and uploaded each step.
 */
import { concat, dispose, gather, slice, tensor, tensor1d, tensor2d, type Tensor, type Tensor1D, type Tensor2D, tidy } from '@tensorflow/tfjs-core';
import type { Augmentation } from '../../data/dataset.ts';
import { BatchOrder } from '../batches.ts';
import type { Objective } from '../contract.ts';
import { type LoadedData, readAugmented, readRows, readViews } from '../input.ts';
import { inverseArea, readMaps } from '../pixels.ts';
import type { AutodiffNetwork } from './autodiff-network.ts';
import { type Criterion, labelCriterion, type Labelled } from './autodiff-update.ts';
import { viewCriterion } from './autodiff-views.ts';

/** Training rows beyond this many bytes stay in main memory. */
const RESIDENT_BYTES = 64 * 2 ** 20;

export interface Batch {
  /** [B, H, W, C], or [B, features]; [2B, H, W, C] where views are compared. */
  x: Tensor;
  criterion: Criterion;
}

/** x [padded, H, W, C]: rows [from, from + count), then zeros. */
export function uploadImages(data: LoadedData, rows: Uint32Array, from: number, count: number, padded: number): Tensor {
  const { height, width, channels } = data.dataset;
  const x = new Float32Array(padded * height * width * channels);
  readRows(data, rows, from, count, x);
  return tensor(x, [padded, height, width, channels]);
}

/** Targets −onehot/divisor and labels of rows, then targets 0 and labels −1 up to `padded`. */
export function uploadLabels(data: LoadedData, rows: Uint32Array, padded: number, classes: number, divisor: number): Labelled {
  const targets = new Float32Array(padded * classes);
  const labels = new Int32Array(padded).fill(-1);
  rows.forEach((row, i) => {
    const label = data.dataset.labels[row]!;
    labels[i] = label;
    targets[i * classes + label] = -1 / divisor;
  });
  return { targets: tensor2d(targets, [padded, classes]), labels: tensor1d(labels, 'int32') };
}

/**
 * As `uploadLabels`, a row a pixel: targets −onehot·v/(Σ v over the pixels of its image that are not void)/divisor, where v are the weights of classes (null: 1); void pixels have
 * targets 0 and labels −1.
 */
export function uploadMaps({ dataset }: LoadedData, rows: Uint32Array, padded: number, classes: number, divisor: number, weights: Float32Array | null): Labelled {
  const pixels = dataset.height * dataset.width;
  const maps = new Uint8Array(rows.length * pixels);
  readMaps(dataset, rows, 0, rows.length, maps);
  const targets = new Float32Array(padded * pixels * classes);
  const labels = new Int32Array(padded * pixels).fill(-1);
  for (let row = 0; row < rows.length; row++) {
    const share = inverseArea(maps.subarray(row * pixels, (row + 1) * pixels), classes, weights) / divisor;
    for (let p = row * pixels; p < (row + 1) * pixels; p++) {
      const label = maps[p]!;
      if (label >= classes) continue;
      labels[p] = label;
      targets[p * classes + label] = -share * (weights ? weights[label]! : 1);
    }
  }
  return { targets: tensor2d(targets, [padded * pixels, classes]), labels: tensor1d(labels, 'int32') };
}

export interface BatchOptions {
  data: LoadedData;
  indices: Uint32Array;
  seed: number;
  batch: number;
  classes: number;
  augmentation: Augmentation | null;
  objective: Objective | null;
  /** Pixels have labels, and classes these weights (null: 1); absent: rows have labels. */
  pixels?: { weights: Float32Array | null };
}

export class BatchReader {
  readonly batch: number;
  readonly #options: BatchOptions;
  readonly #order: BatchOrder;
  readonly #positions: Uint32Array;
  readonly #rows: Uint32Array;
  readonly #resident: (Labelled & { x: Tensor }) | null;

  /** `features` [N, F] take the place of the images when given, and belong to the reader. */
  constructor(options: BatchOptions, features: Tensor2D | null) {
    const { data, indices, seed, augmentation, objective, classes, pixels } = options;
    const { height, width, channels } = data.dataset;
    this.#options = options;
    this.batch = Math.min(options.batch, indices.length);
    this.#order = new BatchOrder(seed, indices);
    this.#positions = new Uint32Array(this.batch);
    this.#rows = new Uint32Array(this.batch);
    const n = indices.length;
    const resident = features ?? (augmentation || objective || pixels || 4 * n * height * width * channels > RESIDENT_BYTES ? null : uploadImages(data, indices, 0, n, n));
    this.#resident = resident && { x: resident, ...uploadLabels(data, indices, n, classes, this.batch) };
  }

  /** The batch of this step; call inside a tidy. */
  read(step: number): Batch {
    if (this.#resident) {
      this.#order.positions(step, this.#positions);
      const { x, targets, labels } = this.#resident;
      const positions = tensor1d(Int32Array.from(this.#positions), 'int32');
      return { x: gather(x, positions), criterion: labelCriterion({ targets: gather(targets, positions), labels: gather(labels, positions) }) };
    }
    this.#order.rows(step, this.#rows);
    const { data, seed, augmentation, objective, classes, pixels } = this.#options;
    if (objective) return { x: this.#filled(2 * this.batch, (x) => readViews(data, this.#rows, objective.views, seed, step, x)), criterion: viewCriterion(objective) };
    const x = augmentation ? this.#filled(this.batch, (out) => readAugmented(data, this.#rows, augmentation, seed, step, out)) : uploadImages(data, this.#rows, 0, this.batch, this.batch);
    return { x, criterion: labelCriterion(pixels ? uploadMaps(data, this.#rows, this.batch, classes, this.batch, pixels.weights) : uploadLabels(data, this.#rows, this.batch, classes, this.batch)) };
  }

  #filled(images: number, read: (x: Float32Array) => void): Tensor {
    const { height, width, channels } = this.#options.data.dataset;
    const x = new Float32Array(images * height * width * channels);
    read(x);
    return tensor(x, [images, height, width, channels]);
  }

  dispose(): void {
    if (this.#resident) dispose([this.#resident.x, this.#resident.targets, this.#resident.labels]);
  }
}

/** Features [N, F] of rows under an extractor with parameters w [D], in padded chunks of one shape. */
export function featuresOf(data: LoadedData, rows: Uint32Array, network: AutodiffNetwork, w: Tensor1D): Tensor2D {
  const chunk = chunkFor(rows.length);
  return tidy(() => {
    const bound = network.bind(w);
    const parts: Tensor2D[] = [];
    for (let from = 0; from < rows.length; from += chunk) {
      parts.push(tidy(() => network.apply(bound, uploadImages(data, rows, from, Math.min(chunk, rows.length - from), chunk))));
    }
    return slice(parts.length === 1 ? parts[0]! : concat(parts, 0), [0, 0], [rows.length, network.outputs]);
  });
}

/** Rows evaluated at once: a power of two, so that few shapes occur (the WebGPU backend keeps a buffer of every size it saw). */
export function chunkFor(rows: number, most = 256): number {
  let chunk = Math.min(16, most);
  while (chunk < rows && chunk < most) chunk *= 2;
  return chunk;
}
