/**
 * Learning-rate schedule: half a cosine from `start` to `end` over `steps`, then constant at `end`
 * (SGDR without restarts, Loshchilov & Hutter 2017; the constant tail is where SWAG collects its snapshots).
 */
export interface Schedule {
  start: number;
  end: number;
  steps: number;
  /** Cycles M of a cyclical schedule (Zhang et al. 2020, eq. 1), which then runs from `start` to `end` M times within `steps`; absent: one. */
  cycles?: number;
}

/** η at step k = 0, 1, …; dimensionless. */
export function learningRate(schedule: Schedule, k: number): number {
  const { start, end, steps } = schedule;
  if (k >= steps) return end;
  return end + (start - end) * 0.5 * (1 + Math.cos((Math.PI * k) / steps));
}
