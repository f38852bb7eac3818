/**
 * Gradient with respect to what a group norm reads, n numbers a group:
 *   dx = (γ·dy − (Σ_group γ·dy + x̂·Σ_group γ·dy·x̂)/n)/√(variance + ε)
 * whose sums are those of γ·dβ and γ·dγ over the channels of a group, made by `norm-weight-gradient.ts`. A thread a block of channels and row of an image.
 */
import type { NormNode, TensorShape } from '../net.ts';
import type { Kernel } from '../program.ts';
import { alongRow, blocksOf, byQuad, moments, overGroup, places } from './norm-groups.ts';
import { DIMS, each, float, MAIN, THREAD } from './wgsl.ts';

/** `into`: shape of dx. */
export function normInputGradient(node: NormNode, packed: number, shares: number, at: number, stride: number, into: TensorShape): { kernel: Kernel; threads: (batch: number) => number } {
  const { quads, count, groups } = blocksOf(node);
  const channels = node.output.channels / 4;
  const [straight, along] = [overGroup(node, 'a'), overGroup(node, 'c')];
  const n = float(node.input.height * node.input.width * node.width);
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read> grads: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> dx: array<vec4<f32>>;
${THREAD}
${MAIN} {
${places(node, node.input.height)}
  let oy = part;
${moments(node, shares)}
${each(quads, (k) => `  let gain_${k} = w[chain * ${packed / 4}u + ${node.weights / 4}u + block * ${quads}u + ${k}u];
  var a${k} = vec4<f32>(); var c${k} = vec4<f32>();`)}
  for (var s = 0u; s < ${shares}u; s++) {
    let first = chain * ${stride / 4}u + ${at / 4}u + (b * ${shares}u + s) * ${2 * channels}u + block * ${quads}u;
${each(quads, (k) => `    a${k} += gain_${k} * grads[first + ${channels + k}u]; c${k} += gain_${k} * grads[first + ${k}u];`)}
  }
${each(groups, (g) => `  let straight${g} = (${straight(g)}) / ${n}; let along${g} = (${along(g)}) / ${n};`)}
${each(quads, (k) => `  let straight_${k} = ${byQuad(node, (g) => `straight${g}`)(k)}; let along_${k} = ${byQuad(node, (g) => `along${g}`)(k)};`)}
${alongRow([{ name: 'x', shape: node.input }, { name: 'dy', shape: node.gradient }, { name: 'dx', shape: into }], quads, each(quads, (k) => `      let v${k} = (x[at_x + ${k}u] - mean_${k}) * scale_${k};
      dx[at_dx + ${k}u] = scale_${k} * (gain_${k} * dy[at_dy + ${k}u] - straight_${k} - v${k} * along_${k});`))}
}`;
  return { kernel: { name: `${node.name} input gradient`, access: ['uniform', 'read', 'read', 'read', 'read', 'read', 'write'], code }, threads: (batch) => batch * count * node.input.height };
}
