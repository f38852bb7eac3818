/** What can be asked of parameter vectors by automatic differentiation besides their loss: squared gradients, one row and one label at a time, and features. */
import { add, keep, mul, reshape, softmax, split, square, tensor1d, type Tensor1D, type Tensor2D, tensor2d, tidy, zeros } from '@tensorflow/tfjs-core';
import { parameterTable } from '../../model/build.ts';
import type { GradientLabels, PointRequest } from '../contract.ts';
import type { LoadedData } from '../input.ts';
import { featuresOf, uploadImages } from './autodiff-batches.ts';
import { AutodiffNetwork } from './autodiff-network.ts';
import { labelCriterion, lossAndGradient } from './autodiff-update.ts';
import type { Backing } from './backing.ts';

/** Σ over rows of squared gradients, [D + H] a theta (see the contract). */
export async function squaredGradientsAt(data: LoadedData, request: Omit<PointRequest, 'data'> & { labels: GradientLabels }, backing: Backing): Promise<Float64Array[]> {
  const { architecture, indices, thetas, labels } = request;
  const network = new AutodiffNetwork(architecture, 'whole');
  const out: Float64Array[] = [];
  for (const values of thetas) {
    if (backing.failure) throw backing.failure;
    const theta = tensor1d(values);
    let total = zeros([network.size]) as Tensor1D;
    for (let i = 0; i < indices.length; i++) {
      const next = tidy(() => keep(add<Tensor1D>(total, ofRow(network, data, theta, indices, i, labels))));
      total.dispose();
      total = next;
    }
    out.push(Float64Array.from(await total.data<'float32'>()));
    total.dispose();
    theta.dispose();
  }
  return out;
}

/** Of indices[i]; call inside a tidy. */
function ofRow(network: AutodiffNetwork, data: LoadedData, theta: Tensor1D, indices: Uint32Array, i: number, labels: GradientLabels): Tensor1D {
  const x = uploadImages(data, indices, i, 1, 1);
  const squareAt = (label: number): { squares: Tensor1D; logits: Tensor2D } => {
    const targets = tensor2d(Float32Array.from({ length: network.outputs }, (_, c) => (c === label ? -1 : 0)), [1, network.outputs]);
    const { gradient, logits } = lossAndGradient(theta, (w) => network.apply(network.bind(w!), x), labelCriterion({ targets, labels: tensor1d([label], 'int32') }));
    return { squares: square(gradient!), logits };
  };
  if (labels === 'data') return squareAt(data.dataset.labels[indices[i]!]!).squares;
  const each = Array.from({ length: network.outputs }, (_, c) => squareAt(c));
  const p = split(reshape(softmax(each[0]!.logits), [network.outputs]), network.outputs);
  return each.reduce<Tensor1D>((sum, { squares }, c) => add(sum, mul(p[c]!, squares)), zeros([network.size]));
}

/** Features [rows, F] a theta. */
export async function featuresAt(data: LoadedData, { architecture, indices, thetas }: Omit<PointRequest, 'data'>): Promise<Float32Array[]> {
  const network = new AutodiffNetwork(architecture, 'extractor');
  const { extractor } = parameterTable(architecture);
  const out: Float32Array[] = [];
  for (const theta of thetas) {
    const features = tidy(() => featuresOf(data, indices, network, tensor1d(theta.subarray(0, extractor))));
    out.push((await features.data<'float32'>()).slice());
    features.dispose();
  }
  return out;
}
