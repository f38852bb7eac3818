/**
 * What is asked of a finished comparison: cuts through its loss surface, paths, a check of the sampler; one at a time (turns.ts). What was measured
 * stays in the studio of the last comparison.
 */
import { LabError } from '../core/errors.ts';
import { parseConfig } from '../experiment/config/config.ts';
import { type PointName, readLineSpec, readPlaneSpec } from '../experiment/surface/cut-spec.ts';
import { pointsThere } from '../experiment/surface/cuts.ts';
import type { Engine } from '../engine/contract.ts';
import type { LabEvent } from '../experiment/events.ts';
import { type Inspection, inspectPoint } from '../experiment/surface/inspect.ts';
import type { Memory } from '../experiment/memory.ts';
import { Pace } from '../experiment/pace.ts';
import { costOfPaths, costOfSamples, recordPaths, recordSamples, trailsOn } from '../experiment/surface/paths.ts';
import { measurePlane, pointsOfPlane } from '../experiment/surface/planes.ts';
import type { SectionPrior, Trail } from '../experiment/result.ts';
import { checkSampler, type SamplerCheck } from '../experiment/inference/sampler-check.ts';
import type { Path, Studio } from '../experiment/surface/studio.ts';
import { costOfPictures, drawPictures, type PixelPictures } from '../experiment/segmentation/pictures.ts';
import { costOfSuspects, findSuspects, type Suspects } from '../experiment/look/suspects.ts';
import { measureLines } from '../experiment/surface/surface.ts';
import type { Requests } from './protocol.ts';
import type { Turns } from './turns.ts';

/** Largest map, points along an axis. */
export const MOST_POINTS = 201;

export class Cutter {
  readonly #memory: () => Memory;
  readonly #engine: () => Engine | undefined;
  readonly #turns: Turns;

  constructor(memory: () => Memory, engine: () => Engine | undefined, turns: Turns) {
    this.#memory = memory;
    this.#engine = engine;
    this.#turns = turns;
  }

  points(): { seed: number; points: PointName[] }[] {
    const studio = this.#memory().studio?.value;
    return studio ? studio.input.seeds.map((seed) => ({ seed, points: pointsThere(studio, seed) })) : [];
  }

  async measurePlane({ spec: given, seed, resolution }: Requests['measurePlane']['in']): Promise<{ done: boolean }> {
    const studio = this.studio();
    const spec = readPlaneSpec(given);
    if (studio.index(seed) < 0) throw new LabError('config', `There is no seed ${seed} in this comparison; choose one of ${studio.input.seeds.join(', ')}.`);
    if (!(Number.isSafeInteger(resolution) && resolution >= 3 && resolution <= MOST_POINTS)) throw new LabError('config', `A map has 3 to ${MOST_POINTS} points along each axis, not ${resolution}.`);
    const images = pointsOfPlane(spec, resolution) * studio.rowsAt(seed) + (spec.kind === 'trajectory' ? costOfPaths(studio, seed) : 0);
    const done = await this.#turns.alone(() => measurePlane(studio, spec, seed, resolution, new Pace('surface', images, 'Mapping the loss')));
    return { done: done !== null };
  }

  async measureLines({ spec: given }: Requests['measureLines']['in']): Promise<{ done: boolean }> {
    const studio = this.studio();
    const spec = readLineSpec(given);
    const directionTest = this.#memory().surface?.value.directionTest ?? null;
    return { done: await this.#turns.alone(() => measureLines(studio, spec, directionTest)) !== null };
  }

  async trails({ key }: Requests['trails']['in']): Promise<Trail[] | null> {
    const studio = this.studio();
    return this.#projected(studio, key, (seed) => recordPaths(studio, seed, new Pace('surface', costOfPaths(studio, seed), 'Following the training runs')));
  }

  async samples({ key, config: given }: Requests['samples']['in']): Promise<Trail[] | null> {
    const studio = this.studio();
    const { config } = parseConfig(given);
    return this.#projected(studio, key, (seed) => recordSamples(studio, seed, config, new Pace('surface', costOfSamples(studio, seed, config), 'Drawing samples')));
  }

  async #projected(studio: Studio, key: string, record: (seed: number) => AsyncGenerator<LabEvent, Path[]>): Promise<Trail[] | null> {
    const measured = studio.plane(key);
    if (!measured) throw new LabError('config', 'This map belongs to an earlier run; measure the cut again, then show the paths.');
    const { seed } = measured.plane;
    const paths = await this.#turns.alone(() => record(seed));
    return paths && trailsOn(measured.frame, paths, seed);
  }

  async checkSampler({ config: given, family, temperature }: Requests['checkSampler']['in']): Promise<SamplerCheck | null> {
    const { input } = this.studio();
    const { config } = parseConfig(given);
    return this.#turns.alone(() => checkSampler({ ...input, arms: input.outcome.arms, settings: config }, family, temperature));
  }

  async suspects(): Promise<Suspects | null> {
    const studio = this.studio();
    return this.#turns.alone(() => findSuspects(studio, new Pace('surface', costOfSuspects(studio), 'Looking for doubtful labels')));
  }

  async pixels({ seed }: Requests['drawPixels']['in']): Promise<PixelPictures | null> {
    const studio = this.studio();
    return this.#turns.alone(() => drawPictures(studio, seed, new Pace('surface', costOfPictures(studio, seed), 'Drawing what networks say of pixels')));
  }

  async inspect({ key, a, b }: Requests['inspect']['in']): Promise<Inspection> {
    return this.#turns.using(() => inspectPoint(this.studio(), key, a, b));
  }

  truncatePrior({ key, rank }: Requests['truncatePrior']['in']): { plane: SectionPrior[] | null; lines: SectionPrior[][] } {
    const studio = this.studio();
    const measured = key === null ? null : studio.plane(key);
    return {
      plane: measured && studio.priors(measured.plane.seed, (sections, headStrength) => sections.onPlane(measured.frame, headStrength), rank),
      lines: studio.lines.map((line) => {
        const ray = studio.rays.get(line);
        return ray ? studio.priors(line.seed, (sections, headStrength) => sections.onLine(ray, headStrength), rank) : [];
      }),
    };
  }

  /** Of the last comparison. Throws LabError when there is none on this engine. */
  studio(): Studio {
    const studio = this.#memory().studio?.value;
    if (!studio) throw new LabError('config', 'There is no finished comparison to cut through; run the experiment first.');
    if (studio.input.engine !== this.#engine()) throw new LabError('device', 'The device was opened anew since this comparison; press Run to go on: what was finished is not computed again.');
    return studio;
  }
}
