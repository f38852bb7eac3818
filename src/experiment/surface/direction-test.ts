/**
 * The direction test: from a point built from no fine-tuned extractor, (mean, the probe's head), steps of the same norms
 * along the top directions of the learned covariance and along random directions of the extractor's weights. If the
 * posterior knows where the downstream loss is flat, the first must cost less. The longest step is as long as the way
 * of plain fine-tuning, mean over seeds.
 */
import { mean } from '../../core/statistics.ts';
import { randomUnit } from '../../measure/directions.ts';
import type { LabEvent } from '../events.ts';
import type { DirectionMeasurements, Moved } from './evidence.ts';
import { alongRay } from './lines.ts';
import type { Pace } from '../pace.ts';
import type { Studio } from './studio.ts';

/** Directions of either kind at most. */
const DIRECTIONS = 5;
/** Norms of the steps as shares of the longest. */
const SHARES = [0.125, 0.25, 0.5, 0.75, 1];

/** The point that steps start from. */
const FROM = 'mean + probe';

interface Walk {
  kind: 'covariance' | 'random';
  direction: number;
  u: Float32Array;
}

/** Points evaluated for a seed. */
export function pointsInTest(studio: Studio): number {
  return walksOf(studio).length * 2 * SHARES.length + 1;
}

/** Null when there is no covariance factor, no probe, or no plain run. */
export async function* measureDirections(studio: Studio, pace: Pace): AsyncGenerator<LabEvent, DirectionMeasurements | null> {
  const walks = walksOf(studio);
  const { seeds } = studio.input;
  const longest = mean(seeds.flatMap((seed) => {
    const [origin, plain] = [studio.point('pre-trained', seed), studio.point('none', seed)];
    return origin && plain ? [extractorDistance(studio, origin, plain)] : [];
  }));
  if (walks.length === 0 || !(longest > 0)) return null;
  const radii = SHARES.map((share) => share * longest);
  const base: DirectionMeasurements['base'] = { train: [], test: [] };
  const moved: Moved[] = [];
  for (const [s, seed] of seeds.entries()) {
    const origin = studio.point(FROM, seed);
    const label = `Testing directions, seed ${seed}`;
    const start = origin && (yield* alongRay(studio, { origin, u: walks[0]!.u, length: longest }, [0], seed, pace, label));
    base.train.push(start?.trainNll[0] ?? NaN);
    base.test.push(start?.testNll[0] ?? NaN);
    if (!origin) continue;
    for (const { kind, direction, u } of walks) {
      const steps = radii.flatMap((norm, radius) => ([1, -1] as const).map((sign) => ({ t: sign * norm, radius, sign })));
      const losses = yield* alongRay(studio, { origin, u, length: longest }, steps.map(({ t }) => t), seed, pace, label);
      steps.forEach(({ radius, sign }, i) => moved.push({ kind, seed: s, direction, radius, sign, train: losses.trainNll[i]!, test: losses.testNll[i]! }));
    }
  }
  return { from: FROM, radii, base, moved };
}

/** The same directions for every seed. */
function walksOf(studio: Studio): Walk[] {
  const { seeds, posterior } = studio.input;
  const theta = seeds.map((seed) => studio.point(FROM, seed)).find((found) => found !== null);
  if (!theta) return [];
  const count = Math.min(DIRECTIONS, posterior.rank);
  const covariance = Array.from({ length: count }, (_, direction) => studio.direction({ kind: 'covariance', index: direction }, theta, seeds[0]!));
  return [
    ...covariance.flatMap((found, direction) => (found ? [{ kind: 'covariance' as const, direction, u: found.u }] : [])),
    ...Array.from({ length: count }, (_, direction) => ({ kind: 'random' as const, direction, u: randomUnit(theta.length, seeds[0]!, direction, studio.table.extractor) })),
  ];
}

function extractorDistance(studio: Studio, a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < studio.table.extractor; j++) sum += (a[j]! - b[j]!) ** 2;
  return Math.sqrt(sum);
}
