/**
 * Gradients of a convolution's weights and bias:
 *   dw[r, ky, kx, c, o] = Σ_{b,oy,ox} x[s, b, oy·S + ky·D, ox·S + kx·D, c] · dy[r, b, oy, ox, o],   db[r, o] = Σ dy
 * A thread makes a tile of input × output channels of one tap (all taps at once where the input is read by scalars)
 * over a share of the batch; shares are summed by the kernel that collects gradients.
 */
import type { Kernel } from '../program.ts';
import { type ConvNode, sizeOf } from '../net.ts';
import { component, DIMS, each, fitting, MAIN, THREAD } from './wgsl.ts';

export interface WeightGradient {
  kernel: Kernel;
  threads: number;
  /** Numbers of one share: weights, then bias if there is one. */
  size: number;
}

/** `at`, `stride`: where this layer's shares begin within a chain's gradients, and how long a chain's are, in numbers. */
export function convWeightGradient(layer: ConvNode, shares: number, at: number, stride: number, shared: boolean, tileChannels: number): WeightGradient {
  const { scalar, gradient, input, output, kernel, dilation, biased } = layer;
  const outputs = gradient.channels / 4;
  const inputs = scalar ? 1 : input.channels / 4;
  const nc = scalar ? 0 : fitting(inputs, tileChannels / 4);
  const no = scalar ? 1 : fitting(outputs, tileChannels / 4);
  const tiles = scalar ? outputs : kernel * kernel * (inputs / nc) * (outputs / no);
  // One more tile for every four biases.
  const biases = biased ? outputs : 0;
  const size = kernel * kernel * input.channels * output.channels + 4 * biases;
  const units = scalar ? 1 : 4;
  const row = ((input.width + 2 * input.border) * input.channels) / units;
  const column = input.channels / units;
  const corner = (input.border - layer.padding) * (row + column);
  const gradRow = (gradient.width + 2 * gradient.border) * outputs;
  const taps = kernel * kernel * input.channels;
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<${scalar ? 'f32' : 'vec4<f32>'}>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> groups: array<u32>;
@group(0) @binding(4) var<storage, read_write> grads: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  let chain = id.z;
  let share = t / ${tiles + biases}u;
  if (share >= ${shares}u) { return; }
  let tile = t % ${tiles + biases}u;
  let source = ${shared ? 'groups[chain]' : 'chain'};
  let lo = share * dims.batch / ${shares}u;
  let hi = (share + 1u) * dims.batch / ${shares}u;
  let out = chain * ${stride / 4}u + ${at / 4}u + share * ${size / 4}u;
  if (tile >= ${tiles}u) {
    let o = tile - ${tiles}u;
    var sum = vec4<f32>();
    for (var b = lo; b < hi; b++) {
      for (var oy = 0u; oy < ${gradient.height}u; oy++) {
        var d = (chain * dims.batch + b) * ${sizeOf(gradient) / 4}u + (oy + ${gradient.border}u) * ${gradRow}u + ${gradient.border * outputs}u + o;
        for (var ox = 0u; ox < ${gradient.width}u; ox++) { sum += dy[d]; d += ${outputs}u; }
      }
    }
    grads[out + ${(size - output.channels) / 4}u + o] = sum;
    return;
  }
${scalar ? scalarBody() : vectorBody()}
}`;

  function scalarBody(): string {
    const offsets = Array.from({ length: taps }, (_, k) => {
      const tap = Math.floor(k / input.channels);
      return Math.floor(tap / kernel) * dilation * row + (tap % kernel) * dilation * column + (k % input.channels);
    });
    return `${each(taps, (k) => `  var s${k} = vec4<f32>();`)}
  for (var b = lo; b < hi; b++) {
    for (var oy = 0u; oy < ${gradient.height}u; oy++) {
      var a = (source * dims.batch + b) * ${sizeOf(input)}u + oy * ${layer.stride * row}u + ${corner}u;
      var d = (chain * dims.batch + b) * ${sizeOf(gradient) / 4}u + (oy + ${gradient.border}u) * ${gradRow}u + ${gradient.border * outputs}u + tile;
      for (var ox = 0u; ox < ${gradient.width}u; ox++) {
        let g = dy[d];
${each(taps, (k) => `        s${k} += x[a + ${offsets[k]!}u] * g;`)}
        a += ${layer.stride * column}u;
        d += ${outputs}u;
      }
    }
  }
${each(taps, (k) => `  grads[out + ${k * outputs}u + tile] = s${k};`)}`;
  }

  function vectorBody(): string {
    return `  let o0 = (tile % ${outputs / no}u) * ${no}u;
  let c0 = (tile / ${outputs / no}u) % ${inputs / nc}u * ${nc}u;
  let tap = tile / ${(outputs / no) * (inputs / nc)}u;
${each(4 * nc, (k) => each(no, (j) => `  var s${k}_${j} = vec4<f32>();`))}
  for (var b = lo; b < hi; b++) {
    for (var oy = 0u; oy < ${gradient.height}u; oy++) {
      var a = (source * dims.batch + b) * ${sizeOf(input) / 4}u + (oy * ${layer.stride}u + tap / ${kernel}u * ${dilation}u) * ${row}u + (tap % ${kernel}u) * ${dilation * column}u + ${corner}u + c0;
      var d = (chain * dims.batch + b) * ${sizeOf(gradient) / 4}u + (oy + ${gradient.border}u) * ${gradRow}u + ${gradient.border * outputs}u + o0;
      for (var ox = 0u; ox < ${gradient.width}u; ox++) {
${each(nc, (i) => `        let x${i} = x[a + ${i}u];`)}
${each(no, (j) => `        let g${j} = dy[d + ${j}u];`)}
${each(4 * nc, (k) => each(no, (j) => `        s${k}_${j} += x${Math.floor(k / 4)}.${component(k % 4)} * g${j};`))}
        a += ${layer.stride * column}u;
        d += ${outputs}u;
      }
    }
  }
${each(4 * nc, (k) => each(no, (j) => `  grads[out + (tap * ${input.channels}u + c0 * 4u + ${k}u) * ${outputs}u + o0 + ${j}u] = s${k}_${j};`))}`;
  }
  return { kernel: { name: `${layer.name} weight gradient`, access: ['uniform', 'read', 'read', 'read', 'write'], code }, threads: (tiles + biases) * shares, size };
}
