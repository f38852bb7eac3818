/**
 * Softmax cross-entropy by rows: for each chain and row its NLL, whether it is right, whether its logits are finite, and
 *   dlogits[r, b, k] = (softmax(logits)_k − [k = label]) / batch
 * for training; for evaluation, sums over the rows of a chunk; for squared gradients, dlogits where every chain is a row.
 */
import type { Kernel } from '../program.ts';
import type { TensorShape } from '../net.ts';
import { DIMS, FINITE, MAIN, STEP, THREAD } from './wgsl.ts';

const LABEL = 'labels[rows[(now.chunk * dims.groups + groups[chain]) * dims.batch + b]]';

/** Of the logits from `at` on, of the class `label`: `top`, `best` (the first largest), `sum` of exp(logit − top), `sound` and `nll`. */
export function softmaxAt(classes: number): string {
  return `  var best = 0u;
  var sound = true;
  for (var k = 0u; k < ${classes}u; k++) {
    sound = sound && finite(logits[at + k]);
    if (logits[at + k] > logits[at + best]) { best = k; }
  }
  let top = logits[at + best];
  var sum = 0.0;
  for (var k = 0u; k < ${classes}u; k++) { sum += exp(logits[at + k] - top); }
  let nll = log(sum) + top - logits[at + label];`;
}

/** The same of one row of the batch. */
function softmaxOf(outputs: number, classes: number): string {
  return `  let at = (chain * dims.batch + b) * ${outputs}u;\n${softmaxAt(classes)}`;
}

const BINDINGS = `${DIMS}
${STEP}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> logits: array<f32>;
@group(0) @binding(3) var<storage, read> labels: array<u32>;
@group(0) @binding(4) var<storage, read> rows: array<u32>;
@group(0) @binding(5) var<storage, read> groups: array<u32>;`;

/** losses[r, b] = (nll, right, finite, 0) and dlogits, a thread a row. */
export function trainingLoss(classes: number, gradient: TensorShape): Kernel {
  const outputs = gradient.channels;
  const code = `${BINDINGS}
@group(0) @binding(6) var<storage, read_write> dlogits: array<f32>;
@group(0) @binding(7) var<storage, read_write> losses: array<vec4<f32>>;
${THREAD}${FINITE}
${MAIN} {
  let b = threadOf(id, lane, size);
  let chain = id.z;
  if (b >= dims.batch) { return; }
  let label = ${LABEL};
${softmaxOf(outputs, classes)}
  losses[chain * dims.batch + b] = vec4<f32>(nll, select(0.0, 1.0, best == label), select(0.0, 1.0, sound), 0.0);
  for (var k = 0u; k < ${classes}u; k++) {
    dlogits[at + k] = (exp(logits[at + k] - top) / sum - select(0.0, 1.0, k == label)) / f32(dims.batch);
  }
}`;
  return { name: 'loss', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'write', 'write'], code };
}

/**
 * The gradient of one row's NLL at its own label, or at label `now.block` times the root of that label's probability (whose squares, summed over the
 * labels, are their expectation); a thread a row. Rows from `now.count` on have none.
 */
export function rowGradient(classes: number, gradient: TensorShape, labels: 'data' | 'model'): Kernel {
  const outputs = gradient.channels;
  const code = `${BINDINGS}
@group(0) @binding(6) var<storage, read_write> dlogits: array<f32>;
${THREAD}${FINITE}
${MAIN} {
  let chain = threadOf(id, lane, size);
  if (chain >= dims.chains) { return; }
  let b = 0u;
  let label = ${labels === 'data' ? LABEL : 'now.block'};
${softmaxOf(outputs, classes)}
  let weight = ${labels === 'data' ? '1.0' : 'exp(-0.5 * nll)'};
  for (var k = 0u; k < ${classes}u; k++) {
    let value = weight * (exp(logits[at + k] - top) / sum - select(0.0, 1.0, k == label));
    dlogits[at + k] = select(0.0, value, chain < now.count);
  }
}`;
  return { name: `gradient of rows, labels of the ${labels}`, access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'write'], code };
}

/** Adds the first `now.count` rows of a chunk to totals[r] = (Σ nll, right, rows that are not finite, rows); a thread a chain. */
export function evaluationLoss(classes: number, outputs: number): Kernel {
  const code = `${BINDINGS}
@group(0) @binding(6) var<storage, read_write> totals: array<vec4<f32>>;
${THREAD}${FINITE}
${MAIN} {
  let chain = threadOf(id, lane, size);
  if (chain >= dims.chains) { return; }
  var total = totals[chain];
  for (var b = 0u; b < now.count; b++) {
    let label = ${LABEL};
${softmaxOf(outputs, classes)}
    total += vec4<f32>(select(0.0, nll, sound), select(0.0, 1.0, best == label), select(1.0, 0.0, sound), 1.0);
  }
  totals[chain] = total;
}`;
  return { name: 'evaluation loss', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'write'], code };
}
