/** What the source chart draws, from the points of the live curve. */
import type { SourcePoint } from '../../experiment/events.ts';
import type { SourceMethod } from '../../posterior/posterior.ts';
import type { CsvValue } from '../../storage/exports.ts';

/** What the two curves are called where the source is learned so; VICReg has one loss in no unit, and no share. */
export const SOURCE_CURVES: Record<SourceMethod, { loss: string; unit: string; share: string | null; columns: readonly [string, string] }> = {
  supervised: { loss: 'NLL', unit: ' (nats)', share: 'Accuracy', columns: ['train_nll', 'train_accuracy'] },
  simclr: { loss: 'NT-Xent', unit: ' (nats)', share: 'Partner nearest', columns: ['nt_xent', 'partner_nearest'] },
  vicreg: { loss: 'VICReg loss', unit: '', share: null, columns: ['vicreg', ''] },
};

/** Loss where nothing is known: log(2B − 1) for NT-Xent; null where there is no such level. */
export function chanceLevel(points: readonly SourcePoint[], method: SourceMethod): number | null {
  const views = points[0]?.views;
  return method === 'simclr' && views !== undefined ? Math.log(views - 1) : null;
}

/** Steps at which snapshots were taken, spread evenly over the steps between two points that differ in their count. */
export function snapshotTicks(points: readonly SourcePoint[]): number[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1] ?? { step: 0, snapshots: 0 };
    const taken = point.snapshots - before.snapshots;
    return Array.from({ length: Math.max(0, taken) }, (_, k) => before.step + ((k + 1) * (point.step - before.step)) / taken);
  });
}

/** Upper end of the loss axis: what the curve reached, or `level` above it, rounded up to a half, and never below one. */
export function lossCeiling(points: readonly SourcePoint[], level: number | null): number {
  const highest = points.reduce((high, { nll }) => (Number.isFinite(nll) ? Math.max(high, nll) : high), level ?? 0);
  return Math.max(1, Math.ceil(2 * highest) / 2);
}

export function sourceRows(points: readonly SourcePoint[], method: SourceMethod): CsvValue[][] {
  const { columns: [loss, share], share: told } = SOURCE_CURVES[method];
  return [
    ['step', loss, ...(told ? [share] : []), 'learning_rate', 'snapshots'],
    ...points.map(({ step, nll, accuracy, learningRate, snapshots }) => [step, nll, ...(told ? [accuracy] : []), learningRate, snapshots]),
  ];
}
