import { describe, expect, it } from 'vitest';
import { linspace } from '../../../measure/plane.ts';
import { lookup } from '../colour.ts';
import { frameOf } from './box.ts';
import { fillSheet, heightOver, isHidden, lossTable, makeSheet, plainTable, worldA, worldB, worldHeight } from './mesh.ts';

const [a, b] = [linspace(-2, 4, 13), linspace(0, 3, 7)];
const frame = frameOf(a, b, 0, 5);
const field = (value: (a: number, b: number) => number) => Float32Array.from(b.flatMap((y) => a.map((x) => value(x, y))));

describe('a sheet', () => {
  it('stands where the axes say, in true proportions', () => {
    const sheet = makeSheet(13, 7);
    fillSheet(sheet, field((x, y) => x + y), frame);
    expect([frame.halfA, frame.halfB]).toEqual([1, 0.5]);
    // The vertex of a = 4, b = 3 is the last: far right, at height 7/5 of the box.
    expect([...sheet.positions.slice(-3)]).toEqual([1, expect.closeTo((7 / 5) * frame.tall, 6), -0.5]);
    expect(worldA(frame, 1)).toBeCloseTo(0, 12);
    expect(worldB(frame, 0)).toBeCloseTo(0.5, 12);
    expect(worldHeight(frame, 5)).toBeCloseTo(frame.tall, 12);
  });

  it('has triangles that face upwards and cover every cell once', () => {
    const { positions, indices, ...rest } = makeSheet(4, 3);
    fillSheet({ positions, indices, ...rest }, new Float32Array(12).fill(1), frameOf(linspace(0, 3, 4), linspace(0, 2, 3), 0, 5));
    let area = 0;
    for (let k = 0; k < indices.length; k += 3) {
      const [p, q, r] = [0, 1, 2].map((c) => [0, 1, 2].map((axis) => positions[3 * indices[k + c]! + axis]!)) as [number[], number[], number[]];
      // The upward component of the cross product is twice the signed area on the floor.
      const up = (q[2]! - p[2]!) * (r[0]! - p[0]!) - (q[0]! - p[0]!) * (r[2]! - p[2]!);
      expect(up).toBeGreaterThan(0);
      area += up / 2;
    }
    expect(area).toBeCloseTo(2 * (2 / 1.5), 6);
  });

  it('of a slope has that slope’s normal everywhere, the rim included', () => {
    const sheet = makeSheet(13, 7);
    fillSheet(sheet, field((x, y) => 1 + 0.5 * x - 0.25 * y), frame);
    // World units: x is (a − 1)/3, z is −(b − 1.5)/3.
    const unit = frame.tall / 5;
    const [gx, gz] = [0.5 * unit * 3, 0.25 * unit * 3];
    const length = Math.hypot(gx, 1, gz);
    for (let k = 0; k < 91; k++) {
      [-gx / length, 1 / length, -gz / length].forEach((part, axis) => expect(sheet.normals[3 * k + axis]).toBeCloseTo(part, 5));
    }
  });

  it('marks holes and keeps them from its neighbours’ normals', () => {
    const values = field((x) => x);
    values[3 * 13 + 5] = NaN;
    values[3 * 13 + 6] = Infinity;
    const sheet = makeSheet(13, 7);
    fillSheet(sheet, values, frame);
    expect([...sheet.known].flatMap((known, k) => (known === 0 ? [k] : []))).toEqual([44, 45]);
    expect(sheet.positions.every(Number.isFinite) && sheet.normals.every(Number.isFinite)).toBe(true);
    expect(sheet.normals[3 * 43]).toBeCloseTo(sheet.normals[3 * 30]!, 5);
    expect(heightOver(sheet, frame, worldA(frame, 0.75), worldB(frame, 1.25))).toBeNaN();
    // Filled again without the hole it is whole again, in the same arrays.
    const { positions } = sheet;
    fillSheet(sheet, field((x) => x), frame);
    expect(sheet.positions).toBe(positions);
    expect(sheet.known.every((known) => known === 255)).toBe(true);
  });

  it('is read between its vertices', () => {
    const sheet = makeSheet(13, 7);
    fillSheet(sheet, field((x, y) => 2 + 0.3 * x + 0.1 * y + 0.2 * x * y), frame);
    const at = (x: number, y: number) => heightOver(sheet, frame, worldA(frame, x), worldB(frame, y));
    expect(at(1.3, 0.9)).toBeCloseTo(worldHeight(frame, 2 + 0.39 + 0.09 + 0.2 * 1.3 * 0.9), 5);
    expect(at(4, 3)).toBeCloseTo(worldHeight(frame, 2 + 1.2 + 0.3 + 2.4), 5);
    expect(at(4.1, 1)).toBeNaN();
  });

  it('hides what is behind it and nothing else', () => {
    const sheet = makeSheet(13, 7);
    // A ridge across the middle, a = 1.
    fillSheet(sheet, field((x) => 4.5 - 3 * Math.abs(x - 1)), frame);
    const eye = { x: -5, y: 1, z: 0 };
    const on = (x: number) => ({ x: worldA(frame, x), y: worldHeight(frame, 4.5 - 3 * Math.abs(x - 1)), z: 0 });
    expect(isHidden(sheet, frame, eye, on(1.9))).toBe(true);
    expect(isHidden(sheet, frame, eye, on(0.2))).toBe(false);
    expect(isHidden(sheet, frame, { x: 0, y: 9, z: 0 }, on(1.9))).toBe(false);
  });

  it('has the maps’ colours, lowest loss first', () => {
    const table = lossTable();
    const packed = lookup({ kind: 'loss' });
    for (const k of [0, 100, 255]) expect(table[4 * k]! + 256 * table[4 * k + 1]! + 65536 * table[4 * k + 2]!).toBe(packed[k]! & 0xffffff);
    expect(table[1]).toBeGreaterThan(table[4 * 255 + 1]!);
    expect([...plainTable('#0a1b2c').slice(-4)]).toEqual([10, 27, 44, 255]);
  });
});
