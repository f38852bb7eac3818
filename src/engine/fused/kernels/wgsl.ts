/** Pieces of WGSL that several kernels share, and text templates for unrolled tiles. */

/** Threads a workgroup: no kernel needs barriers or shared memory, so this is a matter of scheduling alone. */
export const GROUP = 64;

/** Sizes that change from plan to plan without another shader: `count` inverses of a block; the first `maps` chains do not sample. */
export const DIMS = 'struct Dims { batch: u32, chains: u32, groups: u32, count: u32, maps: u32 }';

/** Which step of a chunk this is: its place among the uploaded rows, its block of learning rates, its number, its rows. */
export const STEP = 'struct Step { chunk: u32, block: u32, step: u32, count: u32 }';

/** Number of this thread among those of one chain: dispatches fold a long line into x and y. */
export const THREAD = `
fn threadOf(id: vec3<u32>, lane: u32, size: vec3<u32>) -> u32 { return (id.x + id.y * size.x) * ${GROUP}u + lane; }`;

export const MAIN = `@compute @workgroup_size(${GROUP})
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(local_invocation_index) lane: u32, @builtin(num_workgroups) size: vec3<u32>)`;

/** Comparisons with NaN may be optimised away; its bits may not. */
export const FINITE = `
fn finite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }`;

/** `count` lines of text, one an index. */
export function each(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n');
}

/** The largest divisor of `count` that is at most `most`: how many vec4 of channels a tile takes. */
export function fitting(count: number, most: number): number {
  let n = Math.min(count, Math.floor(most));
  while (count % n !== 0) n--;
  return n;
}

const COMPONENTS = ['x', 'y', 'z', 'w'] as const;
export function component(i: number): string {
  return COMPONENTS[i]!;
}

/** A number as WGSL writes a float. */
export function float(x: number): string {
  return /[.e]/.test(String(x)) ? String(x) : `${x}.0`;
}
