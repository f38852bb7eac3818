/** What the curves of a study span: an axis that one exploding arm cannot take, seeds and bands inside as far as they go. Pure. */
import { raceDomain, type RaceDomain } from '../charts/race.ts';
import type { CurvePoint, Study } from '../../experiment/study/study-result.ts';
import type { Metric } from '../../experiment/result.ts';
import type { Arm } from '../../prior/prior.ts';

export function pointsOf({ curves }: Pick<Study, 'curves'>, metric: Metric): Map<Arm, CurvePoint[]> {
  const found = new Map<Arm, CurvePoint[]>();
  for (const point of curves) {
    if (point.metric !== metric || point.seeds === 0) continue;
    const list = found.get(point.arm);
    if (list) list.push(point);
    else found.set(point.arm, [point]);
  }
  return found;
}

export function curveDomain(points: ReadonlyMap<Arm, CurvePoint[]>, shown: readonly Arm[]): RaceDomain {
  const values = [...new Set([...points.values()].flat().map(({ value }) => value))];
  const rows = values.map((value, step) => ({
    step,
    arms: Object.fromEntries([...points].flatMap(([arm, list]) => list.filter((one) => one.value === value).map(({ mean, ci95, seeds }) => [arm, { mean, ci95, seeds, dropped: 0 }] as const))),
  }));
  return raceDomain(rows, shown);
}
