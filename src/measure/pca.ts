/** Principal components: the plane in which rows vary most. */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';

export interface Projection {
  /** Coordinates [N, 2] around the mean, in the features' units. */
  points: Float32Array;
  /** Share of the variance along each of the two, 0…1; 0 where nothing varies. */
  shares: [number, number];
}

/** The first two components of features [N, F]. A component points to where its largest entry is positive, so that equal rows give equal pictures. */
export function principalPlane(features: ArrayLike<number>, dimensions: number): Projection {
  const n = features.length / dimensions;
  const centre = new Float64Array(dimensions);
  for (let i = 0; i < features.length; i++) centre[i % dimensions]! += features[i]! / n;
  const centred = Float64Array.from(features, (value, i) => value - centre[i % dimensions]!);
  const covariance = Matrix.zeros(dimensions, dimensions);
  for (let a = 0; a < dimensions; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let r = 0; r < centred.length; r += dimensions) sum += centred[r + a]! * centred[r + b]!;
      covariance.set(a, b, sum / n);
      covariance.set(b, a, sum / n);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const total = realEigenvalues.reduce((sum, value) => sum + Math.max(0, value), 0);
  const axes = [0, 1].map((k) => (order[k] === undefined ? new Array<number>(dimensions).fill(0) : signed(eigenvectorMatrix.getColumn(order[k]))));
  const share = (k: number) => (total > 0 ? Math.max(0, realEigenvalues[order[k] ?? -1] ?? 0) / total : 0);
  const points = Float32Array.from({ length: 2 * n }, (_, i) => {
    const axis = axes[i % 2]!;
    const row = (i >> 1) * dimensions;
    return axis.reduce((sum, value, f) => sum + value * centred[row + f]!, 0);
  });
  return { points, shares: [share(0), share(1)] };
}

function signed(vector: number[]): number[] {
  const lead = vector.reduce((top, value) => (Math.abs(value) > Math.abs(top) + 1e-12 ? value : top), 0);
  return lead < 0 ? vector.map((value) => -value) : vector;
}
