/**
 * VICReg of outputs z [chains, 2B, C] (the formulas are at `engine/view-losses.ts`), in four dispatches: means and deviations of each view's outputs;
 * their covariance without its diagonal; the gradient of z; the losses, each row with its share of what belongs to no row.
 */
import { VARIANCE_EPSILON } from '../../view-losses.ts';
import type { Kernel } from '../program.ts';
import { pad4 } from '../net.ts';
import { DIMS, FINITE, float, MAIN, THREAD } from './wgsl.ts';

export interface VicRegWeights {
  variance: number;
  covariance: number;
}

const HEAD = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> z: array<vec4<f32>>;`;

/** moments [chains, view, (mean, deviation), C]; a thread makes four channels of a view. `channels` C is a multiple of four, its padding zero. */
export function viewMoments(channels: number): Kernel {
  const quads = channels / 4;
  const code = `${HEAD}
@group(0) @binding(2) var<storage, read_write> moments: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  if (t >= ${2 * quads}u) { return; }
  let view = t / ${quads}u;
  let q = t % ${quads}u;
  let half = dims.batch / 2u;
  let first = (id.z * dims.batch + view * half) * ${quads}u + q;
  var mean = vec4<f32>();
  for (var i = 0u; i < half; i++) { mean += z[first + i * ${quads}u]; }
  mean /= f32(half);
  var square = vec4<f32>();
  for (var i = 0u; i < half; i++) { let x = z[first + i * ${quads}u] - mean; square += x * x; }
  let to = (id.z * 2u + view) * ${2 * quads}u + q;
  moments[to] = mean;
  moments[to + ${quads}u] = sqrt(square / f32(half - 1u) + ${float(VARIANCE_EPSILON)});
}`;
  return { name: 'moments of views', access: ['uniform', 'read', 'write'], code };
}

/** products [chains, view, C, C], zero on the diagonal; a thread makes four numbers of a row. */
export function covariance(channels: number): Kernel {
  const quads = channels / 4;
  const code = `${HEAD}
@group(0) @binding(2) var<storage, read> moments: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> products: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  if (t >= ${2 * channels * quads}u) { return; }
  let view = t / ${channels * quads}u;
  let j = (t / ${quads}u) % ${channels}u;
  let q = t % ${quads}u;
  let half = dims.batch / 2u;
  let first = (id.z * dims.batch + view * half) * ${quads}u;
  let means = (id.z * 2u + view) * ${2 * quads}u;
  let own = moments[means + j / 4u][j % 4u];
  let mean = moments[means + q];
  var sum = vec4<f32>();
  for (var i = 0u; i < half; i++) {
    let at = first + i * ${quads}u;
    sum += (z[at + j / 4u][j % 4u] - own) * (z[at + q] - mean);
  }
  let diagonal = vec4<u32>(0u, 1u, 2u, 3u) + vec4<u32>(q * 4u) == vec4<u32>(j);
  products[((id.z * 2u + view) * ${channels}u + j) * ${quads}u + q] = select(sum / f32(half - 1u), vec4<f32>(), diagonal);
}`;
  return { name: 'covariance of views', access: ['uniform', 'read', 'read', 'write'], code };
}

/** A thread makes four channels of one row's gradient. */
export function vicRegGradient(outputs: number, weights: VicRegWeights): Kernel {
  const channels = pad4(outputs);
  const quads = channels / 4;
  const code = `${HEAD}
@group(0) @binding(2) var<storage, read> moments: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> products: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dz: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  if (t >= dims.batch * ${quads}u) { return; }
  let i = t / ${quads}u;
  let q = t % ${quads}u;
  let half = dims.batch / 2u;
  let view = i / half;
  let first = id.z * dims.batch;
  let own = (first + i) * ${quads}u;
  let other = (first + (i + half) % dims.batch) * ${quads}u;
  let means = (id.z * 2u + view) * ${2 * quads}u;
  let table = (id.z * 2u + view) * ${channels * quads}u;
  var mixed = vec4<f32>();
  for (var j = 0u; j < ${outputs}u; j++) { mixed += (z[own + j / 4u][j % 4u] - moments[means + j / 4u][j % 4u]) * products[table + j * ${quads}u + q]; }
  let deviation = moments[means + ${quads}u + q];
  let short = select(vec4<f32>(), ${float(weights.variance / (2 * outputs))} / (f32(half - 1u) * deviation), deviation < vec4<f32>(1.0));
  let value = z[own + q];
  dz[own + q] = ${float(2 / outputs)} / f32(half) * (value - z[other + q]) - short * (value - moments[means + q])
    + ${float((4 * weights.covariance) / outputs)} / f32(half - 1u) * mixed;
}`;
  return { name: 'gradient of VICReg', access: ['uniform', 'read', 'read', 'read', 'write'], code };
}

/** losses[i] = (loss, 0, finite, 0), whose mean over rows is the loss; a thread a row, which has its own distance and every 2B-th output's other terms. */
export function vicRegLoss(outputs: number, weights: VicRegWeights): Kernel {
  const channels = pad4(outputs);
  const quads = channels / 4;
  const code = `${HEAD}
@group(0) @binding(2) var<storage, read> moments: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> products: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> losses: array<vec4<f32>>;
${THREAD}${FINITE}
${MAIN} {
  let i = threadOf(id, lane, size);
  if (i >= dims.batch) { return; }
  let first = id.z * dims.batch;
  let own = (first + i) * ${quads}u;
  let other = (first + (i + dims.batch / 2u) % dims.batch) * ${quads}u;
  var apart = 0.0;
  for (var q = 0u; q < ${quads}u; q++) { let gap = z[own + q] - z[other + q]; apart += dot(gap, gap); }
  var spread = 0.0;
  for (var t = i; t < ${2 * outputs}u; t += dims.batch) {
    let view = id.z * 2u + t / ${outputs}u;
    let j = t % ${outputs}u;
    let deviation = moments[view * ${2 * quads}u + ${quads}u + j / 4u][j % 4u];
    spread += ${float(weights.variance / 2)} * max(0.0, 1.0 - deviation);
    for (var q = 0u; q < ${quads}u; q++) { let c = products[(view * ${channels}u + j) * ${quads}u + q]; spread += ${float(weights.covariance)} * dot(c, c); }
  }
  let loss = (apart + spread * f32(dims.batch)) / ${float(outputs)};
  losses[first + i] = vec4<f32>(loss, 0.0, select(0.0, 1.0, finite(loss) && finite(apart)), 0.0);
}`;
  return { name: 'VICReg', access: ['uniform', 'read', 'read', 'read', 'write'], code };
}
