/**
 * Images whose label may be wrong: those that the tuned solutions of the last comparison find least likely under their label, on average over the
 * arms and the seeds in which they were held out (validation and test rows). Networks that learned an image's label say nothing about whether it is right, so training
 * rows never count. An unlikely label may also be a hard image: these are images to look at, not errors that were found.
 */
import { LabError } from '../../core/errors.ts';
import { softmaxInto } from '../../core/softmax.ts';
import { type ContactSheet, imageStrip } from '../../data/preview.ts';
import { logSoftmax } from '../../measure/metrics.ts';
import type { LabEvent } from '../events.ts';
import { inPieces, type Pace } from '../pace.ts';
import type { Studio } from '../surface/studio.ts';

/** Images told at most. */
export const MOST_SUSPECTS = 24;
/** Held-out rows a seed that are judged. */
const MOST_ROWS = 4000;

export interface Suspect {
  /** Row of the downstream data. */
  row: number;
  label: number;
  /** NLL of the label in nats, averaged over networks. */
  loss: number;
  /** The class with the largest probability, averaged over networks, and that probability. */
  guess: number;
  probability: number;
  /** Averaged probability of the label. */
  labelProbability: number;
  /** Networks that judged it, and how many of them answer with the guess. */
  networks: number;
  agree: number;
}

export interface Suspects {
  classNames: string[];
  /** The least likely label first; only images whose label is not what the networks say on average. */
  suspects: Suspect[];
  /** Side by side; null when there are none. */
  strip: ContactSheet | null;
  /** Images and networks that entered. */
  judged: number;
  networks: number;
}

/** Rows that are judged under a seed. */
function heldOut(studio: Studio, seed: number): Uint32Array {
  const { validation, test } = studio.input.splits[seed]!;
  const rows = new Uint32Array(validation.length + test.length);
  rows.set(test);
  rows.set(validation, test.length);
  return rows.subarray(0, MOST_ROWS);
}

/** All work, in images passed forward. */
export function costOfSuspects(studio: Studio): number {
  return studio.input.seeds.reduce((sum, seed, s) => sum + heldOut(studio, s).length * studio.input.outcome.solutions.filter((one) => one.seed === seed).length, 0);
}

export async function* findSuspects(studio: Studio, pace: Pace): AsyncGenerator<LabEvent, Suspects> {
  const { engine, architecture, data, dataset, outcome, seeds } = studio.input;
  if (studio.input.architecture.decoder) throw new LabError('config', 'Doubtful labels are looked for among images with one label, and these have a class at every pixel; the pictures below the verdict show where networks and maps differ.');
  const { classes } = architecture;
  const tally = new Tally(classes);
  yield pace.progress();
  for (const [s, seed] of seeds.entries()) {
    const indices = heldOut(studio, s);
    const thetas = outcome.solutions.filter((one) => one.seed === seed).map(({ theta }) => theta);
    if (indices.length === 0 || thetas.length === 0) continue;
    const { logits, finite } = yield* inPieces(pace, thetas.length, indices.length, Math.max(1, engine.info.workers), (from, to) => engine.evaluate({
      architecture, data, indices, logits: true, points: { kind: 'list', thetas: thetas.slice(from, to) },
    }));
    logits?.forEach((one, i) => {
      if (finite[i] === 1) tally.add(one, indices, dataset.labels);
    });
  }
  const suspects = tally.ranked(dataset.labels);
  return { classNames: [...dataset.classNames], suspects, strip: suspects.length === 0 ? null : imageStrip(dataset, suspects.map(({ row }) => row)), judged: tally.rows, networks: tally.networks };
}

/** What networks say of rows, summed as they come. */
class Tally {
  readonly #classes: number;
  readonly #of = new Map<number, { loss: number; networks: number; probabilities: Float64Array; votes: Uint32Array }>();
  networks = 0;

  constructor(classes: number) {
    this.#classes = classes;
  }

  get rows(): number {
    return this.#of.size;
  }

  /** logits [rows, classes] of one network; rows with a logit that is not finite do not count. */
  add(logits: Float32Array, rows: Uint32Array, labels: Uint16Array): void {
    const probabilities = new Float64Array(this.#classes);
    this.networks++;
    rows.forEach((row, i) => {
      const best = softmaxInto(logits, i * this.#classes, probabilities);
      if (best < 0) return;
      let sums = this.#of.get(row);
      if (!sums) this.#of.set(row, (sums = { loss: 0, networks: 0, probabilities: new Float64Array(this.#classes), votes: new Uint32Array(this.#classes) }));
      sums.loss -= logSoftmax(logits, i * this.#classes, this.#classes, labels[row]!);
      sums.networks++;
      sums.votes[best]!++;
      for (let c = 0; c < this.#classes; c++) sums.probabilities[c]! += probabilities[c]!;
    });
  }

  ranked(labels: Uint16Array): Suspect[] {
    const all = [...this.#of].map(([row, { loss, networks, probabilities, votes }]): Suspect => {
      const label = labels[row]!;
      const guess = probabilities.indexOf(Math.max(...probabilities));
      return { row, label, loss: loss / networks, guess, probability: probabilities[guess]! / networks, labelProbability: probabilities[label]! / networks, networks, agree: votes[guess]! };
    });
    return all.filter(({ guess, label }) => guess !== label).sort((a, b) => b.loss - a.loss || a.row - b.row).slice(0, MOST_SUSPECTS);
  }
}
