/**
 * The training steps of the contract on typed arrays: MAP with the implicit prior step, and the sampler's. Everything a step needs
 * is made once: what depends on a prior alone is shared by all chains that have it, and a step allocates nothing.
 */
import { PreparedGaussian, ProximalStep } from '../../core/lowrank.ts';
import { normalsInto } from '../../core/philox.ts';
import { learningRate } from '../../core/schedule.ts';
import { BLOCK } from '../batches.ts';
import type { ChainSpec, PopulationSpec, SamplerSpec } from '../contract.ts';
import { mobilityOf, noiseDeviation } from '../sampling.ts';

/** What moves a chain. */
export type Motion =
  /** Shared by chains with the same prior, scale and c = η/N; prepared for this chain's c before each use. */
  | { kind: 'map'; proximal: ProximalStep | null }
  /** `root` [D + H] is √M; null without a preconditioner. */
  | { kind: 'sampler'; sampler: SamplerSpec; prior: PreparedGaussian | null; root: Float32Array | null };

export interface Chain {
  spec: ChainSpec;
  /** [D + H], and the one before it. */
  theta: Float32Array;
  previous: Float32Array;
  motion: Motion;
  divergedAt: number;
}

export class TypedUpdate {
  readonly #spec: PopulationSpec;
  readonly #extractor: number;
  readonly #total: number;
  readonly #proximals = new Map<string, ProximalStep>();
  readonly #prepared = new Map<string, PreparedGaussian>();
  readonly #roots = new Map<string, Float32Array>();
  /** Scratch of sampling steps, [D + H]: (Σ⁻¹(w − mean), κh), and the noise of the seed and step it was last made for. */
  #pull = new Float64Array(0);
  #noise = new Float32Array(0);
  #noiseOf = { seed: NaN, step: NaN };

  /** `extractor` D, `total` D + H. */
  constructor(spec: PopulationSpec, extractor: number, total: number) {
    this.#spec = spec;
    this.#extractor = extractor;
    this.#total = total;
  }

  /** A chain at rest at its start. Throws RangeError for a chain with a frozen part that samples. */
  chain(spec: ChainSpec): Chain {
    const theta = Float32Array.from(this.#spec.starts[spec.start]!);
    return { spec, theta, previous: theta.slice(), motion: this.#motion(spec), divergedAt: -1 };
  }

  #motion(spec: ChainSpec): Motion {
    const { sampler, indices, schedule, headStrength } = spec;
    const prior = spec.prior && { gaussian: this.#spec.priors[spec.prior.gaussian]!, scale: spec.prior.scale, floor: spec.prior.floor };
    if (sampler === null) {
      // c = η/N is part of the key, so that a shared object is prepared once a block and not once a chain.
      const key = JSON.stringify([spec.prior, schedule, indices.length]);
      return { kind: 'map', proximal: prior && once(this.#proximals, key, () => new ProximalStep(prior)) };
    }
    if (this.#pull.length === 0) {
      this.#pull = new Float64Array(this.#total);
      this.#noise = new Float32Array(this.#total);
    }
    const mobility = mobilityOf(spec, sampler, this.#spec.priors, this.#extractor, this.#total);
    return {
      kind: 'sampler', sampler,
      prior: prior && once(this.#prepared, JSON.stringify(spec.prior), () => new PreparedGaussian(prior)),
      root: sampler.preconditioned ? once(this.#roots, JSON.stringify([spec.prior, headStrength, indices.length]), () => Float32Array.from(mobility, Math.sqrt)) : null,
    };
  }

  /** One step of a chain from its batch gradient `grad` [D + H]; false, and theta as before, when it became non-finite. */
  move(chain: Chain, grad: Float32Array, step: number): boolean {
    const { spec, theta, previous, motion } = chain;
    const from = spec.frozen ? this.#extractor : 0;
    const to = spec.frozenHead ? this.#extractor : this.#total;
    let square = 0;
    for (let j = from; j < to; j++) square += grad[j]! * grad[j]!;
    const norm = Math.sqrt(square);
    if (!Number.isFinite(norm)) return false;
    const { clip } = this.#spec;
    const eta = learningRate(spec.schedule, step - (step % BLOCK));
    const gain = norm > clip ? (eta * clip) / norm : eta;
    if (motion.kind === 'map') this.#descend(chain, motion.proximal, grad, from, to, eta, gain);
    else this.#sample(chain, motion, grad, step, eta, gain);
    let sum = 0;
    for (let j = from; j < this.#total; j++) sum += theta[j]! * 0;
    if (sum === 0) return true;
    theta.set(previous);
    return false;
  }

  /** The heavy ball and the proximal maps of the priors, on entries [from, to); `gain` is η times the clip's factor. */
  #descend({ spec, theta, previous }: Chain, proximal: ProximalStep | null, grad: Float32Array, from: number, to: number, eta: number, gain: number): void {
    const { momentum } = this.#spec;
    for (let j = from; j < to; j++) {
      const now = theta[j]!;
      theta[j] = now + momentum * (now - previous[j]!) - gain * grad[j]!;
      previous[j] = now;
    }
    const c = eta / spec.indices.length;
    if (proximal && !spec.frozen) proximal.prepare(c).apply(theta, theta);
    const shrink = 1 / (1 + c * spec.headStrength);
    for (let j = this.#extractor; j < to; j++) theta[j]! *= shrink;
  }

  /** θ⁺ = θ + (1 − α)(θ − θ_prev) − η·M∘G + √(2αηT·M/N)∘ξ. */
  #sample({ spec, theta, previous }: Chain, { sampler, prior, root }: Motion & { kind: 'sampler' }, grad: Float32Array, step: number, eta: number, gain: number): void {
    const pull = this.#pull;
    const noise = this.#noise;
    if (prior) prior.gradient(theta, pull);
    else pull.fill(0, 0, this.#extractor);
    for (let j = this.#extractor; j < this.#total; j++) pull[j] = spec.headStrength * theta[j]!;
    const deviation = noiseDeviation(spec, sampler, step, eta);
    if (deviation > 0) this.#drawNoise(sampler.noiseSeed, step);
    const kept = 1 - sampler.friction;
    const c = eta / spec.indices.length;
    for (let j = 0; j < this.#total; j++) {
      const now = theta[j]!;
      const spread = root ? root[j]! : 1;
      const kick = deviation > 0 ? deviation * noise[j]! : 0;
      theta[j] = now + kept * (now - previous[j]!) + spread * (kick - spread * (gain * grad[j]! + c * pull[j]!));
      previous[j] = now;
    }
  }

  /** Chains that share a noise seed come one after the other in the comparison: their noise is made once. */
  #drawNoise(seed: number, step: number): void {
    if (this.#noiseOf.seed === seed && this.#noiseOf.step === step) return;
    normalsInto(seed, 'sampler', step, this.#noise);
    this.#noiseOf.seed = seed;
    this.#noiseOf.step = step;
  }
}

function once<T>(held: Map<string, T>, key: string, make: () => T): T {
  let made = held.get(key);
  if (made === undefined) held.set(key, (made = make()));
  return made;
}
