/**
 * Successive halving (Jamieson & Talwalkar 2016) of the grid: at an eighth and at a quarter of the steps the better half of each arm's and seed's
 * settings goes on, by validation NLL; every arm loses the same number. Survivors are trained again from their start, so that a run which is
 * kept ends exactly where it would have ended without this.
 */
import type { LabEvent } from '../events.ts';
import { inPieces, Pace, TRAINING_COST, trainInPieces } from '../pace.ts';
import { cellName, type Entry, planComparison } from './arms.ts';
import type { ComparisonInput } from './comparison.ts';

const RUNGS = [1 / 8, 1 / 4] as const;

/** Runs that a rung leaves of so many: the better half, rounded up. */
export function keptOf(count: number): number {
  return Math.ceil(count / 2);
}

/** Chains that go on: of each group the `keptOf` lowest; what is not finite comes last, ties in their order. `nll` [chains]. */
export function better(groups: readonly (readonly number[])[], nll: ArrayLike<number>): number[] {
  const rank = (i: number) => (Number.isFinite(nll[i]!) ? nll[i]! : Infinity);
  return groups.flatMap((group) => [...group].sort((i, j) => (rank(i) === rank(j) ? i - j : rank(i) - rank(j))).slice(0, keptOf(group.length)).sort((i, j) => i - j));
}

/** Names of the settings (`cellName`) that go to the end; null when there is nothing to choose among. */
export async function* halve(input: ComparisonInput): AsyncGenerator<LabEvent, ReadonlySet<string> | null> {
  let only: ReadonlySet<string> | null = null;
  for (const rung of RUNGS) {
    const { spec, entries } = planComparison({ ...input, only });
    const groups = groupsOf(entries);
    if (groups.every((group) => group.length < 2)) break;
    const steps = Math.max(1, Math.round(rung * input.settings['inference.steps']));
    const { train, validation } = input.splits[0]!;
    const cost = entries.length * Math.min(input.settings['inference.batch'], train.length) * TRAINING_COST;
    const pace = new Pace('downstream', cost * steps + entries.length * validation.length, 'Halving the grid');
    const population = await input.engine.populate(spec);
    try {
      const divergedAt = yield* trainInPieces(pace, population, cost, steps, (done) => `Halving the grid of ${entries.length} runs, step ${done} of ${steps}`);
      const { nll, finite } = yield* inPieces(pace, entries.length, validation.length, Math.max(1, input.engine.info.workers), (from, to) => population.evaluate({
        data: input.data, indices: input.splits.map((split) => split.validation), logits: false,
        items: entries.slice(from, to).map(({ seed }, i) => ({ chain: from + i, rows: seed })),
      }));
      const sound = nll.map((value, i) => (finite[i] === 1 && divergedAt[i]! < 0 ? value : NaN));
      only = new Set(better(groups, sound).map((i) => cellName(entries[i]!)));
    } finally {
      await population.dispose();
    }
  }
  return only;
}

/** Chains of one arm and seed. */
function groupsOf(entries: readonly Entry[]): number[][] {
  const found = new Map<string, number[]>();
  entries.forEach(({ cell, seed }, i) => {
    const key = `${cell.arm} ${seed}`;
    found.set(key, [...(found.get(key) ?? []), i]);
  });
  return [...found.values()];
}
