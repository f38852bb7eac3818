/** Choices of an import, purely: what is like the other role's data, what goes wrong with it otherwise, and how much memory in words. */
import type { Choices, Understanding } from '../../data/import/contract.ts';
import type { DatasetPreview } from '../../data/preview.ts';
import type { Role } from '../store.ts';

type Shape = Pick<Choices, 'height' | 'width' | 'channels'>;

export const otherRole = (role: Role): Role => (role === 'source' ? 'downstream' : 'source');

/** Size and channels of the other role's data, as its preview has them; null where they are not known or cannot be chosen. */
export function fitted(preview: DatasetPreview | null): Shape | null {
  if (!preview || (preview.channels !== 1 && preview.channels !== 3)) return null;
  return { height: preview.height, width: preview.width, channels: preview.channels };
}

export const shapeWords = ({ height, width, channels }: Shape): string => `${height}×${width} ${channels === 1 ? 'grey' : 'colour'}`;

export const sameShape = (a: Shape, b: Shape): boolean => a.height === b.height && a.width === b.width && a.channels === b.channels;

/** "47 MB", "1.2 GB"; decimal units. */
export function memoryWords(bytes: number): string {
  const mega = bytes / 1e6;
  if (mega >= 1000) return `${(mega / 1000).toFixed(1)} GB`;
  return mega >= 10 ? `${Math.round(mega)} MB` : `${mega.toFixed(1)} MB`;
}

/** "60,000 training, 10,000 test"; null where the data come without splits. */
export function partWords({ byPart }: Understanding['counts']): string | null {
  const parts = [['train', 'training'], ['validation', 'validation'], ['test', 'test']] as const;
  const given = parts.flatMap(([part, words]) => (byPart[part] ? [`${byPart[part].toLocaleString('en-GB')} ${words}`] : []));
  return given.length > 1 ? given.join(', ') : null;
}

/** Classes that are kept. */
export const keptClasses = (classNames: readonly string[]): number => classNames.filter((name) => name.trim() !== '').length;
