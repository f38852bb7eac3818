/** Small data for tests: a data set of given pixels, a synthetic glyph sprite, IDX bytes. */
import { encode } from 'fast-png';
import { Stream } from '../core/philox.ts';
import { corruptRows, type CorruptionSpec } from './corrupt.ts';
import type { Dataset } from './dataset.ts';
import { loadSprite, type Sprite } from './sprite.ts';

/** images [N, H, W, C] with labels; classes named a, b, c … */
export function smallDataset(images: Uint8Array | Float32Array, labels: number[], shape: { height: number; width: number; channels: number }): Dataset {
  const classes = Math.max(...labels) + 1;
  return {
    name: 'small', images, labels: Uint16Array.from(labels), count: labels.length, ...shape,
    classNames: Array.from({ length: classes }, (_, i) => String.fromCharCode(97 + i)), sha256: '', licence: '',
  };
}

/** Rows of one pixel whose value is row % 251: enough for splits. */
export function countedDataset(labels: number[]): Dataset {
  return smallDataset(Uint8Array.from(labels, (_, i) => i % 251), labels, { height: 1, width: 1, channels: 1 });
}

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Index and picture of a made-up sheet; the tile of (face, character) has its corner pixel = row and its next = column. */
export function syntheticSheet(print: number, handwriting: number, tile = 8) {
  const faces = Array.from({ length: 2 * (print + handwriting) }, (_, row) => {
    const family = row >> 1;
    return {
      family: `F${family}`, package: `@fontsource/f${family}`, packageVersion: '1.0.0',
      kind: family < print ? 'print' as const : 'handwriting' as const,
      weight: row % 2 ? 700 : 400, licence: family % 3 ? 'OFL-1.1' : 'Apache-2.0', row,
    };
  });
  const width = CHARACTERS.length * tile;
  const height = faces.length * tile;
  const data = new Uint8Array(width * height);
  const stream = new Stream(0, 'glyph');
  for (let i = 0; i < data.length; i++) data[i] = stream.integer(256);
  for (const { row } of faces) {
    for (let c = 0; c < CHARACTERS.length; c++) {
      data[row * tile * width + c * tile] = row;
      data[row * tile * width + c * tile + 1] = c;
    }
  }
  return {
    index: { version: 1, tile, characters: CHARACTERS, faces, sha256: 'unset' },
    png: encode({ width, height, data, channels: 1, depth: 8 }),
  };
}

export function syntheticSprite(print: number, handwriting: number): Sprite {
  const { index, png } = syntheticSheet(print, handwriting);
  return loadSprite(png, index);
}

export function idxBytes(type: number, dims: number[], values: ArrayLike<number>): Uint8Array {
  const out = new Uint8Array(4 + 4 * dims.length + values.length);
  out.set([0, 0, type, dims.length]);
  const view = new DataView(out.buffer);
  dims.forEach((dim, i) => view.setUint32(4 + 4 * i, dim));
  out.set(Uint8Array.from(values), 4 + 4 * dims.length);
  return out;
}

/** Rows of a data set, damaged, as a data set of their own. */
export function damaged(dataset: Dataset, rows: ArrayLike<number>, spec: CorruptionSpec, seed: number): Dataset {
  const images = new Uint8Array(rows.length * dataset.height * dataset.width * dataset.channels);
  corruptRows(dataset, rows, spec, { seed, augmentation: null }, images, 0);
  return { ...dataset, images, labels: Uint16Array.from({ length: rows.length }, (_, i) => dataset.labels[rows[i]!]!), count: rows.length };
}
