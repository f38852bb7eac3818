/**
 * Source training: cosine learning rate, then a constant rate at which SWAG collects snapshots (Maddox et al. 2019), in one
 * chain or, for a posterior of several basins (posterior/mixture.ts), in one a basin. Weight decay δ is the Gaussian prior N(0, I/(N·δ)) on extractor and head, so that it goes through the same
 * implicit step as every other prior. Self-supervised, the network that learns has a projection head, and the posterior's head is a linear probe
 * (pretext.ts).
 */
import { LabError } from '../../core/errors.ts';
import type { Gaussian } from '../../core/gaussian.ts';
import { marginalVariances } from '../../core/marginals.ts';
import { Stream } from '../../core/philox.ts';
import { mean } from '../../core/statistics.ts';
import type { DataRef, Engine, PopulationSpec } from '../../engine/contract.ts';
import type { Architecture, ParameterTable } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { headStart, initialise } from '../../model/initialise.ts';
import { fisherPosterior } from '../../posterior/fisher.ts';
import { meanDistances, mergeBasins } from '../../posterior/mixture.ts';
import type { Basins, Posterior, PosteriorSummary } from '../../posterior/posterior.ts';
import { startFrom, type WeightsFile } from '../../prior/weights.ts';
import { drawWeights, summarise } from '../../posterior/summary.ts';
import { SwagAccumulator } from '../../posterior/swag.ts';
import { type Config, isIdle, SETTING_KEYS } from '../config/config.ts';
import { type Course as Checkpointed, isKeepable, type SourceState, UNKEPT } from '../checkpoint.ts';
import { Course } from './course.ts';
import { pretextOf, probeCost, probeHeads, trainedNetwork } from './pretext.ts';
import type { LabEvent } from '../events.ts';
import { Pace, TRAINING_COST } from '../pace.ts';
import type { SourceTask } from '../tasks.ts';

export interface SourceInput {
  engine: Engine;
  architecture: Architecture;
  task: SourceTask;
  /** `task.dataset`, loaded with `task.normalisation`. */
  data: DataRef;
  config: Config;
  /** Where training starts, in place of an initialisation. */
  weights?: WeightsFile | null;
  /** Where training stood when it was cut off, and to keep where it stands. */
  course?: Checkpointed<Omit<SourceState, 'points'>>;
}

/** Steps after which a snapshot is taken: the last SWAG step is one, the others evenly before it. */
export function snapshotSteps(config: Config): number[] {
  const { 'source.steps': burn, 'posterior.steps': steps, 'posterior.snapshots': count } = config;
  return Array.from({ length: count }, (_, i) => burn + Math.round(((i + 1) * steps) / count));
}

/** Batch order, augmentation and initialisation of a chain; those of the first are a single basin's. */
function chainSeed(seed: number, chain: number): number {
  return (seed + 0x9e3779b1 * chain) >>> 0;
}

/** A chain a seed, from `starts` in turn; `tail`: the cosine is behind them and the rate constant. */
function sourcePopulation({ architecture, task, data, config }: SourceInput, seeds: readonly number[], starts: Float32Array[], tail = false): PopulationSpec {
  const { extractor } = parameterTable(architecture);
  const n = task.train.length;
  const decay = config['source.weightDecay'];
  const variance = new Float32Array(extractor).fill(1 / (n * decay));
  const prior = { mean: new Float32Array(extractor), variance, factor: new Float32Array(0), rank: 0 };
  const end = config['source.swaLearningRate'];
  const objective = pretextOf(config, task);
  return {
    architecture: trainedNetwork(architecture, config), data, batch: config['source.batch'],
    ...(objective ? { objective, augmentation: null } : { augmentation: task.augmentation }),
    momentum: config['inference.momentum'], clip: config['inference.clip'],
    starts,
    priors: decay > 0 ? [prior] : [],
    chains: seeds.map((seed, i) => ({
      start: i % starts.length, seed, indices: task.train, frozen: false,
      schedule: tail ? { start: end, end, steps: config['posterior.steps'] } : { start: config['source.learningRate'], end, steps: config['source.steps'] },
      prior: decay > 0 ? { gaussian: 0, scale: 1, floor: 0 } : null,
      headStrength: n * decay, sampler: null,
    })),
  };
}

/**
 * Yields progress and source points; returns the posterior. Several basins are as many chains of one population: from the start, or branching at
 * rest from where one chain ends its cosine. Throws LabError('divergence') when training blows up.
 */
export async function* trainSource(input: SourceInput): AsyncGenerator<LabEvent, Posterior> {
  const { engine, architecture, task, config } = input;
  const network = trainedNetwork(architecture, config);
  const selfSupervised = config['source.method'] !== 'supervised';
  const table = parameterTable(network);
  const burn = config['source.steps'];
  const total = burn + config['posterior.steps'];
  const count = config['posterior.basins'];
  const shared = count > 1 && config['posterior.basinStart'] === 'shared';
  // A branch does not see the trunk's batches again in their order.
  const seeds = Array.from({ length: count }, (_, basin) => chainSeed(config.seed, shared ? basin + 1 : basin));
  const from = input.weights ? startFrom(input.weights, table) : null;
  if (burn === 0 && !from) throw new LabError('config', 'With 0 training steps the posterior would be of a network that has learned nothing; start from weights, or ask for training steps.');
  const batch = Math.min(config['source.batch'], task.train.length) * (selfSupervised ? 2 : 1);
  const means = count > 1 ? count + 1 : 1;
  const steps = shared ? burn + count * (total - burn) : count * total;
  const pace = new Pace('source', steps * batch * TRAINING_COST + means * task.test.length + (selfSupervised ? probeCost(input, means) : 0) + fisherRows(input).length * TRAINING_COST, 'Learning the source');
  yield pace.progress();
  const { from: stood, keep } = isKeepable(count, table.total) ? (input.course ?? UNKEPT) : UNKEPT;
  const basins = stood ? stood.basins.map((state) => Basin.restore(table, state)) : seeds.map(() => new Basin(table, config['posterior.rank']));
  let starts = stood?.starts ?? (shared ? [config.seed] : seeds).map((seed) => initialise(network, seed)).map((fresh) => from?.over(fresh) ?? fresh);
  const course = new Course({
    engine, rows: task.train.length, burn, total, from: stood,
    keep: (stand) => keep(async () => ({ ...await stand(), starts, basins: basins.map((basin) => basin.state()) })),
  }, pace);
  if (shared && burn > 0) {
    const trunk = sourcePopulation(input, [config.seed], starts);
    yield* course.run(trunk, burn, new Set([burn]), (thetas) => (starts = thetas), () => 'Learning the source');
  }
  const snapshots = new Set(snapshotSteps(config));
  const told = () => (basins[0]!.snapshots === 0 ? 'Learning the source' : `Collecting snapshots (${basins[0]!.snapshots} of ${snapshots.size}${count > 1 ? ` in each of ${count} basins` : ''})`);
  yield* course.run(sourcePopulation(input, seeds, starts, shared || burn === 0), total, snapshots, (thetas) => basins.forEach((basin, b) => basin.add(thetas[b]!)), told);

  const parts = basins.map((basin) => basin.finish());
  const collected = mergeBasins(parts.map((part) => part.gaussian));
  // The merged mean first; the mean of a single basin is that of the posterior.
  const centres = [collected.mean, ...(parts.length > 1 ? parts.map((part) => part.gaussian.mean) : [])];
  const heads = selfSupervised
    ? yield* probeHeads(input, centres.map((mean) => joined(mean, headStart(architecture, config.seed))), pace)
    : [meanHead(parts), ...parts.map((part) => part.head)];
  const head = heads[0]!;
  const method = config['posterior.method'];
  const gaussian = method === 'fisher' ? yield* fisherAround(input, collected, head, pace) : collected;
  const tested = await pace.work(centres.length * task.test.length, () => engine.evaluate({
    architecture, data: input.data, indices: task.test, points: { kind: 'list', thetas: centres.map((mean, i) => joined(mean, heads[i]!)) }, logits: false,
  }));
  yield pace.progress('Measured the mean');
  const sound = (values: Float64Array): (number | null)[] => Array.from(values, (value, i) => (tested.finite[i] === 1 ? value : null));
  const [[accuracy, ...accuracies], [nll, ...nlls]] = [sound(tested.accuracy), sound(tested.nll)] as const;
  const merged: Basins | null = parts.length === 1 ? null : {
    start: config['posterior.basinStart'], accuracy: accuracies, nll: nlls, distances: meanDistances(parts.map((part) => part.gaussian.mean)),
  };
  return {
    gaussian, architecture, normalisation: task.normalisation, head, snapshots: basins.reduce((sum, basin) => sum + basin.snapshots, 0),
    provenance: {
      dataset: task.dataset.name, datasetSha256: task.dataset.sha256, classNames: task.dataset.classNames, method: config['source.method'],
      posterior: { method, basins: merged },
      ...(from ? { start: from.started } : {}),
      training: trainingRecord(config), seed: config.seed, created: new Date().toISOString(), licence: task.dataset.licence,
      sourceAccuracy: accuracy ?? null, sourceNll: nll ?? null,
    },
  };
}

/** Source images that a Fisher posterior is measured on, at most; and how many at a time, fixed so that no sum depends on the machine's speed. */
const FISHER_ROWS = 2000;
const FISHER_PIECE = 100;

/** None where the posterior is not of that kind. */
function fisherRows({ task, config }: SourceInput): Uint32Array {
  if (config['posterior.method'] !== 'fisher') return new Uint32Array(0);
  return new Stream(config.seed, 'subset').shuffle(task.train.slice()).slice(0, FISHER_ROWS);
}

/** The Fisher posterior around the mean that SWAG collected, with its trace. */
async function* fisherAround(input: SourceInput, { mean: centre, ...swag }: Gaussian, head: Float32Array, pace: Pace): AsyncGenerator<LabEvent, Gaussian> {
  const { engine, architecture, data, task, config } = input;
  const rows = fisherRows(input);
  const squares = new Float64Array(centre.length);
  for (let from = 0; from < rows.length; from += FISHER_PIECE) {
    const indices = rows.subarray(from, from + FISHER_PIECE);
    const [sums] = await pace.work(indices.length * TRAINING_COST, () => engine.squaredGradients({ architecture, data, indices, thetas: [joined(centre, head)], labels: 'data' }));
    for (let j = 0; j < squares.length; j++) squares[j]! += sums![j]!;
    yield pace.progress('Measuring the curvature of the source loss');
  }
  const trace = marginalVariances({ mean: centre, ...swag }).reduce((sum, s) => sum + s, 0);
  return fisherPosterior({ mean: centre, squares, rows: rows.length, examples: task.train.length, weightDecay: config['source.weightDecay'], trace });
}

/** Snapshots of one chain: moments of its extractor, mean of its head. */
class Basin {
  readonly #swag: SwagAccumulator;
  readonly #extractor: number;
  /** [H] */
  readonly #head: Float64Array;

  constructor({ extractor, head }: ParameterTable, rank: number, swag = new SwagAccumulator(extractor, rank)) {
    this.#swag = swag;
    this.#extractor = extractor;
    this.#head = new Float64Array(head);
  }

  state(): SourceState['basins'][number] {
    return { swag: this.#swag.state(), head: this.#head.slice() };
  }

  static restore(table: ParameterTable, { swag, head }: SourceState['basins'][number]): Basin {
    const basin = new Basin(table, swag.capacity, SwagAccumulator.restore(swag));
    basin.#head.set(head);
    return basin;
  }

  get snapshots(): number {
    return this.#swag.snapshots;
  }

  /** theta [D + H]. */
  add(theta: Float32Array): void {
    this.#swag.add(theta);
    for (let j = 0; j < this.#head.length; j++) this.#head[j]! += (theta[this.#extractor + j]! - this.#head[j]!) / this.#swag.snapshots;
  }

  finish(): { gaussian: Gaussian; head: Float32Array } {
    return { gaussian: this.#swag.finish(), head: Float32Array.from(this.#head) };
  }
}

function meanHead(parts: readonly { head: Float32Array }[]): Float32Array {
  return parts[0]!.head.map((_, j) => mean(parts.map(({ head }) => head[j]!)));
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
  for (const key of SETTING_KEYS) {
    const value = config[key];
    const counts = key.startsWith('source.') || key.startsWith('posterior.') || key === 'inference.momentum' || key === 'inference.clip';
    if (counts && !isIdle(key, config) && (typeof value === 'number' || typeof value === 'string')) record[key] = value;
  }
  return record;
}
