/** The objectives that compare views as TensorFlow.js operations on the outputs z [2B, P], for automatic differentiation; formulas in the contract. */
import {
  add, argMax, cast, div, equal, eye, logSoftmax, matMul, mean, mul, relu, reshape, rsqrt, scalar, type Scalar, slice, sqrt, square, squaredDifference, sub, sum, tensor1d,
  type Tensor, type Tensor2D, tensor2d,
} from '@tensorflow/tfjs-core';
import type { Objective } from '../contract.ts';
import { LENGTH_EPSILON, VARIANCE_EPSILON } from '../view-losses.ts';
import type { Criterion } from './autodiff-update.ts';

/** Call it, and what it gives, inside a tidy. */
export function viewCriterion(objective: Objective): Criterion {
  switch (objective.kind) {
    case 'nt-xent': return {
      loss: (z) => crossEntropy(similarities(z, objective.temperature)),
      share: (z) => reshape(mean(cast(equal(argMax(similarities(z, objective.temperature), 1), partners(z)), 'float32')), []),
    };
    case 'vicreg': return { loss: (z) => vicReg(z, objective.variance, objective.covariance), share: () => scalar(0) };
    default: return objective satisfies never;
  }
}

function partners(z: Tensor2D): Tensor {
  const images = z.shape[0];
  return tensor1d(Int32Array.from({ length: images }, (_, i) => (i + images / 2) % images), 'int32');
}

/** cos(z_i, z_j)/τ, far below all others where i = j; [2B, 2B]. */
function similarities(z: Tensor2D, temperature: number): Tensor2D {
  const u: Tensor2D = mul(z, rsqrt(add(sum(square(z), 1, true), LENGTH_EPSILON)));
  return sub(div(matMul(u, u, false, true), temperature), mul(eye(z.shape[0]), 1e9));
}

function crossEntropy(s: Tensor2D): Scalar {
  const images = s.shape[0];
  const own = new Float32Array(images * images);
  for (let i = 0; i < images; i++) own[i * images + ((i + images / 2) % images)] = -1 / images;
  return reshape(sum(mul(logSoftmax(s), tensor2d(own, [images, images]))), []);
}

function vicReg(z: Tensor2D, variance: number, covariance: number): Scalar {
  const [images, width] = z.shape;
  const half = images / 2;
  const [first, second]: [Tensor2D, Tensor2D] = [slice(z, [0, 0], [half, width]), slice(z, [half, 0], [half, width])];
  const ofView = (view: Tensor2D): Tensor => {
    const x: Tensor2D = sub(view, mean(view, 0, true));
    const c: Tensor2D = div(matMul(x, x, true, false), half - 1);
    const deviations = sqrt(add(div(sum(square(x), 0), half - 1), VARIANCE_EPSILON));
    const short = mul(sum(relu(sub(1, deviations))), variance / (2 * width));
    return add(short, mul(sum(square(mul(c, sub(1, eye(width))))), covariance / width));
  };
  return reshape(add(mean(squaredDifference(first, second)), add(ofView(first), ofView(second))), []);
}
