/**
 * Learning-rate schedule: half a cosine from `start` to `end` over `steps`, then constant at `end`
 * (SGDR without restarts, Loshchilov & Hutter 2017; the constant tail is where SWAG collects its snapshots).
 * With `cycles` M the cosine starts again M times (Zhang et al. 2020, eq. 1), of length L = ⌈steps/M⌉ each:
 *
 *   η_k = end + (start − end)·½(cos(π·mod(k, L)/L) + 1),  k = 0, 1, …   (the last cycle is cut off at `steps`)
 */
export interface Schedule {
  start: number;
  end: number;
  steps: number;
  /** Cycles M of a cyclical schedule (Zhang et al. 2020, eq. 1), which then runs from `start` to `end` M times within `steps`; absent: one. */
  cycles?: number;
}

/** Steps of one cycle, L = ⌈steps/M⌉. */
export function cycleLength({ steps, cycles = 1 }: Schedule): number {
  return Math.ceil(steps / cycles);
}

/** η at step k = 0, 1, …; dimensionless. */
export function learningRate(schedule: Schedule, k: number): number {
  const { start, end, steps } = schedule;
  if (k >= steps) return end;
  const length = cycleLength(schedule);
  return end + (start - end) * 0.5 * (1 + Math.cos((Math.PI * (k % length)) / length));
}

/** How far step k is through its cycle, mod(k, L)/L in [0, 1); after `steps` as good as 1, the end of a cycle that never starts again. */
export function cyclePosition(schedule: Schedule, k: number): number {
  if (k >= schedule.steps) return 1 - Number.EPSILON;
  const length = cycleLength(schedule);
  return (k % length) / length;
}
