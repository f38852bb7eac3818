/** How far a study is and how long the rest will take, over all its cells: only the work itself is timed, not a pause between two events. */
import type { LabEvent } from '../events.ts';

/** Passes work on as the share [from, to] of a wave: what is told of one piece of work is not the wave's own progress. */
export async function* asPart<T>(from: number, to: number, work: AsyncGenerator<LabEvent, T>): AsyncGenerator<LabEvent, T> {
  try {
    for (;;) {
      const step = await work.next();
      if (step.done) return step.value;
      yield step.value.kind === 'progress' ? { ...step.value, done: from * step.value.total + (to - from) * step.value.done } : step.value;
    }
  } finally {
    await work.return(undefined as never);
  }
}

export class StudyPace {
  readonly #budget: number;
  #works: number[] = [];
  #kept = 0;
  /** Work done of the plan, and the share of all work that was timed here. */
  #done = 0;
  #timed = 0;
  #seconds = 0;

  /** `budget` in seconds; 0: none. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Seconds of work so far. */
  get seconds(): number {
    return this.#seconds;
  }

  /** The budget is used up. */
  get spent(): boolean {
    return this.#budget > 0 && this.#seconds >= this.#budget;
  }

  /** Work of the waves that lie ahead, in equal units; `kept`: cells that are there already. */
  plan(works: number[], kept: number): void {
    this.#works = works;
    this.#done = 0;
    this.#kept = kept;
  }

  /** Passes a wave on as progress of the study; its own events stay here. */
  async* follow<T>(wave: number, work: AsyncGenerator<LabEvent, T>, name: string): AsyncGenerator<LabEvent, T> {
    const own = this.#works[wave]!;
    let share = 0;
    yield this.#progress(name, 0);
    try {
      for (;;) {
        const start = performance.now();
        const step = await work.next();
        this.#seconds += (performance.now() - start) / 1000;
        if (step.done) {
          this.#done += own;
          this.#timed += own;
          return step.value;
        }
        if (step.value.kind !== 'progress') continue;
        const { done, total, stage, label } = step.value;
        // The source is learned before the first wave and hardly ever again: it has no share of a wave.
        if (stage !== 'source' && total > 0) share = Math.max(share, done / total);
        yield this.#progress(stage === 'source' ? label : `${name}: ${label}`, share * own);
      }
    } finally {
      await work.return(undefined as never);
    }
  }

  #progress(label: string, current: number): LabEvent {
    const total = this.#works.reduce((sum, work) => sum + work, 0);
    const [timed, ahead] = [this.#timed + current, total - this.#done - current];
    // Before a tenth of a wave is done there is nothing to go by.
    const known = timed > 0.1 * (this.#works[0] ?? 0);
    const untilBudget = this.#budget > 0 ? Math.max(0, this.#budget - this.#seconds) : Infinity;
    return { kind: 'study-progress', done: this.#done + current, total, kept: this.#kept, secondsLeft: known ? Math.min(untilBudget, (this.#seconds / timed) * ahead) : null, label };
  }
}
