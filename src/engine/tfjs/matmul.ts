/**
 * The one operation the typed-array network asks TensorFlow.js for: a plain 2-D product on the current backend. On the
 * wasm backend it is the only fast one (XNNPACK; batched or transposed products run at a tenth of its speed), so every
 * transposition is made here in TypeScript.
 */
import { type Tensor2D, matMul, tensor2d } from '@tensorflow/tfjs-core';

/** a [m, k] · b [k, n] → [m, n], row-major; arrays may be longer than they need to be. The result is the caller's. */
export function product(a: Float32Array, b: Float32Array, m: number, k: number, n: number): Float32Array {
  const left = tensor2d(a.length === m * k ? a : a.subarray(0, m * k), [m, k]);
  const right = tensor2d(b.length === k * n ? b : b.subarray(0, k * n), [k, n]);
  const out: Tensor2D = matMul(left, right);
  const values = out.dataSync<'float32'>();
  left.dispose();
  right.dispose();
  out.dispose();
  return values;
}

const TILE = 16;

/** out [columns, rows] = a [rows, columns]ᵀ, in tiles that stay in cache; offsets in numbers. */
export function transpose(a: Float32Array, rows: number, columns: number, out: Float32Array, from = 0, to = 0): void {
  for (let r0 = 0; r0 < rows; r0 += TILE) {
    const r1 = Math.min(rows, r0 + TILE);
    for (let c0 = 0; c0 < columns; c0 += TILE) {
      const c1 = Math.min(columns, c0 + TILE);
      for (let c = c0; c < c1; c++) {
        const column = to + c * rows;
        for (let r = r0; r < r1; r++) out[column + r] = a[from + r * columns + c]!;
      }
    }
  }
}
