/** The average against the plain formula on arrays, and against cases worked by hand. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { ModelAverage, topOf } from './average.ts';
import { METRICS, metricsOf, NO_METRICS } from './metrics.ts';
import { metricsOfProbabilities } from './testing.ts';

const [ROWS, CLASSES] = [40, 3];
const stream = new Stream(3, 'planted');
const labels = Array.from({ length: ROWS }, () => stream.integer(CLASSES));
const samples = Array.from({ length: 6 }, () => Float32Array.from({ length: ROWS * CLASSES }, () => 2 * stream.normal()));
const softmax = (logits: Float32Array): number[] => Array.from(logits, (x, i) => {
  const from = i - (i % CLASSES);
  return Math.exp(x) / [0, 1, 2].reduce((sum, c) => sum + Math.exp(logits[from + c]!), 0);
});
const meanOf = (list: Float32Array[]): number[] => {
  const all = list.map(softmax);
  return all[0]!.map((_, i) => all.reduce((sum, one) => sum + one[i]!, 0) / all.length);
};
const entropies = (p: number[]): number[] => Array.from({ length: ROWS }, (_, r) => -[0, 1, 2].reduce((sum, c) => sum + p[3 * r + c]! * Math.log(p[3 * r + c]!), 0));
const build = (list: Float32Array[]): ModelAverage => {
  const average = new ModelAverage({ rows: ROWS, classes: CLASSES, labels });
  for (const sample of list) average.add(sample);
  return average;
};
const close = (found: ArrayLike<number>, expected: ArrayLike<number>, digits = 12): void => {
  expect(found).toHaveLength(expected.length);
  Array.from(found).forEach((x, i) => expect(x).toBeCloseTo(expected[i]!, digits));
};

describe('the model average', () => {
  it('has the metrics of the mean of softmax, after every sample', () => {
    const average = build(samples);
    expect(average.curve()).toHaveLength(6);
    average.curve().forEach((found, s) => {
      const expected = metricsOfProbabilities(meanOf(samples.slice(0, s + 1)), labels, CLASSES);
      for (const metric of METRICS) expect(found[metric]).toBeCloseTo(expected[metric], 12);
    });
    expect(average.metrics()).toEqual(average.curve()[5]);
    close(average.probabilities(), meanOf(samples));
    close(average.logProbabilities(), meanOf(samples).map(Math.log));
  });

  it('is not the mean of logits', () => {
    // Certain opposites: the mean of softmax is ½ ½ whatever their strengths.
    const average = new ModelAverage({ rows: 1, classes: 2, labels: [0] });
    average.add([40, 0]);
    average.add([0, 10_000]);
    close(average.probabilities(), [0.5, 0.5], 12);
    expect(average.metrics().nll).toBeCloseTo(Math.log(2), 12);
  });

  it('of one sample is that sample, also where probabilities underflow', () => {
    const found = build(samples.slice(0, 1)).metrics();
    const expected = metricsOf(samples[0]!, labels, CLASSES);
    for (const metric of METRICS) expect(found[metric]).toBeCloseTo(expected[metric], 12);
    const sure = new ModelAverage({ rows: 1, classes: 2, labels: [1] });
    sure.add([1000, 0]);
    expect(sure.metrics()).toEqual({ accuracy: 0, nll: 1000, ece: 1, brier: 2 });
    // log((e^−1000 + e^−1002)/2)
    sure.add([1002, 0]);
    expect(sure.metrics().nll).toBeCloseTo(1000 + Math.log(2) - Math.log1p(Math.exp(-2)), 9);
    expect(sure.logProbabilities()[1]).toBeCloseTo(-744.44, 2);
  });

  it('never has a worse NLL than its samples have on average', () => {
    const apart = samples.map((sample) => metricsOf(sample, labels, CLASSES).nll);
    expect(build(samples).metrics().nll).toBeLessThan(apart.reduce((a, b) => a + b) / 6);
  });

  it('divides uncertainty into what samples share and what they disagree on', () => {
    const average = build(samples);
    const total = entropies(meanOf(samples));
    const shared = samples.map((one) => entropies(softmax(one))).reduce((sum, one) => sum.map((x, r) => x + one[r]!)).map((x) => x / 6);
    close(average.predictiveEntropy(), total);
    close(average.mutualInformation(), total.map((x, r) => x - shared[r]!));
    expect(Math.min(...average.mutualInformation())).toBeGreaterThan(0);
    // One sample cannot disagree with itself; certain opposites disagree by log 2.
    expect(Math.max(...build(samples.slice(0, 1)).mutualInformation())).toBeLessThan(1e-14);
    const opposites = new ModelAverage({ rows: 1, classes: 2, labels: null });
    opposites.add([1000, 0]);
    opposites.add([0, 1000]);
    close(opposites.mutualInformation(), [Math.log(2)]);
  });

  it('leaves out and counts samples that are not finite', () => {
    const average = build([samples[0]!, samples[1]!.map((x, i) => (i === 119 ? NaN : x)), samples[2]!]);
    expect([average.samples, average.dropped, average.curve().length]).toEqual([2, 1, 2]);
    close(average.probabilities(), meanOf([samples[0]!, samples[2]!]));
    expect(average.add(samples[3]!.map(() => Infinity))).toBeNull();
  });

  it('has nothing to say without samples or labels', () => {
    expect(build([]).metrics()).toEqual(NO_METRICS);
    const unlabelled = new ModelAverage({ rows: 1, classes: 2, labels: null });
    expect(unlabelled.add([1, 2])).toEqual(NO_METRICS);
    expect(() => unlabelled.add([1, 2, 3])).toThrow(RangeError);
    expect(() => new ModelAverage({ rows: 2, classes: 2, labels: [1] })).toThrow(RangeError);
  });
});

describe('top answers', () => {
  it('are the first largest probability and whether it is right', () => {
    expect(topOf([0.2, 0.5, 0.3, 0.4, 0.4, 0.2], [2, 0], 3)).toEqual({ confidence: Float64Array.of(0.5, 0.4), correct: Uint8Array.of(0, 1) });
  });
});
