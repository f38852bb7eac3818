/**
 * From finished runs to verdicts: the run of each arm and seed with the lowest validation NLL, means over seeds, and
 * paired differences to plain initialisation and to L2-SP. Pure; what diverged is left out and counted.
 */
import { interval95, judgeTable, pairedDifference, type PairedDifference } from '../../core/statistics.ts';
import { lowerIsBetter, type Metrics, metricsIn, NO_METRICS, valueOf } from '../../measure/metrics.ts';
import type { Arm } from '../../prior/prior.ts';
import type { ArmResult, ArmSummary, Comparison, Run } from '../result.ts';

/** Rivals that every other arm is compared with. */
export const RIVALS = ['none', 'l2-sp'] as const satisfies readonly Arm[];

/** Index of the run with the lowest finite validation NLL among `candidates` that did not diverge; −1 when there is none. */
export function chooseRun(runs: readonly Run[], candidates: readonly number[]): number {
  let best = -1;
  for (const i of candidates) {
    const { divergedAt, validation } = runs[i]!;
    if (divergedAt !== null || !Number.isFinite(validation.nll)) continue;
    if (best < 0 || validation.nll < runs[best]!.validation.nll) best = i;
  }
  return best;
}

/** The chosen run as a result; when every run of this arm and seed diverged, tuned values and metrics are NaN. */
export function armResult(
  all: readonly Run[], chosen: { run: Run; atEdge: 'low' | 'high' | null; train: Metrics; test: Metrics } | null,
): ArmResult {
  const { arm, n, seed } = all[0]!;
  const diverged = all.filter((run) => run.divergedAt !== null).length;
  if (!chosen) {
    return { arm, n, seed, scale: null, headStrength: NaN, learningRate: NaN, atEdge: null, train: NO_METRICS, validation: NO_METRICS, test: NO_METRICS, diverged };
  }
  const { run, atEdge, train, test } = chosen;
  return { arm, n, seed, scale: run.scale, headStrength: run.headStrength, learningRate: run.learningRate, atEdge, train, validation: run.validation, test, diverged };
}

/** Mean and 95% interval over seeds of each arm's test metrics. */
export function summariseArms(results: readonly ArmResult[]): ArmSummary[] {
  const metrics = metricsIn(results.map(({ test }) => test));
  return groups(results).flatMap(({ arm, n, list }) => metrics.map((metric): ArmSummary => {
    const { mean, ci95, seeds } = interval95(list.map((result) => valueOf(result.test, metric)));
    return { arm, n, metric, mean, ci95, seeds };
  }));
}

/** Each arm against each rival that took part, paired by seed, on test; not judged yet. */
export function armDifferences(results: readonly ArmResult[]): (Omit<Comparison, 'holm' | 'verdict'> & PairedDifference)[] {
  const all = groups(results);
  const metrics = metricsIn(results.map(({ test }) => test));
  return all.flatMap(({ arm, n, list }) => RIVALS.filter((versus) => versus !== arm).flatMap((versus) => {
    const rival = all.find((group) => group.arm === versus && group.n === n);
    if (!rival) return [];
    return metrics.map((metric) => {
      const against = list.map((result) => valueOf(rival.list.find((other) => other.seed === result.seed)?.test ?? NO_METRICS, metric));
      return { arm, versus, n, metric, ...pairedDifference(list.map((result) => valueOf(result.test, metric)), against) };
    });
  }));
}

/** What a comparison asks: plain − L2-SP and L2-SP − plain are one question. */
export function questionOf({ arm, versus }: Pick<Comparison, 'arm' | 'versus'>): string {
  return [arm, versus].sort().join();
}

/**
 * Each arm against each rival that took part, paired by seed, on test. Verdicts hold for all differences of one n and metric together, to both rivals.
 */
export function compareArms(results: readonly ArmResult[]): Comparison[] {
  const differences = armDifferences(results);
  const tables = [...new Set(differences.map(({ n, metric }) => `${n} ${metric}`))];
  return tables.flatMap((name) => judgeTable(differences.filter(({ n, metric }) => `${n} ${metric}` === name), ({ metric }) => lowerIsBetter(metric), questionOf));
}

/** Results of one arm and n, in the order in which they come. */
function groups(results: readonly ArmResult[]): { arm: Arm; n: number; list: ArmResult[] }[] {
  const found = new Map<string, { arm: Arm; n: number; list: ArmResult[] }>();
  for (const result of results) {
    const key = `${result.arm} ${result.n}`;
    const group = found.get(key);
    if (group) group.list.push(result);
    else found.set(key, { arm: result.arm, n: result.n, list: [result] });
  }
  return [...found.values()];
}
