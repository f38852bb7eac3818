/**
 * The training objective under the live controls, in closed form: trainNll + prior/N, the prior's term a quadratic in
 * the place for any λ and ε (measure/quadratic.ts). Moving a control asks neither worker nor network.
 */
import type { Line, Plane, SectionPrior } from '../../experiment/result.ts';
import { coefficientsAt } from '../../measure/quadratic.ts';
import type { Family } from '../../prior/prior.ts';

/** Where the controls stand. */
export interface PriorSetting {
  /** λ ÷ the tuned λ, the same for every family; 1 is as tuned. */
  factor: number;
  /** ε, the variance added to every weight. */
  floor: number;
  /** Rank K of the low-rank prior; null: all of it. */
  rank: number | null;
}

/** The prior of a family at the rank asked for; the nearest rank that is there. Null when the section does not carry it. */
export function priorAt(priors: readonly SectionPrior[], family: Family | null, rank: number | null): SectionPrior | null {
  const own = priors.filter((prior) => prior.family === family);
  const full = own.reduce<SectionPrior | null>((most, prior) => (most === null || prior.rank > most.rank ? prior : most), null);
  if (rank === null || full === null) return full;
  const away = (prior: SectionPrior) => Math.abs(prior.rank - rank);
  return own.reduce((best, prior) => (away(prior) < away(best) ? prior : best), full);
}

export function scaleOf(prior: SectionPrior, { factor }: PriorSetting): number {
  return prior.chosenScale * factor;
}

/** Prior term per example, prior/N, over the plane [b][a], in nats, up to what does not depend on the place. */
export function priorOnPlane(plane: Pick<Plane, 'a' | 'b' | 'n'>, prior: SectionPrior, setting: PriorSetting, out = new Float32Array(plane.a.length * plane.b.length)): Float32Array {
  const [aa, ab, bb, a1, b1, one] = coefficientsAt(prior, scaleOf(prior, setting), setting.floor) as [number, number, number, number, number, number];
  let k = 0;
  for (const b of plane.b) {
    const [linear, constant] = [ab * b + a1, bb * b * b + b1 * b + one];
    for (const a of plane.a) out[k++] = (aa * a * a + linear * a + constant) / plane.n;
  }
  return out;
}

/** trainNll + prior/N along a line [T]; null when the line does not carry this prior. */
export function objectiveOnLine(line: Line, family: Family, setting: PriorSetting): number[] | null {
  const prior = priorAt(line.priors, family, setting.rank);
  if (!prior) return null;
  const [c2, c1, c0] = coefficientsAt(prior, scaleOf(prior, setting), setting.floor) as [number, number, number];
  return line.t.map((t, i) => line.trainNll[i]! + (c2 * t * t + c1 * t + c0) / line.n);
}
