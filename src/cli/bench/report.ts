/** From measurements to what is published: ratios, fractions of the roof, growth, and which targets were met. Pure. */
import { leastSeconds } from './counts.ts';
import { pairedRatio, type Summary, summarise } from './figures.ts';
import { type Contestant, isConvnetS, NARROW, nameOf, WIDE } from './plan.ts';
import type { Missing, Timed } from './race.ts';
import type { Measured } from './run.ts';

export interface Row {
  name: string;
  kind: Contestant['kind'];
  task: Contestant['task'] | null;
  chains: number;
  widths: readonly number[];
  rank: number | null;
  workers: number;
  parameters: number;
  /** Milliseconds a chain-step. */
  ms: Summary;
  dispatches: number | null;
  bytesPerChain: number | null;
  note: string | null;
}

export interface KernelRow {
  name: string;
  flops: number;
  bytes: number;
  ms: Summary;
  /** At its best, as the roof is the best: so are `fraction` and `rooflineFraction`. */
  gflops: number;
  /** Of the sum of all kernels' median times. */
  share: number;
  /** Of the roofline: least time possible / time. */
  fraction: number;
}

export interface Target {
  what: string;
  target: string;
  value: number | null;
  met: boolean | null;
}

/** By number of chains. */
export type Ratios = Record<string, number>;

export interface Report {
  adapter: string | null;
  software: boolean | null;
  host: 'chromium' | 'node';
  quick: boolean;
  /** ISO 8601. */
  date: string;
  versions: Record<string, string>;
  rows: Row[];
  /** ResNet-8: rival's time / fused time by the fused engine's chains, each rival as `ratios` has it. */
  resnet: Record<'stockTfjs' | 'jaxJs', Record<string, Summary>>;
  /** Rival's time / fused time, medians of the rounds' ratios; a rival is timed one chain at a time, or as it is fastest up to that many. */
  ratios: { stockTfjs: Ratios; jaxJs: Ratios; tfjsEngine: Ratios; wasm: Ratios };
  ratioSpreads: Record<'stockTfjs' | 'jaxJs' | 'tfjsEngine' | 'wasm', Record<string, Summary>>;
  /** Stock TensorFlow.js's time / the fused engine's, of a step of the segmentation network, by number of chains. */
  segmentation: Record<string, Summary>;
  /** The same of a SimCLR step. */
  simclr: Record<string, Summary>;
  roofline: Measured['roofline'];
  kernels: KernelRow[];
  /** Of the whole step with a rank-20 prior: its kernels' least times / its time. */
  rooflineFraction: number | null;
  /** Time with a rank-20 prior / time with a diagonal one − 1. */
  rank20Overhead: number | null;
  /** Time a chain-step at 64 chains / at 4. */
  chains64Over4: number | null;
  /** Time a chain-step by rank and by widths, over rank 0 and over 16-32-64. */
  growth: { rank: Ratios; parameters: Ratios };
  /** Of a step with a rank-20 prior. */
  dispatchesPerStep: number | null;
  /** Of a step without a prior, and of one with a rank-20 prior whose inverses are part of it. */
  jsMsPerStep: number | null;
  jsMsPerStepRank20: number | null;
  encoding: Measured['encoding'];
  bytesPerChain: number | null;
  /** Times a second and milliseconds; the engine is the one that the lab starts with here. */
  surface: { engine: string | null; gridPointsPerSecond: number | null; fused: number | null; wasm: number | null; redrawMs: number | null };
  targets: Target[];
  missing: Missing[];
}

export interface ReportContext {
  host: Report['host'];
  quick: boolean;
  date: string;
  versions: Record<string, string>;
}

export function reportOf(measured: Measured, context: ReportContext): Report {
  const sampled = measured.timed.filter(({ samples }) => samples.length > 0);
  const timed = sampled.filter(({ contestant }) => contestant.task === undefined);
  const ofTask = (task: Contestant['task'], kind: Contestant['kind']): Timed[] => sampled.filter(({ contestant }) => contestant.task === task && contestant.kind === kind);
  const plain = timed.filter(({ contestant: { kind, widths, rank } }) => kind === 'fused' && rank === null && isConvnetS(widths));
  const at = (chains: number): Timed | undefined => plain.find(({ contestant }) => contestant.chains === chains);
  const ranked = (rank: number): Timed | undefined => timed.find(({ contestant }) => contestant.kind === 'fused' && contestant.rank === rank);
  const over = (above: Timed | undefined, below: Timed | undefined): Summary | null => (above && below ? pairedRatio(above.samples, below.samples) : null);
  const against = (rivals: Timed[]): Record<string, Summary> => Object.fromEntries(plain.flatMap((fused) => {
    const able = rivals.filter(({ contestant }) => contestant.kind === 'wasm' || contestant.chains <= fused.contestant.chains);
    const ratio = over(fastest(able), fused);
    return ratio ? [[String(fused.contestant.chains), ratio]] : [];
  }));
  const ofKind = (kind: Contestant['kind']): Timed[] => timed.filter(({ contestant }) => contestant.kind === kind);
  const ratioSpreads = { stockTfjs: against(ofKind('stock')), jaxJs: against(ofKind('jax')), tfjsEngine: against(ofKind('tfjs')), wasm: against(ofKind('wasm')) };
  const medians = (spreads: Record<string, Summary>): Ratios => Object.fromEntries(Object.entries(spreads).map(([chains, { median }]) => [chains, median]));
  const kernels = kernelRows(measured);
  const least = kernels.reduce((sum, { fraction, ms }) => sum + fraction * ms.min, 0);
  const rooflineFraction = measured.kernels && kernels.length > 0 ? least / measured.kernels.step.min : null;
  const overhead = over(ranked(20), ranked(0));
  const chains64Over4 = over(at(64), at(4))?.median ?? null;
  const fused = ofKind('fused');
  const jsOf = (rank: number | null): number | null => measured.encoding.find((one) => one.rank === rank)?.ms.median ?? null;
  const first = fused[0] ?? timed.find(({ facts }) => facts.adapter !== null);
  const partial = {
    ratios: { stockTfjs: medians(ratioSpreads.stockTfjs), jaxJs: medians(ratioSpreads.jaxJs), tfjsEngine: medians(ratioSpreads.tfjsEngine), wasm: medians(ratioSpreads.wasm) },
    rooflineFraction,
    rank20Overhead: overhead ? overhead.median - 1 : null,
    chains64Over4,
    dispatchesPerStep: ranked(20)?.dispatches ?? null,
    jsMsPerStep: jsOf(null),
    jsMsPerStepRank20: jsOf(20),
  };
  const surface: Report['surface'] = {
    engine: measured.surface.auto?.engine ?? measured.surface.fused?.engine ?? null,
    gridPointsPerSecond: (measured.surface.auto ?? measured.surface.fused)?.pointsPerSecond.median ?? null,
    fused: measured.surface.fused?.pointsPerSecond.median ?? null,
    wasm: measured.surface.wasm?.pointsPerSecond.median ?? null,
    redrawMs: measured.redraw?.median ?? null,
  };
  return {
    adapter: first?.facts.adapter ?? null,
    software: first?.facts.software ?? null,
    ...context,
    rows: sampled.map(rowOf),
    resnet: resnetRatios(sampled.filter(({ contestant }) => contestant.task === 'resnet-8')),
    segmentation: overStock('pixels'),
    simclr: overStock('simclr'),
    ...partial,
    ratioSpreads,
    encoding: measured.encoding,
    roofline: measured.roofline,
    kernels,
    growth: {
      rank: growth(fused.filter(({ contestant }) => (contestant.rank ?? 0) > 0), ranked(0), ({ rank }) => String(rank)),
      parameters: growth(fused.filter(({ contestant: { widths, rank } }) => rank === null && [NARROW, WIDE].some((one) => one.join() === widths.join())), null, ({ widths, chains }) => `${widths.join('-')} at ${chains} chains`, at),
    },
    bytesPerChain: at(16)?.facts.bytesPerChain ?? null,
    surface,
    targets: targetsOf({ ...partial, surface }),
    missing: measured.missing,
  };

  function overStock(task: NonNullable<Contestant['task']>): Record<string, Summary> {
    return Object.fromEntries(ofTask(task, 'fused').flatMap((fused) => {
      const ratio = over(fastest(ofTask(task, 'stock')), fused);
      return ratio ? [[String(fused.contestant.chains), ratio]] : [];
    }));
  }

  function growth(those: Timed[], below: Timed | undefined | null, name: (contestant: Contestant) => string, same?: (chains: number) => Timed | undefined): Ratios {
    return Object.fromEntries(those.flatMap((one) => {
      const ratio = over(one, below ?? same?.(one.contestant.chains));
      return ratio ? [[name(one.contestant), ratio.median]] : [];
    }));
  }
}

/** Of the contestants that train ResNet-8. */
function resnetRatios(those: readonly Timed[]): Report['resnet'] {
  const against = (kind: Contestant['kind']): Record<string, Summary> => Object.fromEntries(those.filter(({ contestant }) => contestant.kind === 'fused').flatMap((fused) => {
    const rival = fastest(those.filter(({ contestant }) => contestant.kind === kind && contestant.chains <= fused.contestant.chains));
    const ratio = rival && pairedRatio(rival.samples, fused.samples);
    return ratio ? [[String(fused.contestant.chains), ratio]] : [];
  }));
  return { stockTfjs: against('stock'), jaxJs: against('jax') };
}

/** A rival is taken at its fastest. */
function fastest(those: readonly Timed[]): Timed | undefined {
  return [...those].sort((a, b) => summarise(a.samples).median - summarise(b.samples).median)[0];
}

function rowOf({ contestant, facts, dispatches, samples }: Timed): Row {
  const { kind, task = null, chains, widths, rank, workers } = contestant;
  const { parameters, bytesPerChain, note } = facts;
  return { name: nameOf(contestant), kind, task, chains, widths, rank, workers, parameters, ms: summarise(samples), dispatches, bytesPerChain, note };
}

function kernelRows({ kernels, roofline }: Measured): KernelRow[] {
  if (!kernels || !roofline) return [];
  const roof = { flops: roofline.gflops * 1e9, bytes: roofline.gigabytesPerSecond * 1e9 };
  const total = kernels.kernels.reduce((sum, { ms }) => sum + ms.median, 0);
  return kernels.kernels.map(({ name, flops, bytes, ms }) => ({
    name, flops, bytes, ms, gflops: flops / ms.min / 1e6, share: ms.median / total, fraction: (1e3 * leastSeconds({ flops, bytes }, roof)) / ms.min,
  }));
}

type Judged = Pick<Report, 'ratios' | 'rooflineFraction' | 'rank20Overhead' | 'chains64Over4' | 'dispatchesPerStep' | 'jsMsPerStep' | 'jsMsPerStepRank20' | 'surface'>;

/** Images that grid points are timed on. */
const IMAGES = 512;

/** Set for the software adapter; "no growth" allows 5% of noise. */
function targetsOf({ ratios, rooflineFraction, rank20Overhead, chains64Over4, dispatchesPerStep, jsMsPerStep, jsMsPerStepRank20, surface }: Judged): Target[] {
  const least = (what: string, bound: number, value: number | null | undefined): Target => ({ what, target: `≥ ${bound}`, value: value ?? null, met: value == null ? null : value >= bound });
  const most = (what: string, bound: number, value: number | null | undefined): Target => ({ what, target: `≤ ${bound}`, value: value ?? null, met: value == null ? null : value <= bound });
  /** Seconds for a whole map, every point measured; a training image counts like a test image. */
  const map = (points: number, images: number): number | null => (surface.gridPointsPerSecond === null ? null : (points ** 2 * images) / (IMAGES * surface.gridPointsPerSecond));
  return [
    least('times stock TensorFlow.js at 16 chains', 14, ratios.stockTfjs['16']),
    least('times stock TensorFlow.js at 1 chain', 10, ratios.stockTfjs['1']),
    least('times jax-js at 16 chains', 5, ratios.jaxJs['16']),
    most('dispatches a step', 30, dispatchesPerStep),
    most('ms of JavaScript a step without a prior', 0.3, jsMsPerStep),
    most('ms of JavaScript a step with a rank-20 prior', 0.3, jsMsPerStepRank20),
    least('share of the roofline, whole step', 0.5, rooflineFraction),
    most('cost of a rank-20 prior over a diagonal one', 0.15, rank20Overhead),
    most('time a chain-step at 64 chains over 4', 1.05, chains64Over4),
    most('ms of a frame while λ is dragged, four maps of 101×101', 16, surface.redrawMs),
    most('s for a map of 7×7, 100 training and 512 test images', 10, map(7, 612)),
    most('s for a map of 21×21, 100 training and 256 test images', 60, map(21, 356)),
    most('s for a map of 51×51, 100 training and 512 test images', 240, map(51, 612)),
  ];
}
