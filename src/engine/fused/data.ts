/** A data set on the GPU: pixels as they are (bytes stay bytes), and labels of images or of pixels. */
import type { Dataset, Normalisation } from '../../data/dataset.ts';
import { inverseArea } from '../pixels.ts';
import { Buffers } from './buffers.ts';

export interface GpuData {
  readonly dataset: Dataset;
  readonly normalisation: Normalisation;
  readonly images: GPUBuffer;
  readonly labels: GPUBuffer;
  /** The classes of pixels, four in a u32; null where images have labels. */
  readonly maps: GPUBuffer | null;
  /** How much an image's pixels count, by what was asked of `areasOf`. */
  readonly areas: Map<string, GPUBuffer>;
  readonly bytes: boolean;
  readonly buffers: Buffers;
}

/** Throws LabError('memory') when the images fit in no buffer of this device. */
export function uploadData(gpu: GPUDevice, dataset: Dataset, normalisation: Normalisation): GpuData {
  const buffers = new Buffers(gpu);
  const { images: pixels, labels } = dataset;
  const bytes = pixels instanceof Uint8Array;
  const images = stored(buffers, `the images of ${dataset.name}`, pixels);
  const maps = dataset.maps ? stored(buffers, `the label maps of ${dataset.name}`, dataset.maps) : null;
  return { dataset, normalisation, images, bytes, buffers, maps, areas: new Map(), labels: buffers.storage('labels', labels.length, Uint32Array.from(labels)) };
}

/** Bytes four in a u32, numbers one by one. */
function stored(buffers: Buffers, what: string, values: Uint8Array | Float32Array): GPUBuffer {
  const words = values instanceof Uint8Array ? Math.ceil(values.length / 4) : values.length;
  const buffer = buffers.storage(what, words);
  if (values instanceof Uint8Array && values.length % 4 !== 0) {
    const padded = new Uint8Array(words * 4);
    padded.set(values);
    buffers.write(buffer, padded);
  } else {
    buffers.write(buffer, values);
  }
  return buffer;
}

/** [N]: 1/Σ v over the pixels of each image that are not void (`inverseArea`), of data with label maps; made once for the weights v. */
export function areasOf({ dataset: { maps, count, height, width }, areas, buffers }: GpuData, classes: number, weights: Float32Array | null): GPUBuffer {
  const key = `${classes} ${weights?.join() ?? ''}`;
  let held = areas.get(key);
  if (!held) {
    const pixels = height * width;
    const values = Float32Array.from({ length: count }, (_, i) => inverseArea(maps!.subarray(i * pixels, (i + 1) * pixels), classes, weights));
    areas.set(key, (held = buffers.storage('areas of images', count, values)));
  }
  return held;
}
