/**
 * Gradients of a group norm's γ and β, one image and share of its rows at a time, x̂ = (x − mean)/√(variance + ε):
 *   dγ[r, c] = Σ dy·x̂,   dβ[r, c] = Σ dy
 * written as shares of the batch as those of convolutions are, (γ, β) [2·channels] each; the input gradient reads them too. A thread a block and share.
 */
import type { NormNode } from '../net.ts';
import type { Kernel } from '../program.ts';
import { alongRow, blocksOf, moments, places, rowsOf } from './norm-groups.ts';
import { DIMS, each, MAIN, THREAD } from './wgsl.ts';

/** `at`, `stride`: where this node's shares begin within a chain's gradients, and how long a chain's are, in numbers. */
export function normWeightGradient(node: NormNode, shares: number, at: number, stride: number): { kernel: Kernel; threads: (batch: number) => number } {
  const { quads, count } = blocksOf(node);
  const channels = node.output.channels / 4;
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> grads: array<vec4<f32>>;
${THREAD}
${MAIN} {
${places(node, shares)}
${moments(node, shares)}
  ${rowsOf(node, shares, 'part')}
${each(quads, (k) => `  var gain_${k} = vec4<f32>(); var bias_${k} = vec4<f32>();`)}
  for (var oy = lo; oy < hi; oy++) {
${alongRow([{ name: 'x', shape: node.input }, { name: 'dy', shape: node.gradient }], quads, each(quads, (k) => `      let d${k} = dy[at_dy + ${k}u];
      bias_${k} += d${k}; gain_${k} += d${k} * ((x[at_x + ${k}u] - mean_${k}) * scale_${k});`))}
  }
  let out = chain * ${stride / 4}u + ${at / 4}u + (b * ${shares}u + part) * ${2 * channels}u + block * ${quads}u;
${each(quads, (k) => `  grads[out + ${k}u] = gain_${k}; grads[out + ${channels + k}u] = bias_${k};`)}
}`;
  return { kernel: { name: `${node.name} weight gradient`, access: ['uniform', 'read', 'read', 'read', 'write'], code }, threads: (batch) => batch * count * shares };
}
