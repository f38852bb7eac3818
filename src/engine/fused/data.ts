/** A data set on the GPU: pixels as they are (bytes stay bytes) and labels. */
import type { Dataset, Normalisation } from '../../data/dataset.ts';
import { Buffers } from './buffers.ts';

export interface GpuData {
  readonly dataset: Dataset;
  readonly normalisation: Normalisation;
  readonly images: GPUBuffer;
  readonly labels: GPUBuffer;
  readonly bytes: boolean;
  readonly buffers: Buffers;
}

/** Throws LabError('memory') when the images fit in no buffer of this device. */
export function uploadData(gpu: GPUDevice, dataset: Dataset, normalisation: Normalisation): GpuData {
  const buffers = new Buffers(gpu);
  const { images: pixels, labels } = dataset;
  const bytes = pixels instanceof Uint8Array;
  const words = bytes ? Math.ceil(pixels.length / 4) : pixels.length;
  const images = buffers.storage(`the images of ${dataset.name}`, words);
  if (bytes && pixels.length % 4 !== 0) {
    const padded = new Uint8Array(words * 4);
    padded.set(pixels);
    buffers.write(images, padded);
  } else {
    buffers.write(images, pixels);
  }
  return { dataset, normalisation, images, bytes, buffers, labels: buffers.storage('labels', labels.length, Uint32Array.from(labels)) };
}
