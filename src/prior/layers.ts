/**
 * One scale a layer: with a factor a_l for every layer l and A = diag of the factor of each weight's layer, a prior's
 * covariance Σ becomes A½ΣA½: variance·a and F·√a, so it stays diagonal + low rank, and correlations stay what they were.
 */
import type { Gaussian } from '../core/gaussian.ts';
import type { Architecture, ParameterEntry } from '../model/architecture.ts';
import { buildArchitecture, parameterTable } from '../model/build.ts';
import { coveredBy, type Covers } from './coverage.ts';

/** A layer's weights w[from … to). */
export interface LayerGroup {
  name: string;
  from: number;
  to: number;
}

/**
 * The extractor's layers, in their order: each weight matrix or kernel begins one, and the vectors that follow it (its bias, a norm's
 * scale and shift) belong to it. `entries` is the architecture's parameter table.
 */
export function layerGroups(entries: readonly ParameterEntry[]): LayerGroup[] {
  const groups: LayerGroup[] = [];
  for (const { name, shape, offset, size, part } of entries) {
    if (part !== 'extractor') continue;
    const last = groups.at(-1);
    if (last && shape.length < 2) last.to = offset + size;
    else groups.push({ name: name.replace(/\.[^.]*$/, ''), from: offset, to: offset + size });
  }
  return groups;
}

/** How many layers of an extractor of this kind are covered; that depends neither on its inputs nor on its classes. */
export function layerCount({ name, widths }: Pick<Architecture, 'name' | 'widths'>, covers: Covers): number {
  // Large enough for the norms of any ResNet.
  const input = { height: 256, width: 256, channels: 1 };
  const { entries } = parameterTable(buildArchitecture(name, { widths: [...widths], input, classes: 2 }));
  return layerGroups(coveredBy(covers, entries) ?? entries).length;
}

/** A½ΣA½ around the same mean; `factors` [layers] > 0. The Gaussian itself where every factor is 1. Throws RangeError on factors that are no scales. */
export function scaledLayers(gaussian: Gaussian, groups: readonly LayerGroup[], factors: readonly number[]): Gaussian {
  if (factors.length !== groups.length || !factors.every((a) => a > 0 && a < Infinity)) {
    throw new RangeError(`${groups.length} layers need as many positive factors, not [${factors.join(', ')}].`);
  }
  if (factors.every((a) => a === 1)) return gaussian;
  const { mean, rank } = gaussian;
  const d = mean.length;
  const variance = gaussian.variance.slice();
  const factor = gaussian.factor.slice();
  groups.forEach(({ from, to }, l) => {
    const a = factors[l]!;
    const root = Math.sqrt(a);
    for (let j = from; j < to; j++) variance[j]! *= a;
    for (let k = 0; k < rank; k++) for (let j = from; j < to; j++) factor[k * d + j]! *= root;
  });
  return { mean, variance, factor, rank };
}
