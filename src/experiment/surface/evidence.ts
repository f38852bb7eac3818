/**
 * What the cuts prove: how far the minima of training objective and test loss lie apart with and without each prior,
 * paired by seed with the training loss alone and with L2-SP, and whether the learned covariance's directions cost less
 * than random ones. Pure: from measured losses to the numbers of result.ts.
 */
import { interval95, mean, pairedDifference, type Interval, type Verdict } from '../../core/statistics.ts';
import { type Alignment, alignment } from '../../measure/alignment.ts';
import { coefficientsAt } from '../../measure/quadratic.ts';
import type { Family } from '../../prior/prior.ts';
import type { AlignmentGap, DirectionTest, Line, SectionPrior } from '../result.ts';

/** What the names of basin plots start with: lines through several solutions, on which nothing is aligned. */
export const BASIN = 'basin: ';

/** The prior of a family as it was tuned: the one with all rows of its covariance factor. */
export function tunedPrior(line: Pick<Line, 'priors'>, family: Family): SectionPrior | null {
  return line.priors.reduce<SectionPrior | null>((most, prior) => (prior.family === family && (most === null || prior.rank > most.rank) ? prior : most), null);
}

/** trainNll + prior/N along a line [T], at the tuned λ and the floor ε; the training NLL alone for null. Null when absent. */
export function objectiveOf(line: Line, family: Family | null, floor: number): number[] | null {
  if (family === null) return line.trainNll;
  const prior = tunedPrior(line, family);
  if (!prior) return null;
  const [c2, c1, c0] = coefficientsAt(prior, prior.chosenScale, floor) as [number, number, number];
  return line.t.map((t, i) => line.trainNll[i]! + (c2 * t * t + c1 * t + c0) / line.n);
}

/**
 * Gap, gap ÷ length and test cost of each cut under each objective, over the seeds whose lines there are, and the
 * difference of its gap to the training loss alone and to L2-SP. Basin plots have none.
 */
export function alignmentGaps(lines: readonly Line[], floor: number): AlignmentGap[] {
  const cuts = [...new Set(lines.map((line) => line.cut))].filter((cut) => !cut.startsWith(BASIN));
  return cuts.flatMap((cut) => {
    const own = lines.filter((line) => line.cut === cut);
    const families = [...new Set(own.flatMap((line) => line.priors.map((prior) => prior.family)))];
    const measured = new Map([null, ...families].map((family) => [family, own.map((line) => aligned(line, objectiveOf(line, family, floor)))] as const));
    return [...measured].map(([prior, found]): AlignmentGap => {
      const versus = (rival: Family | null) => (rival === prior ? null : gapDifference(found, measured.get(rival)));
      return { cut, prior, ...gapsOf(found), versusTrain: versus(null), versusL2sp: versus('l2-sp') };
    });
  });
}

/** One seed's alignment on one line; null when a loss has no finite value or there is no objective. */
export type Aligned = (Alignment & { relative: number }) | null;

export function aligned(line: Line, objective: readonly number[] | null): Aligned {
  const found = objective && alignment(line.t, objective, line.testNll);
  return found ? { ...found, relative: found.gap / line.length } : null;
}

/** Intervals over the seeds that have an alignment. */
export function gapsOf(seeds: readonly Aligned[]): Pick<AlignmentGap, 'gap' | 'relative' | 'testCost' | 'atBoundary'> {
  const found = seeds.flatMap((one) => one ?? []);
  const over = (values: number[]) => plain(interval95(values));
  return {
    gap: over(found.map((one) => one.gap)),
    relative: over(found.map((one) => one.relative)),
    testCost: over(found.map((one) => one.testCost)),
    atBoundary: found.filter((one) => one.atBoundary).length,
  };
}

/** First gap − second, index i the same seed in both; null without a seed that has both. */
export function gapDifference(gaps: readonly Aligned[], rivals: readonly Aligned[] | undefined): (Interval & { verdict: Verdict }) | null {
  if (!rivals) return null;
  const difference = judged(gaps.map((one) => one?.gap ?? NaN), rivals.map((one) => one?.gap ?? NaN));
  return difference.seeds === 0 ? null : difference;
}

/** NLL in nats at one place: `base` of its seed moved by ± `radius` along a direction. Seed, direction and radius by index. */
export interface Moved {
  kind: 'covariance' | 'random';
  seed: number;
  direction: number;
  radius: number;
  sign: 1 | -1;
  train: number;
  test: number;
}

export interface DirectionMeasurements {
  /** Where the steps start, in words. */
  from: string;
  /** Norms of the step, parameter units [R], ascending. */
  radii: number[];
  /** NLL at the start [seeds]. */
  base: { train: number[]; test: number[] };
  moved: Moved[];
}

/**
 * Rise = NLL at the place − NLL at the start, mean of both signs. Null unless both kinds were measured. A place that is
 * not finite is left out with its opposite, so an interval may have fewer directions than there are.
 */
export function directionTestOf({ from, radii, base, moved }: DirectionMeasurements): DirectionTest | null {
  const kinds = (['covariance', 'random'] as const).map((kind) => {
    const own = moved.filter((one) => one.kind === kind);
    const directions = [...new Set(own.map((one) => one.direction))];
    const rises = { train: riseTable(own, 'train', base.train), test: riseTable(own, 'test', base.test) };
    const seeds = base.train.map((_, s) => s);
    const rise = (loss: 'train' | 'test', s: number, d: number, r: number) => rises[loss].get(keyOf(s, d, r)) ?? NaN;
    const over = (loss: 'train' | 'test') => radii.map((_, r) => plain(interval95(directions.map((d) => finiteMean(seeds.map((s) => rise(loss, s, d, r)))))));
    /** Mean over directions at the largest radius, for each seed. */
    const farthest = (loss: 'train' | 'test') => seeds.map((s) => finiteMean(directions.map((d) => rise(loss, s, d, radii.length - 1))));
    return { kind, directions: directions.length, over, farthest };
  });
  const [covariance, random] = kinds;
  if (!covariance?.directions || !random?.directions) return null;
  const difference = (loss: 'train' | 'test') => judged(covariance.farthest(loss), random.farthest(loss));
  return {
    from, radii,
    kinds: kinds.map(({ kind, directions, over }) => ({ kind, directions, train: over('train'), test: over('test') })),
    difference: { train: difference('train'), test: difference('test') },
  };
}

/** Mean rise over both signs of each seed, direction and radius. */
function riseTable(moved: readonly Moved[], loss: 'train' | 'test', base: readonly number[]): Map<string, number> {
  const found = new Map<string, number[]>();
  for (const one of moved) {
    const key = keyOf(one.seed, one.direction, one.radius);
    found.set(key, [...(found.get(key) ?? []), one[loss] - (base[one.seed] ?? NaN)]);
  }
  return new Map([...found].map(([key, rises]) => [key, mean(rises)]));
}

function keyOf(seed: number, direction: number, radius: number): string {
  return `${seed} ${direction} ${radius}`;
}

function finiteMean(values: readonly number[]): number {
  return mean(values.filter(Number.isFinite));
}

function judged(values: readonly number[], rivals: readonly number[]): Interval & { verdict: Verdict } {
  const difference = pairedDifference(values, rivals, { lowerIsBetter: true });
  return { ...plain(difference), verdict: difference.verdict };
}

function plain({ mean: centre, ci95, seeds }: Interval): Interval {
  return { mean: centre, ci95, seeds };
}
