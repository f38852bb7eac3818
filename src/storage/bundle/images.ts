/**
 * A downstream task as a safetensors file, for `compare.py`: `images` [N, H, W, C] (U8, or F32 in 0…1), `labels` [N] (I32) and for each seed the rows
 * `train.<seed>`, `validation.<seed>`, `test.<seed>` (I32); `__metadata__.priorscape_data` says name, class names, licence and SHA-256. Only rows that a split
 * reads are written; they are numbered anew.
 */
import { LabError } from '../../core/errors.ts';
import type { DownstreamTask } from '../../experiment/tasks.ts';
import { float32Tensor, type Tensor, writeSafetensors } from '../../prior/safetensors.ts';

/** Larger files belong elsewhere. */
const MOST_BYTES = 2 ** 30;
const PARTS = ['train', 'validation', 'test'] as const;

/** Throws LabError('memory') for more than a gibibyte of images. */
export function imagesFile({ dataset, seeds, splits }: DownstreamTask): Uint8Array<ArrayBuffer> {
  const used = [...new Set(splits.flatMap((split) => PARTS.flatMap((part) => [...split[part]])))].sort((a, b) => a - b);
  const { height, width, channels, images, labels, name, classNames, licence, sha256 } = dataset;
  const size = height * width * channels;
  if (used.length * size * images.BYTES_PER_ELEMENT > MOST_BYTES) {
    throw new LabError('memory', `The ${used.length} images of ${name} are too many for a bundle; save it without its images, or ask for fewer test images or seeds.`);
  }
  const place = new Map(used.map((row, i) => [row, i]));
  const shape = [used.length, height, width, channels];
  const picked = images instanceof Uint8Array ? new Uint8Array(used.length * size) : new Float32Array(used.length * size);
  used.forEach((row, i) => picked.set(images.subarray(row * size, (row + 1) * size), i * size));
  const tensors = new Map<string, Tensor>([
    ['images', picked instanceof Uint8Array ? { dtype: 'U8', shape, bytes: picked } : float32Tensor(shape, picked)],
    ['labels', int32Tensor(used.map((row) => labels[row]!))],
  ]);
  splits.forEach((split, s) => {
    for (const part of PARTS) tensors.set(`${part}.${seeds[s]!}`, int32Tensor(Array.from(split[part], (row) => place.get(row)!)));
  });
  return writeSafetensors(tensors, new Map([['format', 'pt'], ['priorscape_data', JSON.stringify({ name, classNames, licence, sha256, seeds })]]));
}

function int32Tensor(values: readonly number[]): Tensor {
  return { dtype: 'I32', shape: [values.length], bytes: new Uint8Array(Int32Array.from(values).buffer) };
}
