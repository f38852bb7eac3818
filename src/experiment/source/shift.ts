/**
 * Learns the shift-trajectory posterior: from the source mean, K short MAP runs on the source task, each under one
 * corruption of its images, with the source head held; a population of K chains over one data set of corrupted rows.
 * Images are augmented before they are corrupted, as downstream images are, so both are baked into those rows.
 */
import { LabError } from '../../core/errors.ts';
import type { Gaussian } from '../../core/gaussian.ts';
import { marginalVariances } from '../../core/marginals.ts';
import { Stream } from '../../core/philox.ts';
import { mean } from '../../core/statistics.ts';
import { corruptRows, type CorruptionSpec } from '../../data/corrupt.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { DataRef, Engine, PopulationSpec } from '../../engine/contract.ts';
import { mapChain } from '../../inference/map.ts';
import { parameterTable } from '../../model/build.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { shiftPosterior } from '../../posterior/shift-trajectory.ts';
import type { Config } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import { Pace, TRAINING_COST } from '../pace.ts';
import { shiftFamilies, shiftRuns } from './shift-runs.ts';
import { joined } from './source.ts';
import type { SourceTask } from '../tasks.ts';

/** Source images a run learns from, at most: keeps the corrupted set at some ten megabytes. */
const MOST_ROWS = 1000;

export interface ShiftInput {
  engine: Engine;
  /** With its source head. */
  posterior: Posterior;
  task: SourceTask;
  config: Config;
}

interface Run {
  corruption: CorruptionSpec;
  seed: number;
  /** Rows of the source it learns from. */
  rows: Uint32Array;
}

/** Every run has seed, images and batch order of its own. */
function runsOf({ task, config }: ShiftInput): Run[] {
  return shiftRuns(shiftFamilies(config), config['shift.runs']).map((corruption, k) => {
    const seed = (config.seed + 0x9e3779b1 * (k + 1)) >>> 0;
    return { corruption, seed, rows: new Stream(seed, 'subset').shuffle(task.train.slice()).slice(0, MOST_ROWS) };
  });
}

/** Yields progress; returns N(mean, diag(variance) + FᵀF) over w [D]. Throws LabError('divergence') naming the run that blew up. */
export async function* learnShift(input: ShiftInput): AsyncGenerator<LabEvent, Gaussian> {
  const { engine, posterior, task, config } = input;
  const { architecture, gaussian } = posterior;
  const table = parameterTable(architecture);
  const runs = runsOf(input);
  const images = runs.reduce((sum, { rows }) => sum + rows.length, 0);
  const cost = runs.length * Math.min(config['source.batch'], runs[0]!.rows.length) * TRAINING_COST;
  const steps = config['shift.steps'];
  const pace = new Pace('downstream', images + steps * cost, 'Corrupting source images');
  yield pace.progress();
  const dataset = yield* corrupted(task, runs, pace);
  const data = await engine.load(dataset, posterior.normalisation);
  try {
    const population = await engine.populate(populationOf(input, runs, data));
    try {
      for (let step = 0; step < steps;) {
        const piece = pace.piece(cost, steps - step);
        const { divergedAt } = await pace.work(piece * cost, () => population.advance(piece));
        const lost = divergedAt.findIndex((at) => at >= 0);
        if (lost >= 0) {
          const { family, severity } = runs[lost]!.corruption;
          throw new LabError('divergence', `Learning the source again under ${family} ${severity} diverged at step ${divergedAt[lost]! + 1}; lower the rate under corruption.`);
        }
        step += piece;
        yield pace.progress(`Learning the source again under ${runs.length} corruptions, step ${step} of ${steps}`);
      }
      const ends = await population.parameters(runs.map((_, k) => k));
      return shiftPosterior({ origin: gaussian.mean, ends, meanVariance: mean(marginalVariances(gaussian)) }, table.entries);
    } finally {
      await population.dispose();
    }
  } finally {
    await engine.unload(data);
  }
}

function populationOf({ posterior, config }: ShiftInput, runs: readonly Run[], data: DataRef): PopulationSpec {
  const { architecture, gaussian, head } = posterior;
  if (!head) throw new RangeError('The shift-trajectory posterior needs the source head.');
  let row = 0;
  return {
    architecture, data, batch: config['source.batch'], augmentation: null, momentum: config['inference.momentum'], clip: config['inference.clip'],
    starts: [joined(gaussian.mean, head)], priors: [],
    chains: runs.map(({ seed, rows }) => mapChain({
      start: 0, seed, indices: Uint32Array.from(rows, () => row++), frozen: false, frozenHead: true, prior: null, headStrength: 0,
      learningRate: config['shift.learningRate'], steps: config['shift.steps'],
    })),
  };
}

/** Rows of all runs one after the other, as uint8. */
async function* corrupted({ dataset, augmentation }: SourceTask, runs: readonly Run[], pace: Pace): AsyncGenerator<LabEvent, Dataset> {
  const size = dataset.height * dataset.width * dataset.channels;
  const count = runs.reduce((sum, { rows }) => sum + rows.length, 0);
  const images = new Uint8Array(count * size);
  const labels = new Uint16Array(count);
  let at = 0;
  for (const { corruption, seed, rows } of runs) {
    await pace.work(rows.length, async () => corruptRows(dataset, rows, corruption, { seed, augmentation }, images, at * size));
    for (const row of rows) labels[at++] = dataset.labels[row]!;
    yield pace.progress();
  }
  return { ...dataset, name: `${dataset.name} + corruptions`, images, labels, count, sha256: '' };
}
