/**
 * One λ a layer: from every arm's tuned solution on, either a coordinate search by validation NLL (each layer in turn at 0.1, 1 and
 * 10 times its scale; all candidates of a layer are one population) or the evidence's fixed point (inference/layer-scales.ts), refitting
 * between updates. Every arm and seed gets the same number of extra runs, which see the rows, batches and head start of the tuned run.
 */
import type { Gaussian } from '../../core/gaussian.ts';
import { marginalVariances } from '../../core/marginals.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine, PopulationSpec } from '../../engine/contract.ts';
import { stationaryFactors } from '../../inference/layer-scales.ts';
import { mapChain } from '../../inference/map.ts';
import { type Metrics, NO_METRICS } from '../../measure/metrics.ts';
import { parameterTable } from '../../model/build.ts';
import { headStart } from '../../model/initialise.ts';
import { coveredBy } from '../../prior/coverage.ts';
import { build } from '../../prior/families.ts';
import { type LayerGroup, layerGroups, scaledLayers } from '../../prior/layers.ts';
import type { PlanInput } from '../comparison/arms.ts';
import type { ComparisonOutcome } from '../comparison/comparison.ts';
import { metricsAt, needsLogits } from '../comparison/measured.ts';
import { costOfRow, curvatureAt, MOST_ROWS } from '../inference/curvature-rows.ts';
import type { LabEvent } from '../events.ts';
import { inPieces, Pace, TRAINING_COST, trainInPieces } from '../pace.ts';
import type { ArmResult } from '../result.ts';
import { CANDIDATES, extraRunsOf, REFITS, SCALED_FAMILIES, type ScaledFamily, type Scaling, type ScalingMethod, scalingOf, type ScalingRun } from './scaling-result.ts';
import { joined } from '../source/source.ts';

export interface ScalingInput extends PlanInput {
  engine: Engine;
  /** What `data` holds. */
  dataset: Dataset;
  outcome: Pick<ComparisonOutcome, 'arms' | 'solutions'>;
}

/** Numbers of priors held at once, factors padded to the largest rank: 64 MB. */
const MOST_NUMBERS = 2 ** 24;

/** One arm and seed on its way. */
interface Track {
  result: ArmResult & { arm: ScaledFamily; scale: number };
  /** Index into `seeds`. */
  seed: number;
  /** The prior of the arm at λ = 1 and factors of 1. */
  gaussian: Gaussian;
  factors: number[];
  theta: Float32Array;
  validation: Metrics;
  /** null: to be measured, of a solution that is not the single λ's own. */
  test: Metrics | null;
  diverged: number;
}

/** A run under other factors. */
interface Trial {
  track: Track;
  factors: number[];
}

interface Tried extends Trial {
  validation: Metrics;
  diverged: boolean;
  theta: Float32Array;
}

/** Yields progress and, at the end, the scaling; null where no arm has a prior with a learned centre. */
export async function* scaleLayers(input: ScalingInput, method: ScalingMethod): AsyncGenerator<LabEvent, Scaling | null> {
  const tracks = tracksOf(input);
  if (tracks.length === 0) {
    yield { kind: 'scaling', scaling: null };
    return null;
  }
  const groups = scaledGroups(input);
  const extraRuns = extraRunsOf(method, groups.length);
  const desk = new Desk(input, groups, new Pace('verdict', workOf(input, method, tracks.length, extraRuns), 'One λ a layer'));
  yield desk.pace.progress();
  switch (method) {
    case 'validation':
      yield* search(desk, tracks);
      break;
    case 'evidence':
      yield* refit(desk, tracks);
      break;
    default: throw new RangeError(`Unknown scaling ${method satisfies never}.`);
  }
  for (const track of tracks) yield* desk.test(track);
  const scaling = scalingOf(method, groups.map(({ name }) => name), extraRuns, tracks.map(runOf));
  yield { kind: 'scaling', scaling };
  return scaling;
}

function runOf({ result, factors, validation, test, diverged }: Track): ScalingRun {
  const { arm, n, seed, scale, headStrength } = result;
  return { arm, n, seed, scale, headStrength, factors, validation, test: test ?? NO_METRICS, single: { validation: result.validation, test: result.test }, diverged };
}

/** One layer after the other: its best multiple by validation NLL, given what was chosen for those before it. */
async function* search(desk: Desk, tracks: readonly Track[]): AsyncGenerator<LabEvent, void> {
  for (const [l, { name }] of desk.groups.entries()) {
    const trials = tracks.flatMap((track) => CANDIDATES.map((candidate): Trial => ({ track, factors: track.factors.map((a, i) => (i === l ? a * candidate : a)) })));
    const tried = yield* desk.run(trials, `One λ a layer: ${name}, ${l + 1} of ${desk.groups.length}`);
    for (const { track, factors, theta, validation } of tried) {
      if (!(validation.nll < track.validation.nll)) continue;
      Object.assign(track, { factors, theta, validation, test: null });
    }
  }
}

/** Factors by the evidence at the current solution, then a solution under those factors. */
async function* refit(desk: Desk, tracks: readonly Track[]): AsyncGenerator<LabEvent, void> {
  for (let round = 0; round < REFITS; round++) {
    const trials: Trial[] = [];
    for (const track of tracks) trials.push({ track, factors: yield* desk.byEvidence(track) });
    const tried = yield* desk.run(trials, `One λ a layer: refit ${round + 1} of ${REFITS}`);
    for (const { track, factors, theta, validation, diverged } of tried) {
      // A run that was lost leaves the last sound solution to go on from, and no metrics if it was the last.
      Object.assign(track, { factors, validation, test: null, ...(diverged ? {} : { theta }) });
    }
  }
}

/** The layers of what the priors cover. */
function scaledGroups({ architecture, settings }: ScalingInput): LayerGroup[] {
  const { entries } = parameterTable(architecture);
  return layerGroups(coveredBy(settings['prior.covers'], entries) ?? entries);
}

/** Arms with a learned centre whose single λ has a sound solution, seed by seed. */
function tracksOf(input: ScalingInput): Track[] {
  const { architecture, posterior, shift, seeds, settings, outcome } = input;
  const { entries } = parameterTable(architecture);
  const families = SCALED_FAMILIES.filter((family) => settings.arms.includes(family));
  const gaussians = families.map((family) => build(family, posterior, entries, settings['prior.covers'], shift));
  const layers = scaledGroups(input).length;
  return seeds.flatMap((seed, s) => families.flatMap((arm, f): Track[] => {
    const result = outcome.arms.find((one) => one.arm === arm && one.seed === seed);
    const solution = outcome.solutions.find((one) => one.arm === arm && one.seed === seed);
    if (!solution || result?.scale == null) return [];
    const { validation, test } = result;
    return [{ result: { ...result, arm, scale: result.scale }, seed: s, gaussian: gaussians[f]!, factors: Array<number>(layers).fill(1), theta: solution.theta, validation, test, diverged: 0 }];
  }));
}

/** Images passed forward. */
function workOf({ splits, settings, architecture }: ScalingInput, method: ScalingMethod, tracks: number, extraRuns: number): number {
  const { train, validation, test } = splits[0]!;
  const training = settings['inference.steps'] * Math.min(settings['inference.batch'], train.length) * TRAINING_COST;
  const curvature = method === 'evidence' ? REFITS * Math.min(train.length, MOST_ROWS) * costOfRow(architecture.classes) : 0;
  return tracks * (extraRuns * (training + validation.length) + curvature + test.length);
}

/** Trains and measures trials on their own seed's rows. */
class Desk {
  readonly groups: readonly LayerGroup[];
  readonly pace: Pace;
  readonly #input: ScalingInput;

  constructor(input: ScalingInput, groups: readonly LayerGroup[], pace: Pace) {
    this.#input = input;
    this.groups = groups;
    this.pace = pace;
  }

  /** All trials, in one population where their priors fit. */
  async* run(trials: readonly Trial[], label: string): AsyncGenerator<LabEvent, Tried[]> {
    const tried: Tried[] = [];
    for (const part of this.#parts(trials)) tried.push(...yield* this.#train(part, label));
    return tried;
  }

  /** The factors that the evidence asks for where a track stands. */
  async* byEvidence({ result, seed, gaussian, theta }: Track): AsyncGenerator<LabEvent, number[]> {
    const { splits, settings } = this.#input;
    const curvature = yield* curvatureAt(this.#input, theta, splits[seed]!.train, this.pace);
    return stationaryFactors({
      residual: gaussian.mean.map((centre, j) => theta[j]! - centre), curvature, spread: marginalVariances(gaussian).map((s) => result.scale * s), floor: settings['prior.floor'], groups: this.groups,
    });
  }

  /** Measures the solution of a track on test, where that is due. */
  async* test(track: Track): AsyncGenerator<LabEvent, void> {
    if (track.test !== null || !Number.isFinite(track.validation.nll)) return this.pace.drop(this.#input.splits[track.seed]!.test.length);
    const { engine, architecture, data, splits } = this.#input;
    const indices = splits[track.seed]!.test;
    const evaluation = await this.pace.work(indices.length, () => engine.evaluate({ architecture, data, indices, points: { kind: 'list', thetas: [track.theta] }, logits: needsLogits(architecture) }));
    track.test = metricsAt(evaluation, 0, architecture, this.#labels(indices));
    yield this.pace.progress('One λ a layer: measuring the chosen runs');
  }

  async* #train(trials: readonly Trial[], label: string): AsyncGenerator<LabEvent, Tried[]> {
    const { engine, data, splits, settings, architecture } = this.#input;
    const all = trials.map((_, i) => i);
    const population = await engine.populate(this.#populationOf(trials));
    try {
      const cost = trials.length * Math.min(settings['inference.batch'], splits[0]!.train.length) * TRAINING_COST;
      const divergedAt = yield* trainInPieces(this.pace, population, cost, settings['inference.steps'], () => label);
      const rows = splits.map(({ validation }) => validation);
      const evaluation = yield* inPieces(this.pace, trials.length, rows[0]!.length, Math.max(1, engine.info.workers), (from, to) => population.evaluate({
        data, indices: rows, logits: needsLogits(architecture), items: trials.slice(from, to).map(({ track }, i) => ({ chain: from + i, rows: track.seed })),
      }));
      const thetas = await population.parameters(all);
      return trials.map((trial, i): Tried => {
        const diverged = divergedAt[i]! >= 0;
        if (diverged) trial.track.diverged++;
        return { ...trial, diverged, theta: thetas[i]!, validation: diverged ? NO_METRICS : metricsAt(evaluation, i, architecture, this.#labels(rows[trial.track.seed]!)) };
      });
    } finally {
      await population.dispose();
    }
  }

  /** The chain of the tuned run with another prior, for every trial; equal priors are one. */
  #populationOf(trials: readonly Trial[]): PopulationSpec {
    const { architecture, data, seeds, splits, settings, posterior } = this.#input;
    const starts = seeds.map((seed) => joined(posterior.mean, headStart(architecture, seed)));
    const priors: Gaussian[] = [];
    const known = new Map<string, number>();
    const chains = trials.map(({ track: { result, seed, gaussian }, factors }) => {
      const key = `${result.arm} ${factors.join(' ')}`;
      const at = known.get(key) ?? priors.push(scaledLayers(gaussian, this.groups, factors)) - 1;
      known.set(key, at);
      return mapChain({
        start: seed, seed: seeds[seed]!, indices: splits[seed]!.train, frozen: false, prior: { gaussian: at, scale: result.scale, floor: settings['prior.floor'] },
        headStrength: result.headStrength, learningRate: result.learningRate, steps: settings['inference.steps'],
      });
    });
    return {
      architecture, data, batch: settings['inference.batch'], augmentation: null, momentum: settings['inference.momentum'], clip: settings['inference.clip'], starts, priors, chains,
    };
  }

  /** Cut so that no population holds too many priors. */
  #parts(trials: readonly Trial[]): Trial[][] {
    const rank = Math.max(...trials.map(({ track }) => track.gaussian.rank));
    const size = Math.max(1, Math.floor(MOST_NUMBERS / ((rank + 2) * this.#input.posterior.mean.length)));
    return Array.from({ length: Math.ceil(trials.length / size) }, (_, i) => trials.slice(i * size, (i + 1) * size));
  }

  #labels(indices: Uint32Array): Uint16Array {
    return Uint16Array.from(indices, (row) => this.#input.dataset.labels[row]!);
  }
}
