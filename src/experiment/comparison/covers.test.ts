/** Priors on the last block alone, through a comparison and what follows it: who is held, who is not, and that what has no prior is held where draws need one. */
import { expect, it } from 'vitest';
import { laplaceEvidence } from '../../inference/evidence.ts';
import { parameterTable } from '../../model/build.ts';
import { coveredBy, marginal, within } from '../../prior/coverage.ts';
import { build } from '../../prior/families.ts';
import { explore } from '../inference/gaussian-averages.ts';
import { Reader } from '../inference/reader.ts';
import { Pace } from '../pace.ts';
import type { Network } from '../robustness/networks.ts';
import { architecture, drain, posterior, smallComparison, smallSettings } from '../testing.ts';

it('holds the covered weights under a tight prior and leaves the others to the likelihood', async () => {
  const settings = smallSettings({ 'prior.covers': 'last-block', 'grid.scales': [1e-6, 1e-5], 'sampling.method': 'laplace', 'sampling.samples': 3, 'sampling.temperatures': [1] });
  const base = { ...await smallComparison(settings), settings };
  const { entries, extractor } = parameterTable(architecture);
  const covered = coveredBy('last-block', entries)!;
  expect(covered.map(({ name }) => name)).toEqual(['conv2.weight', 'conv2.bias']);
  const first = covered[0]!.offset;
  const farthest = (theta: Float32Array, from: number, to: number) => theta.subarray(from, to).reduce((most, x, j) => Math.max(most, Math.abs(x - posterior.mean[from + j]!)), 0);
  const { theta } = base.outcome.solutions.find(({ arm }) => arm === 'l2-sp')!;
  expect(farthest(theta, first, extractor)).toBeLessThan(1e-5);
  expect(farthest(theta, 0, first)).toBeGreaterThan(1e-3);

  const networks: Network[] = [];
  const { evidence } = await drain(explore(new Reader(base, new Pace('inference', 1, ''), networks), 'laplace'));
  const own = networks.find(({ arm, seed }) => arm === 'l2-sp' && seed === 0)!.theta;
  expect(own.subarray(0, first)).toEqual(theta.subarray(0, first));
  expect(own.subarray(first, extractor)).not.toEqual(theta.subarray(first, extractor));

  // The evidence is that of the covered weights and the head, given the others.
  const { engine, data, splits } = base;
  const result = base.outcome.arms.find(({ arm }) => arm === 'l2-sp')!;
  const [curvature] = await engine.squaredGradients({ architecture, data, indices: splits[0]!.train, thetas: [theta], labels: 'model' });
  const prior = { gaussian: marginal(build('l2-sp', posterior, entries, 'last-block'), covered), scale: result.scale!, floor: 0 };
  const expected = laplaceEvidence({ theta: within(theta, covered, extractor), curvature: within(curvature!, covered, extractor), prior, headStrength: result.headStrength }, -30 * result.train.nll);
  expect(evidence.find(({ arm, seed }) => arm === 'l2-sp' && seed === result.seed)!.logEvidence).toBeCloseTo(expected.logEvidence, 3);
  await engine.dispose();
}, 60_000);
