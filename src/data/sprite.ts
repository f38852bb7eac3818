/**
 * The glyph sprite: one grey PNG of square tiles (ink 255 on 0), a column a character and a row a typeface, and its
 * index. Decoding is plain TypeScript, so that a worker and Node read the same pixels.
 */
import { decode } from 'fast-png';
import { z } from 'zod';
import { LabError } from '../core/errors.ts';

const faceSchema = z.object({
  family: z.string().min(1),
  package: z.string().min(1),
  packageVersion: z.string().min(1),
  kind: z.enum(['print', 'handwriting']),
  weight: z.int().positive(),
  licence: z.string().min(1),
  row: z.int().nonnegative(),
});

const indexSchema = z.object({
  version: z.literal(1),
  tile: z.int().min(4).max(256),
  characters: z.union([z.string(), z.array(z.string().length(1)).transform((list) => list.join(''))])
    .refine((text) => text.length > 0 && new Set(text).size === text.length, 'characters must be listed once each'),
  faces: z.array(faceSchema).min(1),
  sha256: z.string(),
});

export type Face = z.infer<typeof faceSchema>;
export type FaceKind = Face['kind'];

export interface Sprite {
  tile: number;
  characters: string;
  faces: Face[];
  /** [rows·tile, characters·tile], ink 255. */
  pixels: Uint8Array;
  /** SHA-256 as the index states it. */
  sha256: string;
}

/** Throws LabError('data') when the index or the picture is not what the other says. */
export function loadSprite(png: Uint8Array, index: unknown): Sprite {
  const parsed = indexSchema.safeParse(index);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new LabError('data', `The glyph index is faulty at “${issue?.path.join('.') ?? ''}” (${issue?.message ?? 'invalid'}); build the glyph sheet again.`);
  }
  const { tile, characters, faces, sha256 } = parsed.data;
  let picture;
  try {
    picture = decode(png, { checkCrc: true });
  } catch (error) {
    throw new LabError('data', 'The glyph picture is not a readable PNG; build the glyph sheet again.', { cause: error });
  }
  if (picture.depth !== 8 || picture.channels !== 1 || !(picture.data instanceof Uint8Array)) {
    throw new LabError('data', 'The glyph picture is not 8-bit grey; build the glyph sheet again.');
  }
  const rows = picture.height / tile;
  if (picture.width !== characters.length * tile || rows !== faces.length) {
    throw new LabError('data', `The glyph picture is ${picture.width} × ${picture.height} pixels, but its index asks for ${characters.length * tile} × ${faces.length * tile}; build the glyph sheet again.`);
  }
  if (new Set(faces.map((face) => face.row)).size !== faces.length || faces.some((face) => face.row >= rows)) {
    throw new LabError('data', 'The glyph index gives two typefaces the same row, or a row outside the picture; build the glyph sheet again.');
  }
  return { tile, characters, faces, sha256, pixels: picture.data };
}

/** Copies the tile of (face, character) to out[offset … + tile²]. The character must be in the sprite. */
export function tileInto(sprite: Sprite, face: Face, character: string, out: Uint8Array, offset: number): void {
  const { tile, characters, pixels } = sprite;
  const stride = characters.length * tile;
  const from = face.row * tile * stride + characters.indexOf(character) * tile;
  for (let y = 0; y < tile; y++) out.set(pixels.subarray(from + y * stride, from + y * stride + tile), offset + y * tile);
}
