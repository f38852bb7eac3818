/**
 * The loss surface: train and test NLL on the plane through the pre-trained mean, the plain solution and the learned
 * prior's solution, and on the cuts of every seed. Each grid point is one chain evaluated once; prior terms come in
 * closed form beside it. Pictures arrive coarse first; NaN marks what is not computed yet or not finite.
 */
import type { Gaussian } from '../core/gaussian.ts';
import type { Split } from '../data/dataset.ts';
import type { DataRef, Engine, Evaluation, Points } from '../engine/contract.ts';
import { axesAround, type Frame, onPlane, planeThrough, type Ray } from '../measure/plane.ts';
import { type PriorTerm, quadraticsOnLine, quadraticsOnPlane, scaleLadder } from '../measure/quadratic.ts';
import type { Architecture } from '../model/architecture.ts';
import { parameterTable } from '../model/build.ts';
import { headStart } from '../model/initialise.ts';
import { build } from '../prior/families.ts';
import { type Arm, type Family, isFamily } from '../prior/prior.ts';
import type { ComparisonOutcome } from './comparison.ts';
import type { Config } from './config.ts';
import { alignmentGaps, type Cut, cutBetween, cutFamilies, independentCut, LEARNED, pointsOf, rangeAround, scanPoints } from './cuts.ts';
import type { LabEvent } from './events.ts';
import { Pace } from './pace.ts';
import type { ArmResult, Line, Plane, Surface } from './result.ts';
import { joined } from './source.ts';

export interface SurfaceInput {
  engine: Engine;
  architecture: Architecture;
  posterior: Gaussian;
  data: DataRef;
  seeds: number[];
  splits: Split[];
  outcome: ComparisonOutcome;
  settings: Pick<Config, 'arms' | 'surface.resolution' | 'surface.train' | 'surface.test' | 'surface.linePoints' | 'prior.floor'>;
}

export interface SurfaceOutcome extends Surface {
  /** The three points of the plane lie on one line; its second direction is random. */
  degenerate: boolean;
}

/** Partial pictures of the plane, besides the coarse and the last one. */
const PICTURES = 6;

/** Yields progress, planes and lines. */
export async function* measureSurface(input: SurfaceInput): AsyncGenerator<LabEvent, SurfaceOutcome> {
  const probe = new Probe(input);
  const setup = planeSetup(probe);
  const cuts = input.seeds.map((seed) => cutsOf(probe, seed));
  const { 'surface.resolution': resolution, 'surface.linePoints': linePoints } = input.settings;
  const scans = cuts.flat().filter((cut) => cut.range === null).length;
  const points = (setup ? resolution ** 2 : 0) + cuts.flat().length * linePoints + scans * scanPoints(1).length;
  const pace = new Pace('surface', points * probe.rowsAt(0), 'Mapping the loss');
  yield pace.progress();
  if (setup) yield* measurePlane(probe, setup, pace);
  const lines: Line[] = [];
  for (const [s, seed] of input.seeds.entries()) {
    for (const cut of cuts[s]!) lines.push(yield* measureLine(probe, cut, seed, pace));
    if (cuts[s]!.length > 0) yield { kind: 'lines', lines: [...lines], alignmentGap: alignmentGaps(lines) };
  }
  return { plane: setup?.plane ?? null, lines, alignmentGap: alignmentGaps(lines), degenerate: setup?.frame.degenerate ?? false };
}

/** Looks up solutions and evaluates points on the rows of a seed. */
class Probe {
  readonly input: SurfaceInput;
  readonly #rows: { train: Uint32Array; test: Uint32Array }[];
  readonly #priors = new Map<Family, Gaussian>();

  constructor(input: SurfaceInput) {
    this.input = input;
    const { 'surface.train': train, 'surface.test': test } = input.settings;
    this.#rows = input.splits.map((split) => ({ train: split.train.subarray(0, train), test: split.test.subarray(0, test) }));
  }

  /** Images evaluated at each point. */
  rowsAt(s: number): number {
    return this.#rows[s]!.train.length + this.#rows[s]!.test.length;
  }

  solution(arm: Arm, seed: number): Float32Array | null {
    return this.input.outcome.solutions.find((one) => one.arm === arm && one.seed === seed)?.theta ?? null;
  }

  result(arm: Arm, seed: number): ArmResult | null {
    const found = this.input.outcome.arms.find((one) => one.arm === arm && one.seed === seed);
    return found && Number.isFinite(found.test.nll) ? found : null;
  }

  n(seed: number): number {
    return this.input.splits[this.input.seeds.indexOf(seed)]!.train.length;
  }

  prior(family: Family, headStrength: number): PriorTerm {
    let gaussian = this.#priors.get(family);
    if (!gaussian) this.#priors.set(family, (gaussian = build(family, this.input.posterior, parameterTable(this.input.architecture).entries)));
    return { gaussian, floor: this.input.settings['prior.floor'], headStrength };
  }

  /** Chosen scale and prior term of each family that has a result for this seed. */
  priors(families: readonly Family[], seed: number): { family: Family; chosenScale: number; term: PriorTerm }[] {
    return families.flatMap((family) => {
      const result = this.result(family, seed);
      return result?.scale == null ? [] : [{ family, chosenScale: result.scale, term: this.prior(family, result.headStrength) }];
    });
  }

  /** Train and test NLL of the points at `coordinates` ([a, b] pairs), in one piece of work. */
  async measure(frame: Frame, coordinates: Float32Array, seed: number, pace: Pace): Promise<{ train: number[]; test: number[] }> {
    const s = this.input.seeds.indexOf(seed);
    const { engine, architecture, data } = this.input;
    const points: Points = { kind: 'plane', origin: frame.origin, u: frame.u, v: frame.v, coordinates };
    const ask = (indices: Uint32Array) => engine.evaluate({ architecture, data, indices, points, logits: false });
    const { train, test } = this.#rows[s]!;
    return pace.work((coordinates.length / 2) * this.rowsAt(s), async () => ({ train: finiteNll(await ask(train)), test: finiteNll(await ask(test)) }));
  }

  /** How many points make a piece of work. */
  piece(pace: Pace, seed: number, most: number): number {
    return pace.piece(this.rowsAt(this.input.seeds.indexOf(seed)), most, Math.max(1, this.input.engine.info.workers));
  }
}

function finiteNll({ nll, finite }: Evaluation): number[] {
  return Array.from(nll, (value, i) => (finite[i] === 1 ? value : NaN));
}

interface PlaneSetup {
  frame: Frame;
  plane: Plane;
}

/** The plane of the first seed that has both solutions; null when the plain arm or every prior is missing. */
function planeSetup(probe: Probe): PlaneSetup | null {
  const { input } = probe;
  const families = input.settings.arms.filter(isFamily);
  const order = [...LEARNED, 'l2-sp', 'isotropic'] as const;
  const learned = order.find((family) => families.includes(family));
  const seed = input.seeds.find((candidate) => learned && probe.solution('none', candidate) && probe.solution(learned, candidate));
  if (!learned || seed === undefined) return null;
  const origin = joined(input.posterior.mean, headStart(input.architecture, seed));
  const plain = probe.solution('none', seed)!;
  const solution = probe.solution(learned, seed)!;
  const frame = planeThrough(origin, plain, solution, seed);
  const points = [
    { name: 'pre-trained', arm: null, a: 0, b: 0 },
    { name: 'plain', arm: 'none' as const, ...onPlane(frame, plain) },
    { name: learned, arm: learned, ...onPlane(frame, solution) },
  ];
  const { a, b } = axesAround(points, input.settings['surface.resolution']);
  const empty = () => new Array<number>(a.length * b.length).fill(NaN);
  const priors = probe.priors(families, seed).map(({ family, chosenScale, term }) => ({
    family, chosenScale, quadratics: quadraticsOnPlane(term, frame, scaleLadder(chosenScale)),
  }));
  return { frame, plane: { seed, a, b, trainNll: empty(), testNll: empty(), n: probe.n(seed), points, priors } };
}

/** Grid indices, a coarse lattice first, then the rest row by row. */
export function coarseFirst(resolution: number): { order: number[]; coarse: number } {
  const stride = Math.max(1, Math.round((resolution - 1) / 7));
  const all = Array.from({ length: resolution ** 2 }, (_, i) => i);
  const isCoarse = (i: number) => (i % resolution) % stride === 0 && Math.floor(i / resolution) % stride === 0;
  const lattice = all.filter(isCoarse);
  return { order: [...lattice, ...all.filter((i) => !isCoarse(i))], coarse: lattice.length };
}

/** Fills the maps of `setup.plane` in place, yielding copies as they grow. */
async function* measurePlane(probe: Probe, { frame, plane }: PlaneSetup, pace: Pace): AsyncGenerator<LabEvent, void> {
  const { order, coarse } = coarseFirst(plane.a.length);
  const picture = (): LabEvent => ({ kind: 'plane', plane: { ...plane, trainNll: plane.trainNll.slice(), testNll: plane.testNll.slice() } });
  let nextPicture = coarse;
  for (let from = 0; from < order.length;) {
    const batch = order.slice(from, from + probe.piece(pace, plane.seed, order.length - from));
    const coordinates = Float32Array.from(batch.flatMap((i) => [plane.a[i % plane.a.length]!, plane.b[Math.floor(i / plane.a.length)]!]));
    const { train, test } = await probe.measure(frame, coordinates, plane.seed, pace);
    batch.forEach((i, k) => {
      plane.trainNll[i] = train[k]!;
      plane.testNll[i] = test[k]!;
    });
    from += batch.length;
    yield pace.progress(`Mapping the loss, ${from} of ${order.length} points`);
    if (from >= nextPicture || from === order.length) {
      yield picture();
      nextPicture = from + Math.ceil(order.length / PICTURES);
    }
  }
}

/** The cuts of one seed, as far as its solutions exist. */
function cutsOf(probe: Probe, seed: number): Cut[] {
  const families = cutFamilies(probe.input.settings.arms);
  const plain = probe.solution('none', seed);
  const between = families.flatMap((family) => {
    const solution = probe.solution(family, seed);
    const cut = plain && solution && cutBetween(plain, solution, family);
    return cut ? [cut] : [];
  });
  const frozen = probe.solution('probe', seed);
  const scale = families.map((family) => probe.result(family, seed)?.scale).find((found) => found != null) ?? 1;
  const own = frozen && independentCut(probe.input.posterior, frozen, scale);
  return own ? [...between, own] : between;
}

async function* measureLine(probe: Probe, cut: Cut, seed: number, pace: Pace): AsyncGenerator<LabEvent, Line> {
  const label = `Cutting along ${cut.cut}, seed ${seed}`;
  let range = cut.range;
  if (!range) {
    const t = scanPoints(cut.reach);
    const scan = yield* along(probe, cut.ray, t, seed, pace, label);
    range = rangeAround(t, scan.train, scan.test, cut.reach);
  }
  const t = pointsOf(range, probe.input.settings['surface.linePoints']);
  const { train, test } = yield* along(probe, cut.ray, t, seed, pace, label);
  const priors = probe.priors(cutFamilies(probe.input.settings.arms), seed).map(({ family, chosenScale, term }) => ({
    family, chosenScale, ...quadraticsOnLine(term, cut.ray, scaleLadder(chosenScale)),
  }));
  return { cut: cut.cut, seed, from: cut.from, to: cut.to, length: cut.ray.length, ends: cut.ends, t, trainNll: train, testNll: test, n: probe.n(seed), priors };
}

async function* along(probe: Probe, ray: Ray, t: readonly number[], seed: number, pace: Pace, label: string): AsyncGenerator<LabEvent, { train: number[]; test: number[] }> {
  const frame: Frame = { origin: ray.origin, u: ray.u, v: new Float32Array(ray.u.length), degenerate: false };
  const whole: { train: number[]; test: number[] } = { train: [], test: [] };
  for (let from = 0; from < t.length;) {
    const part = t.slice(from, from + probe.piece(pace, seed, t.length - from));
    const { train, test } = await probe.measure(frame, Float32Array.from(part.flatMap((x) => [x, 0])), seed, pace);
    whole.train.push(...train);
    whole.test.push(...test);
    from += part.length;
    yield pace.progress(label);
  }
  return whole;
}
