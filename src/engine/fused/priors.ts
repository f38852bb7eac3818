/**
 * What the update kernels need of the priors of a cohort, uploaded once (means, variances, factors, a chain's facts) or
 * once a chunk (learning rates; the K×K inverses S⁻¹ = (I/scale + F A⁻¹ Fᵀ)⁻¹, float64 on the CPU, one for each distinct
 * prior, scale, floor and c of a block of steps).
 */
import { choleskyInPlace, choleskySolve } from '../../core/cholesky.ts';
import type { Gaussian } from '../../core/gaussian.ts';
import { learningRate } from '../../core/schedule.ts';
import { weightedGram } from '../../core/woodbury.ts';
import { BLOCK } from '../batches.ts';
import type { ChainSpec } from '../contract.ts';
import type { Buffers } from './buffers.ts';
import { KINDS, strideOf } from './kernels/update.ts';
import { type Net, pad4 } from './net.ts';
import type { UpdateBuffers } from './training.ts';

const FACTS = 8;

interface Inverse {
  gaussian: Gaussian;
  scale: number;
  floor: number;
  chain: ChainSpec;
}

export class Priors implements UpdateBuffers {
  readonly directions: number;
  readonly lowRank: number;
  readonly list: GPUBuffer;
  readonly chains: GPUBuffer;
  readonly moments: GPUBuffer;
  readonly factors: GPUBuffer;
  readonly rates: GPUBuffer;
  readonly inverses: GPUBuffer;
  /** Distinct inverses of a block. */
  readonly count: number;
  readonly #specs: readonly ChainSpec[];
  readonly #distinct: Inverse[] = [];
  readonly #rates: Float32Array<ArrayBuffer>;
  readonly #inverses: Float32Array<ArrayBuffer>;
  readonly #buffers: Buffers;
  /** Blocks whose inverses are held, in their order. */
  #blocks: number[] = [];

  /** `blocks`: how many blocks of steps a chunk may touch. */
  constructor(buffers: Buffers, net: Net, specs: readonly ChainSpec[], gaussians: readonly Gaussian[], blocks: number) {
    this.#buffers = buffers;
    this.#specs = specs;
    const stride = strideOf(net);
    const used = [...new Set(specs.flatMap(({ prior }) => (prior ? [prior.gaussian] : [])))];
    const rank = Math.max(0, ...used.map((q) => gaussians[q]!.rank));
    this.directions = pad4(rank);
    const facts = new DataView(new ArrayBuffer(specs.length * FACTS * 4));
    const lowRank: number[] = [];
    const known = new Map<string, number>();
    specs.forEach((chain, r) => {
      const { prior } = chain;
      const gaussian = prior ? gaussians[prior.gaussian]! : null;
      const isLowRank = gaussian !== null && gaussian.rank > 0 && !chain.frozen;
      if (isLowRank) lowRank.push(r);
      const words = [
        gaussian === null ? KINDS.none : isLowRank ? KINDS.lowRank : KINDS.diagonal,
        prior ? used.indexOf(prior.gaussian) : 0, chain.frozen ? 1 : 0,
        isLowRank ? this.#inverseOf(known, { gaussian, scale: prior!.scale, floor: prior!.floor, chain }) : 0,
      ];
      words.forEach((word, i) => facts.setUint32((r * FACTS + i) * 4, word, true));
      [prior?.scale ?? 1, prior?.floor ?? 0, chain.indices.length, chain.headStrength].forEach((x, i) => facts.setFloat32((r * FACTS + 4 + i) * 4, x, true));
    });
    this.lowRank = lowRank.length;
    this.count = this.#distinct.length;
    this.list = buffers.storage('low-rank chains', lowRank.length, Uint32Array.from(lowRank));
    this.chains = buffers.storage('chains', specs.length * FACTS, new Uint32Array(facts.buffer));
    this.moments = buffers.storage('the priors', used.length * stride * 2, momentsOf(used.map((q) => gaussians[q]!), stride));
    this.factors = buffers.storage('the covariance factors', used.length * this.directions * stride, factorsOf(used.map((q) => gaussians[q]!), this.directions, stride));
    this.#rates = new Float32Array(blocks * specs.length);
    this.#inverses = new Float32Array(blocks * this.count * this.directions ** 2);
    this.rates = buffers.storage('learning rates', this.#rates.length);
    this.inverses = buffers.storage('inverses', this.#inverses.length);
  }

  /** Makes ready for the blocks that steps [first, first + steps) touch; a block begun by the last upload keeps its inverses. */
  upload(first: number, steps: number): void {
    const from = Math.floor(first / BLOCK);
    const blocks = Math.floor((first + steps - 1) / BLOCK) - from + 1;
    const size = this.count * this.directions ** 2;
    const kept = this.#blocks.indexOf(from);
    if (kept > 0) this.#inverses.copyWithin(0, kept * size, (kept + 1) * size);
    for (let b = 0; b < blocks; b++) {
      const at = (from + b) * BLOCK;
      this.#specs.forEach((chain, r) => (this.#rates[b * this.#specs.length + r] = learningRate(chain.schedule, at)));
      if (b > 0 || kept < 0) this.#distinct.forEach((one, i) => {
        const c = learningRate(one.chain.schedule, at) / one.chain.indices.length;
        writeInverse(one, c, this.#inverses, (b * this.count + i) * this.directions ** 2, this.directions);
      });
    }
    this.#blocks = Array.from({ length: blocks }, (_, b) => from + b);
    this.#buffers.write(this.rates, this.#rates);
    if (this.count > 0) this.#buffers.write(this.inverses, this.#inverses);
  }

  #inverseOf(known: Map<string, number>, one: Inverse): number {
    const key = JSON.stringify([one.chain.prior, one.chain.schedule, one.chain.indices.length]);
    let i = known.get(key);
    if (i === undefined) known.set(key, (i = this.#distinct.push(one) - 1));
    return i;
  }
}

/** (mean, variance) of every parameter, [Gaussian, S, 2]; 0 and 1 beyond the extractor. */
function momentsOf(gaussians: readonly Gaussian[], stride: number): Float32Array {
  const out = new Float32Array(Math.max(1, gaussians.length) * stride * 2).fill(1);
  gaussians.forEach(({ mean, variance }, q) => {
    for (let j = 0; j < stride; j++) {
      out[2 * (q * stride + j)] = mean[j] ?? 0;
      out[2 * (q * stride + j) + 1] = variance[j] ?? 1;
    }
  });
  return out.subarray(0, gaussians.length * stride * 2);
}

/** F as the kernels read it: [Gaussian, K/4, S] of four directions, zero beyond the rank and beyond the extractor. */
function factorsOf(gaussians: readonly Gaussian[], directions: number, stride: number): Float32Array {
  const out = new Float32Array(gaussians.length * directions * stride);
  gaussians.forEach(({ factor, rank, mean }, q) => {
    const d = mean.length;
    for (let k = 0; k < rank; k++) {
      const base = (q * (directions / 4) + (k >> 2)) * stride;
      for (let j = 0; j < d; j++) out[4 * (base + j) + (k & 3)] = factor[k * d + j]!;
    }
  });
  return out;
}

/** S⁻¹ [K, K] for one c, padded to [directions, directions] with zeros. */
function writeInverse({ gaussian, scale, floor }: Inverse, c: number, out: Float32Array, at: number, directions: number): void {
  const { variance, factor, rank } = gaussian;
  const d = variance.length;
  const weights = new Float64Array(d);
  for (let j = 0; j < d; j++) weights[j] = 1 / (scale * variance[j]! + floor + c);
  const lower = new Float64Array(rank * rank);
  weightedGram(factor, rank, d, weights, lower);
  for (let k = 0; k < rank; k++) lower[k * rank + k]! += 1 / scale;
  choleskyInPlace(lower, rank);
  const column = new Float64Array(rank);
  for (let k = 0; k < rank; k++) {
    column.fill(0);
    column[k] = 1;
    choleskySolve(lower, rank, column);
    for (let i = 0; i < rank; i++) out[at + i * directions + k] = column[i]!;
  }
}
