/** The curvature at a solution: on which training rows it is measured, what that costs, and the measuring in pieces. */
import type { DataRef, Engine } from '../../engine/contract.ts';
import type { Architecture } from '../../model/architecture.ts';
import type { LabEvent } from '../events.ts';
import { thinned } from '../robustness/networks.ts';
import type { Pace } from '../pace.ts';

/** At most this many, evenly taken, and scaled up to all of them. */
export const MOST_ROWS = 2000;

/** Rows of a seed, and what each counts for: N over those that are measured. */
export function curvatureRows(train: Uint32Array): { rows: Uint32Array; weight: number } {
  const rows = Uint32Array.from(thinned(train.length, MOST_ROWS), (i) => train[i]!);
  return { rows, weight: train.length / rows.length };
}

/** Of one row, in images passed forward: a forward pass and a backward pass a class. */
export function costOfRow(classes: number): number {
  return 1 + 2 * classes;
}

/** H [D + H] at theta: the diagonal Gauss–Newton matrix summed over all training rows. */
export async function* curvatureAt(
  { engine, architecture, data }: { engine: Engine; architecture: Architecture; data: DataRef }, theta: Float32Array, train: Uint32Array, pace: Pace,
): AsyncGenerator<LabEvent, Float64Array> {
  const { rows, weight } = curvatureRows(train);
  const cost = costOfRow(architecture.classes);
  const curvature = new Float64Array(theta.length);
  for (let from = 0; from < rows.length;) {
    const to = from + pace.piece(cost, rows.length - from, 8);
    const [part] = await pace.work((to - from) * cost, () => engine.squaredGradients({ architecture, data, indices: rows.slice(from, to), thetas: [theta], labels: 'model' }));
    part!.forEach((square, j) => (curvature[j]! += weight * square));
    from = to;
    yield pace.progress();
  }
  return curvature;
}
