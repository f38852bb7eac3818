import { describe, expect, it } from 'vitest';
import { Stream } from '../core/philox.ts';
import { interval95 } from '../core/statistics.ts';
import { ModelAverage } from './average.ts';
import { beliefsOf, jackknife } from './beliefs.ts';
import { disagreement } from './disagreement.ts';

const [DRAWS, ROWS, CLASSES] = [9, 14, 4];

function random(seed: number) {
  const stream = new Stream(seed, 'draw');
  const logits = Array.from({ length: DRAWS }, () => Float32Array.from({ length: ROWS * CLASSES }, () => 2 * stream.normal()));
  return { logits, labels: Array.from({ length: ROWS }, () => stream.integer(CLASSES)) };
}

describe('what draws believe', () => {
  it('the entropy of the mean is that of the model average, as a share of log C', () => {
    const { logits, labels } = random(1);
    const average = new ModelAverage({ rows: ROWS, classes: CLASSES, labels });
    for (const one of logits) average.add(one);
    const nats = average.predictiveEntropy().reduce((sum, h) => sum + h, 0) / ROWS;
    const found = beliefsOf(logits, labels, CLASSES);
    expect(found.entropy.mean).toBeCloseTo(nats / Math.log(CLASSES), 12);
    // Jensen: the mean is never surer than the draws are.
    expect(found.entropy.mean).toBeGreaterThan(found.drawEntropy.mean);
    found.probabilities.forEach((p, i) => expect(p).toBeCloseTo(average.probabilities()[i]!, 12));
  });

  it('agreement is that of all pairs, by brute force, and its jackknife leaves one out at a time', () => {
    const { logits, labels } = random(2);
    const answers = logits.map((one) => Array.from({ length: ROWS }, (_, r) => {
      const row = [...one.slice(r * CLASSES, (r + 1) * CLASSES)];
      return row.indexOf(Math.max(...row));
    }));
    const brute = (chosen: number[][]) => {
      let [same, pairs] = [0, 0];
      chosen.forEach((a, i) => chosen.slice(i + 1).forEach((b) => a.forEach((answer, r) => {
        pairs++;
        if (answer === b[r]) same++;
      })));
      return same / pairs;
    };
    const found = beliefsOf(logits, labels, CLASSES);
    expect(found.agreement.mean).toBeCloseTo(brute(answers), 12);
    expect(found.agreement.mean).toBeCloseTo(1 - disagreement(logits, CLASSES).answers, 12);
    const expected = jackknife(brute(answers), answers.map((_, i) => brute(answers.filter((__, j) => j !== i))));
    expect(found.agreement.ci95![0]).toBeCloseTo(expected.ci95![0], 12);
    found.votes.forEach(({ answer, count }, r) => {
      const tally = Array.from({ length: CLASSES }, (_, c) => answers.filter((one) => one[r] === c).length);
      expect(count).toBe(Math.max(...tally));
      expect(answer).toBe(tally.indexOf(count));
    });
  });

  it('of a mean the jackknife is the t interval itself', () => {
    const values = [0.2, 0.5, 0.9, 0.4, 0.7];
    const all = values.reduce((sum, x) => sum + x, 0);
    const found = jackknife(all / 5, values.map((x) => (all - x) / 4));
    expect(found.ci95![0]).toBeCloseTo(interval95(values).ci95![0], 12);
    expect(found.ci95![1]).toBeCloseTo(interval95(values).ci95![1], 12);
  });

  it('knows the extremes: equal draws agree, sure ones have no entropy, flat ones all of it', () => {
    const sure = Float32Array.from([50, 0, 0, 0, 50, 0]);
    const same = beliefsOf([sure, sure, sure], [0, 2], 3);
    expect([same.accuracy.mean, same.agreement.mean]).toEqual([0.5, 1]);
    expect(same.entropy.mean).toBeCloseTo(0, 12);
    expect(beliefsOf([new Float32Array(6), new Float32Array(6)], [0, 2], 3).entropy.mean).toBeCloseTo(1, 12);
    // Two sure draws that contradict each other on the first row: one bit of log₂ 3 there, none on the second.
    const other = Float32Array.from([0, 50, 0, 0, 50, 0]);
    expect(beliefsOf([sure, other], [0, 2], 3).entropy.mean).toBeCloseTo(Math.log(2) / Math.log(3) / 2, 12);
  });

  it('leaves out draws that are not finite and counts them; one draw has no agreement', () => {
    const bad = Float32Array.from([1, NaN, 0]);
    const found = beliefsOf([Float32Array.from([1, 0, 0]), bad], [0], 3);
    expect(found).toMatchObject({ draws: 1, dropped: 1, accuracy: { mean: 1, ci95: null } });
    expect(found.agreement.mean).toBeNaN();
    expect(beliefsOf([bad], [0], 3)).toMatchObject({ draws: 0, accuracy: { mean: NaN } });
  });
});
