/**
 * A study: the comparison at each value of one setting, as a generator of events over cells (value × seed). Finished cells are kept and not computed
 * again, so it may be stopped and started anywhere. It has a memory of its own and leaves the last run's as it is.
 */
import { LabError } from '../../core/errors.ts';
import { NO_METRICS } from '../../measure/metrics.ts';
import { configFor } from './resolve.ts';
import type { Config } from '../config/config.ts';
import { type SettingKey, SETTINGS } from '../config/settings.ts';
import { compare } from '../comparison/comparison.ts';
import { halve } from '../comparison/halving.ts';
import { cellsOf } from '../comparison/arms.ts';
import type { LabEvent } from '../events.ts';
import { infer } from '../inference/inference.ts';
import { belongTo, createMemory } from '../memory.ts';
import type { ArmResult } from '../result.ts';
import { type Experiment, learnShiftPrior, learnSource } from '../runner.ts';
import { keysOf } from '../keys.ts';
import { checkFit, downstreamArchitecture, downstreamTask } from '../tasks.ts';
import { axisOf, measuresAverages } from './axis.ts';
import { type CellKeep, cellKey, type CellRecord, decodeCell, encodeCell } from './cell.ts';
import { armsIn, curvesOf, inOrder, studyComparisons, studyPower, valuesOf, widestAt } from './curves.ts';
import { missing, seedAt, type Wave, wavesOf } from './plan.ts';
import { savingsOf } from './savings.ts';
import { digestOf, type Study } from './study-result.ts';
import { studySentence } from './study-sentence.ts';
import { asPart, StudyPace } from './study-pace.ts';

/** A GPU is filled by the seeds of a whole study, where a core takes one chain after another anyway. */
const SEEDS_AT_ONCE_ON_GPU = 5;

/** Yields `study-progress` and, whenever cells were finished, `study`; returns the finished study. Throws LabError. */
export async function* runStudy(asked: Experiment, keep: CellKeep): AsyncGenerator<LabEvent, Study> {
  const { config, preset, engine, imported, device } = asked;
  const axis = axisOf(config, imported !== null);
  const configs = await configFor(asked, axis);
  const values = [...configs.keys()];
  const memory = createMemory();
  belongTo(memory, engine);
  if (asked.memory.engine === engine) memory.source = asked.memory.source;
  const at = (value: number): Experiment => ({ ...asked, config: configs.get(value)!, memory });
  for (const value of values) await checkFit(configs.get(value)!, asked.library, imported?.architecture ?? null);

  const cells: CellRecord[] = [];
  const done = new Set<string>();
  const add = (cell: CellRecord) => {
    cells.push(cell);
    done.add(`${cell.value} ${cell.seed}`);
  };
  const pace = new StudyPace(config['study.minutes'] * 60);
  let [left, added] = [0, 0];
  const study = async (finished: boolean): Promise<Study> => {
    const ordered = inOrder(cells);
    const comparisons = studyComparisons(ordered);
    const widths = valuesOf(ordered).map((value) => widestAt(comparisons, value)).filter((width) => width !== null);
    const widest = Math.max(...widths);
    const { label, ...rest } = SETTINGS[axis];
    const plain: Omit<Study, 'sentence'> = {
      version: 1, config, preset, created: new Date().toISOString(), device: { ...engine.info, ...device },
      axis: { key: axis, label, unit: 'unit' in rest ? (rest.unit ?? null) : null }, values: valuesOf(ordered), measures: measuresAverages(axis) ? 'average' : 'single', cells: ordered,
      curves: curvesOf(ordered), comparisons, savings: axis === 'downstream.n' ? savingsOf(ordered, armsIn(ordered)) : [], power: studyPower(comparisons),
      stops: {
        minutes: config['study.minutes'] > 0 ? { budget: config['study.minutes'], left } : null,
        halfWidth: config['study.halfWidth'] > 0 ? { target: config['study.halfWidth'], widest: Number.isFinite(widest) ? widest : null, added, mostSeeds: config['study.mostSeeds'] } : null,
        halving: config['study.halving'] === 'halving' ? { ended: cells.reduce((sum, cell) => sum + cell.ended, 0), runs: cells.reduce((sum, cell) => sum + cell.ended + cell.runs.length, 0) } : null,
      },
      finished, digest: finished ? await digestOf(axis, ordered) : null, seconds: pace.seconds,
    };
    return { ...plain, sentence: studySentence(plain) };
  };

  /** The cells of these seeds at these values: from what was kept, then computed. */
  async function* fill(wanted: readonly number[], seeds: readonly number[]): AsyncGenerator<LabEvent, void> {
    const all = wavesOf(axis, wanted, seeds, 1);
    for (const { value, seeds: [seed] } of all) {
      if (done.has(`${value} ${seed!}`)) continue;
      const kept = decodeCell(await keep.read(await cellKey(at(value), axis, seed!)));
      if (kept) add({ ...kept, value });
    }
    if (cells.length > 0) yield { kind: 'study', study: await study(false) };
    const waves = missing(wavesOf(axis, wanted, seeds, engine.info.engine === 'fused' && !engine.info.software ? SEEDS_AT_ONCE_ON_GPU : 1), ({ value, seed }) => done.has(`${value} ${seed}`));
    pace.plan(waves.map((wave) => workOf(configs.get(wave.value)!, wave)), cells.length);
    for (const [i, wave] of waves.entries()) {
      if (pace.spent) {
        left += waves.slice(i).reduce((sum, { seeds: rest }) => sum + rest.length, 0);
        return;
      }
      const made = yield* pace.follow(i, computeWave(at(wave.value), axis, wave), `${SETTINGS[axis].label} = ${wave.value}, seed${wave.seeds.length > 1 ? 's' : ''} ${wave.seeds.join(', ')}`);
      for (const cell of made) {
        add(cell);
        await keep.write(await cellKey(at(cell.value), axis, cell.seed), encodeCell(cell));
      }
      yield { kind: 'study', study: await study(false) };
    }
  }

  try {
    yield* fill(values, Array.from({ length: config.seeds }, (_, i) => seedAt(config.seed, i)));
    // A seed more for every arm at each value whose intervals are too wide: the rule looks at widths alone, never at which arm is ahead.
    const target = config['study.halfWidth'];
    for (let n = config.seeds; target > 0 && n < config['study.mostSeeds'] && left === 0; n++) {
      const comparisons = studyComparisons(cells);
      const wide = values.filter((value) => (widestAt(comparisons, value) ?? 0) > target);
      if (wide.length === 0) break;
      const before = cells.length;
      yield* fill(wide, Array.from({ length: n + 1 }, (_, i) => seedAt(config.seed, i)));
      added += cells.length - before;
    }
    if (cells.length === 0) throw new LabError('config', 'The time budget of the study ended before its first part was done; give it more minutes.');
    const finished = await study(true);
    yield { kind: 'study', study: finished };
    return finished;
  } finally {
    for (const held of [memory.loaded.source, memory.loaded.downstream]) if (held) await engine.unload(held.value.data).catch(() => undefined);
  }
}

/** Images passed forward, roughly: to share the time left among waves. */
function workOf(config: Config, { seeds }: Wave): number {
  const n = config['downstream.n'];
  const runs = config.arms.length * cellsOf(config.arms[0]!, config).length * seeds.length;
  return runs * (3 * config['inference.steps'] * Math.min(n, config['inference.batch']) + (config['downstream.validation'] || n)) + config.arms.length * seeds.length * config['downstream.test'];
}

async function* computeWave(experiment: Experiment, axis: SettingKey, { value, seeds }: Wave): AsyncGenerator<LabEvent, CellRecord[]> {
  const { config, engine, library } = experiment;
  const { posterior } = yield* learnSource(experiment, keysOf(experiment).source);
  // Learned once, as the source is.
  const shift = yield* asPart(0, 0, learnShiftPrior(experiment, posterior));
  const { dataset, splits } = await downstreamTask(config, library, seeds);
  const data = await engine.load(dataset, { ...posterior.normalisation });
  try {
    const architecture = downstreamArchitecture(posterior.architecture, dataset);
    const input = { engine, architecture, posterior: posterior.gaussian, shift, data, dataset, seeds, splits, settings: config };
    const only = config['study.halving'] === 'halving' ? yield* asPart(0, 0.5, halve(input)) : null;
    // Roughly: halving trains as many steps as it leaves, and sampling takes as long as tuning.
    const halved = only ? 0.5 : 0;
    const tuned = measuresAverages(axis) ? (1 + halved) / 2 : 1;
    const all = config.arms.length * cellsOf(config.arms[0]!, config).length;
    try {
      const outcome = yield* asPart(halved, tuned, compare({ ...input, only }));
      const averages = measuresAverages(axis) ? yield* asPart(tuned, 1, infer({ ...input, outcome, settings: config })) : null;
      const told = (arm: ArmResult): ArmResult => {
        const average = averages?.predictions.find((one) => one.arm === arm.arm && one.seed === arm.seed && one.predictor.kind === 'average');
        return average ? { ...arm, test: average.test } : arm;
      };
      return seeds.map((seed) => {
        const runs = outcome.runs.filter((run) => run.seed === seed);
        return { value, seed, arms: outcome.arms.filter((arm) => arm.seed === seed).map(told), runs, ended: all - runs.length };
      });
    } catch (error) {
      if (!(error instanceof LabError) || error.kind !== 'divergence') throw error;
      // At a value where nothing survives, the curve has a hole.
      return seeds.map((seed) => ({ value, seed, runs: [], ended: 0, arms: config.arms.map((arm): ArmResult => ({
        arm, n: splits[0]!.train.length, seed, scale: null, headStrength: NaN, learningRate: NaN, atEdge: null, train: NO_METRICS, validation: NO_METRICS, test: NO_METRICS, diverged: all / config.arms.length,
      })) }));
    }
  } finally {
    await engine.unload(data).catch(() => undefined);
  }
}
