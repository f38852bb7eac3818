/**
 * The study panel's effects: a study goes to the worker in place of a run, its events come into the store. Finished cells are kept here for
 * the visit, so that a study that was cancelled goes on where it stopped, also in a fresh worker.
 */
import type { LabEvent } from '../experiment/events.ts';
import type { Study } from '../experiment/study/study-result.ts';
import type { LabClient } from '../worker/client.ts';
import { asked, type LabStore } from './store.ts';

export interface StudyProgress {
  done: number;
  total: number;
  kept: number;
  secondsLeft: number | null;
  label: string;
}

export interface StudyState {
  running: boolean;
  progress: StudyProgress | null;
  /** The last study, as far as it came. */
  study: Study | null;
}

export const NO_STUDY: StudyState = { running: false, progress: null, study: null };

export class StudyDesk {
  readonly #store: LabStore;
  readonly #cells = new Map<string, string>();

  constructor(store: LabStore) {
    this.#store = store;
  }

  /** Answers when the study has ended; rejects with a sentence. */
  async run(client: LabClient): Promise<void> {
    this.#set({ running: true, progress: null });
    await client.request('study', { config: asked(this.#store.getState()), cells: Object.fromEntries(this.#cells) });
  }

  hear(event: LabEvent): void {
    switch (event.kind) {
      case 'study': return this.#set({ study: event.study });
      case 'study-cell':
        this.#cells.set(event.key, event.cell);
        return;
      case 'study-progress': {
        const { done, total, kept, secondsLeft, label } = event;
        return this.#set({ progress: { done, total, kept, secondsLeft, label } });
      }
      default: return;
    }
  }

  /** Whatever was on is over. */
  ended(): void {
    this.#set({ running: false, progress: null });
  }

  #set(change: Partial<StudyState>): void {
    this.#store.setState(({ study }) => ({ study: { ...study, ...change } }));
  }
}
