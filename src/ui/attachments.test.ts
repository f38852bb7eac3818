import { expect, it } from 'vitest';
import type { LabClient } from '../worker/client.ts';
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

it('gives a fresh worker what can still be read, and forgets the rest in one sentence', async () => {
  const gone = (name: string) => Object.assign(new File([], name), { arrayBuffer: () => Promise.reject(new Error('moved')) });
  const attachments = new Attachments();
  attachments.keep('gone', [gone('gone-images'), gone('gone-labels')]);
  attachments.keep('t10k', pair(1));
  attachments.prior = gone('mine.safetensors');
  const asked: string[] = [];
  const client = { request: async (kind: string) => void asked.push(kind) } as unknown as LabClient;
  const summary = (name: string) => ({ name, count: 1, height: 1, width: 1, channels: 1, classNames: ['a', 'b'] });
  expect(await attachments.giveTo(client, [summary('gone'), summary('t10k')])).toEqual({
    data: ['gone'], prior: true, sentence: 'The file “gone-images” can no longer be read; choose it again.',
  });
  expect(asked).toEqual(['addData', 'renameClasses']);
  expect(await attachments.giveTo(client, [summary('t10k')])).toEqual({ data: [], prior: false, sentence: null });
  const dead = { request: () => Promise.reject(new Error('stopped')) } as unknown as LabClient;
  await expect(attachments.giveTo(dead, [summary('t10k')])).rejects.toThrow('stopped');
});
