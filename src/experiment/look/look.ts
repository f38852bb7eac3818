/** The data of a role, looked at as a whole: how many images of each class, what a class has in common, how the images differ from the other role's. */
import { LabError } from '../../core/errors.ts';
import type { Dataset } from '../../data/dataset.ts';
import { type ClassImages, classImages } from '../../data/inspect/class-images.ts';
import { type ImageStatistics, imageStatistics, shiftInWords } from '../../data/inspect/statistics.ts';
import { isPlanar } from '../../data/preview.ts';
import { classCounts } from '../../data/splits.ts';
import type { Config } from '../config/config.ts';
import { dataIdentity, downstreamTask, type Library, seedsOf, sourceTask } from '../tasks.ts';

export type LookedRole = 'source' | 'downstream';

/** Data of a role with the rows that are learned from; of downstream data those of the first seed, as they are, without the shift. */
export interface RoleData {
  dataset: Dataset;
  train: Uint32Array;
}

export interface DataLook {
  name: string;
  count: number;
  classNames: string[];
  /** Images by class in all, and among those that are learned from (downstream: under the first seed). */
  counts: number[];
  trainCounts: number[];
  /** One sentence. */
  balance: string;
  classes: ClassImages;
  /** Tile size of pictures. */
  height: number;
  width: number;
  statistics: Record<LookedRole, ImageStatistics> | null;
  /** What differs, in words; null when the other role's data cannot be looked at, and then why. */
  shift: string;
}

/** Throws LabError when the settings name data that are not there. */
export async function roleData(role: LookedRole, config: Config, library: Library): Promise<RoleData> {
  if (role === 'source') return sourceTask(config, library);
  const { dataset, splits } = await downstreamTask({ ...config, 'downstream.shift': 'none' }, library, seedsOf(config).slice(0, 1));
  return { dataset, train: splits[0]!.train };
}

/** What `roleData` depends on. */
export function roleKey(role: LookedRole, config: Config, library: Library): string {
  const own = Object.entries(config).filter(([key]) => key === 'seed' || key.startsWith('toy.') || key.startsWith(`${role}.`));
  return JSON.stringify([role, own, dataIdentity(config, library, role)]);
}

/** `other`: the data of the other role, or why there are none. Throws LabError('data') for points, which are no images. */
export function lookAt(role: LookedRole, { dataset, train }: RoleData, other: RoleData | string): DataLook {
  if (isPlanar(dataset)) throw new LabError('data', 'The toy is points in the plane: there are no images to look at.');
  const all = Uint32Array.from({ length: dataset.count }, (_, row) => row);
  const counts = classCounts(dataset);
  const own = imageStatistics(dataset, all);
  const others = typeof other === 'string' || isPlanar(other.dataset) ? null : imageStatistics(other.dataset, Uint32Array.from({ length: other.dataset.count }, (_, row) => row));
  const statistics = others && (role === 'source' ? { source: own, downstream: others } : { source: others, downstream: own });
  return {
    name: dataset.name, count: dataset.count, classNames: [...dataset.classNames], counts, trainCounts: classCounts(dataset, train), balance: balanceInWords(dataset.classNames, counts),
    classes: classImages(dataset, all), height: dataset.height, width: dataset.width, statistics,
    shift: statistics ? shiftInWords(statistics.source, statistics.downstream) : `There is nothing to compare with: ${typeof other === 'string' ? other : 'the other data are points, not images.'}`,
  };
}

/** Classes that differ by less than this factor are called balanced. */
const BALANCED = 1.5;

function balanceInWords(classNames: readonly string[], counts: readonly number[]): string {
  const [most, least] = [Math.max(...counts), Math.min(...counts)];
  const name = (count: number) => `“${classNames[counts.indexOf(count)]!}”`;
  if (least === 0) return `${name(0)} has no image at all.`;
  if (most / least < BALANCED) return `Classes are balanced: ${least === most ? '' : `${least.toLocaleString('en-GB')} to `}${most.toLocaleString('en-GB')} images each.`;
  return `Classes are not balanced: ${name(most)} has ${(most / least).toLocaleString('en-GB', { maximumFractionDigits: 1 })} times as many images as ${name(least)}. Training sets are drawn evenly over classes all the same; validation and test sets keep these shares.`;
}
