/** Where points of a map lie, and which one a pointer means. */
import { describe, expect, it } from 'vitest';
import { classMarks } from './class-marks.ts';
import { byClass, frameOf, leftToRight, nearestPoint, placedMarkers } from './scatter.ts';

const BOX = { left: 50, right: 350, top: 10, bottom: 210 };
const POINTS = Float32Array.of(0, 0, 4, 0, 4, 1, -2, 5);

describe('the scatter', () => {
  it('holds every point, one unit as long across as up', () => {
    const { x, y } = frameOf(POINTS, BOX);
    for (let i = 0; i < POINTS.length; i += 2) {
      expect(x(POINTS[i]!)).toBeGreaterThan(BOX.left);
      expect(x(POINTS[i]!)).toBeLessThan(BOX.right);
      expect(y(POINTS[i + 1]!)).toBeGreaterThan(BOX.top);
      expect(y(POINTS[i + 1]!)).toBeLessThan(BOX.bottom);
    }
    expect(x(1) - x(0)).toBeCloseTo(y(0) - y(1), 10);
    // Points that are all one lie in the middle.
    const one = frameOf([3, 3, 3, 3], BOX);
    expect([one.x(3), one.y(3)]).toEqual([200, 110]);
  });

  it('finds the point that is meant, among those that count', () => {
    const frame = frameOf(POINTS, BOX);
    const at = { x: frame.x(4) + 2, y: frame.y(1) - 2 };
    expect(nearestPoint(POINTS, frame, at, 14, () => true)).toBe(2);
    expect(nearestPoint(POINTS, frame, at, 60, (i) => i !== 2)).toBe(1);
    expect(nearestPoint(POINTS, frame, { x: frame.x(1), y: frame.y(3) }, 14, () => true)).toBe(-1);
    expect([...leftToRight(POINTS)]).toEqual([3, 0, 1, 2]);
    expect(byClass([2, 0, 2, 2], 3)).toEqual([[1], [], [0, 2, 3]]);
  });

  it('draws a marker at every place in one path', () => {
    expect(placedMarkers('circle', 2, [[10, 20], [1, 1]])).toBe('M8.0,20.0a2,2 0 1,1 4,0a2,2 0 1,1 -4,0ZM-1.0,1.0a2,2 0 1,1 4,0a2,2 0 1,1 -4,0Z');
    expect(placedMarkers('square', 10, [[0, 0]])).toBe('M-8.7,-8.7l17.40,0.00l0.00,17.40l-17.40,0.00Z');
  });

  it('tells 72 classes apart, and lets letters speak for themselves', () => {
    const marks = classMarks(Array.from({ length: 72 }, (_, i) => `class ${i}`));
    expect(new Set(marks.map(({ colour, marker }) => colour + marker)).size).toBe(72);
    expect(classMarks(['A', 'É', '字']).map(({ letter }) => letter)).toEqual(['A', 'É', '字']);
    expect(classMarks(['A', 'BC']).map(({ letter }) => letter)).toEqual([null, null]);
  });
});
