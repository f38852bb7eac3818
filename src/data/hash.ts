/** The name of a data set by its content: SHA-256 of the image bytes, then the labels as little-endian uint16, then label maps. */
import type { Dataset } from './dataset.ts';

/** Lower-case hex, 64 digits. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** images [N·H·W·C], labels [N] and, of segmentation data, maps [N·H·W] → hex. Class names and the data set's own name do not enter. */
export function hashDataset(images: Uint8Array | Float32Array, labels: Uint16Array, maps: Uint8Array = new Uint8Array(0)): Promise<string> {
  const joined = new Uint8Array(images.byteLength + labels.byteLength + maps.byteLength);
  joined.set(new Uint8Array(images.buffer, images.byteOffset, images.byteLength));
  joined.set(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength), images.byteLength);
  joined.set(maps, images.byteLength + labels.byteLength);
  return sha256Hex(joined);
}

/** A data set with its hash filled in. */
export async function sealed(dataset: Omit<Dataset, 'sha256'>): Promise<Dataset> {
  return { ...dataset, sha256: await hashDataset(dataset.images, dataset.labels, dataset.maps) };
}
