/**
 * Images of no downstream class: held-out images of the source's classes, under the same shift as the downstream images, so
 * that what tells them is what they show and not how clean they are.
 */
import type { Dataset } from '../../data/dataset.ts';
import { sealed } from '../../data/hash.ts';
import { shiftDataset } from '../../data/shift.ts';
import type { Config } from '../config/config.ts';
import type { DownstreamTask, SourceTask } from '../tasks.ts';

export type Outside =
  /** `each` images of every seed, seed by seed. */
  | { kind: 'images'; dataset: Dataset; name: string; each: number }
  /** `reason` null: not asked for. */
  | { kind: 'none'; reason: string | null };

/** `source` null: the posterior was imported. */
export async function outsideImages(config: Config, source: SourceTask | null, downstream: DownstreamTask): Promise<Outside> {
  if (config['robustness.outside'] === 'none') return { kind: 'none', reason: null };
  if (!source) return { kind: 'none', reason: 'The prior was imported and there are no source images to serve as unknown inputs; learn the source here to see whether uncertainty tells them.' };
  const { dataset, seeds } = downstream;
  const { height, width, channels, classNames } = source.dataset;
  if (height !== dataset.height || width !== dataset.width || channels !== dataset.channels) {
    return { kind: 'none', reason: `Source images (${height}×${width}) are not of the size of downstream images (${dataset.height}×${dataset.width}), so they cannot serve as unknown inputs; choose data of one size.` };
  }
  const known = new Set(dataset.classNames);
  const rows = source.test.filter((row) => !known.has(classNames[source.dataset.labels[row]!]!));
  if (rows.length === 0) return { kind: 'none', reason: 'Every class of the source is a downstream class too, so none of its images is an unknown input; choose other source classes.' };
  const each = Math.min(config['robustness.images'], rows.length);
  // Evenly over the held-out images; seeds take different ones where there are enough.
  const chosen = seeds.flatMap((_, s) => Array.from({ length: each }, (_, i) => rows[Math.floor(((i + s / seeds.length) * rows.length) / each)]!));
  const shift = config['downstream.shift'];
  const shifted = await shiftDataset(await taken(source.dataset, chosen), shift, config['downstream.severity'], (config.seed + 0x9e3779b1) >>> 0);
  return { kind: 'images', dataset: shifted, name: source.dataset.name, each };
}

/** The rows as a data set of their own. */
async function taken(dataset: Dataset, rows: readonly number[]): Promise<Dataset> {
  const size = dataset.height * dataset.width * dataset.channels;
  const images = dataset.images instanceof Uint8Array ? new Uint8Array(rows.length * size) : new Float32Array(rows.length * size);
  rows.forEach((row, i) => images.set(dataset.images.subarray(row * size, (row + 1) * size), i * size));
  return sealed({ ...dataset, images, labels: Uint16Array.from(rows, (row) => dataset.labels[row]!), count: rows.length });
}
