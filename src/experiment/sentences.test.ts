import { describe, expect, it } from 'vitest';
import { NO_METRICS } from '../measure/metrics.ts';
import type { AlignmentGap, ArmResult, ArmSummary, Comparison, Run } from './result.ts';
import { downstreamSentence, interval, posteriorSentence, sourceSentence, surfaceSentence, verdictSentence } from './sentences.ts';

const summary = (arm: ArmSummary['arm'], mean: number): ArmSummary => ({ arm, n: 100, metric: 'nll', mean, ci95: [mean - 0.03, mean + 0.03], seeds: 5 });
const against = (arm: Comparison['arm'], mean: number, verdict: Comparison['verdict']): Comparison => ({
  arm, versus: 'l2-sp', n: 100, metric: 'nll', mean, ci95: [mean - 0.02, mean + 0.02], seeds: 5, verdict,
});
const gap = (cut: string, prior: AlignmentGap['prior'], mean: number, atBoundary = 0): AlignmentGap => {
  const one = { mean, ci95: [mean - 0.1, mean + 0.1] as [number, number], seeds: 5 };
  return { cut, prior, gap: one, relative: one, testCost: one, atBoundary };
};

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
    expect(sourceSentence({ dataset: 'glyphs: print', accuracy: 0.9853, steps: 3600, imported: false }, 2000))
      .toBe('After 3,600 steps on glyphs: print the averaged network names 98.5% of 2,000 held-out images correctly.');
    expect(sourceSentence({ dataset: 'glyphs: print', accuracy: 0.9, steps: 0, imported: true }, 0)).toMatch(/imported and nothing was learned here.*90\.0%/);
    expect(sourceSentence({ dataset: 'x', accuracy: null, steps: 10, imported: false }, 5)).toContain('no finite loss');
  });

  it('describes draws from the posterior', () => {
    const base = { params: 23296, rank: 10, snapshots: 40, dataset: '', classNames: [], sourceAccuracy: 0.98, sourceNll: 0.1, meanVariance: 1e-5, lowRankShare: 0.8, spectrum: [], layers: [] };
    expect(posteriorSentence({ ...base, drawAccuracy: [0.95, 0.91] })).toContain('name 91.0% to 95.0% of the source correctly, its mean 98.0%');
    expect(posteriorSentence({ ...base, drawAccuracy: [] })).toMatch(/^80\.0% of the variance of 23,296 weights lies in the 10 directions/);
  });

  it('puts L2-SP and isotropic beside the learned prior, also where they do better, and marks boundaries', () => {
    const cut = 'plain → low-rank';
    const text = surfaceSentence([gap(cut, null, 6.2), gap(cut, 'low-rank', 0.4), gap(cut, 'l2-sp', 0.3), gap(cut, 'isotropic', 3, 2)], true);
    expect(text).toContain('the training loss alone is lowest 6.20 ± 0.10 from where the test loss is; 0.400 ± 0.100 with the low-rank prior, 0.300 ± 0.100 with L2-SP and ≥ 3.00 ± 0.10 with the isotropic prior.');
    expect(text).toContain('vertical direction of the map is random');
    expect(surfaceSentence([], false)).toContain('needs plain fine-tuning and at least one prior');
  });
});
