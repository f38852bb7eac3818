/**
 * Cuts through parameter space as a visitor names them: planes and lines by the points and directions that span them,
 * not by vectors. A link holds one as text; `readPlaneSpec` and `readLineSpec` are what every imported one passes through.
 */
import { z } from 'zod';
import { LabError } from '../../core/errors.ts';
import { ARMS, type Arm } from '../../prior/prior.ts';

/**
 * A point of one seed: (mean, h₀) where every fine-tuning starts, (mean, the probe's head), which is built from no
 * fine-tuned extractor, or an arm's solution.
 */
export const POINTS = ['pre-trained', 'mean + probe', ...ARMS] as const;
export type PointName = (typeof POINTS)[number];

/**
 * A direction in the extractor's weights: the `index`-th eigenvector of the learned covariance factor (0 has the most
 * variance); a random one among weights of low variance; a random one, filter-normalised (Li et al. 2018).
 */
export type DirectionSpec =
  | { kind: 'covariance'; index: number }
  | { kind: 'low-variance'; draw: number }
  | { kind: 'random'; draw: number };

export type PlaneSpec =
  /** Through three points; the first is the origin. */
  | { kind: 'points'; points: readonly [PointName, PointName, PointName] }
  /** Through a point along two directions. */
  | { kind: 'directions'; centre: PointName; directions: readonly [DirectionSpec, DirectionSpec] }
  /** Through an arm's solution along the two principal directions of its training trajectory. */
  | { kind: 'trajectory'; arm: Arm };

export type LineSpec =
  /** From one point to another, and half as far beyond on either side. */
  | { kind: 'between'; from: PointName; to: PointName }
  /** Through the solutions of several arms along one direction: a basin plot. */
  | { kind: 'basin'; direction: DirectionSpec; arms: readonly Arm[] };

const point = z.enum(POINTS);
const arm = z.enum(ARMS);
const small = z.int().min(0).max(999);
const direction = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('covariance'), index: small }),
  z.strictObject({ kind: z.literal('low-variance'), draw: small }),
  z.strictObject({ kind: z.literal('random'), draw: small }),
]);
const plane = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('points'), points: z.tuple([point, point, point]) }),
  z.strictObject({ kind: z.literal('directions'), centre: point, directions: z.tuple([direction, direction]) }),
  z.strictObject({ kind: z.literal('trajectory'), arm }),
]);
const line = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('between'), from: point, to: point }),
  z.strictObject({ kind: z.literal('basin'), direction, arms: z.array(arm).min(1) }),
]);

/** Throws LabError('config') with one sentence. */
export function readPlaneSpec(value: unknown): PlaneSpec {
  return read(plane, value, 'plane');
}

/** Throws LabError('config') with one sentence. */
export function readLineSpec(value: unknown): LineSpec {
  return read(line, value, 'line');
}

function read<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new LabError('config', `The ${what} ${JSON.stringify(value)} cannot be understood; choose a cut from the list.`);
  return parsed.data;
}

/** In the middle of a title: `top covariance direction`, `covariance direction 3`. */
export function directionWords(spec: DirectionSpec): string {
  switch (spec.kind) {
    case 'covariance': return spec.index === 0 ? 'top covariance direction' : `covariance direction ${spec.index + 1}`;
    case 'low-variance': return `low-variance direction${spec.draw === 0 ? '' : ` ${spec.draw + 1}`}`;
    case 'random': return `random direction${spec.draw === 0 ? '' : ` ${spec.draw + 1}`}`;
    default: return spec satisfies never;
  }
}

/** A point in the middle of a title. */
export function pointWords(name: PointName): string {
  switch (name) {
    case 'none': return 'plain';
    case 'scratch': return 'from scratch';
    case 'probe': return 'linear probe';
    case 'l2-sp': return 'L2-SP';
    default: return name;
  }
}
