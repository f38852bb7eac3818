/** For tests of engines: small data, populations with every feature, and the loss in float64. */
import type { Gaussian } from '../../core/gaussian.ts';
import { Stream } from '../../core/philox.ts';
import { type Dataset, VOID } from '../../data/dataset.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { initialise } from '../../model/initialise.ts';
import { projectionOf } from '../../model/projection.ts';
import type { Views } from '../../data/views.ts';
import type { ChainSpec, DataRef, Engine, Objective, Population, PopulationSpec, Progress, SamplerSpec } from '../contract.ts';
import { referenceLogits } from './reference.ts';

export const NORMALISATION = { mean: 0.4, std: 0.3 };

export function normals(stream: Stream, count: number, deviation = 1): Float32Array {
  return Float32Array.from({ length: count }, () => deviation * stream.normal());
}

/** Images with a class-dependent stripe in noise, so that there is something to learn. */
export function stripes({ input: { height, width, channels }, classes }: Architecture, count: number, seed = 1): Dataset {
  const stream = new Stream(seed, 'sampler');
  const labels = Uint16Array.from({ length: count }, () => stream.integer(classes));
  const size = height * width * channels;
  const images = Float32Array.from({ length: count * size }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    return 0.2 + 0.2 * stream.normal() + (x % classes === labels[Math.floor(i / size)] ? 0.6 : 0);
  });
  const classNames = Array.from({ length: classes }, (_, c) => String(c));
  return { name: 'stripes', images, labels, count, height, width, channels, classNames, sha256: '', licence: '' };
}

/** Images whose pixels are as bright as their class in noise, in patches of a few pixels, a tenth of them void; image 4 has no class anywhere. */
export function patches(architecture: Architecture, count: number, seed = 1): Dataset {
  const { input: { height, width, channels }, classes } = architecture;
  const stream = new Stream(seed, 'sampler');
  const maps = new Uint8Array(count * height * width);
  const images = new Float32Array(maps.length * channels);
  for (let i = 0; i < count; i++) {
    const [a, b] = [stream.integer(classes), stream.integer(3)];
    for (let p = 0; p < height * width; p++) {
      const at = i * height * width + p;
      const label = (a + Math.floor((Math.floor(p / width) + b) / 3) + Math.floor(((p % width) + b) / 4)) % classes;
      maps[at] = i === 4 || stream.uniform() < 0.1 ? VOID : label;
      for (let c = 0; c < channels; c++) images[at * channels + c] = label / classes + 0.2 * stream.normal();
    }
  }
  return { ...stripes(architecture, 0), name: 'patches', images, maps, labels: new Uint16Array(count), count };
}

export function gaussianAround(mean: Float32Array, rank: number, seed = 3): Gaussian {
  const stream = new Stream(seed, 'sampler');
  return { mean, variance: normals(stream, mean.length).map((x) => 1e-4 * (0.1 + x * x)), factor: normals(stream, rank * mean.length, 0.02), rank };
}

/** Steps in pieces; at 'save' the population is saved, closed, and taken up anew from what was saved, as after a crash. */
export async function inSteps(engine: Engine, spec: PopulationSpec, pieces: readonly (number | 'save')[]): Promise<{ population: Population; progress: Progress[] }> {
  let population = await engine.populate(spec);
  const progress: Progress[] = [];
  for (const piece of pieces) {
    if (piece === 'save') {
      const state = structuredClone(await population.save());
      await population.dispose();
      population = await engine.populate(spec, state);
    } else {
      progress.push(await population.advance(piece));
    }
  }
  return { population, progress };
}

export const range = (from: number, to: number): Uint32Array => Uint32Array.from({ length: to - from }, (_, i) => from + i);

/** Every kind of chain: two seeds; plain, isotropic, low-rank with head prior, frozen extractor, frozen head. */
export function everyArm(architecture: Architecture, data: DataRef, more: Partial<PopulationSpec> = {}): PopulationSpec {
  const { extractor } = parameterTable(architecture);
  const starts = [initialise(architecture, 7), initialise(architecture, 8)];
  const priors = [gaussianAround(starts[0]!.slice(0, extractor), 3), gaussianAround(new Float32Array(extractor), 0)];
  const arms: Partial<ChainSpec>[] = [
    {}, { prior: { gaussian: 1, scale: 300, floor: 0 }, headStrength: 2 }, { prior: { gaussian: 0, scale: 30, floor: 1e-5 }, headStrength: 5 },
    { frozen: true, headStrength: 1 }, { start: 1, prior: { gaussian: 0, scale: 1e-3, floor: 0 } },
    { frozenHead: true, prior: { gaussian: 0, scale: 30, floor: 1e-5 }, headStrength: 5 },
  ];
  const chains = [range(2, 25), range(20, 43)].flatMap((indices, s) => arms.map((arm): ChainSpec => ({
    start: 0, seed: 10 + s, indices, schedule: { start: 0.1, end: 0.01, steps: 25 }, frozen: false, prior: null, headStrength: 0, sampler: null, ...arm,
  })));
  return { architecture, data, batch: 10, augmentation: null, momentum: 0.9, clip: 5, starts, priors, chains, ...more };
}

/**
 * Every kind of sampling chain, in twos for two seeds, between chains that do not sample: SGLD and SGHMC; no, a diagonal, a low-rank prior with
 * and without a floor, far from the start; preconditioned or not; cold and at T = 0; cyclical with a part without noise; MAP; frozen.
 */
export function everySampler(architecture: Architecture, data: DataRef, more: Partial<PopulationSpec> = {}): PopulationSpec {
  const every = everyArm(architecture, data);
  const sampler: SamplerSpec = { friction: 0.1, temperature: 1, preconditioned: true, noiseFrom: 0, noiseSeed: 91 };
  const lowRank = { gaussian: 0, scale: 30, floor: 1e-5 };
  const arms: Partial<ChainSpec>[] = [
    { sampler: { ...sampler, friction: 1, preconditioned: false } },
    { sampler: { ...sampler, preconditioned: false }, prior: { gaussian: 0, scale: 1e4, floor: 0.05 }, headStrength: 5 },
    { prior: lowRank, headStrength: 5 },
    { sampler, prior: lowRank, headStrength: 5 },
    { sampler: { ...sampler, noiseSeed: 92 }, prior: { gaussian: 0, scale: 1e-3, floor: 0 }, start: 1 },
    { frozen: true, headStrength: 1 },
    { sampler: { ...sampler, friction: 1, temperature: 0.1 }, prior: { gaussian: 1, scale: 300, floor: 0 }, headStrength: 2 },
    { sampler: { ...sampler, noiseFrom: 0.5 }, prior: lowRank, headStrength: 5, schedule: { start: 0.1, end: 0, steps: 24, cycles: 4 } },
    { sampler: { ...sampler, temperature: 0 }, headStrength: 1 },
  ];
  const chains = [range(2, 25), range(20, 43)].flatMap((indices, s) => arms.map((arm): ChainSpec => ({
    start: 0, seed: 10 + s, indices, schedule: { start: 0.1, end: 0.01, steps: 25 }, frozen: false, prior: null, headStrength: 0, sampler: null, ...arm,
  })));
  return { ...every, chains, ...more };
}

/** Views with everything in them. */
export const EVERY_VIEW: Views = { affine: { rotation: 15, scale: [0.8, 1.1], shift: 1, shear: 0.2 }, crop: 0.4, flip: true, jitter: 0.4, blur: 1, noise: 0.2, cutout: 0.5 };

export const OBJECTIVES: Record<Objective['kind'], Objective> = {
  'nt-xent': { kind: 'nt-xent', temperature: 0.2, views: EVERY_VIEW },
  vicreg: { kind: 'vicreg', variance: 1, covariance: 0.2, views: EVERY_VIEW },
};

/** An architecture's extractor under a projection head, trained by an objective of views: plain, isotropic and low-rank chains for two seeds. */
export function everyObjective(architecture: Architecture, data: DataRef, objective: Objective, more: Partial<PopulationSpec> = {}): PopulationSpec {
  const spec = everyArm(projectionOf(architecture, 22), data);
  return { ...spec, objective, batch: 7, chains: spec.chains.filter(({ frozen, frozenHead, start }) => !frozen && !frozenHead && start === 0), ...more };
}

/** The largest difference of two arrays, relative to their own size where that is above 1. */
export function largestGap(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let gap = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) gap = Math.max(gap, Math.abs(a[i]! - b[i]!) / Math.max(1, Math.abs(a[i]!), Math.abs(b[i]!)));
  return gap;
}

/** Mean NLL in float64; x [B, H, W, C], weights in PyTorch's layout. */
export function referenceNll(architecture: Architecture, theta: Float64Array, x: ArrayLike<number>, labels: ArrayLike<number>, batch: number): number {
  const logits = referenceLogits(architecture, theta, x, batch);
  const classes = logits.length / batch;
  let nll = 0;
  for (let b = 0; b < batch; b++) {
    const row = logits.subarray(b * classes, (b + 1) * classes);
    const top = Math.max(...row);
    nll += Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0)) + top - row[labels[b]!]!;
  }
  return nll / batch;
}

/** The loss of segmentation in float64: over images the mean of each one's (weighted) mean over pixels that are not void; maps [B, pixels]. */
export function referencePixelNll(architecture: Architecture, theta: Float64Array, x: ArrayLike<number>, maps: ArrayLike<number>, batch: number, weights: ArrayLike<number> | null = null): number {
  const logits = referenceLogits(architecture, theta, x, batch);
  const { classes } = architecture;
  const pixels = logits.length / classes / batch;
  let total = 0;
  for (let b = 0; b < batch; b++) {
    let [nll, area] = [0, 0];
    for (let p = b * pixels; p < (b + 1) * pixels; p++) {
      if (maps[p] === VOID) continue;
      const v = weights ? weights[maps[p]!]! : 1;
      nll += v * (Math.log(logits.subarray(p * classes, (p + 1) * classes).reduce((sum, value) => sum + Math.exp(value), 0)) - logits[p * classes + maps[p]!]!);
      area += v;
    }
    if (area > 0) total += nll / area / batch;
  }
  return total;
}
