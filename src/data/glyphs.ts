/**
 * The built-in tasks: characters in many typefaces. Source: letters in print typefaces. Downstream: digits in
 * handwriting typefaces. Typefaces of train, validation and test are disjoint by family (all weights of one family go
 * the same way), so that test measures new hands, not new pixels of a known one. Everything follows from seeds.
 */
import { LabError } from '../core/errors.ts';
import { Stream } from '../core/philox.ts';
import { type Affine, bakeInto, DEFAULT_AUGMENTATION, sampleAffine, warpInto } from './augment.ts';
import type { Augmentation, Dataset, ShiftKind, Split } from './dataset.ts';
import { sealed } from './hash.ts';
import { applyShift } from './shift.ts';
import { balancedLabels, range, splitsInTurn } from './splits.ts';
import { type Face, type FaceKind, type Sprite, tileInto } from './sprite.ts';

export const SOURCE_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const DOWNSTREAM_CHARACTERS = '0123456789';

const MAX_BYTES = 2 ** 30;
/** Second stream coordinate: which part of a task an image belongs to, so that parts share no numbers. */
const PART = { train: 0, validation: 1, test: 2, sourceTest: 3 } as const;

export interface GlyphSourceOptions {
  characters?: string;
  faces?: FaceKind;
  seed: number;
  /** Share of the families held out for the test images. */
  testShare?: number;
  testCount?: number;
  /** Baked into the test images; null leaves them clean. */
  augmentation?: Augmentation | null;
}

export interface GlyphDownstreamOptions {
  characters?: string;
  faces?: FaceKind;
  seeds: readonly number[];
  n: number;
  validation: number;
  test: number;
  shift: ShiftKind;
  severity: number;
  /** Baked into every image; null leaves them clean. */
  augmentation?: Augmentation | null;
  validationFaces: 'disjoint' | 'training';
}

/** Throws LabError('memory') where images would take more than can be held. */
export function refuseTooMany(what: string, bytes: number): void {
  if (bytes <= MAX_BYTES) return;
  throw new LabError('memory', `${what} need ${Math.round(bytes / 2 ** 20)} MiB; lower the number of seeds or of images to stay under ${MAX_BYTES / 2 ** 20} MiB.`);
}

/** A family is its typefaces (weights). Families in the order of the index. */
export function familiesOf(sprite: Sprite, kind: FaceKind): Face[][] {
  const families = new Map<string, Face[]>();
  for (const face of sprite.faces) {
    if (face.kind !== kind) continue;
    const list = families.get(face.family);
    if (list) list.push(face);
    else families.set(face.family, [face]);
  }
  return [...families.values()];
}

/** Throws LabError('data') naming what cannot be classes. */
export function checkCharacters(sprite: Sprite, characters: string): void {
  if (characters.length < 2) throw new LabError('data', 'At least two characters are needed to tell apart; choose more classes.');
  for (const character of characters) {
    if (!sprite.characters.includes(character)) throw new LabError('data', `The built-in glyphs have no character “${character}”; they have A–Z, a–z and 0–9.`);
  }
  if (new Set(characters).size !== characters.length) throw new LabError('data', 'A character is chosen twice; name each class once.');
}

/** Clean tiles [faces × characters, tile, tile], characters fastest. */
export function tilesOf(sprite: Sprite, faces: readonly Face[], characters: string) {
  const size = sprite.tile ** 2;
  const images = new Uint8Array(faces.length * characters.length * size);
  faces.forEach((face, f) => {
    for (let c = 0; c < characters.length; c++) tileInto(sprite, face, characters[c]!, images, (f * characters.length + c) * size);
  });
  return { images, height: sprite.tile, width: sprite.tile, channels: 1 };
}

interface Bake {
  sprite: Sprite;
  faces: readonly Face[];
  characters: string;
  seed: number;
  part: number;
  augmentation: Augmentation | null;
  shift: ShiftKind;
  severity: number;
}

/** Writes `labels.length` images to images[(first + j)·size]; image j depends on (seed, part, j) and its label only. */
function bake(spec: Bake, labels: Uint16Array, images: Uint8Array, first: number): void {
  const { sprite, faces, characters, seed, part, augmentation } = spec;
  const tiles = tilesOf(sprite, faces, characters);
  const size = sprite.tile ** 2;
  const pixels = new Float32Array(size);
  const affine: Affine = new Float64Array(6);
  const identity = Float64Array.of(1, 0, 0, 0, 1, 0);
  for (let j = 0; j < labels.length; j++) {
    const stream = new Stream(seed, 'glyph', part, j);
    const row = stream.integer(faces.length) * characters.length + labels[j]!;
    warpInto(tiles, row, pixels, 0, augmentation ? sampleAffine(augmentation, stream, affine) : identity);
    applyShift(pixels, tiles, spec.shift, spec.severity, new Stream(seed, 'shift', 1 + part, j));
    bakeInto(pixels, images, (first + j) * size);
  }
}

export function licenceOf(families: readonly Face[][]): string {
  const licences = [...new Set(families.flat().map((face) => face.licence))].sort();
  return `${families.length} open typefaces from Fontsource (${licences.join(', ')})`;
}

/**
 * Training rows are the clean tiles of the training families (the engine augments them on the fly); test rows are
 * tiles of held-out families with one random affine each, class-balanced.
 * Throws LabError('data') for an unknown character or too few families.
 */
export async function glyphSource(sprite: Sprite, options: GlyphSourceOptions): Promise<{ dataset: Dataset; train: Uint32Array; test: Uint32Array }> {
  const { characters = SOURCE_CHARACTERS, faces: kind = 'print', seed, testShare = 0.2, testCount = 2000, augmentation = DEFAULT_AUGMENTATION } = options;
  checkCharacters(sprite, characters);
  const families = new Stream(seed, 'split', 5).shuffle(familiesOf(sprite, kind));
  if (families.length < 2) throw new LabError('data', `The glyph sheet has ${families.length} ${kind} families; at least two are needed, one to train on and one to test on.`);
  const held = Math.min(families.length - 1, Math.max(1, Math.round(testShare * families.length)));
  const trainFaces = families.slice(held).flat();
  const testFaces = families.slice(0, held).flat();
  const clean = tilesOf(sprite, trainFaces, characters);
  const size = sprite.tile ** 2;
  const trainCount = trainFaces.length * characters.length;
  const count = trainCount + testCount;
  const images = new Uint8Array(count * size);
  images.set(clean.images);
  const testLabels = balancedLabels(testCount, characters.length, seed, PART.sourceTest);
  bake({ sprite, faces: testFaces, characters, seed, part: PART.sourceTest, augmentation, shift: 'none', severity: 0 }, testLabels, images, trainCount);
  const labels = new Uint16Array(count);
  for (let row = 0; row < trainCount; row++) labels[row] = row % characters.length;
  labels.set(testLabels, trainCount);
  const dataset = await sealed({
    name: `glyphs: ${kind}`, images, labels, count, height: sprite.tile, width: sprite.tile, channels: 1,
    classNames: [...characters], licence: licenceOf(families),
  });
  return { dataset, train: range(0, trainCount), test: range(trainCount, testCount) };
}

/** Families of one seed's parts: about 45 / 15 / 40 %, at least one each. Test families do not depend on `validationFaces`. */
export function downstreamFamilies(sprite: Sprite, kind: FaceKind, seed: number, validationFaces: 'disjoint' | 'training'): { train: Face[]; validation: Face[]; test: Face[] } {
  const families = new Stream(seed, 'split', 6).shuffle(familiesOf(sprite, kind));
  if (families.length < 3) throw new LabError('data', `The glyph sheet has ${families.length} ${kind} families; at least three are needed, for training, validation and test.`);
  const validationCount = Math.max(1, Math.round(0.15 * families.length));
  const trainCount = Math.max(1, Math.min(families.length - validationCount - 1, Math.round(0.45 * families.length)));
  const train = families.slice(0, trainCount).flat();
  const validation = families.slice(trainCount, trainCount + validationCount).flat();
  return { train, validation: validationFaces === 'training' ? train : validation, test: families.slice(trainCount + validationCount).flat() };
}

/**
 * One data set with the images of every seed, and one split a seed: class-balanced labels, a random typeface of the
 * part's families, one random affine, then the shift, baked in as uint8. Training images of a smaller n are the first
 * of a larger n; validation and test images do not depend on n. Throws LabError ('data' or 'memory').
 */
export async function glyphDownstream(sprite: Sprite, options: GlyphDownstreamOptions): Promise<{ dataset: Dataset; splits: Split[] }> {
  const { characters = DOWNSTREAM_CHARACTERS, faces: kind = 'handwriting', seeds, n, validation, test, augmentation = DEFAULT_AUGMENTATION } = options;
  checkCharacters(sprite, characters);
  const size = sprite.tile ** 2;
  const count = seeds.length * (n + validation + test);
  refuseTooMany(`${seeds.length} seeds × ${n + validation + test} glyph images`, count * size);
  const images = new Uint8Array(count * size);
  const labels = new Uint16Array(count);
  const faces = new Map(seeds.map((seed) => [seed, downstreamFamilies(sprite, kind, seed, options.validationFaces)]));
  const splits = splitsInTurn(seeds, { train: n, validation, test }, (seed, part, amount, first) => {
    const own = balancedLabels(amount, characters.length, seed, PART[part]);
    labels.set(own, first);
    bake({ sprite, faces: faces.get(seed)![part], characters, seed, part: PART[part], augmentation, shift: options.shift, severity: options.severity }, own, images, first);
  });
  const shifted = options.shift === 'none' || options.severity <= 0 ? '' : ` + ${options.shift}`;
  const dataset = await sealed({
    name: `glyphs: ${kind}${shifted}`, images, labels, count, height: sprite.tile, width: sprite.tile, channels: 1,
    classNames: [...characters], licence: licenceOf(familiesOf(sprite, kind)),
  });
  return { dataset, splits };
}
