/**
 * Self-supervised source training: which objective the settings ask for, the network it trains, and the linear probe that stands in for the head it
 * has not: heads fitted to the source's labels on the frozen features of the mean, so that whatever asks the source's head can be asked.
 */
import { LabError } from '../../core/errors.ts';
import { Stream } from '../../core/philox.ts';
import type { DataRef, Engine, Objective } from '../../engine/contract.ts';
import { mapChain } from '../../inference/map.ts';
import type { Architecture } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { projectionOf } from '../../model/projection.ts';
import type { Config } from '../config/config.ts';
import type { LabEvent } from '../events.ts';
import type { Pace } from '../pace.ts';
import type { SourceTask } from '../tasks.ts';

/** null: labels. The source's augmentation is the affine part of the views. */
export function pretextOf(config: Config, { augmentation: affine }: Pick<SourceTask, 'augmentation'>): Objective | null {
  const views = {
    affine, crop: config['source.crop'], flip: config['source.flip'] === 'horizontal', jitter: config['source.jitter'],
    blur: config['source.blur'], noise: config['source.noise'], cutout: config['source.cutout'],
  };
  const method = config['source.method'];
  switch (method) {
    case 'supervised': return null;
    case 'simclr': return { kind: 'nt-xent', temperature: config['source.temperature'], views };
    case 'vicreg': return { kind: 'vicreg', variance: config['source.varianceWeight'], covariance: config['source.covarianceWeight'], views };
    default: return method satisfies never;
  }
}

/** What is trained for a classifier's extractor. */
export function trainedNetwork(architecture: Architecture, config: Config): Architecture {
  return config['source.method'] === 'supervised' ? architecture : projectionOf(architecture, config['source.projection']);
}

/** Features differ in scale from network to network: each rate is tried, and the head with the lowest training NLL kept. */
const RATES = [0.03, 0.3, 3];
const STEPS = 600;
const PIECE = 100;
const BATCH = 256;
const MOST_ROWS = 10_000;
/** A step of a head, as a share of a row's forward pass. */
const STEP_COST = 0.02;

export interface ProbeInput {
  engine: Engine;
  architecture: Architecture;
  task: SourceTask;
  data: DataRef;
  config: Config;
}

/** Rows that a forward pass would take as long for; `means` 0: no probe. */
export function probeCost({ task: { train } }: Pick<ProbeInput, 'task'>, means: number): number {
  return means * (Math.min(MOST_ROWS, train.length) + Math.ceil(RATES.length * STEPS * Math.min(BATCH, train.length) * STEP_COST));
}

/** Heads h [H] of linear probes on the extractors of `starts`, each [D + H], from their heads on, with weight decay as the source has it. Throws LabError('divergence') where none is finite. */
export async function* probeHeads(input: ProbeInput, starts: Float32Array[], pace: Pace): AsyncGenerator<LabEvent, Float32Array[]> {
  const { engine, architecture, task, data, config } = input;
  const { extractor } = parameterTable(architecture);
  const rows = task.train.length > MOST_ROWS ? new Stream(config.seed, 'subset').shuffle(task.train.slice()).slice(0, MOST_ROWS) : task.train;
  const features = starts.length * rows.length;
  const stepCost = (probeCost(input, starts.length) - features) / STEPS;
  const population = await pace.work(features, () => engine.populate({
    architecture, data, batch: BATCH, augmentation: null, momentum: 0.9, clip: config['inference.clip'], priors: [],
    starts,
    chains: starts.flatMap((_, m) => RATES.map((learningRate) => mapChain({
      start: m, seed: config.seed, indices: rows, frozen: true, prior: null, headStrength: rows.length * config['source.weightDecay'], learningRate, steps: STEPS,
    }))),
  }));
  try {
    let nll: number[] = [];
    for (let step = 0; step < STEPS; step += PIECE) {
      const progress = await pace.work(PIECE * stepCost, () => population.advance(PIECE));
      nll = Array.from(progress.nll, (value, chain) => (progress.divergedAt[chain]! >= 0 || !Number.isFinite(value) ? Infinity : value));
      yield pace.progress('Fitting a linear probe to the learned features');
    }
    const best = starts.map((_, m) => {
      const own = RATES.map((_, r) => m * RATES.length + r);
      return own.reduce((a, b) => (nll[b]! < nll[a]! ? b : a));
    });
    if (best.some((chain) => nll[chain] === Infinity)) {
      throw new LabError('divergence', 'No linear probe on the learned features has a finite loss; lower the source learning rate or the SWA rate.');
    }
    return (await population.parameters(best)).map((theta) => theta.slice(extractor));
  } finally {
    await population.dispose();
  }
}
