/** How the inference stage reads networks: chains of a population or listed parameters, each on its own seed's rows, in pieces between which a run can pause. */
import type { Dataset } from '../../data/dataset.ts';
import type { Engine, Evaluation, Population } from '../../engine/contract.ts';
import { ModelAverage } from '../../measure/average.ts';
import type { ComparisonOutcome } from '../comparison/comparison.ts';
import type { LabEvent } from '../events.ts';
import type { Predictor } from './inference-result.ts';
import type { Member, MembersInput } from './members.ts';
import type { Network } from '../robustness/networks.ts';
import { atSites, type Sites, sitesOf } from '../segmentation/sites.ts';
import { inPieces, type Pace, TRAINING_COST } from '../pace.ts';
import type { Drawn } from './predictions.ts';

export interface ReaderInput extends Omit<MembersInput, 'arms'> {
  engine: Engine;
  /** What `data` holds. */
  dataset: Dataset;
  outcome: ComparisonOutcome;
}

export type Part = 'train' | 'validation' | 'test';

export class Reader {
  readonly input: ReaderInput;
  readonly pace: Pace;
  /** Where networks are kept; null when none are. */
  readonly networks: Network[] | null;
  readonly #sites = new Map<string, Sites>();

  constructor(input: ReaderInput, pace: Pace, networks: Network[] | null) {
    this.input = input;
    this.pace = pace;
    this.networks = networks;
  }

  /** Of what is averaged: the rows of a part, or of segmentation some pixels of some of them. */
  labels(part: Part, seed: number): Uint16Array {
    return this.#sitesOf(part, seed)?.labels ?? Uint16Array.from(this.input.splits[seed]![part], (row) => this.input.dataset.labels[row]!);
  }

  /** null where an image has one label. */
  #sitesOf(part: Part, seed: number): Sites | null {
    const { architecture, dataset, splits, seeds } = this.input;
    if (!architecture.decoder) return null;
    const key = `${part} ${seed}`;
    let sites = this.#sites.get(key);
    if (!sites) this.#sites.set(key, (sites = sitesOf(dataset, splits[seed]![part], seeds[seed]!)));
    return sites;
  }

  /** Rows whose logits are asked for. */
  #rows(part: Part, seed: number): Uint32Array {
    return this.#sitesOf(part, seed)?.images ?? this.input.splits[seed]![part];
  }

  /** Of each item of an evaluation of a seed's rows, the logits of what is averaged. */
  #averaged(evaluation: Evaluation, part: Part, seedOf: (item: number) => number): Evaluation {
    const { architecture: { decoder, classes } } = this.input;
    const { logits } = evaluation;
    return decoder && logits ? { ...evaluation, logits: logits.map((one, i) => atSites(one, this.#sitesOf(part, seedOf(i))!, classes)) } : evaluation;
  }

  /** Empty averages of one arm (index `seed` into the seeds) and predictor. */
  drawn(arm: Drawn['arm'], seed: number, predictor: Predictor): Drawn {
    const average = (part: 'validation' | 'test'): ModelAverage => {
      const labels = this.labels(part, seed);
      return new ModelAverage({ rows: labels.length, classes: this.input.architecture.classes, labels, pixels: this.input.architecture.decoder !== undefined });
    };
    return { arm, seed: this.input.seeds[seed]!, predictor, validation: average('validation'), test: average('test') };
  }

  async* chains(population: Population, members: readonly Member[], part: Part, logits: boolean): AsyncGenerator<LabEvent, Evaluation> {
    const { data, splits, engine } = this.input;
    const indices = splits.map((split, seed) => (logits ? this.#rows(part, seed) : split[part]));
    return yield* inPieces(this.pace, members.length, indices[0]!.length, Math.max(1, engine.info.workers), async (from, to) => this.#averaged(await population.evaluate({
      data, indices, logits, items: members.slice(from, to).map(({ seed }, i) => ({ chain: from + i, rows: seed })),
    }), part, (item) => members[from + item]!.seed));
  }

  /** Adds networks to averages, on validation and test rows of their seed. */
  async* add(thetas: readonly Float32Array[], seed: number, to: Drawn): AsyncGenerator<LabEvent, void> {
    const { engine, architecture, data } = this.input;
    for (const part of ['validation', 'test'] as const) {
      const indices = this.#rows(part, seed);
      const { logits } = yield* inPieces(this.pace, thetas.length, indices.length, Math.max(1, engine.info.workers), async (from, end) => this.#averaged(await engine.evaluate({
        architecture, data, indices, logits: true, points: { kind: 'list', thetas: thetas.slice(from, end) },
      }), part, () => seed));
      for (const one of logits!) to[part].add(one);
    }
  }

  /** Trains in pieces, an event after each; returns where each chain diverged (−1: nowhere; so for no steps at all). */
  async* advance(population: Population, batch: number, steps: number, label: string): AsyncGenerator<LabEvent, Int32Array> {
    const cost = population.chains * batch * TRAINING_COST;
    let divergedAt: Int32Array = new Int32Array(population.chains).fill(-1);
    for (let done = 0; done < steps;) {
      const piece = this.pace.piece(cost, steps - done);
      ({ divergedAt } = await this.pace.work(piece * cost, () => population.advance(piece)));
      done += piece;
      yield this.pace.progress(label);
    }
    return divergedAt;
  }
}
