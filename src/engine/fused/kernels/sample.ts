/**
 * The update of the chains that sample, which stand behind the MAP chains of a population (from `dims.maps`), exactly the
 * contract's step:
 *
 *   project, solve   z = S⁻¹ F P⁻¹ (w − mean), P = scale·variance + floor     (update.ts; no c, so one inverse for all steps)
 *   pull             g ← ηG = gain·g + (η/N)·(P⁻¹(w − mean − Fᵀz), κh)         (a thread four parameters, like the next)
 *   sample           θ⁺ = θ + (1 − α)(θ − θ_prev) − M∘g + size·√M∘ξ,  θ_prev = θ
 *
 * `noise` [chunk, samplers] holds size = √(2αηT/N), 0 in the quiet part of a cycle; ξ are Philox normals by (seed, step, coordinate).
 */
import type { Kernel } from '../program.ts';
import type { Net } from '../net.ts';
import { NORMALS } from './philox.ts';
import { CHAIN, KINDS, strideOf } from './update.ts';
import { DIMS, each, MAIN, STEP as NOW, THREAD } from './wgsl.ts';

const STEP = `${DIMS}${CHAIN}
${NOW}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> now: Step;`;

/** Mean and P of parameters 4q … 4q + 3, from `own`. */
const momentsAt = (stride: number): string => `    let base = own.gaussian * ${stride}u + 4u * q;
${each(4, (i) => `    let m${i} = moments[base + ${i}u];`)}
    let mean = vec4<f32>(m0.x, m1.x, m2.x, m3.x);
    let p = own.scale * vec4<f32>(m0.y, m1.y, m2.y, m3.y) + own.floor;`;

/** `directions` 0: no low-rank prior in the population, and neither `factors` nor `z` is read. */
export function pull(net: Net, directions: number): Kernel {
  const stride = strideOf(net);
  const code = `${STEP}
@group(0) @binding(2) var<storage, read> chains: array<Chain>;
@group(0) @binding(3) var<storage, read> state: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> moments: array<vec2<f32>>;
@group(0) @binding(5) var<storage, read> factors: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> theta: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> g: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let q = threadOf(id, lane, size);
  let chain = id.z + dims.maps;
  if (q >= ${stride / 4}u) { return; }
  let own = chains[chain];
  let at = chain * ${stride / 4}u + q;
  let value = theta[at];
  var slope = vec4<f32>();
  if (own.kind > 0u) {
${momentsAt(stride)}
    var pulled = vec4<f32>();
${directions === 0 ? '' : `    if (own.kind == ${KINDS.lowRank}u) {
      for (var k = 0u; k < ${directions / 4}u; k++) {
        let along = z[chain * ${directions / 4}u + k];
        let f = (own.gaussian * ${directions / 4}u + k) * ${stride}u + 4u * q;
        pulled += vec4<f32>(dot(factors[f], along), dot(factors[f + 1u], along), dot(factors[f + 2u], along), dot(factors[f + 3u], along));
      }
    }`}
    slope = (value - mean - pulled) / p;
  }
  let j = vec4<u32>(4u * q, 4u * q + 1u, 4u * q + 2u, 4u * q + 3u);
  slope = select(slope, own.headStrength * value, j >= vec4<u32>(${net.extractor}u));
  g[at] = state[chain].z * g[at] + (state[chain].w / own.rows) * slope;
}`;
  return { name: 'pull', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'read', 'read', 'write'], code };
}

export function sample(net: Net): Kernel {
  const stride = strideOf(net);
  const code = `${STEP}
@group(0) @binding(2) var<storage, read> g: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> diverged: array<i32>;
@group(0) @binding(4) var<storage, read> chains: array<Chain>;
@group(0) @binding(5) var<storage, read> noise: array<f32>;
@group(0) @binding(6) var<storage, read> moments: array<vec2<f32>>;
@group(0) @binding(7) var<storage, read_write> theta: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> previous: array<vec4<f32>>;
${THREAD}${NORMALS}
${MAIN} {
  let q = threadOf(id, lane, size);
  let chain = id.z + dims.maps;
  if (q >= ${stride / 4}u) { return; }
  let at = chain * ${stride / 4}u + q;
  let value = theta[at];
  let when = diverged[chain];
  if (when >= 0) {
    // Frozen by this very step's gradient: what it restores is where it is.
    if (when == i32(now.step)) { previous[at] = value; }
    return;
  }
  let own = chains[chain];
  let j = vec4<u32>(4u * q, 4u * q + 1u, 4u * q + 2u, 4u * q + 3u);
  var m = vec4<f32>(1.0);
  if (own.preconditioned == 1u) {
    if (own.kind > 0u) {
${momentsAt(stride)}
      m = own.rows * p / (1.0 + own.rows * p);
    }
    m = select(m, vec4<f32>(own.rows / (own.rows + own.headStrength)), j >= vec4<u32>(${net.extractor}u));
  }
  var next = value + own.keep * (value - previous[at]) - m * g[at];
  let amplitude = noise[now.chunk * (dims.chains - dims.maps) + id.z];
  if (amplitude > 0.0) {
    next += select(amplitude * sqrt(m) * normalsOf(q, now.step, own.noiseSeed), vec4<f32>(), j >= vec4<u32>(${net.parameters}u));
  }
  theta[at] = next;
  previous[at] = value;
}`;
  return { name: 'sample', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'read', 'write', 'write'], code };
}
