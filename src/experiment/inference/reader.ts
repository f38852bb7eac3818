/** How the inference stage reads networks: chains of a population or listed parameters, each on its own seed's rows, in pieces between which a run can pause. */
import type { Dataset } from '../../data/dataset.ts';
import type { Engine, Evaluation, Population } from '../../engine/contract.ts';
import { ModelAverage } from '../../measure/average.ts';
import type { ComparisonOutcome } from '../comparison/comparison.ts';
import type { LabEvent } from '../events.ts';
import type { Predictor } from './inference-result.ts';
import type { Member, MembersInput } from './members.ts';
import type { Network } from '../robustness/networks.ts';
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

  constructor(input: ReaderInput, pace: Pace, networks: Network[] | null) {
    this.input = input;
    this.pace = pace;
    this.networks = networks;
  }

  labels(part: Part, seed: number): Uint16Array {
    return Uint16Array.from(this.input.splits[seed]![part], (row) => this.input.dataset.labels[row]!);
  }

  /** Empty averages of one arm (index `seed` into the seeds) and predictor. */
  drawn(arm: Drawn['arm'], seed: number, predictor: Predictor): Drawn {
    const average = (part: 'validation' | 'test'): ModelAverage => {
      const labels = this.labels(part, seed);
      return new ModelAverage({ rows: labels.length, classes: this.input.architecture.classes, labels });
    };
    return { arm, seed: this.input.seeds[seed]!, predictor, validation: average('validation'), test: average('test') };
  }

  async* chains(population: Population, members: readonly Member[], part: Part, logits: boolean): AsyncGenerator<LabEvent, Evaluation> {
    const { data, splits, engine } = this.input;
    const indices = splits.map((split) => split[part]);
    return yield* inPieces(this.pace, members.length, indices[0]!.length, Math.max(1, engine.info.workers), (from, to) => population.evaluate({
      data, indices, logits, items: members.slice(from, to).map(({ seed }, i) => ({ chain: from + i, rows: seed })),
    }));
  }

  /** Adds networks to averages, on validation and test rows of their seed. */
  async* add(thetas: readonly Float32Array[], seed: number, to: Drawn): AsyncGenerator<LabEvent, void> {
    const { engine, architecture, data, splits } = this.input;
    for (const part of ['validation', 'test'] as const) {
      const indices = splits[seed]![part];
      const { logits } = yield* inPieces(this.pace, thetas.length, indices.length, Math.max(1, engine.info.workers), (from, end) => engine.evaluate({
        architecture, data, indices, logits: true, points: { kind: 'list', thetas: thetas.slice(from, end) },
      }));
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
