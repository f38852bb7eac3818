/**
 * What lets a run survive its worker: it is noted when it begins, the outcomes of its stages and where the stage in work stands are kept while it goes on, and
 * it is forgotten when it ends. A run is held by a lock as long as its worker lives, so no two tabs write the same one, and only runs without a worker
 * are offered to be gone on with. A new run of the same worker goes on with the record of the one that was stopped there.
 */
import { LabError } from '../core/errors.ts';
import type { Engine } from '../engine/contract.ts';
import type { Checkpoints } from '../experiment/checkpoint.ts';
import type { Config } from '../experiment/config/config.ts';
import type { PresetName } from '../experiment/config/presets.ts';
import { type Stage, STAGES } from '../experiment/config/settings.ts';
import type { LabEvent } from '../experiment/events.ts';
import { belongTo, kindOf, type Memory, type Outcomes, outcomesOf } from '../experiment/memory.ts';
import { type Unfinished, UnfinishedStore } from '../storage/runs/unfinished.ts';

/** Least time between two checkpoints, ms, and how many times longer than writing one took. */
const SPACING = { pause: 10_000, sparing: 20 };

const lockOf = (id: string) => `priorscape run ${id}`;

export class Survival {
  readonly #store: UnfinishedStore;
  readonly #spacing: typeof SPACING;
  /** The record of the run that is on, or was stopped here. */
  #record: Unfinished | null = null;
  #release: (() => void) | null = null;

  constructor(store = new UnfinishedStore(), spacing = SPACING) {
    this.#store = store;
    this.#spacing = spacing;
  }

  /** Runs that no worker holds any more, the newest first. */
  async list(): Promise<Unfinished[]> {
    const held = globalThis.navigator?.locks ? new Set((await navigator.locks.query()).held?.map(({ name }) => name)) : new Set<string>();
    return (await this.#store.list()).filter(({ id }) => id !== this.#record?.id && !held.has(lockOf(id)));
  }

  async drop(id: string): Promise<void> {
    await this.#store.end(id);
  }

  /** Puts back what the stages of an unfinished run had left; throws a sentence where that cannot be. */
  async takeUp(id: string, engine: Engine, memory: Memory): Promise<void> {
    const found = (await this.#store.list()).find((one) => one.id === id);
    if (!found) throw new LabError('file', 'This run cannot be gone on with any more: what was kept of it is gone. Run it anew.');
    if (found.kind !== kindOf(engine)) throw new LabError('device', 'This run was begun on another device or backend, whose numbers differ in their last digits; choose that one again, or run it anew here.');
    await this.#forget();
    if (!await this.#hold(id)) throw new LabError('config', 'This run goes on in another tab; see it there, or close that tab first.');
    this.#record = found;
    const stages = await this.#store.readStages(id);
    // Written by `keep` under this version of the lab; each outcome is used only under its own key.
    belongTo(memory, engine);
    if (typeof stages === 'object' && stages !== null) Object.assign(memory, stages as Partial<Outcomes>);
  }

  /** A run begins, or goes on; the port for its checkpoints. null where nothing can be kept. */
  async begin(config: Config, preset: PresetName, engine: Engine): Promise<Checkpoints | null> {
    const kind = kindOf(engine);
    const before = this.#record?.kind === kind ? this.#record : null;
    if (!before) await this.#forget();
    const id = before?.id ?? crypto.randomUUID();
    const record: Unfinished = { version: 1, stage: 'source', share: 0, ...before, id, kind, config, preset, started: before?.started ?? new Date().toISOString() };
    if (!before && !await this.#hold(id)) return null;
    this.#record = record;
    if (!await this.#store.note(record)) {
      await this.#forget();
      return null;
    }
    let last = performance.now();
    const { pause: least, sparing } = this.#spacing;
    let pause = least;
    return {
      read: (key) => this.#store.readCourse(id, key),
      due: () => performance.now() - last >= pause,
      write: async (key, value) => {
        const start = performance.now();
        await this.#store.keepCourse(id, key, value);
        await this.#noteRecord();
        last = performance.now();
        pause = Math.max(least, sparing * (last - start));
      },
    };
  }

  /** The stages' outcomes are kept when one is finished; how far the run is, is known from its events. */
  async see(event: LabEvent, memory: Memory): Promise<void> {
    if (!this.#record) return;
    if (event.kind === 'progress') this.#record = { ...this.#record, stage: event.stage, share: Math.min(1, event.done / Math.max(1, event.total)) };
    if (event.kind !== 'stage' || event.state !== 'done' || event.reused) return;
    this.#record = { ...this.#record, stage: next(event.stage, this.#record.stage), share: 0 };
    const outcomes = outcomesOf(memory);
    // The source's images, which may be many, are beside the embedding for its thumbnails alone.
    const embedding = outcomes.embedding && { ...outcomes.embedding, value: { ...outcomes.embedding.value, task: null } };
    await this.#store.keepStages(this.#record.id, { ...outcomes, embedding });
    await this.#noteRecord();
  }

  /** It is finished: nothing of it is needed any more. */
  async finished(): Promise<void> {
    await this.#forget();
  }

  async #noteRecord(): Promise<void> {
    if (this.#record) await this.#store.note(this.#record);
  }

  /** The record of this worker goes. */
  async #forget(): Promise<void> {
    const record = this.#record;
    this.#record = null;
    if (!record) return;
    await this.#store.end(record.id);
    this.#release?.();
    this.#release = null;
  }

  /** False when another worker holds it. */
  async #hold(id: string): Promise<boolean> {
    if (!globalThis.navigator?.locks) return true;
    return new Promise((resolve) => {
      void navigator.locks.request(lockOf(id), { ifAvailable: true }, (lock) => {
        if (!lock) {
          resolve(false);
          return null;
        }
        return new Promise<void>((release) => {
          this.#release?.();
          this.#release = release;
          resolve(true);
        });
      });
    });
  }
}

/** The stage after a finished one, unless a later one is known to be in work. */
function next(done: Stage, now: Stage): Stage {
  return STAGES[Math.max(STAGES.indexOf(done) + 1, STAGES.indexOf(now))] ?? 'verdict';
}
