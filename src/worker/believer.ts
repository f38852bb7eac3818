/** What is asked of the priors after the posterior stage: what they believe, a walk through one, and the toy's pictures; in turn with the cuts. */
import { LabError } from '../core/errors.ts';
import { imageStrip } from '../data/preview.ts';
import { believe, believeLadder, costOf, drawNetworks, learnedPosterior, priorsOf, type Reading, readingOf } from '../experiment/beliefs/beliefs.ts';
import { ladderOf } from '../experiment/beliefs/belief-scales.ts';
import { READS } from '../experiment/beliefs/beliefs-result.ts';
import { beliefSentence } from '../experiment/beliefs/beliefs-sentence.ts';
import { onToy, parseConfig } from '../experiment/config/config.ts';
import type { LabEvent } from '../experiment/events.ts';
import { costOfFields, drawFields, type Fields } from '../experiment/beliefs/fields.ts';
import { loadedFor } from '../experiment/loaded.ts';
import { Pace } from '../experiment/pace.ts';
import { costOfSamples, recordSamples } from '../experiment/surface/paths.ts';
import type { Experiment } from '../experiment/runner.ts';
import type { Studio } from '../experiment/surface/studio.ts';
import { costOfWalk, SHOWN, type Walk, walkPrior } from '../experiment/beliefs/walk.ts';
import type { Family } from '../prior/prior.ts';
import type { Believed, Requests } from './protocol.ts';
import type { Turns } from './turns.ts';

/** Networks drawn where the settings name no number, and of the pictures of the plane. */
const DRAWS = 20;
const MAPS = 32;

export class Believer {
  /** The last run that reached its posterior; null before there is one on the engine at hand. */
  readonly #experiment: () => Experiment | null;
  readonly #studio: () => Studio;
  readonly #turns: Turns;

  constructor(experiment: () => Experiment | null, studio: () => Studio, turns: Turns) {
    this.#experiment = experiment;
    this.#studio = studio;
    this.#turns = turns;
  }

  async believe({ reads, scale, family, direction }: Requests['believe']['in']): Promise<Believed | null> {
    const experiment = this.#known();
    if (!READS.includes(reads)) throw new LabError('config', `“${reads}” are no images a prior can be asked about; choose ${READS.join(' or ')}.`);
    checkScale(scale);
    return this.#turns.alone(() => this.#believed(experiment, reads, scale, family, direction));
  }

  async beliefLadder({ reads }: Requests['beliefLadder']['in']): Promise<Requests['beliefLadder']['out']> {
    const experiment = this.#known();
    return this.#turns.alone(async function* (): AsyncGenerator<LabEvent, Requests['beliefLadder']['out']> {
      const reading = await readingOf(experiment, reads);
      const draws = drawsOf(experiment);
      return yield* believeLadder(experiment, reading, draws, new Pace('posterior', ladderOf(experiment.config).length * costOf(experiment, reading, draws), 'Asking the priors at every λ'));
    });
  }

  /** Of the toy: a tuned solution of the last comparison, or samples of a prior's posterior, over the plane. */
  async fields({ of, seed, config: given }: Requests['fields']['in']): Promise<Fields | null> {
    const studio = this.#studio();
    const { config } = parseConfig(given);
    const { architecture, engine, dataset, splits } = studio.input;
    const split = splits[studio.index(seed)];
    if (!split) throw new LabError('config', `There is no seed ${seed} in this comparison; choose one of ${studio.input.seeds.join(', ')}.`);
    const input = { engine, architecture, classNames: dataset.classNames, source: null, downstream: { dataset, rows: split.train } };
    return this.#turns.alone(async function* (): AsyncGenerator<LabEvent, Fields> {
      if (of.kind === 'solution') {
        const theta = studio.point(of.arm, seed);
        if (!theta) throw new LabError('config', 'This arm has no solution for this seed: its runs did not survive; choose another.');
        return yield* drawFields({ ...input, thetas: [theta] }, new Pace('inference', costOfFields(1), 'Drawing the solution'));
      }
      const paths = yield* recordSamples(studio, seed, config, new Pace('inference', costOfSamples(studio, seed, config), 'Drawing samples'));
      const path = paths.find((one) => one.arm === of.family);
      if (!path) throw new LabError('config', 'This prior has no samples for this seed; choose another.');
      return yield* drawFields({ ...input, thetas: path.thetas }, new Pace('inference', costOfFields(path.thetas.length), 'Drawing the samples'));
    });
  }

  async *#believed(experiment: Experiment, reads: Requests['believe']['in']['reads'], scale: number, family: Family, direction: number): AsyncGenerator<LabEvent, Believed> {
    const { config, imported } = experiment;
    const reading = await readingOf(experiment, reads);
    const draws = drawsOf(experiment);
    const toSource = imported ? null : await readingOf(experiment, 'source');
    const toy = onToy(config);
    const pace = new Pace('posterior', costOf(experiment, reading, draws) + (toSource ? costOfWalk(toSource) : 0) + (toy ? costOfFields(MAPS) : 0), 'Asking the priors');
    const found = yield* believe(experiment, reading, scale, draws, pace);
    pace.label = 'Walking through the prior';
    const walk: Walk | null = toSource && toSource.rows.length > 0 && rankOf(experiment) > 0 ? yield* walkPrior(experiment, toSource, direction, scale, pace) : null;
    const fields = toy ? yield* this.#priorFields(experiment, reading, scale, family, pace) : null;
    const { dataset, architecture: { classes }, rows, labels, headStrength } = reading;
    const table = found.map(({ belief }) => belief);
    const shown = rows.subarray(0, SHOWN);
    return {
      reads, dataset: dataset.name, classNames: [...dataset.classNames], images: rows.length, headStrength, draws, scale, table,
      strip: imageStrip(dataset, shown),
      answers: Array.from(shown, (_, i) => ({
        label: labels[i]!,
        priors: found.map(({ belief, beliefs }) => ({ family: belief.family, ...beliefs.votes[i]!, probabilities: [...beliefs.probabilities.subarray(i * classes, (i + 1) * classes)] })),
      })),
      sentence: beliefSentence(reads, table, { classes, images: rows.length, thing: toy ? 'points' : 'images' }), walk, fields,
    };
  }

  async *#priorFields(experiment: Experiment, reading: Reading, scale: number, family: Family, pace: Pace): AsyncGenerator<LabEvent, Fields> {
    const priors = priorsOf(experiment);
    const { gaussian } = priors.find((one) => one.family === family) ?? priors.at(-1)!;
    pace.label = 'Drawing networks over the plane';
    const thetas = drawNetworks(reading, gaussian, scale, experiment.config, MAPS);
    const { source, downstream } = await loadedFor(experiment, learnedPosterior(experiment));
    return yield* drawFields({
      engine: experiment.engine, architecture: reading.architecture, classNames: reading.dataset.classNames, thetas,
      source: source && { dataset: source.dataset, rows: source.train }, downstream: { dataset: downstream.dataset, rows: downstream.splits[0]!.train },
    }, pace);
  }

  #known(): Experiment {
    const experiment = this.#experiment();
    if (!experiment) throw new LabError('config', 'There is no posterior to draw from on this device yet; run the source first.');
    return experiment;
  }
}

function drawsOf({ config }: Experiment): number {
  return config['predictive.draws'] || DRAWS;
}

function rankOf(experiment: Experiment): number {
  return learnedPosterior(experiment).gaussian.rank;
}

function checkScale(scale: number): void {
  if (!(Number.isFinite(scale) && scale > 0)) throw new LabError('config', `λ must be a positive number, not ${scale}.`);
}
