/**
 * The training objective at any λ, in closed form: trainNll + prior/N with the prior's quadratics of a ladder of λ
 * (measure/quadratic.ts). Between two rungs coefficients are linear in 1/λ, which is exact without a floor.
 */
import { interval95 } from '../../core/statistics.ts';
import type { Interval, Line, Plane } from '../../experiment/result.ts';
import { alignment } from '../../measure/alignment.ts';
import type { Family } from '../../prior/prior.ts';

/** Coefficients at λ from those of the rungs `scales` (ascending); the first or last rung's beyond them. */
export function coefficientsAt(scales: readonly number[], coefficients: readonly (readonly number[])[], scale: number): readonly number[] {
  const above = scales.findIndex((rung) => rung >= scale);
  if (above < 0) return coefficients.at(-1)!;
  if (above === 0 || scales[above] === scale) return coefficients[above]!;
  const [low, high] = [1 / scales[above]!, 1 / scales[above - 1]!];
  const share = (1 / scale - low) / (high - low);
  return coefficients[above]!.map((c, k) => c + share * (coefficients[above - 1]![k]! - c));
}

export type PlanePrior = Plane['priors'][number];

/** trainNll + prior/N over the plane, row-major [b][a]; NaN where the training NLL is not known. */
export function objectiveOnPlane(plane: Pick<Plane, 'a' | 'b' | 'trainNll' | 'n'>, prior: PlanePrior, scale: number): number[] {
  const c = coefficientsAt(prior.quadratics.scales, prior.quadratics.coefficients, scale);
  const [aa, ab, bb, a1, b1, one] = [c[0]!, c[1]!, c[2]!, c[3]!, c[4]!, c[5]!];
  const out = new Array<number>(plane.trainNll.length);
  let k = 0;
  for (const b of plane.b) {
    for (const a of plane.a) {
      out[k] = plane.trainNll[k]! + (aa * a * a + ab * a * b + bb * b * b + a1 * a + b1 * b + one) / plane.n;
      k++;
    }
  }
  return out;
}

/** trainNll + prior/N along a line [T]; null when the line does not carry this prior. */
export function objectiveOnLine(line: Line, family: Family, scale: number): number[] | null {
  const prior = line.priors.find((candidate) => candidate.family === family);
  if (!prior) return null;
  const c = coefficientsAt(prior.scales, prior.coefficients, scale);
  return line.t.map((t, i) => line.trainNll[i]! + (c[0]! * t * t + c[1]! * t + c[2]!) / line.n);
}

export interface LiveGap {
  gap: Interval;
  relative: Interval;
  testCost: Interval;
  atBoundary: number;
}

/** The alignment gap over these lines (one a seed) with a prior at λ; null when none can be measured. */
export function liveGap(lines: readonly Line[], family: Family, scale: number): LiveGap | null {
  const found = lines.flatMap((line) => {
    const objective = objectiveOnLine(line, family, scale);
    const measured = objective && alignment(line.t, objective, line.testNll);
    return measured ? [{ ...measured, relative: measured.gap / line.length }] : [];
  });
  if (found.length === 0) return null;
  return {
    gap: interval95(found.map((one) => one.gap)),
    relative: interval95(found.map((one) => one.relative)),
    testCost: interval95(found.map((one) => one.testCost)),
    atBoundary: found.filter((one) => one.atBoundary).length,
  };
}
