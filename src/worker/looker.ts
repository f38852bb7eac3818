/** Looking at the data of a role: whole views and blocks of images, from data that are made once and kept while the settings ask for them. */
import { LabError } from '../core/errors.ts';
import { blockOf, rowsOfClass } from '../data/inspect/browse.ts';
import type { Search } from '../data/inspect/duplicates.ts';
import { type Leakage, leakageOf } from '../data/inspect/leakage.ts';
import { type Config, parseConfig } from '../experiment/config/config.ts';
import { type DataLook, lookAt, type LookedRole, type RoleData, roleData, roleKey } from '../experiment/look/look.ts';
import type { Library } from '../experiment/tasks.ts';
import type { Requests } from './protocol.ts';

/** Searching at a stretch, ms: what the page asks meanwhile waits no longer. */
const PIECE = 100;

interface Held {
  key: string;
  data: Promise<RoleData>;
  /** Rows of the class shown last. */
  rows: { label: number | null; list: Uint32Array } | null;
  /** What the search for near-duplicates found, or the search under way; null: none was asked for. */
  leakage: Promise<Leakage | null> | null;
}

export class Looker {
  readonly #library: () => Library;
  readonly #held = new Map<LookedRole, Held>();

  constructor(library: () => Library) {
    this.#library = library;
  }

  async look({ role, config: given }: Requests['lookAtData']['in']): Promise<DataLook> {
    const { config } = parseConfig(given);
    const other = await this.#of(role === 'source' ? 'downstream' : 'source', config).data.catch((error: unknown) => {
      if (error instanceof LabError) return error.message;
      throw error;
    });
    return lookAt(role, await this.#of(role, config).data, other);
  }

  async duplicates({ role, config }: Requests['findDuplicates']['in']): Promise<Requests['findDuplicates']['out']> {
    const held = this.#of(role, parseConfig(config).config);
    if (!held.leakage) {
      const searching = held.data.then(({ dataset }) => inPieces(leakageOf(dataset), () => this.#held.get(role) === held));
      held.leakage = searching;
      searching.catch(() => {
        held.leakage = null;
      });
    }
    return held.leakage;
  }

  async block({ role, config, label, from, to, columns }: Requests['dataBlock']['in']): Promise<Requests['dataBlock']['out']> {
    const held = this.#of(role, parseConfig(config).config);
    const { dataset } = await held.data;
    if (held.rows?.label !== label) held.rows = { label, list: rowsOfClass(dataset, label) };
    return blockOf(dataset, held.rows.list, from, to, columns);
  }

  #of(role: LookedRole, config: Config): Held {
    const library = this.#library();
    const key = roleKey(role, config, library);
    const held = this.#held.get(role);
    if (held?.key === key) return held;
    const made: Held = { key, data: roleData(role, config, library), rows: null, leakage: null };
    this.#held.set(role, made);
    // What failed may be asked for again.
    made.data.catch(() => {
      if (this.#held.get(role) === made) this.#held.delete(role);
    });
    return made;
  }
}

/** Drives a search, with a pause after every piece in which the worker hears of other requests; null when it was not wanted any more. */
async function inPieces<T>(search: Search<T>, wanted: () => boolean): Promise<T | null> {
  for (;;) {
    const until = performance.now() + PIECE;
    do {
      const step = search.next();
      if (step.done) return step.value;
    } while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve));
    if (!wanted()) return null;
  }
}
