/**
 * What the surface panel shows, as far as a visitor chose it: the cut, the maps, the controls of the prior. It is part of
 * the page's link, so `readView` is what every one passes through; what is not said is as the panel opens.
 */
import { z } from 'zod';
import { type LineSpec, type PlaneSpec, readLineSpec, readPlaneSpec } from '../../experiment/surface/cut-spec.ts';
import { FAMILIES, type Family } from '../../prior/prior.ts';
import type { PriorSetting } from './objective.ts';
import { QUANTITIES, type Quantity } from './quantities.ts';

/** The prior's controls; ε null: as in the run. */
export type ChosenSetting = Omit<PriorSetting, 'floor'> & { floor: number | null };

export interface SurfaceChoice {
  /** null: the plane of the run, through the pre-trained point and the plain and the learned prior's solutions. */
  plane: PlaneSpec | null;
  /** null: the first. */
  seed: number | null;
  /** Points along an axis; null: as in the settings. */
  resolution: number | null;
  /** Maps side by side: the training objective under several priors and the test NLL, or quantities under one prior. */
  compare: 'priors' | 'quantities';
  quantities: readonly Quantity[];
  /** null: the learned one. */
  family: Family | null;
  setting: ChosenSetting;
  /** T of the map of the posterior's energy. */
  temperature: number;
  solid: boolean;
  sameColours: boolean;
  trails: boolean;
  /** Samples of the posterior, by the method the settings name. */
  samples: boolean;
  ellipses: boolean;
  /** A line that was asked for beside those of the evidence. */
  line: LineSpec | null;
}

export const TUNED: ChosenSetting = { factor: 1, floor: null, rank: null };

/** The controls as they act: `floor` is ε of the run that is shown. */
export function settingOf(chosen: ChosenSetting, floor: number): PriorSetting {
  return { ...chosen, floor: chosen.floor ?? floor };
}

export const OPENING_CHOICE: SurfaceChoice = {
  plane: null, seed: null, resolution: null, compare: 'priors', quantities: ['train-nll', 'objective', 'prior', 'test-nll'], family: null,
  setting: TUNED, temperature: 1, solid: false, sameColours: false, trails: false, samples: false, ellipses: false, line: null,
};

const parts = {
  plane: z.unknown().transform((value) => readPlaneSpec(value)),
  seed: z.int().min(0).max(0xffffffff),
  resolution: z.int().min(3).max(201),
  compare: z.enum(['priors', 'quantities']),
  quantities: z.array(z.enum(QUANTITIES)).min(1).max(QUANTITIES.length),
  family: z.enum(FAMILIES),
  setting: z.strictObject({ factor: z.number().min(1e-9).max(1e9), floor: z.number().min(0).max(1e3).nullable(), rank: z.int().min(0).max(1000).nullable() }),
  temperature: z.number().min(1e-6).max(1e3),
  solid: z.boolean(),
  sameColours: z.boolean(),
  trails: z.boolean(),
  samples: z.boolean(),
  ellipses: z.boolean(),
  line: z.unknown().transform((value) => readLineSpec(value)),
} satisfies { [K in keyof SurfaceChoice]: z.ZodType };
const schema = z.strictObject(parts).partial();

/** Only what differs from the opening choice, as JSON; null when nothing does. */
export function writeView(choice: SurfaceChoice): string | null {
  const changed = Object.entries(choice).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(OPENING_CHOICE[key as keyof SurfaceChoice]));
  return changed.length === 0 ? null : JSON.stringify(Object.fromEntries(changed));
}

/** Null when it cannot be understood. */
export function readView(text: string): SurfaceChoice | null {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? { ...OPENING_CHOICE, ...dropUndefined(parsed.data) } : null;
  } catch {
    return null;
  }
}

function dropUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as { [K in keyof T]: Exclude<T[K], undefined> };
}
