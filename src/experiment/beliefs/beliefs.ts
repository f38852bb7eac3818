/**
 * The prior predictive: networks drawn from every prior at a λ answer real images, of the source with the source's head
 * or of the downstream task with heads from N(0, I/κ). Draw i of a family uses the same random numbers at every λ, so
 * that curves over λ are smooth.
 */
import { LabError } from '../../core/errors.ts';
import type { Gaussian } from '../../core/gaussian.ts';
import { prepare } from '../../core/lowrank.ts';
import { Stream } from '../../core/philox.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { DataRef } from '../../engine/contract.ts';
import { type Beliefs, beliefsOf } from '../../measure/beliefs.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { coveredBy, marginal, putWithin } from '../../prior/coverage.ts';
import { build } from '../../prior/families.ts';
import { FAMILIES, type Family } from '../../prior/prior.ts';
import { ladderOf, openingScale } from './belief-scales.ts';
import { beliefSentence } from './beliefs-sentence.ts';
import { type Belief, type PredictiveReading, type PriorPredictive, READS, type Reads } from './beliefs-result.ts';
import { type Config, onToy } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import { keysOf } from '../keys.ts';
import { downstreamData, sourceData } from '../loaded.ts';
import { inPieces, Pace } from '../pace.ts';
import type { Experiment } from '../runner.ts';
import { joined } from '../source/source.ts';
import { downstreamArchitecture } from '../tasks.ts';

/** Images answered. */
const IMAGES = 200;

/** Second coordinates of the streams of draws. */
const WEIGHTS = 1;
const HEADS = 2;

/** The posterior of a finished source stage. Throws LabError('config') when there is none any more. */
export function learnedPosterior(experiment: Experiment): Posterior {
  const { imported, memory } = experiment;
  if (imported) return imported;
  if (memory.source === null || memory.source.key !== keysOf(experiment).source) throw new LabError('config', 'There is no posterior to draw from; run the source first.');
  return memory.source.value.posterior;
}

/** The prior of the arm shift-trajectory, where it was learned for these settings. */
function shiftOf(experiment: Experiment): Gaussian | null {
  const { downstream } = experiment.memory;
  return downstream?.key === keysOf(experiment).downstream ? downstream.value.shift : null;
}

/** Priors at λ = 1. */
export function priorsOf(experiment: Experiment): { family: Family; gaussian: Gaussian }[] {
  const posterior = learnedPosterior(experiment);
  const shift = shiftOf(experiment);
  const { entries } = parameterTable(posterior.architecture);
  return FAMILIES.filter((family) => family !== 'shift-trajectory' || shift !== null).map((family) => ({ family, gaussian: build(family, posterior.gaussian, entries, experiment.config['prior.covers'], shift) }));
}

/** What is answered, and by which heads. */
export interface Reading {
  reads: Reads;
  architecture: Architecture;
  data: DataRef;
  dataset: Dataset;
  rows: Uint32Array;
  labels: Uint16Array;
  headStrength: number | null;
  /** h [H] of draw i. */
  head(i: number): Float32Array;
}

/** Throws LabError('config') when an imported prior has no source images, or no head for them. */
export async function readingOf(experiment: Experiment, reads: Reads): Promise<Reading> {
  const { config, imported } = experiment;
  const posterior = learnedPosterior(experiment);
  const keys = keysOf(experiment);
  const labelled = (dataset: Dataset, rows: Uint32Array) => ({ dataset, rows, labels: Uint16Array.from(rows, (row) => dataset.labels[row]!) });
  if (reads === 'source') {
    const { head } = posterior;
    if (imported || !head) throw new LabError('config', 'An imported prior comes without the source’s images; look at the downstream images, or learn the prior here.');
    const { task, data } = await sourceData(experiment, keys.sourceData);
    return { reads, architecture: posterior.architecture, data, ...labelled(task.dataset, task.test.subarray(0, IMAGES)), headStrength: null, head: () => head };
  }
  const { task, data } = await downstreamData(experiment, posterior, keys.downstreamData);
  const architecture = downstreamArchitecture(posterior.architecture, task.dataset);
  if (architecture.decoder) throw new LabError('config', 'What the priors believe is asked of whole images, and the downstream data have a class at every pixel; look at the source images.');
  const size = parameterTable(architecture).head;
  const headStrength = config['grid.headStrengths'].find((strength) => strength > 0) ?? 1;
  return {
    reads, architecture, data, ...labelled(task.dataset, task.splits[0]!.test.subarray(0, IMAGES)), headStrength,
    head: (i) => {
      const stream = new Stream(config.seed, 'draw', i, HEADS);
      return Float32Array.from({ length: size }, () => stream.normal() / Math.sqrt(headStrength));
    },
  };
}

/** theta [D + H] of the first `count` draws of a prior at λ = `scale`; weights that it does not cover are held at the posterior mean. */
export function drawNetworks(reading: Reading, gaussian: Gaussian, scale: number, config: Config, count: number): Float32Array[] {
  const covered = coveredBy(config['prior.covers'], parameterTable(reading.architecture).entries);
  const d = gaussian.mean.length;
  const prepared = prepare({ gaussian: covered ? marginal(gaussian, covered) : gaussian, scale, floor: config['prior.floor'] });
  return Array.from({ length: count }, (_, i) => {
    const drawn = prepared.draw(new Stream(config.seed, 'draw', i, WEIGHTS));
    return joined(covered ? putWithin(drawn, covered, gaussian.mean, d) : drawn, reading.head(i));
  });
}

/** What `draws` networks of each prior say of the reading's images. */
export async function* believe(experiment: Experiment, reading: Reading, scale: number, draws: number, pace: Pace): AsyncGenerator<LabEvent, { belief: Belief; beliefs: Beliefs }[]> {
  const { engine, config } = experiment;
  const { architecture, data, rows, labels } = reading;
  const found: { belief: Belief; beliefs: Beliefs }[] = [];
  for (const { family, gaussian } of priorsOf(experiment)) {
    const thetas = drawNetworks(reading, gaussian, scale, config, draws);
    const { logits } = yield* inPieces(pace, draws, rows.length, engine.info.workers, (from, to) => engine.evaluate({
      architecture, data, indices: rows, points: { kind: 'list', thetas: thetas.slice(from, to) }, logits: true,
    }));
    const beliefs = beliefsOf(logits!, labels, architecture.classes);
    const { draws: sound, accuracy, drawEntropy, entropy, agreement } = beliefs;
    found.push({ belief: { family, scale, draws: sound, accuracy, drawEntropy, entropy, agreement }, beliefs });
  }
  return found;
}

/** Images passed forward for one λ. */
export function costOf(experiment: Experiment, reading: Reading, draws: number): number {
  return priorsOf(experiment).length * draws * reading.rows.length;
}

/** Every prior at each λ of the ladder. */
export async function* believeLadder(experiment: Experiment, reading: Reading, draws: number, pace: Pace): AsyncGenerator<LabEvent, Belief[]> {
  const found: Belief[] = [];
  for (const scale of ladderOf(experiment.config)) {
    for (const { belief } of yield* believe(experiment, reading, scale, draws, pace)) found.push(belief);
  }
  return found;
}

/** For `result.json`: both readings, where they can be had. */
export async function* priorPredictive(experiment: Experiment): AsyncGenerator<LabEvent, PriorPredictive | null> {
  const { config, imported } = experiment;
  const draws = config['predictive.draws'];
  if (draws === 0) return null;
  const scale = openingScale(config);
  const readings: PredictiveReading[] = [];
  for (const reads of READS) {
    if (reads === 'source' && (imported || !learnedPosterior(experiment).head)) continue;
    const reading = await readingOf(experiment, reads);
    const pace = new Pace('verdict', (1 + ladderOf(config).length) * costOf(experiment, reading, draws), 'Asking the priors');
    const table = (yield* believe(experiment, reading, scale, draws, pace)).map(({ belief }) => belief);
    const ladder = yield* believeLadder(experiment, reading, draws, pace);
    const { dataset: { name }, architecture: { classes }, rows, headStrength } = reading;
    readings.push({ reads, dataset: name, classes, images: rows.length, headStrength, table, ladder, sentence: beliefSentence(reads, table, { classes, images: rows.length, thing: onToy(config) ? 'points' : 'images' }) });
  }
  return { draws, readings };
}
