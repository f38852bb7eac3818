/**
 * Averages over draws of a Gaussian around each tuned solution: SWAG continued from it at a constant rate (Maddox et al. 2019), Laplace over all
 * weights, or Laplace over the head with its whole covariance. At temperature T the draws are of T times the covariance. With each solution goes
 * Laplace's evidence of the prior it was tuned under, whichever method draws.
 */
import { LabError } from '../../core/errors.ts';
import type { Gaussian, ScaledGaussian } from '../../core/gaussian.ts';
import { prepare } from '../../core/lowrank.ts';
import { Stream } from '../../core/philox.ts';
import type { PopulationSpec } from '../../engine/contract.ts';
import { laplaceEvidence } from '../../inference/evidence.ts';
import { HeadPosterior, laplacePosterior, type Mode } from '../../inference/laplace.ts';
import { parameterTable } from '../../model/build.ts';
import { SwagAccumulator } from '../../posterior/swag.ts';
import { type Covered, coveredBy, marginal, putWithin, within } from '../../prior/coverage.ts';
import { build } from '../../prior/families.ts';
import { isFamily } from '../../prior/prior.ts';
import { costOfRow, curvatureAt, curvatureRows, MOST_ROWS } from './curvature-rows.ts';
import type { LabEvent } from '../events.ts';
import type { ArmEvidence } from './inference-result.ts';
import { type Member, memberSeed, tuned } from './members.ts';
import type { GaussianMethod } from './methods.ts';
import { KEPT, thinned } from '../robustness/networks.ts';
import { TRAINING_COST } from '../pace.ts';
import type { Drawn } from './predictions.ts';
import type { Reader, ReaderInput } from './reader.ts';
import { ARM_WORDS } from '../sentences.ts';
import { joined } from '../source/source.ts';

/** Draws that are made before they are read. */
const TOGETHER = 16;
/** Deviations that SWAG keeps of a solution. */
const RANK = 10;
/** Moments and deviations that are held at once while snapshots are collected, bytes. */
const MOST_BYTES = 512 * 2 ** 20;

interface Solution {
  result: Member['result'];
  /** Index into the seeds. */
  seed: number;
  theta: Float32Array;
  prior: ScaledGaussian;
}

export interface Explored {
  drawn: Drawn[];
  evidence: ArmEvidence[];
  /** One sentence each. */
  warnings: string[];
}

/** The solutions of arms with a proper prior, with that prior. */
function solutionsOf(input: ReaderInput): Solution[] {
  const { architecture, posterior, shift, seeds, settings, outcome } = input;
  const { entries } = parameterTable(architecture);
  const priors = new Map(settings.arms.filter(isFamily).map((family) => [family, build(family, posterior, entries, settings['prior.covers'], shift)]));
  return tuned({ ...input, arms: outcome.arms }).flatMap(({ result, seed }) => {
    const solution = outcome.solutions.find((one) => one.arm === result.arm && one.seed === seeds[seed]);
    return solution ? [{ result, seed, theta: solution.theta, prior: { gaussian: priors.get(result.arm)!, scale: result.scale, floor: settings['prior.floor'] } }] : [];
  });
}

/** Work of `explore` in images passed forward. `method` null: evidence alone. */
export function exploringWork({ architecture, splits, settings, outcome }: ReaderInput, method: GaussianMethod | null): number {
  const { train, validation, test } = splits[0]!;
  const solutions = outcome.solutions.filter(({ arm }) => isFamily(arm)).length;
  const reading = settings['sampling.temperatures'].length * settings['sampling.samples'] * (validation.length + test.length);
  const walking = method === 'swag' ? settings['sampling.steps'] * Math.min(settings['inference.batch'], train.length) * TRAINING_COST : 0;
  const curvature = architecture.decoder ? 0 : Math.min(train.length, MOST_ROWS) * costOfRow(architecture.classes);
  return solutions * (curvature + (method ? reading + walking : 0));
}

/** Evidence of every tuned prior and, for a Gaussian method, averages over its draws. */
export async function* explore(reader: Reader, method: GaussianMethod | null): AsyncGenerator<LabEvent, Explored> {
  const found: Explored = { drawn: [], evidence: [], warnings: [] };
  const solutions = solutionsOf(reader.input);
  // Of segmentation no engine gives squared gradients, so there is no evidence either.
  const curved = reader.input.architecture.decoder ? [] : solutions;
  for (const [i, solution] of curved.entries()) {
    reader.pace.label = `Measuring the curvature, ${i + 1} of ${solutions.length} solutions`;
    const mode = yield* modeOf(reader, solution);
    try {
      found.evidence.push(evidenceOf(reader.input, solution, mode));
    } catch (error) {
      warn(found, error);
    }
    try {
      if (method === 'laplace') found.drawn.push(...yield* average(reader, solution, i, laplaceDraws(reader.input, solution, mode)));
      if (method === 'laplace-last-layer') found.drawn.push(...yield* average(reader, solution, i, await headDraws(reader, solution)));
    } catch (error) {
      warn(found, error);
    }
  }
  if (method === 'swag') yield* walk(reader, solutions, found);
  return found;
}

/** A prior that is not proper for one arm (κ = 0) is no reason to lose the others, nor is an evidence that is not there one to lose the draws. */
function warn({ warnings }: Explored, error: unknown): void {
  if (!(error instanceof LabError && error.kind === 'config')) throw error;
  if (!warnings.includes(error.message)) warnings.push(error.message);
}

/** A tuned solution with the curvature of its likelihood, measured in pieces; of what the priors cover and the head: the rest has no prior to be integrated over. */
async function* modeOf({ input, pace }: Reader, { result, seed, theta, prior }: Solution): AsyncGenerator<LabEvent, Mode> {
  const curvature = yield* curvatureAt(input, theta, input.splits[seed]!.train, pace);
  const covered = coveredOf(input);
  const d = prior.gaussian.mean.length;
  const { headStrength } = result;
  if (!covered) return { theta, curvature, prior, headStrength };
  return { theta: within(theta, covered, d), curvature: within(curvature, covered, d), prior: { ...prior, gaussian: marginal(prior.gaussian, covered) }, headStrength };
}

function coveredOf({ architecture, settings }: ReaderInput): Covered {
  return coveredBy(settings['prior.covers'], parameterTable(architecture).entries);
}

/** Weights without a prior stay at the solution. */
function laplaceDraws(input: ReaderInput, { theta, prior }: Solution, mode: Mode): Draws {
  const draws = drawsOf(laplacePosterior(mode));
  const covered = coveredOf(input);
  if (!covered) return draws;
  return (temperature) => {
    const draw = draws(temperature);
    return (stream) => putWithin(draw(stream), covered, theta, prior.gaussian.mean.length);
  };
}

function evidenceOf({ seeds, splits }: ReaderInput, { result, seed }: Solution, mode: Mode): ArmEvidence {
  const n = splits[seed]!.train.length;
  return { arm: result.arm, seed: seeds[seed]!, n, scale: result.scale, headStrength: result.headStrength, ...laplaceEvidence(mode, -n * result.train.nll) };
}

/** theta [D + H] at temperature T, from a stream of its own. */
type Draws = (temperature: number) => (stream: Stream) => Float32Array;

function drawsOf(gaussian: Gaussian): Draws {
  return (temperature) => {
    if (temperature === 0) return () => gaussian.mean;
    const prepared = prepare({ gaussian, scale: temperature, floor: 0 });
    return (stream) => prepared.draw(stream);
  };
}

async function headDraws({ input }: Reader, { result, seed, theta, prior }: Solution): Promise<Draws> {
  const { engine, architecture, data, splits } = input;
  const d = prior.gaussian.mean.length;
  const { rows, weight } = curvatureRows(splits[seed]!.train);
  const [features] = await engine.features({ architecture, data, indices: rows, thetas: [theta] });
  const posterior = new HeadPosterior({ features: features!, head: theta.slice(d), classes: architecture.classes, headStrength: result.headStrength, weight });
  return (temperature) => (stream) => joined(theta.subarray(0, d), posterior.draw(stream, temperature));
}

/** An average a temperature; `place` tells the noise of one solution from that of another. */
async function* average(reader: Reader, { result, seed }: Solution, place: number, draws: Draws): AsyncGenerator<LabEvent, Drawn[]> {
  const { pace, networks, input: { settings, seeds } } = reader;
  const count = settings['sampling.samples'];
  const kept = new Set(thinned(count, KEPT));
  const out: Drawn[] = [];
  for (const [t, temperature] of settings['sampling.temperatures'].entries()) {
    pace.label = `Drawing networks around the solutions, T = ${temperature}`;
    const drawn = reader.drawn(result.arm, seed, { kind: 'average', temperature });
    const draw = draws(temperature);
    for (let from = 0; from < count; from += TOGETHER) {
      const thetas = Array.from({ length: Math.min(TOGETHER, count - from) }, (_, i) => draw(new Stream(memberSeed(seeds[seed]!, place), 'draw', from + i, t)));
      networks?.push(...thetas.filter((_, i) => kept.has(from + i)).map((theta) => ({ arm: result.arm, seed, predictor: drawn.predictor, theta })));
      yield* reader.add(thetas, seed, drawn);
    }
    out.push(drawn);
  }
  return out;
}

/** SWAG from every solution, some at a time. */
async function* walk(reader: Reader, solutions: readonly Solution[], found: Explored): AsyncGenerator<LabEvent, void> {
  const { settings, architecture } = reader.input;
  const capacity = Math.min(RANK, settings['sampling.snapshots']);
  const together = Math.max(1, Math.floor(MOST_BYTES / (parameterTable(architecture).total * (16 + 4 * capacity))));
  const lost = new Set<string>();
  for (let from = 0; from < solutions.length; from += together) {
    const some = solutions.slice(from, from + together);
    const posteriors = yield* snapshots(reader, some, capacity);
    for (const [i, solution] of some.entries()) {
      const posterior = posteriors[i];
      if (posterior) found.drawn.push(...yield* average(reader, solution, from + i, drawsOf(posterior)));
      else lost.add(ARM_WORDS[solution.result.arm]);
    }
  }
  if (lost.size > 0) found.warnings.push(`SWAG diverged for ${[...lost].join(', ')}: lower the SWAG rate.`);
}

/** The chains of SWAG: each goes on from its solution with the prior, λ and κ that were tuned, at a constant share of the tuned peak rate. */
export function swagPopulation({ architecture, data, seeds, splits, settings }: ReaderInput, solutions: readonly Solution[]): PopulationSpec {
  const priors = [...new Set(solutions.map(({ prior }) => prior.gaussian))];
  return {
    architecture, data, batch: settings['inference.batch'], augmentation: null, momentum: settings['inference.momentum'], clip: settings['inference.clip'],
    starts: solutions.map(({ theta }) => theta), priors,
    chains: solutions.map(({ result, seed, prior }, i) => {
      const rate = settings['sampling.swagRate'] * result.learningRate;
      return {
        start: i, seed: memberSeed(seeds[seed]!, 0), indices: splits[seed]!.train, schedule: { start: rate, end: rate, steps: settings['sampling.steps'] }, frozen: false,
        prior: { gaussian: priors.indexOf(prior.gaussian), scale: prior.scale, floor: prior.floor }, headStrength: result.headStrength, sampler: null,
      };
    }),
  };
}

/** Of each solution the SWAG posterior over all of theta; null where the chain diverged. */
async function* snapshots(reader: Reader, solutions: readonly Solution[], capacity: number): AsyncGenerator<LabEvent, (Gaussian | null)[]> {
  const { engine, settings, architecture } = reader.input;
  const { 'sampling.steps': steps, 'sampling.snapshots': count } = settings;
  const spec = swagPopulation(reader.input, solutions);
  const swag = solutions.map(() => new SwagAccumulator(parameterTable(architecture).total, capacity));
  const all = solutions.map((_, i) => i);
  const population = await engine.populate(spec);
  try {
    let divergedAt: Int32Array = new Int32Array(solutions.length).fill(-1);
    for (let k = 0, at = 0; k < count; k++) {
      const stop = Math.round(((k + 1) * steps) / count);
      divergedAt = yield* reader.advance(population, spec.batch, stop - at, `Collecting snapshots around the solutions (${k} of ${count})`);
      at = stop;
      const thetas = await population.parameters(all);
      thetas.forEach((theta, i) => {
        if (divergedAt[i]! < 0) swag[i]!.add(theta);
      });
    }
    return swag.map((one, i) => (divergedAt[i]! < 0 ? one.finish() : null));
  } finally {
    await population.dispose();
  }
}
