/**
 * Moments of a group norm: for each image, group and share of its rows the mean and Σ (x − mean)², the squares about the mean itself
 * (Σx² − n·mean² would lose in float32 what a mean far from zero takes). A thread a block of channels and share.
 */
import type { NormNode } from '../net.ts';
import type { Kernel } from '../program.ts';
import { alongRow, blocksOf, byQuad, overGroup, places, rowsOf } from './norm-groups.ts';
import { DIMS, each, float, MAIN, THREAD } from './wgsl.ts';

export function normMoments(node: NormNode, shares: number): { kernel: Kernel; threads: (batch: number) => number } {
  const { quads, count, groups } = blocksOf(node);
  const ofGroup = overGroup(node, 's');
  const rows = (body: string): string => `  for (var oy = lo; oy < hi; oy++) {\n${alongRow([{ name: 'x', shape: node.input }], quads, body)}\n  }`;
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> stats: array<vec2<f32>>;
${THREAD}
${MAIN} {
${places(node, shares)}
  ${rowsOf(node, shares, 'part')}
  let n = f32(hi - lo) * ${float(node.input.width * node.width)};
${each(quads, (k) => `  var s${k} = vec4<f32>();`)}
${rows(each(quads, (k) => `      s${k} += x[at_x + ${k}u];`))}
${each(groups, (g) => `  let m${g} = (${ofGroup(g)}) / n;`)}
${each(quads, (k) => `  let mean_${k} = ${byQuad(node, (g) => `m${g}`)(k)}; s${k} = vec4<f32>();`)}
${rows(each(quads, (k) => `      let d${k} = x[at_x + ${k}u] - mean_${k}; s${k} += d${k} * d${k};`))}
  let out = ((image * ${shares}u + part) * ${count}u + block) * ${groups}u;
${each(groups, (g) => `  stats[out + ${g}u] = vec2<f32>(m${g}, ${ofGroup(g)});`)}
}`;
  return { kernel: { name: `${node.name} moments`, access: ['uniform', 'read', 'write'], code }, threads: (batch) => batch * count * shares };
}
