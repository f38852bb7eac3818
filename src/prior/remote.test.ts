import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../data/hash.ts';
import { fetchPrior, parsePriorAddress } from './remote.ts';

describe('parsePriorAddress', () => {
  it.each([
    ['glyphs-convnet-s', { kind: 'shelf', id: 'glyphs-convnet-s' }],
    ['ada/priors', { kind: 'file', url: 'https://huggingface.co/ada/priors/resolve/main/prior.safetensors', name: 'priors.safetensors' }],
    ['ada/priors/noisy/one.safetensors', { kind: 'file', url: 'https://huggingface.co/ada/priors/resolve/main/noisy/one.safetensors', name: 'priors.safetensors' }],
    ['https://huggingface.co/ada/priors', { kind: 'file', url: 'https://huggingface.co/ada/priors/resolve/main/prior.safetensors', name: 'priors.safetensors' }],
    ['https://huggingface.co/ada/priors/blob/main/one.safetensors', { kind: 'file', url: 'https://huggingface.co/ada/priors/resolve/main/one.safetensors', name: 'one.safetensors' }],
    [' https://example.org/a%20b.safetensors?x=1 ', { kind: 'file', url: 'https://example.org/a%20b.safetensors?x=1', name: 'a b.safetensors' }],
    // Only the Hub's pages are rewritten, and a name that is no escape stays as it is.
    ['https://example.org/a/b/blob/one.safetensors', { kind: 'file', url: 'https://example.org/a/b/blob/one.safetensors', name: 'one.safetensors' }],
    ['https://example.org/a/b%20c/blob/100%.safetensors', { kind: 'file', url: 'https://example.org/a/b%20c/blob/100%.safetensors', name: '100%.safetensors' }],
  ])('understands %s', (text, address) => {
    expect(parsePriorAddress(text)).toEqual(address);
  });

  it.each(['', '../x', 'ada/../x', 'a b', 'javascript:alert(1)', 'ada//x', 'https://'])('refuses “%s” in one sentence', (text) => {
    expect(() => parsePriorAddress(text)).toThrow(/\.$/);
  });
});

describe('fetchPrior', () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const answering = (make: () => Response): typeof fetch => async () => make();
  const one = { url: 'https://example.org/p.safetensors', name: 'p' };

  it('gives the bytes, and only those of the hash', async () => {
    expect(await fetchPrior(one, answering(() => new Response(bytes)))).toEqual(bytes);
    expect(await fetchPrior({ ...one, sha256: await sha256Hex(bytes) }, answering(() => new Response(bytes)))).toEqual(bytes);
    await expect(fetchPrior({ ...one, sha256: '0'.repeat(64) }, answering(() => new Response(bytes)))).rejects.toThrow(/SHA-256/);
  });

  it('says what is wrong', async () => {
    await expect(fetchPrior(one, answering(() => new Response(null, { status: 404 })))).rejects.toThrow(/example\.org: there is no such file/);
    await expect(fetchPrior(one, answering(() => new Response(null, { status: 403 })))).rejects.toThrow(/private or gated/);
    await expect(fetchPrior(one, () => Promise.reject(new TypeError('no')))).rejects.toThrow(/cannot be reached/);
    const piece = new Uint8Array(2 ** 26);
    const endless = () => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(piece) }));
    await expect(fetchPrior(one, answering(endless))).rejects.toThrow(/larger than the 512 MB/);
    const broken = () => new Response(new ReadableStream({ pull: (stream) => stream.error(new Error('gone')) }));
    await expect(fetchPrior(one, answering(broken))).rejects.toThrow(/broke off/);
  });
});
