/**
 * Bilinear upsampling of h×w to H×W by pixels as squares (`model/upsample.ts`), and its adjoint, which also undoes the ReLU before it:
 *   y[Y, X] = Σ_{i,j} t(Y, i)·t(X, j)·x[i, j],   dx[i, j] = [x > 0] · Σ_{Y,X} t(Y, i)·t(X, j)·dy[Y, X],
 *   t(Y, i) = max(0, 1 − |clamp((Y + ½)·h/H − ½, 0, h − 1) − i|)
 * An input gathers from the outputs that it is part of, so that nothing is added up in an order that changes.
 */
import type { Kernel } from '../program.ts';
import { sizeOf, type TensorShape } from '../net.ts';
import { DIMS, float, MAIN, THREAD } from './wgsl.ts';

interface Made {
  kernel: Kernel;
  threads: (batch: number) => number;
}

/** A thread makes four channels of one output pixel. */
export function upsample(from: TensorShape, to: TensorShape): Made {
  const quads = to.channels / 4;
  const pixels = to.height * to.width;
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  if (t >= dims.batch * ${pixels * quads}u) { return; }
  let image = id.z * dims.batch + t / ${pixels * quads}u;
  let oy = (t / ${to.width * quads}u) % ${to.height}u;
  let ox = (t / ${quads}u) % ${to.width}u;
  let c = t % ${quads}u;
  let ay = ${centre('oy', from.height, to.height)};
  let ax = ${centre('ox', from.width, to.width)};
  let top = u32(ay); let bottom = min(top + 1u, ${from.height - 1}u);
  let left = u32(ax); let right = min(left + 1u, ${from.width - 1}u);
  let above = mix(x[${at(from, 'top', 'left')}], x[${at(from, 'top', 'right')}], ax - f32(left));
  let below = mix(x[${at(from, 'bottom', 'left')}], x[${at(from, 'bottom', 'right')}], ax - f32(left));
  y[${at(to, 'oy', 'ox')}] = mix(above, below, ay - f32(top));
}`;
  return { kernel: { name: 'upsample', access: ['uniform', 'read', 'write'], code }, threads: (batch) => batch * pixels * quads };
}

/** A thread makes four channels of one input pixel. `from`: shape of x; `gradient`: of dy; `into`: of dx; `mask`: x went through a ReLU. */
export function upsampleGradient(from: TensorShape, gradient: TensorShape, into: TensorShape, mask: boolean): Made {
  const quads = gradient.channels / 4;
  const pixels = from.height * from.width;
  const reach = (i: string, inputs: number, outputs: number) => {
    const scale = float(outputs / inputs);
    return { first: `u32(max(0.0, floor((f32(${i}) - 0.5) * ${scale} - 0.5)))`, last: `u32(min(${float(outputs - 1)}, ceil((f32(${i}) + 1.5) * ${scale} - 0.5)))` };
  };
  const [rows, columns] = [reach('iy', from.height, gradient.height), reach('ix', from.width, gradient.width)];
  const code = `${DIMS}
@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> dy: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> dx: array<vec4<f32>>;
${THREAD}
${MAIN} {
  let t = threadOf(id, lane, size);
  if (t >= dims.batch * ${pixels * quads}u) { return; }
  let image = id.z * dims.batch + t / ${pixels * quads}u;
  let iy = (t / ${from.width * quads}u) % ${from.height}u;
  let ix = (t / ${quads}u) % ${from.width}u;
  let c = t % ${quads}u;
  var sum = vec4<f32>();
  for (var oy = ${rows.first}; oy <= ${rows.last}; oy++) {
    let down = max(0.0, 1.0 - abs(${centre('oy', from.height, gradient.height)} - f32(iy)));
    for (var ox = ${columns.first}; ox <= ${columns.last}; ox++) {
      let along = max(0.0, 1.0 - abs(${centre('ox', from.width, gradient.width)} - f32(ix)));
      sum += down * along * dy[${at(gradient, 'oy', 'ox')}];
    }
  }
  dx[${at(into, 'iy', 'ix')}] = ${mask ? `select(vec4<f32>(), sum, x[${at(from, 'iy', 'ix')}] > vec4<f32>())` : 'sum'};
}`;
  return { kernel: { name: 'upsample gradient', access: ['uniform', 'read', 'read', 'write'], code }, threads: (batch) => batch * pixels * quads };
}

/** Where output `i` of `outputs` lies among the inputs. */
function centre(i: string, inputs: number, outputs: number): string {
  return `clamp((f32(${i}) + 0.5) * ${float(inputs / outputs)} - 0.5, 0.0, ${float(inputs - 1)})`;
}

/** The vec4 of quad `c` of a pixel of `image`. */
function at(shape: TensorShape, row: string, column: string): string {
  const quads = shape.channels / 4;
  return `image * ${sizeOf(shape) / 4}u + (${row} + ${shape.border}u) * ${(shape.width + 2 * shape.border) * quads}u + (${column} + ${shape.border}u) * ${quads}u + c`;
}
