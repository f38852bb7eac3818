/**
 * The downstream driver: trains the whole population, shows the race at fixed steps, then chooses by validation NLL and
 * measures the chosen runs on test. It is handed data and a posterior, not a config, so that planted truths go through
 * the very same code. How the work is cut into pieces depends on the machine's speed; no result does.
 */
import { LabError } from '../../core/errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Engine, Population } from '../../engine/contract.ts';
import { type Metrics, NO_METRICS } from '../../measure/metrics.ts';
import type { Arm } from '../../prior/prior.ts';
import { type Entry, planComparison, type PlanInput } from './arms.ts';
import { type ComparisonState, type Course, isKeepable, UNKEPT } from '../checkpoint.ts';
import { armResult, chooseRun, compareArms, summariseArms } from './choose.ts';
import { metricsAt, needsLogits } from './measured.ts';
import type { LabEvent } from '../events.ts';
import { inPieces, Pace, TRAINING_COST, trainInPieces } from '../pace.ts';
import type { ArmResult, ArmSummary, Comparison, RacePoint, Run } from '../result.ts';
import { type Segmentation, segmentationOf } from '../segmentation/segmentation-result.ts';

export interface ComparisonInput extends PlanInput {
  engine: Engine;
  /** What `data` holds. */
  dataset: Dataset;
  /** Where training stood when it was cut off, and to keep where it stands. */
  course?: Course<ComparisonState>;
}

export interface ComparisonOutcome {
  runs: Run[];
  arms: ArmResult[];
  summaries: ArmSummary[];
  comparisons: Comparison[];
  race: RacePoint[];
  /** By class, where every pixel has one; null where images have one label. */
  segmentation: Segmentation | null;
  /** Parameters of the chosen runs, for the loss surface. `seed` is the seed itself. */
  solutions: { arm: Arm; seed: number; theta: Float32Array }[];
}

/** Race points after the start. */
const RACE_POINTS = 10;
/** The race is shown on at most this many rows; choosing uses all. */
const RACE_ROWS = 256;

/** Steps at which the race is measured, 0 and the last included. */
export function raceSteps(steps: number): number[] {
  return [...new Set(Array.from({ length: RACE_POINTS + 1 }, (_, i) => Math.round((i * steps) / RACE_POINTS)))];
}

/** Yields progress, race points and, at the end, the arms. Throws LabError('divergence') when no run of any arm survived. */
export async function* compare(input: ComparisonInput): AsyncGenerator<LabEvent, ComparisonOutcome> {
  const { engine, splits, settings } = input;
  const { spec, entries } = planComparison(input);
  const cost = stepCost(settings['inference.batch'], splits[0]!.train.length, entries);
  const groups = groupsOf(entries);
  const stops = raceSteps(settings['inference.steps']);
  const { from, keep } = isKeepable(entries.length, spec.starts[0]?.length ?? 0) ? (input.course ?? UNKEPT) : UNKEPT;
  const population = await engine.populate(spec, from?.population);
  const pace = new Pace('downstream', workOf(input, entries, groups.length, stops.length), labelOf(population));
  const measure = new Measure(input, entries, pace);
  try {
    yield pace.progress();
    const race: RacePoint[] = from ? [...from.race] : [];
    for (const point of race) yield { kind: 'race', point, steps: settings['inference.steps'] };
    pace.skip((from?.population.step ?? 0) * cost);
    let divergedAt: Int32Array = from?.population.divergedAt ?? new Int32Array(entries.length).fill(-1);
    let step = from?.population.step ?? 0;
    for (let s = race.length; s < stops.length; s++) {
      if (stops[s]! > step) {
        const begun = step;
        divergedAt = yield* trainInPieces(
          pace, population, cost, stops[s]! - begun, (done) => `${labelOf(population)}, step ${begun + done} of ${settings['inference.steps']}`,
          () => keep(async () => ({ population: await population.save(), race: [...race] })),
        );
        step = stops[s]!;
      }
      // At the start the cells of an arm are still the same point: one of them speaks for all.
      const nll = s === 0
        ? spread(groups, yield* measure.nll(population, groups.map((group) => group[0]!), 'validation', RACE_ROWS), entries.length)
        : yield* measure.nll(population, entries.map((_, i) => i), 'validation', RACE_ROWS);
      const point = yield* racePoint(measure, population, groups, nll.map((value, i) => (divergedAt[i]! >= 0 ? NaN : value)), stops[s]!);
      race.push(point);
      yield { kind: 'race', point, steps: settings['inference.steps'] };
    }
    pace.label = 'Choosing by validation NLL';
    const { metrics: validation } = yield* measure.metrics(population, entries.map((_, i) => i), 'validation');
    const runs = entries.map(({ cell, seed }, i): Run => ({
      arm: cell.arm, n: splits[seed]!.train.length, seed: input.seeds[seed]!, scale: cell.scale, headStrength: cell.headStrength, learningRate: cell.learningRate,
      validation: divergedAt[i]! >= 0 ? NO_METRICS : validation[i]!, chosen: false, divergedAt: divergedAt[i]! >= 0 ? divergedAt[i]! : null,
    }));
    const chosen = groups.map((group) => chooseRun(runs, group));
    const sound = chosen.filter((i) => i >= 0);
    if (sound.length === 0) {
      throw new LabError('divergence', 'Every downstream run diverged; lower the learning rates or the gradient clip.');
    }
    for (const i of sound) runs[i]!.chosen = true;
    pace.label = 'Measuring the chosen runs';
    const { metrics: onTrain } = yield* measure.metrics(population, sound, 'train');
    const { metrics: onTest, confusions } = yield* measure.metrics(population, sound, 'test');
    const thetas = await population.parameters(sound);
    const arms = groups.map((group, g) => {
      const i = chosen[g]!;
      const at = sound.indexOf(i);
      return armResult(group.map((j) => runs[j]!), i < 0 ? null : { run: runs[i]!, atEdge: entries[i]!.cell.edge, train: onTrain[at]!, test: onTest[at]! });
    });
    const solutions = sound.map((i, at) => ({ arm: runs[i]!.arm, seed: runs[i]!.seed, theta: thetas[at]! }));
    const outcome = { runs, arms, summaries: summariseArms(arms), comparisons: compareArms(arms), race, segmentation: confusions && segmentationOf(solutions, confusions, input.dataset), solutions };
    yield { kind: 'arms', arms, summaries: outcome.summaries, comparisons: outcome.comparisons, segmentation: outcome.segmentation };
    return outcome;
  } finally {
    await population.dispose();
  }
}

/** Chains of one arm and seed: [arms × seeds][cells], arm by arm. */
function groupsOf(entries: readonly Entry[]): number[][] {
  const groups = new Map<string, number[]>();
  entries.forEach(({ cell, seed }, i) => {
    const key = `${cell.arm} ${seed}`;
    const group = groups.get(key);
    if (group) group.push(i);
    else groups.set(key, [i]);
  });
  const arms = [...new Set(entries.map(({ cell }) => cell.arm))];
  const seeds = [...new Set(entries.map(({ seed }) => seed))];
  return arms.flatMap((arm) => seeds.map((seed) => groups.get(`${arm} ${seed}`)!));
}

/** All work of a comparison, in images passed forward. */
function workOf({ splits, settings }: ComparisonInput, entries: readonly Entry[], chosen: number, stops: number): number {
  const { train, validation, test } = splits[0]!;
  const training = stepCost(settings['inference.batch'], splits[0]!.train.length, entries) * settings['inference.steps'];
  const racing = chosen * Math.min(RACE_ROWS, validation.length) + (stops - 1) * entries.length * Math.min(RACE_ROWS, validation.length)
    + stops * chosen * Math.min(RACE_ROWS, train.length);
  return training + racing + entries.length * validation.length + chosen * (train.length + test.length);
}

/** One step of every chain; a frozen extractor's features are read, not computed. */
function stepCost(batch: number, n: number, entries: readonly Entry[]): number {
  const moving = entries.filter(({ cell }) => cell.arm !== 'probe').length;
  return (moving + 0.02 * (entries.length - moving)) * Math.min(batch, n) * TRAINING_COST;
}

function labelOf({ chains, waves }: Population): string {
  return `Training ${chains} runs${waves > 1 ? ` (about ${Math.ceil(chains / waves)} fit the GPU at once)` : ''}`;
}

/** One value a group → one a chain. */
function spread(groups: number[][], values: Float64Array, chains: number): Float64Array {
  const out = new Float64Array(chains);
  groups.forEach((group, g) => group.forEach((i) => (out[i] = values[g]!)));
  return out;
}

/** For each arm and seed the cell that is best so far: its validation NLL and its training NLL. `nll` [chains], NaN where diverged. */
async function* racePoint(measure: Measure, population: Population, groups: number[][], nll: Float64Array, step: number): AsyncGenerator<LabEvent, RacePoint> {
  const best = groups.map((group) => group.reduce((low, i) => (Number.isFinite(nll[i]!) && (low < 0 || nll[i]! < nll[low]!) ? i : low), -1));
  const leaders = best.filter((i) => i >= 0);
  const onTrain = yield* measure.nll(population, leaders, 'train', RACE_ROWS);
  const arms: RacePoint['arms'] = [];
  groups.forEach((group, g) => {
    const i = best[g]!;
    const { arm } = measure.entries[group[0]!]!.cell;
    let row = arms.at(-1);
    if (row?.arm !== arm) arms.push((row = { arm, validationNll: [], trainNll: [] }));
    row.validationNll.push(i < 0 ? NaN : nll[i]!);
    row.trainNll.push(i < 0 ? NaN : onTrain[leaders.indexOf(i)]!);
  });
  return { step, arms };
}

/** Evaluates chains on their own seed's rows, in pieces. */
class Measure {
  readonly entries: readonly Entry[];
  readonly #input: ComparisonInput;
  readonly #pace: Pace;

  constructor(input: ComparisonInput, entries: readonly Entry[], pace: Pace) {
    this.#input = input;
    this.entries = entries;
    this.#pace = pace;
  }

  /** Mean NLL of each named chain on the first rows of a part; NaN where not finite. */
  async* nll(population: Population, chains: number[], part: 'train' | 'validation' | 'test', most: number): AsyncGenerator<LabEvent, Float64Array> {
    const rows = this.#input.splits.map((split) => split[part].subarray(0, most));
    const { nll, finite } = yield* this.#evaluate(population, chains, rows, false);
    return nll.map((value, i) => (finite[i] === 1 ? value : NaN));
  }

  /** `confusions`: of segmentation, a matrix a chain; else null. */
  async* metrics(population: Population, chains: number[], part: 'train' | 'validation' | 'test'): AsyncGenerator<LabEvent, { metrics: Metrics[]; confusions: Float64Array[] | null }> {
    const { dataset, architecture } = this.#input;
    const rows = this.#input.splits.map((split) => split[part]);
    const labels = rows.map((list) => Uint16Array.from(list, (row) => dataset.labels[row]!));
    const evaluation = yield* this.#evaluate(population, chains, rows, needsLogits(architecture));
    return {
      metrics: chains.map((chain, i) => metricsAt(evaluation, i, architecture, labels[this.entries[chain]!.seed]!)),
      confusions: evaluation.pixels?.map(({ confusion }) => confusion) ?? null,
    };
  }

  #evaluate(population: Population, chains: number[], indices: Uint32Array[], logits: boolean) {
    const units = indices[0]!.length;
    const least = Math.max(1, this.#input.engine.info.workers);
    return inPieces(this.#pace, chains.length, units, least, (from, to) => population.evaluate({
      data: this.#input.data, indices, logits,
      items: chains.slice(from, to).map((chain) => ({ chain, rows: this.entries[chain]!.seed })),
    }));
  }
}
