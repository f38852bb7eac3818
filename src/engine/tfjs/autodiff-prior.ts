/**
 * The proximal maps of a population's chains, made anew for each block of steps: everything that depends on c = η/N is
 * computed in float64 on the CPU and uploaded once for all chains that share it.
 */
import { dispose, tensor1d, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ChainSpec } from '../contract.ts';
import { core, type DeviceGaussians, once } from './autodiff-gaussians.ts';
import type { Proximal } from './autodiff-update.ts';

export class ProximalMaps {
  readonly #gaussians: DeviceGaussians;
  readonly #vectors = new Map<string, Tensor1D>();
  readonly #cores = new Map<string, Tensor2D>();

  constructor(gaussians: DeviceGaussians) {
    this.#gaussians = gaussians;
  }

  /** Frees what was made for the last block; the maps given out for it are gone. */
  renew(): void {
    dispose([...this.#vectors.values(), ...this.#cores.values()]);
    this.#vectors.clear();
    this.#cores.clear();
  }

  /** The map of one chain for a block with this η; null where it changes nothing. */
  map({ prior, headStrength: asked, frozen, frozenHead = false, indices }: ChainSpec, eta: number): Proximal | null {
    const c = eta / indices.length;
    const headStrength = frozenHead ? 0 : asked;
    const head = 1 / (1 + c * headStrength);
    if (frozen) return headStrength === 0 ? null : { centre: null, shrink: once(this.#vectors, `${head}`, () => tensor1d([head])), lowRank: null };
    if (!prior) {
      return headStrength === 0 ? null : { centre: null, shrink: once(this.#vectors, `plain ${head}`, () => this.#gaussians.padded(() => 1, head)), lowRank: null };
    }
    const { gaussian: index, scale, floor } = prior;
    const gaussian = this.#gaussians.gaussians[index]!;
    const { mean, factor } = this.#gaussians.upload(index);
    const key = JSON.stringify([index, scale, floor, c]);
    const spread = (j: number): number => scale * gaussian.variance[j]! + floor;
    const shrink = once(this.#vectors, `shrink ${key} ${head}`, () => this.#gaussians.padded((j) => spread(j) / (spread(j) + c), head));
    if (!factor) return { centre: mean, shrink, lowRank: null };
    return {
      centre: mean,
      shrink,
      lowRank: {
        factor,
        inverse: once(this.#vectors, `inverse ${key}`, () => this.#gaussians.padded((j) => 1 / (spread(j) + c), 0)),
        core: once(this.#cores, `${key}`, () => core(gaussian, scale, floor + c, c)),
      },
    };
  }
}
