/** What the cut plot draws: the three curves of one seed, or their bands over seeds on a common relative axis. Pure. */
import { interval95 } from '../../core/statistics.ts';
import type { Line } from '../../experiment/result.ts';
import { minimum } from '../../measure/alignment.ts';
import { linspace } from '../../measure/plane.ts';
import type { Family } from '../../prior/prior.ts';
import { quantile } from '../charts/scale.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { objectiveOnLine } from './objective.ts';

export type CurveName = 'train' | 'objective' | 'test';

export interface Curve {
  name: CurveName;
  /** [X]; NaN where not finite. */
  y: number[];
  /** 95% t band over seeds, null for a single seed. */
  band: ([number, number] | null)[] | null;
}

/** The minimisers of one seed, on the plot's x axis. */
export interface Minimisers {
  seed: number;
  train: number | null;
  objective: number | null;
  test: number | null;
  /** In parameter units; null when there is none. */
  gap: number | null;
}

export interface CutPicture {
  x: number[];
  /** x is t ÷ length of the cut rather than t. */
  relative: boolean;
  curves: Curve[];
  minimisers: Minimisers[];
  /** Positions of the cut's two ends. */
  ends: [number, number];
}

const SAMPLES = 121;

/**
 * `lines`: of one cut, one a seed. One line is drawn in parameter units, several on t ÷ length. `excess`: every curve
 * above its own lowest point (seed by seed), so that where it is lowest can be seen however flat it is.
 */
export function cutPicture(lines: readonly Line[], family: Family | null, scale: number, excess = false): CutPicture | null {
  const [first] = lines;
  if (!first) return null;
  const each = lines.map((line) => ({ line, objective: family && objectiveOnLine(line, family, scale) }));
  const relative = lines.length > 1;
  const unit = (line: Line) => (relative ? line.length : 1);
  const minimisers = each.map(({ line, objective }): Minimisers => {
    const at = (y: readonly number[] | null) => (y ? minimum(line.t, y)?.t ?? null : null);
    const [train, own, test] = [at(line.trainNll), at(objective), at(line.testNll)];
    const trained = own ?? train;
    const on = (t: number | null) => (t === null ? null : t / unit(line));
    return { seed: line.seed, train: on(train), objective: on(own), test: on(test), gap: trained === null || test === null ? null : Math.abs(trained - test) };
  });
  const named = ({ line, objective }: (typeof each)[number], name: CurveName) => {
    const y = name === 'train' ? line.trainNll : name === 'test' ? line.testNll : objective;
    if (!y || !excess) return y;
    const lowest = lowestOf(y);
    return y.map((value) => value - lowest);
  };
  const names: CurveName[] = each.some((one) => one.objective) ? ['train', 'objective', 'test'] : ['train', 'test'];
  if (!relative) {
    const curves = names.map((name): Curve => ({ name, y: [...named(each[0]!, name) ?? []], band: null }));
    return { x: first.t, relative, curves, minimisers, ends: first.ends };
  }
  const low = Math.max(...lines.map((line) => line.t[0]! / line.length));
  const high = Math.min(...lines.map((line) => line.t.at(-1)! / line.length));
  const x = linspace(low, high, SAMPLES);
  const curves = names.map((name): Curve => {
    const sampled = each.flatMap((one) => {
      const y = named(one, name);
      return y ? [x.map((at) => interpolate(one.line.t, y, at * one.line.length))] : [];
    });
    const intervals = x.map((_, i) => interval95(sampled.map((values) => values[i]!)));
    return { name, y: intervals.map((one) => one.mean), band: intervals.map((one) => one.ci95) };
  });
  return { x, relative, curves, minimisers, ends: [first.ends[0] / first.length, first.ends[1] / first.length] };
}

function lowestOf(y: readonly number[]): number {
  return y.reduce((low, value) => (Number.isFinite(value) ? Math.min(low, value) : low), Infinity);
}

/** Whether the curves lie so far apart that on one axis each would look flat. */
export function isFlat({ curves }: CutPicture): boolean {
  const spans = curves.map(({ y }) => {
    const finite = y.filter(Number.isFinite);
    return [Math.min(...finite), Math.max(...finite)] as const;
  });
  const whole = Math.max(...spans.map(([, high]) => high)) - Math.min(...spans.map(([low]) => low));
  return whole > 0 && spans.every(([low, high]) => high - low < 0.15 * whole);
}

/** Linear between the points of ascending t; NaN outside. */
export function interpolate(t: readonly number[], y: readonly number[], at: number): number {
  const last = t.length - 1;
  const slack = 1e-9 * (t[last]! - t[0]!);
  if (at < t[0]! - slack || at > t[last]! + slack) return NaN;
  let i = 0;
  while (i < last - 1 && t[i + 1]! < at) i++;
  const share = Math.max(0, Math.min(1, (at - t[i]!) / (t[i + 1]! - t[i]!)));
  return y[i]! + share * (y[i + 1]! - y[i]!);
}

/** NLL axis of the plot: from the lowest value, cut where the likelihoods' high tails (or a tight prior) would flatten the rest. */
export function cutDomain({ curves }: CutPicture): { low: number; high: number; clipped: boolean } {
  const likelihoods = curves.filter(({ name }) => name !== 'objective').flatMap(({ y }) => y).filter(Number.isFinite);
  const objective = curves.find(({ name }) => name === 'objective')?.y.filter(Number.isFinite) ?? [];
  const all = [...likelihoods, ...objective];
  if (all.length === 0) return { low: 0, high: 1, clipped: false };
  const low = Math.min(...all);
  const top = Math.max(...all);
  const reach = quantile(likelihoods, 0.85) - low;
  const lifted = objective.length > 0 ? Math.min(...objective) - low : 0;
  const high = Math.min(top, low + Math.max(1.15 * reach, 1.6 * lifted, 1e-6));
  const room = 0.04 * (high - low);
  return { low: Math.max(0, low - room) , high: high + room, clipped: top > high + room };
}

export function cutCsv(lines: readonly Line[], family: Family | null, scale: number): CsvValue[][] {
  return [
    ['cut', 'seed', 't', 't_over_length', 'train_nll', 'objective', 'test_nll', 'prior', 'scale'],
    ...lines.flatMap((line) => {
      const objective = family && objectiveOnLine(line, family, scale);
      return line.t.map((t, i): CsvValue[] => [line.cut, line.seed, t, t / line.length, line.trainNll[i]!, objective?.[i] ?? null, line.testNll[i]!, objective ? family : null, objective ? scale : null]);
    }),
  ];
}
