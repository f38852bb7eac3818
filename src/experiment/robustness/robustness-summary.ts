/** From metrics by corruption, severity and seed to what is told of them: curves, rises, paired differences, detection. Pure. */
import { interval95, type Interval, judgeTable, judging, mean, pairedDifference, type PairedDifference } from '../../core/statistics.ts';
import { type Corruption, SEVERITIES } from '../../data/corrupt.ts';
import type { Detection } from '../../measure/detection.ts';
import { lowerIsBetter, type Metrics } from '../../measure/metrics.ts';
import type { Arm } from '../../prior/prior.ts';
import { type Predictor, predictorName } from '../inference/inference-result.ts';
import { FOLLOWED, type Followed, JUDGED, type OutsideDetection, type Robustness, type RobustnessComparison, type RobustnessCurve, type RobustnessRise } from './robustness-result.ts';

/** Who answers. */
export interface Voter {
  arm: Arm;
  predictor: Predictor;
}

export interface Measured extends Voter {
  networks: number;
  /** On undamaged images [seeds]. */
  clean: Metrics[];
  /** [corruptions][severities 1 … 5][seeds]. */
  corrupted: Metrics[][][];
  /** Images from outside told by two scores [seeds]; NaN where none were shown. */
  outside: { entropy: Detection; mutualInformation: Detection }[];
}

export interface SummaryInput extends Pick<Robustness, 'images' | 'outside' | 'outsideMissing' | 'disputed'> {
  measured: readonly Measured[];
  seeds: readonly number[];
  corruptions: readonly Corruption[];
}

export function summariseRobustness({ measured, seeds, images, corruptions, outside, outsideMissing, disputed }: SummaryInput): Robustness {
  return {
    images, corruptions: [...corruptions], outside, outsideMissing, disputed,
    curves: measured.flatMap((one) => curvesOf(one, corruptions)),
    rises: measured.flatMap(risesOf),
    comparisons: JUDGED.flatMap((severity) => FOLLOWED.flatMap((metric) => judgeTable(measured.flatMap((one) => comparisonsOf(one, measured, severity, metric)), () => lowerIsBetter(metric)))),
    detection: outside ? judgedDetection(measured.flatMap((one) => detectionOf(one, measured, seeds))) : [],
  };
}

/** Values of a metric over seeds at a severity (0: undamaged), mean over corruptions seed by seed: not finite where one is not. */
export function levelOf({ clean, corrupted }: Measured, metric: Followed, severity: number): number[] {
  if (severity === 0) return clean.map((one) => one[metric]);
  return clean.map((_, s) => mean(corrupted.map((levels) => levels[severity - 1]![s]![metric])));
}

function curvesOf(one: Measured, corruptions: readonly Corruption[]): RobustnessCurve[] {
  const { arm, predictor, networks, clean, corrupted } = one;
  return FOLLOWED.flatMap((metric): RobustnessCurve[] => [
    { arm, predictor, networks, corruption: 'mean', metric, levels: [0, ...SEVERITIES].map((severity) => plain(interval95(levelOf(one, metric, severity)))) },
    ...corruptions.map((corruption, c): RobustnessCurve => ({
      arm, predictor, networks, corruption, metric, levels: [clean, ...corrupted[c]!].map((seeds) => plain(interval95(seeds.map((at) => at[metric])))),
    })),
  ]);
}

function risesOf(one: Measured): RobustnessRise[] {
  return JUDGED.flatMap((severity) => FOLLOWED.map((metric): RobustnessRise => {
    const clean = levelOf(one, metric, 0);
    return { arm: one.arm, predictor: one.predictor, severity, metric, ...plain(interval95(levelOf(one, metric, severity).map((value, s) => value - clean[s]!))) };
  }));
}

function comparisonsOf(one: Measured, all: readonly Measured[], severity: RobustnessComparison['severity'], metric: Followed) {
  return (['l2-sp', 'single'] as const).flatMap((versus) => {
    const rival = versus === 'l2-sp' ? l2spOf(one, all) : singleOf(one, all);
    if (!rival) return [];
    return [{ arm: one.arm, predictor: one.predictor, versus, severity, metric, ...pairedDifference(levelOf(one, metric, severity), levelOf(rival, metric, severity)) }];
  });
}

/** L2-SP with the same predictor; undefined for itself. */
function l2spOf({ arm, predictor }: Voter, all: readonly Measured[]): Measured | undefined {
  return arm === 'l2-sp' ? undefined : all.find((other) => other.arm === 'l2-sp' && predictorName(other.predictor) === predictorName(predictor));
}

/** The single solution of the same arm; undefined for itself. */
function singleOf({ arm, predictor }: Voter, all: readonly Measured[]): Measured | undefined {
  return predictor.kind === 'single' ? undefined : all.find((other) => other.arm === arm && other.predictor.kind === 'single');
}

/** A detection with its differences, before they are judged. */
interface OpenDetection extends Omit<OutsideDetection, 'versusL2sp' | 'versusSingle'> {
  versusL2sp: PairedDifference | null;
  versusSingle: PairedDifference | null;
}

function judgedDetection(rows: readonly OpenDetection[]): OutsideDetection[] {
  const judged = judging(rows.flatMap(({ versusL2sp, versusSingle }) => [versusL2sp ?? [], versusSingle ?? []].flat()), false);
  return rows.map((row) => ({ ...row, versusL2sp: judged(row.versusL2sp), versusSingle: judged(row.versusSingle) }));
}

function detectionOf(one: Measured, all: readonly Measured[], seeds: readonly number[]): OpenDetection[] {
  // A single network has no mutual information with its weights.
  const scores = one.predictor.kind === 'single' ? ['entropy' as const] : ['entropy' as const, 'mutual information' as const];
  return scores.map((score): OpenDetection => {
    const own = detected(one, score);
    const l2sp = l2spOf(one, all);
    const single = singleOf(one, all);
    return {
      arm: one.arm, predictor: one.predictor, score, seeds: own.map(({ auroc, ci95 }, s) => ({ seed: seeds[s]!, auroc, ci95 })), auroc: plain(interval95(own.map(({ auroc }) => auroc))),
      versusL2sp: l2sp ? pairedDifference(areas(own), areas(detected(l2sp, score))) : null,
      versusSingle: single ? pairedDifference(areas(own), areas(detected(single, 'entropy'))) : null,
    };
  });
}

function detected({ outside }: Measured, score: OutsideDetection['score']): Detection[] {
  return outside.map((one) => (score === 'entropy' ? one.entropy : one.mutualInformation));
}

function areas(all: readonly Detection[]): number[] {
  return all.map(({ auroc }) => auroc);
}

function plain({ mean: centre, ci95, seeds }: Interval): Interval {
  return { mean: centre, ci95, seeds };
}
