/**
 * Philox 4×32-10 and standard normals in WGSL: the very words of `core/philox.ts`, and its normals to float32.
 *
 * The 32×32 → 64-bit product is made of 16-bit halves. A uniform there is (w >> 8 + ½)/2²⁴ = m/2²⁵ with m odd, so
 * logarithm, sine and cosine start from integers and are polynomials: the built-in ones may be off by 2⁻¹¹, and a
 * uniform near 1 has no float32 of its own.
 */
import { PURPOSES } from '../../../core/philox.ts';
import { float } from './wgsl.ts';

/** `philox(counter, key)`: ten rounds. */
export const PHILOX = `
fn mulHigh(a: u32, b: u32) -> u32 {
  let al = a & 0xffffu; let ah = a >> 16u;
  let bl = b & 0xffffu; let bh = b >> 16u;
  let one = ah * bl + ((al * bl) >> 16u);
  let two = al * bh + (one & 0xffffu);
  return ah * bh + (one >> 16u) + (two >> 16u);
}
fn philox(counter: vec4<u32>, key: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    c = vec4<u32>(mulHigh(0xcd9e8d57u, c.z) ^ c.y ^ k.x, 0xcd9e8d57u * c.z, mulHigh(0xd2511f53u, c.x) ^ c.w ^ k.y, 0xd2511f53u * c.x);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;

/** `normalsOf(block, step, seed)`: numbers 4·block … 4·block + 3 of Stream(seed, 'sampler', step).normal(), by Box–Muller. */
export const NORMALS = `${PHILOX}
// −ln(m/2²⁵) from m = 2ᵉ·f, √½ < f < √2, ln f = 2 artanh s: neither f − 1 nor s cancels.
fn minusLog(m: u32) -> f32 {
  let top = firstLeadingBit(m);
  let e = select(top, top + 1u, m > u32(${Math.SQRT2} * f32(1u << top)));
  let s = f32(i32(m) - i32(1u << e)) / f32(m + (1u << e));
  let t = s * s;
  return ${float(Math.LN2)} * f32(25 - i32(e)) - 2.0 * s * (1.0 + t * (${1 / 3} + t * (0.2 + t * (${1 / 7} + t * ${1 / 9}))));
}
// (cos, sin) of 2π·m/2²⁵, from the nearest quarter turn.
fn turn(m: u32) -> vec2<f32> {
  let quarter = (m + (1u << 22u)) >> 23u;
  let x = ${float(2 * Math.PI / 2 ** 25)} * f32(i32(m) - i32(quarter << 23u));
  let t = x * x;
  let sine = x * (1.0 - t * (${1 / 6} - t * (${1 / 120} - t * (${1 / 5040} - t * ${1 / 362880}))));
  let cosine = 1.0 - t * (0.5 - t * (${1 / 24} - t * (${1 / 720} - t * ${1 / 40320})));
  let swapped = select(vec2<f32>(cosine, sine), vec2<f32>(-sine, cosine), (quarter & 1u) == 1u);
  return select(swapped, -swapped, (quarter & 2u) == 2u);
}
fn normalsOf(block: u32, step: u32, seed: u32) -> vec4<f32> {
  let m = (philox(vec4<u32>(block, 0u, step, 0u), vec2<u32>(seed, ${PURPOSES.indexOf('sampler') + 1}u)) >> vec4<u32>(8u)) * 2u + 1u;
  return vec4<f32>(sqrt(2.0 * minusLog(m.x)) * turn(m.y), sqrt(2.0 * minusLog(m.z)) * turn(m.w));
}`;
