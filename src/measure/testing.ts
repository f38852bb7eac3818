/** For tests: metrics from probabilities, which averages of networks are held to. */
import { argmax, type Metrics, MetricSums, NO_METRICS } from './metrics.ts';

/** Probabilities [rows, classes], labels [rows]. The NLL is infinite where a label has probability 0; all NaN when a probability is not finite. */
export function metricsOfProbabilities(probabilities: ArrayLike<number>, labels: ArrayLike<number>, classes: number): Metrics {
  const sums = new MetricSums();
  for (let r = 0; r < labels.length; r++) {
    const from = r * classes;
    for (let c = 0; c < classes; c++) if (!Number.isFinite(probabilities[from + c]!)) return NO_METRICS;
    sums.add(probabilities, from, classes, argmax(probabilities, from, classes), labels[r]!, Math.log(probabilities[from + labels[r]!]!));
  }
  return sums.metrics();
}
