/**
 * What is refused before it is allocated. Files claim sizes; every claim is held against these numbers first, and what inflates is counted while it inflates.
 */
import { LabError } from '../../core/errors.ts';

export const MIB = 2 ** 20;
/** A data set at most, and an array that must be held whole. */
export const CEILING = 1.5 * 2 ** 30;
/** An encoded image, or a page of a table. */
export const MAX_IMAGE_BYTES = 64 * MIB;
/** A side of an image, and pixels of one. */
export const MAX_SIDE = 16384;
export const MAX_PIXELS = 2 ** 26;
export const MAX_CLASSES = 65535;
/** Files in an archive or a folder. */
export const MAX_FILES = 2_000_000;
/** What an archive may inflate to in all; it passes through and is not held. */
export const MAX_INFLATED = 64 * 2 ** 30;
/** An image or an array hardly compresses beyond this; what does and is large is made to fill memory. */
const MAX_RATIO = 250;
const RATIO_FROM = 16 * MIB;

export const fault = (sentence: string, cause?: unknown): LabError => new LabError('data', sentence, cause === undefined ? undefined : { cause });

/** Whether so many bytes out of so few in are more than data would give. */
export const isBomb = (inflated: number, compressed: number): boolean => inflated > RATIO_FROM && inflated > MAX_RATIO * Math.max(1, compressed);

export const mib = (bytes: number): string => `${Math.max(1, Math.round(bytes / MIB)).toLocaleString('en')} MiB`;

/** `bytes` when they may be allocated; throws LabError('memory') otherwise. `what` takes them, `way` is what to do instead. */
export function room(bytes: number, what: string, way: string): number {
  if (Number.isSafeInteger(bytes) && bytes <= CEILING) return bytes;
  throw new LabError('memory', `${what} would take ${mib(bytes)}, more than the ${mib(CEILING)} that can be held; ${way}.`);
}
