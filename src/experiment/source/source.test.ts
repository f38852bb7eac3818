/** Source training in several basins: what they share, what they do not, and what is recorded of them. */
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../engine/contract.ts';
import { openTyped } from '../../engine/tfjs/open-typed.ts';
import { NORMALISATION, range, stripes } from '../../engine/tfjs/testing.ts';
import { marginalVariances } from '../../core/marginals.ts';
import { mean } from '../../core/statistics.ts';
import { decodePrior, encodePrior } from '../../prior/file.ts';
import { readWeights } from '../../prior/weights.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { parameterTable } from '../../model/build.ts';
import { type Config, defaults } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import { joined, type SourceInput, summarisePosterior, trainSource } from './source.ts';
import { architecture, drain } from '../testing.ts';

const dataset = stripes(architecture, 120);
let engine: Engine;
let input: Omit<SourceInput, 'config'>;
const config = (change: Partial<Config> = {}): Config => ({ ...defaults('smoke'), 'source.steps': 20, 'posterior.steps': 12, 'posterior.snapshots': 6, 'posterior.rank': 3, ...change });
const learn = (change: Partial<Config> = {}, events: LabEvent[] = []): Promise<Posterior> => drain(trainSource({ ...input, config: config(change) }), events);

describe('source training', () => {
  beforeAll(async () => {
    engine = await openTyped({ backend: 'wasm' });
    const task = { dataset, train: range(0, 90), test: range(90, 120), augmentation: null, normalisation: NORMALISATION };
    input = { engine, architecture, task, data: await engine.load(dataset, NORMALISATION) };
  });

  it('of independent basins has the single basin as its first, and the mean of their means', async () => {
    const one = await learn();
    const two = await learn({ 'posterior.basins': 2, 'posterior.basinStart': 'independent' });
    expect(one.provenance.posterior).toEqual({ method: 'swag', basins: null });
    const { basins } = two.provenance.posterior;
    expect(basins!.start).toBe('independent');
    expect([basins!.accuracy[0], basins!.nll[0]]).toEqual([one.provenance.sourceAccuracy, one.provenance.sourceNll]);
    expect([two.gaussian.rank, two.snapshots]).toEqual([2 * 3 + 1, 12]);
    // The first basin's mean is the single one's, so the second lies as far on the other side of the merged mean.
    const half = Math.sqrt(one.gaussian.mean.reduce((sum, x, j) => sum + (x - two.gaussian.mean[j]!) ** 2, 0));
    expect(basins!.distances).toHaveLength(1);
    expect(basins!.distances[0]! / (2 * half)).toBeCloseTo(1, 4);
    expect(two.head).not.toEqual(one.head);
  });

  it('of shared basins branches from one network: they lie closer, and their mean works', async () => {
    const events: LabEvent[] = [];
    const shared = await learn({ 'posterior.basins': 3 }, events);
    const apart = await learn({ 'posterior.basins': 3, 'posterior.basinStart': 'independent' });
    const of = (posterior: Posterior) => posterior.provenance.posterior.basins!;
    expect(of(shared).distances).toHaveLength(3);
    expect(mean(of(shared).distances)).toBeGreaterThan(0);
    expect(mean(of(shared).distances)).toBeLessThan(0.5 * mean(of(apart).distances));
    expect(shared.provenance.sourceAccuracy).toBeGreaterThanOrEqual(Math.min(...of(shared).accuracy.map((one) => one ?? 0)) - 0.1);
    const points = events.flatMap((event) => (event.kind === 'source' ? [event.point] : []));
    expect(points.at(-1)).toMatchObject({ step: 32, snapshots: 6 });
    expect(points.filter(({ step }) => step <= 20).every(({ snapshots }) => snapshots === 0)).toBe(true);
    // Up to the branching it is the training of a single basin, to the last digit.
    const single: LabEvent[] = [];
    await learn({}, single);
    const until = (list: LabEvent[]) => list.flatMap((event) => (event.kind === 'source' && event.point.step <= 20 ? [event.point] : []));
    expect(until(events)).toEqual(until(single));
    const summary = await drain(summarisePosterior(shared, null));
    expect(summary).toMatchObject({ method: 'swag', basins: of(shared), snapshots: 18 });
  });

  it('of a Fisher posterior keeps the mean and the trace of SWAG’s, without its factor', async () => {
    const swag = await learn();
    const fisher = await learn({ 'posterior.method': 'fisher' });
    expect(fisher.gaussian.mean).toEqual(swag.gaussian.mean);
    expect(fisher.gaussian.rank).toBe(0);
    expect(mean(fisher.gaussian.variance) / mean(marginalVariances(swag.gaussian))).toBeCloseTo(1, 5);
    expect(fisher.provenance).toMatchObject({ posterior: { method: 'fisher', basins: null }, sourceAccuracy: swag.provenance.sourceAccuracy });
    // By hand: all 90 rows, at the mean, labels of the data.
    const theta = joined(fisher.gaussian.mean, fisher.head!);
    const [squares] = await engine.squaredGradients({ architecture, data: input.data, indices: input.task.train, thetas: [theta], labels: 'data' });
    const precision = Array.from(fisher.gaussian.mean, (_, j) => squares![j]! + 90 * config()['source.weightDecay']);
    const gain = fisher.gaussian.variance[0]! * precision[0]!;
    for (const j of [1, 17, 40, 100]) expect((fisher.gaussian.variance[j]! * precision[j]!) / gain).toBeCloseTo(1, 4);
  });

  it('starts from weights: a network of its own goes on where it stood, without a cosine at the SWA rate', async () => {
    const first = await learn();
    const weights = await readWeights(await encodePrior(first), 'first.safetensors');
    const on = (change: Partial<Config>) => drain(trainSource({ ...input, weights, config: config({ 'source.steps': 0, ...change }) }));
    const still = await on({ 'source.swaLearningRate': 1e-6 });
    expect(still.provenance.start).toEqual({ file: 'first.safetensors', sha256: weights.sha256, used: 4, tensors: 4, head: true });
    still.gaussian.mean.forEach((x, j) => expect(Math.abs(x - first.gaussian.mean[j]!)).toBeLessThan(1e-3));
    expect(still.snapshots).toBe(6);
    const moved = await on({});
    expect(moved.gaussian.mean).not.toEqual(still.gaussian.mean);
    expect(moved.provenance.sourceNll!).toBeLessThan(first.provenance.sourceNll!);
    // Branches of several basins begin there too.
    const basins = await on({ 'source.swaLearningRate': 1e-6, 'posterior.basins': 2 });
    expect(Math.max(...basins.provenance.posterior.basins!.distances)).toBeLessThan(1e-2);
    expect((await decodePrior(await encodePrior(moved))).provenance.start).toEqual(moved.provenance.start);
    await expect(learn({ 'source.steps': 0 })).rejects.toThrow(/0 training steps .* has learned nothing/);
  });

  it.each(['simclr', 'vicreg'] as const)('by %s learns without labels, and has a linear probe for a head', async (method) => {
    const change = { 'source.method': method, 'source.projection': 8, 'source.batch': 12, 'posterior.basins': 2, 'source.crop': 0.6 };
    const events: LabEvent[] = [];
    const learned = await learn(change, events);
    expect(learned.architecture).toEqual(architecture);
    expect([learned.gaussian.mean.length, learned.head!.length]).toEqual([parameterTable(architecture).extractor, parameterTable(architecture).head]);
    expect(learned.provenance).toMatchObject({ method, training: { 'source.method': method, 'source.projection': 8, 'source.crop': 0.6 } });
    expect(Object.keys(learned.provenance.training)).not.toContain(method === 'simclr' ? 'source.varianceWeight' : 'source.temperature');
    const points = events.flatMap((event) => (event.kind === 'source' ? [event.point] : []));
    expect(points[0]).toMatchObject({ views: 24 });
    // The probe is what regression on the features finds, for the merged mean and each basin's: better than no head can be.
    expect(Math.min(learned.provenance.sourceAccuracy!, ...learned.provenance.posterior.basins!.accuracy.map((one) => one ?? 0))).toBeGreaterThan(0.45);
    const summary = await drain(summarisePosterior(learned, { ...input, config: config({ ...change, 'posterior.draws': 2 }) }));
    expect(summary).toMatchObject({ sourceMethod: method, sourceAccuracy: learned.provenance.sourceAccuracy });
    expect(summary.drawAccuracy).toHaveLength(2);
    // What was learned does not depend on any label; the head does.
    const shuffled = { ...dataset, labels: dataset.labels.map((label) => (label + 1) % 3) };
    const other = await drain(trainSource({ ...input, task: { ...input.task, dataset: shuffled }, data: await engine.load(shuffled, NORMALISATION), config: config(change) }));
    expect(other.gaussian).toEqual(learned.gaussian);
    expect(other.head).not.toEqual(learned.head);
  });

  it('names the basin that diverged', async () => {
    const populate: Engine['populate'] = async (spec) => {
      const population = await engine.populate(spec);
      return { ...population, advance: async (steps) => ({ ...await population.advance(steps), divergedAt: Int32Array.of(-1, 2) }), dispose: () => population.dispose() } as typeof population;
    };
    const run = drain(trainSource({ ...input, engine: Object.assign(Object.create(engine) as Engine, { populate }), config: config({ 'posterior.basins': 2, 'posterior.basinStart': 'independent' }) }));
    await expect(run).rejects.toThrow('Source training diverged at step 3 in basin 2; lower the source learning rate.');
  });
});
