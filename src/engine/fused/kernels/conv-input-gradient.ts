/**
 * Gradient with respect to a convolution's input, masked by the ReLU before it:
 *   dx[r, b, iy, ix, c] = [x > 0] · (Σ_{ky,kx,o} dy[r, b, (iy + P − ky·D)/S, (ix + P − kx·D)/S, o] · w[r, ky, kx, c, o] [+ plus])
 * over the taps for which the divisions are exact (S = 1 where D > 1). Positions with equal iy mod S and ix mod S use the same taps, so a
 * thread's tile stays within one such class and no lane waits for another.
 */
import type { Kernel } from '../program.ts';
import { type ConvNode, sizeOf, type TensorShape } from '../net.ts';
import type { Tile } from './conv-forward.ts';
import { DIMS, each, fitting, MAIN, THREAD } from './wgsl.ts';

/** `into`: shape of dx. `mask`: the layer's input went through a ReLU. `plus`: shape of what others have to add to dx before that ReLU. */
export function convInputGradient(layer: ConvNode, packed: number, tile: Tile, into: TensorShape, mask: boolean, plus: TensorShape | null): { kernel: Kernel; threads: (batch: number) => number } {
  const { input, gradient, kernel, stride, padding, dilation } = layer;
  const inputs = input.channels / 4;
  const outputs = gradient.channels / 4;
  const n = fitting(inputs, tile.channels / 4);
  const m = tile.positions;
  const tiles = inputs / n;
  const classes = stride * stride;
  const most = Math.ceil(input.height / stride) * Math.ceil(input.width / stride);
  const gradRow = (gradient.width + 2 * gradient.border) * outputs;
  const inRow = (input.width + 2 * input.border) * inputs;
  const intoRow = (into.width + 2 * into.border) * inputs;
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4<f32>>;${plus ? '\n@group(0) @binding(5) var<storage, read> plus: array<vec4<f32>>;' : ''}
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  let chain = id.z;
  let share = (dims.batch * ${most}u + ${m - 1}u) / ${m}u * ${tiles}u;
  let kind = t / share;
  if (kind >= ${classes}u) { return; }
  let ry = kind / ${stride}u;
  let rx = kind % ${stride}u;
  let rows = (${input.height + stride - 1}u - ry) / ${stride}u;
  let columns = (${input.width + stride - 1}u - rx) / ${stride}u;
  let last = dims.batch * rows * columns;
  let first = (t % share) / ${tiles}u * ${m}u;
  if (first >= last) { return; }
  let n0 = (t % ${tiles}u) * ${n}u;
  let base = chain * ${packed / 4}u + ${layer.weights / 4}u + n0 * ${4 * outputs}u;
${each(m, (i) => `  let p${i} = min(first + ${i}u, last - 1u);
  let b${i} = p${i} / (rows * columns); let y${i} = (p${i} / columns) % rows; let x${i} = p${i} % columns;
  let a${i} = i32((chain * dims.batch + b${i}) * ${sizeOf(gradient) / 4}u + (y${i} + ${gradient.border}u) * ${gradRow}u + (x${i} + ${gradient.border}u) * ${outputs}u);
${each(n, (j) => `  var s${i}_${j} = vec4<f32>();`)}`)}
  for (var ky = (ry + ${padding}u) % ${stride}u; ky < ${kernel}u; ky += ${stride}u) {
    let dyRow = (i32(ry + ${padding}u) - ${dilation} * i32(ky)) / ${stride} * ${gradRow};
    for (var kx = (rx + ${padding}u) % ${stride}u; kx < ${kernel}u; kx += ${stride}u) {
      let tap = dyRow + (i32(rx + ${padding}u) - ${dilation} * i32(kx)) / ${stride} * ${outputs};
      let at = base + (ky * ${kernel}u + kx) * ${4 * inputs * outputs}u;
      for (var o = 0u; o < ${outputs}u; o++) {
${each(4 * n, (k) => `        let w${k} = w[at + ${k * outputs}u + o];`)}
${each(m, (i) => `        let d${i} = dy[u32(a${i} + tap + i32(o))];
${each(n, (j) => `        s${i}_${j} += vec4<f32>(${[0, 1, 2, 3].map((k) => `dot(d${i}, w${4 * j + k})`).join(', ')});`)}`)}
      }
    }
  }
${each(m, (i) => `  if (first + ${i}u < last) {
    let iy = y${i} * ${stride}u + ry; let ix = x${i} * ${stride}u + rx;
    let o = (chain * dims.batch + b${i}) * ${sizeOf(into) / 4}u + (iy + ${into.border}u) * ${intoRow}u + (ix + ${into.border}u) * ${inputs}u + n0;
${mask ? `    let q = (chain * dims.batch + b${i}) * ${sizeOf(input) / 4}u + (iy + ${input.border}u) * ${inRow}u + (ix + ${input.border}u) * ${inputs}u + n0;` : ''}
${plus ? `    let e = (chain * dims.batch + b${i}) * ${sizeOf(plus) / 4}u + (iy + ${plus.border}u) * ${(plus.width + 2 * plus.border) * inputs}u + (ix + ${plus.border}u) * ${inputs}u + n0;` : ''}
${each(n, (j) => {
    const sum = plus ? `s${i}_${j} + plus[e + ${j}u]` : `s${i}_${j}`;
    return `    dx[o + ${j}u] = ${mask ? `select(vec4<f32>(), ${sum}, x[q + ${j}u] > vec4<f32>())` : sum};`;
  })}
  }`)}
}`;
  return {
    kernel: { name: `${layer.name} input gradient`, access: ['uniform', 'read', 'read', 'read', 'write', ...(plus ? ['read' as const] : [])], code },
    threads: (batch) => Math.ceil((batch * most) / m) * tiles * classes,
  };
}
