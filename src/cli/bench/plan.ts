/** What is measured, in which order and for how long: quick, or full. Pure data. */
import { CONVNET_S, type Widths } from './measure/task.ts';

export type Kind = 'fused' | 'stock' | 'tfjs' | 'jax' | 'wasm';

/** One way to train a network by heavy ball at batch 32. */
export interface Contestant {
  /**
   * 'pixels': the segmentation network of ConvNet-S; 'simclr': NT-Xent of two views of each image under a projection head of 64-64;
   * 'resnet-8': ResNet-8 on colour images of 32×32. Absent: the classifier ConvNet-S.
   */
  task?: 'pixels' | 'simclr' | 'resnet-8';
  kind: Kind;
  chains: number;
  widths: Widths;
  /** Rank of the prior; null: none. Only the fused engine is timed with one. */
  rank: number | null;
  /** Compute workers of the portable engine; 1 elsewhere. */
  workers: number;
  /** Rounds it takes part in at most; absent: all. */
  rounds?: number;
}

export interface Plan {
  quick: boolean;
  contestants: Contestant[];
  /** Rounds over all contestants: at least and at most; none begins after `raceMs`. */
  rounds: { least: number; most: number };
  raceMs: number;
  /** Wanted length of a sample. */
  sampleMs: number;
  /** Chains of the population whose kernels are timed one by one. */
  kernelChains: number;
  /** Wanted length of one kernel's or one product's timing. */
  kernelMs: number;
  /** Wanted length of one surface timing. */
  surfaceMs: number;
}

/** Where results have no other name for a contestant. */
export function nameOf({ task, kind, chains, widths, rank, workers }: Contestant): string {
  const parts = [`${kind}`, `${chains} chain${chains === 1 ? '' : 's'}`];
  if (kind === 'wasm') parts.push(`${workers} worker${workers === 1 ? '' : 's'}`);
  if (!isConvnetS(widths)) parts.push(widths.join('-'));
  if (task) parts.push(task);
  if (rank !== null) parts.push(`rank ${rank}`);
  return parts.join(', ');
}

const base: Omit<Contestant, 'kind' | 'chains'> = { widths: CONVNET_S, rank: null, workers: 1 };
export const NARROW: Widths = [8, 16, 32];
export const WIDE: Widths = [32, 64, 128];
/** Of ResNet-8: half of the usual. */
export const RESNET: Widths = [8, 16, 32];

export function planOf(quick: boolean): Plan {
  const fused = (chains: number, more: Partial<Contestant> = {}): Contestant => ({ ...base, kind: 'fused', chains, ...more });
  return {
    quick,
    contestants: [
      ...[1, 4, 16, 64].map((chains) => fused(chains)),
      ...(quick ? [0, 20] : [0, 5, 20, 64]).map((rank) => fused(16, { rank })),
      ...[NARROW, WIDE].map((widths) => fused(quick ? 4 : 16, { widths })),
      ...(quick ? [] : [fused(4, { widths: NARROW }), fused(4, { widths: WIDE })]),
      { ...base, kind: 'stock', chains: 1 },
      ...(quick ? [1] : [1, 16]).map((chains) => fused(chains, { task: 'pixels' })),
      { ...base, kind: 'stock', chains: 1, task: 'pixels' },
      ...(quick ? [1] : [1, 16]).map((chains) => fused(chains, { task: 'simclr' })),
      { ...base, kind: 'stock', chains: 1, task: 'simclr' },
      { ...base, kind: 'tfjs', chains: 1 },
      { ...base, kind: 'jax', chains: 1 },
      { ...base, kind: 'jax', chains: quick ? 4 : 16 },
      { ...base, kind: 'wasm', chains: 16, workers: 1 },
      { ...base, kind: 'wasm', chains: 16, workers: 2 },
      ...([['fused', 1], ['fused', 4], ['stock', 1], ['jax', 1], ...(quick ? [] : [['jax', 4] as const])] as const)
        .map(([kind, chains]): Contestant => ({ ...base, kind, chains, task: 'resnet-8', widths: RESNET, rounds: quick ? 2 : 5 })),
    ],
    rounds: quick ? { least: 3, most: 5 } : { least: 5, most: 15 },
    raceMs: quick ? 150_000 : 900_000,
    sampleMs: quick ? 300 : 1500,
    kernelChains: quick ? 4 : 16,
    kernelMs: quick ? 60 : 300,
    surfaceMs: quick ? 1500 : 5000,
  };
}

export const isConvnetS = (widths: Widths): boolean => widths.join() === CONVNET_S.join();
