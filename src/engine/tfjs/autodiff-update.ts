/**
 * The training steps of the contract as TensorFlow.js operations on one chain, with nothing read back: what was sound
 * is known on the device alone, and a select keeps the old parameters where it was not. n numbers of theta are trained.
 */
import '@tensorflow/tfjs-core/dist/register_all_gradients'; // core alone knows no gradients
import {
  add, all, argMax, cast, concat1d, div, equal, isFinite, keep, logicalAnd, logSoftmax, matMul, maximum, mul, neg, reshape, sqrt, stack, sub, sum, square,
  type Scalar, type Tensor, type Tensor1D, type Tensor2D, valueAndGrads, where,
} from '@tensorflow/tfjs-core';

/** What a chain carries from step to step, all on the device. (A type, not an interface: a tidy returns only those.) */
export type ChainState = {
  /** Trained part of theta and the one before it, [n]. */
  theta: Tensor1D;
  previous: Tensor1D;
  /** bool []: no step has been non-finite yet. */
  alive: Tensor;
  /** [3]: NLL and accuracy summed over the sound steps of this `advance`, and the number of sound steps since the beginning. */
  tally: Tensor1D;
};

/**
 * targets [B, C] = −onehot/B, so that the mean NLL is their product with the log-softmax, summed; labels [B] int32. Of maps B are all pixels of the batch,
 * in place of 1/B stands each one's share of the loss, and void ones have none.
 */
export interface Labelled {
  targets: Tensor2D;
  labels: Tensor1D;
}

/** What a step minimises, and the share of rows it counts as right, as functions of the network's outputs; both are called inside a tidy. */
export interface Criterion {
  loss: (outputs: Tensor2D) => Scalar;
  share: (outputs: Tensor2D) => Scalar;
}

export interface StepLoss {
  nll: Scalar;
  accuracy: Scalar;
  logits: Tensor2D;
  /** [n]; null where nothing is trained. */
  gradient: Tensor1D | null;
}

/**
 * The proximal step of the prior and the shrinking of the head in one affine map of y [n], entries of the head having
 * centre and inverse 0 (`core/lowrank.ts` has the formula and the reason for its form):
 *   y ↦ centre + shrink∘r + inverse∘Fᵀ(core·F(inverse∘r)),  r = y − centre,  shrink = P/A,  inverse = 1/A,  core = c·S⁻¹
 */
export interface Proximal {
  centre: Tensor1D | null;
  /** [n], or [1] for the same number everywhere. */
  shrink: Tensor1D;
  lowRank: LowRank | null;
}

interface LowRank {
  factor: Tensor2D;
  inverse: Tensor1D;
  core: Tensor2D;
}

/**
 * M∘(Σ⁻¹(w − mean), κh)/N of a sampler, entries of the head having centre and inverse 0:
 *   θ ↦ straight∘(r − Fᵀ(core·F(inverse∘r))),  r = θ − centre,  straight = M∘(1/(NP), κ/N),  inverse = 1/P,  core = S⁻¹
 */
export interface Pull {
  /** M [n]; null: 1. */
  mobility: Tensor1D | null;
  /** null: 0. */
  centre: Tensor1D | null;
  straight: Tensor1D;
  lowRank: LowRank | null;
}

/** `mask` [n] is 0 on parameters that are held; null: none is. */
export type StepConstants = { clip: Scalar; eta: Scalar; mask: Tensor1D | null } & (
  | { kind: 'map'; momentum: Scalar; proximal: Proximal | null }
  /** `kept` is 1 − α; `noise` [n] is ready to be added, null: none. */
  | { kind: 'sampler'; kept: Scalar; pull: Pull; noise: Tensor1D | null });

/** Call inside a tidy. */
export function meanNll(logits: Tensor2D, targets: Tensor2D): Scalar {
  return reshape(sum(mul(targets, logSoftmax(logits))), []);
}

/** Share of the loss that rows have whose largest logit is at their label; call inside a tidy. */
function right(logits: Tensor2D, { targets, labels }: Labelled): Scalar {
  return reshape(neg(sum(mul(sum(targets, 1), cast(equal(argMax(logits, 1), labels), 'float32')))), []);
}

/** The NLL of labels. */
export function labelCriterion(labelled: Labelled): Criterion {
  return { loss: (logits) => meanNll(logits, labelled.targets), share: (logits) => right(logits, labelled) };
}

/** Loss of a batch and its gradient by automatic differentiation; call inside a tidy. */
export function lossAndGradient(theta: Tensor1D | null, logitsOf: (theta: Tensor1D | null) => Tensor2D, { loss, share }: Criterion): StepLoss {
  if (!theta) {
    const logits = logitsOf(null);
    return { nll: loss(logits), accuracy: share(logits), logits, gradient: null };
  }
  const held: Tensor2D[] = [];
  const { value, grads } = valueAndGrads((...[trained]: Tensor[]) => {
    const out = keep(logitsOf(reshape(trained!, [theta.size]))); // the gradient's own tidy would take it
    held.push(out);
    return loss(out);
  })([theta]);
  const logits = held[0]!.clone();
  held[0]!.dispose();
  return { nll: reshape(value, []), accuracy: share(logits), logits, gradient: reshape(grads[0]!, [theta.size]) };
}

/** The chain after this step; call inside a tidy. */
export function update(state: ChainState, loss: StepLoss, constants: StepConstants): ChainState {
  const { theta, previous } = state;
  const { nll, accuracy, logits } = loss;
  const gradient = loss.gradient && constants.mask ? mul<Tensor1D>(constants.mask, loss.gradient) : loss.gradient;
  const next = gradient ? move(theta, previous, gradient, constants) : theta;
  // One look at everything that may be non-finite. On WebGPU only isFinite and isNaN can be trusted with a NaN.
  const everything = concat1d([...(gradient ? [gradient, next] : []), reshape(logits, [logits.size]), reshape(nll, [1])]);
  const alive = logicalAnd(state.alive, all(isFinite(everything)));
  const row: Tensor1D = reshape(stack([nll, accuracy, cast(reshape(alive, []), 'float32')]), [3]);
  return {
    theta: gradient ? where(alive, next, theta) : theta.clone(),
    previous: theta.clone(),
    alive,
    tally: where(alive, add(state.tally, row), state.tally),
  };
}

function move(theta: Tensor1D, previous: Tensor1D, gradient: Tensor1D, constants: StepConstants): Tensor1D {
  const { clip, eta } = constants;
  const norm = sqrt(sum(square(gradient)));
  const descent: Tensor1D = mul(mul(eta, div(clip, maximum(norm, clip))), gradient);
  const carriedOn = (share: Scalar): Tensor1D => add(theta, mul(share, sub(theta, previous)));
  if (constants.kind === 'map') return applyProximal(sub(carriedOn(constants.momentum), descent), constants.proximal);
  const { kept, pull, noise } = constants;
  const drift: Tensor1D = add(pull.mobility ? mul(pull.mobility, descent) : descent, mul(eta, pullAt(theta, pull)));
  const next: Tensor1D = sub(carriedOn(kept), drift);
  return noise ? add(next, noise) : next;
}

function pullAt(theta: Tensor1D, { centre, straight, lowRank }: Pull): Tensor1D {
  const r: Tensor1D = centre ? sub(theta, centre) : theta;
  return mul(straight, lowRank ? sub(r, pulled(r, lowRank)) : r);
}

/** Fᵀ(core·F(inverse∘r)), [n]. */
function pulled(r: Tensor1D, { factor, inverse, core }: LowRank): Tensor1D {
  const z: Tensor2D = matMul(core, matMul(factor, reshape(mul(inverse, r), [r.size, 1])));
  return reshape(matMul(reshape(z, [1, z.size]), factor), [r.size]);
}

function applyProximal(y: Tensor1D, proximal: Proximal | null): Tensor1D {
  if (!proximal) return y;
  const { centre, shrink, lowRank } = proximal;
  if (!centre) return mul(shrink, y);
  const r: Tensor1D = sub(y, centre);
  const straight: Tensor1D = add(centre, mul(shrink, r));
  return lowRank ? add(straight, mul(lowRank.inverse, pulled(r, lowRank))) : straight;
}
