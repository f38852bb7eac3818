import { describe, expect, it } from 'vitest';
import { linspace } from '../../../measure/plane.ts';
import { faceLines, FACES, frameOf, isFar, labelledEdges, lowestOf, ticksOf } from './box.ts';
import { centreOf, eyeOf, FIELD, HOME, LIMITS, turned, viewFrom } from './orbit.ts';
import { fillSheet, makeSheet, worldA } from './mesh.ts';
import { layTrail, trailPath } from './trail.ts';

const [a, b] = [linspace(-4, 8, 25), linspace(-3, 6, 19)];

describe('the box', () => {
  it('has a floor that holds every value and stands still while the lowest moves a little', () => {
    const frame = frameOf(a, b, 0.83, 5);
    expect(frame.floor).toBeLessThanOrEqual(0.83);
    expect(frameOf(a, b, 0.9, 5).floor).toBe(frame.floor);
    expect(frameOf(a, b, -2.2, 5).floor).toBeLessThanOrEqual(-2.2);
    for (const [low, ceiling] of [[Infinity, 5], [7, 5], [NaN, NaN], [5, 5]] as const) {
      const odd = frameOf(a, b, low, ceiling);
      expect(odd.ceiling - odd.floor).toBeGreaterThan(0);
    }
    expect(lowestOf([{ values: [NaN, 3, 2] }, { values: [-Infinity, 9] }])).toBe(2);
  });

  it('shows only walls on the far side, with lines inside the box', () => {
    const frame = frameOf(a, b, 0, 5);
    const seen = (azimuth: number) => FACES.filter((face) => isFar(frame, face, eyeOf({ ...HOME, azimuth }, frame, 1)));
    expect(seen(0.6)).toEqual(['floor', 'left', 'back']);
    expect(seen(0.6 + Math.PI)).toEqual(['floor', 'right', 'front']);
    const ticks = ticksOf(frame, 5);
    for (const face of FACES) {
      const ends = faceLines(frame, ticks, face);
      expect(ends.length % 6).toBe(0);
      for (let k = 0; k < ends.length; k += 3) {
        expect(Math.abs(ends[k]!)).toBeLessThanOrEqual(frame.halfA + 1e-6);
        expect(Math.abs(ends[k + 2]!)).toBeLessThanOrEqual(frame.halfB + 1e-6);
        expect(ends[k + 1]!).toBeLessThanOrEqual(frame.tall + 1e-6);
      }
    }
  });

  it('is labelled on its near edges and on the upright edge that is leftmost', () => {
    const frame = frameOf(a, b, 0, 5);
    const eye = eyeOf(HOME, frame, 1);
    // Orthographic stand-in: to the right of the eye's azimuth.
    const right = (point: { x: number; z: number }) => point.x * Math.cos(HOME.azimuth) - point.z * Math.sin(HOME.azimuth);
    const [alongA, alongB, upright] = labelledEdges(frame, ticksOf(frame, 5), eye, right);
    expect(alongA!.ticks.map(({ at }) => at.z)).toEqual(alongA!.ticks.map(() => frame.halfB));
    expect(alongA!.ticks.find(({ value }) => value === 2)!.at.x).toBeCloseTo(worldA(frame, 2), 12);
    expect(alongB!.ticks.every(({ at }) => at.x === frame.halfA)).toBe(true);
    expect([upright!.ends[0].x, upright!.ends[0].z]).toEqual([-frame.halfA, frame.halfB]);
  });
});

describe('the view', () => {
  const frame = frameOf(a, b, 0, 5);

  it('is read back from where the eye stands', () => {
    const view = { azimuth: -1.2, polar: 0.7, zoom: 1.3 };
    const back = viewFrom(eyeOf(view, frame, 0.8), frame, 0.8);
    for (const key of ['azimuth', 'polar', 'zoom'] as const) expect(back[key]).toBeCloseTo(view[key], 12);
  });

  it('holds the whole box, in wide pictures and narrow ones', () => {
    for (const aspect of [0.7, 1, 2.5]) {
      const [eye, centre] = [eyeOf(HOME, frame, aspect), centreOf(frame)];
      const length = Math.hypot(eye.x - centre.x, eye.y - centre.y, eye.z - centre.z);
      const back = { x: (eye.x - centre.x) / length, y: (eye.y - centre.y) / length, z: (eye.z - centre.z) / length };
      const across = { x: back.z / Math.hypot(back.x, back.z), z: -back.x / Math.hypot(back.x, back.z) };
      for (const x of [-frame.halfA, frame.halfA]) for (const z of [-frame.halfB, frame.halfB]) for (const y of [0, frame.tall]) {
        const [px, py, pz] = [x - centre.x, y - centre.y, z - centre.z];
        const depth = length - (px * back.x + py * back.y + pz * back.z);
        const right = px * across.x + pz * across.z;
        // Up on screen: the upright axis less its part towards the eye.
        const level = Math.hypot(back.x, back.z);
        const up = py * level - (back.y * (px * back.x + pz * back.z)) / level;
        const half = Math.tan((FIELD * Math.PI) / 360) * depth;
        expect(Math.abs(up)).toBeLessThan(half);
        expect(Math.abs(right)).toBeLessThan(half * aspect);
      }
    }
  });

  it('obeys the keys within its limits', () => {
    let view = HOME;
    for (let k = 0; k < 100; k++) view = turned(turned(view, 'ArrowDown')!, '+')!;
    expect([view.polar, view.zoom]).toEqual([LIMITS.polar[1], LIMITS.zoom[0]]);
    expect(turned(HOME, 'ArrowRight')!.azimuth).toBeGreaterThan(HOME.azimuth);
    expect(turned(view, 'Home')).toEqual(HOME);
    expect(turned(view, 'Tab')).toBeNull();
  });
});

describe('a path on a sheet', () => {
  const frame = frameOf(a, b, 0, 5);

  it('follows the surface between its steps and goes nowhere above the box', () => {
    const sheet = makeSheet(a.length, b.length);
    // A wall higher than the ceiling for a > 5.
    fillSheet(sheet, b.flatMap(() => a.map((x) => (x > 5 ? 9 : Math.abs(x)))), frame);
    const path = trailPath({ a: [-3, 3, 8], b: [0, 0, 0] }, frame);
    const ends = new Float32Array(6 * (path.length / 2 - 1));
    layTrail(path, sheet, frame, ends);
    const tall = (x: number) => (frame.tall * Math.abs(x)) / 5;
    let shown = 0;
    for (let k = 0; k < ends.length; k += 3) {
      if (ends[k + 1]! < 0) continue;
      shown++;
      const at = -4 + ((ends[k]! + 1) / 2) * 12;
      if (Math.abs(at) > 0.5 && at < 4.5) expect(ends[k + 1]).toBeCloseTo(tall(at) + 0.008, 4);
    }
    expect(shown).toBeGreaterThan(40);
    expect(ends[ends.length - 2]).toBeLessThan(-1000);
  });
});
