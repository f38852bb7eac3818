/** What the plot of the direction test draws and saves. Pure. */
import type { DirectionTest } from '../../experiment/result.ts';
import type { CsvValue } from '../../storage/exports.ts';
import type { Domain } from './cut.ts';

/** All means, and bands as far as they do not flatten them. */
export function riseDomain({ kinds }: Pick<DirectionTest, 'kinds'>): Domain {
  const all = kinds.flatMap(({ train, test }) => [...train, ...test]);
  const means = [0, ...all.map(({ mean }) => mean)].filter(Number.isFinite);
  const bounds = all.flatMap(({ ci95 }) => ci95 ?? []);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const span = high - low || 1;
  const bottom = Math.max(low - 0.4 * span, Math.min(low, ...bounds));
  const top = Math.min(high + 0.4 * span, Math.max(high, ...bounds));
  return { low: bottom - 0.03 * span, high: top + 0.03 * span, clipped: Math.max(high, ...bounds) > top };
}

export function directionCsv({ from, radii, kinds }: DirectionTest): CsvValue[][] {
  return [
    ['from', 'directions', 'number_of_directions', 'norm', 'loss', 'mean_rise', 'ci95_low', 'ci95_high', 'directions_finite'],
    ...kinds.flatMap((one) => (['train', 'test'] as const).flatMap((loss) => one[loss].map((at, r): CsvValue[] => [
      from, one.kind, one.directions, radii[r]!, loss, at.mean, at.ci95?.[0] ?? null, at.ci95?.[1] ?? null, at.seeds,
    ]))),
  ];
}
