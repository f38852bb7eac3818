/**
 * Pause, step, resume and cancel for a loop that pulls events one by one. The loop asks `pass()` before every pull:
 * it resolves true at once while running, waits while paused, and resolves false once cancelled.
 */
export class Gate {
  #state: 'open' | 'closed' | 'cancelled' = 'open';
  #stepping = false;
  #wake: (() => void) | null = null;

  get cancelled(): boolean {
    return this.#state === 'cancelled';
  }

  async pass(): Promise<boolean> {
    while (this.#state === 'closed' && !this.#stepping) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#state !== 'cancelled';
  }

  /** To be told when an event that moves the picture has come: a step ends there. */
  pictureMoved(): void {
    this.#stepping = false;
  }

  pause(): void {
    if (this.#state === 'open') this.#state = 'closed';
  }

  step(): void {
    if (this.#state === 'cancelled') return;
    this.#state = 'closed';
    this.#stepping = true;
    this.#release();
  }

  resume(): void {
    if (this.#state === 'closed') this.#state = 'open';
    this.#stepping = false;
    this.#release();
  }

  cancel(): void {
    this.#state = 'cancelled';
    this.#release();
  }

  #release(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
