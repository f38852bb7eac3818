/**
 * Runs that are not finished, so that a reload, a crash of the tab or of the machine costs at most the last few seconds: of each a small file that says
 * what it is and how far it is, one with the outcomes of its finished stages, and one with where the stage in work stands. Files go when a run ends.
 */
import { joinedBytes } from '../../core/bytes.ts';
import { z } from 'zod';
import { type Config, parseConfig } from '../../experiment/config/config.ts';
import type { PresetName } from '../../experiment/config/presets.ts';
import { type Stage, STAGES } from '../../experiment/config/settings.ts';
import { type Folder, InTurn, openFolder } from '../folder.ts';
import { Generations } from '../generations.ts';
import { pack, unpack } from '../pack.ts';

const FOLDER = 'priorscape-unfinished';
const VERSION = 1;
/** Older ones go when there are more. */
const MOST = 3;

const INFO = z.object({
  version: z.literal(VERSION),
  id: z.string().regex(/^[\w-]{8,80}$/),
  started: z.iso.datetime(),
  preset: z.string(),
  config: z.record(z.string(), z.unknown()),
  /** What computed it (memory.ts); other engines have other numbers. */
  kind: z.string(),
  stage: z.enum(STAGES),
  /** Of that stage, 0…1. */
  share: z.number().min(0).max(1),
});

export type Unfinished = Omit<z.infer<typeof INFO>, 'config' | 'preset' | 'stage'> & { preset: PresetName; config: Config; stage: Stage };

type Part = 'info' | 'stages' | 'course';
const PARTS: readonly Part[] = ['info', 'stages', 'course'];

export class UnfinishedStore {
  readonly #folder: () => Promise<Folder | null>;
  readonly #turn = new InTurn(FOLDER);

  constructor(folder: () => Promise<Folder | null> = () => openFolder(FOLDER)) {
    this.#folder = folder;
  }

  /** The newest first; what cannot be read is not there. */
  async list(): Promise<Unfinished[]> {
    const files = await this.#files();
    if (!files) return [];
    const found: Unfinished[] = [];
    for (const name of await files.names()) {
      if (!name.endsWith('-info')) continue;
      const bytes = await files.load(name);
      const info = bytes && infoFrom(bytes);
      if (info) found.push(info);
    }
    return found.sort((a, b) => b.started.localeCompare(a.started));
  }

  /** Nothing is thrown where there is no room or no storage: then a run simply cannot be taken up again. `false` says so. */
  async note(info: Unfinished): Promise<boolean> {
    const done = await this.#write(info.id, 'info', info);
    if (done) for (const { id } of (await this.list()).slice(MOST)) if (id !== info.id) await this.end(id);
    return done;
  }

  keepStages(id: string, stages: object): Promise<boolean> {
    return this.#write(id, 'stages', stages);
  }

  readStages(id: string): Promise<unknown> {
    return this.#read(id, 'stages');
  }

  keepCourse(id: string, key: string, value: object): Promise<boolean> {
    return this.#write(id, 'course', { key, value });
  }

  /** null unless it was kept under this key. */
  async readCourse(id: string, key: string): Promise<unknown> {
    const held = await this.#read(id, 'course');
    return typeof held === 'object' && held !== null && 'key' in held && held.key === key && 'value' in held ? held.value : null;
  }

  async end(id: string): Promise<void> {
    await this.#turn.run(async () => {
      const files = await this.#files();
      for (const part of PARTS) await files?.remove(`${id}-${part}`);
    });
  }

  async #write(id: string, part: Part, value: object): Promise<boolean> {
    return this.#turn.run(async () => {
      const files = await this.#files();
      if (!files) return false;
      try {
        // A run must not end because there is no room for its checkpoint, here or on the disk.
        await files.keep(`${id}-${part}`, [joinedBytes(pack(value))]);
        return true;
      } catch {
        return false;
      }
    });
  }

  async #read(id: string, part: Part): Promise<unknown> {
    const bytes = await (await this.#files())?.load(`${id}-${part}`);
    return bytes ? readable(bytes) : null;
  }

  async #files(): Promise<Generations | null> {
    const folder = await this.#folder();
    return folder && new Generations(folder);
  }
}

function infoFrom(bytes: Uint8Array): Unfinished | null {
  const parsed = INFO.safeParse(readable(bytes));
  if (!parsed.success) return null;
  try {
    return { ...parsed.data, ...parseConfig({ ...parsed.data.config, preset: parsed.data.preset }) };
  } catch {
    return null;
  }
}

function readable(bytes: Uint8Array): unknown {
  try {
    return unpack(bytes);
  } catch {
    return null;
  }
}
