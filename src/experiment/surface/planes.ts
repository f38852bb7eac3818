/**
 * Maps of the train and test loss on a plane: coarse at once, then finer where they bend (measure/refine.ts), each point
 * one chain evaluated once. A plane that was measured before comes back at once; a finer one takes over its points.
 */
import { LabError } from '../../core/errors.ts';
import { principalDirections } from '../../measure/directions.ts';
import { axesAround, distanceFrom, type Frame, frameAlong, linspace, onPlane, planeThrough } from '../../measure/plane.ts';
import type { Arm } from '../../prior/prior.ts';
import { cutFamilies, mapReach, reachAround, scanPoints } from './cuts.ts';
import { directionWords, type PlaneSpec, type PointName, pointWords } from './cut-spec.ts';
import type { LabEvent } from '../events.ts';
import { alongRay } from './lines.ts';
import type { Pace } from '../pace.ts';
import { recordPaths } from './paths.ts';
import { GridMaps } from './grid-maps.ts';
import type { Plane, PlanePoint } from '../result.ts';
import type { Direction, MeasuredPlane, Studio } from './studio.ts';

/** A plane before anything on it is known. */
interface Framed {
  frame: Frame;
  title: string;
  axes: [string, string];
  a: number[];
  b: number[];
}

/** A picture on the way when this share of the grid, or this many points, came since the last. */
const PICTURES = 10;
const FIRST = 36;

/** Points of a map at most, for an estimate of the time. */
export function pointsOfPlane(spec: PlaneSpec, resolution: number): number {
  return resolution ** 2 + (spec.kind === 'directions' ? 2 * scanPoints(1).length : 0);
}

/** Yields progress and pictures; returns the finished map. Throws LabError('config') when a point or a direction is missing. */
export async function* measurePlane(studio: Studio, spec: PlaneSpec, seed: number, resolution: number, pace: Pace): AsyncGenerator<LabEvent, Plane> {
  const { train, test } = studio.rows[studio.index(seed)]!;
  const key = JSON.stringify([spec, seed, resolution, train.length, test.length]);
  const known = studio.plane(key);
  if (known?.whole) {
    yield { kind: 'plane', plane: known.plane };
    return known.plane;
  }
  const { frame, title, axes, a, b } = yield* framed(studio, spec, seed, resolution, pace);
  const maps = new GridMaps(a, b);
  for (const { plane } of studio.planes()) {
    if (plane.seed === seed && JSON.stringify(plane.spec) === JSON.stringify(spec) && plane.rows.test === test.length && plane.rows.train === train.length) maps.adopt(plane);
  }
  const fixed = {
    key, spec, seed, title, axes, a, b, n: studio.n(seed), rows: { train: train.length, test: test.length },
    points: pointsNear(studio, spec, frame, seed), degenerate: frame.degenerate,
    priors: studio.priors(seed, (sections, headStrength) => sections.onPlane(frame, headStrength)),
  };
  const picture = (): Plane => ({ ...fixed, ...maps.picture() });
  const most = resolution ** 2;
  let pictured = maps.count;
  let measured: MeasuredPlane | null = null;
  try {
    for (let todo = maps.next(); todo.length > 0; todo = maps.next()) {
      for (let from = 0; from < todo.length;) {
        const batch = todo.slice(from, from + studio.piece(pace, seed, todo.length - from));
        const coordinates = Float32Array.from(batch.flatMap((i) => [a[i % a.length]!, b[Math.floor(i / a.length)]!]));
        maps.put(batch, await studio.evaluate(frame, coordinates, seed, pace));
        from += batch.length;
        yield pace.progress(`Mapping the loss, ${maps.count} of at most ${most} points`);
      }
      if (maps.count - pictured < Math.min(most / PICTURES, FIRST)) continue;
      pictured = maps.count;
      yield { kind: 'plane', plane: picture() };
    }
    pace.drop((most - maps.count) * studio.rowsAt(seed));
    measured = { frame, plane: picture(), whole: true };
  } finally {
    // What was measured before a stop is not measured again.
    studio.keep(measured ?? { frame, plane: picture(), whole: false });
  }
  yield { kind: 'plane', plane: measured.plane };
  return measured.plane;
}

async function* framed(studio: Studio, spec: PlaneSpec, seed: number, resolution: number, pace: Pace): AsyncGenerator<LabEvent, Framed> {
  switch (spec.kind) {
    case 'points': {
      const [origin, first, second] = spec.points.map((name) => needed(studio, name, seed)) as [Float32Array, Float32Array, Float32Array];
      const words = spec.points.map(pointWords);
      const frame = planeThrough(origin, first, second, seed);
      const around = [{ a: 0, b: 0 }, onPlane(frame, first), onPlane(frame, second)];
      return { frame, title: `Through ${words[0]!}, ${words[1]!} and ${words[2]!}`, axes: [`towards ${words[1]!}`, `across, towards ${words[2]!}`], ...axesAround(around, resolution) };
    }
    case 'directions': {
      const origin = needed(studio, spec.centre, seed);
      const found: Direction[] = [];
      for (const one of spec.directions) {
        const direction = studio.direction(one, origin, seed);
        if (!direction) throw new LabError('config', `This posterior has no ${directionWords(one)}: its covariance factor is too small; choose another direction or learn a posterior of higher rank.`);
        found.push(direction);
      }
      const [first, second] = found as [Direction, Direction];
      const frame = frameAlong(origin, first.u, second.u, seed);
      const reach = reachAround(studio, origin);
      const half: number[] = [];
      for (const u of [frame.u, frame.v]) {
        const t = scanPoints(reach);
        const scan = yield* alongRay(studio, { origin, u, length: reach }, t, seed, pace, 'Finding the extent of the map');
        half.push(mapReach(t, scan.trainNll, scan.testNll, reach));
      }
      const words = spec.directions.map(directionWords);
      return {
        frame, title: `Around ${pointWords(spec.centre)}, along the ${words[0]!} and the ${words[1]!}`, axes: [words[0]!, words[1]!],
        a: linspace(-half[0]!, half[0]!, resolution), b: linspace(-half[1]!, half[1]!, resolution),
      };
    }
    case 'trajectory': {
      const end = needed(studio, spec.arm, seed);
      const path = (yield* recordPaths(studio, seed, pace)).find(({ arm }) => arm === spec.arm);
      const main = path && principalDirections(path.thetas, end);
      if (!main) throw new LabError('config', `The run of ${pointWords(spec.arm)} did not move, so its path spans no plane; choose another arm.`);
      const frame = frameAlong(end, main.u, main.v, seed);
      const share = (i: 0 | 1) => `principal direction ${i + 1} (${Math.round(100 * main.explained[i])}% of the path)`;
      return {
        frame, title: `Around the ${pointWords(spec.arm)} solution, along its training path`, axes: [share(0), share(1)],
        ...axesAround(path.thetas.map((theta) => onPlane(frame, theta)), resolution),
      };
    }
    default: return spec satisfies never;
  }
}

function needed(studio: Studio, name: PointName, seed: number): Float32Array {
  const theta = studio.point(name, seed);
  if (!theta) throw new LabError('config', `There is no point “${pointWords(name)}” for seed ${seed}: that arm did not take part or did not survive; choose another point or seed.`);
  return theta;
}

/** The points that span the plane, and the start and the most telling solutions projected on it. */
function pointsNear(studio: Studio, spec: PlaneSpec, frame: Frame, seed: number): PlanePoint[] {
  const own: PointName[] = spec.kind === 'points' ? [...spec.points] : spec.kind === 'directions' ? [spec.centre] : [spec.arm];
  const names = [...new Set<PointName>([...own, 'pre-trained', 'none', ...cutFamilies(studio.input.settings.arms)])];
  return names.flatMap((name): PlanePoint[] => {
    const theta = studio.point(name, seed);
    if (!theta) return [];
    const arm: Arm | null = name === 'pre-trained' || name === 'mean + probe' ? null : name;
    // Three points span their plane whatever rounding says.
    const off = own.includes(name) ? 0 : distanceFrom(frame, theta);
    return [{ name: pointWords(name), arm, ...onPlane(frame, theta), off }];
  });
}
