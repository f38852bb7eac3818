/** Cuts through a real comparison of small networks: planes hold their points, paths end in their solutions, maps agree with the network. */
import { beforeAll, describe, expect, it } from 'vitest';
import { prepare } from '../../core/lowrank.ts';
import { coefficientsAt } from '../../measure/quadratic.ts';
import { parameterTable } from '../../model/build.ts';
import { build, truncateRank } from '../../prior/families.ts';
import { type Arm, type Family } from '../../prior/prior.ts';
import { defaults } from '../config/config.ts';
import { cutOf, evidenceCuts, INDEPENDENT_CUT, RANDOM_CUT } from './cuts.ts';
import type { PlaneSpec } from './cut-spec.ts';
import type { LabEvent } from '../events.ts';
import { inspectPoint } from './inspect.ts';
import { Pace } from '../pace.ts';
import { recordPaths, recordSamples, trailsOn } from './paths.ts';
import { measurePlane } from './planes.ts';
import type { Plane } from '../result.ts';
import { Studio } from './studio.ts';
import { measureLines, measureSurface } from './surface.ts';
import { architecture, drain, posterior, SEEDS, smallComparison, smallSettings } from '../testing.ts';

const { extractor, total, entries } = parameterTable(architecture);
const ARMS: Arm[] = ['none', 'probe', 'isotropic', 'l2-sp', 'low-rank'];
const pace = () => new Pace('surface', 1, 'Testing');
let studio: Studio;
let evaluated = 0;

const THROUGH: PlaneSpec = { kind: 'points', points: ['pre-trained', 'none', 'low-rank'] };
const map = (spec: PlaneSpec, resolution = 7, events: LabEvent[] = []) => drain(measurePlane(studio, spec, SEEDS[0]!, resolution, pace()), events);

beforeAll(async () => {
  const settings = smallSettings({ arms: ARMS, 'surface.train': 20, 'surface.test': 30, 'surface.linePoints': 11, 'surface.resolution': 7 });
  const made = await smallComparison(settings);
  const evaluate = made.engine.evaluate.bind(made.engine);
  made.engine.evaluate = (request) => {
    if (request.points.kind === 'plane') evaluated += request.points.coordinates.length / 2;
    return evaluate(request);
  };
  studio = new Studio({ ...made, settings });
});

/** theta of a place of a measured plane. */
function thetaAt(plane: Plane, a: number, b: number): Float32Array {
  const { origin, u, v } = studio.plane(plane.key)!.frame;
  return Float32Array.from(origin, (x, j) => x + a * u[j]! + b * v[j]!);
}

async function lossAt(theta: Float32Array, rows: Uint32Array): Promise<number> {
  const { engine, data } = studio.input;
  return (await engine.evaluate({ architecture, data, indices: rows, points: { kind: 'list', thetas: [theta] }, logits: false })).nll[0]!;
}

describe('a plane through three points', () => {
  it('holds them, inside its axes, and maps the network’s own losses', async () => {
    const plane = await map(THROUGH);
    expect(plane).toMatchObject({ seed: 5, n: 30, rows: { train: 20, test: 30 }, degenerate: false });
    expect(plane.points.slice(0, 3).map(({ name }) => name)).toEqual(['pre-trained', 'plain', 'low-rank']);
    for (const [name, point] of [['pre-trained', plane.points[0]!], ['none', plane.points[1]!], ['low-rank', plane.points[2]!]] as const) {
      const theta = studio.point(name, 5)!;
      thetaAt(plane, point.a, point.b).forEach((x, j) => expect(x).toBeCloseTo(theta[j]!, 5));
      expect(point.a).toBeGreaterThan(plane.a[0]!);
      expect(point.b).toBeLessThan(plane.b.at(-1)!);
      expect(point.off).toBe(0);
    }
    const l2sp = plane.points.find(({ arm }) => arm === 'l2-sp')!;
    const away = studio.point('l2-sp', 5)!.map((x, j) => x - thetaAt(plane, l2sp.a, l2sp.b)[j]!);
    expect(Math.hypot(...away)).toBeCloseTo(l2sp.off, 4);
    expect(l2sp.off).toBeGreaterThan(0);
    const { train, test } = studio.rows[0]!;
    for (const k of [0, 10, 24, 48]) {
      const theta = thetaAt(plane, plane.a[k % 7]!, plane.b[Math.floor(k / 7)]!);
      expect(plane.trainNll[k]).toBeCloseTo(await lossAt(theta, train), 5);
      expect(plane.testNll[k]).toBeCloseTo(await lossAt(theta, test), 5);
    }
  });

  it('carries each family’s prior in closed form, at any λ, ε and rank', async () => {
    const plane = await map(THROUGH);
    expect(plane.priors.map(({ family, rank }) => [family, rank])).toEqual([['isotropic', 0], ['l2-sp', 0], ['low-rank', 3]]);
    const cut = studio.priors(5, (sections, headStrength) => sections.onPlane(studio.plane(plane.key)!.frame, headStrength), 1);
    expect(cut.map(({ family, rank }) => [family, rank])).toEqual([['low-rank', 1]]);
    const gaussianOf = (family: Family, rank: number) => (family === 'low-rank' ? truncateRank(posterior, rank) : build(family, posterior, entries, 'all'));
    for (const prior of [...plane.priors, ...cut]) {
      const { headStrength } = studio.result(prior.family, 5)!;
      for (const [scale, floor] of [[prior.chosenScale, 0], [3, 1e-3], [1e5, 0.1]] as const) {
        const density = prepare({ gaussian: gaussianOf(prior.family, prior.rank), scale, floor });
        const exact = (a: number, b: number) => {
          const theta = thetaAt(plane, a, b);
          return -density.logDensity(theta.subarray(0, extractor)) + (headStrength / 2) * theta.subarray(extractor).reduce((sum, h) => sum + h * h, 0);
        };
        const c = coefficientsAt(prior, scale, floor);
        const closed = (a: number, b: number) => c[0]! * a * a + c[1]! * a * b + c[2]! * b * b + c[3]! * a + c[4]! * b + c[5]!;
        const base = exact(0, 0) - closed(0, 0);
        for (const [a, b] of [[1, 0.5], [-2, 3], [0.1, -0.7]] as const) {
          const difference = exact(a, b) - base;
          expect(Math.abs(closed(a, b) - difference)).toBeLessThan(1e-4 * Math.max(1, Math.abs(difference)));
        }
      }
    }
  });

  it('comes back at once, and a finer map takes over its points', async () => {
    const coarse = await map(THROUGH);
    evaluated = 0;
    expect(await map(THROUGH)).toBe(coarse);
    expect(evaluated).toBe(0);
    const events: LabEvent[] = [];
    const fine = await map(THROUGH, 13, events);
    const measured = fine.measured.reduce((sum, one) => sum + one, 0);
    expect(evaluated).toBe(2 * (measured - 49));
    expect(measured).toBeLessThanOrEqual(169);
    expect(fine.trainNll.every(Number.isFinite)).toBe(true);
    for (let k = 0; k < 49; k++) expect(fine.trainNll[2 * Math.floor(k / 7) * 13 + 2 * (k % 7)]).toBe(coarse.trainNll[k]);
    expect(events.some((event) => event.kind === 'plane')).toBe(true);
  });

  it('that was stopped can be looked at, and goes on where it was', async () => {
    const work = measurePlane(studio, THROUGH, SEEDS[1]!, 21, pace());
    let stopped: Plane | null = null;
    while (!stopped) {
      const { value } = await work.next() as { value: LabEvent };
      if (value.kind === 'plane') stopped = value.plane;
    }
    await work.return(undefined as never);
    const before = stopped.measured.reduce((sum, one) => sum + one, 0);
    expect(before).toBeLessThan(441);
    expect((await inspectPoint(studio, stopped.key, 0, 0)).images).toHaveLength(24);
    evaluated = 0;
    const whole = await drain(measurePlane(studio, THROUGH, SEEDS[1]!, 21, pace()));
    expect(evaluated).toBe(2 * (whole.measured.reduce((sum, one) => sum + one, 0) - before));
  });

  it('names what is missing', async () => {
    await expect(map({ kind: 'points', points: ['pre-trained', 'none', 'diagonal'] })).rejects.toThrow(/no point “diagonal” for seed 5/);
    await expect(map({ kind: 'directions', centre: 'none', directions: [{ kind: 'covariance', index: 0 }, { kind: 'covariance', index: 9 }] })).rejects.toThrow(/no covariance direction 10/);
  });
});

describe('other planes', () => {
  it('along directions are centred, orthonormal and hold the loss’s minimum', async () => {
    const plane = await map({ kind: 'directions', centre: 'mean + probe', directions: [{ kind: 'covariance', index: 0 }, { kind: 'random', draw: 1 }] });
    const { u, v, origin } = studio.plane(plane.key)!.frame;
    const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, j) => sum + value * y[j]!, 0);
    expect(dot(u, u)).toBeCloseTo(1, 5);
    expect(dot(v, v)).toBeCloseTo(1, 5);
    expect(dot(u, v)).toBeCloseTo(0, 5);
    expect(origin).toEqual(studio.point('probe', 5));
    expect(plane.a[3]).toBeCloseTo(0, 6);
    expect(plane.axes).toEqual(['top covariance direction', 'random direction 2']);
    // Far enough out that something is seen.
    expect(Math.max(...plane.trainNll) - Math.min(...plane.trainNll)).toBeGreaterThan(0.05);
  });

  it('of a training path hold its end, and trails end in the solutions they lead to', async () => {
    const plane = await map({ kind: 'trajectory', arm: 'none' });
    const paths = await drain(recordPaths(studio, 5, pace()));
    expect(paths.map(({ arm }) => arm)).toEqual(ARMS);
    for (const { arm, steps, thetas } of paths) {
      expect([steps[0], steps.at(-1)]).toEqual([0, 12]);
      expect(thetas.at(-1)).toEqual(studio.point(arm, 5));
    }
    const [own] = trailsOn(studio.plane(plane.key)!.frame, paths, 5);
    expect(own).toMatchObject({ arm: 'none', seed: 5 });
    expect(own!.a.at(-1)).toBeCloseTo(0, 5);
    expect(own!.a.every((a) => a >= plane.a[0]! && a <= plane.a.at(-1)!)).toBe(true);
    const steps = own!.steps.length;
    const spread = (off: number[]) => Math.sqrt(off.reduce((sum, x) => sum + x * x, 0) / steps);
    const whole = Math.sqrt(paths[0]!.thetas.reduce((sum, theta) => sum + theta.reduce((square, x, j) => square + (x - paths[0]!.thetas.at(-1)![j]!) ** 2, 0), 0) / steps);
    // Two principal directions hold most of a short path.
    expect(spread(own!.off)).toBeLessThan(0.5 * whole);
  });
});

describe('samples of the posterior', () => {
  it('are drawn once, by the settings’ method, from the prior of every arm that has one', async () => {
    const settings = { ...defaults('smoke'), ...studio.input.settings, 'sampling.method': 'sghmc' as const, 'sampling.steps': 30, 'sampling.samples': 5, 'sampling.batch': 30 };
    const paths = await drain(recordSamples(studio, 5, settings, pace()));
    expect(paths.map(({ arm, temperature, thetas }) => [arm, temperature, thetas.length])).toEqual([['isotropic', 1, 5], ['l2-sp', 1, 5], ['low-rank', 1, 5]]);
    expect(paths[1]!.thetas[0]).not.toEqual(paths[1]!.thetas[4]);
    expect(await drain(recordSamples(studio, 5, settings, pace()))).toBe(paths);
    await expect(drain(recordSamples(studio, 5, { ...settings, 'sampling.method': 'map' }, pace()))).rejects.toThrow(/draws no samples/);
  });
});

describe('lines', () => {
  it('of the evidence end in solutions or go through none, and a basin plot goes through every arm’s own', async () => {
    expect(evidenceCuts(studio, 5).map(({ cut }) => cut)).toEqual(['plain → low-rank', 'plain → L2-SP', 'plain → isotropic', INDEPENDENT_CUT, RANDOM_CUT]);
    const basins = cutOf(studio, { kind: 'basin', direction: { kind: 'random', draw: 0 }, arms: ['none', 'low-rank', 'diagonal'] }, 6);
    expect(basins.map(({ cut, from }) => [cut, from])).toEqual([['basin: random direction', 'none'], ['basin: random direction', 'low-rank']]);
    expect(basins[1]!.ray.origin).toEqual(studio.point('low-rank', 6));
  });

  it('are measured for every seed, once, beside those that are there', async () => {
    const surface = await drain(measureSurface(studio));
    expect(surface.lines).toHaveLength(10);
    const top = surface.directionTest!;
    expect(top.radii).toHaveLength(5);
    expect(top.kinds.map(({ directions }) => directions)).toEqual([3, 3]);
    const events: LabEvent[] = [];
    const spec = { kind: 'between', from: 'pre-trained', to: 'none' } as const;
    await drain(measureLines(studio, spec, top), events);
    const told = events.findLast((event) => event.kind === 'lines')!;
    expect(told.lines).toHaveLength(12);
    expect(told.alignmentGap.filter(({ cut }) => cut === 'pre-trained → plain')).toHaveLength(4);
    const [start, end] = [studio.point('pre-trained', 6)!, studio.point('none', 6)!];
    expect(told.lines.at(-1)).toMatchObject({ seed: 6, from: 'pre-trained', to: 'plain', length: expect.closeTo(Math.hypot(...end.map((x, j) => x - start[j]!)), 5) });
    evaluated = 0;
    await drain(measureLines(studio, spec, top));
    expect(evaluated).toBe(0);
    await expect(drain(measureLines(studio, { kind: 'between', from: 'none', to: 'diagonal' }, null))).rejects.toThrow(/No seed has both points/);
  });
});

describe('a point that is looked at', () => {
  it('answers as the network there does', async () => {
    const plane = await map(THROUGH);
    const { a, b } = plane.points[1]!;
    const seen = await inspectPoint(studio, plane.key, a, b);
    expect(seen.losses.testNll).toBeCloseTo(await lossAt(studio.point('none', 5)!, studio.rows[0]!.test), 4);
    expect(seen.images).toHaveLength(24);
    expect(seen.strip).toMatchObject({ columns: 24, rows: 1, height: 8 });
    for (const { probabilities, guess, label } of seen.images) {
      expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
      expect(Math.max(...probabilities)).toBe(probabilities[guess]);
      expect(label).toBeLessThan(3);
    }
    await expect(inspectPoint(studio, 'another', 0, 0)).rejects.toThrow(/earlier run/);
  });

  it('has as many parameters as the network', () => expect(studio.point('none', 5)).toHaveLength(total));
});
