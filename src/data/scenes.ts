/**
 * The built-in segmentation task: handwritten digits of several kinds, overlapping, over textured grounds, with the class of every
 * pixel. Typefaces of training, validation and test are disjoint by family, as in the glyph task. Everything follows from seeds: scene j
 * of a part depends on (seed, part, j) alone, so the scenes of a smaller n are the first of a larger n.
 */
import { Stream } from '../core/philox.ts';
import { type Affine, bakeInto, DEFAULT_AUGMENTATION, sampleAffine, warpInto } from './augment.ts';
import type { Dataset, ShiftKind, Split } from './dataset.ts';
import { checkCharacters, downstreamFamilies, familiesOf, licenceOf, refuseTooMany, tilesOf } from './glyphs.ts';
import { sealed } from './hash.ts';
import { applyShift } from './shift.ts';
import { splitsInTurn } from './splits.ts';
import type { Face, Sprite } from './sprite.ts';

/** What pixels are of when no characters are named: digits by how they are drawn. */
const KINDS = [{ name: 'loops (0 6 8 9)', characters: '0689' }, { name: 'strokes (1 4 7)', characters: '147' }, { name: 'bows (2 3 5)', characters: '235' }];
const GROUND = 'ground';
/** Streams of scenes lie behind those of single glyphs. */
const PART = { train: 8, validation: 9, test: 10 } as const;

export interface SceneOptions {
  /** Each a class of its own; empty: the digits in three kinds. */
  characters: string;
  seeds: readonly number[];
  n: number;
  validation: number;
  test: number;
  /** Pixels a side, at least the sprite's tile. */
  size: number;
  /** Glyphs in a scene at most; at least half as many. */
  objects: number;
  /** 0: bright glyphs on black; 1: dim ones on grounds as bright and busy. */
  difficulty: number;
  /** 3: grounds and glyphs have random tints. */
  channels: 1 | 3;
  shift: ShiftKind;
  severity: number;
  validationFaces: 'disjoint' | 'training';
}

interface Kind {
  name: string;
  characters: string;
}

/** Classes of the scenes, the ground first. */
export function sceneClasses(characters: string): string[] {
  return [GROUND, ...kindsOf(characters).map(({ name }) => name)];
}

function kindsOf(characters: string): readonly Kind[] {
  return characters === '' ? KINDS : [...characters].map((character) => ({ name: character, characters: character }));
}

/** One data set with the scenes of every seed, and one split a seed. Throws LabError ('data' or 'memory'). */
export async function sceneDownstream(sprite: Sprite, options: SceneOptions): Promise<{ dataset: Dataset; splits: Split[] }> {
  const { characters, seeds, n, validation, test, size, channels } = options;
  const kinds = kindsOf(characters);
  const drawn = kinds.map((kind) => kind.characters).join('');
  checkCharacters(sprite, drawn);
  const count = seeds.length * (n + validation + test);
  refuseTooMany(`${seeds.length} seeds × ${n + validation + test} scenes`, count * size * size * (channels + 1));
  const images = new Uint8Array(count * size * size * channels);
  const maps = new Uint8Array(count * size * size);
  const splits = splitsInTurn(seeds, { train: n, validation, test }, (seed, part, amount, first) => {
    const faces = downstreamFamilies(sprite, 'handwriting', seed, options.validationFaces)[part];
    const painter = new Painter(sprite, faces, kinds, options);
    for (let j = 0; j < amount; j++) painter.paint(new Stream(seed, 'glyph', PART[part], j), new Stream(seed, 'shift', PART[part], j), images, maps, first + j);
  });
  const shifted = options.shift === 'none' || options.severity <= 0 ? '' : ` + ${options.shift}`;
  const dataset = await sealed({
    name: `scenes of glyphs${shifted}`, images, labels: new Uint16Array(count), maps, count, height: size, width: size, channels,
    classNames: sceneClasses(characters), licence: licenceOf(familiesOf(sprite, 'handwriting')),
  });
  return { dataset, splits };
}

/** Paints scenes of one part of one seed. */
class Painter {
  readonly #options: SceneOptions;
  readonly #tiles: ReturnType<typeof tilesOf>;
  readonly #kinds: readonly Kind[];
  readonly #faces: number;
  /** Characters of all kinds, in the order of the tiles, and where each kind's begin. */
  readonly #characters: number;
  readonly #starts: number[];
  readonly #pixels: Float32Array;
  readonly #patch: Float32Array;
  readonly #affine: Affine = new Float64Array(6);

  constructor(sprite: Sprite, faces: readonly Face[], kinds: readonly Kind[], options: SceneOptions) {
    const characters = kinds.map((kind) => kind.characters).join('');
    this.#options = options;
    this.#tiles = tilesOf(sprite, faces, characters);
    this.#kinds = kinds;
    this.#faces = faces.length;
    this.#characters = characters.length;
    this.#starts = kinds.map((_, k) => kinds.slice(0, k).reduce((sum, kind) => sum + kind.characters.length, 0));
    this.#pixels = new Float32Array(options.size ** 2 * options.channels);
    this.#patch = new Float32Array(sprite.tile ** 2);
  }

  /** Writes scene `row` of images [N, H, W, C] and maps [N, H, W]. */
  paint(stream: Stream, shiftStream: Stream, images: Uint8Array, maps: Uint8Array, row: number): void {
    const { size, channels, objects, shift, severity } = this.#options;
    const map = maps.subarray(row * size * size, (row + 1) * size * size).fill(0);
    this.#ground(stream);
    const least = Math.max(1, Math.ceil(objects / 2));
    const amount = least + stream.integer(objects - least + 1);
    for (let i = 0; i < amount; i++) this.#glyph(stream, map);
    applyShift(this.#pixels, { height: size, width: size, channels }, shift, severity, shiftStream);
    bakeInto(this.#pixels, images, row * this.#pixels.length);
  }

  /** A brightness, three gratings of random direction and pitch, and grain; all grow with the difficulty. */
  #ground(stream: Stream): void {
    const { size, channels, difficulty } = this.#options;
    const level = 0.45 * difficulty * stream.uniform();
    const waves = Array.from({ length: 3 }, () => {
      const angle = Math.PI * stream.uniform();
      const pitch = (2 * Math.PI) / stream.between(4, 24);
      return { x: Math.cos(angle) * pitch, y: Math.sin(angle) * pitch, phase: 2 * Math.PI * stream.uniform(), height: 0.12 * difficulty * stream.uniform() };
    });
    const tint = this.#tint(stream, 0.4);
    for (let y = 0, at = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        let value = level + 0.05 * difficulty * stream.normal();
        for (const wave of waves) value += wave.height * (1 + Math.sin(wave.x * x + wave.y * y + wave.phase));
        for (let c = 0; c < channels; c++) this.#pixels[at++] = Math.min(1, Math.max(0, value * tint[c]!));
      }
    }
  }

  /**
   * One glyph laid over what is there, at least half inside. Its pixels are those its ink covers by more than half and, where they were ground, their
   * eight neighbours: strokes of two pixels would be all edge.
   */
  #glyph(stream: Stream, map: Uint8Array): void {
    const { size, channels, difficulty } = this.#options;
    const { height: tile } = this.#tiles;
    const kind = stream.integer(this.#kinds.length);
    const character = this.#starts[kind]! + stream.integer(this.#kinds[kind]!.characters.length);
    warpInto(this.#tiles, stream.integer(this.#faces) * this.#characters + character, this.#patch, 0, sampleAffine(DEFAULT_AUGMENTATION, stream, this.#affine));
    const ink = stream.between(0.9 - 0.4 * difficulty, 1);
    const tint = this.#tint(stream, 0.3);
    const left = stream.integer(size - Math.floor(tile / 2) + 1) - Math.floor(tile / 4);
    const top = stream.integer(size - Math.floor(tile / 2) + 1) - Math.floor(tile / 4);
    const inside = (x: number, y: number): boolean => x >= 0 && x < size && y >= 0 && y < size;
    for (let j = 0; j < tile; j++) {
      for (let i = 0; i < tile; i++) {
        const cover = this.#patch[j * tile + i]!;
        const [x, y] = [left + i, top + j];
        if (cover <= 0 || !inside(x, y)) continue;
        for (let c = 0, at = (y * size + x) * channels; c < channels; c++, at++) this.#pixels[at]! += cover * (ink * tint[c]! - this.#pixels[at]!);
      }
    }
    const isInk = (x: number, y: number): boolean => this.#patch[(y - top) * tile + x - left]! > 0.5;
    for (let y = Math.max(0, top); y < Math.min(size, top + tile); y++) {
      for (let x = Math.max(0, left); x < Math.min(size, left + tile); x++) {
        if (!isInk(x, y)) continue;
        map[y * size + x] = kind + 1;
        for (let dy = -1; dy <= 1; dy++) {
          for (let dx = -1; dx <= 1; dx++) {
            const at = (y + dy) * size + x + dx;
            if (inside(x + dx, y + dy) && map[at] === 0) map[at] = kind + 1;
          }
        }
      }
    }
  }

  /** A factor a channel in [1 − spread, 1]; grey has none. */
  #tint(stream: Stream, spread: number): number[] {
    return this.#options.channels === 1 ? [1] : [0, 1, 2].map(() => 1 - spread * stream.uniform());
  }
}
