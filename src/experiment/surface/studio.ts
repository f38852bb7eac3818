/**
 * What a finished comparison leaves for looking at its loss surface: solutions, posterior, priors and data, asked for by
 * name, and the cuts measured so far. One studio belongs to one comparison on one engine; grid points are evaluated as
 * chains of that engine, prior terms come in closed form.
 */
import type { Gaussian } from '../../core/gaussian.ts';
import type { Dataset, Normalisation, Split } from '../../data/dataset.ts';
import type { DataRef, Engine, Evaluation } from '../../engine/contract.ts';
import { covarianceDirection, filterNormalised, lowVarianceDirection } from '../../measure/directions.ts';
import type { Frame, Ray } from '../../measure/plane.ts';
import { type PriorSection, PriorSections } from '../../measure/quadratic.ts';
import type { Architecture, ParameterTable } from '../../model/architecture.ts';
import { parameterTable } from '../../model/build.ts';
import { headStart } from '../../model/initialise.ts';
import { build, truncateRank } from '../../prior/families.ts';
import { type Arm, type Family, isFamily } from '../../prior/prior.ts';
import type { ComparisonSettings } from '../comparison/arms.ts';
import type { ComparisonOutcome } from '../comparison/comparison.ts';
import type { Config } from '../config/config.ts';
import type { DirectionSpec, PointName } from './cut-spec.ts';
import type { Pace } from '../pace.ts';
import type { ArmResult, Line, Plane, SectionPrior } from '../result.ts';
import { joined } from '../source/source.ts';

export interface StudioInput {
  engine: Engine;
  architecture: Architecture;
  posterior: Gaussian;
  /** The prior of the arm shift-trajectory at λ = 1, where that takes part. */
  shift?: Gaussian | null;
  data: DataRef;
  /** What `data` holds, and how networks see it. */
  dataset: Dataset;
  normalisation: Normalisation;
  seeds: number[];
  splits: Split[];
  outcome: ComparisonOutcome;
  settings: ComparisonSettings & Pick<Config, 'surface.resolution' | 'surface.train' | 'surface.test' | 'surface.linePoints'>;
}

/** A unit vector u [D + H] and how far along it is worth looking, parameter units. */
export interface Direction {
  u: Float32Array;
  /** A length that means something on it: one posterior standard deviation, or the norm of a filter-normalised draw. */
  length: number;
}

/** Losses of some points, one a point; NaN where not finite. */
export interface Losses {
  trainNll: number[];
  testNll: number[];
  trainAccuracy: number[];
  testAccuracy: number[];
}

export interface MeasuredPlane {
  frame: Frame;
  plane: Plane;
  /** Every point that needs it was measured; false: it was stopped. */
  whole: boolean;
}

/** A run as it moved: theta [D + H] at some of its steps, a training run's first and last included. */
export interface Path {
  arm: Arm;
  /** Of a sampling chain; null: the training run. */
  temperature: number | null;
  steps: number[];
  thetas: Float32Array[];
}

/** Planes kept: at 201×201 points about a megabyte each, besides three vectors of parameters. */
const MOST_PLANES = 24;
/** Prior terms kept, of families and of ranks that were tried: at K = 20 about 2 MB each. */
const MOST_SECTIONS = 16;

export class Studio {
  readonly input: StudioInput;
  readonly table: ParameterTable;
  /** Images of each seed that points are evaluated on. */
  readonly rows: { train: Uint32Array; test: Uint32Array }[];
  /** Cuts measured so far, in the order of measuring. */
  readonly lines: Line[] = [];
  /** Where they run. */
  readonly rays = new WeakMap<Line, Ray>();
  /** By seed, of the seeds looked at last. */
  readonly paths = new Map<number, Path[]>();
  /** The last samples that were drawn to be shown, by what they depend on. */
  samples: { key: string; paths: Path[] } | null = null;
  readonly #planes = new Map<string, MeasuredPlane>();
  readonly #sections = new Map<string, PriorSections>();

  constructor(input: StudioInput) {
    this.input = input;
    this.table = parameterTable(input.architecture);
    const { 'surface.train': train, 'surface.test': test } = input.settings;
    this.rows = input.splits.map((split) => ({ train: split.train.subarray(0, train), test: split.test.subarray(0, test) }));
  }

  /** Images evaluated at each point. */
  rowsAt(seed: number): number {
    const { train, test } = this.rows[this.index(seed)]!;
    return train.length + test.length;
  }

  index(seed: number): number {
    return this.input.seeds.indexOf(seed);
  }

  n(seed: number): number {
    return this.input.splits[this.index(seed)]!.train.length;
  }

  /** theta [D + H] of a point of a seed; null when that arm did not take part or did not survive. */
  point(name: PointName, seed: number): Float32Array | null {
    if (name === 'pre-trained') return joined(this.input.posterior.mean, headStart(this.input.architecture, seed));
    const arm = name === 'mean + probe' ? 'probe' : name;
    return this.input.outcome.solutions.find((one) => one.arm === arm && one.seed === seed)?.theta ?? null;
  }

  result(arm: Arm, seed: number): ArmResult | null {
    const found = this.input.outcome.arms.find((one) => one.arm === arm && one.seed === seed);
    return found && Number.isFinite(found.test.nll) ? found : null;
  }

  /** A direction through theta [D + H]; null where there is none (no covariance factor, too few directions). */
  direction(spec: DirectionSpec, theta: Float32Array, seed: number): Direction | null {
    const { posterior } = this.input;
    switch (spec.kind) {
      case 'covariance': return withLength(covarianceDirection(posterior, spec.index, theta.length));
      case 'low-variance': return withLength(lowVarianceDirection(posterior, theta.length, seed, spec.draw));
      case 'random': {
        const drawn = filterNormalised(theta, this.table, seed, spec.draw);
        const length = Math.sqrt(drawn.reduce((sum, x) => sum + x * x, 0));
        return length > 0 ? { u: drawn.map((x) => x / length), length } : null;
      }
      default: return spec satisfies never;
    }
  }

  /** Prior terms of every family that has a result for this seed; with a rank only the low-rank prior, cut down to it. */
  priors(seed: number, section: (of: PriorSections, headStrength: number) => PriorSection, rank: number | null = null): SectionPrior[] {
    const families = this.input.settings.arms.filter(isFamily).filter((family) => rank === null || family === 'low-rank');
    return families.flatMap((family): SectionPrior[] => {
      const result = this.result(family, seed);
      if (result?.scale == null) return [];
      const full = this.#prior(family).rank;
      const own = family === 'low-rank' ? Math.min(rank ?? Infinity, full) : full;
      return [{ family, rank: own, chosenScale: result.scale, ...section(this.#sectionsOf(family, own), result.headStrength) }];
    });
  }

  #prior(family: Family): Gaussian {
    const { posterior, settings, shift } = this.input;
    return build(family, posterior, this.table.entries, settings['prior.covers'], shift);
  }

  #sectionsOf(family: Family, rank: number): PriorSections {
    const key = `${family} ${rank}`;
    let sections = this.#sections.get(key);
    if (!sections) {
      const gaussian = this.#prior(family);
      sections = new PriorSections(rank < gaussian.rank ? truncateRank(gaussian, rank) : gaussian);
    }
    keepLatest(this.#sections, key, sections, MOST_SECTIONS);
    return sections;
  }

  /** Losses of the points at `coordinates` ([a, b] pairs) of a frame, in one piece of work. */
  async evaluate(frame: Frame, coordinates: Float32Array, seed: number, pace: Pace): Promise<Losses> {
    const { engine, architecture, data } = this.input;
    const { train, test } = this.rows[this.index(seed)]!;
    const ask = (indices: Uint32Array) => engine.evaluate({
      architecture, data, indices, logits: false, points: { kind: 'plane', origin: frame.origin, u: frame.u, v: frame.v, coordinates },
    });
    return pace.work((coordinates.length / 2) * this.rowsAt(seed), async () => {
      const [onTrain, onTest] = [await ask(train), await ask(test)];
      return {
        trainNll: sound(onTrain, onTrain.nll), testNll: sound(onTest, onTest.nll),
        trainAccuracy: sound(onTrain, onTrain.accuracy), testAccuracy: sound(onTest, onTest.accuracy),
      };
    });
  }

  /** How many points make a piece of work. */
  piece(pace: Pace, seed: number, most: number): number {
    return pace.piece(this.rowsAt(seed), most, Math.max(1, this.input.engine.info.workers));
  }

  addLine(line: Line, ray: Ray): void {
    this.lines.push(line);
    this.rays.set(line, ray);
  }

  plane(key: string): MeasuredPlane | null {
    const found = this.#planes.get(key);
    if (!found) return null;
    keepLatest(this.#planes, key, found, MOST_PLANES);
    return found;
  }

  /** Planes measured so far. */
  planes(): Iterable<MeasuredPlane> {
    return this.#planes.values();
  }

  keep(measured: MeasuredPlane): void {
    keepLatest(this.#planes, measured.plane.key, measured, MOST_PLANES);
  }
}

/** Puts a value last in a map that holds `most` of them, the latest used. */
export function keepLatest<K, V>(map: Map<K, V>, key: K, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}

function withLength(found: { u: Float32Array; variance: number } | null): Direction | null {
  return found && { u: found.u, length: Math.sqrt(found.variance) };
}

function sound({ finite }: Evaluation, values: Float64Array): number[] {
  return Array.from(values, (value, i) => (finite[i] === 1 ? value : NaN));
}
