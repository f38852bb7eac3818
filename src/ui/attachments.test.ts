import { expect, it } from 'vitest';
import { Attachments } from './attachments.ts';

const pair = (bytes: number) => ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'].map((name) => new File([new Uint8Array(bytes)], name, { lastModified: 1 }));

it('gives other files of the same name a number, and lets the same files replace themselves', () => {
  const attachments = new Attachments();
  expect(attachments.freeName(pair(1))).toBeNull();
  attachments.keep('t10k', pair(1));
  expect(attachments.freeName(pair(1).reverse())).toBe('t10k');
  expect(attachments.freeName(pair(2))).toBe('t10k 2');
  attachments.keep('t10k 2', pair(2));
  expect(attachments.freeName(pair(3))).toBe('t10k 3');
  expect(attachments.freeName(pair(2))).toBe('t10k 2');
});
