/**
 * Source training: one chain, cosine learning rate, then a constant rate at which SWAG collects snapshots (Maddox et
 * al. 2019). Weight decay δ is the Gaussian prior N(0, I/(N·δ)) on extractor and head, so that it goes through the same
 * implicit step as every other prior.
 */
import { LabError } from '../core/errors.ts';
import { learningRate } from '../core/schedule.ts';
import type { DataRef, Engine, PopulationSpec } from '../engine/contract.ts';
import type { Architecture } from '../model/architecture.ts';
import { parameterTable } from '../model/build.ts';
import { initialise } from '../model/initialise.ts';
import type { Posterior, PosteriorSummary } from '../posterior/posterior.ts';
import { drawWeights, summarise } from '../posterior/summary.ts';
import { SwagAccumulator } from '../posterior/swag.ts';
import type { Config } from './config.ts';
import type { LabEvent } from './events.ts';
import { Pace, TRAINING_COST } from './pace.ts';
import type { SourceTask } from './tasks.ts';

export interface SourceInput {
  engine: Engine;
  architecture: Architecture;
  task: SourceTask;
  /** `task.dataset`, loaded with `task.normalisation`. */
  data: DataRef;
  config: Config;
}

/** Steps between two events; fixed, so that what is shown does not depend on the machine's speed. */
const PIECE = 5;

/** Steps after which a snapshot is taken: the last SWAG step is one, the others evenly before it. */
export function snapshotSteps(config: Config): number[] {
  const { 'source.steps': burn, 'posterior.steps': steps, 'posterior.snapshots': count } = config;
  return Array.from({ length: count }, (_, i) => burn + Math.round(((i + 1) * steps) / count));
}

/** Steps between points of the live curve: at least two, about forty points or more where that allows it. */
export function pointInterval(total: number): number {
  return Math.max(2, Math.min(25, Math.floor(total / 40)));
}

export function sourcePopulation({ architecture, task, data, config }: SourceInput): PopulationSpec {
  const { extractor } = parameterTable(architecture);
  const n = task.train.length;
  const decay = config['source.weightDecay'];
  const variance = new Float32Array(extractor).fill(1 / (n * decay));
  const prior = { mean: new Float32Array(extractor), variance, factor: new Float32Array(0), rank: 0 };
  return {
    architecture, data, batch: config['source.batch'], augmentation: task.augmentation,
    momentum: config['inference.momentum'], clip: config['inference.clip'],
    starts: [initialise(architecture, config.seed)],
    priors: decay > 0 ? [prior] : [],
    chains: [{
      start: 0, seed: config.seed, indices: task.train, frozen: false,
      schedule: { start: config['source.learningRate'], end: config['source.swaLearningRate'], steps: config['source.steps'] },
      prior: decay > 0 ? { gaussian: 0, scale: 1, floor: 0 } : null,
      headStrength: n * decay, sampler: null,
    }],
  };
}

/** Yields progress and source points; returns the posterior. Throws LabError('divergence') when training blows up. */
export async function* trainSource(input: SourceInput): AsyncGenerator<LabEvent, Posterior> {
  const { engine, architecture, task, config } = input;
  const table = parameterTable(architecture);
  const total = config['source.steps'] + config['posterior.steps'];
  const batch = Math.min(config['source.batch'], task.train.length);
  const pace = new Pace('source', total * batch * TRAINING_COST + task.test.length, 'Learning the source');
  const interval = pointInterval(total);
  const snapshots = new Set(snapshotSteps(config));
  const swag = new SwagAccumulator(table.extractor, config['posterior.rank']);
  const head = new Float64Array(table.head);
  const spec = sourcePopulation(input);
  const population = await engine.populate(spec);
  try {
    yield pace.progress();
    let since = { steps: 0, nll: 0, accuracy: 0 };
    for (let step = 0; step < total;) {
      let steps = 1;
      while (steps < PIECE && step + steps < total && (step + steps) % interval !== 0 && !snapshots.has(step + steps)) steps++;
      const progress = await pace.work(steps * batch * TRAINING_COST, () => population.advance(steps));
      step += steps;
      if (progress.divergedAt[0]! >= 0) {
        throw new LabError('divergence', `Source training diverged at step ${progress.divergedAt[0]! + 1}; lower the source learning rate.`);
      }
      since = { steps: since.steps + steps, nll: since.nll + steps * progress.nll[0]!, accuracy: since.accuracy + steps * progress.accuracy[0]! };
      if (snapshots.has(step)) {
        const [theta] = await population.parameters([0]);
        swag.add(theta!);
        for (let j = 0; j < head.length; j++) head[j]! += (theta![table.extractor + j]! - head[j]!) / swag.snapshots;
      }
      yield pace.progress(step <= config['source.steps'] ? 'Learning the source' : `Collecting snapshots (${swag.snapshots} of ${snapshots.size})`);
      if (step % interval === 0 || step === total) {
        const rate = learningRate(spec.chains[0]!.schedule, step - 1);
        yield { kind: 'source', point: { step, nll: since.nll / since.steps, accuracy: since.accuracy / since.steps, learningRate: rate, snapshots: swag.snapshots } };
        since = { steps: 0, nll: 0, accuracy: 0 };
      }
    }
  } finally {
    await population.dispose();
  }
  const gaussian = swag.finish();
  const mean = joined(gaussian.mean, Float32Array.from(head));
  const tested = await pace.work(task.test.length, () => engine.evaluate({
    architecture, data: input.data, indices: task.test, points: { kind: 'list', thetas: [mean] }, logits: false,
  }));
  yield pace.progress('Measured the mean');
  const sound = tested.finite[0] === 1;
  return {
    gaussian, architecture, normalisation: task.normalisation, head: Float32Array.from(head), snapshots: swag.snapshots,
    provenance: {
      dataset: task.dataset.name, datasetSha256: task.dataset.sha256, classNames: task.dataset.classNames, method: 'supervised',
      training: trainingRecord(config), seed: config.seed, created: new Date().toISOString(), licence: task.dataset.licence,
      sourceAccuracy: sound ? tested.accuracy[0]! : null, sourceNll: sound ? tested.nll[0]! : null,
    },
  };
}

/** Accuracy of `posterior.draws` networks drawn from the posterior, then the summary. Without `input` none are drawn. */
export async function* summarisePosterior(posterior: Posterior, input: SourceInput | null): AsyncGenerator<LabEvent, PosteriorSummary> {
  const { entries } = parameterTable(posterior.architecture);
  const draws = input?.config['posterior.draws'] ?? 0;
  const { head } = posterior;
  if (!input || draws === 0 || !head) return summarise(posterior, entries);
  const { engine, architecture, data, task, config } = input;
  const pace = new Pace('posterior', draws * task.test.length, 'Drawing networks from the posterior');
  const accuracies: number[] = [];
  for (const w of drawWeights(posterior.gaussian, config.seed, draws)) {
    const tested = await pace.work(task.test.length, () => engine.evaluate({
      architecture, data, indices: task.test, points: { kind: 'list', thetas: [joined(w, head)] }, logits: false,
    }));
    accuracies.push(tested.accuracy[0]!);
    yield pace.progress();
  }
  return summarise(posterior, entries, accuracies);
}

/** theta [D + H] from w [D] and h [H]. */
export function joined(w: Float32Array, h: Float32Array): Float32Array {
  const theta = new Float32Array(w.length + h.length);
  theta.set(w);
  theta.set(h, w.length);
  return theta;
}

/** The settings that made the posterior, for its file. */
function trainingRecord(config: Config): Record<string, number | string> {
  const record: Record<string, number | string> = {};
  for (const [key, value] of Object.entries(config)) {
    const counts = key.startsWith('source.') || key.startsWith('posterior.') || key === 'inference.momentum' || key === 'inference.clip';
    if (counts && (typeof value === 'number' || typeof value === 'string')) record[key] = value;
  }
  return record;
}
