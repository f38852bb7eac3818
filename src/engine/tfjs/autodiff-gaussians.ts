/** The Gaussians of a population on the device, uploaded once; their D columns are padded to the n = D + H of theta. */
import { dispose, tensor1d, tensor2d, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Gaussian } from '../../core/gaussian.ts';
import { Woodbury } from '../../core/woodbury.ts';

export interface Uploaded {
  /** [D + H], 0 on the head. */
  mean: Tensor1D;
  /** [K, D + H], 0 on the head; null at rank 0. */
  factor: Tensor2D | null;
}

export class DeviceGaussians {
  readonly gaussians: readonly Gaussian[];
  readonly extractor: number;
  readonly total: number;
  readonly #uploaded = new Map<number, Uploaded>();

  /** `extractor` D, `total` D + H. */
  constructor(gaussians: readonly Gaussian[], extractor: number, total: number) {
    this.gaussians = gaussians;
    this.extractor = extractor;
    this.total = total;
  }

  upload(index: number): Uploaded {
    return once(this.#uploaded, index, () => {
      const { mean, factor, rank } = this.gaussians[index]!;
      const wide = new Float32Array(rank * this.total);
      for (let k = 0; k < rank; k++) wide.set(factor.subarray(k * this.extractor, (k + 1) * this.extractor), k * this.total);
      return { mean: this.padded((j) => mean[j]!, 0), factor: rank > 0 ? tensor2d(wide, [rank, this.total]) : null };
    });
  }

  /** [D + H]: a function of j in [0, D), then the same number for the head. */
  padded(extractor: (j: number) => number, head: number): Tensor1D {
    const values = new Float32Array(this.total).fill(head, this.extractor);
    for (let j = 0; j < this.extractor; j++) values[j] = extractor(j);
    return tensor1d(values);
  }

  dispose(): void {
    for (const { mean, factor } of this.#uploaded.values()) dispose(factor ? [mean, factor] : [mean]);
    this.#uploaded.clear();
  }
}

export function once<K, T>(held: Map<K, T>, key: K, make: () => T): T {
  let made = held.get(key);
  if (made === undefined) held.set(key, (made = make()));
  return made;
}

/** gain·S⁻¹ [K, K] with S = I/scale + F A⁻¹ Fᵀ and A = scale·variance + shift, in float64 until the upload. */
export function core(gaussian: Gaussian, scale: number, shift: number, gain: number): Tensor2D {
  const { rank } = gaussian;
  const woodbury = new Woodbury(gaussian, scale);
  woodbury.prepare(shift);
  const values = new Float32Array(rank * rank);
  const column = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    column.fill(0);
    column[k] = 1;
    woodbury.solve(column);
    for (let i = 0; i < rank; i++) values[i * rank + k] = gain * column[i]!;
  }
  return tensor2d(values, [rank, rank]);
}
