/**
 * Cholesky factorisation of small symmetric positive definite matrices in float64, in place and without allocation:
 * the proximal step rebuilds one K×K factor a chain every few steps. Matrices are row-major [K, K]; only the lower
 * triangle is read and written (A = L Lᵀ).
 */

/** Replaces the lower triangle of `a` [K, K] by L. Throws RangeError when `a` is not positive definite (or not finite). */
export function choleskyInPlace(a: Float64Array, k: number): void {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * k + j]!;
      for (let m = 0; m < j; m++) sum -= a[i * k + m]! * a[j * k + m]!;
      if (i !== j) a[i * k + j] = sum / a[j * k + j]!;
      else if (sum > 0 && sum < Infinity) a[i * k + i] = Math.sqrt(sum);
      else throw new RangeError('The matrix is not positive definite.');
    }
  }
}

/** Solves L x = b in place, b [K]. */
export function forwardSolve(l: Float64Array, k: number, b: Float64Array): void {
  for (let i = 0; i < k; i++) {
    let sum = b[i]!;
    for (let m = 0; m < i; m++) sum -= l[i * k + m]! * b[m]!;
    b[i] = sum / l[i * k + i]!;
  }
}

/** Solves Lᵀ x = b in place, b [K]: with standard normal b a draw of N(0, (L Lᵀ)⁻¹). */
export function backwardSolve(l: Float64Array, k: number, b: Float64Array): void {
  for (let i = k - 1; i >= 0; i--) {
    let sum = b[i]!;
    for (let m = i + 1; m < k; m++) sum -= l[m * k + i]! * b[m]!;
    b[i] = sum / l[i * k + i]!;
  }
}

/** Solves L Lᵀ x = b in place, b [K]. */
export function choleskySolve(l: Float64Array, k: number, b: Float64Array): void {
  forwardSolve(l, k, b);
  backwardSolve(l, k, b);
}

/** log|A| = 2 Σ log L_ii. */
export function choleskyLogDeterminant(l: Float64Array, k: number): number {
  let sum = 0;
  for (let i = 0; i < k; i++) sum += Math.log(l[i * k + i]!);
  return 2 * sum;
}
