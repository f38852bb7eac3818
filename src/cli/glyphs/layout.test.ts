import { describe, expect, it } from 'vitest';
import type { Box } from './layout.ts';
import { CHARACTERS, place } from './layout.ts';

/** Capitals and digits 700 high, the rest 500, all 400 wide, standing on the line. */
const plain = [...CHARACTERS].map((character): Box => ({ x1: 50, x2: 450, y1: /[a-z]/.test(character) ? -500 : -700, y2: 0 }));
const changed = (character: string, box: Box): Box[] => plain.map((old, i) => (CHARACTERS[i] === character ? box : old));

describe('place', () => {
  it('gives capitals 20 pixels and centres the box', () => {
    const [a] = place(plain);
    expect(700 * a!.scale).toBeCloseTo(20);
    expect(a!.scale * 250 + a!.x0).toBeCloseTo(14);
    expect(a!.scale * -350 + a!.y0).toBeCloseTo(14);
  });

  it('makes the whole face smaller for a character a little too large', () => {
    const scales = new Set(place(changed('j', { x1: 0, x2: 200, y1: -700, y2: 250 })).map(({ scale }) => scale));
    expect([...scales]).toEqual([26 / 950]);
  });

  it('keeps the face at 18 pixels and makes only a far too large character smaller', () => {
    const placed = place(changed('f', { x1: 0, x2: 300, y1: -900, y2: 500 }));
    expect(700 * placed[0]!.scale).toBeCloseTo(18);
    expect(1400 * placed[CHARACTERS.indexOf('f')]!.scale).toBeCloseTo(26);
  });
});
