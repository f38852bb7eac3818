/**
 * The proximal maps of a population's chains, made anew for each block of steps: everything that depends on c = η/N is
 * computed in float64 on the CPU and uploaded once for all chains that share it; F and the mean are uploaded once.
 */
import { dispose, tensor1d, tensor2d, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { Gaussian } from '../../core/gaussian.ts';
import { Woodbury } from '../../core/woodbury.ts';
import type { ChainSpec } from '../contract.ts';
import type { Proximal } from './autodiff-update.ts';

/** A Gaussian on the device, its D columns padded with zeros to the n = D + H of theta. */
interface Uploaded {
  mean: Tensor1D;
  factor: Tensor2D | null;
}

export class ProximalMaps {
  readonly #priors: Gaussian[];
  readonly #uploaded = new Map<number, Uploaded>();
  readonly #extractor: number;
  readonly #total: number;
  readonly #vectors = new Map<string, Tensor1D>();
  readonly #cores = new Map<string, Tensor2D>();

  /** `extractor` D, `total` D + H. */
  constructor(priors: Gaussian[], extractor: number, total: number) {
    this.#priors = priors;
    this.#extractor = extractor;
    this.#total = total;
  }

  /** Frees what was made for the last block; the maps given out for it are gone. */
  renew(): void {
    dispose([...this.#vectors.values(), ...this.#cores.values()]);
    this.#vectors.clear();
    this.#cores.clear();
  }

  /** The map of one chain for a block with this η; null where it changes nothing. */
  map({ prior, headStrength, frozen, indices }: ChainSpec, eta: number): Proximal | null {
    const c = eta / indices.length;
    const head = 1 / (1 + c * headStrength);
    if (frozen) return headStrength === 0 ? null : { centre: null, shrink: once(this.#vectors, `${head}`, () => tensor1d([head])), lowRank: null };
    if (!prior) {
      return headStrength === 0 ? null : { centre: null, shrink: once(this.#vectors, `plain ${head}`, () => this.#padded(() => 1, head)), lowRank: null };
    }
    const { gaussian: index, scale, floor } = prior;
    const gaussian = this.#priors[index]!;
    const { mean, factor } = this.#upload(index);
    const key = JSON.stringify([index, scale, floor, c]);
    const spread = (j: number): number => scale * gaussian.variance[j]! + floor;
    const shrink = once(this.#vectors, `shrink ${key} ${head}`, () => this.#padded((j) => spread(j) / (spread(j) + c), head));
    if (!factor) return { centre: mean, shrink, lowRank: null };
    return {
      centre: mean,
      shrink,
      lowRank: {
        factor,
        inverse: once(this.#vectors, `inverse ${key}`, () => this.#padded((j) => 1 / (spread(j) + c), 0)),
        core: once(this.#cores, `${key}`, () => core(gaussian, scale, floor, c)),
      },
    };
  }

  dispose(): void {
    this.renew();
    for (const { mean, factor } of this.#uploaded.values()) dispose(factor ? [mean, factor] : [mean]);
    this.#uploaded.clear();
  }

  #upload(index: number): Uploaded {
    let uploaded = this.#uploaded.get(index);
    if (!uploaded) {
      const { mean, factor, rank } = this.#priors[index]!;
      const wide = new Float32Array(rank * this.#total);
      for (let k = 0; k < rank; k++) wide.set(factor.subarray(k * this.#extractor, (k + 1) * this.#extractor), k * this.#total);
      uploaded = { mean: this.#padded((j) => mean[j]!, 0), factor: rank > 0 ? tensor2d(wide, [rank, this.#total]) : null };
      this.#uploaded.set(index, uploaded);
    }
    return uploaded;
  }

  /** [D + H]: a function of j in [0, D), then the same number for the head. */
  #padded(extractor: (j: number) => number, head: number): Tensor1D {
    const values = new Float32Array(this.#total).fill(head, this.#extractor);
    for (let j = 0; j < this.#extractor; j++) values[j] = extractor(j);
    return tensor1d(values);
  }
}

function once<T>(held: Map<string, T>, key: string, make: () => T): T {
  let made = held.get(key);
  if (made === undefined) held.set(key, (made = make()));
  return made;
}

/** c·S⁻¹ [K, K] with S = I/scale + F A⁻¹ Fᵀ and A = scale·variance + floor + c, in float64 until the upload. */
function core(gaussian: Gaussian, scale: number, floor: number, c: number): Tensor2D {
  const { rank } = gaussian;
  const woodbury = new Woodbury(gaussian, scale);
  woodbury.prepare(floor + c);
  const values = new Float32Array(rank * rank);
  const column = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    column.fill(0);
    column[k] = 1;
    woodbury.solve(column);
    for (let i = 0; i < rank; i++) values[i * rank + k] = c * column[i]!;
  }
  return tensor2d(values, [rank, rank]);
}
