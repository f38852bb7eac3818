/** What a basin plot draws: train and test NLL of several solutions, each along one direction through it, over seeds. Pure. */
import type { Line } from '../../experiment/result.ts';
import { linspace } from '../../measure/plane.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { quantile } from '../charts/scale.ts';
import { aboveLowest, type Curve, type Domain, over, resampled } from './cut.ts';

const SAMPLES = 121;

export interface BasinCurve {
  /** The point the line goes through, as the cut names it: an arm, `plain` or another point. */
  from: string;
  seeds: number;
  train: Pick<Curve, 'y' | 'band'>;
  test: Pick<Curve, 'y' | 'band'>;
}

/** How much wider than the narrowest arm's lines the picture may be. */
const WIDEST = 3;

/**
 * The losses of every solution along one direction, over seeds; x: parameter units from the solution. An arm's curve is
 * drawn where the lines of all its seeds are; how far they go was found for each line by itself.
 */
export function basinPicture(lines: readonly Line[], excess: boolean): { x: number[]; curves: BasinCurve[] } | null {
  const arms = [...new Set(lines.map((line) => line.from))].map((from) => {
    const own = lines.filter((line) => line.from === from);
    return { from, own, low: Math.max(...own.map((line) => line.t[0]!)), high: Math.min(...own.map((line) => line.t.at(-1)!)) };
  });
  if (arms.length === 0) return null;
  const [lows, highs] = [arms.map((arm) => arm.low), arms.map((arm) => arm.high)];
  const x = linspace(Math.max(Math.min(...lows), WIDEST * Math.max(...lows)), Math.min(Math.max(...highs), WIDEST * Math.min(...highs)), SAMPLES);
  const curves = arms.map(({ from, own, low, high }): BasinCurve => {
    const places = x.map((at) => (at < low || at > high ? NaN : at));
    const loss = (y: (line: Line) => readonly number[]) => over(own.map((line) => resampled(line.t, excess ? aboveLowest(y(line)) : y(line), places)), true);
    return { from, seeds: own.length, train: loss((line) => line.trainNll), test: loss((line) => line.testNll) };
  });
  return { x, curves };
}

/** One axis for both losses: up to where most of the curves have left the picture's low part. */
export function basinDomain(curves: readonly BasinCurve[]): Domain {
  const all = curves.flatMap(({ train, test }) => [...train.y, ...test.y]).filter(Number.isFinite);
  if (all.length === 0) return { low: 0, high: 1, clipped: false };
  const [low, top] = [Math.min(...all), Math.max(...all)];
  const high = Math.min(top, low + Math.max(1.3 * (quantile(all, 0.9) - low), 1e-6));
  const room = 0.04 * (high - low);
  return { low: Math.max(0, low - room), high: high + room, clipped: top > high + room };
}

export function basinCsv(lines: readonly Line[]): CsvValue[][] {
  return [
    ['cut', 'from', 'seed', 't', 'train_nll', 'test_nll'],
    ...lines.flatMap((line) => line.t.map((t, i): CsvValue[] => [line.cut, line.from, line.seed, t, line.trainNll[i]!, line.testNll[i]!])),
  ];
}
