/** The Hub client against a local stand-in: addresses, lists, ranges, and every refusal in one sentence. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countsByPart } from '../splits.ts';
import { examine } from '../import/examine.ts';
import { settle } from '../import/settle.ts';
import { decode } from '../import/testing.ts';
import { HUB, parseHub, parseHubAddress, writeHubAddress } from './address.ts';
import { browserNetwork, type Network } from './ask.ts';
import { chooseSplits, partOf, readCatalogue } from './catalogue.ts';
import { refused, secondsToWait } from './faults.ts';
import { findOnHub, knownChoices } from './find.ts';
import { KNOWN } from './known.ts';
import { openRemoteFile } from './remote-file.ts';
import { barImages, imageParquet, StandInHub } from './testing.ts';

const FILE = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 8)) & 255);
const pauses: number[] = [];
/** Real requests, no real pauses. */
const network: Network = {
  fetch: browserNetwork.fetch,
  wait: async (ms, signal) => {
    signal?.throwIfAborted();
    pauses.push(ms);
  },
};
let hub: StandInHub;

beforeAll(async () => {
  hub = await StandInHub.start({
    'someone/bars': { licence: 'mit', configs: { default: { train: [FILE, FILE.subarray(0, 100)], test: [FILE.subarray(0, 50)] }, other: { 'partial-train': [FILE], extra: [FILE] } } },
    empty: { configs: { default: {} } },
  });
});
afterAll(() => hub.close());
beforeEach(() => {
  Object.assign(hub.manners, { refuse: null, ranges: true, hideRange: false, delay: 0, breakAfter: null });
  hub.log.length = 0;
  pauses.length = 0;
});

const open = (signal?: AbortSignal, read: (bytes: number) => void = () => undefined) => openRemoteFile('train/0.parquet', `${hub.url}/api/datasets/someone/bars/parquet/default/train/0.parquet`, {
  network, asked: { hub: hub.url, id: 'someone/bars' }, read, ...(signal ? { signal } : {}),
});

describe('an address of a data set', () => {
  it.each([
    ['ylecun/mnist', { id: 'ylecun/mnist', config: null, splits: [], rows: 0 }],
    [' mnist ', { id: 'mnist', config: null, splits: [], rows: 0 }],
    ['https://huggingface.co/datasets/ylecun/mnist', { id: 'ylecun/mnist', config: null, splits: [], rows: 0 }],
    ['datasets/ylecun/mnist?config=mnist&split=train,test&rows=500', { id: 'ylecun/mnist', config: 'mnist', splits: ['train', 'test'], rows: 500 }],
    ['https://hf-mirror.com/datasets/a/b/viewer/cropped%20digits/test?p=2', null],
    ['https://huggingface.co/datasets/ufldl-stanford/svhn/viewer/cropped_digits/test?row=3', { id: 'ufldl-stanford/svhn', config: 'cropped_digits', splits: ['test'], rows: 0 }],
    ['https://huggingface.co/datasets/a/b/tree/main/data', { id: 'a/b', config: null, splits: [], rows: 0 }],
    ['a/b?config=c#readme', { id: 'a/b', config: 'c', splits: [], rows: 0 }],
  ])('%s', (text, expected) => {
    if (expected) {
      expect(parseHubAddress(text)).toEqual(expected);
      expect(parseHubAddress(writeHubAddress(expected))).toEqual(expected);
    } else expect(() => parseHubAddress(text)).toThrow(/config or split/);
  });

  it.each(['', 'a/b/c', '../etc', 'a--b/c', 'ftp://huggingface.co/datasets/a/b', 'https://huggingface.co/ylecun/mnist', 'a/b?rows=-1', 'a/b?revision=x', 'a b/c'])('refuses “%s” in a sentence', (text) => {
    expect(() => parseHubAddress(text)).toThrow(/[.]$/);
  });

  it('reads the address of a Hub', () => {
    expect(parseHub('')).toBe(HUB);
    expect(parseHub('hf-mirror.com/')).toBe('https://hf-mirror.com');
    expect(parseHub('http://127.0.0.1:8000/hub/')).toBe('http://127.0.0.1:8000/hub');
    for (const odd of ['file:///etc', 'http://a.b/?x', 'not a host', 'http://user:word@a.b']) expect(() => parseHub(odd)).toThrow(/address of a Hub/);
  });
});

describe('the list of a set', () => {
  it('holds configs, splits and addresses on the Hub that was asked, and the licence', async () => {
    const found = await readCatalogue(network, hub.url, 'someone/bars');
    expect(found.licence).toBe('mit');
    expect(found.configs.map(({ name, splits }) => [name, splits.map((split) => [split.name, split.part, split.files.length])])).toEqual([
      ['default', [['train', 'train', 2], ['test', 'test', 1]]],
      ['other', [['partial-train', 'train', 1], ['extra', null, 1]]],
    ]);
    expect(found.configs[0]!.splits[0]!.files[1]).toBe(`${hub.url}/api/datasets/someone/bars/parquet/default/train/1.parquet`);
  });

  it('gives the splits that were meant, and says what there is otherwise', async () => {
    const found = await readCatalogue(network, hub.url, 'someone/bars');
    const parts = (config: string | null, splits: string[]) => chooseSplits(found, { config, splits }).splits.map(({ name, part }) => `${name}:${part}`);
    expect(parts(null, [])).toEqual(['train:train', 'test:test']);
    expect(parts('other', [])).toEqual(['partial-train:null']);
    expect(parts('default', ['test'])).toEqual(['test:null']);
    expect(parts('other', ['extra', 'partial-train'])).toEqual(['extra:train', 'partial-train:train']);
    expect(() => parts('third', [])).toThrow('someone/bars has no config “third”; it has default, other.');
    expect(() => parts(null, ['dev'])).toThrow('has no split “dev”; it has train, test.');
    expect(['validation', 'val', 'dev', 'Test', 'unsupervised'].map(partOf)).toEqual(['validation', 'validation', 'validation', 'test', null]);
  });

  it('says that a set has no Parquet files', async () => {
    await expect(readCatalogue(network, hub.url, 'empty')).rejects.toThrow(/no Parquet files of empty yet/);
  });

  it('does not take any page for a Hub', async () => {
    const page = (body: string): Network => ({ ...network, fetch: async () => new Response(body) });
    await expect(readCatalogue(page('<html>'), 'http://a.b', 'x/y')).rejects.toThrow(/is not a Hub/);
    await expect(readCatalogue(page('{"default": ["https://a.b/0.parquet"]}'), 'http://a.b', 'x/y')).rejects.toThrow(/cannot be understood/);
    await expect(readCatalogue(page('{"default": {"train": ["file:///etc/passwd"]}}'), 'http://a.b', 'x/y')).rejects.toThrow(/cannot be read from/);
    await expect(readCatalogue(page(`"${'x'.repeat(5 * 2 ** 20)}"`), 'http://a.b', 'x/y')).rejects.toThrow(/larger than/);
  });
});

describe('a refusal', () => {
  it.each([
    [401, {}, /shows no public data set “someone\/bars”/],
    [401, { 'X-Error-Code': 'GatedRepo' }, /gated or private/],
    [403, {}, /gated or private/],
    [404, {}, /no data set “someone\/bars”, or no Parquet version/],
    [429, { 'Retry-After': '240' }, /asked too often; try again in 4 minutes/],
    [500, {}, /fault of its own \(status 500\)/],
    [418, {}, /refused to give someone\/bars \(status 418\)/],
  ])('%i %o is one sentence', async (status, headers, words) => {
    hub.manners.refuse = { status, headers };
    const fault = readCatalogue(network, hub.url, 'someone/bars');
    await expect(fault).rejects.toThrow(words);
    await expect(fault).rejects.toMatchObject({ kind: 'data', message: expect.stringMatching(/^[^\n]*\.$/) });
  });

  it('is tried again when it may pass, as late as the Hub wishes', async () => {
    hub.manners.refuse = { status: 503, times: 2 };
    expect((await readCatalogue(network, hub.url, 'someone/bars')).configs).toHaveLength(2);
    expect(pauses).toEqual([400, 1500]);
    hub.manners.refuse = { status: 429, headers: { 'Retry-After': '3' }, times: 1 };
    await readCatalogue(network, hub.url, 'someone/bars');
    expect(pauses.at(-1)).toBe(3000);
  });

  it('is not repeated when it will not pass', async () => {
    hub.manners.refuse = { status: 404 };
    await expect(readCatalogue(network, hub.url, 'someone/bars')).rejects.toThrow();
    hub.manners.refuse = { status: 429, headers: { 'Retry-After': '600' } };
    await expect(readCatalogue(network, hub.url, 'someone/bars')).rejects.toThrow(/in 10 minutes/);
    expect(pauses).toEqual([]);
  });

  it('no network is one sentence', async () => {
    await expect(readCatalogue(network, 'http://127.0.0.1:9', 'someone/bars')).rejects.toThrow(/127.0.0.1:9 cannot be reached; check the connection/);
  });

  it('tells when to try again from seconds or a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(secondsToWait('90', now)).toBe(90);
    expect(secondsToWait('Thu, 01 Jan 2026 00:02:00 GMT', now)).toBe(120);
    expect(secondsToWait('soon', now)).toBeNull();
    expect(refused({ hub: HUB, id: 'a/b' }, { status: 429, retryAfter: null, code: null }).message).toBe('huggingface.co says that it was asked too often; try again in a few minutes.');
  });
});

describe('a remote file', () => {
  it('gives any piece, in ranges', async () => {
    let bytes = 0;
    const file = await open(undefined, (more) => (bytes += more));
    expect(file.size).toBe(FILE.byteLength);
    expect(await file.slice(2_999_990, 3_100_000)).toEqual(FILE.slice(2_999_990));
    expect(await file.slice(1000, 1010)).toEqual(FILE.slice(1000, 1010));
    expect(await file.slice(5, 5)).toHaveLength(0);
    expect(bytes).toBe(20);
    expect(hub.log.slice(1).map((line) => line.split(' ').at(-1))).toEqual(['bytes=2999990-2999999', 'bytes=1000-1009']);
  });

  it('takes few requests for many small pieces in a row, and gives the same bytes', async () => {
    const file = await open();
    hub.log.length = 0;
    for (let at = 0; at < FILE.byteLength; at += 10_000) expect(Buffer.compare(await file.slice(at, at + 10_000), FILE.subarray(at, at + 10_000))).toBe(0);
    expect(hub.log.length).toBeLessThan(8);
    const streamed: number[] = [];
    for await (const chunk of file.stream() as unknown as AsyncIterable<Uint8Array>) streamed.push(chunk.byteLength);
    expect(streamed.reduce((a, b) => a + b)).toBe(FILE.byteLength);
  });

  it('is read whole, once, where ranges are refused', async () => {
    hub.manners.ranges = false;
    const file = await open();
    expect(await file.slice(10, 20)).toEqual(FILE.slice(10, 20));
    expect(await file.slice(2_000_000, 2_000_005)).toEqual(FILE.slice(2_000_000, 2_000_005));
    expect(hub.log).toHaveLength(1);
  });

  it('is read whole when a server stops giving ranges', async () => {
    const file = await open();
    hub.manners.ranges = false;
    // More than was asked for comes; what was asked for is what is given.
    expect(await file.slice(10, 20)).toEqual(FILE.slice(10, 20));
    expect(await file.slice(30, 40)).toEqual(FILE.slice(30, 40));
    expect(hub.log).toHaveLength(2);
  });

  it('says when a piece breaks off, and can be asked again', async () => {
    const file = await open();
    hub.manners.breakAfter = 1000;
    await expect(file.slice(0, 5000)).rejects.toThrow(/cannot be reached|sent less/);
    hub.manners.breakAfter = null;
    expect(await file.slice(0, 5000)).toEqual(FILE.slice(0, 5000));
  });

  it('stops at once when it is told to', async () => {
    hub.manners.delay = 5000;
    const stop = new AbortController();
    const opening = open(stop.signal);
    setTimeout(() => stop.abort(), 30);
    const from = performance.now();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - from).toBeLessThan(2000);
  });
});

describe('a set of the Hub', () => {
  const train = barImages(430, { seed: 1 });
  const test = barImages(120, { seed: 2 });
  let bars: StandInHub;
  beforeAll(async () => {
    bars = await StandInHub.start({ 'someone/bars': { licence: 'mit', configs: { default: { train: [imageParquet(train, 50)], test: [imageParquet(test, 50)] } } } });
  });
  afterAll(() => bars.close());
  const look = (text: string, read: (bytes: number) => void = () => undefined) => findOnHub({ hub: bars.url, address: parseHubAddress(text) }, { network, read });

  it('is examined and settled with its splits, class names, licence and pixels', async () => {
    let bytes = 0;
    const found = await look('someone/bars', (more) => (bytes += more));
    const { choices, words } = await examine(found, { decode, taken: new Set(['bars']) });
    expect(words).toMatch(/^someone\/bars on the Hub: 550 images in 2 Parquet files, 4 classes/);
    expect(choices).toMatchObject({ name: 'bars-2', height: 12, width: 12, channels: 1, classNames: ['bar 0', 'bar 1', 'bar 2', 'bar 3'] });
    const { dataset } = await settle(found, choices, { decode, progress: () => undefined });
    expect(dataset).toMatchObject({ count: 550, licence: 'mit' });
    expect(countsByPart(dataset)).toEqual([430, 0, 120]);
    const rows = [...train.rows, ...test.rows];
    expect([...dataset.labels]).toEqual(rows.map(({ label }) => label));
    expect(Buffer.compare(dataset.images as Uint8Array, Buffer.concat(rows.map(({ pixels }) => pixels)))).toBe(0);
    expect(bytes).toBeLessThan(2 * (imageParquet(train, 50).byteLength + imageParquet(test, 50).byteLength));
  });

  it('gives only as many rows as asked for, from all over its files', async () => {
    const found = await look('someone/bars?split=train&rows=100');
    expect(found.counts.byClass.reduce((a, b) => a + b)).toBe(100);
    const { dataset } = await settle(found, { ...(await examine(found, { decode, taken: new Set() })).choices }, { decode, progress: () => undefined });
    expect([dataset.count, dataset.parts]).toEqual([100, undefined]);
  });

  it('says what is wrong with a file that was cut short, and with data that are no images', async () => {
    const whole = imageParquet(test);
    const cut = await StandInHub.start({
      'a/cut': { configs: { default: { train: [whole.subarray(0, whole.byteLength - 100)] } } },
      'a/words': { configs: { default: { train: [new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'text', data: ['a', 'b'], type: 'STRING' }, { name: 'label', data: [0, 1], type: 'INT32' }] }))] } } },
    });
    const of = (id: string) => findOnHub({ hub: cut.url, address: parseHubAddress(id) }, { network, read: () => undefined });
    await expect(of('a/cut')).rejects.toThrow(/damaged or truncated Parquet file/);
    await expect(of('a/words')).rejects.toThrow(/no column of images/);
    await cut.close();
  });

  it('a known set is proposed at its size', () => {
    expect(knownChoices(parseHubAddress('uoft-cs/cifar100'))).toEqual({ height: 32, width: 32, channels: 3, answers: { labels: 'fine_label' } });
    expect(knownChoices(parseHubAddress('someone/bars'))).toEqual({});
  });
});

it('the known sets have ids of their own, a licence and a citation', () => {
  expect(new Set(KNOWN.map(({ address }) => address.id)).size).toBe(KNOWN.length);
  for (const { address, licence, citation, size, name } of KNOWN) {
    expect(parseHubAddress(writeHubAddress(address)), name).toEqual(address);
    expect(licence.length * citation.length, name).toBeGreaterThan(0);
    expect(size).toBeLessThanOrEqual(64);
  }
});
