/**
 * Checkpoints of the stages that train: where source training and the downstream comparison stand, so that a run that was cut off (a reload, a crash, a lost
 * device) goes on to the same numbers. The runner is handed a port; drivers say where they stand when it is time, and are told where they stood.
 * What is read back was written by this lab under the same key and is whole (its storage checks that); here it is only held against its shape.
 */
import { z } from 'zod';
import type { PopulationState } from '../engine/contract.ts';
import type { SwagState } from '../posterior/swag.ts';
import type { SourcePoint } from './events.ts';
import type { RacePoint } from './result.ts';

/** What the runner asks of the world; keys are those of the stages (keys.ts). */
export interface Checkpoints {
  /** What was kept under this key; null when nothing was. */
  read(key: string): Promise<unknown>;
  /** Whether the last one is long enough ago. */
  due(): boolean;
  /** In the place of what was kept before. A checkpoint that cannot be written is none: it never fails the run. */
  write(key: string, value: object): Promise<void>;
}

/** What a driver asks: where it stood, and to keep where it stands. `state` is called only when it is time. */
export interface Course<T> {
  from: T | null;
  keep(state: () => Promise<T>): Promise<void>;
}

/** A course without checkpoints. */
export const UNKEPT: Course<never> = { from: null, keep: async () => undefined };

/** Source training: in which population of the stage (0: the only one, or the trunk before branches), after which step of the stage. */
export interface SourceState {
  run: number;
  step: number;
  /** Sums of the live curve since its last point. */
  since: { steps: number; nll: number; accuracy: number };
  snapshots: number;
  population: PopulationState;
  starts: Float32Array[];
  basins: { swag: SwagState; head: Float64Array }[];
  /** The live curve so far. */
  points: SourcePoint[];
}

/** The comparison: trained up to `population.step`, with the race so far. */
export interface ComparisonState {
  population: PopulationState;
  race: RacePoint[];
}

/** A checkpoint of more bytes would cost more than it saves. */
const MOST_BYTES = 2 ** 28;

/** Whether a population of so many chains and parameters is worth a checkpoint. */
export function isKeepable(chains: number, parameters: number): boolean {
  return 8 * chains * parameters <= MOST_BYTES;
}

const floats = z.instanceof(Float32Array);
const population = z.object({ step: z.int().nonnegative(), theta: z.array(floats), previous: z.array(floats), divergedAt: z.instanceof(Int32Array) });
const number = z.custom<number>((value) => typeof value === 'number');

const hasStep = (value: unknown): boolean => typeof value === 'object' && value !== null && 'step' in value && typeof value.step === 'number';

const SOURCE: z.ZodType<SourceState> = z.object({
  run: z.int(), step: z.int(), since: z.object({ steps: number, nll: number, accuracy: number }), snapshots: z.int(), population, starts: z.array(floats),
  basins: z.array(z.object({
    swag: z.object({ dimension: z.int(), capacity: z.int(), count: z.int(), mean: z.instanceof(Float64Array), squares: z.instanceof(Float64Array), deviations: z.array(floats) }),
    head: z.instanceof(Float64Array),
  })),
  points: z.array(z.custom<SourcePoint>(hasStep)),
});
const COMPARISON: z.ZodType<ComparisonState> = z.object({
  population, race: z.array(z.custom<RacePoint>(hasStep)),
});

export const sourceCourse = (port: Checkpoints | null, key: string): Promise<Course<SourceState>> => courseOf(port, `source ${key}`, SOURCE);
export const comparisonCourse = (port: Checkpoints | null, key: string): Promise<Course<ComparisonState>> => courseOf(port, `downstream ${key}`, COMPARISON);

async function courseOf<T extends object>(port: Checkpoints | null, key: string, schema: z.ZodType<T>): Promise<Course<T>> {
  if (!port) return UNKEPT;
  const parsed = schema.safeParse(await port.read(key));
  return {
    from: parsed.success ? parsed.data : null,
    keep: async (state) => {
      if (port.due()) await port.write(key, await state());
    },
  };
}
