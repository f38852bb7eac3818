/**
 * From theta to what the network's kernels read: points of a plane formed, weights laid out as [taps, inputs, outputs],
 * and, after a training step, the check that every new parameter is finite.
 */
import type { Net } from '../net.ts';
import type { Kernel } from '../program.ts';
import { strideOf } from './update.ts';
import { DIMS, FINITE, MAIN, STEP, THREAD } from './wgsl.ts';

/** packed[z] from theta[picks[z]], `unsound[z]` set where a parameter is not finite; a thread a parameter. */
export function pack(net: Net): Kernel {
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> theta: array<f32>;
@group(0) @binding(2) var<storage, read> packedIndex: array<u32>;
@group(0) @binding(3) var<storage, read> picks: array<u32>;
@group(0) @binding(4) var<storage, read_write> packed: array<f32>;
@group(0) @binding(5) var<storage, read_write> unsound: array<atomic<u32>>;
${THREAD}${FINITE}
${MAIN} {
  let j = threadOf(id, lane, size);
  if (j >= ${net.parameters}u) { return; }
  let value = theta[picks[id.z] * ${strideOf(net)}u + j];
  packed[id.z * ${net.packed}u + packedIndex[j]] = value;
  if (!finite(value)) { atomicStore(&unsound[id.z], 1u); }
}`;
  return { name: 'pack for evaluation', access: ['uniform', 'read', 'read', 'read', 'write', 'write'], code };
}

/** Packs after a step and marks chains whose new parameters are not finite; those frozen earlier are left alone. */
export function packChecked(net: Net): Kernel {
  const code = `${DIMS}
${STEP}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> now: Step;
@group(0) @binding(2) var<storage, read> theta: array<f32>;
@group(0) @binding(3) var<storage, read> packedIndex: array<u32>;
@group(0) @binding(4) var<storage, read_write> packed: array<f32>;
@group(0) @binding(5) var<storage, read_write> diverged: array<atomic<i32>>;
${THREAD}${FINITE}
${MAIN} {
  let j = threadOf(id, lane, size);
  let chain = id.z;
  if (j >= ${net.parameters}u) { return; }
  let value = theta[chain * ${strideOf(net)}u + j];
  packed[chain * ${net.packed}u + packedIndex[j]] = value;
  if (!finite(value) && atomicLoad(&diverged[chain]) < 0) { atomicMax(&diverged[chain], i32(now.step)); }
}`;
  return { name: 'pack', access: ['uniform', 'step', 'read', 'read', 'write', 'write'], code };
}

/** Puts chains that diverged back to where they were, packed weights included; a thread a parameter. */
export function restore(net: Net): Kernel {
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> previous: array<f32>;
@group(0) @binding(2) var<storage, read> packedIndex: array<u32>;
@group(0) @binding(3) var<storage, read> diverged: array<i32>;
@group(0) @binding(4) var<storage, read_write> theta: array<f32>;
@group(0) @binding(5) var<storage, read_write> packed: array<f32>;
${THREAD}
${MAIN} {
  let j = threadOf(id, lane, size);
  if (j >= ${net.parameters}u || diverged[id.z] < 0) { return; }
  let value = previous[id.z * ${strideOf(net)}u + j];
  theta[id.z * ${strideOf(net)}u + j] = value;
  packed[id.z * ${net.packed}u + packedIndex[j]] = value;
}`;
  return { name: 'restore', access: ['uniform', 'read', 'read', 'read', 'write', 'write'], code };
}

/** theta[z] = origin + a·u + b·v; `frame` [3, S], `coordinates` [points, 2]; a thread a parameter. */
export function formPoints(net: Net): Kernel {
  const stride = strideOf(net);
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> frame: array<f32>;
@group(0) @binding(2) var<storage, read> coordinates: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> theta: array<f32>;
${THREAD}
${MAIN} {
  let j = threadOf(id, lane, size);
  if (j >= ${net.parameters}u) { return; }
  let at = coordinates[id.z];
  theta[id.z * ${stride}u + j] = frame[j] + at.x * frame[${stride}u + j] + at.y * frame[${2 * stride}u + j];
}`;
  return { name: 'form points', access: ['uniform', 'read', 'read', 'write'], code };
}
