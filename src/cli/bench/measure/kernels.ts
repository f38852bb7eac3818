/** Each dispatch of a fused step alone against the roof, and the step as a whole. */
import { Scratch } from '../../../engine/fused/buffers.ts';
import { Cohort } from '../../../engine/fused/cohort.ts';
import type { FusedEngine } from '../../../engine/fused/fused-engine.ts';
import { netOf } from '../../../engine/fused/net.ts';
import { type Count, stepCounts } from '../counts.ts';
import type { Summary } from '../figures.ts';
import { timeDispatch, timeSubmissions } from './gpu-time.ts';
import { encode } from '../../../engine/fused/program.ts';
import { BATCH, CONVNET_S, noise, NORMALISATION, populationOf } from './task.ts';

export interface KernelTime extends Count {
  ms: Summary;
}

export interface StepKernels {
  chains: number;
  rank: number;
  kernels: KernelTime[];
  /** All dispatches of a step, one after another. */
  step: Summary;
}

const RANK = 20;

/** A step with a rank-20 prior, so that all kernels are there. */
export async function measureKernels(engine: FusedEngine, chains: number, ms: number): Promise<StepKernels> {
  const { device: { gpu }, programs, cut: { tile, threads, submit } } = engine;
  const ref = await engine.load(noise(), NORMALISATION);
  const spec = populationOf(ref, { chains, widths: CONVNET_S, rank: RANK });
  const net = netOf(spec.architecture, 'whole');
  const scratch = new Scratch(gpu);
  const cohort = new Cohort({
    gpu, programs, scratch, net, data: engine.held(ref), batch: BATCH, augmentation: null, objective: null, classWeights: null, momentum: spec.momentum, clip: spec.clip, tile, threads, submit,
    priors: spec.priors, chains: spec.chains, thetas: spec.chains.map(() => spec.starts[0]!),
  });
  try {
    cohort.advance(0, 1); // uploads rows and rates, and leaves sound gradients behind
    await gpu.queue.onSubmittedWorkDone();
    const counts = stepCounts(net, { batch: BATCH, chains, groups: chains, rank: RANK, pixel: 1 });
    const { dispatches } = cohort.training;
    const kernels: KernelTime[] = [];
    for (const [i, dispatch] of dispatches.entries()) {
      const count = counts[i];
      if (count?.name !== dispatch.name || counts.length !== dispatches.length) {
        throw new Error(`The step's dispatch ${i} is “${dispatch.name}”, counted was “${count?.name ?? 'nothing'}”; bring src/cli/bench/counts.ts up to date.`);
      }
      kernels.push({ ...count, ms: await timeDispatch(gpu, dispatch, ms) });
    }
    const step = await timeSubmissions(gpu, (encoder, count) => {
      const pass = encoder.beginComputePass();
      for (let s = 0; s < count; s++) encode(pass, dispatches, [0]);
      pass.end();
    }, 4 * ms);
    return { chains, rank: RANK, kernels, step };
  } finally {
    cohort.buffers.destroy();
    scratch.destroy();
    await engine.unload(ref);
  }
}
