/**
 * Group norm, what is added to it, and the ReLU:
 *   y = act(γ_c·(x − mean)/√(variance + ε) + β_c [+ shortcut])
 * from the moments that `norm-moments.ts` made. A thread a block of channels and row of an image.
 */
import type { NormNode, TensorShape } from '../net.ts';
import type { Kernel } from '../program.ts';
import { alongRow, blocksOf, moments, places } from './norm-groups.ts';
import { DIMS, each, MAIN, THREAD } from './wgsl.ts';

/** `added`: shape of what is added. */
export function normForward(node: NormNode, packed: number, shares: number, added: TensorShape | null): { kernel: Kernel; threads: (batch: number) => number } {
  const { quads, count } = blocksOf(node);
  const tensors = [{ name: 'x', shape: node.input }, { name: 'y', shape: node.output }, ...(added ? [{ name: 'added', shape: added }] : [])];
  const weights = (first: number, k: number) => `w[chain * ${packed / 4}u + ${first / 4}u + block * ${quads}u + ${k}u]`;
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> w: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> stats: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> y: array<vec4<f32>>;
${added ? '@group(0) @binding(5) var<storage, read> added: array<vec4<f32>>;' : ''}
${THREAD}
${MAIN} {
${places(node, node.input.height)}
  let oy = part;
${moments(node, shares)}
${each(quads, (k) => `  let gain_${k} = ${weights(node.weights, k)}; let bias_${k} = ${weights(node.bias, k)};`)}
${alongRow(tensors, quads, each(quads, (k) => `      let v${k} = gain_${k} * ((x[at_x + ${k}u] - mean_${k}) * scale_${k}) + bias_${k}${added ? ` + added[at_added + ${k}u]` : ''};
      y[at_y + ${k}u] = ${node.relu ? `select(v${k}, vec4<f32>(), v${k} < vec4<f32>())` : `v${k}`};`))}
}`;
  return { kernel: { name: `${node.name} forward`, access: ['uniform', 'read', 'read', 'read', 'write', ...(added ? ['read' as const] : [])], code }, threads: (batch) => batch * count * node.input.height };
}
