/**
 * Which of the extractor's weights a prior covers. On the others there is no prior: the precision Σ⁻¹ is that of the covered weights' marginal
 * N(m_C, Σ_CC), bordered by zeros, so that energies, gradients and surfaces know the covered weights alone and the likelihood the rest. The
 * canonical form has no infinite variance; a variance of UNCOVERED with zero rows of the factor stands for it, centred where fine-tuning starts.
 *
 * What needs a proper distribution is asked of the covered weights alone, the others held: draws of a prior hold them at the posterior mean;
 * Laplace and its evidence take them, at the solution, as fitted parameters (type-II maximum likelihood).
 */
import type { Gaussian } from '../core/gaussian.ts';
import type { Vector } from '../core/woodbury.ts';
import type { ParameterEntry } from '../model/architecture.ts';

/** All of the extractor; all but norms and biases; its last layer or residual block. */
export const COVERS = ['all', 'weights', 'last-block'] as const;
export type Covers = (typeof COVERS)[number];

/** At λ = 1. A thousand standard deviations of the weights themselves, and more: its pull is below 1e-6 of a weight's size for any λ ≥ 1. */
export const UNCOVERED = 1e6;

/** The tensors of the extractor that are covered, in their order; null: every one. `entries` is the architecture's parameter table. */
export type Covered = readonly ParameterEntry[] | null;

export function coveredBy(covers: Covers, entries: readonly ParameterEntry[]): Covered {
  const extractor = entries.filter(({ part }) => part === 'extractor');
  const own = extractor.filter((entry) => isCovered(covers, entry, extractor.at(-1)!));
  // A covering of nothing (a network of norms and biases alone) would leave no prior at all.
  return own.length === extractor.length || own.length === 0 ? null : own;
}

function isCovered(covers: Covers, entry: ParameterEntry, last: ParameterEntry): boolean {
  switch (covers) {
    case 'all': return true;
    case 'weights': return !entry.bias && !entry.gain;
    case 'last-block': return blockOf(entry.name) === blockOf(last.name);
    default: return covers satisfies never;
  }
}

/** `layer3.0` of `layer3.0.conv1.weight`, `conv3` of `conv3.bias`. */
function blockOf(name: string): string {
  return /^[^.]+\.\d+(?=\.)/.exec(name)?.[0] ?? name.replace(/\.[^.]*$/, '');
}

/** Covered numbers of `total`. */
export function sizeOf(covered: Covered, total: number): number {
  return covered ? covered.reduce((sum, { size }) => sum + size, 0) : total;
}

/** The covered tensors as a table of their own, offsets from 0. */
export function gathered(covered: readonly ParameterEntry[]): ParameterEntry[] {
  let offset = 0;
  return covered.map((entry) => {
    const own = { ...entry, offset };
    offset += entry.size;
    return own;
  });
}

/** x_C [C] of x [D]; a longer x (theta) keeps what follows the first D numbers. */
export function within(x: Float32Array, covered: readonly ParameterEntry[], d: number): Float32Array;
export function within(x: Float64Array, covered: readonly ParameterEntry[], d: number): Float64Array;
export function within(x: Vector, covered: readonly ParameterEntry[], d: number): Vector {
  const size = sizeOf(covered, 0);
  const length = size + x.length - d;
  const out = x instanceof Float32Array ? new Float32Array(length) : new Float64Array(length);
  for (const [i, { offset }] of gathered(covered).entries()) out.set(x.subarray(covered[i]!.offset, covered[i]!.offset + covered[i]!.size), offset);
  out.set(x.subarray(d), size);
  return out;
}

/** Writes y [C + …] back over theta [D + …], in place of what `within` took from there; theta itself is left alone. */
export function putWithin(y: Float32Array, covered: readonly ParameterEntry[], theta: Float32Array, d: number): Float32Array {
  const out = theta.slice();
  for (const [i, { offset, size }] of gathered(covered).entries()) out.set(y.subarray(offset, offset + size), covered[i]!.offset);
  out.set(y.subarray(sizeOf(covered, 0)), d);
  return out;
}

/** The marginal N(m_C, Σ_CC) of N(mean, Σ). */
export function marginal({ mean, variance, factor, rank }: Gaussian, covered: readonly ParameterEntry[]): Gaussian {
  const d = mean.length;
  const size = sizeOf(covered, 0);
  const rows = new Float32Array(rank * size);
  for (let k = 0; k < rank; k++) rows.set(within(factor.subarray(k * d, (k + 1) * d), covered, d), k * size);
  return { mean: within(mean, covered, d), variance: within(variance, covered, d), factor: rows, rank };
}

/** A Gaussian over the covered weights as a prior on all D, which says nothing of the others; these are centred on `centre` [D]. */
export function onAll(inner: Gaussian, covered: readonly ParameterEntry[], centre: Float32Array): Gaussian {
  const d = centre.length;
  const put = (row: Float32Array, around: Float32Array) => putWithin(row, covered, around, d);
  const factor = new Float32Array(inner.rank * d);
  const none = new Float32Array(d);
  for (let k = 0; k < inner.rank; k++) factor.set(put(inner.factor.subarray(k * inner.mean.length, (k + 1) * inner.mean.length), none), k * d);
  return { mean: put(inner.mean, centre), variance: put(inner.variance, new Float32Array(d).fill(UNCOVERED)), factor, rank: inner.rank };
}

/** u [D] with what is not covered set to zero, at the norm it had. */
export function along(u: Float32Array, covered: Covered): Float32Array {
  if (!covered) return u;
  const out = putWithin(within(u, covered, u.length), covered, new Float32Array(u.length), u.length);
  const ratio = norm(u) / norm(out);
  return out.map((x) => ratio * x);
}

function norm(x: Float32Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
}
