/**
 * What every engine needs to know of label maps: which networks and data belong together, maps of rows, and how much an image's pixels
 * count. A pixel whose label is no class (`VOID`, or any other number from `classes` on) is void.
 */
import { LabError } from '../core/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Architecture } from '../model/architecture.ts';
import type { PopulationSpec } from './contract.ts';

/** Throws LabError('data') where a segmentation network is asked about images without label maps, or about images of another size. */
export function checkMaps({ decoder, input }: Architecture, { maps, height, width, name }: Dataset): void {
  if (!decoder) return;
  if (!maps) throw new LabError('data', `“${name}” has one label an image, and a network for segmentation needs one a pixel; choose data with label maps.`);
  if (height !== input.height || width !== input.width) {
    throw new LabError('data', `The images of “${name}” are ${height}×${width}, and this network labels the pixels of ${input.height}×${input.width}; build it for images of their size.`);
  }
}

/** Throws LabError for a population of segmentation networks that no engine trains. */
export function checkPixelTraining({ architecture, augmentation, objective, classWeights }: PopulationSpec, dataset: Dataset): void {
  const { decoder, classes } = architecture;
  checkMaps(architecture, dataset);
  if (classWeights && !decoder) throw new LabError('config', 'Only a network for segmentation weighs classes; leave the weights out.');
  if (!decoder) return;
  if (augmentation) throw new LabError('config', 'Images for segmentation are not augmented as they are read, since their label maps would have to move along; switch augmentation off.');
  if (objective) throw new LabError('config', 'A network for segmentation is trained on label maps; views are for a classifier’s extractor.');
  if (classWeights && (classWeights.length !== classes || !classWeights.every((v) => Number.isFinite(v) && v >= 0))) {
    throw new LabError('config', `The weights of ${classes} classes have to be as many numbers, none below 0; leave them out to count all pixels alike.`);
  }
}

/** Writes the maps [count, H·W] of rows[from … from + count) to out. */
export function readMaps({ maps, height, width }: Dataset, rows: Uint32Array, from: number, count: number, out: Uint8Array): void {
  const pixels = height * width;
  for (let i = 0; i < count; i++) {
    const at = rows[from + i]! * pixels;
    out.set(maps!.subarray(at, at + pixels), i * pixels);
  }
}

/** 1/Σ v_c over the pixels of `map` that are not void; 0 where there are none. `weights` null: v = 1. */
export function inverseArea(map: Uint8Array, classes: number, weights: Float32Array | null): number {
  let area = 0;
  for (let p = 0; p < map.length; p++) if (map[p]! < classes) area += weights ? weights[map[p]!]! : 1;
  return area > 0 ? 1 / area : 0;
}
