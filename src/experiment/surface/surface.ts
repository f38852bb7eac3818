/**
 * The surface stage: the map of the plane through the pre-trained point, the plain solution and the learned prior's, the
 * cuts of every seed with their alignment gaps, and the direction test. The studio it fills stays, for the cuts a
 * visitor asks for afterwards.
 */
import { LabError } from '../../core/errors.ts';
import { isFamily } from '../../prior/prior.ts';
import { type Cut, cutOf, evidenceCuts, LEARNED } from './cuts.ts';
import type { LineSpec, PlaneSpec } from './cut-spec.ts';
import { measureDirections, pointsInTest } from './direction-test.ts';
import { alignmentGaps, directionTestOf } from './evidence.ts';
import type { LabEvent } from '../events.ts';
import { measureLine, pointsIn } from './lines.ts';
import { Pace } from '../pace.ts';
import { measurePlane, pointsOfPlane } from './planes.ts';
import type { AlignmentGap, DirectionTest, Surface } from '../result.ts';
import type { Studio } from './studio.ts';

/** Yields progress, planes and lines. */
export async function* measureSurface(studio: Studio): AsyncGenerator<LabEvent, Surface> {
  const { seeds, settings } = studio.input;
  const opening = openingPlane(studio);
  const cuts = seeds.flatMap((seed) => evidenceCuts(studio, seed).map((cut) => ({ seed, cut })));
  const resolution = settings['surface.resolution'];
  const points = (opening ? pointsOfPlane(opening.spec, resolution) : 0) + cuts.reduce((sum, { cut }) => sum + pointsIn(cut, settings['surface.linePoints']), 0) + seeds.length * pointsInTest(studio);
  const pace = new Pace('surface', points * studio.rowsAt(seeds[0]!), 'Mapping the loss');
  yield pace.progress();
  const plane = opening && (yield* measurePlane(studio, opening.spec, opening.seed, resolution, pace));
  yield* measureCuts(studio, cuts, null, pace);
  const found = yield* measureDirections(studio, pace);
  const directionTest = found && directionTestOf(found);
  yield linesOf(studio, directionTest);
  return { plane, lines: [...studio.lines], alignmentGap: gapsOf(studio), directionTest };
}

/** Measures a line for every seed and adds it to the studio's; nothing happens for lines it has. Throws LabError('config') when there is no such line. */
export async function* measureLines(studio: Studio, spec: LineSpec, directionTest: DirectionTest | null): AsyncGenerator<LabEvent, void> {
  const { seeds, settings } = studio.input;
  const cuts = seeds.flatMap((seed) => cutOf(studio, spec, seed).map((cut) => ({ seed, cut })));
  if (cuts.length === 0) throw new LabError('config', 'No seed has both points (or this direction): an arm did not take part or did not survive; choose others.');
  const points = cuts.reduce((sum, { cut }) => sum + pointsIn(cut, settings['surface.linePoints']), 0);
  yield* measureCuts(studio, cuts, directionTest, new Pace('surface', points * studio.rowsAt(seeds[0]!), 'Cutting'));
}

async function* measureCuts(studio: Studio, cuts: readonly { seed: number; cut: Cut }[], directionTest: DirectionTest | null, pace: Pace): AsyncGenerator<LabEvent, void> {
  for (const [i, { seed, cut }] of cuts.entries()) {
    const known = studio.lines.some((line) => line.seed === seed && line.cut === cut.cut && line.from === cut.from);
    if (!known) studio.addLine(yield* measureLine(studio, cut, seed, pace), cut.ray);
    if (cuts[i + 1]?.seed !== seed) yield linesOf(studio, directionTest);
  }
}

function linesOf(studio: Studio, directionTest: DirectionTest | null): LabEvent {
  return { kind: 'lines', lines: [...studio.lines], alignmentGap: gapsOf(studio), directionTest };
}

/** On every line measured so far. */
export function gapsOf(studio: Studio): AlignmentGap[] {
  return alignmentGaps(studio.lines, studio.input.settings['prior.floor']);
}

/** The plane shown first: of the first seed that has both solutions; null when the plain arm or every prior is missing. */
function openingPlane(studio: Studio): { spec: PlaneSpec; seed: number } | null {
  const families = studio.input.settings.arms.filter(isFamily);
  const learned = [...LEARNED, 'l2-sp' as const, 'isotropic' as const].find((family) => families.includes(family));
  const seed = studio.input.seeds.find((candidate) => learned && studio.point('none', candidate) && studio.point(learned, candidate));
  return learned && seed !== undefined ? { spec: { kind: 'points', points: ['pre-trained', 'none', learned] }, seed } : null;
}
