/**
 * The one shape every Gaussian has in the lab, in memory and in files (DESIGN: "canonical posterior"):
 *
 *   N(mean, diag(variance) + FᵀF),   mean [D], variance [D] > 0, factor F [K, D] row-major, K ≥ 0,
 *
 * with every constant already inside. The algebra (density, gradient, proximal step, draws) is in `lowrank.ts`.
 */
export interface Gaussian {
  mean: Float32Array;
  variance: Float32Array;
  factor: Float32Array;
  rank: number;
}

/** A Gaussian used as a prior: N(mean, scale·(diag(variance) + FᵀF) + floor·I). */
export interface ScaledGaussian {
  gaussian: Gaussian;
  scale: number;
  floor: number;
}
