/**
 * A kept run as bytes: its entry and its whole result, without loss (pack.ts). Reading is a boundary: the file may be damaged, of another version, or
 * no run at all, and is refused by the first thing that does not fit.
 */
import { z } from 'zod';
import { LabError } from '../../core/errors.ts';
import type { Result } from '../../experiment/result.ts';
import { ALL_METRICS, METRICS } from '../../measure/metrics.ts';
import { ARMS } from '../../prior/prior.ts';
import { pack, unpack } from '../pack.ts';
import { float, migrated, readEntry, type RunEntry } from './entry.ts';

const VERSION = 1;

const arm = z.enum(ARMS);
const metrics = z.object({ ...Object.fromEntries(METRICS.map((metric) => [metric, float])), meanIoU: float.optional() });
const floats = z.array(float);
const interval = z.looseObject({ mean: float, ci95: z.tuple([float, float]).nullable(), seeds: z.int() });
const some = z.looseObject({});
const map = z.instanceof(Float32Array);

/** What the panels read without asking; deeper down the lab's own writing is trusted. */
const RESULT = z.looseObject({
  version: z.literal(1),
  preset: z.string(),
  created: z.string(),
  config: z.looseObject({}),
  device: some,
  source: z.looseObject({ dataset: z.string(), accuracy: float.nullable(), nll: float.nullable(), steps: float, imported: z.boolean(), curve: z.array(z.looseObject({ step: float, nll: float })) }),
  posterior: z.looseObject({ rank: z.int(), params: z.int(), spectrum: floats, layers: z.array(some), drawAccuracy: floats }),
  embedding: z.union([
    z.looseObject({ figures: z.looseObject({ source: some, random: some }), difference: some, sentence: z.string(), classNames: z.array(z.string()), map: z.looseObject({ labels: z.instanceof(Uint16Array), rows: z.instanceof(Uint32Array), planes: z.looseObject({ source: z.looseObject({ points: map }), random: z.looseObject({ points: map }) }) }) }),
    z.looseObject({ missing: z.string() }),
  ]).nullable().default(null),
  downstream: z.looseObject({ dataset: z.string(), n: z.int(), classNames: z.array(z.string()), seeds: floats }),
  runs: z.array(z.looseObject({ arm, validation: metrics, chosen: z.boolean() })),
  arms: z.array(z.looseObject({ arm, train: metrics, validation: metrics, test: metrics })),
  summaries: z.array(z.intersection(interval, z.looseObject({ arm, metric: z.enum(ALL_METRICS) }))),
  comparisons: z.array(z.intersection(interval, z.looseObject({ arm, versus: arm, metric: z.enum(ALL_METRICS), verdict: z.string() }))),
  // Runs kept before there was segmentation say nothing of it.
  segmentation: z.looseObject({ classNames: z.array(z.string()), height: z.int(), width: z.int(), arms: z.array(z.looseObject({ arm, seed: float })), classes: z.array(z.intersection(interval, z.looseObject({ arm, className: z.string() }))) }).nullable().default(null),
  race: z.array(z.looseObject({ step: float, arms: z.array(z.looseObject({ arm, validationNll: floats, trainNll: floats })) })),
  surface: z.looseObject({
    plane: z.looseObject({ a: floats, b: floats, trainNll: map, testNll: map, trainAccuracy: map, testAccuracy: map, measured: z.instanceof(Uint8Array), points: z.array(some), priors: z.array(some) }).nullable(),
    lines: z.array(z.looseObject({ cut: z.string(), t: floats, trainNll: floats, testNll: floats, priors: z.array(some) })),
    alignmentGap: z.array(some),
    directionTest: some.nullable(),
  }),
  inference: z.looseObject({ predictions: z.array(some), summaries: z.array(some), comparisons: z.array(some), diagnostics: z.array(some) }).nullable(),
  scaling: z.looseObject({ runs: z.array(some), layers: z.array(z.string()) }).nullable(),
  priorPredictive: some.nullable(),
  sentences: z.record(z.string(), z.string()),
  timings: z.looseObject({ total: float }),
});

export function writeRun(entry: RunEntry, result: Result): Uint8Array<ArrayBuffer>[] {
  return pack({ version: VERSION, entry, result });
}

/** Throws LabError('file' | 'config') with one sentence. */
export function readRun(bytes: Uint8Array): { entry: RunEntry; result: Result } {
  const held = migrated(unpack(bytes), VERSION, {}, 'This run');
  const entry = readEntry(held['entry']);
  const parsed = RESULT.safeParse(held['result']);
  if (!parsed.success) throw new LabError('file', `This run cannot be read: ${parsed.error.issues[0]?.path.join('.')} of its result does not fit.`);
  // Checked above as far as panels go on their own; its settings are those of the entry, whole.
  return { entry, result: { ...parsed.data, config: entry.config } as unknown as Result };
}
