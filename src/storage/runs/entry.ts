/**
 * What the history says of a run: a line of the index, small enough to be listed and compared without its files. Entries come from the browser's
 * database and from files of other visits, so each goes through `readEntry`; those of older versions are brought up to this one step by step.
 */
import { z } from 'zod';
import { LabError } from '../../core/errors.ts';
import { type Config, parseConfig } from '../../experiment/config/config.ts';
import type { PresetName } from '../../experiment/config/presets.ts';
import type { Result } from '../../experiment/result.ts';
import { ALL_METRICS } from '../../measure/metrics.ts';
import { ARMS } from '../../prior/prior.ts';

export const ENTRY_VERSION = 1;

/** JSON and zod know no NaN; here it stands for a number that does not exist. */
export const float = z.custom<number>((value) => typeof value === 'number', 'a number');
const interval = { mean: float, ci95: z.tuple([float, float]).nullable(), seeds: z.int().nonnegative() };

/** What a visitor calls a run. */
export const NAMED = { name: z.string().min(1).max(200), tags: z.array(z.string().min(1).max(60)).max(20) };

const ENTRY = z.object({
  version: z.literal(ENTRY_VERSION),
  id: z.string().regex(/^[\w-]{8,80}$/),
  ...NAMED,
  /** When the run ended, ISO 8601. */
  created: z.iso.datetime(),
  preset: z.string(),
  config: z.record(z.string(), z.unknown()),
  device: z.object({ engine: z.enum(['tfjs', 'fused']), backend: z.enum(['webgpu', 'webgl', 'wasm', 'cpu']), adapter: z.string().nullable(), software: z.boolean(), workers: z.int() }),
  /** The result in a line. */
  line: z.string(),
  digest: z.string().length(64),
  summaries: z.array(z.object({ ...interval, arm: z.enum(ARMS), n: z.int(), metric: z.enum(ALL_METRICS) })),
  /** Seconds of computing. */
  seconds: float,
  bytes: z.int().nonnegative(),
  /** Its prior file is kept too. */
  prior: z.boolean(),
  /** When it was put among the deleted, ISO 8601. */
  deleted: z.iso.datetime().nullable(),
});

export type RunEntry = Omit<z.infer<typeof ENTRY>, 'config' | 'preset'> & { preset: PresetName; config: Config };

/** `steps[v]` brings a value of version v to v + 1. */
type Migrations = Readonly<Record<number, (value: Record<string, unknown>) => Record<string, unknown>>>;

/** A value of any earlier version as one of version `to`. Throws LabError('file') for what is newer, or was never of this kind. */
export function migrated(value: unknown, to: number, steps: Migrations, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || !('version' in value) || typeof value.version !== 'number') throw new LabError('file', `${what} is not readable.`);
  let now: Record<string, unknown> = { ...value };
  for (let version = value.version; version < to; version++) {
    const step = steps[version];
    if (!step) throw new LabError('file', `${what} is of version ${version}, which this lab cannot read any more.`);
    now = { ...step(now), version: version + 1 };
  }
  if (now['version'] !== to) throw new LabError('file', `${what} was written by a newer version of the lab; load that version to read it.`);
  return now;
}

/** Throws LabError with one sentence. A setting that did not exist when the run was made has the value that its preset has now. */
export function readEntry(value: unknown): RunEntry {
  const parsed = ENTRY.safeParse(migrated(value, ENTRY_VERSION, {}, 'A run of the history'));
  if (!parsed.success) throw new LabError('file', `A run of the history is not readable: ${parsed.error.issues[0]?.path.join('.')} does not fit.`);
  return { ...parsed.data, ...parseConfig({ ...parsed.data.config, preset: parsed.data.preset }) };
}

export function entryOf(result: Result, facts: Pick<RunEntry, 'id' | 'digest' | 'bytes' | 'prior'>): RunEntry {
  const { config, created, device: { engine, backend, adapter, software, workers }, summaries, sentences, timings } = result;
  return {
    version: ENTRY_VERSION, ...facts, name: config.name, tags: [], created, preset: parseConfig({ preset: result.preset }).preset, config, device: { engine, backend, adapter, software, workers },
    line: lineOf(sentences.verdict ?? ''), summaries, seconds: timings.total, deleted: null,
  };
}

/** The first two sentences of a verdict. */
export function lineOf(text: string): string {
  return text.split(/(?<=\.)\s+(?=\p{Lu})/u).slice(0, 2).join(' ');
}
