/** The committed glyph sheet is whole, is what its index says, and came from the typefaces listed here. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FAMILIES } from './families.ts';
import { CHARACTERS, TILE } from './layout.ts';

const read = (path: string): Buffer => readFileSync(new URL(path, import.meta.url));
const json = (path: string): unknown => JSON.parse(read(path).toString('utf8'));

const png = read('../../../public/data/glyphs.png');
const index = z.strictObject({
  version: z.literal(1),
  tile: z.number(),
  characters: z.string(),
  sha256: z.string(),
  faces: z.array(z.strictObject({
    family: z.string().min(1),
    package: z.string(),
    packageVersion: z.string(),
    kind: z.enum(['print', 'handwriting']),
    weight: z.literal([400, 700]),
    licence: z.enum(['OFL-1.1', 'Apache-2.0']),
    row: z.number(),
  })),
}).parse(json('../../../public/data/glyphs.json'));
const picture = decode(png, { checkCrc: true });
const families = (kind: string): Set<string> => new Set(index.faces.filter((face) => face.kind === kind).map((face) => face.family));

/** Ink on the edge of a tile, summed, and the heights and widths of its ink. */
function measure(row: number, column: number): { edge: number; height: number; width: number } {
  let [edge, top, bottom, left, right] = [0, TILE, -1, TILE, -1];
  for (let y = 0; y < TILE; y++) {
    for (let x = 0; x < TILE; x++) {
      const ink = picture.data[(row * TILE + y) * picture.width + column * TILE + x]!;
      if (y === 0 || x === 0 || y === TILE - 1 || x === TILE - 1) edge += ink;
      if (ink < 128) continue;
      [top, bottom, left, right] = [Math.min(top, y), Math.max(bottom, y), Math.min(left, x), Math.max(right, x)];
    }
  }
  return { edge, height: bottom - top + 1, width: right - left + 1 };
}

describe('the glyph sheet', () => {
  it('is the picture that its index names', () => {
    expect(createHash('sha256').update(png).digest('hex')).toBe(index.sha256);
    expect([index.tile, index.characters]).toEqual([TILE, CHARACTERS]);
    expect([picture.width, picture.height]).toEqual([CHARACTERS.length * TILE, index.faces.length * TILE]);
    expect([picture.channels, picture.depth, picture.data.BYTES_PER_ELEMENT]).toEqual([1, 8, 1]);
    expect(index.faces.map((face) => face.row)).toEqual(index.faces.map((_, i) => i));
    expect(png.length).toBeLessThan(4 * 2 ** 20);
  });

  it('has enough families of each kind, and none of both', () => {
    expect(families('print').size).toBeGreaterThanOrEqual(60);
    expect(families('handwriting').size).toBeGreaterThanOrEqual(30);
    expect([...families('print')].filter((family) => families('handwriting').has(family))).toEqual([]);
  });

  it('shows every character whole: ink in each tile, none on its edge', () => {
    const wrong: string[] = [];
    for (const face of index.faces) {
      [...CHARACTERS].forEach((character, column) => {
        const { edge, height, width } = measure(face.row, column);
        if (edge > 0 || Math.max(height, width) < 4) wrong.push(`${face.family} ${face.weight} ${character}`);
      });
    }
    expect(wrong).toEqual([]);
  });

  it('gives capitals and digits of every face about the same height', () => {
    for (const face of index.faces) {
      const heights = [...CHARACTERS].flatMap((character, column) => (/[A-Z0-9]/.test(character) ? [measure(face.row, column).height] : []));
      const median = heights.sort((a, b) => a - b)[heights.length >> 1]!;
      expect(median, `${face.family} ${face.weight}`).toBeGreaterThanOrEqual(17);
      expect(median, `${face.family} ${face.weight}`).toBeLessThanOrEqual(22);
    }
  });

  it('draws each face once', () => {
    const rows = index.faces.map((face) => createHash('sha256')
      .update(picture.data.subarray(face.row * TILE * picture.width, (face.row + 1) * TILE * picture.width)).digest('hex'));
    expect(new Set(rows).size).toBe(rows.length);
  });

  it('comes from the pinned packages, each credited', () => {
    const { devDependencies } = z.object({ devDependencies: z.record(z.string(), z.string()) }).parse(json('package.json'));
    const pinned = Object.keys(devDependencies).filter((name) => name.startsWith('@fontsource/'));
    expect(pinned.sort()).toEqual(Object.values(FAMILIES).flat().map((id) => `@fontsource/${id}`).sort());
    const licences = read('../../../public/data/LICENCES.md').toString('utf8');
    for (const face of index.faces) {
      expect(devDependencies[face.package], face.family).toBe(face.packageVersion);
      expect(licences).toContain(`| [${face.family}](`);
    }
    expect(licences.match(/\| *\|$/gm)).toBeNull();
  });
});
