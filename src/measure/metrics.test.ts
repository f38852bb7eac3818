import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { softmaxInto } from '../core/softmax.ts';
import { lowerIsBetter, metricsOf } from './metrics.ts';
import { metricsOfProbabilities } from './testing.ts';

/** Logits whose softmax is the given probabilities. */
const logitsOf = (rows: number[][]): Float32Array => Float32Array.from(rows.flat(), Math.log);

describe('metrics', () => {
  it('agree with a count by hand', () => {
    // Row 1 and 2 right with .8 and .75 (bins 12 and 12: ⌈.8·15⌉ = 12, ⌈.75·15⌉ = 12), row 3 wrong with .6 (bin 9), row 4 right with .5.
    const logits = logitsOf([[0.8, 0.1, 0.1], [0.15, 0.75, 0.1], [0.6, 0.3, 0.1], [0.2, 0.3, 0.5]]);
    const metrics = metricsOf(logits, [0, 1, 1, 2], 3);
    expect(metrics.accuracy).toBeCloseTo(0.75, 6);
    expect(metrics.nll).toBeCloseTo(-(Math.log(0.8) + Math.log(0.75) + Math.log(0.3) + Math.log(0.5)) / 4, 6);
    expect(metrics.ece).toBeCloseTo((Math.abs(2 - 1.55) + 0.6 + 0.5) / 4, 6);
    const brier = (0.04 + 0.01 + 0.01) + (0.0225 + 0.0625 + 0.01) + (0.36 + 0.49 + 0.01) + (0.04 + 0.09 + 0.25);
    expect(metrics.brier).toBeCloseTo(brier / 4, 6);
  });

  it('a perfect and certain answer costs nothing, a certain wrong one everything', () => {
    expect(metricsOf(Float32Array.of(1000, 0), [0], 2)).toEqual({ accuracy: 1, nll: 0, ece: 0, brier: 0 });
    expect(metricsOf(Float32Array.of(1000, 0), [1], 2)).toEqual({ accuracy: 0, nll: 1000, ece: 1, brier: 2 });
  });

  it('errors in different bins do not cancel, errors in one bin do', () => {
    const sure = [0.9, 0.1];
    const half = metricsOf(logitsOf([sure, sure]), [0, 1], 2);
    expect(half.ece).toBeCloseTo(0.4, 6);
    const two = metricsOf(logitsOf([[0.9, 0.1], [0.6, 0.4]]), [1, 0], 2);
    expect(two.ece).toBeCloseTo((0.9 + 0.4) / 2, 6);
  });

  it('says NaN when a logit is not finite', () => {
    expect(metricsOf(Float32Array.of(1, NaN, 0, 1), [0, 1], 2).nll).toBeNaN();
    expect(metricsOf(Float32Array.of(Infinity, 0), [0], 2).accuracy).toBeNaN();
    expect(metricsOf(new Float32Array(0), [], 2).nll).toBeNaN();
  });

  it('of probabilities are those of the logits they came from', () => {
    const stream = new Stream(1, 'planted');
    const logits = Float32Array.from({ length: 300 }, () => 3 * stream.normal());
    const labels = Array.from({ length: 100 }, () => stream.integer(3));
    const probabilities = new Float64Array(300);
    labels.forEach((_, r) => softmaxInto(logits, 3 * r, probabilities.subarray(3 * r, 3 * r + 3)));
    const [fromLogits, fromProbabilities] = [metricsOf(logits, labels, 3), metricsOfProbabilities(probabilities, labels, 3)];
    expect(fromProbabilities).toEqual({ ...fromLogits, nll: expect.closeTo(fromLogits.nll, 12) as number });
    expect(metricsOfProbabilities([1, 0], [1], 2)).toEqual({ accuracy: 0, nll: Infinity, ece: 1, brier: 2 });
    expect(metricsOfProbabilities([1, NaN], [1], 2).ece).toBeNaN();
  });

  it('knows which way is better', () => {
    expect([lowerIsBetter('accuracy'), lowerIsBetter('nll'), lowerIsBetter('ece'), lowerIsBetter('brier')]).toEqual([false, true, true, true]);
  });
});
