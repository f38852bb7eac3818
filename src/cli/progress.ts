/**
 * What a running experiment says on the terminal: one line that is rewritten where there is a terminal, a line now and
 * then where there is none, and the sentence of every finished stage for good.
 */
import type { Stage } from '../experiment/config/settings.ts';
import type { Heard } from './headless/port.ts';

/** Without a terminal: seconds between lines of one stage. */
const QUIET_SECONDS = 20;

export interface Terminal {
  isTTY: boolean;
  columns: number;
  write(text: string): void;
  /** Seconds. */
  now(): number;
}

/** `1:05` for 65 seconds, `2:00:00` for two hours. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function progressLine({ stage, done, total, secondsLeft, label }: { stage: Stage | 'study'; done: number; total: number; secondsLeft: number | null; label: string }): string {
  const percent = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0;
  return `${stage}  ${String(percent).padStart(3)}%  ${label}${secondsLeft === null ? '' : `, ${clock(secondsLeft)} left`}`;
}

export class Progress {
  readonly #terminal: Terminal;
  readonly #finished: Stage[] = [];
  #lineOpen = false;
  #lastStage: Stage | 'study' | null = null;
  #lastAt = -Infinity;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Stages done so far. */
  get finished(): readonly Stage[] {
    return this.#finished;
  }

  hear(event: Heard): void {
    switch (event.kind) {
      case 'stage':
        if (event.state === 'done') this.#finished.push(event.stage);
        return;
      case 'progress': return this.#progress(event.stage, progressLine(event));
      case 'sentence': return this.say(`${event.stage}: ${event.text}`);
      case 'study-progress': return this.#progress('study', progressLine({ ...event, stage: 'study' }));
      case 'study-cell': return;
      default: return event satisfies never;
    }
  }

  /** A line that stays. */
  say(line: string): void {
    this.#clear();
    this.#terminal.write(`${line}\n`);
  }

  #progress(stage: Stage | 'study', line: string): void {
    const { isTTY, columns, now, write } = this.#terminal;
    if (isTTY) {
      write(`\r\x1b[2K${line.slice(0, Math.max(20, columns - 1))}`);
      this.#lineOpen = true;
      return;
    }
    if (stage === this.#lastStage && now() - this.#lastAt < QUIET_SECONDS) return;
    this.#lastStage = stage;
    this.#lastAt = now();
    write(`${line}\n`);
  }

  #clear(): void {
    if (this.#lineOpen) this.#terminal.write('\r\x1b[2K');
    this.#lineOpen = false;
  }
}

export function standardError(): Terminal {
  return {
    isTTY: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
    write: (text) => void process.stderr.write(text),
    now: () => performance.now() / 1000,
  };
}
