/**
 * What the cuts prove: how far the minima of training objective and test loss lie apart with and without each prior,
 * paired by seed with the training loss alone and with L2-SP, and whether the learned covariance's directions cost less
 * than random ones. Pure: from measured losses to the numbers of result.ts.
 */
import { interval95, judging, mean, pairedDifference, type Interval, type PairedDifference } from '../../core/statistics.ts';
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
    const rows = [...measured].map(([prior, found]) => ({ cut, prior, ...gapsOf(found), ...gapDifferences(found, prior, (rival) => measured.get(rival)) }));
    return judgedGaps(rows);
  });
}

/** A gap with its differences, before they are judged. */
export interface OpenGap extends Omit<AlignmentGap, 'versusTrain' | 'versusL2sp'> {
  versusTrain: PairedDifference | null;
  versusL2sp: PairedDifference | null;
}

/** Verdicts that hold for all differences of these rows together. */
export function judgedGaps(rows: readonly OpenGap[]): AlignmentGap[] {
  const pairs = rows.flatMap(({ prior, versusTrain, versusL2sp }) => [{ prior, rival: null, one: versusTrain }, { prior, rival: 'l2-sp', one: versusL2sp }]);
  const asked = pairs.flatMap(({ prior, rival, one }) => (one ? [{ one, question: [String(prior), String(rival)].sort().join() }] : []));
  const judged = judging(asked.map(({ one }) => one), true, (_, i) => asked[i]!.question);
  return rows.map((row) => ({ ...row, versusTrain: judged(row.versusTrain), versusL2sp: judged(row.versusL2sp) }));
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

/** These gaps − those of the training loss alone and of L2-SP, index i the same seed in both; null for itself and without a seed that has both. */
export function gapDifferences(gaps: readonly Aligned[], prior: Family | null, of: (rival: Family | null) => readonly Aligned[] | undefined): Pick<OpenGap, 'versusTrain' | 'versusL2sp'> {
  const versus = (rival: Family | null): PairedDifference | null => {
    const rivals = rival === prior ? undefined : of(rival);
    if (!rivals) return null;
    const difference = pairedDifference(gaps.map((one) => one?.gap ?? NaN), rivals.map((one) => one?.gap ?? NaN));
    return difference.seeds === 0 ? null : difference;
  };
  return { versusTrain: versus(null), versusL2sp: versus('l2-sp') };
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
  const difference = (loss: 'train' | 'test') => pairedDifference(covariance.farthest(loss), random.farthest(loss));
  const [train, test] = [difference('train'), difference('test')];
  const judged = judging([train, test], true);
  return {
    from, radii,
    kinds: kinds.map(({ kind, directions, over }) => ({ kind, directions, train: over('train'), test: over('test') })),
    difference: { train: judged(train)!, test: judged(test)! },
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

function plain({ mean: centre, ci95, seeds }: Interval): Interval {
  return { mean: centre, ci95, seeds };
}
