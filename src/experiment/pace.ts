/**
 * How fast work goes and how long the rest will take. Only the work itself is timed, not the time a paused run spends
 * between two events. Work is counted in units of about equal cost (here: images passed forward through one chain).
 */
import type { Evaluation, Population } from '../engine/contract.ts';
import { emptyEvaluation, place } from '../engine/evaluation.ts';
import type { LabEvent } from './events.ts';
import type { Stage } from './config/settings.ts';

/** Longest piece of work between two events, in seconds: how long a press on pause or cancel may wait. */
const PIECE = 0.7;

/** A backward pass costs about two forward ones. */
export const TRAINING_COST = 3;

export class Pace {
  readonly stage: Stage;
  #total: number;
  #done = 0;
  #seconds = 0;
  #timed = 0;
  #pieces = 0;
  #latest = 0;
  label: string;

  constructor(stage: Stage, total: number, label: string) {
    this.stage = stage;
    this.#total = total;
    this.label = label;
  }

  async work<T>(units: number, job: () => Promise<T>): Promise<T> {
    const start = performance.now();
    const result = await job();
    const seconds = (performance.now() - start) / 1000;
    this.#done += units;
    this.#pieces++;
    this.#latest = seconds / units;
    // The first piece carries compilation and warm-up; it counts only while there is no other.
    if (this.#pieces === 2) this.#seconds = this.#timed = 0;
    this.#seconds += seconds;
    this.#timed += units;
    return result;
  }

  /** Null until two pieces of work have been seen. */
  get secondsLeft(): number | null {
    if (this.#pieces < 2) return null;
    return Math.max(0, this.#total - this.#done) * (this.#seconds / this.#timed);
  }

  /** Work that was done on an earlier visit. */
  skip(units: number): void {
    this.#done += units;
  }

  /** Work that turned out not to be needed. */
  drop(units: number): void {
    this.#total = Math.max(this.#done, this.#total - units);
  }

  /** How many items of `units` each make a piece of pleasant length: at least `least`, which is also the first guess. */
  piece(units: number, most: number, least = 1): number {
    const guess = this.#pieces === 0 ? least : Math.floor(PIECE / (this.#latest * units));
    return Math.max(1, Math.min(most, Math.max(least, Number.isFinite(guess) ? guess : most)));
  }

  progress(label = this.label): LabEvent {
    this.label = label;
    return { kind: 'progress', stage: this.stage, done: Math.min(this.#done, this.#total), total: this.#total, secondsLeft: this.secondsLeft, label };
  }
}

/** Advances a population by `steps` in pieces, an event after each; a step of all its chains costs `cost`. `after` each piece a checkpoint may be kept. Returns where each chain diverged (−1: nowhere). */
export async function* trainInPieces(
  pace: Pace, population: Population, cost: number, steps: number, label: (done: number) => string, after: () => Promise<void> = async () => undefined,
): AsyncGenerator<LabEvent, Int32Array> {
  let divergedAt: Int32Array = new Int32Array(population.chains).fill(-1);
  for (let done = 0; done < steps;) {
    const piece = pace.piece(cost, steps - done);
    const progress = await pace.work(piece * cost, () => population.advance(piece));
    divergedAt = progress.divergedAt;
    done += piece;
    await after();
    yield pace.progress(label(done));
  }
  return divergedAt;
}

/**
 * Evaluates `count` items in pieces and joins the answers; an event after each piece. Item i costs `units` of pace.
 * `evaluate(from, to)` answers for items [from, to).
 */
export async function* inPieces(
  pace: Pace, count: number, units: number, least: number, evaluate: (from: number, to: number) => Promise<Evaluation>,
): AsyncGenerator<LabEvent, Evaluation> {
  const whole = emptyEvaluation(count, { logits: false, pixels: false });
  for (let from = 0; from < count;) {
    const to = from + pace.piece(units, count - from, least);
    const part = await pace.work((to - from) * units, () => evaluate(from, to));
    const first = from;
    place(whole, part, (i) => first + i);
    from = to;
    yield pace.progress();
  }
  return whole;
}
