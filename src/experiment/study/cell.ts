/**
 * A cell of a study: one value of the axis with one seed, all arms tuned on it. What is kept of it is pure JSON, known by a key of
 * everything that its numbers follow from, so that a study that was cut off goes on where it stopped.
 */
import { z } from 'zod';
import { joinedBytes } from '../../core/bytes.ts';
import { sha256Hex } from '../../data/hash.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { ARMS } from '../../prior/prior.ts';
import { keysOf } from '../keys.ts';
import { kindOf } from '../memory.ts';
import type { ArmResult, Run } from '../result.ts';
import type { Experiment } from '../runner.ts';
import type { SettingKey } from '../config/settings.ts';
import { measuresAverages } from './axis.ts';

export interface CellRecord {
  value: number;
  seed: number;
  /** One an arm; metrics are NaN where no run survived. */
  arms: ArmResult[];
  /** Every training run that went to its end, tuning included. */
  runs: Run[];
  /** Training runs that successive halving ended early. */
  ended: number;
}

/** Where cells are kept: `key` is 64 hexadecimal digits. What cannot be read is null; a write that fails costs only the next run's time. */
export interface CellKeep {
  read(key: string): Promise<string | null>;
  write(key: string, cell: string): Promise<void>;
}

/** Counts up when the same config and data would give other numbers than before. */
const VERSION = 1;

/** `experiment`: with the config at the cell's value. */
export async function cellKey(experiment: Experiment, axis: SettingKey, seed: number): Promise<string> {
  const { config, engine, imported } = experiment;
  const keys = keysOf({ ...experiment, config: { ...config, seeds: 1 } });
  const identity = JSON.stringify([
    VERSION, measuresAverages(axis) ? ['averages', keys.inference] : keys.downstream, imported ? await posteriorHash(imported) : null, seed, kindOf(engine), config['study.halving'],
  ]);
  return sha256Hex(new TextEncoder().encode(identity));
}

/** Hashed once: every cell asks, and the numbers may be tens of megabytes. */
const HASHES = new WeakMap<Posterior, Promise<string>>();

/** An imported posterior has no settings to be known by: its numbers are its name. */
function posteriorHash(posterior: Posterior): Promise<string> {
  const found = HASHES.get(posterior) ?? hashed(posterior);
  HASHES.set(posterior, found);
  return found;
}

async function hashed({ gaussian: { mean, variance, factor } }: Posterior): Promise<string> {
  const parts = [mean, variance, factor].map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return sha256Hex(joinedBytes(parts));
}

/** NaN becomes null. */
export function encodeCell(cell: CellRecord): string {
  return JSON.stringify(cell);
}

const finite = z.number().nullable().transform((value) => value ?? NaN);
const metrics = z.object({ accuracy: finite, nll: finite, ece: finite, brier: finite, meanIoU: finite.optional() })
  .transform(({ meanIoU, ...rest }) => ({ ...rest, ...(meanIoU === undefined ? {} : { meanIoU }) }));
const tuned = { arm: z.enum(ARMS), n: z.int(), seed: z.int(), scale: z.number().nullable(), headStrength: finite, learningRate: finite };
const CELL = z.object({
  value: z.number(), seed: z.int(), ended: z.int(),
  arms: z.array(z.object({ ...tuned, atEdge: z.enum(['low', 'high']).nullable(), train: metrics, validation: metrics, test: metrics, diverged: z.int() })),
  runs: z.array(z.object({ ...tuned, validation: metrics, chosen: z.boolean(), divergedAt: z.int().nullable() })),
});

/** Null for what is no cell: it is computed again. */
export function decodeCell(text: string | null): CellRecord | null {
  if (text === null) return null;
  try {
    return CELL.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
