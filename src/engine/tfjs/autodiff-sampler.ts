/**
 * What sampling chains of the autodiff engine need on the device: the pull of their priors with the preconditioner, computed in
 * float64 and uploaded once for all chains that share it (nothing in it depends on η), and noise, made on the CPU for each step.
 */
import { dispose, scalar, tensor1d, type Scalar, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';
import { normalsInto } from '../../core/philox.ts';
import type { ChainSpec, SamplerSpec } from '../contract.ts';
import { mobilityOf, noiseDeviation } from '../sampling.ts';
import { core, type DeviceGaussians, once } from './autodiff-gaussians.ts';
import type { Pull } from './autodiff-update.ts';

export interface Sampling {
  sampler: SamplerSpec;
  pull: Pull;
  /** 1 − α. */
  kept: Scalar;
  /** √M [D + H], on the CPU. */
  root: Float64Array;
}

export class SamplerMaps {
  readonly #gaussians: DeviceGaussians;
  readonly #vectors = new Map<string, Tensor1D>();
  readonly #cores = new Map<string, Tensor2D>();
  readonly #scalars = new Map<number, Scalar>();

  constructor(gaussians: DeviceGaussians) {
    this.#gaussians = gaussians;
  }

  /** null for a chain that does not sample. Throws RangeError for a frozen chain that does. */
  sampling(spec: ChainSpec): Sampling | null {
    const { sampler, prior, headStrength, indices } = spec;
    if (!sampler) return null;
    const { gaussians, extractor, total } = this.#gaussians;
    const n = indices.length;
    const m = mobilityOf(spec, sampler, gaussians, extractor, total);
    const variance = prior && gaussians[prior.gaussian]!.variance;
    const precision = (j: number): number => (prior && variance ? 1 / (prior.scale * variance[j]! + prior.floor) : 0);
    const key = JSON.stringify([prior, headStrength, n, sampler.preconditioned]);
    const uploaded = prior && this.#gaussians.upload(prior.gaussian);
    return {
      sampler,
      kept: once(this.#scalars, sampler.friction, () => scalar(1 - sampler.friction)),
      root: m.map(Math.sqrt),
      pull: {
        mobility: sampler.preconditioned ? once(this.#vectors, `mobility ${key}`, () => this.#gaussians.padded((j) => m[j]!, m[total - 1]!)) : null,
        centre: uploaded && uploaded.mean,
        straight: once(this.#vectors, `straight ${key}`, () => this.#gaussians.padded((j) => (m[j]! * precision(j)) / n, (m[total - 1]! * headStrength) / n)),
        lowRank: prior && uploaded?.factor ? {
          factor: uploaded.factor,
          inverse: once(this.#vectors, `inverse ${JSON.stringify(prior)}`, () => this.#gaussians.padded(precision, 0)),
          core: once(this.#cores, JSON.stringify(prior), () => core(gaussians[prior.gaussian]!, prior.scale, prior.floor, 1)),
        } : null,
      },
    };
  }

  /** √(2αηT·M/N)∘ξ of a step [D + H], a new tensor; null in the part of a cycle without noise. */
  noise(spec: ChainSpec, { sampler, root }: Sampling, step: number, eta: number): Tensor1D | null {
    const deviation = noiseDeviation(spec, sampler, step, eta);
    if (deviation === 0) return null;
    const normals = new Float32Array(root.length);
    normalsInto(sampler.noiseSeed, 'sampler', step, normals);
    return tensor1d(normals.map((x, j) => deviation * root[j]! * x));
  }

  dispose(): void {
    dispose([...this.#vectors.values(), ...this.#cores.values(), ...this.#scalars.values()]);
  }
}
