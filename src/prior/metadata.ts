/**
 * What a prior file says about itself: the JSON under `__metadata__.priorscape` (spec version 1), validated on the way
 * in and on the way out, so that nothing is written that could not be read. Field by field it is the Posterior without
 * its numbers. Unknown fields are ignored.
 */
import { z } from 'zod';
import { LabError } from '../core/errors.ts';
import type { ArchitectureName, ParameterTable } from '../model/architecture.ts';
import { BASIN_STARTS, type Posterior, POSTERIOR_METHODS, SOURCE_METHODS } from '../posterior/posterior.ts';
import { parseStrictJson } from './strict-json.ts';

export const SPEC_VERSION = 1;
const ARCHITECTURES = ['convnet-s', 'mlp', 'linear', 'resnet-8', 'resnet-14'] as const satisfies readonly ArchitectureName[];
const LONGEST_TEXT = 10_000;
const MOST_BASINS = 1000;

const text = z.string().max(LONGEST_TEXT);
const count = (most: number) => z.number().int().min(1).max(most);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 hexadecimal digits');

const METADATA = z.object({
  version: z.literal(SPEC_VERSION),
  architecture: z.object({
    name: z.enum(ARCHITECTURES),
    widths: z.array(count(65_536)).max(64),
    /** Stride of a ResNet's first convolution; 1 where it is not told, and without meaning for other networks. */
    stem: z.literal([1, 2]).optional(),
    input: z.object({ height: count(4096), width: count(4096), channels: count(64) }),
    classes: count(65_536),
  }),
  /** Networks see (pixel − mean) / std, pixel in [0, 1]. */
  normalisation: z.object({ mean: z.number(), std: z.number().positive() }),
  /** Extractor tensors in the order in which they make up w. */
  parameters: z.array(text).min(1).max(1000),
  rank: z.number().int().min(0).max(10_000),
  snapshots: z.number().int().min(0),
  source: z.object({
    dataset: text,
    /** Empty when unknown. */
    sha256: z.union([sha256, z.literal('')]),
    /** Other than supervised, `head.*` is a linear probe fitted when training was over. */
    method: z.enum(SOURCE_METHODS),
    classNames: z.array(text),
    accuracy: z.number().min(0).max(1).nullable(),
    nll: z.number().min(0).nullable(),
    training: z.record(text, z.union([z.number(), text])),
    /** Absent: training started from an initialisation. */
    start: z.object({ file: text, sha256, used: z.number().int().min(0), tensors: count(10_000), head: z.boolean() }).optional(),
  }),
  /** Absent: SWAG in one basin. */
  posterior: z.object({
    method: z.enum(POSTERIOR_METHODS),
    basins: z.object({
      start: z.enum(BASIN_STARTS),
      accuracy: z.array(z.number().min(0).max(1).nullable()).min(2).max(MOST_BASINS),
      nll: z.array(z.number().min(0).nullable()),
      /** Between the means of every pair of basins, parameter units. */
      distances: z.array(z.number().min(0)),
    }).refine(({ accuracy: { length }, nll, distances }) => nll.length === length && distances.length === (length * (length - 1)) / 2, {
      message: 'accuracy, nll and distances disagree on the number of basins',
    }).nullable(),
  }).optional(),
  seed: z.number().int().min(0).max(0xffffffff),
  created: z.iso.datetime({ offset: true }),
  licence: text,
  /** Of the tensor bytes: everything after the header. */
  sha256,
}).refine(({ architecture, source }) => source.classNames.length === architecture.classes, {
  path: ['source', 'classNames'], message: 'there must be one class name a class',
});
export type PriorMetadata = z.infer<typeof METADATA>;

/** One sentence: the file is no prior this lab can use, because … */
export function priorFault(what: string): LabError {
  return new LabError('file', `This prior file cannot be used: ${what}.`);
}

/** Throws LabError('file') when the posterior cannot be described by the spec. */
export function describeMetadata(posterior: Posterior, table: ParameterTable, tensorSha256: string): PriorMetadata {
  const { architecture, normalisation, gaussian, snapshots, provenance } = posterior;
  const { name, widths, stem, input, classes } = architecture;
  const { dataset, datasetSha256, method, classNames, sourceAccuracy, sourceNll, training, start, posterior: made, seed, created, licence } = provenance;
  return validate({
    version: SPEC_VERSION,
    architecture: { name, widths, stem, input, classes },
    normalisation,
    parameters: table.entries.filter((entry) => entry.part === 'extractor').map((entry) => entry.name),
    rank: gaussian.rank,
    snapshots,
    source: { dataset, sha256: datasetSha256, method, classNames, accuracy: sourceAccuracy, nll: sourceNll, training, ...(start ? { start } : {}) },
    ...(made.method === 'swag' && made.basins === null ? {} : { posterior: made }),
    seed, created, licence,
    sha256: tensorSha256,
  });
}

/** Reads the JSON string of `__metadata__.priorscape`; throws LabError('file') with the first fault. */
export function parseMetadata(json: string): PriorMetadata {
  const parsed = parseStrictJson(json, 4);
  if ('problem' in parsed) {
    switch (parsed.problem) {
      case 'syntax': throw priorFault('its description is not JSON');
      case 'duplicate': throw priorFault(`its description has the key ${JSON.stringify(parsed.key.slice(0, 60))} twice`);
      case 'proto': throw priorFault('its description has the key "__proto__"');
      case 'depth': throw priorFault('its description is nested too deeply');
      default: return parsed satisfies never;
    }
  }
  // The two questions a newer or foreign file fails on deserve their own words.
  const { value } = parsed;
  if (!isRecord(value)) throw priorFault('its description is not a JSON object');
  if (value['version'] !== SPEC_VERSION) {
    const version = typeof value['version'] === 'number' ? value['version'] : 'unknown';
    throw priorFault(`it follows version ${version} of the format, and this lab reads version ${SPEC_VERSION}`);
  }
  const name = isRecord(value['architecture']) ? value['architecture']['name'] : undefined;
  if (typeof name === 'string' && !(ARCHITECTURES as readonly string[]).includes(name)) {
    throw priorFault(`its architecture ${JSON.stringify(name.slice(0, 60))} is not one this lab knows (${ARCHITECTURES.join(', ')})`);
  }
  return validate(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function validate(value: unknown): PriorMetadata {
  const outcome = METADATA.safeParse(value);
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  const message = (issue?.message ?? 'invalid').replace(/^Invalid input: /, '').replace(/\.$/, '');
  throw priorFault(`its description is faulty at "${issue?.path.join('.') ?? ''}" (${message})`);
}
