/**
 * Reads the batch of every group from the data set on the GPU, augments and normalises it:
 *   x[g, b, y, x, c] = (pixel − mean) / std,   pixel = images[rows[step, g, b]] under the affine of (step, g, b)
 * into the first layer's bordered tensor (or into one padded row). The affines are the six numbers of `data/augment.ts`,
 * drawn on the CPU from the same counters as everywhere else; bilinear, zero outside.
 */
import type { Normalisation } from '../../../data/dataset.ts';
import { type Net, sizeOf } from '../net.ts';
import type { Kernel } from '../program.ts';
import { DIMS, float, MAIN, STEP, THREAD } from './wgsl.ts';

export interface GatherOptions {
  net: Net;
  /** Pixels are bytes, four in a u32; else float32. */
  bytes: boolean;
  normalisation: Normalisation;
  augmented: boolean;
}

/** Numbers of one image as the first layer reads it, border included. */
export function inputSize({ input }: Net): number {
  return sizeOf(input);
}

export function gather({ net, bytes, normalisation: { mean, std }, augmented }: GatherOptions): Kernel {
  const { height, width, channels } = net.image;
  const { input } = net;
  const row = (input.width + 2 * input.border) * input.channels;
  const place = net.inputKind === 'row'
    ? 'k'
    : `(y + ${input.border}u) * ${row}u + (xx + ${input.border}u) * ${input.channels}u + c`;
  const code = `${DIMS}
${STEP}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> images: array<${bytes ? 'u32' : 'f32'}>;
@group(0) @binding(3) var<storage, read> rows: array<u32>;
@group(0) @binding(4) var<storage, read> affines: array<f32>;
@group(0) @binding(5) var<storage, read_write> x: array<f32>;
${THREAD}
fn pixel(i: u32) -> f32 { return ${bytes ? 'f32((images[i / 4u] >> ((i % 4u) * 8u)) & 255u) / 255.0' : 'images[i]'}; }
${augmented ? `
fn inside(base: u32, y: i32, x: i32, c: u32) -> f32 {
  let there = x >= 0 && y >= 0 && x < ${width} && y < ${height};
  let at = select(0u, (u32(y) * ${width}u + u32(x)) * ${channels}u + c, there);
  return select(0.0, pixel(base + at), there);
}` : ''}
${MAIN} {
  let t = threadOf(id, lane, size);
  let k = t % ${net.inputSize}u;
  let image = t / ${net.inputSize}u;
  if (image >= dims.batch * dims.groups) { return; }
  let c = k % ${channels}u;
  let xx = (k / ${channels}u) % ${width}u;
  let y = k / ${channels * width}u;
  let at = now.chunk * dims.batch * dims.groups + image;
  let base = rows[at] * ${net.inputSize}u;
${augmented ? `  let m = at * 6u;
  let dx = f32(xx) - ${float((width - 1) / 2)};
  let dy = f32(y) - ${float((height - 1) / 2)};
  let sx = ${float((width - 1) / 2)} + affines[m] * dx + affines[m + 1u] * dy + affines[m + 2u];
  let sy = ${float((height - 1) / 2)} + affines[m + 3u] * dx + affines[m + 4u] * dy + affines[m + 5u];
  let x0 = i32(floor(sx)); let y0 = i32(floor(sy));
  let fx = sx - floor(sx); let fy = sy - floor(sy);
  let top = mix(inside(base, y0, x0, c), inside(base, y0, x0 + 1, c), fx);
  let bottom = mix(inside(base, y0 + 1, x0, c), inside(base, y0 + 1, x0 + 1, c), fx);
  let value = mix(top, bottom, fy);` : '  let value = pixel(base + k);'}
  x[image * ${inputSize(net)}u + ${place}] = (value - ${float(mean)}) * ${float(1 / std)};
}`;
  return { name: 'gather', access: ['uniform', 'step', 'read', 'read', 'read', 'write'], code };
}
