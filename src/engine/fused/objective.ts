/** What stands between the forward and the backward pass: the dispatches that make losses and the gradient of the outputs, of labels (of rows or of pixels) or of views. */
import type { Objective } from '../contract.ts';
import type { Storage } from './buffers.ts';
import { areasOf } from './data.ts';
import type { Forward } from './forward.ts';
import { trainingLoss } from './kernels/loss.ts';
import { gram, ntXentGradient, ntXentRows } from './kernels/nt-xent.ts';
import { linesToLosses, pixelLoss } from './kernels/pixel-loss.ts';
import { covariance, vicRegGradient, vicRegLoss, viewMoments } from './kernels/vicreg.ts';
import { type Net, pad4 } from './net.ts';
import { type Dispatch, type Kernel, type Programs, workgroups } from './program.ts';

/** Numbers a chain of the largest buffer that an objective needs besides the outputs. */
export function objectiveNumbers(objective: Objective | null, { outputs }: Net, images: number): number {
  switch (objective?.kind) {
    case undefined: return 0;
    case 'nt-xent': return images * images;
    case 'vicreg': return 2 * pad4(outputs) ** 2;
    default: return objective satisfies never;
  }
}

export interface Minimised {
  /** null: the labels' NLL. */
  objective: Objective | null;
  /** Of a network that labels pixels; null: 1. */
  classWeights: Float32Array | null;
}

/** `dlogits` in the shape of the last node's gradient; `losses` [chains, batch] (loss, right, finite, 0), whose means are the step's. */
export function objectiveDispatches(programs: Programs, scratch: Storage, forward: Forward, { objective, classWeights }: Minimised, dlogits: GPUBuffer, losses: GPUBuffer): Dispatch[] {
  const { net, chains, batch, data } = forward.options;
  const { dims, steps, rows, groups, result } = forward;
  const add = (kernel: Kernel, bound: GPUBuffer[], threads: number): Dispatch => programs.dispatch(kernel, bound, workgroups(threads, chains));
  const channels = pad4(net.outputs);
  if (net.ofPixels) {
    const { output } = net.nodes.at(-1)!;
    const shapes = { classes: net.outputs, output };
    const lines = scratch.storage('losses of lines', chains * batch * output.height * 4);
    return [
      add(pixelLoss(shapes, classWeights), [dims, steps, result, data.maps!, rows, groups, areasOf(data, net.outputs, classWeights), dlogits, lines], batch * output.height),
      add(linesToLosses(shapes), [dims, lines, losses], batch),
    ];
  }
  switch (objective?.kind) {
    case undefined:
      return [add(trainingLoss(net.outputs, net.nodes.at(-1)!.gradient), [dims, steps, result, data.labels, rows, groups, dlogits, losses], batch)];
    case 'nt-xent': {
      const products = scratch.storage('products of views', chains * batch * batch);
      const levels = scratch.storage('levels of views', chains * batch * 2);
      const [first, second, third] = [gram(channels), ntXentRows(objective.temperature), ntXentGradient(channels, objective.temperature)];
      return [
        add(first.kernel, [dims, result, products], first.threads(batch)),
        add(second, [dims, products, levels, losses], batch),
        add(third.kernel, [dims, result, products, levels, dlogits], third.threads(batch)),
      ];
    }
    case 'vicreg': {
      const moments = scratch.storage('moments of views', chains * 4 * channels);
      const products = scratch.storage('covariance of views', chains * 2 * channels * channels);
      return [
        add(viewMoments(channels), [dims, result, moments], channels / 2),
        add(covariance(channels), [dims, result, moments, products], (2 * channels * channels) / 4),
        add(vicRegGradient(net.outputs, objective), [dims, result, moments, products, dlogits], (batch * channels) / 4),
        add(vicRegLoss(net.outputs, objective), [dims, result, moments, products, losses], batch),
      ];
    }
    default: return objective satisfies never;
  }
}
