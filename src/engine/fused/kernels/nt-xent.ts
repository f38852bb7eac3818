/**
 * NT-Xent of outputs z [chains, 2B, C] (the formulas are at `engine/view-losses.ts`), in three dispatches: products G = z zᵀ; for each view
 * 1/|z_i| and log Σ_{j≠i} exp(s_ij/τ), with its loss; the gradient of z. |z_i|² is G's diagonal, and u_i·du_i a sum over the same w_ij.
 */
import { LENGTH_EPSILON } from '../../view-losses.ts';
import type { Kernel } from '../program.ts';
import { component, DIMS, each, FINITE, fitting, float, MAIN, THREAD } from './wgsl.ts';

interface Tiled {
  kernel: Kernel;
  threads: (images: number) => number;
}

const HEAD = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;`;
const EPSILON = float(LENGTH_EPSILON);

/** A thread makes four products of one view. `channels` C is a multiple of four, its padding zero. */
export function gram(channels: number): Tiled {
  const quads = channels / 4;
  const code = `${HEAD}
@group(0) @binding(1) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> products: array<f32>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  let fours = (dims.batch + 3u) / 4u;
  if (t >= dims.batch * fours) { return; }
  let i = t / fours;
  let j = (t % fours) * 4u;
  let first = id.z * dims.batch;
  let last = dims.batch - 1u;
  let own = (first + i) * ${quads}u;
${each(4, (c) => `  let at${c} = (first + min(j + ${c}u, last)) * ${quads}u;`)}
  var sum = vec4<f32>();
  for (var k = 0u; k < ${quads}u; k++) {
    let a = z[own + k];
    sum += vec4<f32>(${[0, 1, 2, 3].map((c) => `dot(a, z[at${c} + k])`).join(', ')});
  }
  let to = (first + i) * dims.batch + j;
${each(4, (c) => `  if (j + ${c}u <= last) { products[to + ${c}u] = sum.${component(c)}; }`)}
}`;
  return { kernel: { name: 'products of views', access: ['uniform', 'read', 'write'], code }, threads: (images) => images * Math.ceil(images / 4) };
}

/** levels[i] = (1/|z_i|, log Σ exp), losses[i] = (loss, whether its partner is nearest, finite, 0); a thread a view. */
export function ntXentRows(temperature: number): Kernel {
  const code = `${HEAD}
@group(0) @binding(1) var<storage, read> products: array<f32>;
@group(0) @binding(2) var<storage, read_write> levels: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> losses: array<vec4<f32>>;
${THREAD}${FINITE}
${MAIN} {
  let i = threadOf(id, lane, size);
  let images = dims.batch;
  if (i >= images) { return; }
  let first = id.z * images;
  let own = (i + images / 2u) % images;
  let row = (first + i) * images;
  let inverse = inverseSqrt(products[row + i] + ${EPSILON});
  let partner = products[row + own] * inverse * inverseSqrt(products[(first + own) * images + own] + ${EPSILON});
  var sum = 0.0;
  var nearest = 1.0;
  for (var j = 0u; j < images; j++) {
    if (j == i) { continue; }
    let s = products[row + j] * inverse * inverseSqrt(products[(first + j) * images + j] + ${EPSILON});
    sum += exp((s - 1.0) * ${float(1 / temperature)});
    if (j != own && s > partner) { nearest = 0.0; }
  }
  let level = log(sum) + ${float(1 / temperature)};
  let nll = level - partner * ${float(1 / temperature)};
  levels[first + i] = vec2<f32>(inverse, level);
  losses[first + i] = vec4<f32>(nll, nearest, select(0.0, 1.0, finite(nll) && finite(products[row + i])), 0.0);
}`;
  return { name: 'NT-Xent', access: ['uniform', 'read', 'write', 'write'], code };
}

/** A thread makes up to sixteen channels of one view's gradient. */
export function ntXentGradient(channels: number, temperature: number): Tiled {
  const quads = channels / 4;
  const n = fitting(quads, 4);
  const code = `${HEAD}
@group(0) @binding(1) var<storage, read> z: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> products: array<f32>;
@group(0) @binding(3) var<storage, read> levels: array<vec2<f32>>;
@group(0) @binding(4) var<storage, read_write> dz: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  let images = dims.batch;
  if (t >= images * ${quads / n}u) { return; }
  let i = t / ${quads / n}u;
  let q = (t % ${quads / n}u) * ${n}u;
  let first = id.z * images;
  let own = (i + images / 2u) % images;
  let mine = levels[first + i];
  var along = 0.0;
${each(n, (c) => `  var pull${c} = vec4<f32>();`)}
  for (var j = 0u; j < images; j++) {
    if (j == i) { continue; }
    let other = levels[first + j];
    let s = products[(first + i) * images + j] * mine.x * other.x;
    let logit = s * ${float(1 / temperature)};
    let w = exp(logit - mine.y) + exp(logit - other.y) - select(0.0, 2.0, j == own);
    let at = (first + j) * ${quads}u + q;
    let share = w * other.x;
${each(n, (c) => `    pull${c} += share * z[at + ${c}u];`)}
    along += w * s;
  }
  let gain = mine.x * ${float(1 / temperature)} / f32(images);
  let at = (first + i) * ${quads}u + q;
${each(n, (c) => `  dz[at + ${c}u] = gain * (pull${c} - along * mine.x * z[at + ${c}u]);`)}
}`;
  return { kernel: { name: 'gradient of NT-Xent', access: ['uniform', 'read', 'read', 'read', 'write'], code }, threads: (images) => (images * quads) / n };
}
