/**
 * The course of source training: population after population over one count of steps, in pieces of fixed length, with
 * points of the live curve (means over the chains) and stops at which the chains' parameters are taken.
 */
import { LabError } from '../../core/errors.ts';
import { learningRate } from '../../core/schedule.ts';
import { mean } from '../../core/statistics.ts';
import type { Engine, PopulationSpec } from '../../engine/contract.ts';
import type { LabEvent } from '../events.ts';
import type { SourceState } from '../checkpoint.ts';
import { type Pace, TRAINING_COST } from '../pace.ts';

/** Steps between two events; fixed, so that what is shown does not depend on the machine's speed. */
const PIECE = 5;

/** Steps between points of the live curve: at least two, about forty points or more where that allows it. */
export function pointInterval(total: number): number {
  return Math.max(2, Math.min(25, Math.floor(total / 40)));
}

/** The course's own part of a checkpoint. */
export type Stand = Pick<SourceState, 'run' | 'step' | 'since' | 'snapshots' | 'population'>;

export interface CoursePlan {
  engine: Engine;
  /** Training rows of every chain. */
  rows: number;
  /** Steps before the first snapshot's stretch, and of all. */
  burn: number;
  total: number;
  /** Where it stood when it was cut off; null: it begins. */
  from: Stand | null;
  /** Called between pieces: a checkpoint may be kept. */
  keep(stand: () => Promise<Stand>): Promise<void>;
}

export class Course {
  readonly #plan: CoursePlan;
  readonly #pace: Pace;
  readonly #interval: number;
  #step = 0;
  /** Compared in a batch; null where labels are learned. */
  #views: number | null = null;
  /** Populations so far. */
  #runs = 0;
  #since = { steps: 0, nll: 0, accuracy: 0 };

  constructor(plan: CoursePlan, pace: Pace) {
    this.#plan = plan;
    this.#pace = pace;
    this.#interval = pointInterval(plan.total);
  }

  /** From where the last population ended to step `to`; at each of `stops` the chains' parameters go to `take`. */
  async* run(spec: PopulationSpec, to: number, stops: ReadonlySet<number>, take: (thetas: Float32Array[]) => void, label: () => string): AsyncGenerator<LabEvent, void> {
    const { engine, rows, burn, total } = this.#plan;
    const chains = spec.chains.length;
    const images = Math.min(spec.batch, rows) * (spec.objective ? 2 : 1);
    this.#views = spec.objective ? images : null;
    const cost = chains * images * TRAINING_COST;
    const run = this.#runs++;
    const begun = this.#step;
    const stand = this.#plan.from;
    const own = stand?.run === run ? stand : null;
    if (stand && own === null && run < stand.run) {
      this.#step = to;
      this.#pace.skip((to - begun) * cost);
      return;
    }
    const population = await engine.populate(spec, own?.population);
    try {
      const from = begun;
      let snapshots = own?.snapshots ?? 0;
      if (own) {
        this.#step = own.step;
        this.#since = own.since;
        this.#pace.skip((own.step - begun) * cost);
      }
      while (this.#step < to) {
        let steps = 1;
        while (steps < PIECE && this.#step + steps < to && (this.#step + steps) % this.#interval !== 0 && !stops.has(this.#step + steps)) steps++;
        const { divergedAt, nll, accuracy } = await this.#pace.work(steps * cost, () => population.advance(steps));
        this.#step += steps;
        const lost = divergedAt.findIndex((at) => at >= 0);
        if (lost >= 0) {
          throw new LabError('divergence', `Source training diverged at step ${from + divergedAt[lost]! + 1}${chains > 1 ? ` in basin ${lost + 1}` : ''}; lower the source learning rate.`);
        }
        const since = this.#since;
        this.#since = { steps: since.steps + steps, nll: since.nll + steps * mean(nll), accuracy: since.accuracy + steps * mean(accuracy) };
        if (stops.has(this.#step)) {
          take(await population.parameters(spec.chains.map((_, i) => i)));
          if (this.#step > burn) snapshots++;
        }
        yield this.#pace.progress(label());
        if (this.#step % this.#interval === 0 || this.#step === total) yield this.#point(learningRate(spec.chains[0]!.schedule, this.#step - from - 1), snapshots);
        await this.#plan.keep(async () => ({ run, step: this.#step, since: this.#since, snapshots, population: await population.save() }));
      }
    } finally {
      await population.dispose();
    }
  }

  #point(rate: number, snapshots: number): LabEvent {
    const { steps, nll, accuracy } = this.#since;
    this.#since = { steps: 0, nll: 0, accuracy: 0 };
    return { kind: 'source', point: { step: this.#step, nll: nll / steps, accuracy: accuracy / steps, learningRate: rate, snapshots, ...(this.#views === null ? {} : { views: this.#views }) } };
  }
}
