/**
 * What the kernels of a group norm share. Threads take blocks of channels: as many quads as hold whole groups. Groups behind the last real
 * one are of padding, which is zero and stays zero. Moments lie in stats [chains, batch, shares, blocks, groups of a block] as
 * (mean, Σ (x − mean)²) of a share of the rows of an image; whoever reads them puts the shares together (Chan et al. 1983).
 */
import { NORM_EPSILON } from '../../../model/architecture.ts';
import { type NormNode, sizeOf, type TensorShape } from '../net.ts';
import { component, each, float } from './wgsl.ts';

export interface Blocks {
  /** vec4 of channels in a block. */
  quads: number;
  /** Blocks of an image. */
  count: number;
  /** Groups in a block. */
  groups: number;
}

export function blocksOf({ width, output }: Pick<NormNode, 'width' | 'output'>): Blocks {
  const all = output.channels / 4;
  const quads = width % 4 === 0 ? width / 4 : 4 % width === 0 ? 1 : all;
  return { quads, count: all / quads, groups: Math.ceil((4 * quads) / width) };
}

/** Pairs of numbers in stats for one image. */
export function statsOf(node: NormNode, shares: number): number {
  const { count, groups } = blocksOf(node);
  return count * groups * shares;
}

/** A loop along row `oy` of `image`: `body` finds the first quad of `block` in each tensor at `at_<name>`. */
export function alongRow(tensors: readonly { name: string; shape: TensorShape }[], quads: number, body: string): string {
  return `${tensors.map(({ name, shape }) => `    var at_${name} = image * ${sizeOf(shape) / 4}u + (oy + ${shape.border}u) * ${((shape.width + 2 * shape.border) * shape.channels) / 4}u + ${(shape.border * shape.channels) / 4}u + block * ${quads}u;`).join('\n')}
    for (var ox = 0u; ox < ${tensors[0]!.shape.width}u; ox++) {
${body}
${tensors.map(({ name, shape }) => `      at_${name} += ${shape.channels / 4}u;`).join('\n')}
    }`;
}

/** One vec4 a quad of what `of` says of each group. */
export function byQuad(node: NormNode, of: (group: number) => string): (k: number) => string {
  return (k) => `vec4<f32>(${[0, 1, 2, 3].map((j) => of(Math.floor((4 * k + j) / node.width))).join(', ')})`;
}

/** The sum over the channels of group `g` of what `name` has in a vec4 a quad. */
export function overGroup({ width, ...node }: Pick<NormNode, 'width' | 'output'>, name: string): (g: number) => string {
  const channels = Array.from({ length: 4 * blocksOf({ width, ...node }).quads }, (_, j) => j);
  return (g) => channels.filter((j) => Math.floor(j / width) === g).map((j) => `${name}${Math.floor(j / 4)}.${component(j % 4)}`).join(' + ');
}

/** Rows [lo, hi) of share `s`. */
export function rowsOf(node: NormNode, shares: number, s: string): string {
  return `let lo = ${s} * ${node.input.height}u / ${shares}u; let hi = (${s} + 1u) * ${node.input.height}u / ${shares}u;`;
}

/** For `image` and `block`: `mean_k` and `scale_k` = 1/√(variance + ε), a vec4 a quad. */
export function moments(node: NormNode, shares: number): string {
  const { quads, count, groups } = blocksOf(node);
  const numbers = node.input.height * node.input.width * node.width;
  const at = (g: number) => `stats[((image * ${shares}u + s) * ${count}u + block) * ${groups}u + ${g}u]`;
  const perRow = float(node.input.width * node.width);
  return `${each(groups, (g) => `  var m${g} = 0.0; var q${g} = 0.0;`)}
  for (var s = 0u; s < ${shares}u; s++) {
    ${rowsOf(node, shares, 's')}
${each(groups, (g) => `    m${g} += ${at(g)}.x * f32(hi - lo);`)}
  }
${each(groups, (g) => `  m${g} = m${g} / ${float(node.input.height)};`)}
  for (var s = 0u; s < ${shares}u; s++) {
    ${rowsOf(node, shares, 's')}
${each(groups, (g) => `    let d${g} = ${at(g)}.x - m${g}; q${g} += ${at(g)}.y + f32(hi - lo) * ${perRow} * d${g} * d${g};`)}
  }
${each(groups, (g) => `  let r${g} = 1.0 / sqrt(q${g} / ${float(numbers)} + ${float(NORM_EPSILON)});`)}
${each(quads, (k) => `  let mean_${k} = ${byQuad(node, (g) => `m${g}`)(k)}; let scale_${k} = ${byQuad(node, (g) => `r${g}`)(k)};`)}`;
}

/** What a thread of an image's row, or of a share of its rows, is for. */
export function places(node: NormNode, parts: number): string {
  const { count } = blocksOf(node);
  return `  let t = threadOf(id, lane, size);
  let chain = id.z;
  let block = t % ${count}u;
  let part = (t / ${count}u) % ${parts}u;
  let b = t / ${count * parts}u;
  if (b >= dims.batch) { return; }
  let image = chain * dims.batch + b;`;
}
