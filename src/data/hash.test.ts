import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashDataset, sha256Hex } from './hash.ts';

describe('hash', () => {
  it('gives the published SHA-256 of "abc" (FIPS 180-4)', async () => {
    expect(await sha256Hex(Uint8Array.of(97, 98, 99))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('covers images, then labels as little-endian uint16, also of views into a larger buffer', async () => {
    const images = Uint8Array.of(9, 1, 2, 3).subarray(1);
    const labels = Uint16Array.of(7, 258);
    const expected = createHash('sha256').update(Buffer.from([1, 2, 3, 7, 0, 2, 1])).digest('hex');
    expect(await hashDataset(images, labels)).toBe(expected);
  });
});
