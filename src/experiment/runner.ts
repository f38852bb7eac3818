/**
 * The runner: a generator of events from settings to a finished result. Stages run in order; each is known by the
 * settings (and data) it depends on, and one whose key has not changed is shown again from memory instead of computed.
 * Stop it with `return()`: populations are disposed, what was finished stays in memory.
 */
import type { Gaussian } from '../core/gaussian.ts';
import type { Engine } from '../engine/contract.ts';
import { LabError } from '../core/errors.ts';
import { parameterTable } from '../model/build.ts';
import type { Posterior, PosteriorSummary } from '../posterior/posterior.ts';
import { type Covered, coveredBy, sizeOf } from '../prior/coverage.ts';
import { shiftPrior } from '../prior/variants.ts';
import type { WeightsFile } from '../prior/weights.ts';
import { priorPredictive } from './beliefs/beliefs.ts';
import type { PriorPredictive } from './beliefs/beliefs-result.ts';
import { type Checkpoints, comparisonCourse, sourceCourse, type SourceState } from './checkpoint.ts';
import { compare } from './comparison/comparison.ts';
import type { Config } from './config/config.ts';
import type { Embedding, NoEmbedding } from './embedding/embedding-result.ts';
import { embeddingKey, embeddingStage } from './embedding/stage.ts';
import type { LabEvent, SourcePoint } from './events.ts';
import { type Keys, keysOf } from './keys.ts';
import { downstreamData, sourceData } from './loaded.ts';
import { belongTo, type Memory } from './memory.ts';
import { outsideImages } from './robustness/outside.ts';
import type { Result } from './result.ts';
import type { RobustnessAsk } from './robustness/robustness.ts';
import { joinedSentences, robustnessSentence } from './robustness/robustness-sentence.ts';
import { scaleLayers } from './scaling/scaling.ts';
import type { Scaling } from './scaling/scaling-result.ts';
import { scalingSentence } from './scaling/scaling-sentence.ts';
import { coversSentence, downstreamSentence, inferenceSentence, posteriorSentence, sameArmsSentence, shiftSentence, sourceSentence, surfaceSentence, verdictSentence } from './sentences.ts';
import type { Stage } from './config/settings.ts';
import { learnShift } from './source/shift.ts';
import { shiftFamilies, testedFamily } from './source/shift-runs.ts';
import { summarisePosterior, trainSource } from './source/source.ts';
import { infer } from './inference/inference.ts';
import type { Inference } from './inference/inference-result.ts';
import { Studio } from './surface/studio.ts';
import { gapsOf, measureSurface } from './surface/surface.ts';
import { checkFit, downstreamArchitecture, type DownstreamTask, type Library, seedsOf, sourceArchitecture } from './tasks.ts';

export interface Experiment {
  config: Config;
  preset: string;
  engine: Engine;
  library: Library;
  /** Takes the place of source training. */
  imported: Posterior | null;
  /** Where source training starts, in place of an initialisation. */
  weights?: WeightsFile | null;
  memory: Memory;
  /** Where the stages that train keep where they stand; absent or null: nowhere. */
  checkpoints?: Checkpoints | null;
  /** For the record. */
  device: { note: string | null; userAgent: string };
}

/** Yields events, the last one `finished`; returns the result. Throws LabError. */
export async function* runExperiment(experiment: Experiment): AsyncGenerator<LabEvent, Result> {
  const { config, preset, engine, library, imported, memory, device } = experiment;
  if (imported && config.arms.includes('shift-trajectory')) {
    throw new LabError('config', 'The arm Shift-trajectory learns the source again under corruptions, and an imported prior comes without its source data: leave that arm out, or learn the prior here.');
  }
  belongTo(memory, engine);
  await checkFit(config, library, imported?.architecture ?? null);
  const keys = keysOf(experiment);
  const sentences: Result['sentences'] = {};
  const timings: Partial<Record<Stage, number>> = {};
  const stage = <T>(name: Stage, reused: boolean, body: () => AsyncGenerator<LabEvent, T>, sentence: (value: T) => string | null) =>
    runStage(name, reused, body, sentence, sentences, timings);

  const { posterior } = yield* stage('source', imported !== null || memory.source?.key === keys.source,
    () => learnSource(experiment, keys.source),
    ({ posterior: learned, tested }) => sourceSentence(sourceRecord(experiment, learned), tested));

  const { summary, embedding } = yield* stage('posterior', memory.posterior?.key === keys.posterior && memory.embedding?.key === embeddingKey(experiment),
    () => describePosterior(experiment, posterior, keys), (found) => posteriorSentence(found.summary));

  const downstream = yield* stage('downstream', memory.downstream?.key === keys.downstream,
    () => fineTune(experiment, posterior, keys.downstream),
    ({ outcome, shift }) => joinedSentences(
      downstreamSentence(outcome.runs, outcome.arms, config['inference.steps']),
      sameArmsSentence(config.arms, posterior.gaussian.rank),
      coversSentence(config['prior.covers'], sizeOf(coveredOf(config, posterior), posterior.gaussian.mean.length), posterior.gaussian.mean.length),
      shift && shiftSentence(config['shift.runs'], shiftFamilies(config), testedFamily(config)),
    ));

  const surface = yield* stage('surface', memory.surface?.key === keys.surface,
    () => mapSurface(experiment, posterior, keys), ({ plane, alignmentGap, directionTest }) => surfaceSentence(alignmentGap, directionTest, plane?.degenerate ?? false));

  const inference = yield* stage('inference', memory.inference?.key === keys.inference,
    () => average(experiment, posterior, keys), (found) => joinedSentences(inferenceSentence(found), robustnessSentence(found?.robustness ?? null)));

  const { outcome } = downstream;
  const { scaling, beliefs } = yield* stage('verdict', false, async function* () {
    return { scaling: yield* scaleByLayer(experiment, posterior, keys), beliefs: yield* predictive(experiment, keys) };
  }, (found) => joinedSentences(verdictSentence(outcome.summaries, outcome.comparisons, config.seeds), scalingSentence(found.scaling)));

  const total = Object.values(timings).reduce((sum, seconds) => sum + seconds, 0);
  const { arms, summaries, comparisons, race, runs, segmentation } = outcome;
  const result: Result = {
    version: 1, config, preset, created: new Date().toISOString(), device: { ...engine.info, ...device },
    source: sourceRecord(experiment, posterior), posterior: summary, embedding,
    downstream: { dataset: downstream.dataset, n: config['downstream.n'], classNames: downstream.classNames, seeds: seedsOf(config) },
    runs, arms, summaries, comparisons, race, segmentation, surface, inference, scaling, priorPredictive: beliefs, sentences, timings: { ...timings, total },
  };
  yield { kind: 'finished', result };
  return result;
}

async function* predictive(experiment: Experiment, keys: Keys): AsyncGenerator<LabEvent, PriorPredictive | null> {
  const { config, memory } = experiment;
  const key = JSON.stringify([keys.downstream, config['predictive.draws']]);
  if (memory.predictive?.key !== key) memory.predictive = { key, value: yield* priorPredictive(experiment) };
  return memory.predictive.value;
}

async function* runStage<T>(
  name: Stage, reused: boolean, body: () => AsyncGenerator<LabEvent, T>, sentence: (value: T) => string | null,
  sentences: Result['sentences'], timings: Partial<Record<Stage, number>>,
): AsyncGenerator<LabEvent, T> {
  if (!reused) yield { kind: 'stage', stage: name, state: 'running', reused };
  const inner = body();
  let seconds = 0;
  try {
    for (;;) {
      // Timed around the work only: a paused run waits inside `yield`.
      const start = performance.now();
      const step = await inner.next();
      seconds += (performance.now() - start) / 1000;
      if (step.done) {
        if (!reused) timings[name] = seconds;
        const text = sentence(step.value);
        if (text !== null) {
          sentences[name] = text;
          yield { kind: 'sentence', stage: name, text };
        }
        yield { kind: 'stage', stage: name, state: 'done', reused };
        return step.value;
      }
      yield step.value;
    }
  } finally {
    await inner.return(undefined as never);
  }
}

function sourceRecord({ config, imported, memory }: Experiment, { provenance }: Posterior): Result['source'] {
  const { dataset, method, sourceAccuracy, sourceNll, start } = provenance;
  const steps = imported ? 0 : config['source.steps'] + config['posterior.steps'];
  return { dataset, method, accuracy: sourceAccuracy, nll: sourceNll, steps, imported: imported !== null, curve: imported ? [] : (memory.source?.value.points ?? []), start: start ?? null };
}

interface Learned {
  posterior: Posterior;
  /** Held-out images its mean was measured on. */
  tested: number;
}

/** The posterior: imported, from memory, or learned. */
export async function* learnSource(experiment: Experiment, key: string): AsyncGenerator<LabEvent, Learned> {
  const { config, engine, imported, memory } = experiment;
  if (imported) return { posterior: imported, tested: 0 };
  if (memory.source?.key === key) {
    for (const point of memory.source.value.points) yield { kind: 'source', point };
    return memory.source.value;
  }
  yield { kind: 'progress', stage: 'source', done: 0, total: 1, secondsLeft: null, label: 'Preparing source data' };
  const { task, data } = await sourceData(experiment, key);
  const { from, keep } = await sourceCourse(experiment.checkpoints ?? null, key);
  const points: SourcePoint[] = [...from?.points ?? []];
  for (const point of points) yield { kind: 'source', point };
  const course = { from, keep: (state: () => Promise<Omit<SourceState, 'points'>>) => keep(async () => ({ ...await state(), points: [...points] })) };
  const training = trainSource({ engine, architecture: sourceArchitecture(config, task.dataset), task, data, config, weights: experiment.weights ?? null, course });
  const posterior = yield* collected(training, (event) => {
    if (event.kind === 'source') points.push(event.point);
  });
  const value = { posterior, points, tested: task.test.length };
  memory.source = { key, value };
  return value;
}

async function* describePosterior(experiment: Experiment, posterior: Posterior, keys: Keys): AsyncGenerator<LabEvent, { summary: PosteriorSummary; embedding: Embedding | NoEmbedding | null }> {
  const { config, engine, imported, memory } = experiment;
  let summary = memory.posterior?.key === keys.posterior ? memory.posterior.value : null;
  if (!summary) {
    const input = imported ? null : { engine, architecture: posterior.architecture, config, ...await sourceData(experiment, keys.sourceData) };
    summary = yield* summarisePosterior(posterior, input);
    memory.posterior = { key: keys.posterior, value: summary };
  }
  yield { kind: 'posterior', summary };
  return { summary, embedding: yield* embeddingStage(experiment, posterior) };
}

async function* fineTune(experiment: Experiment, posterior: Posterior, key: string): AsyncGenerator<LabEvent, NonNullable<Memory['downstream']>['value']> {
  const { config, engine, memory } = experiment;
  if (memory.downstream?.key === key) {
    const { outcome } = memory.downstream.value;
    for (const point of outcome.race) yield { kind: 'race', point, steps: config['inference.steps'] };
    yield { kind: 'arms', arms: outcome.arms, summaries: outcome.summaries, comparisons: outcome.comparisons, segmentation: outcome.segmentation };
    return memory.downstream.value;
  }
  const shift = yield* learnShiftPrior(experiment, posterior);
  yield { kind: 'progress', stage: 'downstream', done: 0, total: 1, secondsLeft: null, label: 'Preparing downstream data' };
  const { task, data } = await downstreamData(experiment, posterior, keysOf(experiment).downstreamData);
  const { dataset, seeds, splits } = task;
  const architecture = downstreamArchitecture(posterior.architecture, dataset);
  const course = await comparisonCourse(experiment.checkpoints ?? null, key);
  const outcome = yield* compare({ engine, architecture, posterior: posterior.gaussian, shift, data, dataset, seeds, splits, settings: config, course });
  const value = { outcome, dataset: dataset.name, classNames: dataset.classNames, shift };
  memory.downstream = { key, value };
  return value;
}

function coveredOf(config: Config, { architecture }: Posterior): Covered {
  return coveredBy(config['prior.covers'], parameterTable(architecture).entries);
}

/** The prior of the arm shift-trajectory, from the runs in memory where they are those asked for; null where the arm takes no part. */
export async function* learnShiftPrior(experiment: Experiment, posterior: Posterior): AsyncGenerator<LabEvent, Gaussian | null> {
  const { config, engine, memory } = experiment;
  if (!config.arms.includes('shift-trajectory')) return null;
  const keys = keysOf(experiment);
  const key = JSON.stringify([keys.source, shiftFamilies(config), config['shift.runs'], config['shift.steps'], config['shift.learningRate']]);
  if (memory.shift?.key !== key) {
    yield { kind: 'progress', stage: 'downstream', done: 0, total: 1, secondsLeft: null, label: 'Preparing source data' };
    const { task } = await sourceData(experiment, keys.sourceData);
    memory.shift = { key, value: yield* learnShift({ engine, posterior, task, config }) };
  }
  return shiftPrior(config['shift.variant'], memory.shift.value, posterior.gaussian, coveredOf(config, posterior), config.seed);
}

async function* mapSurface(experiment: Experiment, posterior: Posterior, keys: Keys): AsyncGenerator<LabEvent, NonNullable<Memory['surface']>['value']> {
  const { memory } = experiment;
  const studio = await studioOf(experiment, posterior, keys);
  if (memory.surface?.key === keys.surface) {
    const { plane, lines, directionTest } = memory.surface.value;
    if (plane) yield { kind: 'plane', plane };
    // Cuts that were asked for since stay; another engine's studio knows none yet.
    if (studio.lines.length === 0) studio.lines.push(...lines);
    yield { kind: 'lines', lines: [...studio.lines], alignmentGap: gapsOf(studio), directionTest };
    return memory.surface.value;
  }
  const value = yield* measureSurface(studio);
  memory.surface = { key: keys.surface, value };
  return value;
}

async function* average(experiment: Experiment, posterior: Posterior, keys: Keys): AsyncGenerator<LabEvent, Inference | null> {
  const { config, engine, memory } = experiment;
  if (memory.inference?.key === keys.inference) {
    yield { kind: 'inference', inference: memory.inference.value };
    return memory.inference.value;
  }
  const { outcome, shift } = memory.downstream!.value;
  const { task, data } = await downstreamData(experiment, posterior, keys.downstreamData);
  const { dataset, seeds, splits } = task;
  const robustness = config['robustness.images'] > 0 ? await robustnessAsk(experiment, posterior, task, keys) : null;
  const value = yield* infer({ engine, architecture: downstreamArchitecture(posterior.architecture, dataset), posterior: posterior.gaussian, shift, data, dataset, seeds, splits, outcome, settings: config, robustness });
  memory.inference = { key: keys.inference, value };
  return value;
}

/** One λ a layer. It belongs to the stage of the verdict because nothing depends on it but the verdict: asking for it computes nothing else again. */
async function* scaleByLayer(experiment: Experiment, posterior: Posterior, keys: Keys): AsyncGenerator<LabEvent, Scaling | null> {
  const { config, engine, memory } = experiment;
  if (memory.scaling?.key === keys.scaling) {
    yield { kind: 'scaling', scaling: memory.scaling.value };
    return memory.scaling.value;
  }
  const method = config['prior.scaling'];
  const { outcome, shift } = memory.downstream!.value;
  let value: Scaling | null = null;
  if (method !== 'single') {
    const { task, data } = await downstreamData(experiment, posterior, keys.downstreamData);
    const { dataset, seeds, splits } = task;
    value = yield* scaleLayers({ engine, architecture: downstreamArchitecture(posterior.architecture, dataset), posterior: posterior.gaussian, shift, data, dataset, seeds, splits, outcome, settings: config }, method);
  }
  memory.scaling = { key: keys.scaling, value };
  return value;
}

async function robustnessAsk(experiment: Experiment, { normalisation }: Posterior, task: DownstreamTask, keys: Keys): Promise<RobustnessAsk> {
  const { config, imported } = experiment;
  const source = imported || config['robustness.outside'] === 'none' ? null : (await sourceData(experiment, keys.sourceData)).task;
  return { images: config['robustness.images'], corruptions: config['robustness.corruptions'], normalisation: { ...normalisation }, outside: await outsideImages(config, source, task) };
}

/** The studio of this comparison, new where settings, data or engine are. */
async function studioOf(experiment: Experiment, posterior: Posterior, keys: Keys): Promise<Studio> {
  const { config, engine, memory } = experiment;
  const { outcome, shift } = memory.downstream!.value;
  const { task, data } = await downstreamData(experiment, posterior, keys.downstreamData);
  const { dataset, seeds, splits } = task;
  if (memory.studio?.key !== keys.surface || memory.studio.value.input.data !== data) {
    const architecture = downstreamArchitecture(posterior.architecture, dataset);
    memory.studio = { key: keys.surface, value: new Studio({ engine, architecture, posterior: posterior.gaussian, normalisation: posterior.normalisation, shift, data, dataset, seeds, splits, outcome, settings: config }) };
  }
  return memory.studio.value;
}

/** Passes events on, showing each to `see` first. */
async function* collected<T>(inner: AsyncGenerator<LabEvent, T>, see: (event: LabEvent) => void): AsyncGenerator<LabEvent, T> {
  try {
    for (;;) {
      const step = await inner.next();
      if (step.done) return step.value;
      see(step.value);
      yield step.value;
    }
  } finally {
    await inner.return(undefined as never);
  }
}
