/**
 * Work that is asked for after a run: one piece at a time. A newer one takes the place of the one under way, and a run
 * the place of all; short uses of the engine go between two events of a piece.
 */
import type { LabEvent } from '../experiment/events.ts';

export class Turns {
  readonly #post: (event: LabEvent) => void;
  /** Counts pieces of work, so that an older one notices that it is not wanted any more. */
  #turn = 0;
  #work: Promise<unknown> = Promise.resolve();
  /** The last use of the engine. */
  #use: Promise<unknown> = Promise.resolve();

  constructor(post: (event: LabEvent) => void) {
    this.#post = post;
  }

  /** Ends what is under way, soon, and waits for that. */
  async stop(): Promise<void> {
    this.#turn++;
    await this.#work.catch(() => undefined);
    await this.#use.catch(() => undefined);
  }

  /** One use of the engine at a time: a network is looked at between two events of a piece of work, not beside it. */
  using<T>(job: () => Promise<T>): Promise<T> {
    const own = this.#use.catch(() => undefined).then(job);
    this.#use = own;
    return own;
  }

  /** Runs work to its end, posting its events; null when it gave way. */
  async alone<T>(start: () => AsyncGenerator<LabEvent, T>): Promise<T | null> {
    const turn = ++this.#turn;
    const before = this.#work;
    const own = (async () => {
      await before.catch(() => undefined);
      if (turn !== this.#turn) return null;
      const work = start();
      try {
        for (;;) {
          const step = await this.using(() => work.next());
          if (step.done) return step.value;
          if (turn !== this.#turn) return null;
          const event = step.value;
          this.#post(event.kind === 'progress' ? { ...event, kind: 'cutting' } : event);
        }
      } finally {
        await work.return(undefined as never).catch(() => undefined);
      }
    })();
    this.#work = own;
    return own;
  }
}
