/**
 * Convolution, bias (where there is one) and ReLU, any number of chains:
 *   y[r, b, oy, ox, o] = act(bias[r, o] + Σ_{ky,kx,c} x[s, b, oy·S + ky·D, ox·S + kx·D, c] · w[r, ky, kx, c, o] [+ added])
 * with x and y in bordered tensors (`net.ts`), s = r, or the chain's group where chains share their input. A thread
 * makes a tile of `positions` × `channels` outputs in registers: per tap and four input channels it reads
 * `positions` + `channels` vec4 for 4·positions·channels multiplications.
 */
import type { Kernel } from '../program.ts';
import { type ConvNode, sizeOf, type TensorShape } from '../net.ts';
import { component, DIMS, each, fitting, MAIN, THREAD } from './wgsl.ts';

/** Outputs a thread; channels a multiple of four. */
export interface Tile {
  positions: number;
  channels: number;
}

/** `added`: shape of what is added. */
export function convForward(layer: ConvNode, packed: number, tile: Tile, shared: boolean, added: TensorShape | null = null): { kernel: Kernel; threads: (batch: number) => number } {
  const { input, output, kernel, stride, dilation, scalar, relu, biased } = layer;
  const outputs = output.channels / 4;
  const n = fitting(outputs, tile.channels / 4);
  const m = tile.positions;
  const tiles = outputs / n;
  const positions = output.height * output.width;
  const units = scalar ? 1 : 4;
  const row = ((input.width + 2 * input.border) * input.channels) / units;
  const column = input.channels / units;
  const image = sizeOf(input) / units;
  const corner = (input.border - layer.padding) * (row + column);
  const outRow = ((output.width + 2 * output.border) * output.channels) / 4;
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<${scalar ? 'f32' : 'vec4<f32>'}>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> groups: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
${added ? '@group(0) @binding(5) var<storage, read> added: array<vec4<f32>>;' : ''}
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  let chain = id.z;
  let last = dims.batch * ${positions}u;
  let first = (t / ${tiles}u) * ${m}u;
  if (first >= last) { return; }
  let n0 = (t % ${tiles}u) * ${n}u;
  let source = ${shared ? 'groups[chain]' : 'chain'};
  let base = chain * ${packed / 4}u;
${each(m, (i) => `  let p${i} = min(first + ${i}u, last - 1u);
  let b${i} = p${i} / ${positions}u; let r${i} = p${i} % ${positions}u;
  var a${i} = (source * dims.batch + b${i}) * ${image}u + (r${i} / ${output.width}u) * ${stride * row}u + (r${i} % ${output.width}u) * ${stride * column}u + ${corner}u;`)}
${each(n, (j) => `  let bias${j} = ${biased ? `w[base + ${layer.bias / 4}u + n0 + ${j}u]` : 'vec4<f32>()'};`)}
${each(m, (i) => each(n, (j) => `  var s${i}_${j} = bias${j};`))}
  var at = base + ${layer.weights / 4}u + n0;
  for (var ky = 0u; ky < ${kernel}u; ky++) {
    for (var kx = 0u; kx < ${kernel}u; kx++) {
      let tap = ky * ${dilation * row}u + kx * ${dilation * column}u;
      for (var c = 0u; c < ${column}u; c++) {
${scalar ? scalarStep(m, n) : vectorStep(m, n, outputs)}
        at += ${units * outputs}u;
      }
    }
  }
${each(m, (i) => `  if (first + ${i}u < last) {
    let o = (chain * dims.batch + b${i}) * ${sizeOf(output) / 4}u + (r${i} / ${output.width}u + ${output.border}u) * ${outRow}u + (r${i} % ${output.width}u + ${output.border}u) * ${outputs}u + n0;
${added ? `    let e = (chain * dims.batch + b${i}) * ${sizeOf(added) / 4}u + (r${i} / ${output.width}u + ${added.border}u) * ${(added.width + 2 * added.border) * outputs}u + (r${i} % ${output.width}u + ${added.border}u) * ${outputs}u + n0;
${each(n, (j) => `    s${i}_${j} += added[e + ${j}u];`)}` : ''}
${each(n, (j) => `    y[o + ${j}u] = ${relu ? `select(s${i}_${j}, vec4<f32>(), s${i}_${j} < vec4<f32>())` : `s${i}_${j}`};`)}
  }`)}
}`;
  return {
    kernel: { name: `${layer.name} forward`, access: ['uniform', 'read', 'read', 'read', 'write', ...(added ? ['read' as const] : [])], code },
    threads: (batch) => Math.ceil((batch * positions) / m) * tiles,
  };
}

function scalarStep(m: number, n: number): string {
  return `${each(n, (j) => `        let w${j} = w[at + ${j}u];`)}
${each(m, (i) => `        let x${i} = x[a${i} + tap + c];
${each(n, (j) => `        s${i}_${j} += x${i} * w${j};`)}`)}`;
}

function vectorStep(m: number, n: number, outputs: number): string {
  return `${each(4, (k) => each(n, (j) => `        let w${k}_${j} = w[at + ${k * outputs + j}u];`))}
${each(m, (i) => `        let x${i} = x[a${i} + tap + c];
${each(n, (j) => `        s${i}_${j} += ${[0, 1, 2, 3].map((k) => `x${i}.${component(k)} * w${k}_${j}`).join(' + ')};`)}`)}`;
}

