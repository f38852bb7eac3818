import { expect, it } from 'vitest';
import { LabError } from '../core/errors.ts';
import type { Choices } from '../data/import/contract.ts';
import type { LabClient } from '../worker/client.ts';
import type { RequestKind, Requests } from '../worker/protocol.ts';
import { Attachments } from './attachments.ts';

const pair = ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'].map((path) => ({ path, blob: new Blob([new Uint8Array(1)]) }));
const choices = (name: string): Choices => ({ name, height: 8, width: 8, fit: 'crop', channels: 1, classNames: ['a', '', 'c'], limit: 0, answers: {} });

it('gives a fresh worker what can still be read, with the choices made before, and forgets the rest in one sentence', async () => {
  const attachments = new Attachments();
  attachments.keep('gone', { origin: { files: [{ path: 'gone-images', blob: new Blob() }] }, choices: choices('gone') });
  attachments.keep('t10k', { origin: { files: pair }, choices: choices('t10k') });
  attachments.prior = Object.assign(new File([], 'mine.safetensors'), { arrayBuffer: () => Promise.reject(new Error('moved')) });
  const asked: string[] = [];
  const client = {
    request: async <K extends RequestKind>(kind: K, body: Requests[K]['in']) => {
      asked.push(kind);
      if ('files' in body && body.files[0]?.path === 'gone-images') throw new LabError('file', 'The file “gone-images” can no longer be read; choose it again.');
      if ('files' in body) expect(body).toEqual({ files: pair, choices: choices('t10k') });
      if (kind === 'settleData') expect(body).toEqual({ ticket: 7, choices: choices('t10k') });
      return { ticket: 7 };
    },
  } as unknown as LabClient;
  const summary = (name: string) => ({ name, count: 1, height: 1, width: 1, channels: 1, classNames: ['a', 'b'], counts: [1, 0], parts: null, mapped: false });
  expect(await attachments.giveTo(client, [summary('gone'), summary('t10k')])).toEqual({
    data: ['gone'], prior: true, weights: false, sentence: 'The file “gone-images” can no longer be read; choose it again.',
  });
  expect(asked).toEqual(['examineData', 'examineData', 'settleData', 'renameClasses']);
  expect(await attachments.giveTo(client, [summary('t10k')])).toEqual({ data: [], prior: false, weights: false, sentence: null });
  attachments.weights = new File([], 'weights.safetensors');
  asked.length = 0;
  await attachments.giveTo(client, []);
  expect(asked).toEqual(['readWeights', 'useWeights']);
  attachments.weights = null;
  attachments.forget('t10k');
  asked.length = 0;
  await attachments.giveTo(client, [summary('t10k')]);
  expect(asked).toEqual([]);
  attachments.keep('t10k', { origin: { files: pair }, choices: choices('t10k') });
  const dead = { request: () => Promise.reject(new Error('stopped')) } as unknown as LabClient;
  await expect(attachments.giveTo(dead, [summary('t10k')])).rejects.toThrow('stopped');
});
