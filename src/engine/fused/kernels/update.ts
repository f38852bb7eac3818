/**
 * The update of the whole population, exactly the contract's MAP step, in short kernels without barriers (`sample.ts` has what
 * moves chains that sample in place of momentum and apply; `pack.ts` then lays the new weights out for the next step):
 *
 *   collect   g = Σ over shares of the gradient, partial sums of |g|²        (a thread a chain and part)
 *   gain      η·min(1, clip/|g|), the step's NLL and accuracy, divergence    (a thread a chain)
 *   momentum  y = θ + m(θ − θ_prev) − gain·g,  θ_prev = θ                    (a thread four parameters)
 *   project   partial sums of z = F A⁻¹ (y − mean), A = scale·variance + floor + c, c = η/N
 *   solve     z ← S⁻¹ z with the K×K inverse made in float64 on the CPU
 *   apply     w⁺ = mean + (P∘(y − mean) + c·Fᵀz)/(P + c), P = scale·variance + floor;  h⁺ = y/(1 + ηκ/N)
 *
 * theta and its like are [chains, S] with S the parameters padded to four. A chain whose gradient, loss or new
 * parameters are not finite is frozen where it was before that step.
 */
import type { Kernel } from '../program.ts';
import type { Net } from '../net.ts';
import { DIMS, each, FINITE, float, MAIN, STEP as NOW, THREAD } from './wgsl.ts';

/** Partial sums a chain. */
export const PARTS = 64;

/** Twelve words a chain: `priors.ts` writes them. The last four say how it samples: 1 − α, whether preconditioned, the seed of its noise. */
export const CHAIN = `
struct Chain {
  kind: u32, gaussian: u32, frozen: u32, inverse: u32, scale: f32, floor: f32, rows: f32, headStrength: f32,
  keep: f32, preconditioned: u32, noiseSeed: u32, unused: u32,
}`;
/** Values of Chain.kind. */
export const KINDS = { none: 0, diagonal: 1, lowRank: 2 } as const;
/** Bits of Chain.frozen. */
export const HELD = { extractor: 1, head: 2 } as const;
/** Of `chains[chain]`. */
const isHeld = (part: keyof typeof HELD, chain = 'chains[chain]'): string => `((${chain}.frozen & ${HELD[part]}u) != 0u)`;

const STEP = `${DIMS}${CHAIN}
${NOW}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<uniform> now: Step;`;

export function collect(net: Net, stride: number): Kernel {
  const code = `${DIMS}${CHAIN}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> grads: array<f32>;
@group(0) @binding(2) var<storage, read> places: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> chains: array<Chain>;
@group(0) @binding(4) var<storage, read_write> g: array<f32>;
@group(0) @binding(5) var<storage, read_write> partial: array<f32>;
${THREAD}
${MAIN} {
  let part = threadOf(id, lane, size);
  let chain = id.z;
  if (part >= ${PARTS}u) { return; }
  let start = select(0u, ${net.extractor}u, ${isHeld('extractor')});
  let end = select(${net.parameters}u, ${net.extractor}u, ${isHeld('head')});
  var square = 0.0;
  for (var j = part; j < ${net.parameters}u; j += ${PARTS}u) {
    let place = places[j];
    var sum = 0.0;
    var at = chain * ${stride}u + place.x;
    for (var s = 0u; s < place.y; s++) { sum += grads[at]; at += place.z; }
    if (j < start || j >= end) { sum = 0.0; }
    g[chain * ${strideOf(net)}u + j] = sum;
    square += sum * sum;
  }
  partial[chain * ${PARTS}u + part] = square;
}`;
  return { name: 'collect', access: ['uniform', 'read', 'read', 'read', 'write', 'write'], code };
}

/** `state[r]` = (Σ nll, Σ accuracy, gain, η); `diverged[r]`: the step at which it happened, −1 while sound. */
export function gain(clip: number): Kernel {
  const code = `${STEP}
@group(0) @binding(2) var<storage, read> partial: array<f32>;
@group(0) @binding(3) var<storage, read> losses: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> rates: array<f32>;
@group(0) @binding(5) var<storage, read_write> state: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> diverged: array<i32>;
${THREAD}${FINITE}
${MAIN} {
  let chain = threadOf(id, lane, size);
  if (chain >= dims.chains) { return; }
  if (diverged[chain] >= 0) { return; }
  var square = 0.0;
  for (var i = 0u; i < ${PARTS}u; i++) { square += partial[chain * ${PARTS}u + i]; }
  var loss = vec4<f32>();
  for (var b = 0u; b < dims.batch; b++) { loss += losses[chain * dims.batch + b]; }
  let norm = sqrt(square);
  let eta = rates[now.block * dims.chains + chain];
  let before = state[chain];
  if (!finite(norm) || !finite(loss.x) || loss.z < f32(dims.batch)) {
    diverged[chain] = i32(now.step);
    return;
  }
  let step = select(eta, eta * ${float(clip)} / norm, norm > ${float(clip)});
  state[chain] = vec4<f32>(before.x + loss.x / f32(dims.batch), before.y + loss.y / f32(dims.batch), step, eta);
}`;
  return { name: 'gain', access: ['uniform', 'step', 'read', 'read', 'read', 'write', 'write'], code };
}

export function momentum(net: Net, m: number): Kernel {
  const quads = strideOf(net) / 4;
  const code = `${STEP}
@group(0) @binding(2) var<storage, read> g: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> state: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> diverged: array<i32>;
@group(0) @binding(5) var<storage, read> chains: array<Chain>;
@group(0) @binding(6) var<storage, read_write> theta: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> previous: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let q = threadOf(id, lane, size);
  let chain = id.z;
  if (q >= ${quads}u) { return; }
  let at = chain * ${quads}u + q;
  let value = theta[at];
  let when = diverged[chain];
  if (when >= 0) {
    // Frozen by this very step's gradient: what it restores is where it is.
    if (when == i32(now.step)) { previous[at] = value; }
    return;
  }
  let j = vec4<u32>(4u * q, 4u * q + 1u, 4u * q + 2u, 4u * q + 3u);
  let held = (j < vec4<u32>(${net.extractor}u)) & vec4<bool>(${isHeld('extractor')});
  theta[at] = select(value + ${float(m)} * (value - previous[at]) - state[chain].z * g[at], value, held);
  previous[at] = value;
}`;
  return { name: 'momentum', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'write', 'write'], code };
}

/** The proximal map of a step solves with Σ + cI, the gradient of a prior (`sample.ts`) with Σ alone. */
export type Solving = 'proximal' | 'gradient';

/**
 * `list[l]` names the chains with a low-rank prior; factors are [Gaussian, K/4, S] as vec4 over four directions, zero
 * beyond a Gaussian's rank, means and variances [Gaussian, S]. A thread makes one partial sum of four directions.
 */
export function project(net: Net, directions: number, solving: Solving): Kernel {
  const stride = strideOf(net);
  const code = `${STEP}
@group(0) @binding(2) var<storage, read> list: array<u32>;
@group(0) @binding(3) var<storage, read> chains: array<Chain>;
@group(0) @binding(4) var<storage, read> state: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> moments: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> factors: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> theta: array<f32>;
@group(0) @binding(8) var<storage, read_write> sums: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  if (t >= ${PARTS * (directions / 4)}u) { return; }
  let part = t % ${PARTS}u;
  let k = t / ${PARTS}u;
  let chain = list[id.z];
  let own = chains[chain];
  let shift = own.floor${solving === 'proximal' ? ' + state[chain].w / own.rows' : ''};
  var sum = vec4<f32>();
  for (var j = part; j < ${net.extractor}u; j += ${PARTS}u) {
    let moment = moments[own.gaussian * ${stride}u + j];
    sum += factors[(own.gaussian * ${directions / 4}u + k) * ${stride}u + j] * ((theta[chain * ${stride}u + j] - moment.x) / (own.scale * moment.y + shift));
  }
  sums[(id.z * ${directions / 4}u + k) * ${PARTS}u + part] = sum;
}`;
  return { name: 'project', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'read', 'read', 'write'], code };
}

/** z [list, K] = S⁻¹ Σ sums; `inverses` [blocks, inverses, K, K], or [inverses, K, K] for gradients. */
export function solve(directions: number, solving: Solving): Kernel {
  const code = `${STEP}
@group(0) @binding(2) var<storage, read> list: array<u32>;
@group(0) @binding(3) var<storage, read> chains: array<Chain>;
@group(0) @binding(4) var<storage, read> sums: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> inverses: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> z: array<f32>;
${THREAD}
${MAIN} {
  let k = threadOf(id, lane, size);
  if (k >= ${directions}u) { return; }
  let own = chains[list[id.z]];
  let row = ((${solving === 'proximal' ? 'now.block * dims.count + ' : ''}own.inverse) * ${directions}u + k) * ${directions / 4}u;
  var result = 0.0;
  for (var i = 0u; i < ${directions / 4}u; i++) {
    var sum = vec4<f32>();
    for (var part = 0u; part < ${PARTS}u; part++) { sum += sums[(id.z * ${directions / 4}u + i) * ${PARTS}u + part]; }
    result += dot(inverses[row + i], sum);
  }
  z[chain(id.z) * ${directions}u + k] = result;
}
fn chain(l: u32) -> u32 { return list[l]; }`;
  return { name: 'solve', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'write'], code };
}

/** `directions` 0: no low-rank prior in the population, and neither `factors` nor `z` is read. */
export function apply(net: Net, directions: number): Kernel {
  const stride = strideOf(net);
  const code = `${STEP}
@group(0) @binding(2) var<storage, read> chains: array<Chain>;
@group(0) @binding(3) var<storage, read> state: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> diverged: array<i32>;
@group(0) @binding(5) var<storage, read> moments: array<vec2<f32>>;
@group(0) @binding(6) var<storage, read> factors: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> theta: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let q = threadOf(id, lane, size);
  let chain = id.z;
  if (q >= ${stride / 4}u || diverged[chain] >= 0) { return; }
  let own = chains[chain];
  let y = theta[chain * ${stride / 4}u + q];
  let c = state[chain].w / own.rows;
  var value = y;
  if (own.kind > 0u && !${isHeld('extractor', 'own')}) {
    let base = own.gaussian * ${stride}u + 4u * q;
${each(4, (i) => `    let m${i} = moments[base + ${i}u];`)}
    let mean = vec4<f32>(m0.x, m1.x, m2.x, m3.x);
    let p = own.scale * vec4<f32>(m0.y, m1.y, m2.y, m3.y) + own.floor;
    var pulled = vec4<f32>();
${directions === 0 ? '' : `    if (own.kind == ${KINDS.lowRank}u) {
      for (var k = 0u; k < ${directions / 4}u; k++) {
        let along = z[chain * ${directions / 4}u + k];
        let at = (own.gaussian * ${directions / 4}u + k) * ${stride}u + 4u * q;
        pulled += vec4<f32>(dot(factors[at], along), dot(factors[at + 1u], along), dot(factors[at + 2u], along), dot(factors[at + 3u], along));
      }
    }`}
    value = mean + (p * (y - mean) + c * pulled) / (p + c);
  }
  let j = vec4<u32>(4u * q, 4u * q + 1u, 4u * q + 2u, 4u * q + 3u);
  theta[chain * ${stride / 4}u + q] = select(value, y / (1.0 + c * own.headStrength), j >= vec4<u32>(${net.extractor}u));
}`;
  return { name: 'apply', access: ['uniform', 'step', 'read', 'read', 'read', 'read', 'read', 'read', 'write'], code };
}

/** Numbers a chain has in theta and its like: its parameters padded to four. */
export function strideOf(net: Pick<Net, 'parameters'>): number {
  return Math.ceil(net.parameters / 4) * 4;
}
