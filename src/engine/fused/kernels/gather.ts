/**
 * Reads the batch of every group from the data set on the GPU, augments and normalises it:
 *   x[g, b, y, x, c] = (pixel − mean) / std,   pixel = images[rows[step, g, b]] under the affine of (step, g, b)
 * into the first layer's bordered tensor (or into one padded row). The affines are the six numbers of `data/augment.ts`,
 * drawn on the CPU from the same counters as everywhere else; bilinear, zero outside. Of a view (`data/views.ts`) there are
 * more numbers, and more is done to a pixel.
 */
import { PURPOSES } from '../../../core/philox.ts';
import type { Normalisation } from '../../../data/dataset.ts';
import { AT, GAINS, VIEW_NUMBERS } from '../../../data/views.ts';
import { type Net, sizeOf } from '../net.ts';
import type { Kernel } from '../program.ts';
import { PHILOX } from './philox.ts';
import { DIMS, float, MAIN, STEP, THREAD } from './wgsl.ts';

/** What is done to an image as it is read. */
export type Warp = 'none' | 'affine' | 'view';

/** Numbers an image that say how. */
export const WARP_NUMBERS = { none: 0, affine: 6, view: VIEW_NUMBERS } as const satisfies Record<Warp, number>;

export interface GatherOptions {
  net: Net;
  /** Pixels are bytes, four in a u32; else float32. */
  bytes: boolean;
  normalisation: Normalisation;
  warp: Warp;
}

/** Numbers of one image as the first layer reads it, border included. */
export function inputSize({ input }: Net): number {
  return sizeOf(input);
}

export function gather({ net, bytes, normalisation: { mean, std }, warp }: GatherOptions): Kernel {
  const { width, channels } = net.image;
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
${warp === 'none' ? '' : warpedPixel(net)}${warp === 'view' ? PHILOX : ''}
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
${valueOf(warp, net)}
  x[image * ${inputSize(net)}u + ${place}] = (value - ${float(mean)}) * ${float(1 / std)};
}`;
  return { name: 'gather', access: ['uniform', 'step', 'read', 'read', 'read', 'write'], code };
}

/** `warped(base, m, x, y, c)`: the pixel at (x, y) of the image at `base` under the affine at `m`. */
function warpedPixel({ image: { height, width, channels } }: Net): string {
  const [cx, cy] = [float((width - 1) / 2), float((height - 1) / 2)];
  return `
fn inside(base: u32, y: i32, x: i32, c: u32) -> f32 {
  let there = x >= 0 && y >= 0 && x < ${width} && y < ${height};
  let at = select(0u, (u32(y) * ${width}u + u32(x)) * ${channels}u + c, there);
  return select(0.0, pixel(base + at), there);
}
fn warped(base: u32, m: u32, x: f32, y: f32, c: u32) -> f32 {
  let dx = x - ${cx};
  let dy = y - ${cy};
  let sx = ${cx} + affines[m] * dx + affines[m + 1u] * dy + affines[m + 2u];
  let sy = ${cy} + affines[m + 3u] * dx + affines[m + 4u] * dy + affines[m + 5u];
  let x0 = i32(floor(sx)); let y0 = i32(floor(sy));
  let fx = sx - floor(sx); let fy = sy - floor(sy);
  let top = mix(inside(base, y0, x0, c), inside(base, y0, x0 + 1, c), fx);
  let bottom = mix(inside(base, y0 + 1, x0, c), inside(base, y0 + 1, x0 + 1, c), fx);
  return mix(top, bottom, fy);
}`;
}

/** Statements that make `value` of pixel (xx, y, c). */
function valueOf(warp: Warp, { image: { height, width } }: Net): string {
  const affine = `  let m = at * ${WARP_NUMBERS[warp]}u;
  let px = f32(xx); let py = f32(y);`;
  switch (warp) {
    case 'none': return '  let value = pixel(base + k);';
    case 'affine': return `${affine}
  let value = warped(base, m, px, py, c);`;
    case 'view': return `${affine}
  var value = warped(base, m, px, py, c);
  let a = affines[m + ${AT.blur}u];
  if (a > 0.0) {
    value = 0.0;
    for (var j = -1; j <= 1; j++) {
      for (var i = -1; i <= 1; i++) {
        let weight = select(a, 1.0 - 2.0 * a, i == 0) * select(a, 1.0 - 2.0 * a, j == 0);
        value += weight * warped(base, m, clamp(px + f32(i), 0.0, ${float(width - 1)}), clamp(py + f32(j), 0.0, ${float(height - 1)}), c);
      }
    }
  }
  value = affines[m + ${AT.gains}u + min(c, ${GAINS - 1}u)] * (value - 0.5) + 0.5 + affines[m + ${AT.lift}u];
  let amplitude = affines[m + ${AT.amplitude}u];
  if (amplitude > 0.0) {
    let word = philox(vec4<u32>(k / 4u, 0u, 0u, 0u), vec2<u32>(u32(affines[m + ${AT.key}u]), ${PURPOSES.indexOf('view') + 1}u))[k % 4u];
    value += amplitude * f32(i32((word & 0xffffu) + (word >> 16u)) - 65535) / 65536.0;
  }
  let s = m + ${AT.square}u;
  if (px >= affines[s] && py >= affines[s + 1u] && px < affines[s + 2u] && py < affines[s + 3u]) { value = 0.0; }`;
    default: return warp satisfies never;
  }
}
