import { expect, it } from 'vitest';
import type { Interval } from '../../core/statistics.ts';
import type { Family } from '../../prior/prior.ts';
import type { Belief } from './beliefs-result.ts';
import { beliefSentence } from './beliefs-sentence.ts';

const around = (mean: number, half = 0.01): Interval => ({ mean, ci95: [mean - half, mean + half], seeds: 20 });
const belief = (family: Family, accuracy: Interval, entropy = 0.5): Belief => ({ family, scale: 100, draws: 20, accuracy, drawEntropy: around(entropy), entropy: around(entropy), agreement: around(0.8) });
const ABOUT = { classes: 26, images: 200, thing: 'images' } as const;

it('says who still reads the source and who guesses', () => {
  const table = [belief('isotropic', around(0.04, 0)), belief('l2-sp', around(0.6)), belief('low-rank', around(0.92))];
  expect(beliefSentence('source', table, ABOUT)).toBe('At λ = 100 networks drawn from the low-rank prior still name 92% of the source’s images correctly, from L2-SP 60%; from the isotropic prior they guess.');
});

it('four of a hundred images in 26 classes is a guess, whatever the draws agree on; nine is not', () => {
  expect(beliefSentence('source', [belief('low-rank', around(0.04, 0))], { ...ABOUT, images: 100 })).toMatch(/every prior guess/);
  expect(beliefSentence('source', [belief('low-rank', around(0.09, 0.005))], { ...ABOUT, images: 100 })).toMatch(/still name 9\.0%/);
});

it('of fresh heads tells which prior leaves the most open', () => {
  expect(beliefSentence('downstream', [belief('l2-sp', around(0.1), 0.3), belief('low-rank', around(0.1), 0.8)], ABOUT)).toMatch(/most open under the low-rank prior \(80% of the largest entropy\) and least under L2-SP \(30%\)\.$/);
  expect(beliefSentence('downstream', [{ ...belief('l2-sp', around(0.1)), draws: 0 }], ABOUT)).toMatch(/finite/);
});
