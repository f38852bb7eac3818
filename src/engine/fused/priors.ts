/**
 * What the update kernels need of the priors of a cohort, uploaded once (means, variances, factors, a chain's facts, the
 * inverses of chains that sample, which know no c) or once a chunk (learning rates; sizes of noise; the K×K inverses S⁻¹
 * of the others, one for each distinct prior, scale, floor and c of a block of steps).
 */
import type { Gaussian } from '../../core/gaussian.ts';
import { learningRate } from '../../core/schedule.ts';
import { BLOCK } from '../batches.ts';
import type { ChainSpec } from '../contract.ts';
import { noiseDeviation } from '../sampling.ts';
import type { Buffers } from './buffers.ts';
import { writeExactInverse, writeInverse } from './inverses.ts';
import { HELD, KINDS, type Solving, strideOf } from './kernels/update.ts';
import { type Net, pad4 } from './net.ts';
import type { UpdateBuffers } from './training.ts';

/** Words of a chain's facts, see CHAIN in `kernels/update.ts`. */
const FACTS = 12;

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
  readonly sampling: UpdateBuffers['sampling'];
  /** Distinct inverses of a block. */
  readonly count: number;
  readonly #specs: readonly ChainSpec[];
  readonly #distinct: Inverse[] = [];
  readonly #rates: Float32Array<ArrayBuffer>;
  readonly #inverses: Float32Array<ArrayBuffer>;
  /** [chunk, samplers]. */
  readonly #noise: Float32Array<ArrayBuffer>;
  readonly #buffers: Buffers;
  /** Blocks whose inverses are held, in their order. */
  #blocks: number[] = [];

  /** `specs`: MAP chains, then chains that sample. `blocks`: how many blocks of steps a chunk of `chunk` steps may touch. */
  constructor(buffers: Buffers, net: Net, specs: readonly ChainSpec[], gaussians: readonly Gaussian[], chunk: number, blocks: number) {
    this.#buffers = buffers;
    this.#specs = specs;
    const stride = strideOf(net);
    const used = [...new Set(specs.flatMap(({ prior }) => (prior ? [prior.gaussian] : [])))];
    const rank = Math.max(0, ...used.map((q) => gaussians[q]!.rank));
    this.directions = pad4(rank);
    const facts = new DataView(new ArrayBuffer(specs.length * FACTS * 4));
    const lowRank: Record<Solving, number[]> = { proximal: [], gradient: [] };
    const fixed: Inverse[] = [];
    const known = new Map<string, number>();
    specs.forEach((chain, r) => {
      const { prior, sampler, schedule, indices } = chain;
      const gaussian = prior ? gaussians[prior.gaussian]! : null;
      const isLowRank = gaussian !== null && gaussian.rank > 0 && !chain.frozen;
      let inverse = 0;
      if (isLowRank) {
        lowRank[sampler ? 'gradient' : 'proximal'].push(r);
        const key = JSON.stringify(sampler ? prior : [prior, schedule, indices.length]);
        const list = sampler ? fixed : this.#distinct;
        inverse = known.get(key) ?? list.push({ gaussian, scale: prior!.scale, floor: prior!.floor, chain }) - 1;
        known.set(key, inverse);
      }
      const kind = gaussian === null ? KINDS.none : isLowRank ? KINDS.lowRank : KINDS.diagonal;
      const words = [kind, prior ? used.indexOf(prior.gaussian) : 0, (chain.frozen ? HELD.extractor : 0) + (chain.frozenHead ? HELD.head : 0), inverse];
      const numbers = [prior?.scale ?? 1, prior?.floor ?? 0, indices.length, chain.frozenHead ? 0 : chain.headStrength, 1 - (sampler?.friction ?? 0)];
      const more = [sampler?.preconditioned ? 1 : 0, sampler?.noiseSeed ?? 0];
      words.forEach((word, i) => facts.setUint32((r * FACTS + i) * 4, word, true));
      numbers.forEach((x, i) => facts.setFloat32((r * FACTS + 4 + i) * 4, x, true));
      more.forEach((word, i) => facts.setUint32((r * FACTS + 9 + i) * 4, word, true));
    });
    const K = this.directions;
    this.lowRank = lowRank.proximal.length;
    this.count = this.#distinct.length;
    this.list = buffers.storage('low-rank chains', this.lowRank, Uint32Array.from(lowRank.proximal));
    this.chains = buffers.storage('chains', specs.length * FACTS, new Uint32Array(facts.buffer));
    this.moments = buffers.storage('the priors', used.length * stride * 2, momentsOf(used.map((q) => gaussians[q]!), stride));
    this.factors = buffers.storage('the covariance factors', used.length * K * stride, factorsOf(used.map((q) => gaussians[q]!), K, stride));
    this.#rates = new Float32Array(blocks * specs.length);
    this.#inverses = new Float32Array(blocks * this.count * K ** 2);
    this.rates = buffers.storage('learning rates', this.#rates.length);
    this.inverses = buffers.storage('inverses', this.#inverses.length);
    const samplers = specs.filter(({ sampler }) => sampler).length;
    const inverses = new Float32Array(fixed.length * K ** 2);
    fixed.forEach(({ gaussian, scale, floor }, i) => writeExactInverse(gaussian, scale, floor, inverses, i * K ** 2, K));
    this.#noise = new Float32Array(chunk * samplers);
    this.sampling = {
      chains: samplers, lowRank: lowRank.gradient.length,
      list: buffers.storage('low-rank chains that sample', lowRank.gradient.length, Uint32Array.from(lowRank.gradient)),
      inverses: buffers.storage('inverses of chains that sample', inverses.length, inverses),
      noise: buffers.storage('sizes of noise', this.#noise.length),
    };
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
        writeInverse(one.gaussian, one.scale, one.floor + c, this.#inverses, b * size + i * this.directions ** 2, this.directions);
      });
    }
    this.#blocks = Array.from({ length: blocks }, (_, b) => from + b);
    this.#buffers.write(this.rates, this.#rates);
    if (this.count > 0) this.#buffers.write(this.inverses, this.#inverses);
    if (this.sampling.chains > 0) this.#writeNoise(first, steps);
  }

  /** Of each step of the chunk, with the η of its block. */
  #writeNoise(first: number, steps: number): void {
    const { chains } = this.sampling;
    this.#specs.slice(-chains).forEach((chain, i) => {
      for (let step = first; step < first + steps; step++) {
        const eta = learningRate(chain.schedule, step - (step % BLOCK));
        this.#noise[(step - first) * chains + i] = chain.sampler ? noiseDeviation(chain, chain.sampler, step, eta) : 0;
      }
    });
    this.#buffers.write(this.sampling.noise, this.#noise);
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
