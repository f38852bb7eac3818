/**
 * What the cut plot draws: train NLL, test NLL and the objective under each prior shown, of one seed or as bands over
 * seeds on a common relative axis, with the minimisers of the selected one. Pure.
 */
import { interval95 } from '../../core/statistics.ts';
import { pointWords } from '../../experiment/surface/cut-spec.ts';
import { aligned, BASIN, gapDifferences, gapsOf, judgedGaps } from '../../experiment/surface/evidence.ts';
import type { AlignmentGap, Line } from '../../experiment/result.ts';
import { minimum } from '../../measure/alignment.ts';
import { linspace } from '../../measure/plane.ts';
import { type Arm, ARMS, type Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { quantile } from '../charts/scale.ts';
import { objectiveOnLine, priorAt, type PriorSetting, scaleOf } from './objective.ts';

/** `rival`: the objective under a prior that is not the selected one; `ghost`: under the selected one before the drag. */
export type CurveKind = 'train' | 'test' | 'objective' | 'rival' | 'ghost';

export interface Curve {
  kind: CurveKind;
  /** Whose prior is in it. */
  family: Family | null;
  /** [X]; NaN where not finite. */
  y: number[];
  /** 95% t band over seeds, null for a single seed and for ghosts. */
  band: ([number, number] | null)[] | null;
}

/** The minimisers of one seed, on the plot's x axis. */
export interface Minimisers {
  seed: number;
  train: number | null;
  objective: number | null;
  test: number | null;
}

export interface CutPicture {
  x: number[];
  /** x is t ÷ length of the cut rather than t. */
  relative: boolean;
  seeds: number;
  curves: Curve[];
  minimisers: Minimisers[];
  /** Positions of the cut's two ends. */
  ends: [number, number];
}

export interface CutAsk {
  /** The selected one. */
  family: Family | null;
  /** Those drawn beside it. */
  beside: readonly Family[];
  setting: PriorSetting;
  /** Where the controls stood before the drag. */
  ghost: PriorSetting | null;
  /** Every curve above its own lowest point, seed by seed, so that where it is lowest can be seen however flat it is. */
  excess: boolean;
}

const SAMPLES = 121;

/** `lines`: of one cut, one a seed. One line is drawn in parameter units, several on t ÷ length. */
export function cutPicture(lines: readonly Line[], { family, beside, setting, ghost, excess }: CutAsk): CutPicture | null {
  const [first] = lines;
  if (!first) return null;
  const relative = lines.length > 1;
  const unit = (line: Line) => (relative ? line.length : 1);
  const x = relative ? relativeAxis(lines) : first.t;
  const drawn = (kind: CurveKind, whose: Family | null, losses: (line: Line) => readonly number[] | null): Curve[] => {
    const each = lines.flatMap((line) => {
      const y = losses(line);
      if (!y) return [];
      const shown = excess ? aboveLowest(y) : y;
      return [relative ? resampled(line.t, shown, x.map((at) => at * line.length)) : [...shown]];
    });
    return each.length === 0 ? [] : [{ kind, family: whose, ...over(each, relative && kind !== 'ghost') }];
  };
  const under = (whose: Family, at: PriorSetting) => (line: Line) => objectiveOnLine(line, whose, at);
  const curves = [
    ...beside.filter((one) => one !== family).flatMap((one) => drawn('rival', one, under(one, setting))),
    ...drawn('train', null, (line) => line.trainNll),
    ...(family && ghost && differs(ghost, setting) ? drawn('ghost', family, under(family, ghost)) : []),
    ...(family ? drawn('objective', family, under(family, setting)) : []),
    ...drawn('test', null, (line) => line.testNll),
  ];
  const minimisers = lines.map((line): Minimisers => {
    const at = (y: readonly number[] | null) => {
      const found = y && minimum(line.t, y);
      return found ? found.t / unit(line) : null;
    };
    return { seed: line.seed, train: at(line.trainNll), objective: at(family && objectiveOnLine(line, family, setting)), test: at(line.testNll) };
  });
  return { x, relative, seeds: lines.length, curves, minimisers, ends: [first.ends[0] / unit(first), first.ends[1] / unit(first)] };
}

export function differs(a: PriorSetting, b: PriorSetting): boolean {
  return a.factor !== b.factor || a.floor !== b.floor || a.rank !== b.rank;
}

/** Where all of the lines are, on t ÷ length. */
function relativeAxis(lines: readonly Line[]): number[] {
  return linspace(Math.max(...lines.map((line) => line.t[0]! / line.length)), Math.min(...lines.map((line) => line.t.at(-1)! / line.length)), SAMPLES);
}

/** Mean of curves over the same x, with its band where asked for. */
export function over(curves: readonly (readonly number[])[], banded: boolean): Pick<Curve, 'y' | 'band'> {
  const [first] = curves;
  if (!first) return { y: [], band: null };
  if (curves.length === 1) return { y: [...first], band: null };
  const intervals = first.map((_, i) => interval95(curves.map((values) => values[i]!)));
  return { y: intervals.map((one) => one.mean), band: banded ? intervals.map((one) => one.ci95) : null };
}

/** Values above the lowest finite one. */
export function aboveLowest(y: readonly number[]): number[] {
  const lowest = y.reduce((low, value) => (Number.isFinite(value) ? Math.min(low, value) : low), Infinity);
  return y.map((value) => value - lowest);
}

/** Linear between the points of ascending t, at ascending places; NaN outside and at NaN. */
export function resampled(t: readonly number[], y: readonly number[], places: readonly number[]): number[] {
  const last = t.length - 1;
  const slack = 1e-9 * (t[last]! - t[0]!);
  let i = 0;
  return places.map((at) => {
    if (!(at >= t[0]! - slack && at <= t[last]! + slack)) return NaN;
    while (i < last - 1 && t[i + 1]! < at) i++;
    const share = Math.max(0, Math.min(1, (at - t[i]!) / (t[i + 1]! - t[i]!)));
    return share === 0 ? y[i]! : share === 1 ? y[i + 1]! : y[i]! + share * (y[i + 1]! - y[i]!);
  });
}

/** Whether the curves lie so far apart that on one axis each would look flat. */
export function isFlat({ curves }: CutPicture): boolean {
  const spans = curves.filter(({ kind }) => kind !== 'rival' && kind !== 'ghost').map(({ y }) => {
    const finite = y.filter(Number.isFinite);
    return [Math.min(...finite), Math.max(...finite)] as const;
  });
  const whole = Math.max(...spans.map(([, high]) => high)) - Math.min(...spans.map(([low]) => low));
  return whole > 0 && spans.every(([low, high]) => high - low < 0.15 * whole);
}

export interface Domain {
  low: number;
  high: number;
  clipped: boolean;
}

/** NLL axis of the plot: from the lowest value, cut where the likelihoods' high tails (or a tight prior) would flatten the rest. */
export function cutDomain({ curves }: CutPicture): Domain {
  const of = (...kinds: CurveKind[]) => curves.filter(({ kind }) => kinds.includes(kind)).flatMap(({ y }) => y).filter(Number.isFinite);
  const [likelihoods, all] = [of('train', 'test'), of('train', 'test', 'objective', 'rival', 'ghost')];
  if (likelihoods.length === 0) return { low: 0, high: 1, clipped: false };
  const low = Math.min(...all);
  const top = Math.max(...all);
  const reach = quantile(likelihoods, 0.85) - low;
  const objective = of('objective');
  const lifted = objective.length > 0 ? Math.min(...objective) - low : 0;
  const high = Math.min(top, low + Math.max(1.15 * reach, 1.6 * lifted, 1e-6));
  const room = 0.04 * (high - low);
  return { low: Math.max(0, low - room), high: high + room, clipped: top > high + room };
}

/** Columns: t, losses, then λ and the objective under each prior. `lines` of one cut. */
export function cutCsv(lines: readonly Line[], families: readonly Family[], setting: PriorSetting): CsvValue[][] {
  return [
    ['cut', 'from', 'seed', 't', 't_over_length', 'train_nll', 'test_nll', 'epsilon', ...families.flatMap((family) => [`scale_${family}`, `objective_${family}`])],
    ...lines.flatMap((line) => {
      const priors = families.map((family) => {
        const prior = priorAt(line.priors, family, setting.rank);
        return { scale: prior && scaleOf(prior, setting), objective: objectiveOnLine(line, family, setting) };
      });
      return line.t.map((t, i): CsvValue[] => [
        line.cut, line.from, line.seed, t, t / line.length, line.trainNll[i]!, line.testNll[i]!, setting.floor,
        ...priors.flatMap(({ scale, objective }) => [scale, objective?.[i] ?? null]),
      ]);
    }),
  ];
}

/** Cuts in the order they came, basin plots apart. */
export function cutNames(lines: readonly Line[]): { between: string[]; basins: string[] } {
  const names = [...new Set(lines.map((line) => line.cut))];
  return { between: names.filter((cut) => !cut.startsWith(BASIN)), basins: names.filter((cut) => cut.startsWith(BASIN)) };
}

/** The arm whose solution a line names as its end, by its own name or in words; null for another point. */
export function armNamed(point: string): Arm | null {
  return ARMS.find((arm) => arm === point || pointWords(arm) === point) ?? null;
}

export function cutTitle(cut: string): string {
  return cut.charAt(0).toUpperCase() + cut.slice(1);
}

/**
 * The alignment on these lines (one a seed) under a prior as the controls stand, or under none, against its rivals under
 * the same controls. Null when no seed has one.
 */
export function liveRow(lines: readonly Line[], family: Family | null, setting: PriorSetting): AlignmentGap | null {
  const [first] = lines;
  const under = (one: Family | null) => lines.map((line) => aligned(line, one === null ? line.trainNll : objectiveOnLine(line, one, setting)));
  const found = under(family);
  if (!first || found.every((one) => one === null)) return null;
  return judgedGaps([{ cut: first.cut, prior: family, ...gapsOf(found), ...gapDifferences(found, family, under) }])[0]!;
}
