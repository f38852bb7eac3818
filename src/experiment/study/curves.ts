/** From cells to curves and paired differences at every value of the axis, all of a metric judged together. Pure. */
import { interval95, judgeTable } from '../../core/statistics.ts';
import { lowerIsBetter, type Metric, metricsIn, valueOf } from '../../measure/metrics.ts';
import { type Arm, ARMS } from '../../prior/prior.ts';
import { armDifferences, questionOf } from '../comparison/choose.ts';
import { type Detectable, detectableTo, questionsIn } from '../comparison/power.ts';
import type { CellRecord } from './cell.ts';
import type { CurvePoint, StudyComparison } from './study-result.ts';

/** By value, then seed. */
export function inOrder(cells: readonly CellRecord[]): CellRecord[] {
  return [...cells].sort((a, b) => a.value - b.value || a.seed - b.seed);
}

export function valuesOf(cells: readonly { value: number }[]): number[] {
  return [...new Set(cells.map(({ value }) => value))].sort((a, b) => a - b);
}

/** Arms that take part, in their own order. */
export function armsIn(cells: readonly CellRecord[]): Arm[] {
  return ARMS.filter((arm) => cells.some(({ arms }) => arms.some((one) => one.arm === arm)));
}

/** Which metrics a study has: of classification or of pixels. */
function metricsOf(cells: readonly CellRecord[]): readonly Metric[] {
  return metricsIn(cells.flatMap(({ arms }) => arms.map(({ test }) => test)));
}

export function curvesOf(cells: readonly CellRecord[]): CurvePoint[] {
  const metrics = metricsOf(cells);
  return armsIn(cells).flatMap((arm) => valuesOf(cells).flatMap((value) => metrics.map((metric): CurvePoint => {
    const bySeed = cells.filter((cell) => cell.value === value).flatMap(({ seed, arms }) => {
      const own = arms.find((one) => one.arm === arm);
      if (!own) return [];
      const measured = valueOf(own.test, metric);
      return [{ seed, value: Number.isFinite(measured) ? measured : null }];
    });
    const { mean, ci95, seeds } = interval95(bySeed.map((one) => one.value ?? NaN));
    return { value, arm, metric, mean, ci95, seeds, bySeed };
  })));
}

/** Every arm against plain fine-tuning and against L2-SP at every value. Verdicts hold for all differences of a metric in the whole study together. */
export function studyComparisons(cells: readonly CellRecord[]): StudyComparison[] {
  const differences = valuesOf(cells).flatMap((value) => {
    // At one value the arms are those of one comparison, whatever their n.
    const results = cells.filter((cell) => cell.value === value).flatMap(({ arms }) => arms);
    return armDifferences(results).map((one) => ({ value, ...one }));
  });
  return metricsOf(cells).flatMap((metric) => judgeTable(differences.filter((one) => one.metric === metric), () => lowerIsBetter(metric), (one) => `${one.value} ${questionOf(one)}`));
}

/** L2-SP, or plain fine-tuning where that took no part; null without either. */
export function rivalOf(comparisons: readonly StudyComparison[]): 'l2-sp' | 'none' | null {
  return (['l2-sp', 'none'] as const).find((rival) => comparisons.some(({ versus }) => versus === rival)) ?? null;
}

/** What the differences in NLL at each value could have seen, at the level that all of the study leave. */
export function studyPower(comparisons: readonly StudyComparison[], metric: Metric = 'nll'): { value: number; detectable: Detectable | null }[] {
  const own = comparisons.filter((one) => one.metric === metric);
  const rival = rivalOf(own);
  const values = valuesOf(own);
  const tests = values.reduce((sum, value) => sum + questionsIn(own.filter((one) => one.value === value)), 0);
  return values.map((value) => ({ value, detectable: rival && detectableTo(rival, own.filter((one) => one.value === value), tests) }));
}

/** Largest half width of the intervals of ΔNLL at a value; infinite below two seeds, null where nothing is compared. */
export function widestAt(comparisons: readonly StudyComparison[], value: number): number | null {
  const widths = comparisons.filter((one) => one.metric === 'nll' && one.value === value && one.seeds > 0).map(({ ci95 }) => (ci95 ? (ci95[1] - ci95[0]) / 2 : Infinity));
  return widths.length === 0 ? null : Math.max(...widths);
}
