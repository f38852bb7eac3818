/** What the source chart draws, from the points of the live curve. */
import type { SourcePoint } from '../../experiment/events.ts';
import type { CsvValue } from '../../storage/exports.ts';

/** Steps at which snapshots were taken, spread evenly over the steps between two points that differ in their count. */
export function snapshotTicks(points: readonly SourcePoint[]): number[] {
  return points.flatMap((point, i) => {
    const before = points[i - 1] ?? { step: 0, snapshots: 0 };
    const taken = point.snapshots - before.snapshots;
    return Array.from({ length: Math.max(0, taken) }, (_, k) => before.step + ((k + 1) * (point.step - before.step)) / taken);
  });
}

/** Upper end of the NLL axis: what the curve reached, rounded up to a half nat, and never below one. */
export function nllCeiling(points: readonly SourcePoint[]): number {
  const highest = points.reduce((high, { nll }) => (Number.isFinite(nll) ? Math.max(high, nll) : high), 0);
  return Math.max(1, Math.ceil(2 * highest) / 2);
}

export function sourceRows(points: readonly SourcePoint[]): CsvValue[][] {
  return [
    ['step', 'train_nll', 'train_accuracy', 'learning_rate', 'snapshots'],
    ...points.map(({ step, nll, accuracy, learningRate, snapshots }) => [step, nll, accuracy, learningRate, snapshots]),
  ];
}
