/**
 * What is written down of a sampling chain while it runs (log posterior, a few projections, the answers to a few images,
 * its kinetic temperature), and what that says of whether the chains of one arm, seed and temperature sampled.
 */
import type { Gaussian } from '../../core/gaussian.ts';
import { type PreparedGaussian, prepare } from '../../core/lowrank.ts';
import { learningRate } from '../../core/schedule.ts';
import { softmaxInto } from '../../core/softmax.ts';
import { mean } from '../../core/statistics.ts';
import { BLOCK } from '../../engine/batches.ts';
import type { ChainSpec } from '../../engine/contract.ts';
import { diagnose, kineticTemperature } from '../../measure/diagnostics.ts';
import { covarianceDirection, randomUnit } from '../../measure/directions.ts';
import { disagreement } from '../../measure/disagreement.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import type { Family } from '../../prior/prior.ts';
import type { ChainDiagnostics, Trace } from './inference-result.ts';

/** Validation images whose predictions are followed along the chains. */
const FOLLOWED = 3;
/** Test images on which samples are compared with each other. */
const COMPARED = 100;

export interface FollowedDirection {
  name: string;
  u: Float32Array;
}

/** Unit vectors of theta [D + H] along which chains are followed. */
export function directionsFollowed(posterior: Gaussian, architecture: Architecture, seed: number): FollowedDirection[] {
  const { extractor, total } = parameterTable(architecture);
  const top = covarianceDirection(posterior, 0, total);
  return [
    ...(top ? [{ name: 'top covariance direction', u: top.u }] : []),
    ...[0, 1].map((draw) => ({ name: `random direction ${draw + 1}`, u: randomUnit(total, seed, draw, extractor) })),
  ];
}

/** One chain as it was written down. */
export interface DrawnChain {
  arm: Family;
  seed: number;
  temperature: number;
  classes: number;
  steps: number[];
  /** By name, a value a sample. */
  values: { name: string; values: number[] }[];
  /** Kinetic temperature at each sample; empty where the step size falls, as the velocity lags behind it. */
  kinetic: number[];
  /** Probabilities on some test images, a sample each [rows · classes]. */
  compared: Float32Array[];
  diverged: boolean;
}

interface ScribeOptions {
  arm: Family;
  seed: number;
  temperature: number;
  spec: ChainSpec;
  /** Of its prior, at λ = 1. */
  gaussian: Gaussian;
  /** Of the seed's validation rows. */
  labels: ArrayLike<number>;
  classes: number;
  directions: readonly FollowedDirection[];
}

/** One sample: theta before and after the chain's last step, its losses and logits. */
export interface Written {
  step: number;
  before: Float32Array;
  after: Float32Array;
  trainNll: number;
  validation: Float32Array;
  test: Float32Array;
}

export class Scribe {
  diverged = false;
  readonly #options: ScribeOptions;
  readonly #density: PreparedGaussian;
  /** Made at the first sample, where the number of parameters is known. */
  #mass: Float64Array | null = null;
  readonly #steps: number[] = [];
  readonly #values: { name: string; values: number[] }[];
  readonly #kinetic: number[] = [];
  readonly #compared: Float32Array[] = [];

  constructor(options: ScribeOptions) {
    this.#options = options;
    const { spec, gaussian, directions, labels } = options;
    const prior = { gaussian, scale: spec.prior!.scale, floor: spec.prior!.floor };
    this.#density = prepare(prior);
    const followed = Array.from({ length: Math.min(FOLLOWED, labels.length) }, (_, i) => `p(label) of validation image ${i + 1}`);
    this.#values = ['log posterior', ...directions.map(({ name }) => name), ...followed].map((name) => ({ name, values: [] }));
  }

  write({ step, before, after, trainNll, validation, test }: Written): void {
    const { spec, gaussian, directions, labels, classes, temperature } = this.#options;
    const d = gaussian.mean.length;
    const head = after.subarray(d);
    this.#steps.push(step);
    const n = spec.indices.length;
    const logPosterior = -n * trainNll + this.#density.logDensity(after.subarray(0, d)) - (spec.headStrength / 2) * dot(head, head);
    const answers = probabilitiesOf(validation, classes, labels.length);
    const found = [logPosterior, ...directions.map(({ u }) => dot(u, after)), ...Array.from({ length: this.#values.length - 1 - directions.length }, (_, i) => answers[i * classes + labels[i]!]!)];
    this.#values.forEach(({ values }, i) => values.push(found[i]!));
    this.#compared.push(probabilitiesOf(test, classes, Math.min(COMPARED, test.length / classes)));
    if (temperature > 0 && spec.schedule.cycles === undefined) {
      const last = step - 1;
      if (spec.sampler!.preconditioned) this.#mass ??= massOf(spec, gaussian, after.length);
      const velocity = after.map((x, j) => x - before[j]!);
      this.#kinetic.push(kineticTemperature([velocity], { learningRate: learningRate(spec.schedule, last - (last % BLOCK)), friction: spec.sampler!.friction, n, mass: this.#mass }));
    }
  }

  chain(): DrawnChain {
    const { arm, seed, temperature, classes } = this.#options;
    return { arm, seed, temperature, classes, steps: this.#steps, values: this.#values, kinetic: this.#kinetic, compared: this.#compared, diverged: this.diverged };
  }
}

/** M = N·P/(1 + N·P) [total], as the engines have it. */
function massOf({ prior, indices, headStrength }: ChainSpec, { variance }: Gaussian, total: number): Float64Array {
  const n = indices.length;
  const mass = new Float64Array(total).fill(n / (n + headStrength));
  for (let j = 0; j < variance.length; j++) mass[j] = n / (n + 1 / (prior!.scale * variance[j]! + prior!.floor));
  return mass;
}

/** Of the chains of every arm, seed and temperature; those that diverged are counted and left out. */
export function diagnosticsOf(chains: readonly DrawnChain[]): ChainDiagnostics[] {
  const groups = new Map<string, DrawnChain[]>();
  for (const chain of chains) {
    const key = `${chain.arm} ${chain.seed} ${chain.temperature}`;
    groups.set(key, [...groups.get(key) ?? [], chain]);
  }
  return [...groups.values()].map((group): ChainDiagnostics => {
    const [first] = group as [DrawnChain];
    const sound = group.filter((chain) => !chain.diverged);
    const traces = first.values.map(({ name }, i): Trace => {
      const values = sound.map((chain) => chain.values[i]!.values);
      const { rhat, essBulk } = diagnose(values);
      return { name, values, rhat, essBulk };
    });
    return {
      arm: first.arm, seed: first.seed, temperature: first.temperature, steps: sound[0]?.steps ?? first.steps, traces,
      kinetic: mean(sound.flatMap((chain) => chain.kinetic)) / first.temperature,
      disagreement: disagreement(sound.flatMap((chain) => chain.compared), first.classes).answers,
      diverged: group.length - sound.length,
    };
  });
}

function probabilitiesOf(logits: Float32Array, classes: number, rows: number): Float32Array {
  const out = new Float32Array(rows * classes);
  const row = new Float64Array(classes);
  for (let r = 0; r < rows; r++) {
    softmaxInto(logits, r * classes, row);
    out.set(row, r * classes);
  }
  return out;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}
