/**
 * Global average pool and its adjoint, which also undoes the ReLU before it:
 *   f[r, b, c] = mean over positions of y[r, b, ·, ·, c],   dy[r, b, y, x, c] = [y > 0] · df[r, b, c] / positions
 */
import type { Kernel } from '../program.ts';
import { sizeOf, type TensorShape } from '../net.ts';
import { DIMS, MAIN, THREAD } from './wgsl.ts';

const HEAD = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;`;

/** A thread makes four channels of one image. */
export function pool(from: TensorShape): { kernel: Kernel; threads: (batch: number) => number } {
  const channels = from.channels / 4;
  const row = (from.width + 2 * from.border) * channels;
  const code = `${HEAD}
@group(0) @binding(1) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> f: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  if (t >= dims.batch * ${channels}u) { return; }
  let image = id.z * dims.batch + t / ${channels}u;
  let c = t % ${channels}u;
  var sum = vec4<f32>();
  for (var i = 0u; i < ${from.height}u; i++) {
    var at = image * ${sizeOf(from) / 4}u + (i + ${from.border}u) * ${row}u + ${from.border * channels}u + c;
    for (var j = 0u; j < ${from.width}u; j++) { sum += y[at]; at += ${channels}u; }
  }
  f[image * ${channels}u + c] = sum / ${from.height * from.width}.0;
}`;
  return { kernel: { name: 'pool', access: ['uniform', 'read', 'write'], code }, threads: (batch) => batch * channels };
}

/** A thread makes four channels of one position. */
export function unpool(output: TensorShape, gradient: TensorShape, relu: boolean): { kernel: Kernel; threads: (batch: number) => number } {
  const channels = output.channels / 4;
  const positions = output.height * output.width;
  const index = (shape: TensorShape) => `image * ${sizeOf(shape) / 4}u + (p / ${shape.width}u + ${shape.border}u) * ${(shape.width + 2 * shape.border) * channels}u + (p % ${shape.width}u + ${shape.border}u) * ${channels}u + c`;
  const code = `${HEAD}
@group(0) @binding(1) var<storage, read> df: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> y: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dy: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  if (t >= dims.batch * ${positions * channels}u) { return; }
  let image = id.z * dims.batch + t / ${positions * channels}u;
  let p = (t / ${channels}u) % ${positions}u;
  let c = t % ${channels}u;
  let value = df[image * ${channels}u + c] / ${positions}.0;
  dy[${index(gradient)}] = ${relu ? `select(vec4<f32>(), value, y[${index(output)}] > vec4<f32>())` : 'value'};
}`;
  return { kernel: { name: 'unpool', access: ['uniform', 'read', 'read', 'write'], code }, threads: (batch) => batch * positions * channels };
}
