import { describe, expect, it } from 'vitest';
import { NO_METRICS } from '../measure/metrics.ts';
import type { AlignmentGap, ArmResult, ArmSummary, Comparison, DirectionTest, Run, Verdict } from './result.ts';
import { directionReading, directionSentence, downstreamSentence, interval, posteriorSentence, sameArmsSentence, shiftSentence, sourceSentence, surfaceSentence, verdictSentence } from './sentences.ts';

const summary = (arm: ArmSummary['arm'], mean: number): ArmSummary => ({ arm, n: 100, metric: 'nll', mean, ci95: [mean - 0.03, mean + 0.03], seeds: 5 });
const against = (arm: Comparison['arm'], mean: number, verdict: Comparison['verdict']): Comparison => ({
  arm, versus: 'l2-sp', n: 100, metric: 'nll', mean, ci95: [mean - 0.02, mean + 0.02], seeds: 5, p: 0.01, holm: 0.01, verdict,
});
const around = (mean: number, half = 0.1, seeds = 5) => ({ mean, ci95: [mean - half, mean + half] as [number, number], seeds });
const gap = (cut: string, prior: AlignmentGap['prior'], mean: number, versus: [Verdict | null, Verdict | null] = [null, null], atBoundary = 0, seeds = 5): AlignmentGap => {
  const one = around(mean, 0.1, seeds);
  const [versusTrain, versusL2sp] = versus.map((verdict) => verdict && { ...one, p: 0.01, holm: 0.01, verdict });
  return { cut, prior, gap: one, relative: one, testCost: one, atBoundary, versusTrain: versusTrain ?? null, versusL2sp: versusL2sp ?? null };
};
const test = (train: Verdict, own: Verdict, seeds = 5): DirectionTest => ({
  from: 'mean + probe', radii: [0.5, 2.04],
  kinds: [
    { kind: 'covariance', directions: 5, train: [around(0.001), around(0.02, 0.01)], test: [around(0.001), around(0.03, 0.01)] },
    { kind: 'random', directions: 5, train: [around(0.01), around(0.5)], test: [around(0.02), around(0.6)] },
  ],
  difference: { train: { ...around(-0.48, 0.1, seeds), p: 0.01, holm: 0.01, verdict: train }, test: { ...around(-0.57, 0.1, seeds), p: 0.01, holm: 0.01, verdict: own } },
});
/** Sentences of a text: a point, a space and a capital. */
const count = (text: string) => text.split(/\. (?=[A-Z])/).length;

describe('intervals', () => {
  it.each([
    [{ mean: 1.7664, ci95: [1.7344, 1.7984] as [number, number], seeds: 5 }, '1.77 ± 0.03'],
    [{ mean: -0.0724, ci95: [-0.1044, -0.0404] as [number, number], seeds: 5 }, '−0.072 ± 0.032'],
    [{ mean: 12.34, ci95: null, seeds: 1 }, '12.3'],
    [{ mean: 1234.5, ci95: [1200, 1269] as [number, number], seeds: 3 }, '1235 ± 35'],
  ])('reads %o as %s', (value, text) => {
    expect(interval(value)).toBe(text);
  });
});

describe('the verdict', () => {
  const summaries = [summary('none', 1.9), summary('l2-sp', 1.85), summary('low-rank', 1.8)];

  it('says plainly that the learned covariance gained nothing', () => {
    const text = verdictSentence(summaries, [against('low-rank', -0.01, 'no detectable difference'), against('none', 0.05, 'worse')], 5);
    expect(text).toMatch(/^The low-rank prior has the lowest mean test NLL, 1\.80 ± 0\.03\./);
    expect(text).toContain('Worse: plain fine-tuning (+0.050 ± 0.020).');
    expect(text).toContain('gained nothing detectable here beyond its centre');
  });

  it('names what is better, and then does not say that nothing was gained', () => {
    const text = verdictSentence(summaries, [against('low-rank', -0.06, 'better')], 5);
    expect(text).toContain('Better than L2-SP in NLL: the low-rank prior (−0.060 ± 0.020).');
    expect(text).not.toContain('gained nothing');
  });

  it('gives none below five seeds, and none without a rival', () => {
    expect(verdictSentence(summaries, [against('low-rank', -0.5, 'too few seeds')], 2)).toContain('too few for a verdict; run at least 5');
    expect(verdictSentence([summary('diagonal', 2)], [], 5)).toContain('nothing to compare with');
    expect(verdictSentence([summary('diagonal', NaN)], [], 5)).toBe('No arm has a finite test NLL.');
  });
});

describe('downstream', () => {
  const arm = (seed: number, atEdge: ArmResult['atEdge']): ArmResult => ({
    arm: 'isotropic', n: 100, seed, scale: 1e6, headStrength: 10, learningRate: 0.1, atEdge, train: NO_METRICS, validation: NO_METRICS,
    test: { ...NO_METRICS, nll: 2 }, diverged: 0,
  });
  const runs = Array.from({ length: 9 }, (_, i): Run => ({
    arm: 'isotropic', n: 100, seed: 1 + Math.floor(i / 3), scale: 1, headStrength: 10, learningRate: 0.1, validation: NO_METRICS, chosen: false, divergedAt: i === 4 ? 12 : null,
  }));

  it('counts runs and divergence and warns of an edge that most seeds sit on', () => {
    const text = downstreamSentence(runs, [arm(1, 'high'), arm(2, 'high'), arm(3, null)], 300);
    expect(text).toContain('9 runs of 300 steps: every arm tried 3 settings on each of 3 seeds');
    expect(text).toContain('the isotropic prior (high end, 2 of 3)');
    expect(text).toContain('1 run diverged');
    expect(downstreamSentence(runs, [arm(1, 'high'), arm(2, null), arm(3, null)], 300)).not.toContain('edge of its grid');
  });
});

describe('source, posterior and surface', () => {
  it('tells what was learned and what was imported', () => {
    expect(sourceSentence({ dataset: 'glyphs: print', method: 'supervised', accuracy: 0.9853, steps: 3600, imported: false }, 2000))
      .toBe('After 3,600 steps on glyphs: print the averaged network names 98.5% of 2,000 held-out examples correctly.');
    expect(sourceSentence({ dataset: 'glyphs: print', method: 'supervised', accuracy: 0.9, steps: 0, imported: true }, 0)).toMatch(/imported and nothing was learned here.*90\.0%/);
    expect(sourceSentence({ dataset: 'x', method: 'supervised', accuracy: null, steps: 10, imported: false }, 5)).toContain('no finite loss');
    expect(sourceSentence({ dataset: 'glyphs: print', method: 'simclr', accuracy: 0.7, steps: 800, imported: false }, 2000))
      .toBe('After 800 steps of SimCLR on glyphs: print, without a label, a linear probe (fitted to the labels on the averaged network’s frozen features) names 70.0% of 2,000 held-out examples correctly.');
  });

  it('describes draws from the posterior', () => {
    const base = { params: 23296, rank: 10, snapshots: 40, method: 'swag' as const, sourceMethod: 'supervised' as const, basins: null, dataset: '', classNames: [], sourceAccuracy: 0.98, sourceNll: 0.1, meanVariance: 1e-5, lowRankShare: 0.8, spectrum: [], layers: [] };
    expect(posteriorSentence({ ...base, drawAccuracy: [0.95, 0.91] })).toContain('name 91.0% to 95.0% of the source correctly, its mean 98.0%');
    expect(posteriorSentence({ ...base, drawAccuracy: [] })).toMatch(/^80\.0% of the variance of 23,296 weights lies in the 10 directions/);
    expect(posteriorSentence({ ...base, sourceMethod: 'vicreg', method: 'fisher', drawAccuracy: [0.9] })).toMatch(/name 90\.0% of the source correctly with the mean’s linear probe as their head, its mean 98\.0%\. .*the linear probe’s loss \(Fisher\)/);
    expect(posteriorSentence({ ...base, rank: 0, drawAccuracy: [] })).toMatch(/no low-rank factor, only a variance for each weight\.$/);
  });

  it('says when low-rank and diagonal are one prior', () => {
    expect(sameArmsSentence(['none', 'diagonal', 'low-rank'], 0)).toMatch(/one and the same prior/);
    expect([sameArmsSentence(['none', 'diagonal', 'low-rank'], 1), sameArmsSentence(['none', 'low-rank'], 0)]).toEqual([null, null]);
  });

  it('says whether the mean of several basins is a network that works', () => {
    const basins = { start: 'independent' as const, accuracy: [0.97, 0.96, null], nll: [0.1, 0.2, null], distances: [12.34, 12.5, 13] };
    const base = { params: 10, rank: 10, snapshots: 40, method: 'swag' as const, sourceMethod: 'supervised' as const, basins, dataset: '', classNames: [], sourceNll: 2, meanVariance: 1e-5, lowRankShare: 0.8, spectrum: [], layers: [], drawAccuracy: [] };
    const useless = posteriorSentence({ ...base, sourceAccuracy: 0.08 });
    expect(useless).toContain('merged from 3 basins (independent initialisations), 12.3 to 13.0 apart, which name 96.0% to 97.0% of it at their own means');
    expect(useless).toContain('names only 8.0%: between these basins the average of weights is no longer a good network');
    expect(posteriorSentence({ ...base, sourceAccuracy: 0.95 })).toContain('the mean of their weights holds with 95.0%');
    expect(posteriorSentence({ ...base, basins: { ...basins, accuracy: [0.09, 0.2, 0.1] }, sourceAccuracy: 0.05 })).toContain('names only 5.0%');
    expect(posteriorSentence({ ...base, sourceAccuracy: null })).toContain('gives no finite loss');
    expect(posteriorSentence({ ...base, basins: null, sourceAccuracy: 0.08 })).not.toContain('merged');
  });
});

describe('the surface', () => {
  const line = 'plain → low-rank';
  const aligned = [gap(line, null, 6.2), gap(line, 'low-rank', 0.4, ['better', 'no detectable difference']), gap(line, 'l2-sp', 0.3), gap(line, 'isotropic', 3)];

  it('says on the line to the solution where the minima lie closer and where they do not', () => {
    expect(surfaceSentence(aligned, null, false)).toBe(
      'On the line plain → low-rank the minima of training objective and test loss lie 0.400 ± 0.100 apart under the low-rank prior: closer than for the training loss alone (6.20 ± 0.10), no detectable difference to L2-SP (0.300 ± 0.100).',
    );
    expect(surfaceSentence([gap(line, null, 0.2), gap(line, 'low-rank', 0.4, ['worse', 'worse'], 2), gap(line, 'l2-sp', 0.3)], null, false))
      .toContain('lie ≥ 0.400 ± 0.100 apart under the low-rank prior: farther than for the training loss alone (0.200 ± 0.100) and under L2-SP (0.300 ± 0.100).');
  });

  it('says plainly that nothing aligns better where no solution is', () => {
    const equal: [Verdict, Verdict] = ['no detectable difference', 'no detectable difference'];
    const free = ['top covariance direction', 'random direction'].flatMap((cut) => [gap(cut, null, 1), gap(cut, 'low-rank', 0.9, equal), gap(cut, 'l2-sp', 0.95)]);
    const text = surfaceSentence([...aligned, ...free], test('better', 'better'), true);
    expect(text).toContain('On cuts that end in no solution (top covariance direction: 0.900 ± 0.100; random direction: 0.900 ± 0.100) there is no detectable difference to the training loss alone or to L2-SP: the low-rank prior aligns the minima no better there.');
    expect(text).toContain('vertical direction is random');
    expect(count(text)).toBe(4);
    const some = surfaceSentence([gap('random direction', null, 1), gap('random direction', 'low-rank', 0.2, ['better', 'better']), gap('random direction', 'l2-sp', 0.5)], null, false);
    expect(some).toBe('On the cut that ends in no solution they lie, along the random direction, 0.200 ± 0.100 apart under the low-rank prior: closer than for the training loss alone (1.00 ± 0.10) and under L2-SP (0.500 ± 0.100).');
  });

  it('gives figures and no verdict below five seeds', () => {
    const few = [gap(line, null, 6.2, [null, null], 0, 2), gap(line, 'low-rank', 0.4, ['too few seeds', 'too few seeds'], 0, 2), gap(line, 'l2-sp', 0.3, [null, null], 0, 2)];
    const text = surfaceSentence(few, test('too few seeds', 'too few seeds', 2), true);
    expect(text).toContain('0.400 ± 0.100 apart under the low-rank prior, against 6.20 ± 0.10 for the training loss alone and 0.300 ± 0.100 under L2-SP.');
    expect(text).toContain('With 2 seeds there are too few for a verdict, run at least 5; the points of the map');
    expect(text).not.toMatch(/closer|farther|cost/);
    expect(count(text)).toBe(3);
  });

  it('tells what learned directions cost against random ones', () => {
    expect(directionSentence(test('better', 'better'))).toBe('A step of 2 along the learned covariance’s top directions raises train and test NLL by 0.020 ± 0.010 and 0.030 ± 0.010 nats, a random step of that norm by 0.500 ± 0.100 and 0.600 ± 0.100: the learned directions cost less on both.');
    expect(directionSentence(test('worse', 'no detectable difference'))).toMatch(/: on train, the learned directions cost more; on test, no detectable difference\.$/);
    expect(directionSentence(test('no detectable difference', 'no detectable difference'))).toMatch(/0\.600 ± 0\.100: no detectable difference\.$/);
    expect(directionReading(test('better', 'better'))).toBe('At norm 2 learned − random is −0.480 ± 0.100 nats on train and −0.570 ± 0.100 on test: the learned directions cost less on both.');
    expect(directionReading(test('too few seeds', 'too few seeds', 2))).toMatch(/: 2 seeds are too few for a verdict\.$/);
  });

  it('names what is missing', () => {
    expect(surfaceSentence([], null, false)).toContain('needs plain fine-tuning and at least one prior');
    expect(surfaceSentence([gap(line, null, NaN, [null, null], 0, 0)], null, false)).toContain('No cut has a finite loss');
    expect(surfaceSentence(aligned.filter(({ prior }) => prior === null || prior === 'isotropic'), null, false)).toContain('apart under the isotropic prior');
  });
});

describe('what the shift-trajectory arm has seen', () => {
  it('is told with the family under test', () => {
    expect(shiftSentence(15, ['blur', 'contrast'], 'noise')).toBe('Shift-trajectory learned the source again in 15 runs under 2 families of corruption, without noise, which it is tested on.');
    expect(shiftSentence(15, ['blur', 'noise'], 'noise')).toMatch(/with noise, which it is tested on, among them\.$/);
    expect(shiftSentence(3, ['blur'], null)).toMatch(/ 3 runs under blur\.$/);
  });
});
