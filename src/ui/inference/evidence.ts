/** The evidence of every tuned prior: per seed, over seeds, and its paired difference to L2-SP's, which has the same centre and one width. Pure. */
import { type Interval, interval95, type JudgedDifference, judging, pairedDifference } from '../../core/statistics.ts';
import type { ArmEvidence } from '../../experiment/inference/inference-result.ts';
import type { Family } from '../../prior/prior.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { armsOf } from './predictors.ts';

export interface EvidenceRow {
  arm: Family;
  /** Of each seed in the order of `evidenceSeeds`; null where the arm has no solution. */
  seeds: (ArmEvidence | null)[];
  total: Interval;
  fit: Interval;
  occam: Interval;
  /** To L2-SP, seed by seed, higher is better, those of all arms judged together; null for itself and without it. */
  difference: JudgedDifference | null;
}

export function evidenceSeeds(evidence: readonly ArmEvidence[]): number[] {
  return [...new Set(evidence.map(({ seed }) => seed))];
}

export function evidenceRows(evidence: readonly ArmEvidence[]): EvidenceRow[] {
  const seeds = evidenceSeeds(evidence);
  const of = (arm: Family) => seeds.map((seed) => evidence.find((one) => one.arm === arm && one.seed === seed) ?? null);
  const rivals = of('l2-sp');
  const total = (one: ArmEvidence | null) => one?.logEvidence ?? NaN;
  const rows = armsOf(evidence).map((arm) => {
    const mine = of(arm);
    const compared = arm !== 'l2-sp' && rivals.some((rival) => rival !== null);
    return {
      arm, seeds: mine, total: interval95(mine.map(total)), fit: interval95(mine.map((one) => one?.logLikelihood ?? NaN)), occam: interval95(mine.map((one) => one?.logOccam ?? NaN)),
      difference: compared ? pairedDifference(mine.map(total), rivals.map(total)) : null,
    };
  });
  const judged = judging(rows.flatMap(({ difference }) => difference ?? []), false);
  return rows.map((row) => ({ ...row, difference: judged(row.difference) }));
}

/** Each value once, ascending: what λ an arm's seeds chose. */
export function scalesOf({ seeds }: EvidenceRow): number[] {
  return [...new Set(seeds.flatMap((one) => (one ? [one.scale] : [])))].sort((a, b) => a - b);
}

/** A line an arm and seed. */
export function evidenceCsv(evidence: readonly ArmEvidence[]): CsvValue[][] {
  return [
    ['arm', 'seed', 'n', 'scale', 'head_strength', 'log_evidence', 'log_likelihood', 'log_occam'],
    ...evidence.map((one): CsvValue[] => [one.arm, one.seed, one.n, one.scale, one.headStrength, one.logEvidence, one.logLikelihood, one.logOccam]),
  ];
}
