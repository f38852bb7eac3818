/** Squares the gradients of all chains of a plan, each of one row, and adds them to what there is: squares[j] += Σ_r (Σ over shares of grads[r])². */
import type { Kernel } from '../program.ts';
import type { Net } from '../net.ts';
import { DIMS, MAIN, THREAD } from './wgsl.ts';

/** A thread a parameter; `stride` and places as the backward pass has them. */
export function addSquares(net: Net, stride: number): Kernel {
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> grads: array<f32>;
@group(0) @binding(2) var<storage, read> places: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> squares: array<f32>;
${THREAD}
${MAIN} {
  let j = threadOf(id, lane, size);
  if (j >= ${net.parameters}u) { return; }
  let place = places[j];
  var total = 0.0;
  for (var r = 0u; r < dims.chains; r++) {
    var sum = 0.0;
    var at = r * ${stride}u + place.x;
    for (var s = 0u; s < place.y; s++) { sum += grads[at]; at += place.z; }
    total += sum * sum;
  }
  squares[j] += total;
}`;
  return { name: 'add squares', access: ['uniform', 'read', 'read', 'write'], code };
}
