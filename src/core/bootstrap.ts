/** The percentile bootstrap (Efron 1979) of a mean: what it would have been on other rows of the same kind. */
import { quantile } from './ranks.ts';
import type { Stream } from './philox.ts';
import { type Interval, mean } from './statistics.ts';

const RESAMPLES = 1000;

/** Mean of the values with its 95% interval over resampled rows; `seeds` counts the rows. Null interval below two rows. */
export function bootstrapMean(values: ArrayLike<number>, stream: Stream): Interval {
  const n = values.length;
  const means = Float64Array.from({ length: n < 2 ? 0 : RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[stream.integer(n)]!;
    return sum / n;
  }).sort();
  return { mean: mean(values), ci95: n < 2 ? null : [quantile(means, 0.025), quantile(means, 0.975)], seeds: n };
}
