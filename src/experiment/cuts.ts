/**
 * The lines on which alignment is measured. Per seed: from the plain solution to the solution of each prior, and one
 * cut that is built from neither: from (mean, the probe's head) along the posterior's top covariance direction, since a
 * line that ends in a solution is partly circular (that solution minimises what is plotted).
 */
import type { Gaussian } from '../core/gaussian.ts';
import { factorSpectrum } from '../core/marginals.ts';
import { interval95 } from '../core/statistics.ts';
import { alignment, minimum } from '../measure/alignment.ts';
import { linspace, type Ray, rayThrough } from '../measure/plane.ts';
import type { Arm, Family } from '../prior/prior.ts';
import type { AlignmentGap, Line } from './result.ts';

/** Families with a learned covariance, the most telling first. */
export const LEARNED = ['low-rank', 'diagonal', 'layerwise'] as const satisfies readonly Family[];

export const INDEPENDENT_CUT = 'top covariance direction';

export interface Cut {
  cut: string;
  from: string;
  to: string | null;
  ray: Ray;
  /** Position of `from` and `to`. */
  ends: [number, number];
  /** Lowest and highest t; null: to be found by a scan up to ±`reach`. */
  range: [number, number] | null;
  reach: number;
}

/** The priors shown on every line: the learned one and, beside it, L2-SP and isotropic, as far as they took part. */
export function cutFamilies(arms: readonly Arm[]): Family[] {
  const learned = LEARNED.find((family) => arms.includes(family));
  return [...(learned ? [learned] : []), ...(['l2-sp', 'isotropic'] as const).filter((family) => arms.includes(family))];
}

/** The line from the plain solution to a prior's; null when the two are one point. */
export function cutBetween(plain: Float32Array, solution: Float32Array, family: Family): Cut | null {
  const ray = rayThrough(plain, solution);
  if (!ray) return null;
  const { length } = ray;
  return { cut: `plain → ${family}`, from: 'plain', to: family, ray, ends: [0, length], range: [-0.5 * length, 1.5 * length], reach: length };
}

/**
 * The cut built from neither solution, through the probe's theta (whose extractor is the mean). Its reference length is
 * one standard deviation of the posterior along it; it reaches three of the prior at scale λ. Null without a factor.
 */
export function independentCut(posterior: Gaussian, probe: Float32Array, scale: number): Cut | null {
  if (posterior.rank === 0) return null;
  const d = posterior.mean.length;
  const { values, vectors } = factorSpectrum(posterior);
  const top = values[0]!;
  if (!(top > 0)) return null;
  const u = new Float32Array(probe.length);
  let variance = top;
  for (let j = 0; j < d; j++) {
    let sum = 0;
    for (let k = 0; k < posterior.rank; k++) sum += vectors[0]![k]! * posterior.factor[k * d + j]!;
    u[j] = sum / Math.sqrt(top);
    variance += posterior.variance[j]! * u[j]! ** 2;
  }
  const length = Math.sqrt(variance);
  return { cut: INDEPENDENT_CUT, from: 'mean + probe', to: null, ray: { origin: probe, u, length }, ends: [0, length], range: null, reach: 3 * length * Math.sqrt(scale) };
}

/** Where a scan looks: 0 and ± reach, halved nine times. Ascending. */
export function scanPoints(reach: number): number[] {
  const positive = Array.from({ length: 10 }, (_, k) => reach / 2 ** (9 - k));
  return [...positive.map((t) => -t).reverse(), 0, ...positive];
}

/** A symmetric range that holds both minimisers of a scan with room to spare. */
export function rangeAround(t: readonly number[], trainNll: readonly number[], testNll: readonly number[], reach: number): [number, number] {
  const far = Math.max(...[trainNll, testNll].map((nll) => Math.abs(minimum(t, nll)?.t ?? 0)));
  const half = Math.min(reach, Math.max(2.5 * far, reach / 256));
  return [-half, half];
}

export function pointsOf(range: [number, number], count: number): number[] {
  return linspace(range[0], range[1], count);
}

/** trainNll + prior/N along a line, the prior at its chosen scale; the training NLL alone for null. Null when absent. */
export function objectiveOf(line: Line, family: Family | null): number[] | null {
  if (family === null) return line.trainNll;
  const prior = line.priors.find((candidate) => candidate.family === family);
  const c = prior?.coefficients[prior.scales.indexOf(prior.chosenScale)];
  if (!c) return null;
  return line.t.map((t, i) => line.trainNll[i]! + (c[0]! * t * t + c[1]! * t + c[2]!) / line.n);
}

/** Gap, gap ÷ length and test cost of each cut with each objective, over the seeds whose lines there are. */
export function alignmentGaps(lines: readonly Line[]): AlignmentGap[] {
  const cuts = [...new Set(lines.map((line) => line.cut))];
  return cuts.flatMap((cut) => {
    const own = lines.filter((line) => line.cut === cut);
    const families = [...new Set(own.flatMap((line) => line.priors.map((prior) => prior.family)))];
    return [null, ...families].map((prior): AlignmentGap => {
      const found = own.flatMap((line) => {
        const objective = objectiveOf(line, prior);
        const measured = objective && alignment(line.t, objective, line.testNll);
        return measured ? [{ ...measured, relative: measured.gap / line.length }] : [];
      });
      const over = (values: number[]) => {
        const { mean, ci95, seeds } = interval95(values);
        return { mean, ci95, seeds };
      };
      return {
        cut, prior,
        gap: over(found.map((one) => one.gap)),
        relative: over(found.map((one) => one.relative)),
        testCost: over(found.map((one) => one.testCost)),
        atBoundary: found.filter((one) => one.atBoundary).length,
      };
    });
  });
}
