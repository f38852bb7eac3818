/** Calibration against cases worked by hand, a grid of temperatures, and temperatures that were planted. */
import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { topOf } from './average.ts';
import { fitTemperature, reliability, riskCoverage, temperatureScaled, wilson } from './calibration.ts';
import { metricsOf } from './metrics.ts';
import { metricsOfProbabilities } from './testing.ts';

const CLASSES = 5;
/** Logits [rows, classes] whose labels are drawn from softmax(logits/T). */
function planted(rows: number, temperature: number, seed = 1): { logits: Float64Array; labels: number[] } {
  const stream = new Stream(seed, 'planted');
  const logits = Float64Array.from({ length: rows * CLASSES }, () => 3 * stream.normal());
  const labels = Array.from({ length: rows }, (_, r) => {
    const weights = Array.from(logits.subarray(r * CLASSES, (r + 1) * CLASSES), (z) => Math.exp(z / temperature));
    let left = stream.uniform() * weights.reduce((a, b) => a + b);
    const label = weights.findIndex((w) => (left -= w) < 0);
    return label < 0 ? CLASSES - 1 : label;
  });
  return { logits, labels };
}
const probabilitiesOf = (logits: Float64Array): Float64Array => logits.map((z, i) => {
  const from = i - (i % CLASSES);
  return Math.exp(z) / logits.subarray(from, from + CLASSES).reduce((sum, x) => sum + Math.exp(x), 0);
});

describe('reliability', () => {
  it('has the ECE of the metrics, over bins that hold every row', () => {
    const { logits, labels } = planted(700, 2);
    const probabilities = probabilitiesOf(logits);
    const { confidence, correct } = topOf(probabilities, labels, CLASSES);
    const found = reliability(confidence, correct);
    expect(found.ece).toBeCloseTo(metricsOfProbabilities(probabilities, labels, CLASSES).ece, 12);
    expect(found.bins).toHaveLength(15);
    expect(found.bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(700);
    for (const bin of found.bins) {
      if (bin.count === 0) continue;
      expect(bin.confidence).toBeGreaterThan(bin.low);
      expect(bin.confidence).toBeLessThanOrEqual(bin.high);
      expect(bin.ci95![0]).toBeLessThanOrEqual(bin.accuracy);
      expect(bin.ci95![1]).toBeGreaterThanOrEqual(bin.accuracy);
    }
    expect(found.largestGap).toBeGreaterThanOrEqual(found.ece);
  });

  it('is the one counted by hand', () => {
    const { bins, ece, largestGap } = reliability([0.3, 0.5, 0.6, 0.9], [0, 1, 0, 1], { bins: 2 });
    expect(bins).toEqual([
      { low: 0, high: 0.5, count: 2, confidence: 0.4, accuracy: 0.5, ci95: wilson(1, 2) },
      { low: 0.5, high: 1, count: 2, confidence: 0.75, accuracy: 0.5, ci95: wilson(1, 2) },
    ]);
    expect([ece, largestGap]).toEqual([expect.closeTo(0.175, 12), expect.closeTo(0.25, 12)]);
    expect(reliability([0.9], [1], { bins: 2 }).bins[0]).toMatchObject({ count: 0, accuracy: NaN, ci95: null });
    expect(reliability([], []).ece).toBeNaN();
  });
});

describe('Wilson interval', () => {
  // Ends where |p − p̂| = z·√(p(1 − p)/n): its definition. 0 of 10: z²/(10 + z²) = 0.2775.
  it.each([[3, 10], [50, 60], [1, 2]])('of %s in %s solves the score equation', (k, n) => {
    for (const p of wilson(k, n)) expect(Math.abs(p - k / n)).toBeCloseTo(1.959964 * Math.sqrt((p * (1 - p)) / n), 6);
  });
  it('of none and of all is one-sided', () => {
    expect(wilson(0, 10)).toEqual([0, expect.closeTo(0.2775, 4)]);
    expect(wilson(10, 10)).toEqual([expect.closeTo(0.7225, 4), 1]);
  });
});

describe('temperature', () => {
  it.each([[0.5], [1], [2.5]])('that was planted, %s, is found', (temperature) => {
    const { logits, labels } = planted(6000, temperature);
    const fit = fitTemperature(logits, labels, CLASSES);
    expect(Math.abs(fit.temperature / temperature - 1)).toBeLessThan(0.06);
    expect(fit.nll).toBeCloseTo(metricsOf(temperatureScaled(logits, fit.temperature), labels, CLASSES).nll, 12);
    expect(fit.before).toBeCloseTo(metricsOf(logits, labels, CLASSES).nll, 12);
    expect(fit.atEdge).toBe(false);
  });

  it('is the best of a fine grid', () => {
    const { logits, labels } = planted(60, 3, 2);
    const nll = (t: number): number => metricsOf(temperatureScaled(logits, t), labels, CLASSES).nll;
    const grid = Array.from({ length: 4000 }, (_, i) => 0.1 * 1.0015 ** i);
    const best = grid.reduce((a, b) => (nll(b) < nll(a) ? b : a));
    const fit = fitTemperature(logits, labels, CLASSES);
    expect(Math.abs(fit.temperature / best - 1)).toBeLessThan(0.0015);
    expect(fit.nll).toBeLessThanOrEqual(nll(best));
  });

  it('depends on the scale of logits alone, not on their shift, and leaves answers as they are', () => {
    const { logits, labels } = planted(300, 2);
    const { temperature } = fitTemperature(logits, labels, CLASSES);
    expect(fitTemperature(logits.map((z, i) => 4 * z + 1e3 * Math.floor(i / CLASSES)), labels, CLASSES).temperature).toBeCloseTo(4 * temperature, 6);
    expect(metricsOf(temperatureScaled(logits, temperature), labels, CLASSES).accuracy).toBe(metricsOf(logits, labels, CLASSES).accuracy);
    // Log-probabilities are logits.
    expect(fitTemperature(probabilitiesOf(logits).map(Math.log), labels, CLASSES).temperature).toBeCloseTo(temperature, 8);
  });

  it('has no best value where all answers are right, or worse than chance', () => {
    expect(fitTemperature([3, 0, 0, 2], [0, 1], 2)).toMatchObject({ atEdge: true, temperature: expect.closeTo(0.01, 6) as number });
    expect(fitTemperature([3, 0, 0, 2], [1, 0], 2)).toMatchObject({ atEdge: true, temperature: expect.closeTo(100, 3) as number });
    // Nearly all right: the minimum lies where the NLL falls off exponentially.
    const sure = Array.from({ length: 200 }, () => [3, 0]).flat();
    expect(fitTemperature(sure, Array.from({ length: 200 }, (_, r) => (r === 0 ? 1 : 0)), 2).temperature).toBeCloseTo(3 / Math.log(199), 8);
    expect(fitTemperature([1, 1], [0], 2)).toMatchObject({ atEdge: false, temperature: 1 });
  });

  it('is sound for logits in the thousands, and NaN where logits are not finite', () => {
    // Two of three right by 3000: T with e^(−3000/T) = 1/2 (σ = 2/3).
    expect(fitTemperature([3000, 0, 3000, 0, 3000, 0], [0, 0, 1], 2)).toMatchObject({ atEdge: true });
    expect(fitTemperature([30, 0, 30, 0, 30, 0], [0, 0, 1], 2).temperature).toBeCloseTo(30 / Math.log(2), 8);
    expect(fitTemperature([1, NaN], [0], 2)).toEqual({ temperature: NaN, nll: NaN, before: NaN, atEdge: false });
    expect(fitTemperature([], [], 2).temperature).toBeNaN();
  });
});

describe('risk against coverage', () => {
  it('is the one counted by hand', () => {
    // Sorted: .9 right, .8 wrong, .7 right, .6 wrong. Best order: risks 0, 0, 1/3, 2/4.
    const { risk, aurc, excess } = riskCoverage([0.6, 0.9, 0.7, 0.8], [0, 1, 1, 0]);
    [0, 1 / 2, 1 / 3, 2 / 4].forEach((x, k) => expect(risk[k]).toBeCloseTo(x, 12));
    expect(aurc).toBeCloseTo((1 / 2 + 1 / 3 + 1 / 2) / 4, 12);
    expect(excess).toBeCloseTo(1 / 2 / 4, 12);
  });

  it('of equal confidences is the mean over their orders', () => {
    const correct = [1, 0, 0];
    const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    const expected = orders.reduce((sum, order) => sum + riskCoverage(order.map((_, k) => 1 - k / 10), order.map((i) => correct[i]!)).aurc, 0) / 6;
    expect(riskCoverage([0.5, 0.5, 0.5], correct).aurc).toBeCloseTo(expected, 12);
  });

  it('ends at the error rate, and is perfect when errors come last', () => {
    const { risk, excess } = riskCoverage([0.9, 0.8, 0.3, 0.2], [1, 1, 0, 0]);
    expect(risk[3]).toBe(0.5);
    expect(excess).toBeCloseTo(0, 12);
    expect(riskCoverage([0.4, 0.5], [1, 1])).toMatchObject({ aurc: 0, excess: 0 });
    expect(riskCoverage([], []).aurc).toBeNaN();
  });
});
