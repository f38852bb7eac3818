import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { loadSprite, tileInto } from './sprite.ts';
import { syntheticSheet } from './testing.ts';

describe('loadSprite', () => {
  const { png, index } = syntheticSheet(2, 2);

  it('finds the tile of a face and a character', () => {
    const sprite = loadSprite(png, index);
    const tile = new Uint8Array(3 + 64);
    tileInto(sprite, sprite.faces[5]!, 'c', tile, 3);
    expect([tile[3], tile[4]]).toEqual([5, 28]);
    expect(sprite.pixels[5 * 8 * 62 * 8 + 28 * 8 + 62 * 8]).toBe(tile[3 + 8]);
  });

  it.each([
    ['a version unknown', png, { ...index, version: 2 }, /index is faulty at “version”/],
    ['no faces', png, { ...index, faces: [] }, /index is faulty at “faces”/],
    ['a kind unknown', png, { ...index, faces: [{ ...index.faces[0], kind: 'runes' }] }, /index is faulty at “faces.0.kind”/],
    ['a character twice', png, { ...index, characters: 'AA' }, /listed once/],
    ['another size', png, { ...index, characters: 'AB' }, /picture is 496 × 64 pixels, but its index asks for 16 × 64/],
    ['a row twice', png, { ...index, faces: index.faces.map((face) => ({ ...face, row: 0 })) }, /same row/],
    ['no PNG', Uint8Array.of(1, 2, 3), index, /not a readable PNG/],
    ['damage', png.map((byte, i) => (i === png.length - 40 ? byte ^ 1 : byte)), index, /not a readable PNG/],
    ['colour', encode({ width: 496, height: 64, data: new Uint8Array(496 * 64 * 3), channels: 3 }), index, /not 8-bit grey/],
  ])('names the fault: %s', (_, picture, list, message) => {
    expect(() => loadSprite(picture, list)).toThrow(message);
  });
});
