/**
 * The arms of the comparison and the families of priors (DESIGN §5). With s = variance + Σ_k F_k² and s̄ its mean:
 *   isotropic  N(0, λ s̄ I) · l2-sp  N(mean, λ s̄ I) · layerwise  N(mean, λ·(mean of s over each tensor))
 *   diagonal  N(mean, λ diag(s)) · low-rank  N(mean, λ(diag(variance) + FᵀF)).   Equal traces at equal λ.
 * shift-trajectory has the form of low-rank, of another posterior (posterior/shift-trajectory.ts), with the same trace.
 */
export const SWAG_FAMILIES = ['isotropic', 'l2-sp', 'layerwise', 'diagonal', 'low-rank'] as const;
export type SwagFamily = (typeof SWAG_FAMILIES)[number];

export const FAMILIES = [...SWAG_FAMILIES, 'shift-trajectory'] as const;
export type Family = (typeof FAMILIES)[number];

/** Arms without a prior on the extractor: random start; plain fine-tuning; frozen extractor. */
export const PRIORLESS = ['scratch', 'none', 'probe'] as const;

/** Those of a comparison unless others are asked for. */
export const DEFAULT_ARMS = [...PRIORLESS, ...SWAG_FAMILIES] as const;

export const ARMS = [...PRIORLESS, ...FAMILIES] as const;
export type Arm = (typeof ARMS)[number];

export function isFamily(arm: Arm): arm is Family {
  return (FAMILIES as readonly string[]).includes(arm);
}
